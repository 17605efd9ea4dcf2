"""The contenders, the best first: score, interval, dimensions by their names, and in a line each what stands beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from molting_tui.evaluation.scoring.points import shown
from molting_tui.records.evaluation import ContenderResult, Dimension, Results, Rubric
from molting_tui.records.verdicts import Interval
from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.results.tables import NAME, Table, cells_of, contender, heading, table, widths_of

if TYPE_CHECKING:
    from molting_tui.evaluation.results.table import FactsLine

NAMES = (NAME, 20, 16, 13)
"""Cells of the longest contender's name before the dimensions: the widest that fits."""
TOP = 10
"""The highest score."""
BAR_LEAST, BAR_MOST = 21, 41
"""Cells of the shortest bar that tells half points, and of the longest."""
WORD = 11
"""Cells of the longest word that names a dimension in a table."""
NOTHING = "·"
MEMORISED = "*"
"""What stands beside the score of a question that the contender was trained on, as the command line has it."""


class _Heads(NamedTuple):
    """The heads of the columns of dimensions, in up to three lines; whether a bar stands between them and the score."""

    lines: tuple[tuple[str, ...], ...]
    bar: int


def best_first(results: Results) -> list[ContenderResult]:
    """The contenders by their scores, those without one last."""
    return sorted(results.contenders, key=lambda each: -(-1 if each.score is None else each.score))


def contender_lines(results: Results, facts: Sequence[FactsLine], width: int) -> Iterator[Strip]:
    """A row for each contender with its score, its interval where there is room, and the mean level of each dimension;
    below it band, facts, what it had by heart, flags. Where the dimensions don't fit, they stand in a table of their
    own."""
    rubric = results.rubric
    ranked = best_first(results)
    means = [[*_means(each, rubric), str(each.n)] for each in ranked]
    left, heads = _columns_that_fit(rubric, ranked, means, width)
    if heads is not None:
        yield from _rows(heads, ranked, left, means)
    else:
        yield from _rows(_Heads((("n",),), _bar_room(left, width)), ranked, left, [row[-1:] for row in means])
        yield from heading("Mean level by dimension", width, f"of {rubric.scale[-1]}")
        ids = [show_line(each.id, NAME) for each in rubric.dimensions]
        yield from table(
            ["contender", *ids], [[row[0], *mean[:-1]] for row, mean in zip(left, means, strict=True)], width
        )
    for each in ranked:
        sign = f"  {contender(each.name)}: "
        yield from hanging(sign, look.DIM, _held_together(_beside(each, facts), width - cell_len(sign) - 1), width)


def _beside(result: ContenderResult, facts: Sequence[FactsLine]) -> Iterator[str]:
    """What stands beside a contender's row, each part with a word that says what it is."""
    if result.band:
        yield f"band {result.band}"
    if result.interval is not None:
        yield f"95 % {shown(result.interval[0])} .. {shown(result.interval[1])}"
    own = [each for each in facts if each.contender == result.name]
    if own:
        yield f"all facts in {sum(each.right for each in own):,} of {sum(each.answers for each in own):,} answers"
    scored = [each for each in result.questions if each.samples]
    learned = sum(each.in_training is True for each in scored)
    if learned:
        yield f"{MEMORISED} trained on {learned:,} of {len(scored):,} questions"
    flags = ", ".join(f"{name} {count}" for name, count in result.flags.items() if count)
    yield f"{look.FLAG_SIGN} {flags}" if flags else "no flags"


def _held_together(parts: Iterable[str], room: int) -> str:
    """The parts with a dot between them, on as many lines as they take: one that fits on a line isn't broken."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(f"{lines[-1]} · {part}") <= room:
            lines[-1] += f" · {part}"
        else:
            lines.append(part)
    return "\n".join(lines)


def _columns_that_fit(
    rubric: Rubric, ranked: Sequence[ContenderResult], means: Table, width: int
) -> tuple[Table, _Heads | None]:
    """Names and scores, and the heads that fit beside them; the names are cut before the dimensions go."""
    for most in NAMES:
        left = [[contender(each.name, most), score_text(each.score, rubric)] for each in ranked]
        heads = _heads_that_fit(rubric, left, means, width)
        if heads is not None:
            return left, heads
    return [[contender(each.name), score_text(each.score, rubric)] for each in ranked], None


def _heads_that_fit(rubric: Rubric, left: Table, right: Table, width: int) -> _Heads | None:
    """The heads with the most to tell that fit: names beside the ids before names under them, with a bar or else
    without; None where no table with dimensions fits."""
    ids = tuple(show_line(each.id, NAME) for each in rubric.dimensions)
    words = tuple(_words(each) for each in rubric.dimensions)
    first, second = (tuple(each[place] for each in words) for place in (0, 1))
    beside = tuple(f"{name} {word}".rstrip() for name, word in zip(ids, first, strict=True))
    more = (second,) if any(second) else ()
    below = (ids, first) if any(first) else (ids,)
    for bar in (True, False):
        for lines in ((beside, *more), (*below, *more), below):
            named = tuple((*names, "n" if not place else "") for place, names in enumerate(lines))
            used = sum(widths_of([["contender", "score"], *left])) + sum(widths_of([*named, *right]))
            room = width - used - 2 * (len(ids) + 3)
            if bar and room - 2 >= BAR_LEAST:
                return _Heads(named, min(room - 2, BAR_MOST))
            if not bar and room >= 0:
                return _Heads(named, 0)
    return None


def _words(dimension: Dimension) -> tuple[str, str]:
    """The two words that name a dimension in a table, one below the other; empty where its id says them."""
    first, second, *_ = [*show_line(dimension.name, 60).split(), "", ""]
    named = first.casefold() == dimension.id.casefold()
    return "" if named else fit(first, WORD), fit(second, WORD)


def _bar_room(left: Table, width: int) -> int:
    used = sum(widths_of([["contender", "score"], *left])) + 2 * 4 + len("n") + 2
    return min(max(width - used, BAR_LEAST), BAR_MOST)


def _rows(heads: _Heads, ranked: Sequence[ContenderResult], left: Table, right: Table) -> Iterator[Strip]:
    lefts, rights = widths_of([["contender", "score"], *left]), widths_of([*heads.lines, *right])
    for place, names in enumerate(heads.lines):
        first = cells_of(["contender", "score"] if not place else ["", ""], lefts, 1)
        between = f"  {_ruler(heads.bar) if not place else ' ' * heads.bar}" if heads.bar else ""
        style = look.BOLD if not place else look.DIM
        yield line((f"  {first}{between}  {cells_of(names, rights, 0)}", style))
    for result, before, after in zip(ranked, left, right, strict=True):
        bar = f"  {_bar(result.score, result.interval, heads.bar)}" if heads.bar else ""
        yield Strip(
            [
                Segment(f"  {cells_of(before, lefts, 1)}"),
                Segment(f"{bar}  ", look.PLAIN),
                Segment(cells_of(after, rights, 0)),
            ]
        )


def _ruler(width: int) -> str:
    """The even points from 0 to 10, each above its cell."""
    cells = [" "] * (width + 1)
    for point in range(0, TOP + 1, 2):
        text = str(point)
        at = min(round(point / TOP * (width - 1)), width - len(text))
        cells[at : at + len(text)] = text
    return "".join(cells[:width])


def _bar(score: float | None, interval: Interval | None, width: int) -> str:
    """A score on its scale with its interval: `···├──●──┤···`; the dot alone where there is none."""
    if score is None:
        return " " * width
    cells = [NOTHING] * width
    if interval is not None:
        low, high = (_place(end, width) for end in interval)
        cells[low : high + 1] = look.RULE * (high + 1 - low)
        cells[low], cells[high] = "├", "┤"
    cells[_place(score, width)] = "●"
    return "".join(cells)


def _place(score: float, width: int) -> int:
    return round(max(0.0, min(score, TOP)) / TOP * (width - 1))


def score_text(score: float | None, rubric: Rubric) -> str:
    """A score as the rubric rounds it; `·` for none."""
    return NOTHING if score is None else shown(score, rubric.round)


def _means(result: ContenderResult, rubric: Rubric) -> list[str]:
    names = [each.id for each in rubric.dimensions]
    return [shown(result.dimensions[name]) if name in result.dimensions else NOTHING for name in names]
