"""Whether there is a terminal that can show the workbench. Asked before Textual is loaded."""

from __future__ import annotations

import os
import sys

from molting_tui.errors import BadInput

_CANT_DRAW = ("dumb", "", "unknown")


def why_not() -> BadInput | None:
    """What keeps the workbench from this terminal, as an error to raise; None where nothing does."""
    # Textual draws on stderr, so that one counts as well.
    if not all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__)):
        return BadInput(
            "the workbench needs a terminal.",
            fix="Without one use the commands: molting stats, molting pairs, molting decide (see `molting --help`).",
        )
    term = os.environ.get("TERM", "")
    if term in _CANT_DRAW:
        return BadInput(
            f"the workbench can't draw on this terminal (TERM={term}).",
            fix="Set TERM to what it is, for example xterm-256color, or use the commands (see `molting --help`).",
        )
    return None
