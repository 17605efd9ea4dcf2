"""Student's t, as the rest of the room asks for it: quantile, two-sided p, power."""

from __future__ import annotations

from math import isnan


def critical_t(confidence: float, df: float) -> float:
    """The t that a two-sided interval of this `confidence` (0-1) reaches to each side, with `df` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + confidence) / 2))


def two_sided_p(t: float, df: float) -> float:
    """The chance of a t this far from 0 or farther, to either side."""
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -abs(t)))


def rejection_chance(noncentrality: float, df: float, alpha: float) -> float:
    """The power of the two-sided t test at level `alpha`: P(|T'| > t) of a noncentral T' (Cohen 1988, chapter 2).

    Both tails are taken as upper ones, the far one of the mirrored distribution: the lower tail of `nctdtr` is NaN at
    many noncentralities from 9 up, and the upper one at some from 38 up, where less than 1e-12 is left (scipy 1.17).
    """
    from scipy.special import nctdtr

    bound, shift = critical_t(1 - alpha, df), abs(noncentrality)
    below = float(nctdtr(df, shift, bound))
    near = 1.0 if isnan(below) else 1 - below
    # The far tail is at most the normal chance of -shift: from 5 on less than 3e-7, and NaN here and there.
    far = 1 - float(nctdtr(df, -shift, bound)) if shift < 5 else 0.0
    return min(1.0, near + far)
