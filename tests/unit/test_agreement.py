"""Promises of how agreement is told: by dimension, with an interval over facts, and not at all of few answers."""

from __future__ import annotations

import pytest

from molting_tui import workspace as workspaces
from molting_tui.evaluation.results.agreement import agreement_sentence, agreements
from molting_tui.evaluation.results.table import rated_answers
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.statistics.agreement import krippendorff_alpha
from molting_tui.records.verdicts import Agreement
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set, rubric

RUBRIC = rubric()
TONES = {
    "ana": [0, 1, 2, 2, 1, 0, 2, 1, 0, 1, 2, 0, 1, 2, 2, 0],
    "rui": [0, 1, 2, 1, 1, 0, 2, 2, 0, 1, 2, 1, 1, 2, 2, 0],
}


def scored_by_two(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, facts: int, samples: int) -> Agreement:
    """What two raters agree on who gave these tones, and found everything true, answer by answer."""
    answered(workspace, question_set(*(question(f"fact{n}") for n in range(facts))), ("v1",), samples=samples)
    order = {answer.uuid: place for place, answer in enumerate(answers.answers(workspace.store))}
    for name, tones in TONES.items():
        monkeypatch.setenv("MOLTING_ACTOR", name)
        opened = workspaces.open_workspace(workspace.folder)
        scoring = start(opened, RUBRIC)
        for place in scoring.places:
            scoring.rate(place, "tone", tones[order[scoring.item(place).uuid]])
            scoring.rate(place, "truth", 2)
        opened.close()
    (between,) = agreements(workspace, RUBRIC, rated_answers(workspace, RUBRIC))
    return between


def test_two_raters_agree_by_dimension_with_an_interval_over_facts(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = scored_by_two(workspace, monkeypatch, 8, 2)
    alpha = krippendorff_alpha(list(zip(*TONES.values(), strict=True)))
    assert alpha is not None
    assert (between.between, between.answers) == ("raters", 16)
    assert between.alpha == {"tone": pytest.approx(alpha), "truth": None}
    assert between.interval["tone"] is not None
    low, high = between.interval["tone"]
    assert 0 < low < alpha < high <= 1
    assert between.interval["truth"] is None
    assert agreement_sentence(between) == (
        f"Agreement of raters over 16 answers (ordinal alpha): tone .{round(100 * alpha)} (.{round(100 * low)} .. 1), "
        "truth no figure, for all levels are one."
    )


def test_few_facts_leave_the_interval_away(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    between = scored_by_two(workspace, monkeypatch, 4, 4)
    assert between.alpha["tone"] is not None
    assert between.interval == {"tone": None, "truth": None}
    assert "tone ." in agreement_sentence(between)
    assert ".." not in agreement_sentence(between)


def test_fifteen_answers_say_nothing_of_agreement(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    between = scored_by_two(workspace, monkeypatch, 5, 3)
    assert between.alpha == between.interval == {"tone": None, "truth": None}
    assert agreement_sentence(between) == "Agreement of raters over 15 answers: fewer than 16 say nothing."


@pytest.mark.parametrize(
    ("alpha", "interval", "words"),
    [
        (0.814, (0.55, 1.0), ".81 (.55 .. 1)"),
        (-0.123, (-1.0, 0.3), "−.12 (−1 .. .30)"),
        (0.999, None, "1"),
        (-0.001, None, ".00"),
    ],
)
def test_a_figure_of_agreement_has_no_leading_nought(
    alpha: float, interval: tuple[float, float] | None, words: str
) -> None:
    between = Agreement("raters", 24, {"D1": alpha}, {"D1": interval})
    assert agreement_sentence(between) == f"Agreement of raters over 24 answers (ordinal alpha): D1 {words}."
