"""Looking twice at a comparison, by plan and without one."""

from __future__ import annotations

import numpy as np

from molting_tui.evaluation.statistics.looks import looks_power, obrien_fleming
from tests.simulate.figures import Figure, share
from tests.simulate.score_models import LANGUAGES, Random, differences, steps, told_apart


def looks(random: Random, draws: int) -> list[Figure]:
    """How often equally good versions are called DIFFERENT at either of two looks, and what the bounds cost."""
    drawn = differences(steps(random, (draws, 16, LANGUAGES, 1)))
    first, last = bounds = obrien_fleming(8, 16)
    planned = told_apart(drawn[:, : first.n], first.alpha) | told_apart(drawn, last.alpha)
    naive = told_apart(drawn[:, : first.n]) | told_apart(drawn)
    peeking = np.any([told_apart(drawn[:, :facts]) for facts in range(4, 9)], axis=0)
    whole = looks_power(1.0, bounds, draws)
    return [
        Figure("two looks, 8 then 16 facts", "O'Brien-Fleming, nothing differs", share(planned), 0.04, 0.06, ".050"),
        Figure("two looks, 8 then 16 facts", "both at .05, nothing differs", share(naive), other=".084"),
        Figure("a look after each fact", "from the 4th to the 8th, nothing differs", share(peeking), other=".12"),
        Figure("two looks, 8 then 16 facts", "one SD apart: DIFFERENT", whole.power, least=0.9, other=".96"),
        Figure("two looks, 8 then 16 facts", "one SD apart: facts asked", whole.expected_n, most=16, other="14"),
    ]
