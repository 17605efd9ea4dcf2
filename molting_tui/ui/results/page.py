"""A page with a cursor on the rows that lead somewhere, and nothing else on it to stop at."""

from __future__ import annotations

from collections.abc import Iterable

from textual.strip import Strip

from molting_tui.ui import look
from molting_tui.ui.paragraphs import line
from molting_tui.ui.results.tables import Line, Openable, Opens
from molting_tui.ui.widgets.lines import Lines


class ResultsPage(Lines):
    """Lines of results. The cursor goes from row to row of those that can be opened; between them the page scrolls."""

    def __init__(self) -> None:
        super().__init__(id="text")
        self._lines: list[Strip] = []
        self._rows: list[tuple[int, Openable]] = []
        self._cursor = 0

    @property
    def opens(self) -> Opens | None:
        """What the row under the cursor leads to; None where there is no such row."""
        return self._rows[self._cursor][1].opens if self._rows else None

    @property
    def place(self) -> tuple[int, int]:
        """The row that the cursor is on, from 0, and how many there are."""
        return self._cursor, len(self._rows)

    def show_page(self, lines: Iterable[Line]) -> None:
        """Show another page, or the same one at another size: the cursor stays on what it was on, if that is there."""
        before = self.opens
        made = list(lines)
        self._rows = [(number, each) for number, each in enumerate(made) if isinstance(each, Openable)]
        same = (place for place, (_, row) in enumerate(self._rows) if row.opens == before)
        self._cursor = next(same, 0)
        self._lines = [line(each.text) if isinstance(each, Openable) else each for each in made]
        self._mark(self._cursor, here=True)
        self.show_lines(self._lines, top=self.top)

    def step(self, step: int) -> bool:
        """Go to the next row or the previous one: from where one reads, if the cursor was left out of sight. False
        where there is none that way."""
        number = self._next(step)
        if number is None:
            return False
        self._mark(self._cursor, here=False)
        self._cursor = number
        self._mark(number, here=True)
        self.show_lines(self._lines, top=self.top)
        self.bring_into_view(self._rows[number][0])
        return True

    def find_cursor(self) -> bool:
        """Bring the cursor's row into view; False where it was in sight already."""
        at = self._rows[self._cursor][0] if self._rows else self.top
        if self.top <= at < self.top + self.size.height:
            return False
        self.bring_into_view(at)
        return True

    def _next(self, step: int) -> int | None:
        """The row to go to; None for none."""
        if not self._rows:
            return None
        first, last = self.top, self.top + self.size.height - 1
        if first <= self._rows[self._cursor][0] <= last:
            number = self._cursor + step
            return number if 0 <= number < len(self._rows) else None
        in_sight = [number for number, (at, _) in enumerate(self._rows) if first <= at <= last]
        if in_sight:
            return in_sight[0 if step > 0 else -1]
        beyond = [number for number, (at, _) in enumerate(self._rows) if (at > last if step > 0 else at < first)]
        return beyond[0 if step > 0 else -1] if beyond else None

    def _mark(self, number: int, *, here: bool) -> None:
        if self._rows:
            at, row = self._rows[number]
            sign, style = (look.CURSOR_SIGN, look.CURSOR) if here else (" ", look.PLAIN)
            self._lines[at] = line((sign, look.CURSOR), (row.text[1:], style))
