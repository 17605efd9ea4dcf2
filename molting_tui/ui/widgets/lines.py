"""Text as lines: a widget that scrolls by itself and repaints only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from molting_tui.ui.look import PLAIN

_BLANK = Strip([])


class Lines(Widget):
    """Lines of text, longer than the screen if need be. Nothing is painted that was painted already.

    `show_lines` takes any iterable; a lazy one is read only as far as somebody looks.
    """

    can_focus = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._made: list[Strip] = []
        self._rest: Iterator[Strip] = iter(())
        self._top = 0
        self._painted: list[Strip] = []

    def show_lines(self, lines: Iterable[Strip], *, top: int = 0) -> None:
        """Replace the text; it is shown from line `top` on."""
        self._made, self._rest = [], iter(lines)
        self._move(top)

    def scroll_by(self, lines: int) -> None:
        """Move the text by some lines, as far as there is text."""
        self._move(self._top + lines)

    def scroll_page(self, pages: float) -> None:
        """Move the text by pages or parts of one."""
        self._move(self._top + round((self.size.height - 1) * pages))

    def scroll_top(self) -> None:
        """Show the beginning."""
        self._move(0)

    def scroll_end_of_text(self) -> None:
        """Show the end."""
        self._move(self.line_count)

    def bring_into_view(self, line: int) -> None:
        """Scroll so that a line can be seen."""
        if not self._top <= line < self._top + self.size.height:
            self._move(line - self.size.height // 3)

    @property
    def line_count(self) -> int:
        """How many lines there are in all (this makes every one of them)."""
        self._made.extend(self._rest)
        return len(self._made)

    @property
    def more_below(self) -> bool:
        """Whether there is text below the last line that is seen; not where none is seen at all."""
        return self.size.height > 0 and self._has(self._top + self.size.height)

    @property
    def top(self) -> int:
        """The first line that is seen."""
        return self._top

    def lines_in_sight(self) -> list[Strip]:
        """The lines that are seen."""
        return [self._line(self._top + y) for y in range(self.size.height)]

    def all_lines(self) -> Sequence[Strip]:
        """Every line (this makes all of them)."""
        return self._made[: self.line_count]

    def _move(self, top: int) -> None:
        height = max(self.size.height, 1)
        if not self._has(top + height - 1):
            top = min(top, self.line_count - height)
        self._top = max(0, top)
        self._repaint()

    def _has(self, line: int) -> bool:
        while len(self._made) <= line:
            made = next(self._rest, None)
            if made is None:
                return False
            self._made.append(made)
        return True

    def _line(self, y: int) -> Strip:
        return self._made[y] if self._has(y) else _BLANK

    def _repaint(self) -> None:
        width, height = self.size
        now = self.lines_in_sight()
        before = self._painted
        self._painted = now
        if len(before) != height:
            self.refresh()
            return
        changed = [y for y in range(height) if now[y] != before[y]]
        for start, count in _runs(changed):
            self.refresh(Region(0, start, width, count))

    def on_resize(self) -> None:
        """Paint anew at the new size."""
        self._painted = []
        self._repaint()

    def render_line(self, y: int) -> Strip:
        """One line of what is seen."""
        return painted(self._line(self._top + y), self.size.width)


def painted(strip: Strip, width: int) -> Strip:
    """A line as wide as its place, each part with a style, so that parts that look alike are alike."""
    whole = strip.adjust_cell_length(width, PLAIN)
    if all(part.style is not None for part in whole):
        return whole
    return Strip([Segment(part.text, part.style or PLAIN) for part in whole], width)


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = previous = -2
    for number in numbers:
        if number != previous + 1:
            if start >= 0:
                yield start, previous - start + 1
            start = number
        previous = number
    if start >= 0:
        yield start, previous - start + 1


class Bar(Lines):
    """One line: a title, a status, the keys."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def show(self, line: Strip) -> None:
        """Replace the line."""
        self.show_lines([line])
