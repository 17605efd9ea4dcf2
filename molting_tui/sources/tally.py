"""What was read and not taken: counted by reason, with one example each."""

from __future__ import annotations

from pathlib import Path

from molting_tui.records.turns import LeftOut
from molting_tui.sources.names import stored_name
from molting_tui.text import show_line

EXCERPT = 80
"""Characters of a line that an example shows."""

NAME = 160
"""Cells of a file's name that an example shows, its folder among them."""


class Tally:
    """Counts what one file's reading leaves out. `where` is the file (or folder) the lines belong to."""

    def __init__(self, where: Path) -> None:
        self._where = where
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}

    def add(self, reason: str, line: int = 0, excerpt: str | bytes = "") -> None:
        """Count one thing left out for `reason`, at 1-based `line` (0: the whole file); `excerpt` is its text."""
        count = self._counts.get(reason, 0)
        self._counts[reason] = count + 1
        if not count:
            self._examples[reason] = example_of(self._where, line, excerpt)

    def rows(self) -> tuple[LeftOut, ...]:
        """All reasons in alphabetical order, with their counts and examples."""
        return tuple(LeftOut(reason, self._counts[reason], self._examples[reason]) for reason in sorted(self._counts))


def example_of(where: Path, line: int, excerpt: str | bytes) -> str:
    """Where something stands, and the start of it: `folder/file:line text`; 0 is the whole file."""
    # Longer than what is shown, so that a cut is seen; not much longer, since this is done for every file.
    head = excerpt[: EXCERPT + 40]
    text = head.decode("utf-8", "replace") if isinstance(head, bytes) else head
    # The folder and the name are enough to find a session, and leave room for what it says.
    name = show_line(stored_name(f"{where.parent.name}/{where.name}"), NAME)
    place = f"{name}:{line}" if line else name
    return f"{place} {show_line(text, EXCERPT)}".rstrip()
