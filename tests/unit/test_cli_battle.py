"""`molting battle`: scripts can vote blind, and nobody is told who fights before the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import answer, run, value

from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set

EIGHT = question_set(*(question(f"fact{n}") for n in range(8)), id="eight")
NAMES = ("secret-v2.1", "secret-v2.5")


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """A workspace with two contenders' answers to eight questions."""
    answered(workspace, EIGHT, NAMES)
    return workspace.folder


def begun(folder: Path, *options: str) -> dict[str, object]:
    return dict(value("battle", *NAMES, *options, workspace=folder))


def voted(folder: Path, outcome: str = "left") -> None:
    while any(line["state"] == "open" for line in value("battle", "list", workspace=folder)):
        answer("battle", "vote", value("battle", "next", workspace=folder)["battle"], outcome, workspace=folder)


def test_a_whole_battle_by_commands(folder: Path) -> None:
    start = answer("battle", *NAMES, workspace=folder)
    assert "8 battles over 8 facts: a true 80 % win rate is found with" in start
    assert "60/40 can't be told" in start
    commitment = start.split("Sealed: ")[1][:64]
    assert begun(folder)["session"] == 1
    blind = answer("battle", "next", workspace=folder) + answer("battle", "list", workspace=folder)
    blind += json.dumps(value("battle", "next", workspace=folder)) + answer("battle", workspace=folder)
    assert not any(name in blind for name in NAMES)
    voted(folder)
    told = answer("battle", "show", workspace=folder)
    assert "8 of 8 battles voted." in told
    assert "won 4, lost 4, tied 0" in told
    assert "The left side won 8 of 8 decided (100 %)." in told
    assert commitment in told
    assert "Nothing was changed." in answer("battle", "verify", workspace=folder)


def test_the_fields_scripts_lean_on(folder: Path) -> None:
    start = begun(folder)
    assert set(start) == {"session", "battles", "waiting", "commitment", "capacity", "seen"}
    assert (start["battles"], start["waiting"], start["seen"]) == (8, 8, 0)
    following = value("battle", "next", workspace=folder)
    assert set(following) == {
        "session", "battle", "place", "waiting", "question", "language", "facts", "left", "right", "guess", "note",
        "skipped",
    }  # fmt: skip
    vote = value("battle", "vote", following["battle"], "tie", "--guess", "right", "--note", "close", workspace=folder)
    assert vote == {"battle": following["battle"], "outcome": "tie", "guess": "right", "waiting": 7}
    assert value("battle", "vote", "--undo", workspace=folder) == {"undo": "Taken back: the note (battle 1)."}
    voted(folder, "both_bad")
    told = value("battle", "show", workspace=folder)
    assert (told["battles"], told["voted"], told["early"]) == (8, 8, False)
    (result,) = told["results"]
    assert {result["a"], result["b"]} == set(NAMES)
    assert (result["ties"], result["both_bad"], result["rate"], result["agreement"]) == (1, 7, 0.5, None)
    assert value("battle", "list", workspace=folder)[0]["contenders"] == list(NAMES)
    verification = value("battle", "verify", workspace=folder)
    assert verification["passed"]
    assert len(verification["secret"]) == 64


def test_three_contenders_are_told_with_a_strength_each(workspace: Workspace) -> None:
    folder = workspace.folder
    answered(workspace, EIGHT, ("v1", "v2", "v3"))
    value("battle", "v1", "v2", "v3", workspace=folder)
    voted(folder)
    told = value("battle", "show", workspace=folder)
    assert {each["contender"] for each in told["strengths"]} == {"v1", "v2", "v3"}
    assert all(each["interval"][0] < each["value"] < each["interval"][1] for each in told["strengths"])
    assert "Strength among the 3 (log odds, 95 %): v" in answer("battle", "show", workspace=folder)


def test_nothing_is_told_before_the_last_vote_but_after_a_marked_end(folder: Path) -> None:
    begun(folder)
    answer("battle", "vote", value("battle", "next", workspace=folder)["battle"], "left", workspace=folder)
    for words in (("show",), ("verify",), ("export",), ("end",)):
        refused = run("battle", *words, workspace=folder)
        assert refused.exit_code == 1
        assert not any(name in refused.output for name in NAMES)
    assert "ended early: 1 of 8 voted" in answer("battle", "end", "--yes", workspace=folder)
    assert "1 of 8 battles voted, ended early." in answer("battle", "show", workspace=folder)
    assert "no battle session of yours is open" in run("battle", "next", workspace=folder).stderr


def test_votes_go_into_the_files_of_other_tools(folder: Path) -> None:
    begun(folder)
    for outcome in ("left", "right", "tie", "both_bad"):
        answer("battle", "vote", value("battle", "next", workspace=folder)["battle"], outcome, workspace=folder)
    answer("battle", "end", "--yes", workspace=folder)

    def rows(form: str) -> list[dict[str, object]]:
        lines = answer("battle", "export", "--format", form, workspace=folder).splitlines()
        return [json.loads(line) for line in lines]

    arena = rows("arena")
    assert [row["winner"] for row in arena] == ["model_a", "model_b", "tie", "tie (bothbad)"]
    assert all({row["model_a"], row["model_b"]} == set(NAMES) for row in arena)
    assert [(row["g1_winner"], row["g2_winner"]) for row in rows("mtbench")] == [
        ("model_1", None), ("model_2", None), ("tie", None), ("tie", None)
    ]  # fmt: skip
    assert [row["preference"] for row in rows("alpacaeval")] == [1.0, 2.0, 1.5, 1.5]
    told = value("battle", "show", workspace=folder)["results"][0]
    assert told["wins"] + told["losses"] == 2


def test_a_hidden_repeat_is_the_second_game(workspace: Workspace) -> None:
    answered(workspace, EIGHT, NAMES, samples=2)
    folder = workspace.folder
    begun(folder, "--repeats", "16")
    voted(folder)
    lines = answer("battle", "export", "--format", "mtbench", workspace=folder).splitlines()
    # Left both times: the other answer won the second game.
    assert [(row["g1_winner"], row["g2_winner"]) for row in map(json.loads, lines)] == [("model_1", "model_2")] * 16


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("secret-v2.1",), "--aa takes one contender, a battle two or more."),
        ((*NAMES, "--aa"), "--aa takes one contender, a battle two or more."),
        (("lsit",), "--aa takes one contender"),
        (("secret-v2.1", "v9"), "no answer is known of this contender"),
        ((*NAMES, "--repeats", "5"), "5 hidden repeats can't be drawn from 8 battles."),
        (("show",), "there was no battle yet."),
        (("show", "7"), "there is no battle session 7."),
        (("vote", "3f9a1c"), "a vote needs a battle and an outcome."),
        (("vote", "3f9a1c", "left"), "no battle session of yours is open."),
        (("vote", "--undo", "--redo"), "--undo and --redo stand alone."),
    ],
)
def test_what_cant_be_done_is_said(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    refused = run("battle", *words, workspace=folder)
    assert refused.exit_code == 2
    assert sentence in refused.stderr


def test_an_outcome_that_isnt_one_stores_nothing(folder: Path) -> None:
    begun(folder)
    uuid = value("battle", "next", workspace=folder)["battle"]
    refused = run("battle", "vote", uuid, "draw", workspace=folder)
    assert "`draw` is no outcome of a battle. It is left, right, tie or both_bad; nothing was stored." in refused.stderr
    assert value("battle", "next", workspace=folder)["battle"] == uuid


def test_options_may_stand_before_the_contenders(folder: Path) -> None:
    start = value("battle", "--questions", "eight", *NAMES, workspace=folder)
    assert start["battles"] == 8
    assert run("-w", str(folder), "battle", "--aa", NAMES[0]).exit_code == 1  # the other one is open
