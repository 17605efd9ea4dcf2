"""A page as Markdown, in tables like those that people wrote by hand. Charts are left to HTML; tables say the same.

Every sign of a text that Markdown could take for its own is escaped, so that a name can be no heading, link or image.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from molting_tui.evaluation.reports.blocks import Block, Bullets, Heading, Paragraph, Table, Verbatim
from molting_tui.text import show, show_line

_CELL = 2_000
_ITS_OWN = re.compile(r"[\\`*\[\]<>#|~!&@$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.|\^", re.IGNORECASE)
_AT_START = re.compile(r"\A([-+=]|\d{1,9}(?=[.)](?:\s|\Z)))")
_FENCE = re.compile(r"`{3,}")


def markdown(blocks: Iterable[Block]) -> str:
    """The page as a Markdown text (GitHub's tables), ending in a newline."""
    parts = [text for block in blocks if (text := _written(block))]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """A text on a line of its own that Markdown shows as it is."""
    return _AT_START.sub(lambda sign: f"{sign[0]}\\" if sign[0].isdigit() else f"\\{sign[0]}", escaped_cell(text))


def escaped_cell(text: str) -> str:
    """A text in a table's cell, where no sign begins a list."""
    return _ITS_OWN.sub(lambda sign: f"\\{sign[0]}", show_line(text, _CELL))


def _written(block: Block) -> str:
    """A block in Markdown; empty for a chart."""
    match block:
        case Heading(level, text):
            return f"{'#' * level} {escaped(text)}"
        case Paragraph(text):
            return escaped(text)
        case Bullets(items):
            return "\n".join(f"- {escaped(item)}" for item in items)
        case Table():
            return _table(block)
        case Verbatim(text):
            return _verbatim(text)
        case _:
            return ""


def _table(table: Table) -> str:
    marks = ["---" if column in table.words else "---:" for column in range(len(table.head))]
    rows = [[escaped_cell(cell) for cell in row] for row in table.rows]
    if table.total and rows:
        rows[-1] = [f"**{cell}**" for cell in rows[-1]]
    return "\n".join(_row(cells) for cells in ([escaped_cell(cell) for cell in table.head], marks, *rows))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _verbatim(text: str) -> str:
    """A text in a fence that nothing in it can close."""
    shown = show(text)
    longest = max((len(run) for run in _FENCE.findall(shown)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{shown}\n{fence}"
