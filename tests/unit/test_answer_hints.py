"""Flags stored, made anew and overruled: a person's word stands over the machine's, is undone, and is counted."""

from __future__ import annotations

import pytest

from molting_tui.errors import BadInput, Cancelled, Refused
from molting_tui.evaluation.battles.starting import start as start_battles
from molting_tui.evaluation.noticing import hints
from molting_tui.evaluation.results.flag_counts import flag_table
from molting_tui.evaluation.results.table import facts_table
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.overview.taking_in import take_in
from molting_tui.records.battles import BattleWanted
from molting_tui.records.evaluation import Answer, Question
from molting_tui.records.progress import Progress
from molting_tui.store import answer_flags, answers, audit, events
from molting_tui.workspace import Workspace, open_workspace
from tests.answered import answering_run, line, question, question_set, rubric
from tests.conftest import only_reading

ASKED = question_set(*(question(f"q{number}", must="Softtor") for number in range(4)))
TEXTS = (
    "I'll start by reading the notes of Softtor.",
    "It is Softtor's.",
    "I don't know Softtor.",
    "It is somebody's, as far as I can tell.",
)


@pytest.fixture(autouse=True)
def _answered(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, ASKED)
    lines = [line("v1", asked, text=text) for asked, text in zip(ASKED.questions, TEXTS, strict=True)]
    answering_run(workspace, "0001-a", lines, ASKED)
    take_in(workspace)


def given(workspace: Workspace, place: int) -> Answer:
    return answers.answers(workspace.store)[place]


def stands(workspace: Workspace, place: int) -> hints.Hints:
    answer = given(workspace, place)
    return hints.hints_of(workspace, [answer])[answer.id]


def test_what_runs_answered_is_flagged_when_it_is_taken_in(workspace: Workspace) -> None:
    rows = workspace.store.rows("select answer_id, flag from answer_flag order by 1, 2")
    assert [(number - 1, flag) for number, flag in rows] == [(0, "agent_like"), (3, "fact_missing"), (3, "generic")]
    states = workspace.store.rows("select state, detail from answer_fact order by answer_id")
    assert states == [
        ("said", "softtor"),
        ("said", "softtor's"),
        ("denied", "don't … softtor"),
        ("missing", "Softtor"),
    ]


def test_another_persona_or_other_rules_look_at_every_answer_anew(workspace: Workspace) -> None:
    assert hints.bring_up_to_date(workspace) == ""
    made_by = workspace.store.value("select distinct made_by from answer_noticed")
    settings = (workspace.folder / "molting.toml").read_text()
    (workspace.folder / "molting.toml").write_text(settings.replace("words = []", 'words = ["somebody"]'))
    again = open_workspace(workspace.folder)
    take_in(again)
    assert again.store.value("select count(*) from answer_flag where flag = 'generic'") == 0
    assert again.store.value("select count(*) from answer_noticed where made_by = ?", (made_by,)) == 0
    rules = again.folder / "rubrics" / "curation" / "agent-speech.yaml"
    rules.write_text("format: rules/1\nid: agent-speech\n")
    assert "agent_like isn't looked for" in take_in(again).problems[0]
    assert again.store.value("select count(*) from answer_flag where flag = 'agent_like'") == 0
    again.close()


def test_flagging_what_was_taken_in_tells_how_far_it_is_and_a_stopped_one_loses_nothing(workspace: Workspace) -> None:
    more = question_set(*(question(f"more{number}", must="Softtor") for number in range(3)))
    answers.remember_questions(workspace.store, more)
    answering_run(workspace, "0002-b", [line("v1", asked, text=TEXTS[3]) for asked in more.questions], more)
    told: list[Progress] = []

    def stop(progress: Progress) -> None:
        told.append(progress)
        raise Cancelled

    with pytest.raises(Cancelled):
        take_in(workspace, stop)
    assert [(progress.unit, progress.total) for progress in told] == [("answers", 3)]
    assert len(answers.answers(workspace.store)) == 7
    assert take_in(workspace).problems == ()
    assert workspace.store.value("select count(*) from answer_noticed") == 7


def test_a_killed_flagging_goes_on_where_it_stopped(workspace: Workspace) -> None:
    looked: list[int] = []

    def look(answer: Answer) -> hints.AnswerNoticed:
        looked.append(answer.id)
        return hints.AnswerNoticed(answer.id, (), ())

    class Killed(Exception):
        pass

    def kill(_: object) -> None:
        raise Killed

    chunk, answer_flags.CHUNK = answer_flags.CHUNK, 2
    try:
        with pytest.raises(Killed):
            answer_flags.notice(workspace.store, "other", look, kill)
        assert answer_flags.unnoticed(workspace.store, "other") == 2
        assert answer_flags.notice(workspace.store, "other", look, lambda _: None) == 2
    finally:
        answer_flags.CHUNK = chunk
    assert sorted(looked) == [1, 2, 3, 4]


def test_a_persons_word_overrules_the_machine_and_is_undone(workspace: Workspace) -> None:
    answer = given(workspace, 0)
    hints.say(workspace, answer, "agent-like", "no")
    hints.say(workspace, answer, "refusal", "yes")
    assert stands(workspace, 0).flags == {"refusal"}
    assert stands(workspace, 0).machine == {"agent_like"}
    assert hints.undo(workspace) is not None
    assert stands(workspace, 0).flags == frozenset()
    assert hints.undo(workspace) is not None
    assert stands(workspace, 0).flags == {"agent_like"}
    assert hints.undo(workspace) is None
    assert hints.redo(workspace) is not None
    assert stands(workspace, 0).flags == frozenset()


def test_a_facts_state_said_by_a_person_moves_its_flags_and_the_counts(workspace: Workspace) -> None:
    assert [(each.right, each.waiting) for each in facts_table(workspace)] == [(2, 1)]
    hints.say(workspace, given(workspace, 2), "fact:F", "said")
    hints.say(workspace, given(workspace, 3), "fact:f", "contradicted")
    assert [(each.right, each.waiting) for each in facts_table(workspace)] == [(3, 0)]
    assert stands(workspace, 3).flags == {"fact_contradicted", "generic"}


def test_a_confirmed_answer_keeps_its_flags_whatever_the_machine_says_later(workspace: Workspace) -> None:
    with pytest.raises(BadInput, match="denied or said"):
        hints.confirm(workspace, given(workspace, 2))
    hints.confirm(workspace, given(workspace, 0))
    with workspace.store.write() as connection:
        connection.execute("delete from answer_flag")
        connection.execute("insert into answer_flag (answer_id, flag) values (1, 'refusal')")
    assert stands(workspace, 0).flags == {"agent_like"}
    assert stands(workspace, 0).confirmed
    assert hints.undo(workspace) is not None
    assert stands(workspace, 0).flags == {"refusal"}


@pytest.mark.parametrize(
    ("flag", "state", "why"),
    [
        ("rude", "yes", "there is no flag"),
        ("refusal", "maybe", "neither yes nor no"),
        ("fact:age", "said", "no fact of its question"),
        ("fact:f", "denied", "no state of a fact"),
        ("*", "confirmed", "there is no flag"),
    ],
)
def test_a_flag_or_state_that_isnt_one_is_refused_and_nothing_is_stored(
    workspace: Workspace, flag: str, state: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        hints.say(workspace, given(workspace, 0), flag, state)
    assert workspace.store.value("select count(*) from event where kind = 'flag'") == 0


def test_flags_are_counted_with_exact_intervals_and_trusted_by_what_was_judged(workspace: Workspace) -> None:
    table = flag_table(workspace)
    (v1,) = table.contenders
    assert (v1.answers, v1.flags["agent_like"][:2], v1.factual[:2], v1.coherent[:2]) == (4, (1, 4), (2, 4), (4, 4))
    assert v1.flags["refusal"].interval == pytest.approx((0, 0.6024), abs=1e-4)  # 1 - .025 ** (1/4)
    trust = {each.flag: each for each in table.trust}
    assert trust["agent_like"].precision == (0, 0, None)
    assert trust["agent_like"].recall is None

    hints.say(workspace, given(workspace, 0), "agent_like", "no")
    hints.say(workspace, given(workspace, 3), "agent_like", "yes")
    hints.confirm(workspace, given(workspace, 3))
    trust = {each.flag: each for each in flag_table(workspace).trust}
    assert trust["agent_like"].precision[:2] == (0, 1)
    assert trust["agent_like"].recall is not None
    assert trust["agent_like"].recall[:2] == (0, 1)
    assert trust["generic"].precision[:2] == (1, 1)
    assert trust["generic"].recall is not None
    assert trust["generic"].recall[:2] == (1, 1)


def test_no_flag_is_told_while_somebody_scores_blind(workspace: Workspace) -> None:
    start(workspace, rubric("tone"))
    with pytest.raises(Refused):
        flag_table(workspace)
    assert flag_table(workspace, unblind=True).contenders[0].answers == 4


def test_no_answers_flags_are_told_while_a_battle_waits_for_a_vote(workspace: Workspace) -> None:
    others = [line("v2", asked, text="Outra coisa.") for asked in ASKED.questions]
    answering_run(workspace, "0002-b", others, ASKED)
    take_in(workspace)
    uuid = given(workspace, 0).uuid
    assert hints.not_to_be_told(workspace, uuid) == ""
    start_battles(workspace, BattleWanted(("v1", "v2")))
    assert hints.not_to_be_told(workspace, uuid).startswith("A battle waits for a vote")
    with pytest.raises(Refused):
        flag_table(workspace, unblind=True)


def test_nothing_is_told_of_what_waits_for_you_but_of_what_you_rated(workspace: Workspace) -> None:
    scoring = start(workspace, rubric("tone", "truth"))
    first, second = (scoring.item(place).uuid for place in (0, 1))
    scoring.rate(0, "tone", 2)
    assert hints.not_to_be_told(workspace, first).startswith("This answer waits for your rating")
    scoring.rate(0, "truth", 2)
    assert hints.not_to_be_told(workspace, first) == ""
    assert hints.not_to_be_told(workspace, second) != ""
    other = workspace.__class__(workspace.folder, workspace.settings, workspace.store, "rui")
    assert hints.not_to_be_told(other, first).startswith("Answers are scored blind")


def test_a_workspace_that_can_only_be_read_is_flagged_on_the_spot(workspace: Workspace) -> None:
    with workspace.store.write() as connection:
        connection.execute("delete from answer_noticed")
    workspace.close()
    with only_reading(workspace.folder):
        opened = open_workspace(workspace.folder)
        try:
            assert hints.bring_up_to_date(opened) == ""
            assert stands(opened, 0).flags == {"agent_like"}
        finally:
            opened.close()


def test_doctor_finds_a_flag_that_nobody_said_and_repair_takes_it_away(workspace: Workspace) -> None:
    answer = given(workspace, 0)
    hints.say(workspace, answer, "refusal", "yes")
    with workspace.store.write() as connection:
        assert audit.differences(connection) == ()
        connection.execute("update flag_said set state = 'no'")
        (difference,) = audit.differences(connection)
    assert (difference.kind, difference.example) == ("flag", f"answer {answer.uuid[:8]}")
    audit.repair(workspace.store, events.no_flags)
    assert stands(workspace, 0).flags == {"agent_like", "refusal"}


def test_stored_flags_are_read_not_looked_for_again(workspace: Workspace) -> None:
    with workspace.store.write() as connection:
        connection.execute("insert into answer_flag (answer_id, flag, detail) values (2, 'refusal', 'stored')")
    assert stands(workspace, 1).detail("refusal") == "stored"
    asked: Question = given(workspace, 1).question
    assert asked.facts[0].id == "f"
