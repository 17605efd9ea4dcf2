"""Promises of undo and redo in a blind session: they reach its own ratings, and nobody else's words or other passes."""

from __future__ import annotations

import pytest

from molting_tui import workspace as workspaces
from molting_tui.evaluation.scoring.blind_session import Scoring, start
from molting_tui.records.evaluation import Rating
from molting_tui.records.events import RATE_KINDS, NewEvent
from molting_tui.store import answers, events, ratings
from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set, rubric

TWO = question_set(question("joao"), question("molting"))
VOICE, MANNER = rubric(), rubric("warmth", id="manner")


def stored(workspace: Workspace, of: str = VOICE.digest) -> list[Rating]:
    uuids = [answer.uuid for answer in answers.answers(workspace.store)]
    return ratings.ratings(workspace.store, of, uuids)


def rate_whole(scoring: Scoring, level: int = 1) -> None:
    for place in scoring.places:
        for dimension in scoring.rubric.dimensions:
            scoring.rate(place, dimension.id, level)


def as_sheet(workspace: Workspace, scoring: Scoring, rater: str, level: int) -> None:
    """What a sheet says: the same answer, rubric and pass, told by this actor, of another rater."""
    uuid = scoring.item(0).uuid
    payload = {"dimension": "tone", "level": level, "rater": rater}
    digest = answers.question_of(workspace.store, uuid)
    said = [NewEvent(uuid, "rate", payload, VOICE.digest, digest, scoring.rating_pass, False)]
    events.say(workspace.store, workspace.actor, "a sheet", said)


@pytest.fixture
def scoring(workspace: Workspace) -> Scoring:
    """A session over two answers, nothing said yet."""
    answered(workspace, TWO, ["v1"])
    return start(workspace, VOICE)


def test_undo_in_a_session_leaves_what_a_sheet_said_of_another_rater(workspace: Workspace, scoring: Scoring) -> None:
    scoring.rate(0, "tone", 2)
    as_sheet(workspace, scoring, "rui", 0)
    undone = scoring.undo()
    assert undone is not None
    assert undone.sentence.startswith("Taken back: tone 2")
    assert [(rating.rater, rating.level) for rating in stored(workspace)] == [("rui", 0)]
    assert scoring.undo() is None


def test_a_sheet_of_another_rater_does_not_end_redo(workspace: Workspace, scoring: Scoring) -> None:
    scoring.rate(0, "tone", 2)
    scoring.undo()
    as_sheet(workspace, scoring, "rui", 0)
    assert scoring.redo() is not None
    assert {(rating.rater, rating.level) for rating in stored(workspace)} == {("rui", 0), ("ana", 2)}


def test_redo_in_a_session_leaves_a_sheet_that_was_taken_back(workspace: Workspace, scoring: Scoring) -> None:
    as_sheet(workspace, scoring, "rui", 0)
    assert events.undo(workspace.store, workspace.actor, kinds=RATE_KINDS) is not None
    assert scoring.redo() is None
    assert stored(workspace) == []


def test_undo_in_the_second_pass_leaves_the_first(workspace: Workspace, scoring: Scoring) -> None:
    rate_whole(scoring)
    again = start(workspace, VOICE, again=True)
    assert again.rating_pass == 2
    again.rate(0, "tone", 0)
    assert again.undo() is not None
    assert again.undo() is None
    assert [rating.rating_pass for rating in stored(workspace)] == [1] * 4


def test_a_rating_of_the_first_pass_does_not_end_redo_in_the_second(workspace: Workspace, scoring: Scoring) -> None:
    rate_whole(scoring)
    again = start(workspace, VOICE, again=True)
    again.rate(0, "tone", 0)
    again.undo()
    scoring.rate(0, "tone", 2)
    assert again.redo() is not None
    assert again.item(0).levels == {"tone": 0}


def test_undo_and_redo_stay_with_the_rubric_of_the_session(workspace: Workspace, scoring: Scoring) -> None:
    manner = start(workspace, MANNER)
    scoring.rate(0, "tone", 2)
    manner.rate(0, "warmth", 1)
    assert scoring.undo() is not None
    assert scoring.undo() is None
    assert [rating.level for rating in stored(workspace, MANNER.digest)] == [1]
    manner.rate(0, "warmth", 0)
    assert scoring.redo() is not None
    assert [rating.level for rating in stored(workspace)] == [2]


def test_undo_and_redo_reach_only_the_answers_of_the_session(workspace: Workspace) -> None:
    answered(workspace, TWO, ["v1"])
    answered(workspace, TWO, ["v2"], run="0002-answers")
    first = start(workspace, VOICE, contenders=["v1"])
    second = start(workspace, VOICE, contenders=["v2"])
    first.rate(0, "tone", 2)
    assert second.undo() is None
    assert second.redo() is None
    first.undo()
    second.rate(0, "tone", 0)
    assert second.redo() is None
    assert first.redo() is not None
    assert sorted(rating.level or 0 for rating in stored(workspace)) == [0, 2]


def test_what_somebody_else_says_or_takes_back_is_theirs(
    workspace: Workspace, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoring.rate(0, "tone", 2)
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    opened = workspaces.open_workspace(workspace.folder)
    theirs = start(opened, VOICE)
    theirs.rate(0, "truth", 0)
    theirs.undo()
    assert theirs.undo() is None
    assert scoring.redo() is None
    scoring.undo()
    theirs.rate(1, "truth", 1)
    assert scoring.redo() is not None
    assert sorted((rating.rater, rating.level) for rating in stored(workspace)) == [("ana", 2), ("rui", 1)]
    opened.close()


def test_redo_brings_back_every_step_once(scoring: Scoring) -> None:
    scoring.rate(0, "tone", 2)
    scoring.rate(0, "tone", 1)
    scoring.undo()
    scoring.undo()
    levels = []
    while scoring.redo() is not None:
        levels.append(scoring.item(0).levels["tone"])
    assert levels == [2, 1]
