"""Strengths of three contenders or more from battles: Bradley-Terry with Davidson's ties, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING, NamedTuple

from molting_tui.evaluation.statistics.student import critical_t

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

PRIOR_SD = 1.0
"""Spread of the normal prior of each strength (log odds): it keeps one who won everything at a finite strength."""
_ROUNDS = 100
_RUN_AWAY = 25.0
"""Log odds that no battles of people show: a strength beyond them is on its way to infinity."""
Matrix = tuple[tuple[float, ...], ...]


class Battles(NamedTuple):
    """Battles of one pair of contenders over one fact: the places of the two among the contenders, the fact's name, and
    how many the first won, the second won, and neither."""

    first: int
    second: int
    cluster: str
    wins: float
    losses: float
    ties: float


class Strength(NamedTuple):
    """A strength, or a gap between two, in log odds: its standard error and its interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Preferences:
    """Strengths of contenders, in their order, that add up to 0. `nu` is the ties' weight (0: no ties): two equal
    contenders tie with the chance nu / (2 + nu). `spreads` are the covariances of the strengths, by the model and by
    the facts that differ; `clusters` are the facts."""

    values: tuple[float, ...]
    spreads: tuple[Matrix, Matrix]
    nu: float
    clusters: int
    confidence: float

    def strength(self, place: int) -> Strength:
        """One contender's strength against the mean of all."""
        return self._combined({place: 1.0})

    def gap(self, first: int, second: int) -> Strength:
        """How much stronger the first is than the second; e^gap are the odds of a win where neither ties."""
        return self._combined({first: 1.0, second: -1.0} if first != second else {})

    def _combined(self, weights: dict[int, float]) -> Strength:
        """A weighted sum of strengths, with the wider of both errors."""
        value = sum(weight * self.values[place] for place, weight in weights.items())
        error = max(
            sqrt(max(0.0, sum(a * b * spread[i][j] for i, a in weights.items() for j, b in weights.items())))
            for spread in self.spreads
        )
        reach = critical_t(self.confidence, self.clusters - 1) * error
        return Strength(value, error, value - reach, value + reach)


def davidson_strengths(
    count: int, battles: Sequence[Battles], prior_sd: float | None = PRIOR_SD, confidence: float = 0.95
) -> Preferences | None:
    """The strengths of `count` contenders by Davidson's model (1970, JASA 65, 317-328): where a and b are the strengths
    of a pair, win, loss and tie are as likely as e^a, e^b and nu e^((a + b) / 2); without a tie that is Bradley-Terry.

    Maximum likelihood by Newton's method, with a normal prior of `prior_sd` on each strength (None: none). The error is
    the wider of the model's own (Wald) and the sandwich clustered by fact (Liang and Zeger 1986), times Q / (Q - 1);
    intervals take t of Q - 1. None below two contenders or two facts, and where there is no finite solution: nothing
    but ties, or without a prior one contender who won or lost everything.
    """
    import numpy as np

    rows = [row for row in battles if row.wins + row.losses + row.ties > 0]
    facts = sorted({row.cluster for row in rows})
    tied = any(row.ties for row in rows)
    if count < 2 or len(facts) < 2 or not any(row.wins + row.losses for row in rows):
        return None
    shapes = _shapes(count, rows, tied)
    outcomes = np.array([(row.wins, row.losses, row.ties)[: 2 + tied] for row in rows], dtype=float)
    precision = np.array([1 / prior_sd**2 if prior_sd else 0.0] * count + [0.0] * tied)
    solution = _newton(shapes, outcomes, precision)
    if solution is None:
        return None
    # Without a prior, strengths are known but for a constant: they are given against their mean.
    centre = np.eye(count + tied)
    centre[:count, :count] -= 1 / count
    slopes, information = _slopes(solution, shapes, outcomes)
    inverse = np.linalg.pinv(information + np.diag(precision), rcond=1e-10, hermitian=True)
    by_fact = np.zeros((len(facts), count + tied))
    np.add.at(by_fact, [facts.index(row.cluster) for row in rows], slopes)
    by_fact -= by_fact.mean(axis=0)
    sandwich = inverse @ (by_fact.T @ by_fact) @ inverse * len(facts) / (len(facts) - 1)
    by_model, by_facts = (
        tuple(tuple(map(float, line)) for line in (centre @ spread @ centre.T)[:count, :count])
        for spread in (inverse, sandwich)
    )
    values = tuple(float(each) for each in (centre @ solution)[:count])
    return Preferences(values, (by_model, by_facts), exp(solution[-1]) if tied else 0.0, len(facts), confidence)


def _shapes(count: int, rows: Sequence[Battles], tied: bool) -> Floats:
    """What each outcome (win, loss and, where there are ties, tie) of each row weighs each parameter with."""
    import numpy as np

    shapes = np.zeros((len(rows), 2 + tied, count + tied))
    for place, row in enumerate(rows):
        shapes[place, 0, row.first] = shapes[place, 1, row.second] = 1
        if tied:
            shapes[place, 2, [row.first, row.second]] = 0.5
            shapes[place, 2, count] = 1
    return shapes


def _slopes(values: Floats, shapes: Floats, outcomes: Floats) -> tuple[Floats, Floats]:
    """The slope of the log likelihood, a row a row of battles, and its information over all of them."""
    import numpy as np

    weights = np.exp(shapes @ values - (shapes @ values).max(axis=1, keepdims=True))
    chances = weights / weights.sum(axis=1, keepdims=True)
    totals = outcomes.sum(axis=1, keepdims=True)
    slopes = np.einsum("rok,ro->rk", shapes, outcomes - totals * chances)
    means = np.einsum("rok,ro->rk", shapes, chances)
    squares = np.einsum("rok,rol,ro->kl", shapes, shapes, totals * chances)
    return slopes, squares - np.einsum("rk,rl,r->kl", means, means, totals[:, 0])


def _newton(shapes: Floats, outcomes: Floats, precision: Floats) -> Floats | None:
    """The parameters of highest likelihood and prior; None where they run away. The log likelihood is concave: a step
    cut to a length of 2 suffices to come near."""
    import numpy as np

    values = np.zeros(shapes.shape[2])
    for _ in range(_ROUNDS):
        slopes, information = _slopes(values, shapes, outcomes)
        slope = slopes.sum(axis=0) - precision * values
        step = np.linalg.pinv(information + np.diag(precision), rcond=1e-10, hermitian=True) @ slope
        size = float(np.abs(step).max())
        values = values + step * min(1.0, 2 / size) if size else values
        if size < 1e-9:
            return values
        if float(np.abs(values).max()) > _RUN_AWAY:
            return None
    return None
