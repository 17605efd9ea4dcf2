"""Score sheets: ratings that were made outside, read from a CSV file or a table on a Markdown page.

The first line names the columns (`sheet_columns.py`): `question`, every dimension of the rubric, and optionally
`contender`, `sample`, `rater`, `note`. A question is named by its id, by its prompt or the beginning of it, or by its
place (`Q1`, `Q1: whatever is said of it`). A cell is a level, also as `2/2` or `2,0`; `-` and `na` mean not applicable
(of dimensions whose rubric says when that is so), an empty one that nobody rated it.

Sums (a line or a column named `total`, `subtotal`, `sum` or `soma`, a column `nota` of figures) are checked against the
levels and left out. A sheet is taken whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.questions import ANY
from molting_tui.evaluation.noticing.word_forms import folded
from molting_tui.evaluation.scoring.blind_session import always_applies
from molting_tui.evaluation.scoring.points import shown
from molting_tui.evaluation.scoring.rubrics import TOP
from molting_tui.evaluation.scoring.sheet_columns import (
    CONTENDER,
    MARK,
    NOTE,
    QUESTION,
    RATER,
    SAMPLE,
    SUMS,
    TOTAL,
    columns,
    is_sheet,
    with_marks,
)
from molting_tui.evaluation.scoring.sheet_tables import SheetTable, read_tables
from molting_tui.records.evaluation import Dimension, Question, QuestionSet, Rubric
from molting_tui.text import plural, show_line

MOST_TOLD = 10
"""Mistakes told of one sheet; of the rest only how many they are."""

_NOT_APPLICABLE = ("-", "–", "—", "na", "n/a")
_PLACE = re.compile(r"[qp]\s*(\d{1,4})(?:\s*[:.)–-].*)?", re.IGNORECASE | re.DOTALL)
_POINTS = re.compile(r"(\d{1,6})(?:[.,]0+)?(?:\s*/\s*(\d{1,6})(?:[.,]0+)?)?")
_MARK = re.compile(r"(\d{1,6})(?:[.,](\d{1,6}))?(?:\s*/\s*10)?")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line: what a rater said of one answer.

    `levels` is by dimension id, None for not applicable; a dimension that isn't in it was not rated. `contender` and
    `rater` are empty where the sheet names none; `line` is 1-based.
    """

    line: int
    question: Question
    levels: dict[str, int | None]
    contender: str = ""
    sample: int = 0
    rater: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was read. `sums` counts the sums that were checked and left out, `empty` lines without a level;
    `missing` are the questions of the set (in the sheet's language) that have no line."""

    file: str
    rows: tuple[SheetRow, ...]
    sums: int
    empty: int
    missing: tuple[str, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was read and not taken, as sentences."""
        parts = []
        if self.sums:
            parts.append(f"{plural(self.sums, 'sum')} checked against the levels and left out.")
        if self.empty:
            parts.append(f"{plural(self.empty, 'line')} without any level left out.")
        if self.missing:
            parts.append(f"{plural(len(self.missing), 'question')} without a line: {', '.join(self.missing[:8])}.")
        return tuple(parts)


class BadSheet(BadInput):
    """A sheet with mistakes. `mistakes` are sentences, each with its file, line and column."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        sentences = list(self.mistakes[:MOST_TOLD])
        if len(self.mistakes) > MOST_TOLD:
            sentences.append(f"And {len(self.mistakes) - MOST_TOLD} more.")
        super().__init__(" ".join(sentences), fix="Nothing was taken from it: correct the sheet and read it again.")


class _Wrong(Exception):
    """One thing that is wrong with a cell."""


class _Mistakes:
    """Gathers what is wrong with a sheet, so that a person is told all of it at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.listed: list[tuple[int, str]] = []

    def add(self, line: int, column: str, what: str) -> None:
        """Note one mistake; `column` is empty where it is the line's."""
        self.listed.append((line, f"{self.file}:{line}: {f'column `{column}`: ' if column else ''}{what}"))

    def sentences(self) -> list[str]:
        """The sentences, in the order of the lines."""
        return [sentence for _, sentence in sorted(self.listed, key=lambda mistake: mistake[0])]


@dataclass(slots=True)
class _Sums:
    """What the levels read so far add up to, by dimension, and how many sums were compared with that."""

    given: dict[str, int] = field(default_factory=dict)
    rated: dict[str, int] = field(default_factory=dict)
    checked: int = 0

    def take(self, levels: Mapping[str, int | None]) -> None:
        """Add a line's levels."""
        for name, level in levels.items():
            if level is not None:
                self.given[name] = self.given.get(name, 0) + level
                self.rated[name] = self.rated.get(name, 0) + 1

    def check(self, cell: str, given: int, possible: int, *, of_ten: bool = False) -> None:
        """Hold a sum, as it is written, to the levels; with `of_ten` it may be the score out of 10. Raises _Wrong."""
        self.checked += 1
        mark = _MARK.fullmatch(cell) if of_ten and possible else None
        if mark is not None and shown(TOP * given / possible, len(mark[2] or "")) == ".".join(
            filter(None, mark.groups())
        ):
            return
        points = _POINTS.fullmatch(cell.strip("* "))
        if points is None:
            raise _Wrong(f"`{_brief(cell)}` isn't a sum.")
        if int(points[1]) != given or (points[2] and int(points[2]) != possible):
            raise _Wrong(f"the sum is {_brief(cell)}, but the levels add up to {given}/{possible}.")


def read_sheet(path: Path, rubric: Rubric, questions: QuestionSet, *, language: str = "") -> Sheet:
    """The ratings in a sheet.

    `language` is the one its questions were asked in (a sheet that names them by place or by a beginning needs it
    where the set has several). Raises BadSheet with every mistake, BadInput for a file that isn't a sheet.
    """
    file = str(path)
    table = _sheet_of(read_tables(path), rubric, file)
    where = f"{file}:{table.head.number}"
    reading = _Reading(
        rubric=rubric,
        columns=with_marks(columns(table.head.cells, rubric, where), [line.cells for line in table.lines], where),
        asked=_Asked.of(questions, language, file),
        mistakes=_Mistakes(file),
    )
    rows = [row for line in table.lines if (row := reading.row(line.number, line.cells)) is not None]
    rated = [row for row in rows if row.levels]
    _refuse_twice(rated, reading.mistakes)
    if mistakes := reading.mistakes.sentences():
        raise BadSheet(mistakes)
    if not rated:
        raise BadInput("there is no rating in it.", where=file, fix="Write one line for each answer.")
    asked = {row.question.id for row in rated}
    missing = tuple(question.id for question in reading.asked.questions if question.id not in asked)
    return Sheet(file, tuple(rated), reading.sums.checked, len(rows) - len(rated), missing)


def _sheet_of(tables: Sequence[SheetTable], rubric: Rubric, file: str) -> SheetTable:
    """The one table that is a sheet. Raises BadInput where a page has none or several."""
    if len(tables) == 1:
        return tables[0]
    sheets = [table for table in tables if is_sheet(table.head.cells, rubric)]
    if len(sheets) == 1:
        return sheets[0]
    if not sheets:
        raise BadInput(
            f"none of its {len(tables)} tables has questions and dimensions of {rubric.id}.",
            where=file,
            fix=f"A sheet has columns `question`, {', '.join(f'`{each.id}`' for each in rubric.dimensions)}.",
        )
    raise BadInput(
        f"{len(sheets)} of its tables are sheets, on lines {', '.join(str(table.head.number) for table in sheets)}.",
        where=file,
        fix="Copy the one that is meant into a file of its own.",
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions that a sheet can mean; `several` says that places and beginnings are ambiguous among them."""

    set: str
    questions: tuple[Question, ...]
    several: bool

    @classmethod
    def of(cls, questions: QuestionSet, language: str, file: str) -> _Asked:
        languages = sorted({question.language for question in questions.questions} - {ANY})
        if language and language not in languages:
            raise BadInput(
                f"{questions.id} has no questions in `{language}`.", where=file, fix=f"It has {', '.join(languages)}."
            )
        kept = tuple(asked for asked in questions.questions if not language or asked.language in (language, ANY))
        return cls(questions.id, kept, len(languages) > 1 and not language)

    def find(self, cell: str) -> Question:
        """The question that a cell names. Raises _Wrong."""
        wanted = folded(cell)
        if not wanted:
            raise _Wrong("no question is named.")
        exact = [question for question in self.questions if wanted in (folded(question.id), folded(question.prompt))]
        if len(exact) == 1:
            return exact[0]
        place = _PLACE.fullmatch(cell)
        if place is not None:
            return self._at(int(place[1]), cell)
        beginning = [question for question in self.questions if folded(question.prompt).startswith(wanted)]
        if len(beginning) == 1:
            return beginning[0]
        if beginning:
            named = " and ".join(f"`{question.id}`" for question in beginning[:2])
            raise _Wrong(f"{plural(len(beginning), 'question')} begin with `{_brief(cell)}`, {named}: write the id.")
        known = ", ".join(question.id for question in self.questions[:6]) + (" …" if len(self.questions) > 6 else "")
        raise _Wrong(f"{self.set} has no question `{_brief(cell)}`. Its ids: {known}.")

    def _at(self, place: int, cell: str) -> Question:
        if self.several:
            raise _Wrong(
                f"`{_brief(cell)}` is a place, and {self.set} has several languages: which? Say --language en."
            )
        if not 1 <= place <= len(self.questions):
            raise _Wrong(f"`{_brief(cell)}`: {self.set} has {plural(len(self.questions), 'question')} here.")
        return self.questions[place - 1]


@dataclass(slots=True)
class _Reading:
    """One sheet being read, line by line; a mistake in a cell is noted and the reading goes on."""

    rubric: Rubric
    columns: tuple[str, ...]
    asked: _Asked
    mistakes: _Mistakes
    sums: _Sums = field(default_factory=_Sums)

    def row(self, line: int, cells: Sequence[str]) -> SheetRow | None:
        """The line as a row; None for a line of sums, and for one with a mistake."""
        before = len(self.mistakes.listed)
        if any(cell.strip() for column, cell in zip_longest(self.columns, cells, fillvalue="") if not column):
            width = sum(map(bool, self.columns))
            self.mistakes.add(
                line, "", f"it goes beyond its {plural(width, 'column')}: put a text with commas in quotes."
            )
            return None
        values = {column: cell.strip() for column, cell in zip(self.columns, cells, strict=False) if cell.strip()}
        if folded(values.get(QUESTION, "").strip("* ")) in SUMS:
            self._check_sums(line, values)
            return None
        levels: dict[str, int | None] = {}
        for dimension in (each for each in self.rubric.dimensions if each.id in values):
            with self._noting(line, dimension.id):
                levels[dimension.id] = _level(values[dimension.id], dimension, self.rubric)
        self.sums.take(levels)
        sample = 0
        with self._noting(line, SAMPLE):
            sample = _sample(values.get(SAMPLE, "0"))
        with self._noting(line, QUESTION):
            question = self.asked.find(values.get(QUESTION, ""))
        if len(self.mistakes.listed) > before:
            return None
        given = [level for level in levels.values() if level is not None]
        for column in (TOTAL, MARK):
            if column in values:
                with self._noting(line, column):
                    possible = len(given) * self.rubric.scale[-1]
                    self.sums.check(values[column], sum(given), possible, of_ten=column == MARK)
        extra = {name: values[name] for name in (CONTENDER, RATER, NOTE) if name in values}
        return SheetRow(line=line, question=question, levels=levels, sample=sample, **extra)

    def _check_sums(self, line: int, values: Mapping[str, str]) -> None:
        # After a level that can't be read every sum would be wrong too.
        if self.mistakes.listed:
            return
        top, sums = self.rubric.scale[-1], self.sums
        for column, cell in values.items():
            if self.rubric.dimension(column):
                with self._noting(line, column):
                    sums.check(cell, sums.given.get(column, 0), sums.rated.get(column, 0) * top)
            elif column in (TOTAL, MARK):
                with self._noting(line, column):
                    possible = sum(sums.rated.values()) * top
                    sums.check(cell, sum(sums.given.values()), possible, of_ten=column == MARK)

    @contextmanager
    def _noting(self, line: int, column: str) -> Iterator[None]:
        try:
            yield
        except _Wrong as wrong:
            self.mistakes.add(line, column, str(wrong))


def _level(cell: str, dimension: Dimension, rubric: Rubric) -> int | None:
    if cell.casefold() in _NOT_APPLICABLE:
        if not dimension.takes(None):
            raise _Wrong(f"`{_brief(cell)}` is no level: {always_applies(dimension, rubric)}")
        return None
    points = _POINTS.fullmatch(cell)
    level = int(points[1]) if points else -1
    if level not in rubric.scale:
        scale = " ".join(map(str, rubric.scale)) + ("; - for not applicable" if dimension.takes(None) else "")
        raise _Wrong(f"`{_brief(cell)}` isn't on the scale ({scale}).")
    if points and points[2] and int(points[2]) != rubric.scale[-1]:
        raise _Wrong(f"`{_brief(cell)}` is out of {points[2]}, {rubric.id} goes to {rubric.scale[-1]}.")
    return level


def _sample(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 7):
        raise _Wrong(f"`{_brief(cell)}` isn't a sample's number (0 is the first).")
    return int(cell)


def _refuse_twice(rows: Iterable[SheetRow], mistakes: _Mistakes) -> None:
    """Note every line that rates an answer a second time."""
    lines: dict[tuple[str, str, int, str], int] = {}
    for row in rows:
        answer = (row.question.id, row.contender, row.sample, row.rater)
        if answer in lines:
            what = f"`{row.question.id}` is rated on line {lines[answer]} already; tell several answers apart"
            mistakes.add(row.line, QUESTION, f"{what} by a column `sample` or `contender`.")
        else:
            lines[answer] = row.line


def _brief(cell: str) -> str:
    return show_line(cell, 40)
