"""Promises of ratings: what stands follows from what was said, by whom it was, and under which rubric."""

from __future__ import annotations

import pytest

from molting_tui.errors import MoltingError
from molting_tui.records.evaluation import Rating
from molting_tui.records.events import RATE_KINDS, NewEvent
from molting_tui.store import answers, checks, events, ratings, scoring
from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set, rubric

RUBRIC, OTHER = rubric(), rubric(words="another level")
ASKED = question_set(question("joao"), question("molting"))


@pytest.fixture
def uuids(workspace: Workspace) -> list[str]:
    """The answers of one contender to two questions; both rubrics are remembered."""
    answered(workspace, ASKED, ("v1",))
    for one in (RUBRIC, OTHER):
        ratings.remember_rubric(workspace.store, one)
    return [one.uuid for one in answers.names(workspace.store)]


def said(uuid: str, level: int | None, dimension: str = "tone", rating_pass: int = 1, **payload: object) -> NewEvent:
    told = {"dimension": dimension, "level": level} | payload
    return NewEvent(uuid, "rate", told, RUBRIC.digest, ASKED.questions[0].digest, rating_pass, True)


def standing(workspace: Workspace) -> list[tuple[str, str, int | None]]:
    found = workspace.store.rows("select rater, dimension, level from rating order by rater, dimension, pass")
    return [(rater, dimension, level) for rater, dimension, level in found]


def test_the_last_word_on_a_dimension_stands(workspace: Workspace, uuids: list[str]) -> None:
    for level in (0, 2, None, 1):
        events.say(workspace.store, "ana", "rate", [said(uuids[0], level)])
    events.say(workspace.store, "ana", "rate", [said(uuids[0], None, "truth")])
    assert ratings.ratings(workspace.store, RUBRIC.digest, uuids) == [
        Rating(uuids[0], "tone", 1, "ana", 1, True),
        Rating(uuids[0], "truth", None, "ana", 1, True),
    ]
    assert ratings.rated_whole(workspace.store, RUBRIC.digest, "ana") == {uuids[0]: 1}


def test_two_raters_two_passes_and_two_rubrics_are_kept_apart(workspace: Workspace, uuids: list[str]) -> None:
    store = workspace.store
    events.say(store, "ana", "rate", [said(uuids[0], 0)])
    events.say(store, "rui", "rate", [said(uuids[0], 1)])
    events.say(store, "ana", "rate", [said(uuids[0], 2, rating_pass=2)])
    events.say(store, "ana", "rate", [said(uuids[0], 1)._replace(rubric_digest=OTHER.digest)])
    found = [(one.rater, one.rating_pass, one.level) for one in ratings.ratings(store, RUBRIC.digest, uuids)]
    assert found == [("ana", 1, 0), ("ana", 2, 2), ("rui", 1, 1)]
    assert [one.level for one in ratings.ratings(store, OTHER.digest, uuids)] == [1]
    assert [one.ratings for one in ratings.rubrics_rated(store, "voice")] in ([3, 1], [1, 3])
    events.undo(store, "ana", kinds=RATE_KINDS)
    assert ratings.ratings(store, OTHER.digest, uuids) == []
    assert len(ratings.ratings(store, RUBRIC.digest, uuids)) == 3


def test_what_is_entered_for_somebody_else_is_theirs_and_taken_back_by_who_entered_it(
    workspace: Workspace, uuids: list[str]
) -> None:
    store = workspace.store
    events.say(store, "rui", "rate", [said(uuids[0], 0)])
    events.say(store, "ana", "sheet", [said(uuid, 2, rater="rui") for uuid in uuids])
    assert standing(workspace) == [("rui", "tone", 2)] * 2
    assert events.undo(store, "ana", kinds=RATE_KINDS) is not None
    assert standing(workspace) == [("rui", "tone", 0)]
    assert events.redo(store, "ana", kinds=RATE_KINDS) is not None
    assert events.undo(store, "rui", kinds=RATE_KINDS) is not None
    assert standing(workspace) == [("rui", "tone", 2)] * 2


def test_a_note_goes_with_the_rating_that_brought_it(workspace: Workspace, uuids: list[str]) -> None:
    store = workspace.store
    key = (uuids[0], RUBRIC.digest, "ana", 1)
    events.say(store, "ana", "rate", [said(uuids[0], 1, note="dull")])
    events.say(store, "ana", "note", [said(uuids[0], 1)._replace(payload={"note": "very dull"})])
    assert (ratings.note(store, *key), ratings.levels(store, *key)) == ("very dull", {"tone": 1})
    events.undo(store, "ana", kinds=RATE_KINDS)
    assert ratings.note(store, *key) == "dull"
    events.say(store, "ana", "note", [said(uuids[0], 1)._replace(payload={"note": ""})])
    assert (ratings.note(store, *key), ratings.levels(store, *key)) == ("", {"tone": 1})
    events.undo(store, "ana", kinds=RATE_KINDS)
    events.undo(store, "ana", kinds=RATE_KINDS)
    assert (ratings.note(store, *key), ratings.levels(store, *key)) == ("", {})


def test_a_rating_under_a_rubric_that_isnt_remembered_stores_nothing(workspace: Workspace, uuids: list[str]) -> None:
    with pytest.raises(MoltingError, match="FOREIGN KEY"):
        events.say(workspace.store, "ana", "rate", [said(uuids[0], 1)._replace(rubric_digest="nobody's")])
    assert workspace.store.value("select count(*) from event") == 0


def test_a_rating_of_an_answer_that_isnt_there_is_refused_whole(workspace: Workspace, uuids: list[str]) -> None:
    with pytest.raises(MoltingError, match="not stored"):
        events.say(workspace.store, "ana", "rate", [said(uuids[0], 1), said("gone", 1)])
    assert workspace.store.value("select count(*) from event") == 0


def test_a_rating_that_an_older_schema_took_without_its_answer_is_counted_by_doctor(
    workspace: Workspace, uuids: list[str]
) -> None:
    with workspace.store.write() as connection:  # schema 2 had no such trigger
        connection.execute("drop trigger event_of_known_subject")
    events.say(workspace.store, "ana", "rate", [said("gone", 1), said(uuids[0], 1)])
    assert len(standing(workspace)) == 1
    facts = checks.examine(workspace.store.path)
    assert isinstance(facts, checks.DatabaseFacts)
    assert facts.orphans == 1


def test_a_rubric_is_kept_as_it_was_when_first_rated_under(workspace: Workspace, uuids: list[str]) -> None:
    assert uuids
    assert ratings.remembered_rubric(workspace.store, OTHER.digest) == OTHER
    assert ratings.remembered_rubric(workspace.store, "nobody's") is None
    before = workspace.store.connection().total_changes
    ratings.remember_rubric(workspace.store, OTHER)
    assert workspace.store.connection().total_changes == before


def test_what_one_scored_blind_is_looked_for_among_the_answers_own_events(workspace: Workspace) -> None:
    plan = workspace.store.rows(
        f"explain query plan select 1 from answer a where {scoring.SCORED_BLIND}", ("ana", RUBRIC.digest)
    )
    assert any("event_subject (subject=? AND kind=?)" in step[3] for step in plan)


def test_undo_finds_the_last_rating_by_an_index(workspace: Workspace) -> None:
    plan = workspace.store.rows(
        """explain query plan select e.batch from event e where e.actor = 'ana' and e.kind = 'rate'
           and not exists (select 1 from undone u where u.batch = e.batch) order by e.id desc limit 1"""
    )
    assert "event_rated" in plan[0][3]
