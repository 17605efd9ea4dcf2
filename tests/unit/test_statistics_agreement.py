"""Agreement, against published values and against another implementation."""

from __future__ import annotations

import math
import warnings
from statistics import stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.evaluation.statistics.agreement import (
    Scale,
    alpha_by_cluster,
    krippendorff_alpha,
    weighted_kappa,
)
from molting_tui.evaluation.statistics.student import critical_t

_ = None
# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, example C: four observers, twelve units.
EXAMPLE_C = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
# Wikipedia, "Krippendorff's alpha": three coders, fifteen units.
CODERS = [
    [_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3],
    [1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _],
    [_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4],
]
# Agresti 2002, Categorical Data Analysis, table 10.5: a couple on whether it is fun (`vcd::Kappa(SexualFun)` of R).
COUPLES = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
SCALES: tuple[Scale, ...] = ("nominal", "ordinal", "interval", "ratio")
ratings = st.lists(st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=3, max_size=3), min_size=2, max_size=9)


def units_of(raters: list[list[int | None]]) -> list[tuple[int | None, ...]]:
    return list(zip(*raters, strict=True))


@pytest.mark.parametrize(
    ("raters", "published"),
    [
        (EXAMPLE_C, {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}),
        (CODERS, {"nominal": 0.691, "ordinal": 0.807, "interval": 0.811}),
    ],
)
def test_alpha_gives_the_published_values(raters: list[list[int | None]], published: dict[Scale, float]) -> None:
    for scale, value in published.items():
        assert krippendorff_alpha(units_of(raters), scale) == pytest.approx(value, abs=5e-4)


@settings(max_examples=15)
@given(ratings, st.sampled_from(SCALES))
def test_alpha_is_evalicas(units: list[list[int | None]], scale: Scale) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import evalica
        import pandas
    alpha = krippendorff_alpha(units, scale)
    if alpha is None:
        twice = [value for unit in units if sum(each is not None for each in unit) > 1 for value in unit]
        assert len({value for value in twice if value is not None}) < 2
        return
    table = pandas.DataFrame([[math.nan if each is None else float(each) for each in unit] for unit in units]).T
    assert alpha == pytest.approx(evalica.alpha(table, distance=scale).alpha, abs=1e-9)


@given(ratings, st.randoms(use_true_random=False))
def test_who_gave_what_and_in_which_order_makes_no_difference(units: list[list[int | None]], random: object) -> None:
    mixed = [list(unit) for unit in units]
    for unit in mixed:
        random.shuffle(unit)  # type: ignore[attr-defined]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    for scale in SCALES:
        assert krippendorff_alpha(mixed, scale) == pytest.approx(krippendorff_alpha(units, scale))


@given(ratings)
def test_the_ordinal_alpha_knows_the_order_of_levels_and_not_their_distance(units: list[list[int | None]]) -> None:
    stretched = [[each if each is None else 10**each for each in unit] for unit in units]
    assert krippendorff_alpha(stretched, "ordinal") == pytest.approx(krippendorff_alpha(units, "ordinal"))
    moved = [[each if each is None else 3 * each - 7 for each in unit] for unit in units]
    assert krippendorff_alpha(moved, "interval") == pytest.approx(krippendorff_alpha(units, "interval"))


def test_raters_who_say_the_same_agree_wholly_and_swapped_ones_not_at_all() -> None:
    assert krippendorff_alpha([(0, 0), (1, 1), (2, 2)]) == pytest.approx(1)
    swapped = krippendorff_alpha([(0, 2), (2, 0), (0, 2), (2, 0)])
    assert swapped is not None
    assert swapped < 0


@pytest.mark.parametrize("units", [[], [(1, None), (2, None)], [(2, 2), (2, 2)]])
def test_without_anything_to_disagree_on_there_is_no_alpha(units: list[tuple[int | None, ...]]) -> None:
    assert krippendorff_alpha(units) is None
    assert alpha_by_cluster({"a": units}) is None


def test_alpha_has_an_interval_over_facts_from_six_on() -> None:
    units = units_of(EXAMPLE_C)
    whole = alpha_by_cluster({str(place): [unit] for place, unit in enumerate(units)}, "nominal")
    assert whole is not None
    assert whole.alpha == pytest.approx(0.743, abs=5e-4)
    assert whole.interval is not None
    low, high = whole.interval
    assert -1 < low < whole.alpha < high <= 1
    # The same by pseudo-values (Tukey 1958): their mean's t interval is as wide.
    without = [krippendorff_alpha(units[:place] + units[place + 1 :], "nominal") for place in range(11)]
    pseudo = [11 * whole.alpha - 10 * (each or 0) for each in without]
    reach = critical_t(0.95, 10) * stdev(pseudo) / math.sqrt(11)
    assert low == pytest.approx(whole.alpha - reach)
    few = alpha_by_cluster({str(place): units[place::5] for place in range(5)}, "nominal")
    assert few is not None
    assert few == (whole.alpha, None)
    alike = alpha_by_cluster({str(place): [(place, place)] for place in range(8)})
    assert alike == (1, None)


@pytest.mark.parametrize(("weights", "kappa"), [("none", 0.1293), ("linear", 0.2374)])
def test_weighted_kappa_gives_agrestis_table(weights: str, kappa: float) -> None:
    assert weighted_kappa(COUPLES, weights) == pytest.approx(kappa, abs=5e-5)  # type: ignore[arg-type]


def test_kappa_of_nothing_is_none_and_of_the_same_is_one() -> None:
    assert weighted_kappa([[0, 0], [0, 0]], "linear") is None
    assert weighted_kappa([[9, 0], [0, 0]], "linear") is None
    assert weighted_kappa([[4, 0], [0, 5]], "quadratic") == 1
    assert weighted_kappa([[5, 3], [1, 4]], "quadratic") == pytest.approx(weighted_kappa([[5, 3], [1, 4]], "none"))


def test_the_interval_of_alpha_ends_where_alpha_can() -> None:
    against = {str(place): [(0, 2)] for place in range(4)} | {"a": [(0, 0)], "b": [(2, 1)], "c": [(1, 0), (0, 2)]}
    whole = alpha_by_cluster(against, "interval")
    assert whole is not None
    assert whole.interval is not None
    assert whole.alpha == pytest.approx(-0.5)
    assert whole.interval[0] == -1
