"""The tables in a score sheet's file: CSV as spreadsheets write it, or the tables of a Markdown page.

CSV is parted by commas, semicolons or tabs, whichever the first line has most of, or by the sign that a first line
`sep=;` names. Of a Markdown page every table outside of code is read; bold and code marks around a cell go.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.regular_files import open_regular

MAX_BYTES = 4_000_000

_SEPARATOR = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
_UNDER_HEAD = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")
_BAR = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"(\*{1,3}|_{2,3}|`)(.*)\1", re.DOTALL)
_FENCES = ("```", "~~~")


class Line(NamedTuple):
    """A line of a table: its 1-based number in the file (of a cell that runs over several, the first) and its cells."""

    number: int
    cells: list[str]


class SheetTable(NamedTuple):
    """A table with its head. `markdown`: it stands on a page among other things."""

    head: Line
    lines: tuple[Line, ...]
    markdown: bool


def read_tables(path: Path) -> list[SheetTable]:
    """The tables of a file; one, with an empty head where there is nothing in it, of CSV. Raises BadInput for a file
    that can't be read, isn't UTF-8, or isn't CSV."""
    text = _decoded(path)
    pages = list(_markdown(text))
    if pages:
        return pages
    lines = list(_csv(text, str(path)))
    return [SheetTable(lines[0] if lines else Line(1, []), tuple(lines[1:]), False)]


def _decoded(path: Path) -> str:
    try:
        with open_regular(path) as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(path), fix="Check the path.") from None
    if len(data) > MAX_BYTES:
        raise BadInput(f"larger than {MAX_BYTES:,} bytes.", where=str(path), fix="Split it into several sheets.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput("not UTF-8.", where=f"{path}:{line}", fix="Save the sheet as CSV UTF-8.") from None


def _csv(text: str, file: str) -> Iterator[Line]:
    """Each line that holds something."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    named = _SEPARATOR.fullmatch(head)
    delimiter = named[1] if named else max((",", ";", "\t"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (named and _SEPARATOR.fullmatch(delimiter.join(cells))):
                yield Line(last + 1, cells)
            last = reader.line_num
    except csv.Error as error:
        raise BadInput(
            f"isn't CSV: {error}.", where=f"{file}:{last + 1}", fix="Check the quotes on that line and the next."
        ) from None


def _markdown(text: str) -> Iterator[SheetTable]:
    """Each table of a page: a line with bars, one of dashes under it, and the lines with bars that follow."""
    lines = _outside_code(text)
    place = 1
    while place < len(lines):
        if "|" in lines[place - 1] and _UNDER_HEAD.fullmatch(lines[place]):
            end = place + 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            rows = tuple(Line(number + 1, _cells(lines[number])) for number in range(place + 1, end))
            yield SheetTable(Line(place, _cells(lines[place - 1])), rows, True)
            place = end
        place += 1


def _outside_code(text: str) -> list[str]:
    """The lines, those in fenced code empty."""
    lines, fence = [], ""
    for line in text.splitlines():
        mark = line.lstrip()[:3]
        if fence or mark in _FENCES:
            fence = "" if mark == fence else fence or mark
            lines.append("")
        else:
            lines.append(line)
    return lines


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [_bare(cell.replace("\\|", "|")) for cell in _BAR.split(inner)]


def _bare(cell: str) -> str:
    marked = _MARKS.fullmatch(cell.strip())
    return marked[2].strip() if marked else cell.strip()
