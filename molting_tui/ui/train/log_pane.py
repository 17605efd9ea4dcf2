"""The log of a run: its end as it grows, or any part of it; long lines are wrapped, nothing is obeyed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.strip import Strip

from molting_tui.runs.log import LogFile
from molting_tui.ui import look
from molting_tui.ui.paragraphs import Span, paragraphs
from molting_tui.ui.widgets.lines import Lines

_KEPT_ROWS = 2_000


class LogPane(Lines):
    """A window on a log. It follows the end until somebody scrolls; `follow` follows again."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._log: LogFile | None = None
        self._first = (0, 0)  # the line, and which of its rows, that stands at the top
        self._read = 0
        self._loose: int | None = None  # the line whose rows were made before it was finished
        self._rows: dict[int, list[Strip]] = {}
        self._pattern: re.Pattern[str] | None = None
        self.following = True

    def show_log(self, log: LogFile | None) -> None:
        """Show another log, from its end."""
        self._log, self._pattern = log, None
        self._rows.clear()
        self.follow()

    def grew(self) -> None:
        """The log has changed: show its new end, if that is what is followed."""
        if self._length < self._read:
            self._rows.clear()  # begun anew
            self._read = 0
        if self._loose is not None:
            self._rows.pop(self._loose, None)
            self._loose = None
        self._show()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self._show()

    def mark(self, pattern: re.Pattern[str] | None) -> None:
        """Mark what a pattern finds."""
        self._pattern = pattern
        self._rows.clear()
        self._show()

    def go_to(self, number: int) -> None:
        """Show a line, a third of the window from its top, and stay there."""
        self.following = False
        self._first = (number, 0)
        self._walk(-(self.size.height // 3))
        self._show()

    def scroll_by(self, lines: int) -> None:
        """Scroll by rows. Upwards ends the following."""
        if self.following and lines >= 0:
            return
        self.following = False
        self._walk(lines)
        self._show()

    def scroll_page(self, pages: float) -> None:
        """Scroll by pages or parts of one."""
        self.scroll_by(round((self.size.height - 1) * pages))

    @property
    def unread(self) -> int:
        """How many lines came since the end was last followed."""
        return 0 if self.following else max(self._length - self._read, 0)

    @property
    def first_line(self) -> int:
        """The number of the line at the top (0 is the first)."""
        return self._first[0]

    @property
    def _length(self) -> int:
        return len(self._log) if self._log is not None else 0

    def on_resize(self) -> None:
        """Wrap anew."""
        self._rows.clear()
        self._show()

    def _show(self) -> None:
        if not self.size.height:
            return
        if self.following:
            self._read = self._length
            self._first = self._last_top()
        else:
            self._first = min(self._first, self._last_top())
        self.show_lines(self._seen_rows())

    def _seen_rows(self) -> list[Strip]:
        number, skipped = self._first
        height = self.size.height
        self._have(number, height)
        rows: list[Strip] = []
        while number < self._length and len(rows) < height + skipped:
            rows += self._rows_of(number)
            number += 1
        return rows[skipped : skipped + height]

    def _last_top(self) -> tuple[int, int]:
        """Where the top is when the end is at the bottom."""
        number, missing = self._length, self.size.height
        self._have(number - missing, missing)
        while number > 0 and missing > 0:
            number -= 1
            missing -= len(self._rows_of(number))
        return (number, -missing) if missing <= 0 else (0, 0)

    def _walk(self, rows: int) -> None:
        number, row = self._first
        row += rows
        while row < 0 and number > 0:
            number -= 1
            row += len(self._rows_of(number))
        while number < self._length - 1 and row >= (height := len(self._rows_of(number))):
            row -= height
            number += 1
        self._first = (number, max(row, 0))

    def _rows_of(self, number: int) -> list[Strip]:
        if number not in self._rows:
            self._have(number, 1)
        return self._rows.get(number) or [Strip([])]

    def _have(self, first: int, count: int) -> None:
        """Make the rows of these lines, where they aren't made."""
        log, first = self._log, max(first, 0)
        if log is None:
            return
        finished = log.finished  # before the lines are read: more may come meanwhile
        missing = [number for number in range(first, min(first + count, len(log))) if number not in self._rows]
        if not missing:
            return
        if len(self._rows) > _KEPT_ROWS:
            self._rows.clear()
        start, end = missing[0], missing[-1] + 1
        for number, text in enumerate(log.lines(start, end - start), start):
            self._rows[number] = self._wrapped(text)
            if number >= finished:
                self._loose = number

    def _wrapped(self, text: str) -> list[Strip]:
        return list(paragraphs(text, max(self.size.width - 1, 8), indent=1, spans=self._spans(text)))

    def _spans(self, text: str) -> Sequence[Span]:
        if self._pattern is None:
            return ()
        return [Span(hit.start(), hit.end(), look.HIT) for hit in self._pattern.finditer(text)]
