"""Tables of shown texts, and the headings between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line, wrap

NAME = 28
"""Cells of the longest contender's name in a table."""
Table = Sequence[Sequence[str]]


class Opens(NamedTuple):
    """What a row leads to: the answers to a fact asked (its cluster), or to a question (its prompt)."""

    kind: Literal["fact", "question"]
    name: str


class Openable(NamedTuple):
    """A row that the cursor can stand on: a shown text, which begins with two spaces, and what it leads to."""

    text: str
    opens: Opens


Line = Strip | Openable


def contender(name: str, most: int = NAME) -> str:
    """A contender's name for a table: a long one without its middle, for names of one kind differ at their ends."""
    shown = show_line(name, 400)
    if cell_len(shown) <= most:
        return shown
    tail = shown[-most // 2 :]
    while cell_len(tail) > most // 2:
        tail = tail[1:]
    return fit(shown, most - cell_len(tail)) + tail


def table(head: Sequence[str], rows: Table, width: int, indent: int = 2) -> Iterator[Strip]:
    """Shown texts in columns, the first to the left, figures to the right. What is wider than the screen goes on below,
    the first column again before it."""
    widths = widths_of([head, *rows])
    start = 1
    while start < len(head) or start == 1:
        end, used = start, indent + widths[0]
        while end < len(head) and (end == start or used + 2 + widths[end] <= width):
            used += 2 + widths[end]
            end += 1
        chosen = [0, *range(start, end)]
        part = [widths[place] for place in chosen]
        yield line((fit(" " * indent + cells_of([head[place] for place in chosen], part, 1), width), look.DIM))
        for row in rows:
            yield line(fit(" " * indent + cells_of([row[place] for place in chosen], part, 1), width))
        start = max(end, start + 1)


def widths_of(rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column."""
    return [max(map(cell_len, column)) for column in zip(*rows, strict=True)]


def cells_of(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    """The cells side by side: the first `left` of them to the left, the others to the right."""
    padded = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        pad = " " * (width - cell_len(cell))
        padded.append(cell + pad if place < left else pad + cell)
    return "  ".join(padded)


def heading(text: str, width: int, more: str = "") -> Iterator[Strip]:
    """An empty line and a heading, with more about it beside it where there is room."""
    yield line("")
    room = width - cell_len(text) - 5
    yield line((f"  {text}", look.BOLD), (f"   {fit(more, room)}" if more and room > 8 else "", look.DIM))


def wrapped(shown: str, width: int, style: Style) -> Iterator[Strip]:
    """A shown line in as many as it needs, each with its margin."""
    margin = len(shown) - len(shown.lstrip())
    body = shown[margin:]
    for start, end in wrap(body, max(width - margin - 1, 8)):
        yield line((" " * margin + body[start:end], style))
