"""Promises about commands on a workspace that can only be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import made, run

from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.records.events import NewEvent
from molting_tui.store import events
from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set
from tests.conftest import only_reading

NOTE = "molting: This workspace can't be written: it is shown as it was at "


@pytest.mark.parametrize(
    "words",
    [
        ("stats",),
        ("stats", "--answers"),
        ("pairs",),
        ("pairs", "1"),
        ("pairs", "--where", "flag:agent-speech"),
        ("dataset",),
        ("rules",),
        ("runs",),
        ("results", "--facts"),
        ("report",),
        ("rubric",),
        ("trace", "pair", "1"),
    ],
)
def test_a_reading_command_reads_what_can_not_be_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = made(tmp_path / "ws")
    run("decide", "1", "keep", workspace=folder)
    expected = run(*words, workspace=folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with only_reading(folder):
        result = run(*words, workspace=folder)
    assert result.stdout == expected.stdout
    assert result.exit_code == expected.exit_code
    if words[0] != "rubric":  # which needs no workspace
        assert result.stderr.startswith(NOTE)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "words",
    [
        ("decide", "1", "keep"),
        ("decide", "--undo"),
        ("import", "--answer", "first"),
        ("rules", "apply"),
        ("dataset", "freeze", "v1"),
        ("train", "--base", "tiny"),
        ("results", "import", "v2.0", "7.4", "--rubric", "four-criteria"),
    ],
)
def test_a_writing_command_says_that_nothing_can_be_stored(tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = made(tmp_path / "ws")
    run("decide", "--where", "state:open", "keep", "--yes", workspace=folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with only_reading(folder):
        result = run(*words, workspace=folder)
    note, sentence = result.stderr.splitlines()[0], result.stderr.splitlines()[-1]
    assert note.startswith(NOTE)
    assert result.exit_code in (1, 2)
    assert "only be read" in sentence or "Permission denied" in sentence, sentence
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "words", [("results",), ("results", "--answers"), ("report",), ("trace", "answer", "1"), ("score", "--json")]
)
def test_scores_are_read_where_nobody_can_score_and_no_look_can_be_logged(
    workspace: Workspace, words: tuple[str, ...]
) -> None:
    answered(workspace, question_set(question("joao")), ("v1",))
    by = find_rubric(workspace, "personality-v1")
    scoring = start(workspace, by)
    for dimension in by.dimensions:
        scoring.rate(0, dimension.id, 1)
    said = NewEvent(
        scoring.item(0).uuid, "rate", {"dimension": "D1", "level": None, "rater": "rui"}, by.digest, "q", 1, False
    )
    events.say(workspace.store, "ana", "as an earlier version took it", [said])
    workspace.close()
    with only_reading(workspace.folder):
        result = run(*words, workspace=workspace.folder)
    assert result.exit_code == 0, result.stderr
    assert "1 rating not applicable of a dimension that always applies" in result.stderr
    assert "v1" in result.stdout or words[0] == "score"


def test_names_of_an_open_session_are_not_told_where_that_can_not_be_logged(workspace: Workspace) -> None:
    answered(workspace, question_set(question("joao")), ("secret-one",))
    start(workspace, find_rubric(workspace, "personality-v1"))
    workspace.close()
    for words in (("results",), ("results", "--unblind"), ("results", "--answers", "--unblind"), ("score", "--close")):
        with only_reading(workspace.folder):
            result = run(*words, workspace=workspace.folder)
        assert result.exit_code == 1
        assert "secret-one" not in result.output
        assert ("only be read" in result.stderr.splitlines()[-1]) == (len(words) > 1)


def test_an_export_leaves_a_workspace_that_can_only_be_read(tmp_path: Path) -> None:
    folder = made(tmp_path / "ws")
    run("decide", "1", "keep", workspace=folder)
    with only_reading(folder):
        result = run("export", str(tmp_path / "kept.json"), workspace=folder)
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "kept.json").exists()


def test_the_doctor_looks_over_what_can_only_be_read(tmp_path: Path) -> None:
    folder = made(tmp_path / "ws")
    run("decide", "1", "keep", workspace=folder)
    with only_reading(folder):
        result = run("doctor", "--json", workspace=folder)
    checks = {check["id"]: check for check in json.loads(result.stdout)["checks"]}
    assert "can only be read" in checks["writing"]["found"]
    assert {checks[name]["level"] for name in ("database", "references", "history", "search", "states")} == {"pass"}
    assert "3 pairs" in checks["database"]["found"]
