"""The smallest differences that a design finds: whether four in five are found when they are there."""

from __future__ import annotations

import numpy as np

from tests.simulate.figures import Figure, share
from tests.simulate.score_models import STEP, Random, told_apart

DESIGNS = {
    (8, 1, 1): (2.0, 2.7, 3.6),
    (8, 2, 1): (1.5, 2.0, 2.9),
    (8, 2, 3): (0.9, 1.4, 2.6),
    (24, 1, 1): (1.0, 1.5, 2.0),
    (24, 2, 1): (0.85, 1.1, 1.6),
}
"""Facts, languages and samples, with the smallest difference at each spread over questions."""
SPREADS = {1.2: (0.10, 0.0, 1.25), 1.9: (0.30, 0.15, 2.20), 3.2: (1.50, 1.60, 1.90)}
"""Spread over questions, with the variances of one version's answers by fact, language and sample that give these
smallest differences; what is left of the spread is the question itself, which both versions share."""


def smallest_effects(random: Random, draws: int) -> list[Figure]:
    """How often a difference of the size that a design should find is called DIFFERENT."""
    figures = []
    for place, (spread, variances) in enumerate(SPREADS.items()):
        for (facts, languages, samples), effects in DESIGNS.items():
            drawn = np.zeros((draws, facts))
            for sign in (1, -1):
                shape = (draws, facts, languages, samples)
                latent = 5 + sign * effects[place] / 2 + _scatter(random, shape, variances)
                drawn += sign * (np.round(latent / STEP) * STEP).mean(axis=(2, 3))
            cell = f"{effects[place]:g} at spread {spread:g}, {facts} x {languages} x {samples}"
            figures.append(Figure("smallest difference found", cell, share(told_apart(drawn)), 0.7, 0.9, ".80"))
    return figures


def _scatter(
    random: Random, shape: tuple[int, int, int, int], variances: tuple[float, float, float]
) -> np.typing.NDArray[np.float64]:
    draws, facts, languages, samples = shape
    by_fact, by_language, by_sample = np.sqrt(variances)
    return (
        by_fact * random.normal(size=(draws, facts, 1, 1))
        + by_language * random.normal(size=(draws, facts, languages, 1))
        + by_sample * random.normal(size=(draws, facts, languages, samples))
    )
