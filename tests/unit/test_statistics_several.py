"""Several versions, and several looks, without more false finds than one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.statistics.looks import Look, looks_power, obrien_fleming
from molting_tui.evaluation.statistics.several import best_looks_too_good, holm, largest_of_normals


def test_holm_gives_the_steps_of_his_paper() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()
    assert holm([0.6, 0.7]) == (1, 1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_stays_between_the_p_itself_and_bonferroni(ps: list[float]) -> None:
    adjusted = holm(ps)
    assert all(p <= held <= min(1, len(ps) * p) for p, held in zip(ps, adjusted, strict=True))
    by_p = sorted(range(len(ps)), key=lambda place: ps[place])
    assert [adjusted[place] for place in by_p] == sorted(adjusted)
    assert min(adjusted) == min(1, len(ps) * min(ps))


@pytest.mark.parametrize(
    ("count", "mean"), [(1, 0), (2, 0.56419), (3, 0.84628), (4, 1.02938), (5, 1.16296), (10, 1.53875)]
)
def test_the_best_of_equals_is_as_lucky_as_teichroew_1956_has_it(count: int, mean: float) -> None:
    assert largest_of_normals(count) == pytest.approx(mean, abs=2e-5)


@pytest.mark.parametrize(("sd", "excess"), [(0.93, 0.34), (1.9, 0.69)])
def test_the_best_of_four_equal_versions_looks_too_good(sd: float, excess: float) -> None:
    assert best_looks_too_good(4, sd, 8) == pytest.approx(excess, abs=0.005)


def test_one_version_is_no_best_of_any() -> None:
    assert best_looks_too_good(1, 0.93, 8) == 0
    assert best_looks_too_good(4, 0.93, 0) == 0


def test_two_looks_have_the_bounds_of_obrien_and_fleming() -> None:
    # Jennison and Turnbull 2000, table 2.3: 1.977 at the last of two looks, times the root of 2 at the first.
    first, last = obrien_fleming(8, 16)
    assert (first.n, last.n) == (8, 16)
    assert (first.z, last.z) == pytest.approx((2.797, 1.977), abs=6e-4)
    assert (first.alpha, last.alpha) == pytest.approx((0.00517, 0.0480), abs=5e-5)
    assert first.confidence == 1 - first.alpha


@pytest.mark.parametrize(("first", "last"), [(6, 30), (8, 24), (15, 16)])
def test_two_looks_together_reject_at_the_level_asked(first: int, last: int) -> None:
    early, late = obrien_fleming(first, last, 0.1)
    drawn = np.random.default_rng(2).normal(size=(200_000, 2))
    z = drawn[:, 0], first**0.5 * drawn[:, 0] / last**0.5 + (1 - first / last) ** 0.5 * drawn[:, 1]
    assert ((np.abs(z[0]) > early.z) | (np.abs(z[1]) > late.z)).mean() == pytest.approx(0.1, abs=0.003)


@pytest.mark.parametrize(("first", "last"), [(16, 8), (8, 8), (1, 8)])
def test_looks_out_of_order_are_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="one after the other"):
        obrien_fleming(first, last)


def test_two_looks_find_a_whole_spread_with_fourteen_facts() -> None:
    looks = obrien_fleming()
    whole = looks_power(1.0, looks)
    assert whole.power == pytest.approx(0.96, abs=0.01)
    assert whole.expected_n == pytest.approx(14, abs=0.3)
    assert looks_power(0.0, looks).power == pytest.approx(0.05, abs=0.004)
    assert looks_power(0.3, obrien_fleming(6, 1_000_000)).power == 1
    assert looks_power(0.0, obrien_fleming(15, 16)).power == pytest.approx(0.05, abs=0.006)
    naive = (Look(8, 0.05, 1.96), Look(16, 0.05, 1.96))
    assert looks_power(0.0, naive).power == pytest.approx(0.084, abs=0.006)
