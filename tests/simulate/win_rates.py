"""Whether the interval of a win rate holds the true one, where facts are alike and where they differ."""

from __future__ import annotations

import numpy as np

from molting_tui.evaluation.statistics.proportions import korn_graubard_rows, rates_of_facts
from tests.simulate.figures import Figure, share
from tests.simulate.score_models import Random

FACTS = 8
RATES = {0.5: 0.94, 0.6: 0.94, 0.7: 0.94, 0.8: 0.94, 0.86: None}
"""True win rates, with the coverage asked of each. Beyond .8 it falls where facts differ: told, with no target."""
SPREADS = {"facts alike": 0.0, "facts differ (.25)": 0.25, "facts differ (.5)": 0.5}
POWERS = (((8, 6), 0.8, ".36 to .93"), ((8, 6), 0.6, ".11 to .15"), ((100, 2), 0.6, ".63 to .69"))


def coverages(random: Random, draws: int) -> list[Figure]:
    """How often the Korn-Graubard interval holds the true win rate, over true rates from .5 up."""
    figures = []
    for each in (1, 6):
        for name, spread in SPREADS.items():
            if each == 1 and spread:
                continue  # One battle a fact can't show whether facts differ: the wins are drawn alike.
            for rate, least in RATES.items():
                low, high = _intervals(random, draws, FACTS, each, rate, spread)
                cell = f"{FACTS} x {each}, true rate {rate:g}, {name}"
                inside = share((low <= rate) & (rate <= high))
                figures.append(
                    Figure("win rate coverage", cell, inside, least=least, other=".954 to .995" if least else "")
                )
    return figures


def powers(random: Random, draws: int) -> list[Figure]:
    """How often the interval leaves out one half."""
    figures = []
    for (facts, each), rate, other in POWERS:
        for name, spread in SPREADS.items():
            low, high = _intervals(random, draws, facts, each, rate, spread)
            told = share((low > 0.5) | (high < 0.5))
            figures.append(Figure("win rate told from .5", f"{facts} x {each} at {rate:g}, {name}", told, other=other))
    return figures


def _intervals(
    random: Random, draws: int, facts: int, each: int, rate: float, spread: float
) -> tuple[np.typing.NDArray[np.float64], np.typing.NDArray[np.float64]]:
    wins = random.binomial(each, rates_of_facts(random, rate, spread, (draws, facts))).astype(float)
    _, low, high, _ = korn_graubard_rows(wins, np.full(facts, float(each)))
    return low, high
