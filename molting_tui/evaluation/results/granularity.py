"""Figures out of a report: the score that its dimension means give, and whether they can be means of whole levels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.points import (
    Fit,
    decimal,
    fit_of_mean,
    fit_of_score,
    possible_points,
    score_of_means,
    shown,
)
from molting_tui.records.evaluation import Dimension, Rubric

_POINTS = re.compile(r"(\d{1,9})/(\d{1,9})")
_ROUNDING = {"half-even": ", only if half is rounded to even", "half-down": ", only if half is rounded down"}


@dataclass(frozen=True, slots=True)
class ReportedMean:
    """One dimension's mean as it was `written` (`0.6`, or `5/8`: points and answers).

    `fit` is None where no number of answers is known.
    """

    dimension: Dimension
    written: str
    mean: Fraction
    fit: Fit | None

    @property
    def sentence(self) -> str:
        """What the number of answers says of it; empty where it isn't known."""
        return _of_mean(self.fit) if self.fit else ""


@dataclass(frozen=True, slots=True)
class Reported:
    """A report's figures under a rubric.

    `score` (0-10) is what the means give as they are written, `whole` what they give as the whole points that are
    shown so: (score, points, possible points), None where a mean can't be or could be several. `stated_fit` judges a
    score that was stated. `notes` are sentences about what can't be seen from means.
    """

    rubric: Rubric
    means: tuple[ReportedMean, ...]
    score: float | None
    whole: tuple[float, int, int] | None
    stated_fit: Fit | None
    notes: tuple[str, ...]

    @property
    def stated_sentence(self) -> str:
        """What the number of answers says of the stated score; empty where none is stated."""
        return _of_score(self.stated_fit) if self.stated_fit else ""


def read_reported(rubric: Rubric, means: Sequence[str], answers: int | None = None, stated: str = "") -> Reported:
    """The figures of a report, each mean as `D1=0.6` or `D1=5/8`; `stated` is a score out of 10.

    Raises BadInput for a figure that isn't one, a dimension that is unknown, missing or given twice, and a mean
    outside the scale.
    """
    given = _means(rubric, means, answers)
    score = score_of_means(rubric, {mean.dimension.id: float(mean.mean) for mean in given}) if means else None
    return Reported(
        rubric=rubric,
        means=given,
        score=score,
        whole=_whole(rubric, given, answers),
        stated_fit=_stated(rubric, answers, stated) if stated and answers else None,
        notes=tuple(_notes(rubric, bool(means), answers, stated)),
    )


def absent_sentence(rubric: Rubric, answers: int, stated: str) -> str:
    """What cells that didn't apply change for a score that whole sheets of so many answers can't give: the fewest such
    cells with which it could be. Empty where whole sheets give it, or where up to one cell an answer doesn't help."""
    if not _weighs_evenly(rubric) or fit_of_score(stated, possible_points(rubric, answers)).kind != "no":
        return ""
    possible, cell = possible_points(rubric, answers), rubric.scale[-1] - rubric.scale[0]
    for cells in range(1, answers + 1):
        fit = fit_of_score(stated, max(possible - cells * cell, cell))
        if fit.kind != "no":
            left_out = "1 cell" if cells == 1 else f"{cells} cells"
            return f"With {left_out} not applicable it could be: {_of_score(fit)}"
    return ""


def _means(rubric: Rubric, means: Sequence[str], answers: int | None) -> tuple[ReportedMean, ...]:
    by_id: dict[str, ReportedMean] = {}
    for mean in means:
        name, sign, written = (part.strip() for part in mean.partition("="))
        dimension = rubric.dimension(name)
        if not sign or not written:
            raise BadInput(f"`{mean}` isn't a mean.", fix=f"Write it like {rubric.dimensions[0].id}=0.6.")
        if dimension is None:
            known = ", ".join(each.id for each in rubric.dimensions)
            raise BadInput(f"`{name}` isn't a dimension of {rubric.id}.", fix=f"They are: {known}.")
        if dimension.id in by_id:
            raise BadInput(f"{dimension.id} is given twice.", fix="Give one mean for each dimension.")
        by_id[dimension.id] = _mean(rubric, dimension, written, answers)
    return tuple(by_id[each.id] for each in rubric.dimensions if each.id in by_id)


def _mean(rubric: Rubric, dimension: Dimension, written: str, answers: int | None) -> ReportedMean:
    points = _POINTS.fullmatch(written)
    if points is None:
        fit = fit_of_mean(written, answers, rubric.scale) if answers else None
        return ReportedMean(dimension, written, Fraction(decimal(written)), fit)
    if not int(points[2]):
        raise BadInput(f"{dimension.id} can't have a mean of no answers.", fix="Write points and answers, like 5/8.")
    if answers is not None and int(points[2]) != answers:
        raise BadInput(f"`{dimension.id}={written}` isn't of {answers} answers.", fix="Let both say the same number.")
    mean, unit = Fraction(int(points[1]), int(points[2])), Fraction(1, int(points[2]))
    figure = Decimal(mean.numerator) / Decimal(mean.denominator)
    return ReportedMean(dimension, written, mean, Fit("exact", figure, unit, (mean,), (mean,)))


def _whole(rubric: Rubric, means: Sequence[ReportedMean], answers: int | None) -> tuple[float, int, int] | None:
    fitting = {mean.dimension.id: mean.fit.fitting for mean in means if mean.fit is not None}
    if (
        answers is None
        or not _weighs_evenly(rubric)
        or len(fitting) < len(rubric.dimensions)
        or any(len(each) != 1 for each in fitting.values())
    ):
        return None
    exact = {name: multiples[0] for name, multiples in fitting.items()}
    points = sum(int((mean - rubric.scale[0]) * answers) for mean in exact.values())
    score = score_of_means(rubric, {name: float(mean) for name, mean in exact.items()})
    return score, points, possible_points(rubric, answers)


def _stated(rubric: Rubric, answers: int, stated: str) -> Fit:
    if not _weighs_evenly(rubric):
        raise BadInput(
            f"{rubric.id} weighs its dimensions unequally, so its scores aren't whole points.",
            fix="Leave --stated out.",
        )
    return fit_of_score(stated, possible_points(rubric, answers))


def _weighs_evenly(rubric: Rubric) -> bool:
    return len({dimension.weight for dimension in rubric.dimensions}) == 1


def _notes(rubric: Rubric, means: bool, answers: int | None, stated: str) -> Iterator[str]:
    if stated and answers and (absent := absent_sentence(rubric, answers, stated)):
        yield absent
    capping = [gate.id for gate in rubric.gates if gate.enabled]
    if capping and means:
        yield f"The gates of {rubric.id} ({', '.join(capping)}) can't be seen in means: the score may be lower."


def _of_mean(fit: Fit) -> str:
    answers = fit.unit.denominator
    if fit.kind == "exact":
        return f"{_count(fit.fitting[0], fit)} over {answers} answers"
    if fit.kind == "no":
        near = ", ".join(f"{_count(multiple, fit)} are {_figure(multiple)}" for multiple in fit.nearest)
        return f"can't be the mean of {answers} whole levels: {near}"
    shown_so = f"{_count(fit.fitting[0], fit)} over {answers} answers are {_figure(fit.fitting[0])}"
    return f"only rounded{_ROUNDING.get(fit.kind, '')}: {shown_so}"


def _of_score(fit: Fit) -> str:
    possible = int(10 / fit.unit)
    if fit.kind == "no":
        near = ", ".join(f"{_count(multiple, fit)} are {_figure(multiple)}" for multiple in fit.nearest)
        return f"{fit.stated} can't be whole points of {possible}: {near}."
    rounded = "" if fit.kind == "exact" else f" ({_figure(fit.fitting[0])}){_ROUNDING.get(fit.kind, '')}"
    return f"{fit.stated} is {_count(fit.fitting[0], fit)} of {possible} points{rounded}."


def _count(multiple: Fraction, fit: Fit) -> int:
    return int(multiple / fit.unit)


def _figure(multiple: Fraction) -> str:
    return shown(float(multiple), 3).rstrip("0").rstrip(".")
