"""A rater who isn't the same all the time: between sessions, within one, and where its order puts the contenders."""

from __future__ import annotations

from random import Random as Shuffle

import numpy as np

from molting_tui.evaluation.scoring.session_order import blocked_order
from tests.simulate.figures import Figure, Floats, share
from tests.simulate.score_models import FACTS, LANGUAGES, Random, differences, steps, told_apart

ORDERS = 4000
"""Orders drawn at most; each serves several draws of scores."""
DRIFT = 0.5
"""Points of 10 by which severity moves: the standard deviation from a session's first answer to its last."""


def drifting(random: Random, draws: int) -> list[Figure]:
    """How often equally good versions are called DIFFERENT where the rater's severity moves."""
    figures = []
    for shift, other in ((0.25, ".10"), (0.5, ".21"), (1.0, ".45")):
        apart = random.normal(size=(draws, FACTS)) + shift * random.normal(size=(draws, 1))
        cell = f"sessions apart, severity shifts by SD {shift:g}, {FACTS} facts, differences of SD 1"
        figures.append(Figure("false DIFFERENT", cell, share(told_apart(apart)), other=other))
    for languages in (1, LANGUAGES):
        places = session_places(random, min(draws, ORDERS), languages)
        chosen = places[random.integers(0, len(places), draws)]
        for name, severity in (("steady slope", _slope), ("random walk", _walk)):
            scores = steps(random, (draws, FACTS, languages, 1))
            seen = scores + severity(random, chosen)[..., None]
            cell = f"one blocked session, {name} of SD {DRIFT:g}, {FACTS} facts x {languages}"
            figures.append(Figure("false DIFFERENT", cell, share(told_apart(differences(seen))), most=0.08))
    return figures


def positions(random: Random, draws: int) -> list[Figure]:
    """How far apart in a session (0: its first answer, 1: its last) the contenders' mean places are."""
    places = session_places(random, min(draws, ORDERS), 1)
    shuffled = np.argsort(random.random((min(draws, ORDERS), 2 * FACTS)), axis=1).reshape(-1, 2, FACTS, 1)
    blocked, free = (_apart(each / (2 * FACTS - 1)) for each in (places, shuffled))
    cell = f"{FACTS} facts x 2 contenders"
    return [
        Figure("position bias SD", f"{cell}, blocked", float(blocked.std()), most=0.09, other=".081"),
        Figure("position bias SD", f"{cell}, shuffled", float(free.std()), other=".158"),
    ]


def session_places(random: Random, orders: int, languages: int) -> Floats:
    """The places (0 is the first) of answers by (order, contender, fact, language) in sessions as they are blocked."""
    items = [(f"c{c}", f"f{f}-{lang}") for c in range(2) for f in range(FACTS) for lang in range(languages)]
    shuffle = Shuffle(int(random.integers(1 << 32)))
    places = np.empty((orders, len(items)))
    for row in places:
        row[blocked_order(items, shuffle)] = np.arange(len(items))
    return places.reshape(orders, 2, FACTS, languages)


def _apart(places: Floats) -> Floats:
    means: Floats = places.mean(axis=(2, 3))
    return means[:, 1] - means[:, 0]


def _slope(random: Random, places: Floats) -> Floats:
    """Severity that grows or falls evenly over the session."""
    drift = DRIFT * random.normal(size=len(places))
    return drift[:, None, None, None] * places / (places[0].size - 1)


def _walk(random: Random, places: Floats) -> Floats:
    """Severity that takes a random step after each answer."""
    steps_taken = random.normal(size=(len(places), places[0].size)) * DRIFT / np.sqrt(places[0].size - 1)
    severity = np.cumsum(steps_taken, axis=1)
    at = places.reshape(len(places), -1).astype(int)
    return np.take_along_axis(severity, at, axis=1).reshape(places.shape)
