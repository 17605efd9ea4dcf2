"""Rates of few trials, against published values and against counting."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.statistics.proportions import (
    BattlesNeeded,
    battles_needed,
    clean_needed,
    clopper_pearson,
    korn_graubard,
    korn_graubard_rows,
    power_range,
    rates_of_facts,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_values_of_newcombe_1998(hits: int, trials: int, low: float, high: float) -> None:
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_the_exact_interval_gives_the_values_of_newcombe_1998(hits: int, trials: int, low: float, high: float) -> None:
    # The same table, method 5 (Clopper-Pearson).
    assert clopper_pearson(hits, trials) == pytest.approx((low, high), abs=5e-5)


def test_eight_clean_answers_still_allow_a_third() -> None:
    assert clopper_pearson(0, 8) == pytest.approx((0, 0.3694), abs=5e-5)


def test_an_eighth_takes_28_clean_answers() -> None:
    assert clean_needed(0.125) == 28
    assert clopper_pearson(0, 28).high <= 0.125 < clopper_pearson(0, 27).high


@given(st.floats(0.001, 0.999), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_so_many_clean_answers_are_enough_and_no_fewer(rate: float, confidence: float) -> None:
    needed = clean_needed(rate, confidence)
    assert clopper_pearson(0, needed, confidence).high <= rate * (1 + 1e-6)
    if needed > 1:
        assert clopper_pearson(0, needed - 1, confidence).high > rate * (1 - 1e-6)


def test_seven_wins_of_eight_are_not_told_from_chance() -> None:
    assert clopper_pearson(7, 8).low < 0.5 < clopper_pearson(8, 8).low


@given(st.integers(1, 60), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_each_end_of_the_exact_interval_leaves_half_of_what_is_left(
    trials: int, data: st.DataObject, sure: float
) -> None:
    hits = data.draw(st.integers(0, trials))
    low, high = clopper_pearson(hits, trials, sure)

    def at_most(most: int, rate: float) -> float:
        return sum(comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(most + 1))

    if hits:
        assert 1 - at_most(hits - 1, low) == pytest.approx((1 - sure) / 2, rel=1e-6)
    if hits < trials:
        assert at_most(hits, high) == pytest.approx((1 - sure) / 2, rel=1e-6)


@given(st.integers(0, 80), st.integers(0, 80), st.booleans(), st.sampled_from([clopper_pearson, wilson]))
def test_hits_and_misses_mirror_each_other(halves: int, other_halves: int, half: bool, interval: object) -> None:
    assert callable(interval)
    hits, misses = (halves / 2, other_halves / 2) if half else (halves, other_halves)
    low, high = interval(hits, hits + misses)
    assert interval(misses, hits + misses) == pytest.approx((1 - high, 1 - low), abs=1e-9)
    assert 0 <= low <= (hits / (hits + misses) if hits + misses else 0.5) <= high <= 1


@pytest.mark.parametrize(("rate", "first", "stays"), [(0.7, 49, 54), (0.6, 199, 210), (0.4, 199, 210)])
def test_battles_that_a_win_rate_takes(rate: float, first: int, stays: int) -> None:
    assert battles_needed(rate) == BattlesNeeded(first, stays)


@pytest.mark.parametrize("rate", [0.58, 0.66, 0.75, 0.85, 0.95, 1.0])
def test_the_battles_needed_are_those_whose_exact_interval_leaves_out_one_half(rate: float) -> None:
    def power(trials: int) -> float:
        told = [
            k for k in range(trials + 1) if not clopper_pearson(k, trials).low <= 0.5 <= clopper_pearson(k, trials).high
        ]
        return sum(comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in told)

    needed = battles_needed(rate)
    assert needed is not None
    assert power(needed.first) >= 0.8 > power(needed.first - 1)
    assert needed.stays == needed.first or power(needed.stays - 1) < 0.8
    assert all(power(trials) >= 0.8 for trials in range(needed.stays, needed.stays + 12))


def test_an_even_rate_is_never_told_from_one_half() -> None:
    assert battles_needed(0.5) is None
    assert battles_needed(0.501) is None


def test_a_clean_sweep_has_an_interval() -> None:
    swept = korn_graubard([(1, 1)] * 8)
    assert swept is not None
    assert (swept.rate, swept.high) == (1, 1)
    assert swept.low == clopper_pearson(8, 8).low
    assert korn_graubard([(0, 1)] * 8) == (0, 0, pytest.approx(1 - swept.low), 8, 8, 8)


def test_a_sweep_of_many_battles_counts_its_facts() -> None:
    many, few = korn_graubard([(6, 6)] * 8), korn_graubard([(1, 1)] * 8)
    assert many is not None
    assert few is not None
    assert (many.low, many.effective) == (few.low, 8)


def test_the_effective_number_is_that_of_korn_and_graubard() -> None:
    # By hand: p = 14/24; var = 8/7 * (sum of (w - 3p)^2 = 11.5) / 24^2; times (t of 23 / t of 7)^2.
    won = korn_graubard([(3, 3), (3, 3), (3, 3), (2, 3), (2, 3), (1, 3), (0, 3), (0, 3)])
    assert won is not None
    rate, variance = 14 / 24, 8 / 7 * 11.5 / 576
    worth = rate * (1 - rate) / variance * (2.0686576 / 2.3646243) ** 2
    assert won.effective == pytest.approx(worth, rel=1e-6)
    assert (won.low, won.high) == pytest.approx(clopper_pearson(rate * worth, worth), rel=1e-6)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), min_size=2, max_size=12))
def test_a_clustered_win_rate_is_never_surer_than_its_battles(halves: list[tuple[int, int]]) -> None:
    by_fact = [(wins / 2, wins / 2 + losses) for wins, losses in halves]
    won = korn_graubard(by_fact)
    if won is None:
        assert sum(battles > 0 for _, battles in by_fact) < 2
        return
    plain = clopper_pearson(won.rate * won.battles, won.battles)
    assert won.low <= plain.low + 1e-9
    assert won.high >= plain.high - 1e-9
    assert 0 <= won.low <= won.rate <= won.high <= 1
    other = korn_graubard([(battles - wins, battles) for wins, battles in by_fact])
    assert other is not None
    assert (other.low, other.high) == pytest.approx((1 - won.high, 1 - won.low), abs=1e-7)


def test_one_fact_says_nothing_of_others() -> None:
    assert korn_graubard([(5, 6)]) is None
    assert korn_graubard([(5, 6), (0, 0)]) is None


def test_facts_that_differ_leave_less_to_be_shown() -> None:
    low, high = power_range(48, 8, 0.8)
    assert (low, high) == pytest.approx((0.36, 0.94), abs=0.02)
    assert power_range(48, 8, 0.6)[1] < 0.2
    assert power_range(200, 100, 0.6) == pytest.approx((0.6, 0.77), abs=0.02)


def test_a_plan_that_can_show_nothing_has_no_power() -> None:
    assert power_range(8, 1, 0.8) == (0, 0)
    assert power_range(3, 8, 0.8) == (0, 0)
    assert power_range(3, 3, 1.0) == (0, 0)


@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
def test_battles_over_facts_that_differ_correlate_as_asked(spread: float) -> None:
    rates = rates_of_facts(np.random.default_rng(7), 0.7, spread, (200_000,))
    assert rates.mean() == pytest.approx(0.7, abs=0.005)
    assert rates.var() == pytest.approx(spread * 0.7 * 0.3, abs=0.003)


def test_many_draws_are_each_the_figure_of_one() -> None:
    wins = np.random.default_rng(5).integers(0, 4, (40, 8)).astype(float)
    rows = zip(*korn_graubard_rows(wins, np.full(8, 3.0)), strict=True)
    for draw, (rate, low, high, effective) in zip(wins, rows, strict=True):
        alone = korn_graubard([(float(won), 3) for won in draw])
        assert alone is not None
        assert (alone.rate, alone.low, alone.high, alone.effective) == pytest.approx((rate, low, high, effective))
