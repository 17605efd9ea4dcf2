"""Promises of battles: nobody is told who fights, nothing said is lost, and the seal shows that nothing was changed."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields, replace
from unittest.mock import patch

import pytest

from molting_tui import workspace as workspaces
from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.evaluation.battles.battle_results import (
    battle_results,
    end,
    result_sentence,
    session_result,
    trust_sentences,
)
from molting_tui.evaluation.battles.battling import Battling, going_on
from molting_tui.evaluation.battles.capacity import more_battles_sentence
from molting_tui.evaluation.battles.exchange import exported
from molting_tui.evaluation.battles.starting import offer_sentence, start
from molting_tui.evaluation.battles.strengths import strengths_sentence
from molting_tui.evaluation.battles.verifying import verify
from molting_tui.evaluation.results.table import facts_table, rated_answers, results
from molting_tui.evaluation.scoring.blind_session import start as start_scoring
from molting_tui.evaluation.scoring.open_sessions import close_session, open_sessions
from molting_tui.overview.trace import trace
from molting_tui.records.battles import BattleWanted, BlindBattle, Guesses
from molting_tui.records.events import VOTE_KINDS
from molting_tui.store import answers, audit, battles, events
from molting_tui.workspace import DATABASE_FILE, Workspace
from tests.answered import answered, line, question, question_set, rubric

EIGHT = question_set(*(question(f"fact{n}") for n in range(8)))
TWO = BattleWanted(("v2.1", "v2.5"))
SECRETS = ("v2.1", "v2.5", "0042-secret-run", "7777", "length", "2031-01-01", "secret-setting", "4242")
_DRAWN = re.compile(r"\b[0-9a-f]{32,64}\b")
"""A uuid or a commitment: any four digits may stand in one by chance."""


@pytest.fixture
def two(workspace: Workspace) -> Workspace:
    """A workspace with two contenders' answers, two samples of eight questions, that tell who they are."""
    answers.remember_questions(workspace.store, EIGHT)
    telling = {
        "tokens": 7777,
        "finish_reason": "length",
        "seed": 4242,
        "time": "2031-01-01",
        "settings": {"x": SECRETS[6]},
    }
    lines = [
        line(name, asked, sample, text=f"I am {name}<|im_end|> on {asked.id}.{sample}", **telling)
        for name in ("v2.1", "v2.5")
        for asked in EIGHT.questions
        for sample in range(2)
    ]
    answers.add(workspace.store, "0042-secret-run", lines)
    return workspace


def vote_all(battling: Battling, outcome: Callable[[int], str] = lambda _: "left") -> None:
    for place in range(battling.total):
        battling.vote(place, outcome(place))


def winner(workspace: Workspace, battling: Battling, name: str) -> Callable[[int], str]:
    """The outcome that lets a contender win, by looking where nobody else may."""
    rows = battles.fought(workspace.store, battling.number)
    return lambda place: "left" if rows[place].left == name else "right"


def as_actor(workspace: Workspace, name: str) -> Workspace:
    with patch.dict(os.environ, MOLTING_ACTOR=name):
        return workspaces.open_workspace(workspace.folder)


def tamper(workspace: Workspace, *statements: str) -> None:
    """Change the database behind our back, as a person with SQLite could."""
    workspace.close()
    with closing(sqlite3.connect(workspace.folder / DATABASE_FILE)) as connection:
        triggers = [name for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'")]
        for name in triggers:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount
        connection.commit()


# Blind


def test_nothing_that_a_battle_gives_out_tells_who_answered(two: Workspace) -> None:
    battling = start(two, TWO)
    given_out = [repr(battling), battling.commitment]
    for place in range(battling.total):
        given_out.append(repr(battling.item(place)))
        battling.vote(place, "tie")
        given_out += [repr(battling.undo()), repr(battling.redo()), repr(battling.next_open(place))]
    for wrong in (
        lambda: battling.vote(0, "draw"),
        lambda: battling.guess(0, "up"),
        lambda: battling.item(99),
        lambda: battling.place_of("abcdef"),
    ):
        with pytest.raises(BadInput) as refused:
            wrong()
        given_out.append(refused.value.sentence())
    for text in given_out:
        assert not any(secret in _DRAWN.sub("", text) for secret in SECRETS), text
    assert {field.name for field in fields(BlindBattle)} == {
        "place", "uuid", "prompt", "language", "facts", "left", "right", "outcome", "guess", "note", "skipped"
    }  # fmt: skip


def test_labels_and_template_tokens_are_masked_on_both_sides_and_the_rest_stays(two: Workspace) -> None:
    battling = start(two, TWO)
    for place in range(battling.total):
        battle = battling.item(place)
        assert battle.left == f"I am ⟦token⟧⟦token⟧ on {battle.left.rsplit(' ', 1)[1]}"
        assert battle.left.rsplit(" ", 1)[1] == battle.right.rsplit(" ", 1)[1]


@pytest.mark.parametrize("place", ["results", "answers", "facts", "trace"])
def test_nothing_by_name_is_told_while_a_battle_waits(two: Workspace, place: str) -> None:
    battling = start(two, TWO)
    vote_all(battling)
    battling.undo()
    uuid = answers.names(two.store)[0].uuid
    show: dict[str, Callable[[bool], object]] = {
        "results": lambda unblind: results(two, rubric(), unblind=unblind),
        "answers": lambda unblind: rated_answers(two, rubric(), unblind=unblind),
        "facts": lambda unblind: facts_table(two, unblind=unblind),
        "trace": lambda unblind: trace(two, uuid, unblind=unblind),
    }
    for unblind in (False, True):
        with pytest.raises(Refused, match="1 battle still waits for a vote") as refused:
            show[place](unblind)
        assert not any(secret in refused.value.sentence() for secret in SECRETS)
    battling.redo()
    assert show[place](False) is not None
    with pytest.raises(BadInput, match="who was who has been told"):
        battling.undo()


def test_a_battle_doesnt_begin_while_its_answers_wait_for_a_blind_score(two: Workspace) -> None:
    scoring = start_scoring(as_actor(two, "rui"), rubric())
    with pytest.raises(Refused, match="32 answers of these contenders still wait for a blind score"):
        start(two, TWO)
    for place in scoring.places:
        for dimension in scoring.rubric.dimensions:
            scoring.rate(place, dimension.id, 1)
    assert start(two, TWO).total == 16


def test_what_a_battle_came_to_isnt_told_while_its_answers_wait_for_a_blind_score(two: Workspace) -> None:
    battling = start(two, TWO)
    vote_all(battling)
    start_scoring(two, rubric())
    for tell in (lambda: session_result(two, battling.number), lambda: battle_results(two, "v2.1", "v2.5")):
        with pytest.raises(Refused, match="wait for a blind score"):
            tell()


def test_votes_after_an_answer_was_seen_by_name_are_told_as_such(two: Workspace) -> None:
    trace(two, answers.names(two.store)[0].uuid)
    battling = start(two, TWO)
    vote_all(battling)
    result = session_result(two, battling.number).results[0]
    assert result.seen == 1
    assert "1 vote came after an answer had been seen by name: not blind." in trust_sentences(result)


# Votes


def test_a_vote_is_stored_at_once_and_survives_a_restart(two: Workspace) -> None:
    battling = start(two, TWO)
    battling.vote(0, "left")
    battling.vote(0, "right")
    battling.guess(1, "left")
    battling.note(1, "half of it is about\x00 somebody else")
    battling.vote(2, "both_bad")
    battling.skip(3)
    two.close()
    again = workspaces.open_workspace(two.folder)
    resumed = going_on(again)
    assert resumed is not None
    said = [(each.outcome, each.guess, each.note, each.skipped) for each in map(resumed.item, range(4))]
    assert said == [
        ("right", "", "", False),
        ("", "left", "half of it is about\ufffd somebody else", False),
        ("both_bad", "", "", False),
        ("", "", "", True),
    ]
    assert (resumed.left, resumed.resume_place(), resumed.next_open(1), resumed.next_open(3, -1)) == (14, 1, 3, 1)
    resumed.vote(3, "tie")
    assert not resumed.item(3).skipped
    assert start(again, TWO).number == resumed.number


def test_undo_and_redo_reach_the_votes_of_this_session_alone(two: Workspace) -> None:
    first = start(two, TWO)
    vote_all(first)
    end(two, first.number)
    battling = start(two, TWO._replace(contenders=("v2.1",)))
    assert battling.undo() is None
    battling.vote(0, "left")
    battling.guess(0, "right")
    assert [step and step.sentence for step in (battling.undo(), battling.undo(), battling.undo())] == [
        "Taken back: the guess (battle 1).",
        "Taken back: left is better (battle 1).",
        None,
    ]
    assert battling.redo() is not None
    assert battling.item(0).outcome == "left"
    assert events.undo(two.store, two.actor, kinds=VOTE_KINDS, session=first.number) is None
    end(two, battling.number)
    assert session_result(two, first.number).results[0].battles == 16


def test_nothing_is_said_once_names_were_told(two: Workspace) -> None:
    battling = start(two, TWO)
    vote_all(battling)
    session_result(two, battling.number)
    for late in (
        lambda: battling.vote(0, "right"),
        lambda: battling.guess(0, "right"),
        lambda: battling.note(0, "x"),
        lambda: battling.skip(0),
        battling.undo,
        battling.redo,
    ):
        with pytest.raises(BadInput, match="has ended"):
            late()


@pytest.mark.parametrize(
    "tell",
    [session_result, verify, lambda workspace, number: list(exported(workspace, number, "arena"))],
    ids=["show", "verify", "export"],
)
def test_one_session_isnt_told_while_another_waits_and_takes_no_vote_once_it_was(
    two: Workspace, tell: Callable[[Workspace, int], object]
) -> None:
    battling = start(two, TWO)
    vote_all(battling)
    other = start(as_actor(two, "rui"), TWO)
    with pytest.raises(Refused, match="16 battles still wait for a vote \\(rui, "):
        tell(two, battling.number)
    battling.vote(0, "tie")
    end(two, other.number)
    start_scoring(two, rubric())
    with pytest.raises(Refused, match="wait for a blind score"):
        tell(two, battling.number)
    close_session(two, open_sessions(two)[0].number)
    tell(two, battling.number)
    with pytest.raises(BadInput, match="who was who has been told"):
        battling.undo()


def test_an_early_end_is_marked_and_final(two: Workspace) -> None:
    battling = start(two, TWO)
    battling.vote(0, "left")
    ended = end(as_actor(two, "rui"), battling.number)
    assert (ended.closed_by, ended.open, ended.voted) == ("rui", False, 1)
    with pytest.raises(BadInput, match="was ended by rui"):
        battling.vote(1, "left")
    result = session_result(two, battling.number).results[0]
    assert (result.battles, result.early) == (1, 1)
    assert "1 session ended before the last vote." in trust_sentences(result)


def test_doctor_notices_a_vote_that_nobody_gave_and_makes_it_anew(two: Workspace) -> None:
    battling = start(two, TWO)
    battling.vote(0, "left")
    battling.vote(1, "tie")
    for damage in (
        "update vote set outcome = 'right' where outcome = 'left'",
        "delete from vote where outcome = 'tie'",
    ):
        with two.store.write() as connection:
            connection.execute(damage)
        assert [each.kind for each in audit.differences(two.store.connection())] == ["vote"]
        audit.repair(two.store, lambda _: ())
        assert audit.differences(two.store.connection()) == ()
        assert [battling.item(place).outcome for place in range(2)] == ["left", "tie"]


# The seal


def test_a_session_that_nobody_changed_is_verified(two: Workspace) -> None:
    battling = start(two, TWO._replace(repeats=16))
    with pytest.raises(Refused, match="waits for 32 votes: its plan is sealed"):
        verify(two, battling.number)
    vote_all(battling)
    verification = verify(two, battling.number)
    assert verification.passed
    assert verification.commitment == battling.commitment
    assert len(battling.commitment) == 64


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        ("update seal set mapping = replace(mapping, 'true', 'false')", {0, 1}),
        ("update seal set secret = replace(secret, substr(secret, 1, 2), '00')", {0, 1}),
        ("update seal set secret = 'no secret'", {0, 1, 2, 3}),
        ("update seal set mapping = '[]'", {0, 1, 2, 3}),
        ("delete from seal", {0, 1, 2, 3}),
        ("update blind_session set commitment = 'x'", {0}),
        ("update battle set left_id = right_id, right_id = left_id where place = 3", {2}),
        ("update answer set text = 'better', digest = 'x' where id = 1", {3}),
        ("update vote set outcome = 'right' where battle = (select uuid from battle where place = 3)", {4}),
        ("delete from vote where battle = (select uuid from battle where place = 3)", {4}),
        ("update event set time = '2020-01-01T00:00:00.000Z' where kind = 'vote' and id % 7 = 0", {4, 5}),
    ],
)
def test_whatever_was_changed_is_noticed(two: Workspace, damage: str, broken: set[int]) -> None:
    battling = start(two, TWO)
    vote_all(battling)
    session_result(two, battling.number)
    tamper(two, damage)
    again = workspaces.open_workspace(two.folder)
    verification = verify(again, battling.number)
    failed = {number for number, check in enumerate(verification.checks) if not check.holds}
    assert failed == broken
    assert not verification.passed


# What they came to


def test_wins_are_counted_whichever_side_they_stand_on(two: Workspace) -> None:
    battling = start(two, TWO._replace(repeats=16))
    wins = winner(two, battling, "v2.5")
    outcomes = {0: "tie", 1: "both_bad"}
    originals = [row.place for row in battles.fought(two.store, battling.number) if row.repeat_of is None]
    vote_all(
        battling, lambda place: outcomes.get(originals.index(place), wins(place)) if place in originals else wins(place)
    )
    result = battle_results(two, "v2.5", "v2.1")
    assert result is not None
    assert (result.wins, result.losses, result.ties, result.both_bad, result.battles) == (14, 0, 1, 1, 16)
    assert result.rate == 15 / 16
    assert result.interval is not None
    assert result.interval[0] < 15 / 16 < result.interval[1]
    assert (result.agreement, result.repeats) == ((14, 16), 16)
    assert result.side.decided == 14
    other = battle_results(two, "v2.1", "v2.5")
    assert other is not None
    assert (other.wins, other.losses, other.rate) == (0, 14, 1 / 16)
    assert result_sentence(result).startswith("v2.5 won 14, lost 0, tied 1, both bad 1 against v2.1: 94 % (")
    assert "Hidden repeats agreed 14 of 16 (62 .. 98 %)." in trust_sentences(result)
    assert "Both were bad in 1 of 16 (6 %)." in trust_sentences(result)


def test_how_many_more_battles_a_win_rate_takes() -> None:
    assert more_battles_sentence(53).startswith("A true 70 % takes 54 ")
    assert more_battles_sentence(54).startswith("A true 60 % takes 210 ")
    assert more_battles_sentence(210) == ""


def test_seven_to_one_over_eight_facts_is_not_distinguishable(workspace: Workspace) -> None:
    answered(workspace, EIGHT, ("v1", "v2"))
    battling = start(workspace, BattleWanted(("v1", "v2")))
    wins = winner(workspace, battling, "v2")
    vote_all(battling, lambda place: {"left": "right", "right": "left"}[wins(place)] if place == 3 else wins(place))
    result = battle_results(workspace, "v2", "v1")
    assert result is not None
    assert (result.wins, result.losses) == (7, 1)
    words = "NOT DISTINGUISHABLE. A true 70 % takes 54 decided battles, more where facts differ."
    assert result_sentence(result).endswith(words)
    assert battle_results(workspace, "v2", "nobody") is None


def test_a_contender_against_itself_shows_what_is_noise(two: Workspace) -> None:
    battling = start(two, BattleWanted(("v2.1",)))
    assert battling.total == 8
    vote_all(battling, lambda place: "tie" if place < 6 else "left")
    result = session_result(two, battling.number).results[0]
    assert (result.a, result.b, result.wins, result.ties) == ("v2.1", "v2.1", 2, 6)
    assert result_sentence(result) == "v2.1 against itself: 2 of 8 were decided (25 %). So much is noise."


def test_three_contenders_meet_two_by_two(workspace: Workspace) -> None:
    answered(workspace, EIGHT, ("a-1", "b-1", "c-1"))
    battling = start(workspace, BattleWanted(("a-1", "b-1", "c-1"), repeats=16))
    assert battling.total == 40
    vote_all(battling, lambda _: "tie")
    told = session_result(workspace, battling.number)
    assert [(each.a, each.b, each.battles, each.rate) for each in told.results] == [
        ("a-1", "b-1", 8, 0.5), ("a-1", "c-1", 8, 0.5), ("b-1", "c-1", 8, 0.5)
    ]  # fmt: skip
    assert told.strengths == ()


def test_three_contenders_have_a_strength_each(workspace: Workspace) -> None:
    answered(workspace, EIGHT, ("a-1", "b-1", "c-1"))
    battling = start(workspace, BattleWanted(("a-1", "b-1", "c-1")))
    rows = battles.fought(workspace.store, battling.number)

    def outcome(place: int) -> str:
        left, right = rows[place].left, rows[place].right
        # The first beats all, the others are bad beside each other.
        return "left" if left == "a-1" else "right" if right == "a-1" else "both_bad"

    vote_all(battling, outcome)
    first, *others = session_result(workspace, battling.number).strengths
    assert first.contender == "a-1"
    assert first.interval[0] > 0 > max(each.interval[1] for each in others)
    assert [each.value for each in others] == pytest.approx([-first.value / 2] * 2)
    sentence = strengths_sentence((first, *others))
    assert sentence.startswith(f"Strength among the 3 (log odds, 95 %): a-1 +{first.value:.2f} (+")
    assert f"b-1 −{first.value / 2:.2f} (−" in sentence


def test_two_contenders_have_a_win_rate_and_no_strengths(two: Workspace) -> None:
    battling = start(two, TWO)
    vote_all(battling, winner(two, battling, "v2.5"))
    assert session_result(two, battling.number).strengths == ()
    assert strengths_sentence(()) == ""


def test_guesses_are_counted_where_it_is_known_which_is_newer(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, EIGHT)
    for name, run in (("v2.1", "0003-v2.1"), ("v2.5", "0007-v2.5")):
        settings = {"base": "tiny", "run": run, "adapter_digest": run}
        answers.add(workspace.store, "r", [line(name, one, settings=settings) for one in EIGHT.questions])
    battling = start(workspace, TWO)
    rows = battles.fought(workspace.store, battling.number)
    for place in range(4):
        battling.guess(place, "left")
    vote_all(battling)
    result = session_result(workspace, battling.number).results[0]
    assert (result.a, result.b) == ("v2.5", "v2.1")
    right = sum(row.left == "v2.5" for row in rows[:4])
    assert result.guesses == (right, 4)
    assert f"{right} of 4 guesses which is the newer one were right." in trust_sentences(result)
    one_guess = trust_sentences(replace(result, guesses=Guesses(0, 1)))
    assert "0 of 1 guess which is the newer one was right." in one_guess


# What the plan can show


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (TWO, "16 battles over 8 facts: a true 80 % win rate is found with "),
        (TWO._replace(contenders=("v2.1",)), "8 battles over 8 facts, one contender against itself"),
    ],
)
def test_what_the_plan_can_show_is_said_as_a_range(two: Workspace, wanted: BattleWanted, sentence: str) -> None:
    assert offer_sentence(two, wanted).startswith(sentence)


# Bad input


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (BattleWanted(), "no contender is named."),
        (BattleWanted(("v2.1", "v2.1")), "a contender is named twice."),
        (BattleWanted(("v2.1", "v9")), "no answer is known of this contender."),
        (BattleWanted(("v2.1", "v2.5"), ("nine",)), "no answer is known of this question set."),
        (BattleWanted(("v2.1", "v2.5"), (), 5), "5 hidden repeats can't be drawn from 16 battles."),
        (BattleWanted(("v2.1", "v2.5"), (), 17), "17 hidden repeats can't be drawn from 16 battles."),
        (BattleWanted(("v2.1", "other")), "these contenders have no question and sample in common."),
        (BattleWanted(("v2.1", "other"), ("eight",)), "other has no answer with a text of this selection."),
    ],
)
def test_what_cant_be_put_side_by_side_is_said(two: Workspace, wanted: BattleWanted, sentence: str) -> None:
    answered(two, question_set(question("elsewhere"), id="elsewhere"), ("other",))
    with pytest.raises(BadInput) as refused:
        start(two, wanted)
    assert sentence in refused.value.sentence()
    assert battles.sessions(two.store) == []


def test_one_session_is_open_at_a_time(two: Workspace) -> None:
    battling = start(two, TWO)
    with pytest.raises(Refused, match=f"your battle session {battling.number} is still open"):
        start(two, TWO._replace(repeats=16))
    assert start(as_actor(two, "rui"), TWO).number != battling.number


def test_a_restored_backup_without_an_answer_says_so(two: Workspace) -> None:
    battling = start(two, TWO)
    tamper(two, "delete from answer where id = 1")
    resumed = going_on(workspaces.open_workspace(two.folder))
    assert resumed is not None
    gone = []
    for place in range(resumed.total):
        try:
            resumed.item(place)
        except MoltingError as error:
            gone.append(error.sentence())
    assert len(gone) == 1
    assert "is gone from the workspace. See `molting doctor`" in gone[0]
    assert battling.number == resumed.number
