"""Rates of few trials: exact and Wilson's intervals, the win rate of battles by fact, and how many would be needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from molting_tui.evaluation.statistics.student import critical_t

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DRAWS = 20_000
SPREADS = (0.0, 0.25, 0.5)
"""Correlations of battles over one fact, from facts that are all alike to facts that differ widely."""


class Interval(NamedTuple):
    """An interval of a rate, both ends from 0 to 1."""

    low: float
    high: float


class WinRate(NamedTuple):
    """A win rate with its interval. `battles` were fought over `clusters` facts; `effective` is the number of
    independent battles that they are worth, at most `battles`."""

    rate: float
    low: float
    high: float
    battles: float
    clusters: int
    effective: float


class BattlesNeeded(NamedTuple):
    """Decided battles that find a win rate: `first` is the fewest that have the power (an exact test's power goes up
    and down with the number), `stays` the number from which no larger one falls below it again."""

    first: int
    stays: int


def clopper_pearson(hits: float, trials: float, confidence: float = 0.95) -> Interval:
    """The exact interval of `hits` in `trials` (0 to 1 where there were none); either may be broken, as with half wins.

    Beta quantiles (Clopper and Pearson 1934, in the form of Brown, Cai and DasGupta 2001).
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = 0.0 if hits <= 0 else float(betaincinv(hits, trials - hits + 1, tail))
    high = 1.0 if hits >= trials else float(betaincinv(hits + 1, trials - hits, 1 - tail))
    return Interval(low, high)


def wilson(hits: float, trials: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of `hits` in `trials` (0 to 1 where there were none), without continuity correction
    (Wilson 1927; method 3 of Newcombe 1998)."""
    from scipy.special import ndtri

    if trials <= 0:
        return Interval(0.0, 1.0)
    z = float(ndtri((1 + confidence) / 2))
    rate = hits / trials
    middle = 2 * trials * rate + z * z
    reach: float = z * (z * z + 4 * trials * rate * (1 - rate)) ** 0.5
    below = 2 * (trials + z * z)
    low = 0.0 if hits <= 0 else (middle - reach) / below
    high = 1.0 if hits >= trials else (middle + reach) / below
    return Interval(low, high)


def korn_graubard(by_cluster: Sequence[tuple[float, float]], confidence: float = 0.95) -> WinRate | None:
    """The win rate of battles that hang together by fact: (wins, battles) of each fact, a tie half a win.

    Clopper-Pearson on the effective number of battles, p (1 - p) / var(p), where var(p) is the between-cluster variance
    of a ratio with divisor Q - 1, times (t of n - 1 / t of Q - 1) squared, never more than the battles fought (Korn and
    Graubard 1998, Survey Methodology 24, 193-201). Where one side won everything there is no variance to see: then the
    facts are counted in place of the battles, so that 48 wins over 8 facts say as much as 8 of 8.
    None below two facts with battles.
    """
    import numpy as np

    fought = [(wins, battles) for wins, battles in by_cluster if battles > 0]
    if len(fought) < 2:
        return None
    wins, battles = (np.array([column], dtype=float) for column in zip(*fought, strict=True))
    rate, low, high, effective = korn_graubard_rows(wins, battles[0], confidence)
    return WinRate(
        float(rate[0]), float(low[0]), float(high[0]), float(battles.sum()), len(fought), float(effective[0])
    )


def korn_graubard_rows(
    wins: Floats, battles: Floats, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """`korn_graubard` for many draws at once: `wins` has a row a draw and a column a fact, `battles` a number a fact.
    Gives rates, lower ends, upper ends and effective numbers, one a draw."""
    import numpy as np
    from scipy.special import betaincinv

    clusters = wins.shape[1]
    total = float(battles.sum())
    rate = wins.sum(axis=1) / total
    apart = wins - rate[:, None] * battles
    variance = (apart**2).sum(axis=1) / total**2 * clusters / (clusters - 1)
    binomial = rate * (1 - rate)
    # Where battles of a fact are exactly as even as all of them, clustering costs nothing that can be seen.
    worth = np.divide(binomial, variance, out=np.full_like(rate, total), where=variance > 1e-12 * binomial)
    adjusted = worth * (critical_t(confidence, total - 1) / critical_t(confidence, clusters - 1)) ** 2
    effective = np.where(binomial < 1e-12, float(clusters), np.minimum(adjusted, total))
    hits, misses = rate * effective, (1 - rate) * effective
    tail = (1 - confidence) / 2
    none, every = binomial < 1e-12, rate > 0.5
    low = np.where(none & ~every, 0.0, betaincinv(np.maximum(hits, 1e-9), misses + 1, tail))
    high = np.where(none & every, 1.0, betaincinv(hits + 1, np.maximum(misses, 1e-9), 1 - tail))
    return rate, low, high, effective


@lru_cache(maxsize=64)
def battles_needed(rate: float, power: float = 0.8, alpha: float = 0.05) -> BattlesNeeded | None:
    """Decided battles after which a true win `rate` is told from one half with this `power`, by the exact two-sided
    binomial test (both tails alike, so that it agrees with `clopper_pearson`). None for a rate so near one half that
    it takes more than 20,000."""
    import numpy as np

    rate = max(rate, 1 - rate)
    if rate >= 1:
        rate = 1 - 1e-12
    # A normal approximation says where to look: from well below it to well above, where power no longer falls under.
    gap = rate - 0.5
    if gap <= 0:
        return None
    about = _normal_sum(alpha, power) ** 2 * 0.25 / gap**2
    if about > 20_000:
        return None
    numbers = np.arange(1, int(about * 1.5) + 40)
    enough = np.array([_binomial_power(int(number), rate, alpha) >= power for number in numbers])
    first = int(numbers[enough.argmax()])
    stays = int(numbers[len(enough) - int((~enough[::-1]).argmax())]) if not enough.all() else first
    return BattlesNeeded(first, stays)


def clean_needed(rate: float, confidence: float = 0.95) -> int:
    """How many answers, all clean, before the upper end of the two-sided exact interval is at most `rate` (0 < rate):
    28 for an eighth."""
    from math import ceil, log

    if rate >= 1:
        return 1
    return max(1, ceil(log((1 - confidence) / 2) / log(1 - rate) - 1e-9))


@lru_cache(maxsize=64)
def power_range(
    battles: int, clusters: int, rate: float, confidence: float = 0.95, draws: int = DRAWS
) -> tuple[float, float]:
    """The chance that the interval of `battles` over `clusters` facts leaves out one half where the true win rate is
    `rate`: the lowest and the highest over facts that are all alike and facts that differ (a fact's own rate is drawn
    from a beta distribution in which two battles over one fact correlate by 0, .25 or .5). Simulated with a fixed seed:
    right to about .01. (0, 0) below two facts, or where a fact would have no battle."""
    import numpy as np

    if clusters < 2 or battles < clusters:
        return 0.0, 0.0
    random = np.random.default_rng(20_260_214)
    each = np.full(clusters, battles // clusters)
    each[: battles % clusters] += 1
    powers = []
    for spread in SPREADS:
        wins = random.binomial(each, rates_of_facts(random, rate, spread, (draws, clusters))).astype(float)
        _, low, high, _ = korn_graubard_rows(wins, each.astype(float), confidence)
        powers.append(float(((low > 0.5) | (high < 0.5)).mean()))
    return min(powers), max(powers)


def rates_of_facts(random: np.random.Generator, rate: float, spread: float, shape: tuple[int, ...]) -> Floats:
    """Win rates of single facts whose mean is `rate`, from a beta distribution with intra-fact correlation `spread`
    (0: all alike, 1: a fact is won always or never)."""
    import numpy as np

    if spread <= 0 or rate in (0.0, 1.0):
        return np.full(shape, rate)
    if spread >= 1:
        return (random.random(shape) < rate).astype(float)
    size = (1 - spread) / spread
    return random.beta(rate * size, (1 - rate) * size, shape)


def _normal_sum(alpha: float, power: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2) + ndtri(power))


def _binomial_power(trials: int, rate: float, alpha: float) -> float:
    """The chance that a two-sided binomial test of one half, both tails at most alpha / 2, rejects at a true `rate`."""
    from scipy.special import bdtr

    # The most hits whose lower tail at one half is at most alpha / 2; the upper tail mirrors it.
    most = int(_lower_bound(trials, alpha / 2))
    if most < 0:
        return 0.0
    return float(bdtr(most, trials, rate) + 1 - bdtr(trials - most - 1, trials, rate))


def _lower_bound(trials: int, tail: float) -> int:
    import numpy as np
    from scipy.special import bdtr

    # The bound is near trials / 2 - z sqrt(trials) / 2: a window of that size holds it.
    reach = int(2 * trials**0.5) + 2
    hits = np.arange(max(0, trials // 2 - reach), trials // 2 + 1)
    within = bdtr(hits, trials, 0.5) <= tail
    return int(hits[within][-1]) if within.any() else -1
