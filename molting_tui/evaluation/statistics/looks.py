"""Two planned looks at a comparison that grows: bounds that keep the chance of a false DIFFERENT together."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from molting_tui.evaluation.statistics.student import critical_t

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DRAWS = 20_000
_STEPS = 2000


class Look(NamedTuple):
    """One planned look: after `n` facts, at the nominal two-sided level `alpha`, which is |z| above `z`."""

    n: int
    alpha: float
    z: float

    @property
    def confidence(self) -> float:
        """The confidence of the interval that this look is read from."""
        return 1 - self.alpha


class LooksPower(NamedTuple):
    """What two looks do: the chance of DIFFERENT at either, at the first alone, and the facts asked on average."""

    power: float
    first: float
    expected_n: float


@lru_cache(maxsize=64)
def obrien_fleming(first: int = 8, last: int = 16, alpha: float = 0.05) -> tuple[Look, Look]:
    """The bounds of O'Brien and Fleming (1979) for a look after `first` facts and one after `last`: |z| above c times
    the root of last / n, with c such that both together reject at `alpha` where nothing differs (Jennison and Turnbull
    2000, section 2.5: 2.797 and 1.977 for looks at half and all). The t test at the look's nominal level stands in for
    z. ValueError unless 2 <= first < last.
    """
    from scipy.special import ndtr

    if not 2 <= first < last:
        raise ValueError(f"two looks are after 2 facts or more, and one after the other, not after {first} and {last}")
    share = first / last
    low, high = 0.0, 20.0
    for _ in range(60):
        c = (low + high) / 2
        low, high = (c, high) if _rejects(c, share) > alpha else (low, c)
    bounds = ((first, high / share**0.5), (last, high))
    return tuple(Look(n, 2 * float(ndtr(-z)), z) for n, z in bounds)  # type: ignore[return-value]


@lru_cache(maxsize=64)
def looks_power(effect: float, looks: tuple[Look, Look], draws: int = DRAWS) -> LooksPower:
    """What these looks do at a true difference of `effect` standard deviations of the differences over facts, by the t
    test at each look's nominal level. Simulated with a fixed seed: right to about .01."""
    import numpy as np

    random = np.random.default_rng(20_260_214)
    n, more = looks[0].n, looks[1].n - looks[0].n
    # A normal sample's mean and squares about it are independent, so that no sample needs to be drawn.
    mean, later = (random.normal(effect, 1 / sqrt(count), draws) for count in (n, more))
    squares = random.chisquare(n - 1, draws)
    squares_later = random.chisquare(more - 1, draws) if more > 1 else 0.0
    mean_of_all = (n * mean + more * later) / looks[1].n
    squares_of_all = squares + squares_later + n * more / looks[1].n * (mean - later) ** 2
    early, late = _crossed(mean, squares, looks[0]), _crossed(mean_of_all, squares_of_all, looks[1])
    first, power = float(early.mean()), float((early | late).mean())
    return LooksPower(power, first, looks[0].n * first + looks[1].n * (1 - first))


def _crossed(mean: Floats, squares: Floats, look: Look) -> npt.NDArray[np.bool_]:
    """Where the t of a mean, with the sum of squares about it, lies beyond a look's bound to either side."""
    t = mean / (squares / (look.n - 1)) ** 0.5 * sqrt(look.n)
    beyond: npt.NDArray[np.bool_] = abs(t) > critical_t(look.confidence, look.n - 1)
    return beyond


def _rejects(c: float, share: float) -> float:
    """The chance that either look crosses its bound where nothing differs; `share` of all facts stand at the first."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    bound = c / share**0.5
    # The first look's z where it stays within its bound, by equal parts of its chance.
    inside = 1 - 2 * float(ndtr(-bound))
    z = ndtri(float(ndtr(-bound)) + inside * (np.arange(_STEPS) + 0.5) / _STEPS)
    rest = (1 - share) ** 0.5
    crossed = ndtr((-c - share**0.5 * z) / rest) + ndtr((-c + share**0.5 * z) / rest)
    return 1 - inside + inside * float(crossed.mean())
