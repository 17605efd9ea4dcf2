"""Texts as assistants write them, to read: Markdown told apart by weight, code on a ground of its own.

Nothing is taken away: `**`, `#`, fences stay where they are, dim, since who curates must see what a model will learn.
Prose is wrapped at a width that the eye can follow; code keeps its lines, is cut at the edge with a sign and moves
sideways; long code is folded to its beginning. What is marked in a text stays in sight: a hit unfolds the code that it
is in, a fold tells its flags, and the sign at the edge is marked where something marked lies beyond it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.text import plural, show, show_line
from molting_tui.ui import look
from molting_tui.ui.markdown import Code, Table, TextLine, blocks, cells, code_blocks, weights
from molting_tui.ui.paragraphs import Marks, ShownLine, Span
from molting_tui.ui.raw_lines import line_count, line_places

MEASURE = 100
"""Cells of the longest line of prose, however wide the window."""
FOLDED = 20
"""Lines above which code is folded."""
FOLDED_TO = 12
"""Lines of folded code that are shown."""
SIDEWAYS = 20
"""Cells that code moves sideways at a key."""
MORE_LEFT, MORE_RIGHT = "‹", "›"
_BAR = "▏"
_SIGN = Style(dim=True, bold=False, italic=False)
_WEIGHTS = {"sign": _SIGN, "bold": Style(bold=True), "em": Style(italic=True)}


class CodeView(NamedTuple):
    """How the code of a text is shown: on which ground, whether long code stands whole, how many cells it was moved
    sideways; `key` unfolds it."""

    ground: Style = look.PLAIN
    unfolded: bool = False
    left: int = 0
    key: str = "enter"


PLAIN_CODE = CodeView()


def prose(
    text: str,
    width: int,
    *,
    indent: int = 0,
    spans: Sequence[Span] = (),
    base: Style = look.PLAIN,
    code: CodeView = PLAIN_CODE,
) -> Iterator[Strip]:
    """The lines of a raw text in `width` cells, indented; each is made when it is asked for."""
    page = _Page(text, max(width - indent, 8), indent, Marks(spans), base, code)
    for block in blocks(text):
        if isinstance(block, TextLine):
            yield from page.text_line(block)
        elif isinstance(block, Code):
            yield from page.code(block)
        else:
            yield from page.table(block)


def has_long_code(texts: Iterable[str]) -> bool:
    """Whether there is code in these texts that is folded."""
    return any(line_count(text, *code.body) > FOLDED for text in texts for code in code_blocks(text))


def goes_on(lines: Iterable[Strip]) -> bool:
    """Whether the code on any of these lines goes on to the right of the edge."""
    return any(MORE_RIGHT in line.text for line in lines)


class _Page:
    """A text on its way to lines: each method makes those of a block."""

    def __init__(self, text: str, room: int, indent: int, marks: Marks, base: Style, view: CodeView) -> None:
        self._text = text
        self._room = room
        self._indent = indent
        self._marks = marks
        self._base = base
        self._view = view
        self._ground = base + view.ground

    def text_line(self, line: TextLine) -> Iterator[Strip]:
        """A line of prose, broken where it doesn't fit, its further lines below the first one's words."""
        yield from self._wrapped(line, self._marks.within(line.start, line.end))

    def _wrapped(self, line: TextLine, marked: Sequence[Span]) -> Iterator[Strip]:
        base, words = self._base, line.start + line.lead
        if line.kind == "rule":
            base += look.DIM
        elif line.kind == "heading":
            base += look.BOLD
        spans = [Span(line.start, words, _SIGN)] if line.kind in ("heading", "quote") else []
        shown = ShownLine(self._text, line.start, line.end, [*spans, *self._weights(words, line.end), *marked])
        lead = cell_len(show(self._text[line.start : words])) if line.lead else 0
        room = min(self._room, MEASURE)
        yield from shown.wrapped(room, self._indent, hang=min(lead, room // 2), base=base)

    def table(self, table: Table) -> Iterator[Strip]:
        """A table's rows, their cells filled up to the width of their column; as they stand where that is too wide."""
        marked = [self._marks.within(start, end) for start, end in table.rows]
        rows = [self._cells(*row, spans) for row, spans in zip(table.rows, marked, strict=True)]
        widths = [max(cell_len(cell.text) for cell in column if cell) for column in zip_longest(*rows)]
        if sum(widths) > self._room:
            for (start, end), spans in zip(table.rows, marked, strict=True):
                yield from self._wrapped(TextLine(start, end, "text", 0), spans)
            return
        margin = Segment(" " * self._indent)
        for number, row in enumerate(rows):
            style = self._base + (look.BOLD, look.DIM, look.PLAIN)[min(number, 2)]
            fill = "-" if number == 1 else " "
            filled = (_filled(cell, wide, style, fill) for cell, wide in zip(row, widths, strict=False))
            yield Strip(list(Segment.simplify([margin, *chain(*filled)])))

    def _cells(self, start: int, end: int, marked: Sequence[Span]) -> list[ShownLine]:
        spans = [*self._weights(start, end), *marked]
        return [ShownLine(self._text, left, right, spans) for left, right in cells(self._text, start, end)]

    def code(self, code: Code) -> Iterator[Strip]:
        """Code between its fences, folded where it is long."""
        yield self._code_line(*code.opening, fence=True)
        count = line_count(self._text, *code.body)
        for number, (start, end) in enumerate(line_places(self._text, *code.body)):
            if number == FOLDED_TO and count > FOLDED and not self._view.unfolded:
                hidden = self._marks.within(start, code.body[1])
                if not any(span.style == look.HIT for span in hidden):
                    yield self._fold(count - FOLDED_TO, code.language, hidden)
                    break
            yield self._code_line(start, end)
        if code.closing[0] < code.closing[1]:
            yield self._code_line(*code.closing, fence=True)

    def _fold(self, lines: int, language: str, hidden: Sequence[Span]) -> Strip:
        """What stands for the lines that are folded away, and the flags among them."""
        words = f"… {plural(lines, 'more line')}" + (f" of {show_line(language, 20)}" if language else "")
        flags = f", {plural(len(hidden), 'flag')} within" if hidden else ""
        parts = [
            Segment(words, self._ground + look.DIM),
            Segment(flags, self._ground + (hidden[0].style if hidden else look.DIM)),
            Segment(f" ({self._view.key})", self._ground + look.DIM),
        ]
        return self._on_ground(parts)

    def _code_line(self, start: int, end: int, *, fence: bool = False) -> Strip:
        """A line of code: the part of it that is in sight."""
        base = self._ground + (_SIGN if fence else look.PLAIN)
        shown = ShownLine(self._text, start, end, self._marks.within(start, end))
        window = _window(shown, 0 if fence else self._view.left, self._code_room)
        segments = [Segment(" " * window.blank, base), *shown.segments(window.left, window.right, base)]
        before = [span for span in shown.spans if span.start < window.left]
        beyond = shown.marked_beyond(window.right) if window.more else []
        left = self._edge(MORE_LEFT if window.left else _BAR, before)
        return self._on_ground(segments, left, self._edge(MORE_RIGHT, beyond) if window.more else None)

    @property
    def _code_room(self) -> int:
        # The bar stands in the margin where there is one; the sign at the edge has a column of its own.
        return max(self._room - 1 - (not self._indent), 1)

    def _edge(self, sign: str, marked: Sequence[Span]) -> Segment:
        """A sign beside code, marked like the last thing that is marked beyond it."""
        return Segment(sign, self._ground + (marked[-1].style if marked else look.PLAIN))

    def _on_ground(self, segments: list[Segment], left: Segment | None = None, right: Segment | None = None) -> Strip:
        """A line of code, its ground up to the edge."""
        used = sum(cell_len(segment.text) for segment in segments)
        gap = Segment(" " * max(self._code_room - used, 0), self._ground)
        margin = Segment(" " * (self._indent - 1 if self._indent else 0))
        bar, edge = left or Segment(_BAR, self._ground), right or Segment(" ", self._ground)
        return Strip(list(Segment.simplify([margin, bar, *segments, gap, edge])))

    def _weights(self, start: int, end: int) -> list[Span]:
        styles = {**_WEIGHTS, "code": self._view.ground}
        return [Span(left, right, styles[weight]) for left, right, weight in weights(self._text, start, end)]


class _Window(NamedTuple):
    """The part of a shown line that is in sight: `blank` cells before it are half of a wide character."""

    left: int
    right: int
    blank: int
    more: bool


def _window(shown: ShownLine, skipped: int, room: int) -> _Window:
    """What of a line is in sight, `skipped` cells from its beginning on."""
    while True:
        left, blank = _at_cell(shown.text, 0, skipped) if skipped else (0, 0)
        right, _ = _at_cell(shown.text, left, room - blank, whole=False)
        if right < len(shown.text) or not shown.more(0):
            return _Window(left, right, blank, right < len(shown.text))


def _at_cell(text: str, start: int, cell: int, *, whole: bool = True) -> tuple[int, int]:
    """The place that is `cell` cells after another, and how many cells further it lies; before a character that would
    cross it, where not `whole`."""
    if text.isascii():
        return min(start + cell, len(text)), 0
    used, at = 0, start
    while at < len(text):
        size = get_character_cell_size(text[at])
        if (used >= cell and size) or (not whole and used + size > cell):
            break
        used += size
        at += 1
    return at, max(used - cell, 0)


def _filled(cell: ShownLine, width: int, style: Style, fill: str) -> list[Segment]:
    """A cell of a table with as many signs more as its column is wider, before the bar and the space that end it."""
    at = len(cell.text) - cell.text.endswith("|")
    end = " :" if fill == "-" else " "
    at -= at > 1 and cell.text[at - 1] in end
    at -= at > 1 and fill == "-" and cell.text[at - 1] in end
    filling = Segment(fill * (width - cell_len(cell.text)), style)
    return [*cell.segments(0, at, style), filling, *cell.segments(at, len(cell.text), style)]
