"""`molting flags`: counts by contender, one answer's flags after it was rated, a person's word and its undo."""

from __future__ import annotations

import pytest
from cli_workspaces import answer, run, value

from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.records.evaluation import Fact, Question
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import answering_run, line, question, question_set, rubric

ASKED = question_set(*(question(f"q{number}", must="Softtor") for number in range(2)))


@pytest.fixture(autouse=True)
def _answered(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, ASKED)
    texts = ("I'll start by reading the notes of Softtor.", "I don't know Softtor.")
    lines = [line("v1", asked, text=text) for asked, text in zip(ASKED.questions, texts, strict=True)]
    answering_run(workspace, "0001-a", lines, ASKED)


def plain(*arguments: str, workspace: Workspace) -> str:
    """What a command prints, its columns put together."""
    return " ".join(answer(*arguments, workspace=workspace.folder).split())


def test_flags_are_counted_by_contender_as_reports_have_it(workspace: Workspace) -> None:
    said = plain("flags", workspace=workspace)
    assert "v1: 2 answers" in said
    assert "agent_like 1/2 1% .. 99%" in said
    assert "factual 1/2 1% .. 99%" in said
    assert "1 answer may deny a fact" in said
    (v1,) = value("flags", workspace=workspace.folder)["contenders"]
    assert v1["flags"]["agent_like"] == {"hits": 1, "of": 2, "interval": [0.012579, 0.987421]}
    assert (v1["coherent"]["hits"], v1["waiting"], v1["confirmed"]) == (2, 1, 0)


def test_a_word_on_a_flag_is_shown_counted_and_taken_back(workspace: Workspace) -> None:
    assert "agent_like no no I'll start by" in plain("flags", "1", "agent_like", "no", workspace=workspace)
    assert value("flags", workspace=workspace.folder)["contenders"][0]["flags"]["agent_like"]["hits"] == 0
    trust = {each["flag"]: each for each in value("flags", workspace=workspace.folder)["trust"]}
    assert trust["agent_like"]["precision"]["hits"] == 0
    assert "agent_like 0/1 0% .. 98% not known" in plain("flags", workspace=workspace)
    assert answer("flags", "--undo", workspace=workspace.folder) == "Taken back: agent_like no.\n"
    assert value("flags", "1", workspace=workspace.folder)["flags"][3] == {
        "flag": "agent_like",
        "stands": True,
        "detail": "I'll start by",
        "said": None,
    }
    assert answer("flags", "--redo", workspace=workspace.folder) == "Done again: agent_like no.\n"
    assert run("flags", "--redo", workspace=workspace.folder).exit_code == 1


def test_a_denied_fact_is_said_before_all_is_confirmed(workspace: Workspace) -> None:
    assert "fact:f denied?" in plain("flags", "2", workspace=workspace)
    refused = run("flags", "2", "--confirm", workspace=workspace.folder)
    assert (refused.exit_code, "denied or said?" in refused.stderr) == (2, True)
    answer("flags", "2", "fact:f", "missing", workspace=workspace.folder)
    assert "confirmed" in answer("flags", "2", "--confirm", workspace=workspace.folder)
    assert "fact_missing · · 0/1" in plain("flags", workspace=workspace)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("1", "rude", "yes"), "there is no flag"),
        (("1", "refusal"), "an answer, a flag and a word on it"),
        (("1", "--language", "pt"), "an answer, a flag and a word on it"),
        (("99", "refusal", "yes"), "99"),
        (("--undo", "1"), "stand alone"),
        (("--confirm",), "an answer, a flag"),
    ],
)
def test_what_cant_be_said_is_a_sentence(workspace: Workspace, words: tuple[str, ...], why: str) -> None:
    refused = run("flags", *words, workspace=workspace.folder)
    assert (refused.exit_code, why in refused.stderr) == (2, True)


def test_nothing_is_told_of_an_answer_that_waits_for_your_rating(workspace: Workspace) -> None:
    answer("results", workspace=workspace.folder)  # which takes the answers in
    scoring = start(workspace, rubric("tone"))
    mine = answers.by_uuid(workspace.store, scoring.item(0).uuid)
    assert mine is not None
    for words in ((), (str(mine.id),), (str(mine.id), "refusal", "yes")):
        refused = run("flags", *words, workspace=workspace.folder)
        assert refused.exit_code == 1
        assert "agent_like" not in refused.output
    scoring.rate(0, "tone", 2)
    assert "fact:f" in answer("flags", str(mine.id), workspace=workspace.folder)
    assert run("flags", str(3 - mine.id), workspace=workspace.folder).exit_code == 1


def test_a_facts_name_cant_move_the_cursor(workspace: Workspace) -> None:
    hostile = Question("h", "What?", "en", (), None, (Fact("\x1b[2Jf", "\x1b[2J", (("x",),)),), (), "f" * 64)
    answers.remember_questions(workspace.store, question_set(hostile, id="hostile"))
    answers.add(workspace.store, "0002-h", [line("\x1b[2Jv", hostile, text="<|\x1b[2J|> x y")])
    number = str(workspace.store.value("select max(id) from answer"))
    for words in (("flags", number), ("flags",)):
        assert "\x1b" not in answer(*words, workspace=workspace.folder)
