"""Promises of verdicts: the words, what they hang on, and that no interval is never a pass."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.results import verdict_words as words
from molting_tui.evaluation.results.verdicts import QuestionScores, claim_of_these, judged, words_without
from molting_tui.records.verdicts import Claim, FactScores, Verdict


def facts(*differences: float) -> list[FactScores]:
    """Facts with these differences."""
    return [FactScores(f"f{number}", 5 + each, 5.0) for number, each in enumerate(differences)]


def verdict(differences: Sequence[float], questions: int = 0, blind: bool = True, within: float = 1.0) -> Verdict:
    """The verdict on two checkpoints of one training run each."""
    told = judged(facts(*differences), within=within)
    recipe = Claim("the recipe", "One training run each: nothing is said of the recipe.")
    return Verdict(
        "v2.1", "v2.0", told.word, "", tuple(facts(*differences)), told.figures, within, 0.05, None, None, told.without,
        (), (recipe,), (), (), blind, questions or len(differences),
    )  # fmt: skip


NOT_TOLD = (2.5, -1.25, 1.25, 0.0, 2.5, 1.25, -1.25, 1.25)


def test_the_plain_sentence_says_difference_interval_what_can_be_shown_and_what_isnt_said() -> None:
    told = verdict(NOT_TOLD, blind=False)
    assert words.title(told) == "NOT DISTINGUISHABLE (23 more questions)"
    assert words.sentence(told) == (
        "v2.1 − v2.0 = +0.78, 95 % interval −0.46 .. +2.02 (8 questions, paired). Not distinguishable. "
        "These 8 questions can show 1.8 or more; to show 0.78 ask 23 more. "
        "One training run each: nothing is said of the recipe. The scorer knew the version: bias possible."
    )


def test_facts_asked_in_several_languages_count_once() -> None:
    assert "(8 facts, paired)" in words.sentence(verdict(NOT_TOLD, questions=16))
    assert words.title(verdict(NOT_TOLD, questions=16)) == "NOT DISTINGUISHABLE (23 more facts)"


@pytest.mark.parametrize(
    ("differences", "why"),
    [
        ((2.5,) * 8, "all differences are alike"),
        ((0.0,) * 8, "all differences are alike"),
        ((1.0, 2.0, 3.0, 2.0, 1.0), "it takes 6 questions or more"),
    ],
)
def test_without_an_interval_nothing_passes(differences: tuple[float, ...], why: str) -> None:
    told = verdict(differences)
    assert (told.word, told.figures, told.without) == ("UNDERPOWERED", None, ())
    assert f"No interval: {why}" in words.sentence(told)


def test_six_facts_have_an_interval_and_none_of_them_can_be_left_out() -> None:
    differences = facts(2.5, 2.4, 2.6, 2.5, 2.4, -3)
    assert judged(differences).word == "NOT DISTINGUISHABLE"
    assert judged(differences).without == ()
    assert [each.cluster for each in judged([*differences, *facts(2.5)]).without] == ["f5"]


def test_a_verdict_that_hangs_on_one_fact_names_it() -> None:
    told = judged(facts(0.3, 0.2, 0.4, 0.3, -0.2, 0.3, 0.1, 0.3), within=0.1)
    assert told.word == "DIFFERENT"
    assert told.without == ()
    told = judged(facts(2.5, 0, 2.5, 0, 2.5, 0, 2.5, -1.25))
    assert (told.word, [(each.cluster, each.word) for each in told.without]) == (
        "NOT DISTINGUISHABLE",
        [("f7", "DIFFERENT")],
    )
    assert words.left_out_sentence(told.without[0]) == "without *f7* the verdict is DIFFERENT"


@given(
    differences=st.lists(st.sampled_from([each * 0.625 for each in range(-8, 9)]), min_size=7, max_size=12),
    within=st.sampled_from([0.5, 1.0, 3.0]),
    level=st.sampled_from([0.05, 0.005]),
)
def test_leaving_one_out_says_what_a_verdict_on_the_rest_says(
    differences: list[float], within: float, level: float
) -> None:
    rest = [differences[:place] + differences[place + 1 :] for place in range(len(differences))]
    said = [judged(facts(*each), within=within, level=level).word for each in rest]
    assert words_without(differences, within, level) == said


def test_equivalence_tells_its_distance_and_how_often_it_would_be_found() -> None:
    told = verdict((0.4, -0.4, 0.4, -0.4, 0.4, -0.4, 0.0, 0.0))
    assert words.title(told) == "EQUIVALENT within 1.0"
    assert "Equivalent within 1; with 8 questions that is found in 100 % of the cases" in words.sentence(told)
    assert words.title(verdict((0.4, -0.4, 0.4, -0.4, 0.4, -0.4, 0.0, 0.0), within=0.2)).startswith("NOT DIST")


def test_a_planned_look_is_judged_at_its_own_level() -> None:
    differences = facts(2.5, 0, 2.5, 0, 2.5, 1.25, 2.5, 0)
    assert judged(differences).word == "DIFFERENT"
    first = judged(differences, level=0.005, confidence=0.995)
    assert first.word == "NOT DISTINGUISHABLE"
    assert first.figures is not None
    assert first.figures.interval[0] < 0 < first.figures.interval[1]


def test_these_very_questions_need_two_samples_of_both() -> None:
    once = QuestionScores("f", "f", (5.0,), (2.5, 5.0))
    assert claim_of_these([once]).interval is None
    # By hand: variances 3.125 each, standard error sqrt(4 * 3.125 / 2) / 2 = 1.25, t of 4 at .975 2.7764.
    twice = [QuestionScores(name, name, (5.0, 7.5), (2.5, 5.0)) for name in "fg"]
    claim = claim_of_these(twice)
    assert claim.df == 4
    assert claim.interval == pytest.approx((2.5 - 2.7764 * 1.25, 2.5 + 2.7764 * 1.25), abs=1e-3)


def test_questions_that_scatter_alone_leave_no_more_freedom_than_they_have() -> None:
    # One answer of each pair of three scatters: Welch's degrees of freedom are its own two, not the sixteen of all.
    still = [QuestionScores(name, name, (5.0, 5.0, 5.0), (5.0, 5.0, 5.0)) for name in "abc"]
    claim = claim_of_these([*still, QuestionScores("d", "d", (0.0, 5.0, 10.0), (5.0, 5.0, 5.0))])
    assert claim.df == 2
    reach = 4.3027 * math.sqrt(25 / 3) / 4
    assert claim.interval == pytest.approx((-reach, reach), abs=1e-3)
    assert claim_of_these(still).interval is None


def test_figures_keep_their_sign_and_a_size_is_rounded_up() -> None:
    assert [words.signed(each) for each in (0.8, -0.3, 0.001)] == ["+0.80", "−0.30", "0.00"]
    assert [words.upward(each) for each in (1.41, 1.5, 0.02)] == ["1.5", "1.5", "0.1"]
    assert [words.p_value(each) for each in (0.0004, 0.0304, 0.87, 1.0)] == ["< .001", ".030", ".87", "1"]
