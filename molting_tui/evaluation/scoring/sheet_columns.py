"""What the columns of a score sheet hold, told by their headings: without case and accents, English or Portuguese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from molting_tui.errors import BadInput
from molting_tui.evaluation.noticing.word_forms import folded
from molting_tui.records.evaluation import Dimension, Rubric
from molting_tui.text import show_line

QUESTION, CONTENDER, SAMPLE, RATER, NOTE, TOTAL = "question", "contender", "sample", "rater", "note", "total"
MARK = "nota"
"""A column `Nota`, which is a figure for the whole line in one sheet and words in another: its cells tell."""
SUMS = ("total", "subtotal", "sum", "soma")
"""Headings, and names of lines, that are sums."""

_OTHERS = {
    QUESTION: ("pergunta", "questao", "prompt"),
    CONTENDER: ("model", "modelo", "version", "versao", "concorrente"),
    SAMPLE: ("amostra",),
    RATER: ("avaliador", "avaliadora", "scorer"),
    NOTE: ("notes", "comment", "comments", "observacao", "observacoes", "comentario", "comentarios"),
    TOTAL: SUMS,
    MARK: ("nota", "notas"),
}
_TAIL = re.compile(r"\s*(?:\([^()]*\)|/\s*\d+)$")
_FIGURE = re.compile(r"\d{1,6}(?:[.,]\d{1,6})?(?:\s*/\s*\d{1,6})?")


def columns(head: Sequence[str], rubric: Rubric, where: str) -> tuple[str, ...]:
    """What each column holds: `question`, a dimension's id, one of the others, or nothing (empty).

    A dimension goes by its id, its name or one of its aliases, also `D1: Identity` and `Agent (0-2)`. Raises BadInput
    for a heading that is none of these or stands twice, and for a question or a dimension that has no column.
    """
    names = _names(rubric)
    held: list[str] = []
    for cell in head:
        column = _column(folded(cell), names, rubric)
        if column is None:
            known = ", ".join((QUESTION, *(each.id for each in rubric.dimensions), CONTENDER, SAMPLE, RATER, NOTE))
            raise BadInput(
                f"column `{show_line(cell, 40)}` isn't known to {rubric.id}.",
                where=where,
                fix=f"It may be one of: {known}.",
            )
        if column and column in held:
            raise BadInput(f"column `{show_line(cell, 40)}` stands here twice.", where=where, fix="Keep one of them.")
        held.append(column)
    if QUESTION not in held:
        raise BadInput("there is no column `question`.", where=where, fix="Add it, with one line for each answer.")
    missing = [each for each in rubric.dimensions if each.id not in held]
    if len(missing) == len(rubric.dimensions):
        wanted = ", ".join(each.id for each in rubric.dimensions)
        raise BadInput(f"there is no dimension of {rubric.id}.", where=where, fix=f"Add a column for each: {wanted}.")
    if missing:
        raise BadInput(
            f"{rubric.id} has dimensions without a column here: {', '.join(map(_named, missing))}.",
            where=where,
            fix="Add a column for each, with empty cells where nobody rated it; nothing was stored.",
        )
    return tuple(held)


def is_sheet(head: Sequence[str], rubric: Rubric) -> bool:
    """Whether a table of a page can be a sheet: it has questions and a dimension."""
    names = _names(rubric)
    held = {_column(folded(cell), names, rubric) for cell in head}
    return QUESTION in held and any(each.id in held for each in rubric.dimensions)


def with_marks(held: Sequence[str], cells: Iterable[Sequence[str]], where: str) -> tuple[str, ...]:
    """The columns, with a `nota` made a `note` where its cells aren't all figures. Raises BadInput for a second one."""
    if MARK not in held:
        return tuple(held)
    place = held.index(MARK)
    given = [row[place].strip() for row in cells if len(row) > place and row[place].strip()]
    if given and all(_FIGURE.fullmatch(cell) for cell in given):
        return tuple(held)
    if NOTE in held:
        raise BadInput("there are two columns of notes.", where=where, fix="Keep one of them.")
    return tuple(NOTE if name == MARK else name for name in held)


def _names(rubric: Rubric) -> dict[str, str]:
    names = {name: column for column, others in _OTHERS.items() for name in others}
    for each in rubric.dimensions:
        names |= {folded(name): each.id for name in (*each.aliases, each.name, each.id)}
    return names | {name: name for name in (QUESTION, CONTENDER, SAMPLE, RATER, NOTE, TOTAL)} | {"": ""}


def _column(word: str, names: Mapping[str, str], rubric: Rubric) -> str | None:
    """What a folded heading names; None for nothing that is known."""
    bare = _TAIL.sub("", word)
    for name in (word, bare):
        if name in names:
            return names[name]
    for each in rubric.dimensions:
        rest = bare.removeprefix(folded(each.id))
        if rest != bare and rest[:1] in (" ", ":", ".", ")", "-", "–", "—"):
            named = rest.strip(" :.)–—-")
            if named in names and names[named] == each.id:
                return each.id
    return None


def _named(dimension: Dimension) -> str:
    name, number = show_line(dimension.name, 40), show_line(dimension.id, 40)
    return number if folded(name) == folded(number) else f"{number} {name}"
