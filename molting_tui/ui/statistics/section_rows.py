"""Sections of statistics as rows in one column or two: a name, its pairs, their share, a bar."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, zip_longest
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from molting_tui.curation.statistics_lines import Line, Section, percent
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit

WIDEST = 84
"""Cells of the widest column: more would part a name from its figures."""
TWO_COLUMNS = 110
"""From this width on there are two."""
_GAP = 2
_NAME, _BAR = 36, 26
"""Cells of the longest name, and of the longest bar."""


class Row(NamedTuple):
    """A row of a column: a section's title, one of its lines, or (neither) nothing."""

    section: Section | None = None
    line: Line | None = None


class Layout(NamedTuple):
    """Rows in columns of the same width; `places` are the columns and rows that a cursor can be on, in reading
    order."""

    columns: tuple[tuple[Row, ...], ...]
    width: int
    places: tuple[tuple[int, int], ...]

    def row(self, place: int) -> Row:
        """The row at a place."""
        column, row = self.places[place]
        return self.columns[column][row]

    def beside(self, place: int, step: int) -> int | None:
        """The place in the column to the right or left that is nearest to this one; None where there is none."""
        column, row = self.places[place]
        across = [
            (abs(other[1] - row), number) for number, other in enumerate(self.places) if other[0] == column + step
        ]
        return min(across)[1] if across else None


def layout(sections: Sequence[Section], width: int) -> Layout:
    """The rows of sections at a width."""
    count = 2 if width >= TWO_COLUMNS else 1
    columns = tuple(tuple(_rows(part)) for part in _parted(sections, count))
    places = tuple(
        (number, place) for number, column in enumerate(columns) for place, row in enumerate(column) if row.line
    )
    return Layout(columns, min((width - _GAP * (count - 1)) // count, WIDEST), places)


def painted_rows(shown: Layout, cursor: int, whole: int) -> list[Strip]:
    """The lines of a layout, side by side; `whole` is what the shares are of."""
    here = shown.places[cursor] if shown.places else None
    columns = [
        [_painted(row, shown.width, whole, here == (number, place)) for place, row in enumerate(column)]
        for number, column in enumerate(shown.columns)
    ]
    gap = Strip([Segment(" " * _GAP)])
    blank = Strip([Segment(" " * shown.width)])
    return [
        Strip([segment for number, part in enumerate(parts) for segment in ((*gap, *part) if number else part)])
        for parts in zip_longest(*columns, fillvalue=blank)
    ]


def _parted(sections: Sequence[Section], count: int) -> list[Sequence[Section]]:
    """The sections in one column, or in two that are as long as each other, as nearly as can be."""
    if count == 1:
        return [sections]
    heights = list(accumulate((len(section.lines) + 2 for section in sections), initial=0))
    cut = min(range(len(heights)), key=lambda place: abs(heights[-1] - 2 * heights[place]))
    return [sections[:cut], sections[cut:]]


def _rows(sections: Sequence[Section]) -> list[Row]:
    rows = []
    for section in sections:
        rows += [Row(section), *(Row(section, line) for line in section.lines), Row()]
    return rows[:-1]


def _painted(row: Row, width: int, whole: int, here: bool) -> Strip:
    if row.section is None:
        return Strip([Segment(" " * width)])
    if row.line is None:
        return _title(row.section, width)
    return _line(row.section, row.line, width, whole, here)


def _title(section: Section, width: int) -> Strip:
    title = fit(f"  {section.title}", width)
    note = fit(f"  {show_line(section.note)}", width - cell_len(title)) if section.note else ""
    return _wide([Segment(title, look.TITLE), Segment(note, look.DIM)], width)


def _line(section: Section, line: Line, width: int, whole: int, here: bool) -> Strip:
    """`▌ agent-speech      61   10 %  ━━━━━━━  88 hits`: sign, name, pairs, share, bar, hits."""
    style = look.CURSOR if here else look.PLAIN if line.pairs else look.DIM
    figures = f"{line.pairs:>10,} {percent(line.pairs, whole) if section.of_pairs else '':>6}  "
    bar_room = min(_BAR, (width - len(figures) - 1) * 2 // 5)
    name_room = min(width - len(figures) - bar_room - 4, _NAME)
    name = fit(f"{'  ' if line.indent else ''}{show_line(line.name, name_room)}", name_room)
    pad = " " * (name_room - cell_len(name))
    sign = f" {look.CURSOR_SIGN if here else ' '} "
    hits = [plural(each.hits, "hit") for each in section.lines if each.hits is not None]
    hits_room = max(map(len, hits)) + 2 if hits else 0
    bar = _bar(line.pairs, section.scale, bar_room - hits_room)
    tail = "" if line.hits is None else plural(line.hits, "hit").rjust(bar_room - cell_len(bar))
    return _wide([Segment(f"{sign}{name}{pad}{figures}{bar}", style), Segment(tail, look.DIM)], width)


def _bar(count: int, scale: int, width: int) -> str:
    """A bar in halves of a cell; anything above nothing has one."""
    if not count or not scale or width < 1:
        return ""
    halves = max(round(2 * width * min(count / scale, 1)), 1)
    return "━" * (halves // 2) + "╸" * (halves % 2)


def _wide(segments: list[Segment], width: int) -> Strip:
    return Strip(segments).adjust_cell_length(width, look.PLAIN)
