"""Whether raters, or a rater twice, say the same: Krippendorff's alpha, weighted kappa, hidden repeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import accumulate
from math import sqrt
from statistics import fmean
from typing import Literal, NamedTuple

from molting_tui.evaluation.statistics.paired import FEWEST_CLUSTERS
from molting_tui.evaluation.statistics.proportions import korn_graubard
from molting_tui.evaluation.statistics.student import critical_t

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
Unit = Sequence[float | None]
"""What each rater gave one thing rated; None where a rater gave nothing. Who gave what makes no difference."""
Distance = Callable[[float, float], float]

FEWEST_REPEATS = 16
"""Hidden repeats from which on agreement is a figure: of five repeats, .74 spreads from .41 to .92."""


class Agreement(NamedTuple):
    """Krippendorff's `alpha` (1: as one, 0: as by chance, below: against each other) over `units` with two values or
    more, and its interval over clusters where there are enough of them."""

    alpha: float
    units: int
    low: float | None
    high: float | None


class RepeatsAgreement(NamedTuple):
    """How often a rater said the same again over `repeats` answers, with the interval of that share."""

    repeats: int
    share: float
    low: float
    high: float


def krippendorff_alpha(units: Sequence[Unit], scale: Scale = "ordinal") -> float | None:
    """Krippendorff's alpha (2011, Computing Krippendorff's Alpha-Reliability) of units with gaps: 1 - observed /
    expected disagreement over the coincidences of values. None where nothing has two values, or all values are
    alike: then there is nothing that raters could have disagreed on."""
    rated = [there for unit in units if len(there := [value for value in unit if value is not None]) > 1]
    counts: dict[float, int] = defaultdict(int)
    for there in rated:
        for value in there:
            counts[value] += 1
    if len(counts) < 2:
        return None
    values, total = sorted(counts), sum(counts.values())
    distance = _distance(scale, counts)
    observed = sum(
        2
        * sum(distance(value, other) for place, value in enumerate(there) for other in there[:place])
        / (len(there) - 1)
        for there in rated
    )
    expected = 2 * sum(
        counts[value] * counts[other] * distance(value, other)
        for place, value in enumerate(values)
        for other in values[:place]
    )
    return 1 - (total - 1) * observed / expected


def alpha_by_cluster(
    by_cluster: Mapping[Hashable, Sequence[Unit]], scale: Scale = "ordinal", confidence: float = 0.95
) -> Agreement | None:
    """Alpha over all units, with an interval over the clusters that they hang together by (the fact asked): the
    delete-one jackknife's standard error with t of clusters - 1 (Efron and Tibshirani 1993, chapter 11), cut at 1.
    No interval below six clusters, or where leaving one out changes nothing; None where alpha is none."""
    units = [unit for cluster in by_cluster.values() for unit in cluster]
    alpha = krippendorff_alpha(units, scale)
    if alpha is None:
        return None
    counted = sum(sum(value is not None for value in unit) > 1 for unit in units)
    without = [
        krippendorff_alpha([unit for name, cluster in by_cluster.items() if name != left for unit in cluster], scale)
        for left in by_cluster
    ]
    known = [each for each in without if each is not None]
    if len(known) < FEWEST_CLUSTERS or len(known) < len(without):
        return Agreement(alpha, counted, None, None)
    middle = fmean(known)
    error = sqrt((len(known) - 1) / len(known) * sum((each - middle) ** 2 for each in known))
    if error < 1e-12:
        return Agreement(alpha, counted, None, None)
    reach = critical_t(confidence, len(known) - 1) * error
    return Agreement(alpha, counted, alpha - reach, min(1.0, alpha + reach))


def weighted_kappa(table: Sequence[Sequence[float]], weights: Literal["none", "linear", "quadratic"]) -> float | None:
    """Cohen's kappa (1968) of a square table of counts, the first rater's levels down and the second's across. None for
    an empty table, and where chance alone would make them agree."""
    size, total = len(table), sum(map(sum, table))
    if not total:
        return None
    power = {"none": 0, "linear": 1, "quadratic": 2}[weights]
    down = [sum(row) for row in table]
    across = [sum(row[column] for row in table) for column in range(size)]
    apart = [[abs(i - j) ** power if i != j else 0 for j in range(size)] for i in range(size)]
    expected = sum(apart[i][j] * down[i] * across[j] / total for i in range(size) for j in range(size))
    observed = sum(apart[i][j] * table[i][j] for i in range(size) for j in range(size))
    return 1 - observed / expected if expected else None


def repeats_agreement(
    repeats: Sequence[Sequence[tuple[float, float]]], confidence: float = 0.95
) -> RepeatsAgreement | None:
    """How often the same was said again: for each answer that came twice, (first, second) of each of its dimensions, or
    of its one vote. The interval counts answers, not dimensions. None below 16 repeats: no figure."""
    same_of = [(sum(first == second for first, second in repeat), len(repeat)) for repeat in repeats if repeat]
    share = korn_graubard(same_of, confidence) if len(same_of) >= FEWEST_REPEATS else None
    return share and RepeatsAgreement(len(same_of), share.rate, share.low, share.high)


def _distance(scale: Scale, counts: Mapping[float, int]) -> Distance:
    """The squared difference of two values on this scale; the ordinal one depends on how often each value came."""
    if scale == "nominal":
        return lambda value, other: float(value != other)
    if scale == "interval":
        return lambda value, other: (value - other) ** 2
    if scale == "ratio":
        return lambda value, other: ((value - other) / (value + other)) ** 2 if value != other else 0.0
    values = sorted(counts)
    up_to = dict(zip(values, accumulate(counts[value] for value in values), strict=True))
    middle = {value: up_to[value] - counts[value] / 2 for value in values}
    # From the middle of one value's ranks to the middle of the other's.
    return lambda value, other: (middle[value] - middle[other]) ** 2
