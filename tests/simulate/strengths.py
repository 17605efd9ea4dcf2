"""Whether the intervals of contenders' strengths hold the true gaps between them."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from molting_tui.evaluation.statistics.preferences import PRIOR_SD, Battles, Preferences, davidson_strengths
from tests.simulate.figures import Figure, Floats
from tests.simulate.score_models import Random

FACTS, NU = 8, 0.4
TRUE = (1.0, 0.0, -1.0)
"""Strengths in log odds of three contenders."""
SPREADS = {"facts alike": 0.0, "facts differ (.7)": 0.7, "facts differ (1.5)": 1.5}
DRAWS_EACH = 40
"""Draws of the other figures for one fit here: a fit takes as long as hundreds of intervals."""
_PAIRS = tuple(combinations(range(len(TRUE)), 2))
_MANY = 100_000


def strength_coverages(random: Random, draws: int) -> list[Figure]:
    """How often the interval of a gap holds the gap that endless battles would show."""
    figures = []
    for each in (1, 2):
        for name, spread in SPREADS.items():
            # Where strengths differ by fact, endless battles show gaps that are nearer to 0 than the middle ones.
            endless = _fit(_outcomes(random, _MANY, 1, spread).sum(axis=0, keepdims=True).repeat(2, axis=0), None)
            fits = (_fit(_outcomes(random, FACTS, each, spread)) for _ in range(max(50, draws // DRAWS_EACH)))
            inside = [
                fit.gap(*pair).low <= endless.gap(*pair).value <= fit.gap(*pair).high for fit in fits for pair in _PAIRS
            ]
            cell = f"3 contenders, {FACTS} facts x {each} a pair, {name}"
            figures.append(Figure("strength coverage", cell, float(np.mean(inside)), least=0.94, other=".945 to .98"))
    return figures


def _outcomes(random: Random, facts: int, each: int, spread: float) -> Floats:
    """Wins, losses and ties of `each` battles, by fact and pair."""
    strengths = np.array(TRUE) + spread * random.normal(size=(facts, len(TRUE)))
    first, second = (strengths[:, [pair[side] for pair in _PAIRS]] for side in (0, 1))
    weights = np.exp(np.stack([first, second, np.log(NU) + (first + second) / 2], axis=-1))
    drawn: Floats = random.multinomial(each, weights / weights.sum(axis=-1, keepdims=True)).astype(float)
    return drawn


def _fit(outcomes: Floats, prior_sd: float | None = PRIOR_SD) -> Preferences:
    rows = [
        Battles(*pair, str(fact), *map(float, counts))
        for fact, by_pair in enumerate(outcomes)
        for pair, counts in zip(_PAIRS, by_pair, strict=True)
    ]
    fitted = davidson_strengths(len(TRUE), rows, prior_sd)
    assert fitted is not None, "battles of eight facts without one decided"
    return fitted
