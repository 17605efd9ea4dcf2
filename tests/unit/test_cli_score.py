"""`molting score` where there is no terminal: counts, and no contender."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_workspaces import answer, process, run, value

from molting_tui import workspace as workspaces
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import answered, answering_run, line, question, question_set

FOUR = question_set(*(question(name) for name in ("joao", "molting", "crm", "work")), id="four")
PT = question_set(question("fila", "E a fila?", language="pt"), id="pt-set")


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """A workspace with eight answers to four questions and one to a question in Portuguese."""
    answered(workspace, FOUR, ["secret-one", "secret-two"])
    answered(workspace, PT, ["secret-one"], run="0002-more")
    return workspace.folder


def test_a_new_version_and_its_baseline_are_counted_together(folder: Path) -> None:
    together = ("score", "--rubric", "four-criteria", "--of", "secret-two", "--versus", "secret-one")
    assert value(*together, workspace=folder)["waiting"] == {"four-criteria": 8}
    assert "answers to score together" in answer(*together, workspace=folder)
    for options, sentence in (
        (("--versus", "secret-one"), "a baseline alone is no comparison"),
        (("--of", "secret-two", "--versus", "v9"), "no answer is known of this contender"),
        (("--of", "secret-two", "--versus", "secret-one", "--repeats", "2"), "of 8 answers 2 can't come a second time"),
    ):
        refused = run("score", *options, workspace=folder)
        assert refused.exit_code == 2
        assert sentence in refused.stderr


def test_without_a_terminal_it_tells_how_many_wait_and_how(folder: Path) -> None:
    said = answer("score", workspace=folder)
    assert ["personality-v1", "9"] in [row.split() for row in said.split("\n")]
    assert "`molting score` on a terminal" in said
    assert "secret" not in said


def test_the_fields_scripts_lean_on(folder: Path) -> None:
    found = value("score", workspace=folder)
    assert found == {
        "waiting": {"personality-v1": 9, "four-criteria": 9, "style-1": 9},
        "edited": [],
        "session": None,
        "sessions": [],
        "unread": 0,
    }


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--questions", "pt-set"), 1),
        (("--language", "en"), 8),
        (("--questions", "four", "--language", "pt"), 0),
        (("--again",), 0),
    ],
)
def test_a_selection_is_counted(folder: Path, options: tuple[str, ...], count: int) -> None:
    assert value("score", "--rubric", "four-criteria", *options, workspace=folder)["waiting"] == {
        "four-criteria": count
    }


def test_an_open_session_is_told(folder: Path) -> None:
    opened = workspaces.open_workspace(folder)
    scoring = start(opened, find_rubric(opened, "four-criteria"), sets=("four",))
    for dimension in scoring.rubric.dimensions:
        scoring.rate(0, dimension.id, 1)
    opened.close()
    found = value("score", workspace=folder)
    assert found["session"] == {"rubric": "four-criteria", "answers": 8, "left": 7}
    assert found["waiting"] == {"four-criteria": 8, "personality-v1": 9, "style-1": 9}
    assert "7 answers of 8 left to score under four-criteria" in answer("score", workspace=folder)


def test_everybodys_open_sessions_are_told_and_an_abandoned_one_is_closed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    opened = workspaces.open_workspace(folder)
    start(opened, find_rubric(opened, "four-criteria"), sets=("four",)).rate(0, "agent", 1)
    opened.close()
    monkeypatch.setenv("MOLTING_ACTOR", "ana")
    [there] = value("score", workspace=folder)["sessions"]
    since = there.pop("since")
    assert there == {
        "number": 1, "actor": "rui", "yours": False, "rubric": "four-criteria", "answers": 8, "left": 8, "blind": True
    }  # fmt: skip
    assert ["1", "rui", since[:10], "four-criteria", "8", "of", "8"] in [
        row.split() for row in answer("score", workspace=folder).splitlines()
    ]
    refused = run("results", "--rubric", "four-criteria", workspace=folder)
    assert refused.exit_code == 1
    assert f"(rui, since {since[:10]})" in refused.stderr
    assert "molting score --close" in refused.stderr
    for words, sentence in (
        (("--close",), "no session of yours is open. Open are: 1 (rui, four-criteria)."),
        (("--close", "2"), "session 2 isn't open."),
        (("--close", "x"), "`x` is no number of a session."),
        (("--close", "1"), "this is rui's session, and there is no terminal to ask on. Say --yes if it is meant"),
        (("--close", "--rubric", "four-criteria"), "--close stands alone"),
        (("--yes",), "--yes goes with --close."),
    ):
        result = run("score", *words, workspace=folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert sentence in result.stderr
    said = answer("score", "--close", "1", "--yes", workspace=folder)
    assert said.startswith(
        "rui's session under four-criteria is closed: 0 of 8 answers scored.\nIt can't be opened again."
    )
    found = value("results", "--rubric", "four-criteria", workspace=folder)
    [closed] = found["closed_early"]
    assert (closed["actor"], closed["closed_by"], closed["answers"], closed["unrated"]) == ("rui", "ana", 8, 8)
    assert any("rui's session was closed early by ana" in note for note in found["notes"])


def test_ones_own_session_is_closed_without_its_number(folder: Path) -> None:
    opened = workspaces.open_workspace(folder)
    start(opened, find_rubric(opened, "four-criteria"), sets=("four",))
    opened.close()
    closed = value("score", "--close", workspace=folder)
    assert (closed["session"], closed["actor"], closed["closed_by"], closed["unrated"]) == (1, "ana", "ana", 8)
    assert value("score", workspace=folder)["sessions"] == []
    assert run("score", "--close", workspace=folder).exit_code == 2


def test_new_answers_of_runs_are_counted_and_damage_is_told_without_names(folder: Path) -> None:
    opened = workspaces.open_workspace(folder)
    more = question_set(question("more"), id="more")
    answers.remember_questions(opened.store, more)
    file = answering_run(opened, "0009-secret-run", [line("secret-three", more.questions[0])], more)
    file.write_bytes(file.read_bytes() + b"{broken}\n")
    opened.close()
    assert value("score", workspace=folder)["waiting"]["personality-v1"] == 10
    said = answer("score", workspace=folder)
    assert "1 file of answers can't be read whole" in said
    assert "secret" not in said


def test_where_nothing_waits_the_next_step_is_told(workspace: Workspace) -> None:
    said = answer("score", workspace=workspace.folder)
    assert "Nothing waits. `molting answer` asks" in said


@pytest.mark.parametrize(
    ("options", "named"), [(("--rubric", "no-such"), "no-such"), (("--questions", "no-set"), "no-set")]
)
def test_a_name_that_is_not_known_is_refused_with_a_sentence(
    folder: Path, options: tuple[str, ...], named: str
) -> None:
    done = process("score", *options, workspace=folder)
    assert done.returncode == 2
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_broken_rubric_file_does_not_hide_the_others(folder: Path) -> None:
    (folder / "rubrics" / "mine.yaml").write_text("format: rubric/1\nid: [", "utf-8")
    assert set(value("score", workspace=folder)["waiting"]) == {"personality-v1", "four-criteria", "style-1"}
    assert run("score", "--rubric", "mine", workspace=folder).exit_code == 2
