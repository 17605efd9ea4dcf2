"""How far levels agree: several raters on one answer, and one rater with themselves where an answer was repeated
unknown to them. Ordinal alpha, dimension by dimension: pooled, dimensions that differ would pass for agreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from molting_tui.evaluation.results.agreement_sheets import repeated_sheets, shared_answers
from molting_tui.evaluation.results.averages import Levels, RatedAnswer
from molting_tui.evaluation.scoring.points import shown
from molting_tui.evaluation.statistics.agreement import FEWEST_REPEATS, krippendorff_alpha
from molting_tui.records.evaluation import Rubric
from molting_tui.records.verdicts import Agreement, Claim
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

RATERS = "other raters"


def agreements(workspace: Workspace, rubric: Rubric, rated: Sequence[RatedAnswer]) -> tuple[Agreement, ...]:
    """How far several raters agree, and each rater with their own hidden repeats, where there are any of these."""
    between: dict[str, list[Sequence[Levels]]] = defaultdict(list)
    for shared in shared_answers(rubric, rated):
        between["raters"].append(tuple(shared.sheets.values()))
    for repeat in repeated_sheets(workspace, rubric, rated):
        between[f"{show_line(repeat.rater, 40)}'s repeats"].append((repeat.first, repeat.again))
    return tuple(_agreement(name, rubric, sheets) for name, sheets in between.items())


def _agreement(between: str, rubric: Rubric, sheets: Sequence[Sequence[Levels]]) -> Agreement:
    """The alpha of each dimension over answers with several sheets; none of fewer than 16 answers."""
    alphas: dict[str, float | None] = {}
    for dimension in rubric.dimensions:
        units = [[sheet.get(dimension.id) for sheet in of] for of in sheets]
        alphas[dimension.id] = krippendorff_alpha(units) if len(sheets) >= FEWEST_REPEATS else None
    return Agreement(between, len(sheets), alphas)


def agreement_sentence(agreement: Agreement) -> str:
    """`Agreement of raters over 24 answers (ordinal alpha): D1 .81, D2 .40.`"""
    head = f"Agreement of {agreement.between} over {plural(agreement.answers, 'answer')}"
    if agreement.answers < FEWEST_REPEATS:
        return f"{head}: fewer than {FEWEST_REPEATS} say nothing."
    alphas = ", ".join(f"{show_line(name, 14)} {_alpha(value)}" for name, value in agreement.alpha.items())
    return f"{head} (ordinal alpha): {alphas}."


def claim_of_raters(raters: int) -> Claim:
    """What may be said of other raters: nothing where one alone has rated."""
    if raters > 1:
        return Claim(RATERS, f"{raters} people have rated these; how far they agree stands below.")
    return Claim(RATERS, "one person has rated these: nothing is said of what others would.")


def _alpha(value: float | None) -> str:
    return "no figure, for all levels are one" if value is None else shown(value).replace("0.", ".", 1)
