"""Scores of two versions that are equally good, under four named models of how answers come by their points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from molting_tui.evaluation.statistics.student import critical_t
from tests.simulate.figures import Bools, Figure, Floats, share

STEP = 1.25
"""A whole point of a sheet of eight points, on the scale of 0 to 10."""
FACTS, LANGUAGES = 8, 2
Random = np.random.Generator
Shape = tuple[int, int, int, int]
Model = Callable[[Random, Shape], Floats]
"""Scores by (draw, version, fact, language, sample), both versions alike in the mean; `Shape` leaves versions out."""


def steps(random: Random, shape: Shape) -> Floats:
    """Normal: facts differ, versions differ by fact, languages and samples scatter; cut to whole points."""
    return _cut(5 + _parts(random, shape, _normal))


def skewed(random: Random, shape: Shape) -> Floats:
    """Mostly good, now and then far below: all parts but the facts are negative exponentials, half as wide again."""
    return _cut(6.5 + _parts(random, shape, lambda draw, size: 1.5 * (1 - draw.exponential(size=size))))


def ceiling(random: Random, shape: Shape) -> Floats:
    """Near the top: as the normal one, half as wide again around 9, cut off at 10."""
    return _cut(9 + _parts(random, shape, lambda draw, size: 1.5 * draw.normal(size=size)))


def all_or_nothing(random: Random, shape: Shape) -> Floats:
    """A mixture: an answer knows its fact (8) or doesn't (2), by a chance that differs by fact and version."""
    draws, facts, languages, samples = shape
    chance = random.beta(1.5, 1.5, (draws, 2, facts, 1, 1))
    knows = random.random((draws, 2, facts, languages, samples)) < chance
    return _cut(np.where(knows, 8.0, 2.0) + 0.6 * random.normal(size=knows.shape))


def steady_and_lucky(random: Random, shape: Shape) -> Floats:
    """Not one of the four: one version always gets about 5, the other 4 or, one fact in five, 9. Equal means, and
    differences as lopsided as they come."""
    draws, facts, languages, samples = shape
    knows = random.random((draws, 2, facts, 1, 1)) < 0.2
    level = np.where(knows, 9.0, 4.0)
    level[:, 0] = 5.0
    return level + 0.3 * random.normal(size=(draws, 2, facts, languages, samples))


MODELS: dict[str, Model] = {
    "whole points": steps,
    "skewed": skewed,
    "near the top": ceiling,
    "all or nothing": all_or_nothing,
}


def differences(scores: Floats) -> Floats:
    """Second version minus first, by fact: the mean over languages and samples, as `compare` takes it."""
    by_fact: Floats = scores.mean(axis=(3, 4))
    return by_fact[:, 1] - by_fact[:, 0]


def told_apart(drawn: Floats, alpha: float = 0.05) -> Bools:
    """For each row whether the paired t test calls its differences DIFFERENT; where all are alike it doesn't."""
    facts = drawn.shape[1]
    error = drawn.std(axis=1, ddof=1) / np.sqrt(facts)
    beyond: Bools = (error > 1e-9) & (np.abs(drawn.mean(axis=1)) > critical_t(1 - alpha, facts - 1) * error)
    return beyond


def sizes(random: Random, draws: int) -> list[Figure]:
    """How often versions that are equally good are called DIFFERENT, by the default test and by a wrong one."""
    figures = []
    for name, model in MODELS.items():
        for samples in (1, 3):
            scores = model(random, (draws, FACTS, LANGUAGES, samples))
            cell = f"{name}, {FACTS} facts x {LANGUAGES} languages x {samples}"
            figures.append(Figure("size, t over facts", cell, share(told_apart(differences(scores))), 0.03, 0.065))
            by_question = (scores[:, 1] - scores[:, 0]).mean(axis=3).reshape(draws, -1)
            if samples == 1:
                wrong = share(told_apart(by_question))
                figures.append(Figure("size, t over questions (never used)", cell, wrong, other=".062 to .110"))
    scores = steady_and_lucky(random, (draws, FACTS, LANGUAGES, 1))
    lopsided = share(told_apart(differences(scores)))
    cell = f"one steady, the other lucky, {FACTS} facts x {LANGUAGES} languages x 1"
    return [*figures, Figure("size, t over facts", cell, lopsided)]


def _normal(random: Random, size: tuple[int, ...]) -> Floats:
    return random.normal(size=size)


def _parts(random: Random, shape: Shape, part: Callable[[Random, tuple[int, ...]], Floats]) -> Floats:
    """What facts, versions on facts, languages and samples add, in points of 10."""
    draws, facts, languages, samples = shape
    return (
        0.5 * random.normal(size=(draws, 1, facts, 1, 1))
        + 0.45 * part(random, (draws, 2, facts, 1, 1))
        + 0.35 * part(random, (draws, 2, facts, languages, 1))
        + 0.55 * part(random, (draws, 2, facts, languages, samples))
    )


def _cut(latent: Floats) -> Floats:
    """The nearest whole points, from 0 to 10."""
    return np.clip(np.round(latent / STEP) * STEP, 0, 10)
