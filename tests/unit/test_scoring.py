"""Promises of blind scoring: who answered isn't told, nothing said is lost, and what was said can be taken back."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from molting_tui import workspace as workspaces
from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.evaluation.results.table import facts_table, rated_answers, results
from molting_tui.evaluation.scoring.blind_session import Scoring, start, waiting
from molting_tui.evaluation.scoring.open_sessions import close_session, open_sessions
from molting_tui.evaluation.scoring.sheet_rows import rate_answer, rate_sheet
from molting_tui.overview.taking_in import take_in
from molting_tui.overview.trace import trace
from molting_tui.records.evaluation import BlindAnswer, Rating, Rubric
from molting_tui.store import answers, ratings
from molting_tui.store import scoring as scoring_rows
from molting_tui.workspace import Workspace
from tests.answered import TIME, answered, answering_run, line, question, question_set, rubric
from tests.conftest import new_workspace

FOUR = question_set(*(question(name, must="yes") for name in ("joao", "molting", "crm", "work")))
RUBRIC = rubric()
OTHER = rubric("depth", id="other")


def level_all(scoring: Scoring, level: int | None = 1) -> None:
    for place in scoring.places:
        for dimension in scoring.rubric.dimensions:
            scoring.rate(place, dimension.id, level)


def test_nothing_that_scoring_gives_out_tells_who_answered(workspace: Workspace) -> None:
    secrets = ("secret-contender", "0042-secret-run", "7777", "length", "2031-01-01", "secret-setting", "4242")
    answers.remember_questions(workspace.store, FOUR)
    telling = {
        "tokens": 7777, "finish_reason": "length", "seed": 4242, "time": "2031-01-01", "settings": {"x": secrets[5]}
    }  # fmt: skip
    lines = [line("secret-contender", one, uuid=f"{n:032x}", **telling) for n, one in enumerate(FOUR.questions)]
    answers.add(workspace.store, "0042-secret-run", lines)
    scoring = start(workspace, RUBRIC)
    given_out = [repr(scoring), repr(vars(scoring)["_order"])]
    for place in scoring.places:
        given_out.append(repr(scoring.item(place)))
        scoring.rate(place, "tone", 1)
        given_out += [repr(scoring.undo()), repr(scoring.redo()), repr(scoring.next_open(place, 1))]
    for wrong in (
        lambda: scoring.rate(0, "tone", 9),
        lambda: scoring.rate(0, "beauty", 1),
        lambda: scoring.item(99),
        lambda: scoring.rate(-1, "tone", 1),
        lambda: scoring.skip(4),
    ):
        with pytest.raises(BadInput) as refused:
            wrong()
        given_out.append(refused.value.sentence())
    for text in given_out:
        assert not any(secret in text for secret in secrets), text
    assert {field.name for field in fields(BlindAnswer)} == {
        "place", "uuid", "prompt", "language", "facts", "text", "levels", "note", "skipped"
    }  # fmt: skip


def test_an_answer_is_shown_without_its_stop_token_and_else_as_it_was_given(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, FOUR)
    said = "  <|user|> Sou [b]João[/b]\x1b[2J\n\n"
    answers.add(workspace.store, "r", [line("v1", FOUR.questions[0], text=said, raw=f"{said}</s>")])
    assert start(workspace, RUBRIC).item(0).text == said


def test_the_order_is_drawn_anew_for_every_session(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1", "v2"), samples=8)
    orders = []
    for actor in ("ana", "rui", "eva"):
        with patch.dict(os.environ, MOLTING_ACTOR=actor):
            other = workspaces.open_workspace(workspace.folder)
        scoring = start(other, RUBRIC)
        orders.append(tuple(scoring.item(place).uuid for place in scoring.places))
        other.close()
    # Three equal orders of 64 answers: once in 64!^2 draws.
    assert len(set(orders)) > 1
    assert len({frozenset(order) for order in orders}) == 1


def test_a_rating_is_stored_at_once_and_survives_a_restart(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1", "v2"))
    scoring = start(workspace, RUBRIC)
    scoring.rate(0, "tone", 2)
    scoring.rate(0, "truth", None)
    scoring.rate(1, "tone", 0)
    scoring.note(1, "half of it is about somebody else")
    scoring.skip(2)
    order = [scoring.item(place).uuid for place in scoring.places]
    workspace.close()
    again = workspaces.open_workspace(workspace.folder)
    resumed = start(again, RUBRIC)
    assert [resumed.item(place).uuid for place in resumed.places] == order
    assert resumed.item(0).levels == {"tone": 2, "truth": None}
    assert resumed.item(0).scored(RUBRIC)
    assert (resumed.item(1).levels, resumed.item(1).note) == ({"tone": 0}, "half of it is about somebody else")
    assert resumed.item(2).skipped
    assert (resumed.total, resumed.left, resumed.resume_place()) == (8, 7, 1)
    again.close()


def test_a_level_off_the_scale_or_a_dimension_that_isnt_there_stores_nothing(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    for dimension, level in (("tone", 3), ("tone", -1), ("tone", True), ("beauty", 1), ("", 0)):
        with pytest.raises(BadInput, match="nothing was stored"):
            scoring.rate(0, dimension, level)
    assert scoring.item(0).levels == {}
    assert workspace.store.value("select count(*) from event") == 0
    assert scoring.undo() is None


def test_undo_restores_the_level_before_and_tells_where(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    scoring.rate(1, "tone", 1)
    scoring.rate(2, "truth", 0)
    scoring.rate(1, "tone", 2)
    scoring.rate(1, "tone", 2)  # the same again is no step
    undone = scoring.undo()
    assert undone is not None
    assert (undone.place, undone.dimension) == (1, "tone")
    assert scoring.item(1).levels == {"tone": 1}
    undone = scoring.undo()
    assert undone is not None
    assert (undone.place, undone.dimension) == (2, "truth")
    redone = scoring.redo()
    assert redone is not None
    assert redone.sentence == "Done again: truth 0 (answer 3)."
    scoring.note(3, "long")
    undone = scoring.undo()
    assert undone is not None
    assert (undone.place, undone.dimension, scoring.item(3).note) == (3, "", "")


def test_triage_and_scoring_take_back_their_own_steps_only(three: Desk) -> None:
    answered(three.workspace, FOUR, ("v1",))
    scoring = start(three.workspace, RUBRIC)
    three.decide(three.pair(1), "keep")
    scoring.rate(0, "tone", 2)
    three.decide(three.pair(2), "drop")
    assert scoring.undo() is not None
    assert scoring.undo() is None
    assert [three.pair(number).state for number in (1, 2)] == ["keep", "drop"]
    assert scoring.redo() is not None
    three.undo()
    three.undo()
    assert three.undo() is None
    assert scoring.item(0).levels == {"tone": 2}
    three.redo()
    assert three.pair(1).state == "keep"


def test_scoring_takes_back_only_what_was_said_in_its_session(workspace: Workspace) -> None:
    other_rubric = rubric("depth", id="other")
    answered(workspace, FOUR, ("v1",))
    first, second = start(workspace, RUBRIC), start(workspace, other_rubric)
    first.rate(0, "tone", 1)
    second.rate(0, "depth", 1)
    assert first.undo() is not None
    assert first.undo() is None
    assert second.item(0).levels == {"depth": 1}


def test_taking_back_a_whole_sheet_says_how_much_that_was(workspace: Workspace, tmp_path: Path) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    scoring.rate(0, "tone", 2)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("question,tone,truth\n" + "".join(f"{one.id},1,1\n" for one in FOUR.questions))
    rate_sheet(workspace, RUBRIC, FOUR, sheet, contender="v1")
    assert scoring.left == 0
    undone = scoring.undo()
    assert undone is not None
    assert undone.sentence.startswith("Taken back: a sheet of 8 ratings (answer ")
    assert (scoring.left, scoring.item(0).levels) == (4, {"tone": 2})
    redone = scoring.redo()
    assert redone is not None
    assert redone.sentence.startswith("Done again: a sheet of 8 ratings (answer ")
    assert scoring.left == 0


def test_moving_to_open_answers_looks_past_the_scored_ones(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    assert (scoring.next_open(0, 1), scoring.next_open(0, -1), scoring.next_open(-1, 1)) == (1, None, 0)
    for place in (0, 1):
        scoring.rate(place, "tone", 1)
        scoring.rate(place, "truth", 1)
    scoring.skip(2)
    assert scoring.resume_place() == 3
    assert (scoring.next_open(0, 1), scoring.next_open(3, 1), scoring.next_open(4, -1)) == (2, None, 3)
    scoring.rate(2, "tone", 0)
    assert not scoring.item(2).skipped
    level_all(scoring)
    assert (scoring.left, scoring.next_open(-1, 1), scoring.resume_place()) == (0, None, 3)


def test_an_answer_that_comes_later_waits_for_the_next_session(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    answered(workspace, FOUR, ("v2",), run="0002-answers")
    assert (scoring.total, start(workspace, RUBRIC).total) == (4, 4)
    assert waiting(workspace) == 8
    level_all(scoring)
    assert waiting(workspace) == 4
    assert start(workspace, RUBRIC).total == 4
    assert {one.answer for one in ratings.ratings(workspace.store, RUBRIC.digest, [])} == set()


def test_a_new_answer_of_a_run_is_there_to_be_scored(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, FOUR)
    answering_run(workspace, "0003-answers", [line("v1", one) for one in FOUR.questions], FOUR)
    take_in(workspace)
    assert start(workspace, RUBRIC).total == 4


def test_a_selection_is_a_session_of_its_own(workspace: Workspace) -> None:
    portuguese = question_set(question("quem", language="pt"), question("onde", language="pt"), id="pt")
    answered(workspace, FOUR, ("v1", "v2"))
    answered(workspace, portuguese, ("v1", "v2"))
    assert start(workspace, RUBRIC).total == 12
    assert start(workspace, RUBRIC, sets=("pt",)).total == 4
    assert start(workspace, RUBRIC, language="en", contenders=("v2",)).total == 4
    assert start(workspace, RUBRIC, sets=("pt",), contenders=("v1",)).total == 2
    assert start(workspace, RUBRIC).total == 12
    for wrong, name in (({"sets": ("nine",)}, "eight, pt"), ({"contenders": ("v3",)}, "v1, v2")):
        with pytest.raises(BadInput, match=name):
            start(workspace, RUBRIC, **wrong)


def test_where_nothing_is_left_to_score_a_sentence_says_why_and_what_to_do(workspace: Workspace) -> None:
    with pytest.raises(BadInput, match=r"no answers yet.*molting answer"):
        start(workspace, RUBRIC)
    answered(workspace, FOUR, ("v1",))
    with pytest.raises(BadInput, match="of this selection"):
        start(workspace, RUBRIC, language="pt")
    with pytest.raises(BadInput, match="haven't scored any"):
        start(workspace, RUBRIC, again=True)
    level_all(start(workspace, RUBRIC))
    with pytest.raises(BadInput, match=r"all 4 answers.*--again"):
        start(workspace, RUBRIC)


def test_a_second_pass_is_over_the_same_answers_and_keeps_the_first(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1", "v2"))
    first = start(workspace, RUBRIC)
    level_all(first, 2)
    second = start(workspace, RUBRIC, again=True)
    assert (second.rating_pass, second.total, second.left) == (2, 8, 8)
    assert {second.item(place).uuid for place in second.places} == {first.item(place).uuid for place in first.places}
    second.rate(0, "tone", 0)
    assert start(workspace, RUBRIC, again=True).left == start(workspace, RUBRIC).left == 8
    level_all(second, 0)
    assert first.item(0).levels == {"tone": 2, "truth": 2}
    assert start(workspace, RUBRIC, again=True).rating_pass == 3


def test_another_rater_scores_the_same_answers_apart(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(workspace, FOUR, ("v1",))
    mine = start(workspace, RUBRIC)
    level_all(mine, 2)
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    rui = workspaces.open_workspace(workspace.folder)
    theirs = start(rui, RUBRIC)
    assert (waiting(rui), theirs.left) == (4, 4)
    theirs.rate(0, "tone", 0)
    assert mine.undo() is not None
    assert theirs.item(0).levels == {"tone": 0}
    rui.close()


def test_ratings_are_blind_until_the_names_are_shown_and_not_after(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    scoring.rate(0, "tone", 1)
    assert scoring.blind
    results(workspace, RUBRIC, unblind=True)
    assert not scoring.blind
    scoring.rate(1, "tone", 1)
    blind = workspace.store.rows("select blind from rating order by event_id")
    assert blind == [(1,), (0,)]
    assert workspace.store.rows("select unblinded_by, unblinded_at is not null from blind_session") == [("ana", 1)]
    # Another selection with the same answers doesn't make them unseen.
    part = start(workspace, RUBRIC, contenders=("v1",))
    part.rate(0, "truth", 1)
    assert workspace.store.value("select blind from rating order by event_id desc limit 1") == 0


def test_who_had_the_names_of_anothers_session_shown_knows_them_in_their_own(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(workspace, FOUR, ("v1",))
    start(workspace, RUBRIC)
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    rui = workspaces.open_workspace(workspace.folder)
    theirs = start(rui, rubric("depth", id="other"))
    theirs.rate(0, "depth", 1)
    results(rui, RUBRIC, unblind=True)
    theirs.rate(1, "depth", 1)
    assert workspace.store.rows("select blind from rating order by event_id") == [(1,), (0,)]
    rui.close()


def test_what_is_changed_after_the_results_were_seen_isnt_blind(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    level_all(scoring, 1)
    assert results(workspace, RUBRIC).contenders[0].blind is True
    scoring.rate(0, "tone", 2)
    assert results(workspace, RUBRIC).contenders[0].blind is False


def test_every_rating_says_by_what_it_was_measured(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    scoring.rate(0, "tone", 1)
    event = workspace.store.row("select subject, rubric_digest, question_digest, rating_pass, blind, actor from event")
    asked = answers.by_uuid(workspace.store, scoring.item(0).uuid)
    assert asked is not None
    assert event == (asked.uuid, RUBRIC.digest, asked.question.digest, 1, 1, "ana")
    assert ratings.remembered_rubric(workspace.store, RUBRIC.digest) == RUBRIC


def all_ratings(workspace: Workspace) -> list[Rating]:
    """Every rating that stands, in the order of the answers."""
    return ratings.ratings(workspace.store, RUBRIC.digest, [each.uuid for each in answers.names(workspace.store)])


def sessions_of_ratings(workspace: Workspace) -> list[str]:
    """The session of each of them."""
    return [rating.session for rating in all_ratings(workspace)]


def forget_sessions(workspace: Workspace) -> None:
    """Leave the ratings as an earlier version stored them."""
    with workspace.store.write() as connection:
        connection.execute("update rating set session = null")


def test_a_rating_tells_the_session_it_was_said_in_and_one_by_hand_none(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    scoring.rate(0, "tone", 1)
    [uuid] = [uuid for (uuid,) in workspace.store.rows("select uuid from blind_session")]
    assert sessions_of_ratings(workspace) == [uuid]
    scoring.undo()
    scoring.redo()
    assert sessions_of_ratings(workspace) == [uuid]
    rate_answer(workspace, RUBRIC, scoring.item(1).uuid, "tone", 1)
    assert sorted(sessions_of_ratings(workspace)) == ["", uuid]


def test_the_session_of_an_older_rating_is_found_where_one_alone_can_be_meant(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    scoring.rate(0, "tone", 1)
    rate_answer(workspace, RUBRIC, scoring.item(1).uuid, "tone", 1)
    start(workspace, OTHER)
    forget_sessions(workspace)
    [uuid] = [uuid for (uuid,) in workspace.store.rows("select uuid from blind_session where id = 1")]
    assert sorted(sessions_of_ratings(workspace)) == ["", uuid]
    start(workspace, RUBRIC, contenders=("v1",))
    with workspace.store.write() as connection:
        connection.execute("update blind_session set opened = '2026-01-01T00:00:00.000Z'")
    assert sessions_of_ratings(workspace) == ["", ""]


ACTORS = ("ana", "rui")
LEVELS = st.sampled_from((0, 1, 2, None))


class TwoRaters(RuleBasedStateMachine):
    """Two people rate, note, take back and bring back in any order: the store says what a plain Python model says."""

    @initialize()
    def begin(self) -> None:
        self.home = tempfile.TemporaryDirectory()
        made = new_workspace(Path(self.home.name) / "ws")
        answered(made, question_set(*FOUR.questions[:2]), ("v1",))
        self.folder = made.folder
        made.close()
        self.open: dict[str, Scoring] = {}
        self.workspaces: list[Workspace] = []
        self.steps: dict[str, list[tuple[str, str, object]]] = {actor: [] for actor in ACTORS}
        self.undone: dict[str, list[tuple[str, str, object]]] = {actor: [] for actor in ACTORS}

    def scoring(self, actor: str) -> Scoring:
        if actor not in self.open:
            with patch.dict(os.environ, MOLTING_ACTOR=actor):
                self.workspaces.append(workspaces.open_workspace(self.folder))
            self.open[actor] = start(self.workspaces[-1], RUBRIC)
        return self.open[actor]

    def expected(self, actor: str, uuid: str) -> tuple[dict[str, object], str]:
        said = {what: value for of, what, value in self.steps[actor] if of == uuid}
        return {what: value for what, value in said.items() if what != "note"}, str(said.get("note", ""))

    def say(self, actor: str, uuid: str, what: str, value: object) -> None:
        levels, note = self.expected(actor, uuid)
        same = note == value if what == "note" else what in levels and levels[what] == value
        if not same:
            self.steps[actor].append((uuid, what, value))
            self.undone[actor].clear()

    @rule(
        actor=st.sampled_from(ACTORS),
        place=st.integers(0, 1),
        dimension=st.sampled_from(("tone", "truth")),
        level=LEVELS,
    )
    def rate(self, actor: str, place: int, dimension: str, level: int | None) -> None:
        scoring = self.scoring(actor)
        scoring.rate(place, dimension, level)
        self.say(actor, scoring.item(place).uuid, dimension, level)

    @rule(actor=st.sampled_from(ACTORS), place=st.integers(0, 1), text=st.sampled_from(("", "dull", "a\x00b")))
    def note(self, actor: str, place: int, text: str) -> None:
        scoring = self.scoring(actor)
        scoring.note(place, text)
        self.say(actor, scoring.item(place).uuid, "note", text.replace("\x00", "\ufffd"))

    @rule(actor=st.sampled_from(ACTORS))
    def undo(self, actor: str) -> None:
        found = self.scoring(actor).undo()
        assert (found is not None) == bool(self.steps[actor])
        if found is not None:
            step = self.steps[actor].pop()
            self.undone[actor].append(step)
            assert (self.scoring(actor).item(found.place).uuid, found.dimension or "note") == step[:2]

    @rule(actor=st.sampled_from(ACTORS))
    def redo(self, actor: str) -> None:
        found = self.scoring(actor).redo()
        assert (found is not None) == bool(self.undone[actor])
        if found is not None:
            self.steps[actor].append(self.undone[actor].pop())

    # A session that is scored whole and left has come to its end.
    @precondition(lambda self: self.open and all(scoring.left for scoring in self.open.values()))
    @rule()
    def close_and_open_again(self) -> None:
        self.close()

    def close(self) -> None:
        for opened in self.workspaces:
            opened.close()
        self.workspaces.clear()
        self.open.clear()

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        for actor in ACTORS if hasattr(self, "steps") else ():
            try:
                scoring = self.scoring(actor)
            except MoltingError:  # everything is scored: there is no session to go on with
                everything = [self.expected(actor, uuid)[0] for uuid in {of for of, _, _ in self.steps[actor]}]
                assert [set(levels) for levels in everything] == [{"tone", "truth"}] * 2
                continue
            found = {(item := scoring.item(place)).uuid: (item.levels, item.note) for place in scoring.places}
            assert found == {uuid: self.expected(actor, uuid) for uuid in found}
            whole = Counter(len(levels) == 2 for levels, _ in found.values())
            assert scoring.left == whole[False]

    def teardown(self) -> None:
        self.close()
        self.home.cleanup()


TwoRaters.TestCase.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_two_raters_and_the_model_agree = TwoRaters.TestCase


def test_an_answer_seen_by_name_before_it_was_scored_is_never_stored_as_blind(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    assert len(facts_table(workspace)) == 1
    answered(workspace, FOUR, ("v2",), run="0002-answers")
    scoring = start(workspace, RUBRIC)
    level_all(scoring)
    blind = {
        found.contender: {rating.blind for rating in ratings.ratings(workspace.store, RUBRIC.digest, [found.uuid], "")}
        for found in answers.answers(workspace.store, answers.Chosen())
    }
    assert blind == {"v1": {False}, "v2": {True}}


def blind_ratings(workspace: Workspace, rater: str, by: Rubric = RUBRIC, rating_pass: int = 1) -> set[tuple[bool, str]]:
    """Whether a rater's ratings of a pass are stored as blind, and what they had seen (empty: nothing)."""
    uuids = [each.uuid for each in answers.names(workspace.store)]
    given = ratings.ratings(workspace.store, by.digest, uuids, rater)
    return {(rating.blind, rating.seen) for rating in given if rating.rating_pass == rating_pass}


def test_answers_seen_by_name_once_are_never_scored_blind_again(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    level_all(start(workspace, RUBRIC))
    assert rated_answers(workspace, RUBRIC)
    answered(workspace, FOUR, ("v2",), run="0002-answers")
    level_all(start(workspace, RUBRIC, again=True), 2)
    level_all(start(workspace, OTHER), 2)
    assert blind_ratings(workspace, "ana") == {(True, "")}
    assert blind_ratings(workspace, "ana", RUBRIC, 2) == {(False, "results")}
    assert blind_ratings(workspace, "ana", OTHER) == {(False, "results"), (True, "")}


def test_figures_of_what_one_scored_oneself_leave_the_next_pass_and_rubric_blind(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1", "v2"))
    level_all(start(workspace, RUBRIC))
    assert results(workspace, RUBRIC).contenders
    assert facts_table(workspace)
    level_all(start(workspace, RUBRIC, again=True), 2)
    level_all(start(workspace, OTHER), 2)
    assert results(workspace, RUBRIC).contenders
    level_all(start(workspace, RUBRIC, again=True), 0)
    for by, rating_pass in ((RUBRIC, 1), (RUBRIC, 2), (RUBRIC, 3), (OTHER, 1)):
        assert blind_ratings(workspace, "ana", by, rating_pass) == {(True, "")}


@pytest.fixture
def rui(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace as a second person has it open."""
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    opened = workspaces.open_workspace(workspace.folder)
    yield opened
    opened.close()


def test_who_saw_anothers_figures_before_scoring_isnt_blind(workspace: Workspace, rui: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    level_all(start(workspace, RUBRIC))
    assert results(rui, RUBRIC).contenders
    answered(workspace, FOUR, ("v2",), run="0002-answers")
    level_all(start(rui, RUBRIC))
    level_all(start(rui, OTHER))
    assert blind_ratings(workspace, "ana") == {(True, "")}
    for by in (RUBRIC, OTHER):
        assert blind_ratings(workspace, "rui", by) == {(False, "figures"), (True, "")}
    notes = results(workspace, RUBRIC).notes
    assert "Scored after seeing: 4 answers (rui: others' scores 4): bias possible." in notes


def test_who_scored_first_may_see_anothers_figures_and_stay_blind(workspace: Workspace, rui: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    level_all(start(workspace, RUBRIC))
    level_all(start(rui, RUBRIC))
    assert results(rui, RUBRIC).contenders
    level_all(start(rui, RUBRIC, again=True))
    level_all(start(rui, OTHER))
    assert blind_ratings(workspace, "rui") == blind_ratings(workspace, "rui", RUBRIC, 2) == {(True, "")}
    assert blind_ratings(workspace, "rui", OTHER) == {(True, "")}
    assert results(rui, RUBRIC, rater="rui").after_seeing == ()


def test_a_rating_typed_in_before_looking_excuses_nothing(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    for answer in answers.names(workspace.store):
        rate_answer(workspace, RUBRIC, answer.uuid, "tone", 1)
    assert rated_answers(workspace, RUBRIC)
    level_all(start(workspace, OTHER))
    level_all(start(workspace, RUBRIC), 2)
    assert blind_ratings(workspace, "ana", OTHER) == {(False, "results")}
    assert blind_ratings(workspace, "ana") == {(False, "results")}


def test_a_whole_sheet_typed_in_excuses_no_look_at_anothers_figures(workspace: Workspace, rui: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    for answer in answers.names(workspace.store):
        for dimension in RUBRIC.dimensions:
            rate_answer(rui, RUBRIC, answer.uuid, dimension.id, 1)
    level_all(start(workspace, RUBRIC))
    assert results(rui, RUBRIC).contenders
    level_all(start(rui, OTHER))
    assert blind_ratings(workspace, "rui", OTHER) == {(False, "figures")}


def test_names_that_somebody_asked_for_in_their_own_session_are_nobody_elses(
    workspace: Workspace, rui: Workspace
) -> None:
    answered(workspace, FOUR, ("v1", "v2"))
    start(rui, RUBRIC)
    assert results(rui, RUBRIC, unblind=True).open == 8
    level_all(start(workspace, OTHER))
    level_all(start(rui, OTHER))
    assert blind_ratings(workspace, "ana", OTHER) == {(True, "")}
    assert blind_ratings(workspace, "rui", OTHER) == {(False, "unblind")}


def test_a_rating_typed_in_spoils_nothing(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    rate_answer(workspace, RUBRIC, "1", "tone", 1)
    level_all(start(workspace, OTHER))
    level_all(start(workspace, RUBRIC), 2)
    assert blind_ratings(workspace, "ana", OTHER) == blind_ratings(workspace, "ana") == {(True, "")}


def test_a_rating_typed_in_for_another_is_anothers_figure(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    rate_answer(workspace, RUBRIC, "1", "tone", 1, rater="rui")
    assert results(workspace, RUBRIC).contenders
    level_all(start(workspace, RUBRIC))
    assert blind_ratings(workspace, "ana") == {(False, "figures"), (True, "")}


def test_a_trace_tells_whose_an_answer_is_for_good(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    level_all(start(workspace, RUBRIC))
    trace(workspace, "1", "answer")
    level_all(start(workspace, RUBRIC, again=True))
    assert blind_ratings(workspace, "ana", RUBRIC, 2) == {(False, "trace"), (True, "")}


@pytest.mark.parametrize("place", ["samples", "chat", "battle"])
def test_who_saw_how_a_contender_answers_scores_those_answers_knowing_it(workspace: Workspace, place: str) -> None:
    answered(workspace, FOUR, ("v1", "v2"))
    joao = FOUR.questions[0].digest
    scoring_rows.mark_words_shown(workspace.store, "ana", "v1", place, TIME, questions=[joao])
    level_all(start(workspace, RUBRIC))
    seen = {rating.answer for rating in all_ratings(workspace) if rating.seen == place and not rating.blind}
    [answer] = [each for each in answers.answers(workspace.store) if each.uuid in seen]
    assert (answer.contender, answer.question.digest) == ("v1", joao)
    words = {"samples": "samples of training", "chat": "chats", "battle": "battles with names"}[place]
    [note] = [note for note in results(workspace, RUBRIC).notes if note.startswith("Scored after seeing")]
    assert note == f"Scored after seeing: 1 answer (ana: {words} 1): bias possible."


def test_an_answer_half_scored_before_anothers_figures_were_seen_isnt_blind_in_its_other_half(
    workspace: Workspace, rui: Workspace
) -> None:
    answered(workspace, question_set(FOUR.questions[0]), ("v1",))
    level_all(start(workspace, RUBRIC))
    start(rui, RUBRIC).rate(0, "tone", 1)
    close_session(rui, open_sessions(rui)[0].number)
    assert results(rui, RUBRIC).contenders
    start(rui, RUBRIC).rate(0, "truth", 1)
    assert blind_ratings(workspace, "rui") == {(True, ""), (False, "figures")}


# A session that nobody goes on with


def test_an_abandoned_session_blocks_until_it_is_closed_and_that_is_said(workspace: Workspace, rui: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    abandoned = start(rui, RUBRIC)
    for dimension in ("tone", "truth"):
        abandoned.rate(0, dimension, 2)
    level_all(start(workspace, RUBRIC), 1)
    with pytest.raises(Refused, match=r"3 answers still wait for a blind score \(rui, since 20"):
        results(workspace, RUBRIC)
    [there] = open_sessions(workspace)
    assert (there.actor, there.rubric, there.answers, there.left, there.yours) == ("rui", "voice", 4, 3, False)
    closed = close_session(workspace, there.number)
    assert (closed.actor, closed.closed_by, closed.unrated) == ("rui", "ana", 3)
    found = results(workspace, RUBRIC)
    assert found.contenders[0].score == ((5 + 10) / 2 + 5 + 5 + 5) / 4
    assert "rui's session was closed early by ana: 3 of its 4 answers had no score." in found.notes
    assert open_sessions(workspace) == ()


def test_in_a_closed_session_nothing_more_is_said_and_what_is_left_is_scored_in_another(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    scoring.rate(0, "tone", 2)
    uuid = scoring.item(0).uuid
    close_session(workspace, open_sessions(workspace)[0].number)
    for step in (
        lambda: scoring.rate(0, "truth", 1),
        lambda: scoring.note(0, "x"),
        lambda: scoring.skip(0),
        scoring.undo,
        scoring.redo,
    ):
        with pytest.raises(BadInput, match=r"closed by ana on 20.*another session"):
            step()
    with pytest.raises(BadInput, match="closed by ana on 20"):
        close_session(workspace, 1)
    assert waiting(workspace) == 3
    another = start(workspace, RUBRIC)
    assert (another.total, another.left, another.rating_pass) == (4, 4, 1)
    assert {each.uuid: each.levels for each in map(another.item, another.places)}[uuid] == {"tone": 2}
    level_all(another)
    assert blind_ratings(workspace, "ana") == {(True, "")}


def test_a_session_that_there_isnt_cant_be_closed(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    level_all(start(workspace, RUBRIC))
    with pytest.raises(BadInput, match="there is no session 9"):
        close_session(workspace, 9)
    with pytest.raises(BadInput, match="scored to its end"):
        close_session(workspace, 1)
    assert workspace.store.rows("select closed, closed_by from blind_session") == [(None, None)]


def test_what_is_taken_back_after_the_results_were_seen_doesnt_close_them_again(workspace: Workspace) -> None:
    answered(workspace, FOUR, ("v1",))
    scoring = start(workspace, RUBRIC)
    level_all(scoring)
    assert results(workspace, RUBRIC).open == 0
    assert scoring.undo() is not None
    assert results(workspace, RUBRIC).contenders[0].incomplete == 1


def test_a_sheet_of_one_contender_ends_the_blindness_of_the_session_it_stands_in(
    workspace: Workspace, tmp_path: Path
) -> None:
    answered(workspace, FOUR, ("v1", "v2"))
    scoring = start(workspace, RUBRIC)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("question,tone,truth\njoao,1,1\n", "utf-8")
    rate_sheet(workspace, RUBRIC, FOUR, sheet, contender="v1", rater="bob")
    level_all(scoring)
    found = ratings.ratings(workspace.store, RUBRIC.digest, [scoring.item(p).uuid for p in scoring.places], "ana")
    assert {rating.blind for rating in found} == {False}
