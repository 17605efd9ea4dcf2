"""A verdict as lines: its words and the plain sentence first, the fact that it hangs on; then dimension by dimension
and fact by fact, and what limits it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.strip import Strip

from molting_tui.evaluation.results.looks import sentence as look_sentence
from molting_tui.evaluation.results.verdict_words import left_out_sentence, p_value, sentence, signed, title
from molting_tui.evaluation.scoring.points import shown
from molting_tui.records.evaluation import ContenderResult, Results
from molting_tui.records.verdicts import FactScores, Verdict
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.results.tables import contender, heading, table

DIMENSION = 30
"""Cells of the longest dimension's name in a table."""
HALF = 10
"""Cells of the longest bar to either side of no difference."""
MOST_POINTS = 10
"""Points that the longest bar stands for."""


def verdict_lines(verdict: Verdict, width: int) -> Iterator[Strip]:
    """The verdict, what may be said, and the facts without which it would be another."""
    yield line((fit(f"  {title(verdict)}", width), look.TITLE))
    yield from paragraphs(sentence(verdict), width - 1, indent=2)
    for place, left_out in enumerate(verdict.without):
        key = "; h opens both answers" if not place else ""
        yield from hanging(f"  {look.FLAG_SIGN} ", look.FLAG_MARK, f"{left_out_sentence(left_out)}{key}", width)


def battle_lines(verdict: Verdict, width: int) -> Iterator[Strip]:
    """What the blind battles of the two came to; nothing where there were none."""
    if verdict.battles:
        yield from heading("Battles", width)
        yield from paragraphs(" ".join(verdict.battles), width - 1, indent=2)


def limit_lines(verdict: Verdict, width: int) -> Iterator[Strip]:
    """By which test, what is claimed of what else, what was left out."""
    limits = list(_limits(verdict))
    if limits:
        yield from heading(f"{_names(verdict)}: how far that goes", width)
        for limit in limits:
            yield from hanging("  · ", look.PLAIN, limit, width)


def _limits(verdict: Verdict) -> Iterator[str]:
    if verdict.plan:
        yield look_sentence(verdict.plan, verdict.look)
    if figures := verdict.figures:
        holm = f", by Holm {p_value(verdict.p_holm)}" if verdict.p_holm is not None else ""
        yield (
            f"p = {p_value(figures.p)} by the paired t test ({figures.df} degrees of freedom), "
            f"{p_value(figures.p_signflip)} by the sign-flip{holm}."
        )
    if verdict.differing:
        yield f"They differ besides in: {', '.join(verdict.differing)}."
    yield from verdict.reasons
    yield from (f"Of {claim.of}: {claim.sentence}" for claim in verdict.claims)


def profile_lines(verdict: Verdict, results: Results, width: int) -> Iterator[Strip]:
    """One against the other, dimension by dimension; nothing where one of them has no scores."""
    sides = [next((each for each in results.contenders if each.name == name), None) for name in (verdict.a, verdict.b)]
    a, b = sides
    if a is None or b is None:
        return
    rows = [
        _row(f"{each.id} {each.name}", _mean(a, each.id), _mean(b, each.id), results.rubric.scale[-1])
        for each in results.rubric.dimensions
        if each.id in a.dimensions and each.id in b.dimensions
    ]
    if rows:
        yield from heading("One against the other", width, f"mean levels of {results.rubric.scale[-1]}")
        yield from _differences(verdict, rows, width)


def by_difference(facts: Sequence[FactScores]) -> list[FactScores]:
    """The facts, the largest difference first."""
    return sorted(facts, key=lambda fact: (-abs(fact.difference), fact.cluster))


def _mean(side: ContenderResult, dimension: str) -> float:
    return side.dimensions[dimension]


def _row(name: str, a: float, b: float, most: float) -> tuple[list[str], float]:
    """The cells of a row, and how far its bar goes: -1 to 1."""
    return [fit(show_line(name, DIMENSION), DIMENSION), shown(a), shown(b), signed(a - b)], (a - b) / most


def _differences(verdict: Verdict, rows: Sequence[tuple[list[str], float]], width: int) -> Iterator[Strip]:
    """A row each with both figures and, where there is room, a bar to the side of the better one."""
    head = ["", contender(verdict.a), contender(verdict.b), "difference"]
    listed = [cells for cells, _ in rows]
    plain = 2 + sum(max(map(cell_len, column)) for column in zip(head, *listed, strict=True)) + 6
    if plain + 2 + 2 * HALF + 1 <= width:
        head = [*head, f"{'◂ second':<{HALF}} {'first ▸':>{HALF}}"]
        listed = [[*cells, difference_bar(share)] for cells, share in rows]
    yield from table(head, listed, width)


def difference_bar(share: float) -> str:
    """A bar to the right of the middle for a difference above 0, to the left for one below; -1 to 1."""
    cells = min(HALF, max(1, round(abs(share) * HALF))) if share else 0
    left, right = ("━" * cells, "") if share < 0 else ("", "━" * cells)
    return f"{left:·>{HALF}}┃{right:·<{HALF}}"


def summary(verdict: Verdict) -> str:
    """The one figure above: who against whom, on how many facts."""
    return f"{_names(verdict)} · {plural(len(verdict.facts), 'fact')}"


def _names(verdict: Verdict) -> str:
    return f"{show_line(verdict.a, 24)} against {show_line(verdict.b, 24)}"
