"""The sheet an answer is scored on, as lines: the question with its facts, the dimensions with the anchors of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, get_args

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.records.battles import BlindBattle
from molting_tui.records.evaluation import BlindAnswer, Dimension, Rubric
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import columns
from molting_tui.ui.paragraphs import fit, line, paragraphs, wrap

OPEN, NOT_APPLICABLE = "·", "-"
MOST_PROMPT, MOST_FACTS = 3, 3
"""Lines that a question and its facts may take; `i` shows the rest."""
NAME, ANCHOR = 34, 600
"""Cells of the longest dimension's name, and of the longest anchor text."""
_INDENT = 5


Others = Literal["lines", "together", "none"]


class SheetLayout(NamedTuple):
    """How a rubric is drawn at a width: `others` says whether the dimensions beside the current one have a line each,
    stand together, or have no room. `height` is that of the tallest dimension, so that nothing moves from one to the
    next."""

    rubric: Rubric
    width: int
    others: Others
    height: int


# The question


def question_lines(answer: BlindAnswer | BlindBattle, width: int, most: int) -> list[Strip]:
    """The question, bold, and its facts: beside it where both fit on a line, else below it. At most `most` lines."""
    facts = facts_text(answer)
    prompt = show_line(answer.prompt, 10 * width)
    if cell_len(prompt) + cell_len(facts) + 5 <= width:
        gap = " " * (width - cell_len(prompt) - cell_len(facts) - 2)
        return [line((f" {prompt}", look.BOLD), (gap + facts if facts else "", look.PLAIN))]
    room = max(most, 1)
    facts_room = min(MOST_FACTS, room - 1) if facts else 0
    lines = _cut(prompt, width, min(MOST_PROMPT, room - min(facts_room, 1)), look.BOLD)
    if facts_room:
        lines += _cut(facts, width, min(facts_room, room - len(lines)), look.PLAIN)
    return lines


def facts_text(answer: BlindAnswer | BlindBattle) -> str:
    """What a right answer says, on one line."""
    if not answer.facts:
        return ""
    return "facts: " + " · ".join(show_line(fact, ANCHOR) for fact in answer.facts)


def _cut(shown: str, width: int, most: int, style: Style) -> list[Strip]:
    parts = [shown[start:end] for start, end in wrap(shown, max(width - 2, 8))]
    if len(parts) > most:
        parts = [*parts[: most - 1], fit(f"{parts[most - 1]} …", max(width - 2, 8))]
    return [line((f" {part}", style)) for part in parts]


# The dimensions


def sheet_layout(rubric: Rubric, width: int, room: int) -> SheetLayout:
    """The way to draw a rubric in `room` lines: the first that fits at every dimension. The current dimension's anchors
    are cut last of all."""
    for others in get_args(Others):
        height = max(len(list(_drawn(rubric, {}, index, width, others))) for index in range(len(rubric.dimensions)))
        if height <= room:
            return SheetLayout(rubric, width, others, height)
    return SheetLayout(rubric, width, "none", max(room, 1))


def sheet_lines(layout: SheetLayout, levels: Mapping[str, int | None], current: int) -> list[Strip]:
    """Every dimension with the level given; the current one marked, with what each of its levels means."""
    lines = list(_drawn(layout.rubric, levels, current, layout.width, layout.others))
    if len(lines) > layout.height:
        lines[layout.height - 1 :] = [line((fit("     … i shows all of it", layout.width), look.MESSAGE))]
    return lines + [line("")] * (layout.height - len(lines))


def given(levels: Mapping[str, int | None], dimension: Dimension) -> str:
    """The level given on a dimension: a digit, `-` for not applicable, `·` for none yet."""
    if dimension.id not in levels:
        return OPEN
    level = levels[dimension.id]
    return NOT_APPLICABLE if level is None else str(level)


def dimension_name(dimension: Dimension) -> str:
    """Id and name of a dimension, `D2 Factual Accuracy`; the name alone where the id says the same."""
    name, number = show_line(dimension.name, NAME), show_line(dimension.id, NAME)
    if not name or name.lower() == number.lower():
        return name or number
    return fit(f"{number} {name}", NAME)


def anchors(dimension: Dimension) -> list[tuple[str, str]]:
    """What each level of a dimension means, then when it can't be judged."""
    known = [(str(level), show_line(text, ANCHOR)) for level, text in dimension.levels]
    return known + ([(NOT_APPLICABLE, show_line(dimension.na_when, ANCHOR))] if dimension.na_when else [])


def _drawn(
    rubric: Rubric, levels: Mapping[str, int | None], current: int, width: int, others: Others
) -> Iterator[Strip]:
    if others == "together":
        yield from _others(rubric, levels, current, width)
    names = max(cell_len(dimension_name(dimension)) for dimension in rubric.dimensions)
    for index, dimension in enumerate(rubric.dimensions):
        if index == current:
            yield from _current(dimension, levels, names, width)
        elif others == "lines":
            pad = " " * (names - cell_len(dimension_name(dimension)))
            yield line(f"   {dimension_name(dimension)}{pad}  ", (given(levels, dimension), look.BOLD))


def _others(rubric: Rubric, levels: Mapping[str, int | None], current: int, width: int) -> Iterator[Strip]:
    """The dimensions but the current one by their ids, as few lines as they take."""
    parts: list[Segment] = []
    for index, dimension in enumerate(rubric.dimensions):
        name, level = show_line(dimension.id, NAME), given(levels, dimension)
        if index == current:
            continue
        if sum(part.cell_length for part in parts) + cell_len(f"   {name} {level}") > width and parts:
            yield Strip(parts)
            parts = []
        parts += [Segment(f"   {name} ", look.PLAIN), Segment(level, look.BOLD)]
    if parts:
        yield Strip(parts)


def _current(dimension: Dimension, levels: Mapping[str, int | None], names: int, width: int) -> Iterator[Strip]:
    """The dimension one is at, with its anchors: beside its name where they fit on the line, else below it."""
    name, level = dimension_name(dimension), given(levels, dimension)
    meanings = anchors(dimension)
    head = [
        Segment(f" {look.HERE_SIGN} ", look.MESSAGE),
        Segment(name, look.BOLD),
        Segment(" " * (names - cell_len(name) + 2), look.PLAIN),
        Segment(level, look.BOLD),
    ]
    beside = sum(cell_len(sign) + cell_len(text) + 4 for sign, text in meanings)
    if sum(part.cell_length for part in head) + beside <= width:
        for sign, text in meanings:
            head += [Segment("   ", look.PLAIN), Segment(sign, look.KEY), Segment(f" {text}", _style(sign, level))]
        yield Strip(head)
        return
    yield Strip(head)
    for sign, text in meanings:
        margin = _INDENT + cell_len(sign) + 1
        for number, (start, end) in enumerate(wrap(text, max(width - margin - 1, 8))):
            first = [Segment(" " * _INDENT, look.PLAIN), Segment(f"{sign} ", look.KEY)]
            before = first if number == 0 else [Segment(" " * margin, look.PLAIN)]
            yield Strip([*before, Segment(text[start:end], _style(sign, level))])


def _style(sign: str, level: str) -> Style:
    # The level that was given stands out by its weight; the digit after the name says it too.
    return look.BOLD if sign == level else look.PLAIN


# The whole rubric, to read


def rubric_lines(rubric: Rubric, answer: BlindAnswer | None, width: int) -> Iterator[Strip]:
    """The question and its facts whole, then every level of every dimension, what caps a score and the bands."""
    if answer is not None:
        yield from asked_lines(answer, width)
    yield line("")
    yield from paragraphs(
        f"{rubric.title or rubric.id}, version {rubric.version}", width - 1, indent=2, base=look.TITLE
    )
    if rubric.note:
        yield from paragraphs(rubric.note, width - 1, indent=2, base=look.DIM)
    for dimension in rubric.dimensions:
        yield line("")
        weight = "" if dimension.weight == 1 else f"   weight {dimension.weight:g}"
        yield line((f"  {dimension_name(dimension)}", look.BOLD), (weight, look.DIM))
        if dimension.description:
            yield from paragraphs(dimension.description, width - 1, indent=4, base=look.DIM)
        for sign, text in anchors(dimension):
            yield from _hanging(f"    {sign} ", text, width)
    yield from _caps(rubric, width)
    yield from _bands(rubric, width)


def asked_lines(answer: BlindAnswer | BlindBattle, width: int) -> Iterator[Strip]:
    """The question and its facts whole."""
    yield line("")
    yield from paragraphs(answer.prompt, width - 1, indent=2, base=look.BOLD)
    for fact in answer.facts:
        yield from paragraphs(f"fact: {fact}", width - 1, indent=4)


def _hanging(sign: str, text: str, width: int) -> Iterator[Strip]:
    margin = cell_len(sign)
    for number, (start, end) in enumerate(wrap(text, max(width - margin - 1, 8))):
        before = (sign, look.KEY) if number == 0 else (" " * margin, look.PLAIN)
        yield line(before, text[start:end])


def _caps(rubric: Rubric, width: int) -> Iterator[Strip]:
    enabled = [gate for gate in rubric.gates if gate.enabled]
    if not enabled:
        return
    yield line("")
    yield line((f"  {plural(len(enabled), 'cap')} on an answer's score", look.BOLD))
    for gate in enabled:
        dimension, operator, level = gate.when
        when = f"{show_line(dimension, NAME)} {operator} {level}"
        yield from _hanging(f"    {when}: ", f"at most {gate.cap:g}. {show_line(gate.reason, ANCHOR)}", width)


def _bands(rubric: Rubric, width: int) -> Iterator[Strip]:
    if rubric.bands:
        yield line("")
        yield line(("  What a score from 0 to 10 is called", look.BOLD))
        rows = [(f"from {band.min:g}", show_line(band.label, 200)) for band in sorted(rubric.bands, reverse=True)]
        yield from columns(rows, width, indent=4)
