"""Several versions at once: p values held together, and how good the best of equals looks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """The p values adjusted by Holm's step-down method (1979), in the order given: the smallest times their number, the
    next times one fewer, none below the one before it, none above 1. Below alpha means told apart at alpha, all
    together."""
    adjusted = [0.0] * len(ps)
    reached = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        reached = max(reached, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = reached
    return tuple(adjusted)


def best_looks_too_good(versions: int, sd: float, n: int) -> float:
    """How far above what it is the best of so many equal versions looks, in points: their means over `n` facts miss by
    chance, and the best is the luckiest. `sd` is the spread over facts of what versions don't share; for paired ones
    the spread of a difference divided by the root of 2. 0 for fewer than two versions or no facts."""
    if versions < 2 or n < 1:
        return 0.0
    return largest_of_normals(versions) * sd / sqrt(n)


@lru_cache(maxsize=64)
def largest_of_normals(count: int) -> float:
    """The mean of the largest of `count` standard normal draws (1.0294 for 4: Teichroew 1956), by integrating what its
    distribution leaves over on both sides of 0."""
    import numpy as np
    from scipy.special import ndtr

    z = (np.arange(20_000) + 0.5) / 20_000 * 10
    return float((1 - ndtr(z) ** count - ndtr(-z) ** count).sum() * 10 / 20_000)
