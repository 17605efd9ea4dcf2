"""Scores: the customer's sheets give 4.53 and 2.85, and figures that whole levels can't give are found out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.evaluation.results.granularity import read_reported
from molting_tui.evaluation.scoring.points import (
    closed_gates,
    counted,
    fit_of_mean,
    fit_of_score,
    points,
    possible_points,
    score_of_levels,
    score_of_means,
    shown,
)
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.records.evaluation import Dimension, Gate, Rubric

V23 = ("2002", "1002", "1102", "0102", "1002", "2001", "1112", "0112")
"""The v2.3 sheet: Agent, Factual, Personality, Complete of Q1 to Q8."""
PHASE6 = {"D1": 0.0, "D2": 0.6, "D3": 0.25, "D4": 1.6, "D5": 0.4}


def rubric(
    *weights: float, scale: tuple[int, ...] = (0, 1, 2), gates: tuple[Gate, ...] = (), na_when: str = "never asked"
) -> Rubric:
    levels = tuple((value, f"level {value}") for value in scale)
    dimensions = tuple(
        Dimension(f"D{number}", f"Dimension {number}", str(number), "What?", levels, weight, na_when)
        for number, weight in enumerate(weights, 1)
    )
    return Rubric("r", "1", "R", "", scale, dimensions, gates, (), 2, "0" * 64, "r.yaml")


def test_the_v23_sheet_gives_4_53() -> None:
    four = find_rubric(None, "four-criteria")
    names = [one.id for one in four.dimensions]
    rows = [dict(zip(names, map(int, row), strict=True)) for row in V23]
    scores = [score_of_levels(four, row) for row in rows]
    whole = [score for score in scores if score is not None]
    assert len(whole) == 8
    assert sum(points(four, row)[0] for row in rows) == 29
    assert sum(points(four, row)[1] for row in rows) == possible_points(four, 8) == 64
    assert sum(whole) / 8 == 4.53125
    assert shown(sum(whole) / 8, four.round) == "4.53"


def test_phase_6s_means_give_2_85() -> None:
    personality = find_rubric(None, "personality-v1")
    assert shown(score_of_means(personality, PHASE6)) == "2.85"
    assert score_of_means(personality, {name.lower(): mean for name, mean in PHASE6.items()}) == pytest.approx(2.85)


def test_an_answer_that_isnt_rated_whole_has_no_score() -> None:
    assert score_of_levels(rubric(1, 1), {"D1": 2}) is None
    assert score_of_levels(rubric(1, 1), {}) is None
    assert score_of_levels(rubric(1, 1), {"D1": None, "D2": None}) is None


def test_what_doesnt_apply_is_left_out_of_the_ruler() -> None:
    assert score_of_levels(rubric(1, 1), {"D1": 2, "D2": None}) == 10
    assert score_of_levels(rubric(1, 1), {"D1": 1, "D2": None}) == 5
    assert points(rubric(1, 1), {"D1": 1, "D2": None}) == (1, 2)


def test_not_applicable_is_no_level_of_a_dimension_that_always_applies() -> None:
    five = dict(zip(("D1", "D2", "D3", "D4", "D5"), (None, None, None, 2, 2), strict=True))
    always = rubric(1, 1, 1, 1, 1, na_when="")
    assert score_of_levels(always, five) is None
    assert score_of_levels(always, dict.fromkeys(five, 0) | {"D4": 2, "D5": 2}) == 4
    assert score_of_levels(rubric(1, 1, 1, 1, 1), five) == 10


def test_a_count_that_raters_share_is_shown_without_idle_zeros() -> None:
    assert [counted(count) for count in (0, 10, 29, 28.5, 1 / 3, 64.0)] == ["0", "10", "29", "28.5", "0.33", "64"]


def test_weights_count() -> None:
    assert score_of_levels(rubric(3, 1), {"D1": 2, "D2": 0}) == 7.5
    assert score_of_means(rubric(3, 1), {"D1": 2, "D2": 0}) == 7.5


def test_the_lowest_level_is_nothing_and_the_highest_all_on_any_scale() -> None:
    likert = rubric(1, scale=(1, 2, 3, 4, 5))
    assert [score_of_levels(likert, {"D1": level}) for level in likert.scale] == [0, 2.5, 5, 7.5, 10]


def test_a_level_of_an_unknown_dimension_counts_for_nothing() -> None:
    assert score_of_levels(rubric(1, 1), {"D1": 2, "D2": 0, "D9": 2}) == 5
    assert score_of_levels(rubric(1), {"D1": None, "D9": 2}) is None


def test_a_scale_that_begins_above_0_has_points_from_its_lowest_level() -> None:
    likert = rubric(1, scale=(1, 2, 3, 4, 5))
    assert possible_points(likert, 8) == 32
    assert points(likert, {"D1": 3}) == (3, 5)
    assert score_of_means(likert, {"D1": 3.5}) == 6.25
    assert fit_of_mean("1.5", 8, likert.scale).kind == "exact"
    assert read_reported(likert, ["D1=3.5"], 8).whole == (6.25, 20, 32)
    with pytest.raises(BadInput, match=r"can't have a mean of 0\.5"):
        score_of_means(likert, {"D1": 0.5})
    with pytest.raises(BadInput, match="goes from 1 to 5"):
        fit_of_mean("0.5", 8, likert.scale)


@pytest.mark.parametrize(
    ("when", "level", "expected"),
    [
        (("D1", "==", 0), 0, 3),
        (("D1", "==", 0), 1, 7.5),
        (("D1", "<=", 1), 1, 3),
        (("D1", ">=", 1), 2, 3),
        (("D1", ">=", 2), 1, 7.5),
        (("D1", "==", 0), None, 10),
    ],
)
def test_a_gate_caps_the_score(when: tuple[str, str, int], level: int | None, expected: float) -> None:
    gate = Gate("g", when, 3.0, "because", True)  # type: ignore[arg-type]
    gated = rubric(1, 1, gates=(gate,))
    assert score_of_levels(gated, {"D1": level, "D2": 2}) == expected
    assert closed_gates(gated, {"D1": level, "D2": 2}) == ((gate,) if expected == 3 else ())


def test_a_gate_never_lifts_a_score_and_one_that_is_off_does_nothing() -> None:
    off = Gate("g", ("D1", "==", 0), 1.0, "because", False)
    assert score_of_levels(rubric(1, 1, gates=(off,)), {"D1": 0, "D2": 2}) == 5
    high = Gate("g", ("D1", "==", 0), 9.0, "because", True)
    assert score_of_levels(rubric(1, 1, gates=(high,)), {"D1": 0, "D2": 2}) == 5


@pytest.mark.parametrize(
    ("means", "says"),
    [
        ({"D1": 1}, "no mean is given for D2"),
        ({"D1": 1, "D2": 1, "D9": 1}, "isn't a dimension"),
        ({"D1": 2.1, "D2": 1}, "can't have a mean of 2.1"),
        ({"D1": float("nan"), "D2": 1}, "can't have a mean"),
    ],
)
def test_means_that_cant_be_are_refused(means: dict[str, float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        score_of_means(rubric(1, 1), means)


@pytest.mark.parametrize(
    ("score", "digits", "expected"),
    [
        (4.53125, 2, "4.53"),
        (2.875, 2, "2.88"),
        (2.885, 2, "2.89"),
        (8.25, 1, "8.3"),
        (2.8499999999999996, 2, "2.85"),
        (10.0, 2, "10.00"),
        (7.0, 0, "7"),
        (-0.05, 1, "-0.1"),
    ],
)
def test_figures_are_rounded_half_away_from_zero(score: float, digits: int, expected: str) -> None:
    assert shown(score, digits) == expected


@pytest.mark.parametrize(
    ("stated", "possible", "kind"),
    [
        ("7.4", 64, "no"),
        ("8.2", 64, "no"),
        ("4.5", 64, "rounded"),
        ("4.53", 64, "rounded"),
        ("4.54", 64, "no"),
        ("7.4", 80, "rounded"),
        ("8.2", 80, "half-even"),
        ("2.9", 80, "rounded"),
        ("2.85", 80, "no"),
        ("7.5", 64, "exact"),
        ("10", 64, "exact"),
        ("0", 64, "exact"),
        ("0.1", 1, "no"),
        ("8.3", 80, "rounded"),
    ],
)
def test_scores_that_whole_points_cant_give_are_found_out(stated: str, possible: int, kind: str) -> None:
    assert fit_of_score(stated, possible).kind == kind


@pytest.mark.parametrize(
    ("stated", "answers", "kind"),
    [
        # Brown & Heathers 2017: a mean of 5.19 of 28 whole answers is impossible, 5.18 and 5.21 aren't.
        ("5.19", 28, "no"),
        ("5.18", 28, "rounded"),
        ("5.21", 28, "rounded"),
        ("0.6", 8, "rounded"),
        ("0.60", 8, "no"),
        ("1.6", 8, "rounded"),
        ("0.4", 8, "rounded"),
        ("0.25", 8, "exact"),
        ("0.62", 8, "half-even"),
        ("0.63", 8, "rounded"),
    ],
)
def test_means_that_whole_levels_cant_have_are_found_out(stated: str, answers: int, kind: str) -> None:
    assert fit_of_mean(stated, answers, tuple(range(8))).kind == kind


@pytest.mark.parametrize("stated", ["", "high", "1e9", "nan", "inf", "1/2", "1.2.3", "٣", "1" * 21, "0.5x"])
def test_what_isnt_a_figure_is_refused(stated: str) -> None:
    with pytest.raises(BadInput, match="isn't a number"):
        fit_of_mean(stated, 8, (0, 1, 2))


@pytest.mark.parametrize("stated", ["2.1", "-1"])
def test_a_figure_outside_the_scale_is_refused(stated: str) -> None:
    with pytest.raises(BadInput, match="outside the scale"):
        fit_of_mean(stated, 8, (0, 1, 2))


@given(answers=st.integers(1, 200), total=st.integers(0, 400), digits=st.integers(0, 4))
def test_a_true_mean_is_never_called_impossible(answers: int, total: int, digits: int) -> None:
    mean = Fraction(min(total, 2 * answers), answers)
    found = fit_of_mean(shown(float(mean), digits), answers, (0, 1, 2))
    assert found.kind in ("exact", "rounded")
    assert mean in found.fitting or found.unit < Fraction(1, 10**digits)


@given(levels=st.lists(st.integers(0, 2), min_size=1, max_size=6))
def test_a_score_is_its_share_of_the_points(levels: list[int]) -> None:
    score = score_of_levels(rubric(*[1.0] * len(levels)), {f"D{n}": level for n, level in enumerate(levels, 1)})
    assert score == pytest.approx(10 * sum(levels) / (2 * len(levels)))


def test_phase_6s_report_is_23_of_80_whole_points() -> None:
    given = ["D1=0.0", "D2=0.6", "D3=0.25", "D4=1.6", "D5=0.4"]
    found = read_reported(find_rubric(None, "personality-v1"), given, answers=8, stated="2.9")
    assert found.score == pytest.approx(2.85)
    assert found.whole == (2.875, 23, 80)
    kinds = [one.fit.kind for one in found.means if one.fit]
    assert kinds == ["exact", "rounded", "exact", "rounded", "rounded"]
    assert "5 over 8 answers are 0.625" in found.means[1].sentence
    assert found.stated_sentence == "2.9 is 23 of 80 points (2.875)."


def test_with_two_digits_phase_6s_means_cant_be() -> None:
    given = ["D1=0.00", "D2=0.60", "D3=0.25", "D4=1.60", "D5=0.40"]
    found = read_reported(find_rubric(None, "personality-v1"), given, answers=8)
    assert [one.dimension.id for one in found.means if one.fit and one.fit.kind == "no"] == ["D2", "D4", "D5"]
    assert found.means[1].sentence == "can't be the mean of 8 whole levels: 4 are 0.5, 5 are 0.625"
    assert found.whole is None


def test_points_over_answers_are_a_mean() -> None:
    given = ["agent=8/8", "factual=4/8", "personality=2/8", "complete=15/8"]
    four = find_rubric(None, "four-criteria")
    assert read_reported(four, given).score == 4.53125
    assert read_reported(four, given, answers=8).whole == (4.53125, 29, 64)
    assert read_reported(four, [], answers=8, stated="7.4").stated_sentence == (
        "7.4 can't be whole points of 64: 47 are 7.344, 48 are 7.5."
    )


@pytest.mark.parametrize(
    ("given", "answers", "says"),
    [
        (["agent"], None, "isn't a mean"),
        (["agent="], None, "isn't a mean"),
        (["agents=1"], None, "isn't a dimension"),
        (["agent=1", "Agent=1"], None, "given twice"),
        (["agent=1"], None, "no mean is given for factual"),
        (["agent=1/0"], None, "no answers"),
        (["agent=5/7"], 8, "isn't of 8 answers"),
        (["agent=high"], None, "isn't a number"),
    ],
)
def test_reports_that_cant_be_read_are_refused(given: list[str], answers: int | None, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_reported(find_rubric(None, "four-criteria"), given, answers)


def test_means_cant_show_what_a_gate_did() -> None:
    gate = Gate("stranger", ("D1", "==", 0), 3.0, "because", True)
    found = read_reported(rubric(1, gates=(gate,)), ["D1=1"])
    assert len(found.notes) == 1
    assert "stranger" in found.notes[0]


def test_unequal_weights_have_no_whole_points() -> None:
    with pytest.raises(BadInput, match="unequally"):
        read_reported(rubric(1, 2), [], answers=8, stated="7.4")
    assert read_reported(rubric(1, 2), ["D1=1.0", "D2=0.5"], answers=8).whole is None


def test_a_stated_figure_keeps_its_digits() -> None:
    assert fit_of_score("7.50", 64).stated == Decimal("7.50")
