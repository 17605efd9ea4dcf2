"""The list of pairs: any number of them, read a page at a time, painted a row at a time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from molting_tui.errors import MoltingError
from molting_tui.records.pairs import PairLine
from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit
from molting_tui.ui.triage.pair_state import sign_style, state_sign
from molting_tui.ui.widgets.lines import painted

PAGE = 64


class PairList(Widget):
    """Pairs by id, with a cursor. Reads their lines through `read`, a page of 64 at a time."""

    can_focus = False

    def __init__(self, read: Callable[[Sequence[int]], list[PairLine]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._read = read
        self._ids: array[int] = array("q")
        self._pages: dict[int, list[PairLine | None]] = {}
        self._top = 0
        self.cursor = 0
        self._anchor: int | None = None

    @property
    def ids(self) -> array[int]:
        """The ids of the pairs, in list order."""
        return self._ids

    @property
    def range(self) -> range:
        """The positions of the marked range, from where it was begun to the cursor; empty where none was begun."""
        if self._anchor is None:
            return range(0)
        return range(min(self._anchor, self.cursor), max(self._anchor, self.cursor) + 1)

    def begin_range(self) -> None:
        """Mark the pair under the cursor; whatever moves the cursor marks more."""
        self._anchor = self.cursor
        self._refresh_row(self.cursor)

    def end_range(self) -> None:
        """Mark nothing any more."""
        self._anchor = None
        self.refresh()

    def show_ids(self, ids: array[int], cursor: int = 0) -> None:
        """Replace the list and put the cursor at a position in it."""
        self._ids = ids
        self._anchor = None
        self._pages.clear()
        self.cursor = min(max(cursor, 0), max(len(ids) - 1, 0))
        self._top = max(0, self.cursor - self.size.height // 2)
        self._keep_full()
        self.refresh()

    def move_to(self, position: int) -> None:
        """Move the cursor. Scrolls by half a screen at the edges, so that most moves repaint two rows."""
        before, self.cursor = self.cursor, min(max(position, 0), max(len(self._ids) - 1, 0))
        height = max(self.size.height, 1)
        if self._top <= self.cursor < self._top + height:
            # In a range every row between changes, and it is wherever the list was when it was begun.
            step = 1 if self._anchor is None or before < self.cursor else -1
            passed = (before,) if self._anchor is None else range(before, self.cursor, step)
            for position in (*passed, self.cursor):
                self._refresh_row(position)
            return
        near = abs(self.cursor - before) <= height
        if near and self.cursor >= self._top + height:
            self._top = self.cursor - height // 2
        elif near:
            self._top = self.cursor - height + height // 2
        else:
            self._top = self.cursor - height // 2
        self._keep_full()
        self.refresh()

    def position_of(self, number: int) -> int | None:
        """Where the pair with this number stands: the place nearest to the cursor, looked for there first."""
        nearby = range(max(self.cursor - 200, 0), min(self.cursor + 200, len(self._ids)))
        for position in sorted(nearby, key=lambda position: abs(position - self.cursor)):
            if self._ids[position] == number:
                return position
        return self._ids.index(number) if number in self._ids else None

    def changed(self, positions: Sequence[int] | None = None) -> None:
        """Read these rows again (all, if None) and repaint them."""
        if positions is None:
            self._pages.clear()
            self.refresh()
            return
        for position in positions:
            self._pages.pop(position // PAGE, None)
            self._refresh_row(position)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        height = max(self.size.height, 1)
        if not self._top <= self.cursor < self._top + height:
            self._top = self.cursor - height // 2
        self._keep_full()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row: cursor or range, sign of the state, whether words were changed (where the state doesn't say it),
        star, flag, the start of the prompt."""
        position, width = self._top + y, self.size.width
        pair = self._line(position)
        if pair is None:
            return painted(Strip([]), width)
        here = position == self.cursor
        place = look.CURSOR_SIGN if here else look.RANGE_SIGN if position in self.range else " "
        sign = state_sign(pair)
        changed = look.REWRITTEN_SIGN if pair.rewritten and sign != look.REWRITTEN_SIGN else " "
        preview = fit(show_line(pair.preview, 90), width - 8)
        row = Strip(
            [
                Segment(place, look.CURSOR),
                Segment(sign, sign_style(sign)),
                Segment(changed, look.PLAIN),
                Segment(look.STAR_SIGN if pair.starred else " ", look.PLAIN),
                Segment(look.FLAG_SIGN if pair.flagged else " ", look.FLAG_MARK),
                Segment(" "),
                Segment(preview, look.CURSOR if here else look.PLAIN),
            ]
        )
        return painted(row, width)

    def _line(self, position: int) -> PairLine | None:
        """The line at a position, its page read if it isn't held; None beyond the list."""
        if not 0 <= position < len(self._ids):
            return None
        number = position // PAGE
        page = self._pages.get(number)
        if page is None:
            wanted = self._ids[number * PAGE : (number + 1) * PAGE]
            try:
                lines = {pair.id: pair for pair in self._read(wanted)}
            except MoltingError:
                return None  # a blank row; what failed is said by whoever shows the pair
            page = [lines.get(pair_id) for pair_id in wanted]
            if len(self._pages) > 32:
                self._pages.clear()
            self._pages[number] = page
        return page[position % PAGE]

    def _keep_full(self) -> None:
        self._top = max(0, min(self._top, len(self._ids) - max(self.size.height, 1)))

    def _refresh_row(self, position: int) -> None:
        y = position - self._top
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))
