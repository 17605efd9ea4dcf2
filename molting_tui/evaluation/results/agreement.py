"""How far levels agree: several raters on one answer, and one rater with themselves where an answer was repeated
unknown to them. Ordinal alpha, dimension by dimension: pooled, dimensions that differ would pass for agreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from molting_tui.evaluation.results.agreement_sheets import repeated_sheets, shared_answers
from molting_tui.evaluation.results.averages import Levels, RatedAnswer
from molting_tui.evaluation.results.verdict_words import MINUS
from molting_tui.evaluation.scoring.points import shown
from molting_tui.evaluation.statistics.agreement import FEWEST_REPEATS, alpha_by_cluster
from molting_tui.records.evaluation import Rubric
from molting_tui.records.verdicts import Agreement, Claim, Interval
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

RATERS = "other raters"


def agreements(workspace: Workspace, rubric: Rubric, rated: Sequence[RatedAnswer]) -> tuple[Agreement, ...]:
    """How far several raters agree, and each rater with their own hidden repeats, where there are any of these."""
    fact_of = {each.answer.uuid: each.answer.question.fact_asked for each in rated}
    between: dict[str, list[_Sheets]] = defaultdict(list)
    for shared in shared_answers(rubric, rated):
        between["raters"].append(_Sheets(fact_of[shared.answer], tuple(shared.sheets.values())))
    for repeat in repeated_sheets(workspace, rubric, rated):
        sheets = _Sheets(fact_of[repeat.answer], (repeat.first, repeat.again))
        between[f"{show_line(repeat.rater, 40)}'s repeats"].append(sheets)
    return tuple(_agreement(name, rubric, sheets) for name, sheets in between.items())


class _Sheets(NamedTuple):
    """The sheets that one answer was given, and the fact that it was asked."""

    fact: str
    sheets: tuple[Levels, ...]


def _agreement(between: str, rubric: Rubric, answers: Sequence[_Sheets]) -> Agreement:
    """The alpha of each dimension over answers with several sheets; none of fewer than 16 answers."""
    alphas: dict[str, float | None] = {}
    intervals: dict[str, Interval | None] = {}
    for dimension in rubric.dimensions:
        by_fact: dict[str, list[list[int | None]]] = defaultdict(list)
        for each in answers:
            by_fact[each.fact].append([sheet.get(dimension.id) for sheet in each.sheets])
        known = alpha_by_cluster(by_fact) if len(answers) >= FEWEST_REPEATS else None
        alphas[dimension.id] = known and known.alpha
        intervals[dimension.id] = known and known.interval
    return Agreement(between, len(answers), alphas, intervals)


def agreement_sentence(agreement: Agreement) -> str:
    """`Agreement of raters over 24 answers (ordinal alpha): D1 .81 (.55 .. 1), D2 .40 (−.12 .. .92).`"""
    head = f"Agreement of {agreement.between} over {plural(agreement.answers, 'answer')}"
    if agreement.answers < FEWEST_REPEATS:
        return f"{head}: fewer than {FEWEST_REPEATS} say nothing."
    alphas = ", ".join(
        f"{show_line(name, 14)} {_alpha(value, agreement.interval[name])}" for name, value in agreement.alpha.items()
    )
    return f"{head} (ordinal alpha): {alphas}."


def claim_of_raters(raters: int) -> Claim:
    """What may be said of other raters: nothing where one alone has rated."""
    if raters > 1:
        return Claim(RATERS, f"{raters} people have rated these; how far they agree stands below.")
    return Claim(RATERS, "one person has rated these: nothing is said of what others would.")


def _alpha(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "no figure, for all levels are one"
    between = f" ({_bare(interval[0])} .. {_bare(interval[1])})" if interval else ""
    return f"{_bare(value)}{between}"


def _bare(value: float) -> str:
    """A figure of at most 1 without its leading 0: `.81`, `−.12`, `1`."""
    text = shown(abs(value)).removeprefix("0").replace("1.00", "1")
    return f"{MINUS}{text}" if text != ".00" and value < 0 else text
