"""From levels to a score between 0 and 10, and whether a stated figure can be one.

The score of an answer is 10 x the weighted levels' share of the highest possible, over the dimensions that apply:
sum(w (level - lowest)) / sum(w (highest - lowest)); on the usual scale from 0 that is 10 x points / possible points.
Gates cap it. Nothing is rounded but for display, half away from zero: 29 of 64 points are 4.53125, shown as 4.53.

Whether a rounded figure can come from whole numbers is the GRIM test (Brown & Heathers 2017, "The GRIM test", Social
Psychological and Personality Science 8(4)).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.rubrics import TOP
from molting_tui.records.evaluation import Gate, Rubric

_NOISE = 9
"""Digits that sums of floats are trusted for: 2.8499999999999996 is 2.85."""


def score_of_levels(rubric: Rubric, levels: Mapping[str, int | None]) -> float | None:
    """The score (0-10) of one answer from its levels by dimension id; None as a level is "not applicable".

    None if a dimension isn't rated yet, or none applies.
    """
    if not rubric.whole(levels):
        return None
    applying = {name: level for name, level in levels.items() if level is not None and rubric.dimension(name)}
    if not applying:
        return None
    score = _share(rubric, applying) * TOP
    return min([score, *(gate.cap for gate in closed_gates(rubric, levels))])


def closed_gates(rubric: Rubric, levels: Mapping[str, int | None]) -> tuple[Gate, ...]:
    """The gates in force that these levels meet."""
    return tuple(gate for gate in rubric.gates if gate.enabled and _meets(gate, levels.get(gate.when[0])))


def possible_points(rubric: Rubric, answers: int) -> int:
    """How many whole points so many answers can get, where every dimension applies and weighs the same."""
    return answers * len(rubric.dimensions) * (rubric.scale[-1] - rubric.scale[0])


def score_of_means(rubric: Rubric, means: Mapping[str, float]) -> float:
    """The score (0-10) that means of the dimensions give, for a table that shows no single answers.

    It is the mean of the answers' scores where every dimension applied to every answer and no gate capped one.
    Raises BadInput for a dimension that is missing or isn't the rubric's, and for a mean outside the scale.
    """
    named: dict[str, float] = {}
    for name, mean in means.items():
        dimension = rubric.dimension(name)
        if dimension is None:
            raise BadInput(f"`{name}` isn't a dimension of {rubric.id}.", fix=f"They are: {_ids(rubric)}.")
        if not rubric.scale[0] <= mean <= rubric.scale[-1]:
            raise BadInput(
                f"{dimension.id} can't have a mean of {mean:g}.",
                fix=f"The scale goes from {rubric.scale[0]} to {rubric.scale[-1]}.",
            )
        named[dimension.id] = mean
    missing = [dimension.id for dimension in rubric.dimensions if dimension.id not in named]
    if missing:
        raise BadInput(f"no mean is given for {', '.join(missing)}.", fix=f"{rubric.id} has {_ids(rubric)}.")
    return _share(rubric, named) * TOP


def points(rubric: Rubric, levels: Mapping[str, int | None]) -> tuple[int, int]:
    """Points given and points possible (levels as they stand, unweighted), over the rated dimensions that apply."""
    given = [level for level in levels.values() if level is not None]
    return sum(given), len(given) * rubric.scale[-1]


def shown(score: float, digits: int = 2) -> str:
    """A figure as people read it, rounded half away from zero: 4.53125 is 4.53, 2.875 is 2.88."""
    exact = Decimal(repr(round(score, _NOISE)))
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def counted(count: float) -> str:
    """A count of answers or points that several raters may share: 29, 28.5, 0.33."""
    return shown(count).rstrip("0").rstrip(".")


class Fit(NamedTuple):
    """Whether a stated figure can be a multiple of `unit`.

    `kind` is `exact`, `rounded` (the multiple nearest to it is shown so with its digits), `half-even` or `half-down`
    (only if 8.25 was rounded to 8.2 that way), or `no`. `nearest` are the multiples around it, one where it is exact;
    `fitting` those of them that are shown as it stands.
    """

    kind: Literal["exact", "rounded", "half-even", "half-down", "no"]
    stated: Decimal
    unit: Fraction
    nearest: tuple[Fraction, ...]
    fitting: tuple[Fraction, ...]


_ROUNDINGS: tuple[tuple[Literal["rounded", "half-even", "half-down"], str], ...] = (
    ("rounded", ROUND_HALF_UP),
    ("half-even", ROUND_HALF_EVEN),
    ("half-down", ROUND_HALF_DOWN),
)


def fit_of_mean(stated: str, answers: int, scale: tuple[int, ...]) -> Fit:
    """Whether a mean as it is written (its digits count) can be that of so many whole levels.

    0.6 isn't the mean of 8 levels, but 5/8 = 0.625 is shown as 0.6 with one digit: `rounded`; 0.60 can't be: `no`.
    Raises BadInput for text that isn't a number or lies outside the scale, and for no answers.
    """
    return _fit(stated, Fraction(1, _some(answers)), Fraction(scale[0]), Fraction(scale[-1]))


def fit_of_score(stated: str, possible: int) -> Fit:
    """Whether a score out of 10, as it is written, can be whole points out of so many `possible` ones.

    7.4 can't be of 64 points (47 are 7.34, 48 are 7.5); 8.2 can't be either, and is of 80 only by rounding half to
    even (66 are 8.25). Raises BadInput as `fit_of_mean` does.
    """
    return _fit(stated, Fraction(int(TOP), _some(possible)), Fraction(0), Fraction(int(TOP)))


def _fit(stated: str, unit: Fraction, low: Fraction, high: Fraction) -> Fit:
    figure = decimal(stated)
    if not low <= figure <= high:
        raise BadInput(f"`{stated}` is outside the scale.", fix=f"It goes from {float(low):g} to {float(high):g}.")
    below = math.floor(Fraction(figure) / unit)
    nearest = tuple(multiple for count in (below, below + 1) if low <= (multiple := count * unit) <= high)
    if Fraction(figure) in nearest:
        return Fit("exact", figure, unit, (Fraction(figure),), (Fraction(figure),))
    for kind, rounding in _ROUNDINGS:
        fitting = tuple(multiple for multiple in nearest if _rounded(multiple, figure, rounding) == figure)
        if fitting:
            return Fit(kind, figure, unit, nearest, fitting)
    return Fit("no", figure, unit, nearest, ())


def decimal(stated: str) -> Decimal:
    """A figure as it is written, with its digits. Raises BadInput for anything but a plain decimal number."""
    text = stated.strip()
    if not text.replace(".", "", 1).removeprefix("-").isdecimal() or not text.isascii() or len(text) > 20:
        raise BadInput(f"`{stated}` isn't a number.", fix="Write it like 0.6 or 8.25.")
    return Decimal(text)


def _rounded(multiple: Fraction, like: Decimal, rounding: str) -> Decimal:
    """The multiple with as many digits as `like`."""
    return (Decimal(multiple.numerator) / Decimal(multiple.denominator)).quantize(like, rounding)


def _share(rubric: Rubric, levels: Mapping[str, float]) -> float:
    low, high = rubric.scale[0], rubric.scale[-1]
    terms = list(_terms(rubric, levels))
    return math.fsum(weight * (level - low) for weight, level in terms) / math.fsum(
        weight * (high - low) for weight, _ in terms
    )


def _terms(rubric: Rubric, levels: Mapping[str, float]) -> Iterator[tuple[float, float]]:
    for dimension in rubric.dimensions:
        if dimension.id in levels:
            yield dimension.weight, levels[dimension.id]


def _meets(gate: Gate, level: int | None) -> bool:
    _, operator, limit = gate.when
    if level is None:
        return False
    return level == limit if operator == "==" else level <= limit if operator == "<=" else level >= limit


def _some(count: int) -> int:
    if count < 1:
        raise BadInput("there must be one or more.", fix="Say how many answers were scored.")
    return count


def _ids(rubric: Rubric) -> str:
    return ", ".join(dimension.id for dimension in rubric.dimensions)
