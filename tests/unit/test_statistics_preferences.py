"""Strengths from battles, against published values and against another implementation."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.evaluation.statistics.preferences import Battles, davidson_strengths
from molting_tui.evaluation.statistics.student import critical_t

# Agresti 1990, Categorical Data Analysis, table 10.10: the American League's eastern division, 1987; a row's wins.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
LEAGUE = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]
# Davidson 1970, JASA 65, example 2: six brands of pudding; first, second, wins, losses, ties.
PUDDINGS = [
    (0, 1, 19, 22, 16),
    (0, 2, 16, 19, 12),
    (1, 2, 19, 19, 10),
    (0, 3, 18, 23, 13),
    (1, 3, 23, 19, 9),
    (2, 3, 19, 20, 15),
    (0, 4, 13, 19, 18),
    (1, 4, 16, 20, 12),
    (2, 4, 16, 15, 17),
    (3, 4, 17, 14, 16),
    (0, 5, 18, 21, 12),
    (1, 5, 22, 20, 12),
    (2, 5, 13, 18, 10),
    (3, 5, 14, 19, 18),
    (4, 5, 11, 21, 12),
]
outcomes = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))
tables = st.lists(st.tuples(outcomes, outcomes, outcomes), min_size=3, max_size=8)


def league() -> list[Battles]:
    pairs = [(i, j) for i in range(7) for j in range(i)]
    return [Battles(i, j, f"{i}-{j}", LEAGUE[i][j], LEAGUE[j][i], 0) for i, j in pairs]


def battles(facts: Sequence[tuple[tuple[int, int, int], ...]]) -> list[Battles]:
    pairs = ((0, 1), (0, 2), (1, 2))
    return [
        Battles(*pair, str(place), *row)
        for place, fact in enumerate(facts)
        for pair, row in zip(pairs, fact, strict=True)
    ]


def test_bradley_terry_gives_the_american_league_of_1987() -> None:
    league_strengths = davidson_strengths(len(TEAMS), league(), prior_sd=None)
    assert league_strengths is not None
    against_baltimore = [league_strengths.gap(place, 6).value for place in range(7)]
    assert against_baltimore == pytest.approx([1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0], abs=0.006)
    by_model = np.array(league_strengths.spreads[0])
    errors = [math.sqrt(by_model[i, i] + by_model[6, 6] - 2 * by_model[i, 6]) for i in range(6)]
    assert errors == pytest.approx([0.34] * 6, abs=0.015)
    assert league_strengths.nu == 0


def test_ties_give_davidsons_puddings_of_1970() -> None:
    # His iteration stopped before its end, hence 1e-4.
    rows = [Battles(first, second, f"{first}{second}", *row) for first, second, *row in PUDDINGS]
    puddings = davidson_strengths(6, rows, prior_sd=None)
    assert puddings is not None
    weights = np.exp(puddings.values)
    published = [0.1388, 0.1730, 0.1617, 0.1654, 0.1587, 0.2024]
    assert list(weights / weights.sum()) == pytest.approx(published, abs=1e-4)
    assert puddings.nu == pytest.approx(0.7468, abs=1e-4)


def test_the_puddings_are_evalicas() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import evalica
    firsts, seconds, winners = [], [], []
    for first, second, wins, losses, ties in PUDDINGS:
        for winner, count in ((evalica.Winner.X, wins), (evalica.Winner.Y, losses), (evalica.Winner.Draw, ties)):
            firsts += [str(first)] * count
            seconds += [str(second)] * count
            winners += [winner] * count
    other = evalica.newman(firsts, seconds, winners, tolerance=1e-12, limit=2000)
    rows = [Battles(first, second, f"{first}{second}", *row) for first, second, *row in PUDDINGS]
    puddings = davidson_strengths(6, rows, prior_sd=None)
    assert puddings is not None
    logs = np.log([other.scores[str(place)] for place in range(6)])
    assert puddings.values == pytest.approx(tuple(logs - logs.mean()), abs=1e-4)
    # Newman's v is half of Davidson's nu.
    assert puddings.nu == pytest.approx(2 * other.v, abs=1e-4)


@settings(max_examples=40)
@given(tables, st.permutations([0, 1, 2]))
def test_names_and_sides_make_no_difference(facts: list[tuple[tuple[int, int, int], ...]], places: list[int]) -> None:
    rows = battles(facts)
    renamed = [Battles(places[r.second], places[r.first], r.cluster, r.losses, r.wins, r.ties) for r in reversed(rows)]
    strengths, others = davidson_strengths(3, rows), davidson_strengths(3, renamed)
    if strengths is None or others is None:
        assert strengths is others
        return
    assert others.nu == pytest.approx(strengths.nu, rel=1e-6)
    assert sum(strengths.values) == pytest.approx(0, abs=1e-9)
    for place in range(3):
        assert others.strength(places[place]) == pytest.approx(strengths.strength(place), rel=1e-6, abs=1e-6)
    gap, back = strengths.gap(0, 2), strengths.gap(2, 0)
    assert (back.value, back.low, back.high) == pytest.approx((-gap.value, -gap.high, -gap.low))


def test_who_won_everything_has_a_finite_strength_by_the_prior_and_none_without() -> None:
    swept = battles([((1, 0, 0), (1, 0, 0), (0, 1, 0))] * 8)
    strengths = davidson_strengths(3, swept)
    assert strengths is not None
    assert strengths.values[0] > strengths.values[2] > strengths.values[1]
    assert 0 < strengths.strength(0).low < strengths.strength(0).high < 5
    assert davidson_strengths(3, swept, prior_sd=None) is None


def test_the_error_is_the_wider_of_the_model_and_the_facts() -> None:
    # The same 24 battles a pair: over facts that are all alike, and over facts that one or the other always wins.
    alike = davidson_strengths(3, battles([((2, 1, 0), (2, 1, 0), (2, 1, 0))] * 8))
    apart = davidson_strengths(
        3, battles([((3, 0, 0),) * 3] * 5 + [((0, 3, 0),) * 3] * 3 + [((1, 0, 0), (1, 0, 0), (1, 0, 0))])
    )
    assert alike is not None
    assert apart is not None
    model, facts = (np.sqrt(spread[0][0]) for spread in map(np.array, alike.spreads))
    assert facts < 1e-9 < model
    assert alike.strength(0).error == pytest.approx(model)
    model, facts = (np.sqrt(spread[0][0]) for spread in map(np.array, apart.spreads))
    assert model < facts
    strength = apart.strength(0)
    assert strength.error == pytest.approx(facts)
    assert strength.high - strength.value == pytest.approx(critical_t(0.95, 8) * facts)


def test_two_contenders_are_what_one_works_out_by_hand() -> None:
    won = [(3, 1), (4, 2), (0, 3), (2, 2), (5, 0)]
    rows = [Battles(0, 1, str(place), wins, losses, 0) for place, (wins, losses) in enumerate(won)]
    free = davidson_strengths(2, rows, prior_sd=None)
    assert free is not None
    rate = 14 / 22
    information = 22 * rate * (1 - rate)
    by_facts = sum((wins - (wins + losses) * rate) ** 2 for wins, losses in won) * 5 / 4 / information**2
    gap = free.gap(0, 1)
    assert gap.value == pytest.approx(math.log(14 / 8))
    assert gap.error == pytest.approx(math.sqrt(max(by_facts, 1 / information)))
    assert by_facts > 1 / information


@pytest.mark.parametrize("prior_sd", [0.5, 1.0, 2.0])
def test_a_prior_pulls_strengths_to_nought_as_far_as_it_says(prior_sd: float) -> None:
    rows = [Battles(0, 1, "a", 9, 1, 0), Battles(0, 1, "b", 8, 2, 0)]
    held = davidson_strengths(2, rows, prior_sd)
    assert held is not None
    # At the top, what the battles pull is what the prior holds: 17 - 20 p = strength / variance.
    pull = 17 - 20 / (1 + math.exp(-held.gap(0, 1).value))
    assert pull == pytest.approx(held.values[0] / prior_sd**2, abs=1e-6)
    assert (davidson_strengths(2, rows) == held) == (prior_sd == 1)


def test_a_contender_is_no_stronger_than_itself() -> None:
    strengths = davidson_strengths(3, battles([((2, 1, 1), (0, 1, 0), (1, 1, 0))] * 6))
    assert strengths is not None
    assert strengths.gap(1, 1) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("count", "rows"),
    [
        (3, []),
        (1, [Battles(0, 0, "a", 1, 0, 0)]),
        (2, [Battles(0, 1, "a", 3, 1, 0)]),
        (2, [Battles(0, 1, "a", 0, 0, 2), Battles(0, 1, "b", 0, 0, 2)]),
        (2, [Battles(0, 1, "a", 0, 0, 0), Battles(0, 1, "b", 1, 0, 2)]),
    ],
)
def test_one_fact_one_contender_or_nothing_but_ties_give_no_strengths(count: int, rows: list[Battles]) -> None:
    assert davidson_strengths(count, rows) is None
