"""`molting pairs`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_workspaces import EXCHANGES, LONG, answer, made, run, session, value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def test_the_fields_scripts_lean_on(folder: Path) -> None:
    found = value("pairs", workspace=folder)
    assert [pair["id"] for pair in found] == [1, 2, 3]
    wanted = {
        "id",
        "state",
        "kind",
        "session",
        "model",
        "flags",
        "instruction",
        "response",
        "uid",
        "rewritten",
        "starred",
    }
    assert wanted | {"tags", "project", "time"} <= set(found[0])
    assert found[0]["response"] == LONG
    assert "agent-speech" in found[1]["flags"]


def test_a_list_without_pairs_is_a_list_all_the_same(folder: Path) -> None:
    assert value("pairs", "--where", "state:drop", workspace=folder) == []
    assert answer("pairs", "--where", "state:drop", workspace=folder) == "No pair matches.\n"


def test_the_list_has_number_state_marks_and_prompt(folder: Path) -> None:
    answer("decide", "2", "keep", workspace=folder)
    answer("decide", "2", "star", workspace=folder)
    lines = answer("pairs", workspace=folder).splitlines()
    assert lines[1] == "2  keep  -f*-  Why is the queue so slow today?"
    assert answer("pairs", "--limit", "1", workspace=folder).splitlines() == lines[:1]


def test_one_pair_is_shown_whole_with_its_history_and_origin(folder: Path) -> None:
    answer("decide", "1", "drop", "--reason", "no voice", workspace=folder)
    answer("decide", "1", "--text", "-", workspace=folder, stdin="Sobe a nova, drena, troca.\n")
    said = answer("pairs", "1", workspace=folder)
    for part in (
        "keep, rewritten",
        "Sobe a nova, drena, troca.",
        "Answer as it was",
        LONG,
        "drop (no voice)",
        "0a1b2c3d.jsonl:1",
    ):
        assert part in said
    whole = value("pairs", "1", workspace=folder)
    assert whole["original"]["response"] == LONG
    assert [event["kind"] for event in whole["history"]] == ["decide", "rewrite"]
    assert whole["origins"][0]["session"] == "0a1b2c3d"


def test_a_pair_whose_answer_grew_shows_what_was_made_of_the_one_before(folder: Path, tmp_path: Path) -> None:
    answer("decide", "1", "star", workspace=folder)
    answer("decide", "1", "--text", "-", workspace=folder, stdin="Sobe a nova, drena, troca.\n")
    log = tmp_path / "claudio-logs" / "0a1b2c3d.jsonl"
    session(log, [(prompt, [*blocks, "tool:Bash", f"Melhor: {LONG}"]) for prompt, blocks in EXCHANGES[:1]])
    report = value("import", str(log.parent), workspace=folder)
    assert (report["turns_grown"], report["asked_again"], report["answers_gone"]) == (1, 1, 0)
    (pair,) = value("pairs", "--where", "asked:again", workspace=folder)
    shown = answer("pairs", str(pair["id"]), workspace=folder)
    for part in (
        "rewritten and kept before its answer grew (pair 1)",
        "The answer as it was rewritten before",
        "Sobe a nova, drena, troca.",
        "star (carried over)",
    ):
        assert part in shown
    assert value("pairs", str(pair["id"]), workspace=folder)["before"] == {
        "id": 1,
        "state": "keep",
        "reason": "",
        "rewritten": True,
        "cause": "grown",
    }


def test_a_pair_can_be_named_by_the_start_of_its_uid(folder: Path) -> None:
    uid = value("pairs", "2", workspace=folder)["uid"]
    assert value("pairs", uid[:8], workspace=folder)["id"] == 2


def test_what_a_text_would_do_to_a_terminal_is_shown_and_not_done(tmp_path: Path) -> None:
    evil = "A \x1b]52;c;ZXZpbA==\x07 clipboard, a \u202e turned line, \x9b31m and [/INST] for good measure, all in one."
    folder = made(tmp_path / "w", [(f"What is this? {evil}", (evil,))])
    for arguments in (
        ("pairs",),
        ("pairs", "1"),
        ("pairs", "--json"),
        ("pairs", "1", "--json"),
        ("stats",),
        ("rules",),
    ):
        said = answer(*arguments, workspace=folder)
        assert not set(said) & {"\x1b", "\x07", "\x9b", "\u202e"}, arguments
    assert value("pairs", workspace=folder)[0]["response"] == evil


def test_filters_belong_to_the_list(folder: Path) -> None:
    assert run("pairs", "1", "--limit", "3", workspace=folder).exit_code == 2


def test_a_pair_is_shown_with_the_turns_around_it(folder: Path) -> None:
    whole = value("pairs", "2", "--context", "1", workspace=folder)
    assert (whole["turn"], whole["turns"]) == (2, 5)
    assert [turn["prompt"] for turn in whole["turns_before"]] == [EXCHANGES[0][0]]
    assert whole["turns_before"][0]["tools"] == {"Read": 1}
    assert [turn["turn"] for turn in whole["turns_after"]] == [3]
    alone = value("pairs", "2", workspace=folder)
    assert (alone["turn"], alone["turns_before"], alone["next_prompt"]) == (2, [], EXCHANGES[2][0])
    said = answer("pairs", "3", "--context", "2", workspace=folder)
    assert "3 of 5" in said
    assert "Turn 5: no final answer" in said
    assert run("pairs", "--context", "1", workspace=folder).exit_code == 2


def test_the_list_stands_in_the_order_that_its_filter_says(folder: Path) -> None:
    listed = value("pairs", workspace=folder)
    longest = [pair["id"] for pair in sorted(listed, key=lambda pair: -len(pair["response"]))]
    assert [pair["id"] for pair in value("pairs", "--where", "sort:-len", workspace=folder)] == longest
    first = value("pairs", "--where", "sort:-len", "--limit", "1", workspace=folder)
    assert [pair["id"] for pair in first] == longest[:1]


def test_a_script_reads_why_a_pair_was_dropped_and_what_was_written_on_it(folder: Path) -> None:
    assert {(pair["reason"], pair["comment"]) for pair in value("pairs", workspace=folder)} == {("", "")}
    assert run("decide", "1", "drop", "--reason", "not João's words", workspace=folder).exit_code == 0
    (dropped,) = value("pairs", "--where", "reason:WORDS -comment:x", workspace=folder)
    assert (dropped["id"], dropped["reason"], dropped["comment"]) == (1, "not João's words", "")
