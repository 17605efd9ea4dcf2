"""Sources: files become turns. No database, no screen; every rule says what it left out and why."""

from molting_tui.sources.detect import Candidates, SourceFile, find
from molting_tui.sources.reading import read

__all__ = ["Candidates", "SourceFile", "find", "read"]
