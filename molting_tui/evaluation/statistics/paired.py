"""Differences of two versions, a number a fact asked: paired t, sign-flip, what so few can show, equivalence."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import TYPE_CHECKING, NamedTuple

from molting_tui.evaluation.statistics.student import critical_t, rejection_chance, two_sided_p

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FEWEST_CLUSTERS = 6
"""Facts from which on a difference has an interval: below, the t interval rests on normality that nobody can check, and
the exact sign-flip can't reach .05."""
MOST_CLUSTERS = 1_000_000
DRAWS = 100_000
_MOST_SUMS = 1 << 19
_QUADRATURE = 2000


class MeanInterval(NamedTuple):
    """A mean of `n` values with its t interval; `sd` has the divisor n - 1."""

    mean: float
    sd: float
    n: int
    df: int
    low: float
    high: float
    confidence: float


class PairedT(NamedTuple):
    """A paired t test over `n` differences: their `mean` and `sd` (divisor n - 1), `t` with `df` = n - 1, two-sided
    `p`, and the interval of the mean at `confidence`."""

    mean: float
    sd: float
    n: int
    df: int
    t: float
    p: float
    low: float
    high: float
    confidence: float


class SignFlip(NamedTuple):
    """The two-sided sign-flip test: `mid_p` counts half of the ties with what was observed, `exact_p` all of them.
    `exact` is False where signs were drawn, not all gone through."""

    mid_p: float
    exact_p: float
    exact: bool


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> MeanInterval | None:
    """The mean of one version's values, a number a fact, with its t interval. None below two values, and where all are
    alike: then nothing is known of their spread."""
    test = paired_t(values, confidence)
    return test and MeanInterval(test.mean, test.sd, test.n, test.df, test.low, test.high, confidence)


def paired_t(differences: Sequence[float], confidence: float = 0.95) -> PairedT | None:
    """The paired t test of differences, a number a fact (Student 1908): mean / (sd / sqrt n), n - 1 degrees of freedom.
    None below two differences, and where all are alike (but for rounding): no interval is no pass."""
    n = len(differences)
    if n < 2:
        return None
    mean, sd = fmean(differences), stdev(differences)
    if sd <= 1e-9 * max(abs(each) for each in differences):
        return None
    error = sd / n**0.5
    t = mean / error
    reach = critical_t(confidence, n - 1) * error
    return PairedT(mean, sd, n, n - 1, t, two_sided_p(t, n - 1), mean - reach, mean + reach, confidence)


def sign_flip(differences: Sequence[float]) -> SignFlip:
    """Fisher's sign-flip test (1935, The Design of Experiments, §21) of differences, a number a fact: how often a sum
    of theirs with random signs is as far from 0 as the observed one.

    All signs are gone through while the sums that they give stay few enough (any 20 differences, hundreds where scores
    are coarse), beyond that 100,000 seeded draws are made. A difference of 0 has no sign and changes neither p; where
    all are 0, both are 1.
    """
    import numpy as np

    sizes = np.abs(np.array([each for each in differences if each], dtype=float))
    if not sizes.size:
        return SignFlip(1.0, 1.0, True)
    observed = abs(float(sum(differences)))
    slack = 1e-9 * float(sizes.sum())
    sums = _all_sums(sizes, slack)
    if sums is not None:
        values, weights = sums
        beyond = float(weights[values > observed + slack].sum())
        level = float(weights[np.abs(values - observed) <= slack].sum())
        return SignFlip(min(1.0, beyond + level / 2), min(1.0, beyond + level), True)
    random = np.random.default_rng(20_260_214)
    drawn = np.abs(np.concatenate([random.choice((-1.0, 1.0), (DRAWS // 10, sizes.size)) @ sizes for _ in range(10)]))
    beyond, level = float((drawn > observed + slack).sum()), float((np.abs(drawn - observed) <= slack).sum())
    # The observed signs are one draw more, so that no p is 0 (Phipson and Smyth 2010).
    return SignFlip((beyond + (level + 1) / 2) / (DRAWS + 1), (beyond + level + 1) / (DRAWS + 1), False)


def power_of(effect: float, sd: float, n: int, alpha: float = 0.05) -> float:
    """The chance that the paired t test at level `alpha` finds a true mean difference of `effect`, where differences
    spread by `sd` over `n` facts. 0 below two facts; 1 for an `sd` of 0 and an effect."""
    if n < 2:
        return 0.0
    if sd <= 0:
        return float(effect != 0)
    return rejection_chance(effect / sd * n**0.5, n - 1, alpha)


def smallest_effect(sd: float, n: int, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest true difference that the paired t test at level `alpha` finds with this `power`, where differences
    spread by `sd` over `n` facts. None below two facts."""
    if n < 2:
        return None
    low, high = 0.0, 1.0
    while power_of(high, 1, n, alpha) < power:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if power_of(middle, 1, n, alpha) < power else (low, middle)
    return high * sd


def clusters_needed(effect: float, sd: float, power: float = 0.8, alpha: float = 0.05) -> int | None:
    """How many facts, those asked already among them, before the paired t test at level `alpha` finds a true difference
    of `effect` with this `power`; differences spread by `sd`. None where a million wouldn't do, as for no effect."""
    if power_of(effect, sd, MOST_CLUSTERS, alpha) < power:
        return None
    few, enough = 1, 2
    while power_of(effect, sd, enough, alpha) < power:
        few, enough = enough, min(2 * enough, MOST_CLUSTERS)
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (middle, enough) if power_of(effect, sd, middle, alpha) < power else (few, middle)
    return enough


def equivalent(differences: Sequence[float], within: float, alpha: float = 0.05) -> bool:
    """Whether two versions are EQUIVALENT within `within`: both one-sided t tests at level `alpha` reject a difference
    that large (Schuirmann 1987), which is the interval of confidence 1 - 2 `alpha` lying inside -within .. within.
    False without an interval."""
    test = paired_t(differences, 1 - 2 * alpha)
    return test is not None and -within < test.low and test.high < within


def equivalence_power(within: float, sd: float, n: int, alpha: float = 0.05, effect: float = 0.0) -> float:
    """The chance that `equivalent` comes out true where the true difference is `effect` and differences spread by `sd`
    over `n` facts: over the spread that a sample may show (chi-square), the normal chance that the mean stays clear of
    both bounds (Phillips 1990, equation 2). 0 below two facts."""
    if n < 2:
        return 0.0
    if sd <= 0:
        return float(abs(effect) < within)
    import numpy as np
    from scipy.special import gammaincinv, ndtr

    df = n - 1
    middles = (np.arange(_QUADRATURE) + 0.5) / _QUADRATURE
    spreads = np.sqrt(2 * gammaincinv(df / 2, middles) / df)
    room = within * n**0.5 / sd - critical_t(1 - 2 * alpha, df) * spreads
    shift = effect * n**0.5 / sd
    chances = ndtr(room - shift) - ndtr(-room - shift)
    return float(np.where(room > 0, chances, 0.0).mean())


def _all_sums(sizes: Floats, slack: float) -> tuple[Floats, Floats] | None:
    """The distinct absolute sums of `sizes` under all signs, ascending, and the chance of each; sums that differ by
    rounding alone are one. None where there are too many."""
    import numpy as np

    sums, weights = np.zeros(1), np.ones(1)
    for size in sizes:
        # Signs of everything at once change no absolute sum, so that only those need to be kept.
        both = np.concatenate([sums + size, np.abs(sums - size)])
        order = np.argsort(both, kind="stable")
        both, doubled = both[order], np.concatenate([weights, weights])[order] / 2
        first = np.concatenate([[True], np.diff(both) > slack / len(sizes)])
        sums, weights = both[first], np.add.reduceat(doubled, np.flatnonzero(first))
        if sums.size > _MOST_SUMS:
            return None
    return sums, weights
