"""Paired differences, against published values, against going through all signs, and against draws."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincinv, ndtr

from molting_tui.evaluation.statistics.paired import (
    clusters_needed,
    equivalence_power,
    equivalent,
    mean_interval,
    paired_t,
    power_of,
    sign_flip,
    smallest_effect,
)
from molting_tui.evaluation.statistics.student import critical_t, rejection_chance, two_sided_p

SLEEP = [0.7 - 1.9, -1.6 - 0.8, -0.2 - 1.1, -1.2 - 0.1, -0.1 + 0.1, 3.4 - 4.4, 3.7 - 5.5, 0.8 - 1.6, -4.6, 2.0 - 3.4]
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
V23 = [score * 10 / 8 for score in (4, 3, 4, 3, 3, 3, 5, 4)]
scores = st.integers(-40, 40).map(lambda quarters: quarters / 4)
few = st.lists(scores, min_size=2, max_size=9)


def test_paired_t_gives_students_sleep_data() -> None:
    # Student 1908, Biometrika 6, 1-25; as `t.test(extra ~ group, sleep, paired = TRUE)` of R prints it.
    test = paired_t(SLEEP)
    assert test is not None
    assert (test.t, test.p) == (pytest.approx(-4.0621, abs=5e-5), pytest.approx(0.002833, abs=5e-7))
    assert (test.n, test.df, test.mean) == (10, 9, pytest.approx(-1.58))
    assert (test.low, test.high) == pytest.approx((-2.4599, -0.7001), abs=5e-5)


def test_sign_flip_gives_fisher_on_darwins_maize() -> None:
    # Fisher 1935, The Design of Experiments, section 21: 863 of 32,768 to one side.
    flipped = sign_flip(MAIZE)
    assert flipped.exact
    assert flipped.exact_p == pytest.approx(2 * 863 / 32768, rel=1e-12)
    assert flipped.exact_p == pytest.approx(0.05267, abs=5e-6)


def test_eight_scores_of_a_report_are_right_to_three_quarters_of_a_point() -> None:
    whole = mean_interval(V23)
    assert whole is not None
    assert (whole.mean, whole.sd) == pytest.approx((4.53, 0.93), abs=0.005)
    assert (whole.low, whole.high) == pytest.approx((3.75, 5.31), abs=0.005)


@pytest.mark.parametrize(("alike", "half_width", "smallest"), [(0.5, 0.78, 1.08), (0.0, 1.10, 1.52)])
def test_what_eight_questions_can_show_at_that_spread(alike: float, half_width: float, smallest: float) -> None:
    sd = 0.93 * math.sqrt(2 * (1 - alike))
    assert critical_t(0.95, 7) * sd / math.sqrt(8) == pytest.approx(half_width, abs=0.006)
    assert smallest_effect(sd, 8) == pytest.approx(smallest, abs=0.006)


def test_the_sentence_under_a_table_asks_sixteen_more() -> None:
    # +0.80 with an interval from -0.30 to +1.90 over eight facts: they can show 1.5; 0.8 takes 24.
    sd = 1.10 / critical_t(0.95, 7) * math.sqrt(8)
    assert smallest_effect(sd, 8) == pytest.approx(1.52, abs=0.005)
    assert clusters_needed(0.8, sd) == 24


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0, 2.0], [0.0] * 8, [0.1 + 0.2, 0.3, 0.3], [1 / 3, 1 - 2 / 3]])
def test_without_a_spread_there_is_no_interval(values: list[float]) -> None:
    assert paired_t(values) is None
    assert mean_interval(values) is None
    assert not equivalent(values, 1.0)


@given(few, st.floats(0.01, 100), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_t_test_knows_no_unit_and_no_side(values: list[float], unit: float, confidence: float) -> None:
    test, scaled = paired_t(values, confidence), paired_t([-unit * each for each in values], confidence)
    if test is None or scaled is None:
        assert test is scaled
        return
    assert (scaled.t, scaled.p) == pytest.approx((-test.t, test.p), rel=1e-6, abs=1e-9)
    assert (scaled.low, scaled.high) == pytest.approx((-unit * test.high, -unit * test.low), rel=1e-6, abs=1e-9)
    # The interval leaves out 0 exactly where p is below what it leaves over.
    assert (test.low > 0 or test.high < 0) == (test.p < 1 - confidence)


@given(st.lists(st.one_of(scores, st.floats(-5, 5), st.sampled_from([1 / 3, -2 / 3, 0.1, 0.2, -0.3])), max_size=9))
def test_sign_flip_is_what_all_signs_give(values: list[float]) -> None:
    flipped = sign_flip(values)
    there = [each for each in values if each]
    if not there:
        assert flipped == (1, 1, True)
        return
    slack = 1e-9 * sum(map(abs, there))
    observed = abs(sum(there))
    all_sums = [
        abs(math.fsum(s * v for s, v in zip(signs, there, strict=True)))
        for signs in product((1, -1), repeat=len(there))
    ]
    beyond = sum(each > observed + slack for each in all_sums)
    level = sum(abs(each - observed) <= slack for each in all_sums)
    assert flipped.exact_p == pytest.approx((beyond + level) / len(all_sums))
    assert flipped.mid_p == pytest.approx((beyond + level / 2) / len(all_sums))


def test_facts_without_a_difference_change_no_sign_flip() -> None:
    assert sign_flip([*MAIZE, 0, 0.0, 0]) == sign_flip(MAIZE)


def test_the_mid_p_reaches_a_twentieth_at_five_facts_and_the_exact_one_at_six() -> None:
    five, six = sign_flip([1] * 5), sign_flip([1, 2, 3, 1, 2, 3])
    assert five.mid_p < 0.05 < five.exact_p
    assert six.exact_p < 0.05
    assert sign_flip([1] * 4).mid_p > 0.05


def test_hundreds_of_coarse_scores_are_gone_through_whole() -> None:
    values = [float(each) for each in np.random.default_rng(3).integers(-3, 5, 200)]
    flipped, test = sign_flip(values), paired_t(values)
    assert test is not None
    assert flipped.exact
    assert flipped.mid_p == pytest.approx(test.p, rel=0.1, abs=0.001)


def test_drawn_signs_agree_with_all_signs_and_come_out_the_same_again() -> None:
    values = list(np.random.default_rng(8).normal(0.35, 1, 26))
    drawn, test = sign_flip(values), paired_t(values)
    assert test is not None
    assert not drawn.exact
    assert drawn == sign_flip(values)
    assert drawn.mid_p == pytest.approx(test.p, abs=0.02)
    # All of one sign: no draw comes near, and the observed one is counted with them.
    assert sign_flip([abs(each) for each in values]).exact_p == pytest.approx(1 / 100_001)


def test_any_twenty_differences_are_gone_through_whole() -> None:
    assert sign_flip(list(np.random.default_rng(8).normal(0.35, 1, 20))).exact


@pytest.mark.parametrize("alpha", [0.0052, 0.05, 0.2])
def test_power_is_a_number_over_a_whole_grid_and_grows(alpha: float) -> None:
    # scipy's nctdtr has no lower tail (NaN) at many noncentralities from 9 up.
    for df in (1, 2, 5, 7, 15, 63, 400):
        powers = [rejection_chance(step / 10, df, alpha) for step in range(601)]
        assert all(0 <= power <= 1 for power in powers)
        assert all(later >= earlier - 1e-6 for earlier, later in pairwise(powers))
        assert powers[0] == pytest.approx(alpha, abs=1e-9)
        # The normal chance, over the spreads that a sample may show.
        spreads = np.sqrt(2 * gammaincinv(df / 2, (np.arange(4000) + 0.5) / 4000) / df)
        bound = critical_t(1 - alpha, df) * spreads
        by_hand = [float((ndtr(nc / 10 - bound) + ndtr(-nc / 10 - bound)).mean()) for nc in range(601)]
        assert powers == pytest.approx(by_hand, abs=2e-4)
        assert rejection_chance(-3.3, df, alpha) == rejection_chance(3.3, df, alpha)


@pytest.mark.parametrize(("effect", "sd", "n"), [(1.0, 1.0, 8), (0.4, 1.3, 8), (2.0, 1.5, 6), (0.5, 1.0, 24)])
def test_power_and_equivalence_power_are_what_draws_show(effect: float, sd: float, n: int) -> None:
    drawn = np.random.default_rng(11).normal(0, sd, (60_000, n))
    error = drawn.std(axis=1, ddof=1) / math.sqrt(n)
    told = np.abs(drawn.mean(axis=1) + effect) > critical_t(0.95, n - 1) * error
    assert power_of(effect, sd, n) == pytest.approx(told.mean(), abs=0.008)
    for off in (0.0, 0.3):
        inside = np.abs(drawn.mean(axis=1) + off) + critical_t(0.90, n - 1) * error < 1
        assert equivalence_power(1.0, sd, n, effect=off) == pytest.approx(inside.mean(), abs=0.008)


@given(st.floats(0.05, 5), st.floats(0.2, 4), st.sampled_from([0.5, 0.8, 0.9]), st.sampled_from([0.05, 0.01]))
def test_so_many_facts_are_enough_and_no_fewer(effect: float, sd: float, power: float, alpha: float) -> None:
    needed = clusters_needed(effect, sd, power, alpha)
    assert needed is not None
    assert power_of(effect, sd, needed, alpha) >= power
    assert needed == 2 or power_of(effect, sd, needed - 1, alpha) < power
    smallest = smallest_effect(sd, needed, power, alpha)
    assert smallest is not None
    assert smallest <= effect * (1 + 1e-9)


@given(st.integers(2, 200), st.floats(0.01, 50))
def test_the_smallest_effect_scales_with_the_spread_and_has_the_power(n: int, sd: float) -> None:
    smallest, unit = smallest_effect(sd, n), smallest_effect(1, n)
    assert smallest is not None
    assert unit is not None
    assert smallest == pytest.approx(sd * unit)
    assert power_of(smallest, sd, n) == pytest.approx(0.8, abs=1e-6)
    assert smallest_effect(sd, n + 1) < smallest  # type: ignore[operator]


def test_no_effect_takes_more_facts_than_there_are() -> None:
    assert clusters_needed(0, 1) is None
    assert clusters_needed(1e-9, 1) is None
    assert clusters_needed(0.5, 0) == 2
    assert smallest_effect(1, 1) is None
    assert power_of(5, 1, 1) == 0


def test_equivalence_is_the_ninety_per_cent_interval_inside_the_bounds() -> None:
    close = [0.1, -0.2, 0.3, -0.1, 0.0, 0.2, -0.3, 0.1]
    test = paired_t(close, 0.90)
    assert test is not None
    edge = max(abs(test.low), abs(test.high))
    assert equivalent(close, edge * 1.001)
    assert not equivalent(close, edge * 0.999)
    assert not equivalent([each + 2 for each in close], 1)
    assert not equivalent([each - 2 for each in close], 1)


def test_eight_facts_can_seldom_show_equivalence() -> None:
    # Within 1.0: .02 to .46 at eight facts and .33 to .99 at 24, which are spreads of differences from 2.3 to 1.13.
    assert [equivalence_power(1, 2.3, n) for n in (8, 24)] == pytest.approx([0.02, 0.33], abs=0.02)
    assert [equivalence_power(1, 1.13, n) for n in (8, 24)] == pytest.approx([0.46, 0.99], abs=0.02)
    assert equivalence_power(1, 1, 1) == 0
    assert equivalence_power(1, 0, 8) == 1
    assert equivalence_power(1, 0, 8, effect=1.5) == 0


def test_seven_point_four_and_eight_point_two_are_not_told_apart_and_four_and_a_half_is() -> None:
    # All with the v2.3 sheet's spread over eight questions, by how alike the versions' questions fare.
    for alike, p in ((0.0, 0.13), (0.25, 0.087), (0.5, 0.045)):
        error = 0.93 * math.sqrt(2 * (1 - alike)) / math.sqrt(8)
        assert two_sided_p(0.8 / error, 7) == pytest.approx(p, abs=0.004)
        assert two_sided_p(3.7 / error, 7) < 0.001
