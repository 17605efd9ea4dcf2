"""A list of a few things, the cursor on one of them: every row is made anew when the list changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.strip import Strip

from molting_tui.ui import look
from molting_tui.ui.paragraphs import line
from molting_tui.ui.widgets.lines import Lines

Item = TypeVar("Item")


class ItemList(Lines, Generic[Item]):
    """Things, each with as many lines as the others, and which of them is looked at."""

    NOTHING = ""
    """What stands in the place of the rows where there are none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.items: Sequence[Item] = ()
        self.cursor = 0

    def rows(self, width: int) -> list[Strip]:
        """The lines of all things at this width, one after the other."""
        raise NotImplementedError

    def show_items(self, items: Sequence[Item], cursor: int) -> None:
        """Show these things, the cursor on one of them."""
        self.items, self.cursor = items, cursor
        self._write()

    def on_resize(self) -> None:
        """Write the rows anew."""
        self._write()

    def _write(self) -> None:
        rows = self.rows(self.size.width - 1)
        self.show_lines(rows or [line((f" {self.NOTHING}", look.DIM))], top=self.top)
        height = len(rows) // len(self.items) if self.items else 1
        self.bring_into_view(height * (self.cursor + 1) - 1)
        self.bring_into_view(height * self.cursor)
