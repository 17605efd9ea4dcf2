"""`molting import` without a path: the assistants' own logs, asked for once; and `molting projects`."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
from pathlib import Path

import pytest
from cli_workspaces import ROOT, answer, command_line, environment, run, value

from molting_tui.sources.places import KEEPERS, Keeper, look
from tests.conftest import asked, write_session

REAL = Path(os.environ.get("MOLTING_SAMPLES", ROOT.parent / "shared")) / "sessions" / "claude-code" / "raw"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without logs, and nothing in the environment that names another place."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    return home


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    answer("init", str(tmp_path / "w"))
    return tmp_path / "w"


def log(home: Path, number: int, project: str = "crm", below: str = ".claude/projects") -> Path:
    return write_session(home / below / project / f"s{number}.jsonl", asked(number))


def test_without_logs_it_says_where_it_looked(folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".claude" / "projects").mkdir(parents=True)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "else where"))
    refused = run("import", "--yes", workspace=folder)
    assert refused.exit_code == 2
    assert (
        "looked in ~/else where/projects (Claude Code), ~/.claude/projects (Claude Code), ~/.config/claude/projects"
        in refused.stderr
    )
    assert "molting import PATH" in refused.stderr


def test_nothing_is_read_before_somebody_agreed_and_then_without_asking(folder: Path, home: Path) -> None:
    path = log(home, 1)
    before = path.read_bytes(), path.stat().st_mtime_ns
    refused = run("import", "--json", workspace=folder)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "~/.claude/projects may only be read once you have agreed" in refused.stderr
    assert "molting import --yes" in refused.stderr
    assert run("import", "--yes", workspace=folder).exit_code == 0
    log(home, 2, "crm-api")
    found = value("import", workspace=folder)
    assert (found["pairs_new"], found["files_known"]) == (1, 1)
    assert found["projects"] == {"crm-api": {"turns": 1, "pairs": 1}}
    assert found["since"]
    assert list(found["sources"].values()) == [1]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert "may only be read" in run("import", "--ask", workspace=folder).stderr


def test_a_place_that_nobody_was_asked_about_is_asked_about(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(home, 1)
    run("import", "--yes", workspace=folder)
    log(home, 2, below=".config/claude/projects")
    assert "may only be read once" in run("import", workspace=folder).stderr
    assert run("import", "--yes", workspace=folder).exit_code == 0
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / ".claude"))
    assert value("import", workspace=folder)["files"] == 2, "the same place by another name needs no other word"


def on_a_terminal(folder: Path, typed: bytes, *arguments: str) -> tuple[int, str]:
    """Exit code and everything that an import writes to a terminal, with an answer to its question."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        command_line(("import", *arguments), folder),
        env=environment({"TERM": "xterm", "NO_COLOR": "1"}), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
    )  # fmt: skip
    os.close(theirs)
    seen, answered = b"", False
    while select.select([ours], [], [], 30)[0]:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not answered and b"[y/N]" in seen:
            os.write(ours, typed)
            answered = True
    os.close(ours)
    return child.wait(30), seen.decode()


def test_on_a_terminal_it_asks_with_what_is_there_and_a_no_reads_nothing(folder: Path, home: Path) -> None:
    log(home, 1)
    code, said = on_a_terminal(folder, b"n\n")
    assert code == 1
    assert "Claude Code   ~/.claude/projects  1 file, 1 kB" in said
    assert "Nothing was imported." in said
    assert value("stats", workspace=folder)["pairs"] == 0
    code, said = on_a_terminal(folder, b"y\n")
    assert code == 0
    assert "molting import --ask` asks again" in said
    assert value("stats", workspace=folder)["pairs"] == 1
    code, said = on_a_terminal(folder, b"")
    assert code == 0
    assert "[y/N]" not in said
    assert "Nothing new" in said


def test_an_import_after_the_first_says_what_came_since_by_project_and_file(folder: Path, home: Path) -> None:
    log(home, 1)
    first = run("import", "--yes", workspace=folder).stdout
    assert "By project" in first
    assert "is:new" not in first
    write_session(home / ".claude" / "projects" / "crm-api" / "later.jsonl", asked(2), asked(3))
    said = answer("import", workspace=folder)
    assert "New since the import of " in said
    assert "crm-api      2      2" in said
    assert "From 1 file: later.jsonl (2 turns)." in said
    assert [pair["id"] for pair in value("pairs", "--where", "is:new", workspace=folder)] == [2, 3]


def test_a_reader_added_later_brings_its_places(tmp_path: Path, home: Path) -> None:
    log(home, 1, below=".other/logs")
    places = look((*KEEPERS, Keeper("Other", (), (".other/logs",))))
    assert [(place.assistant, place.shown, place.files) for place in places if place.files] == [
        ("Other", "~/.other/logs", 1)
    ]


def test_a_folder_that_two_names_lead_to_is_one_place(home: Path) -> None:
    log(home, 1)
    (home / ".config").mkdir()
    (home / ".config" / "claude").symlink_to(home / ".claude")
    assert [place.shown for place in look(environment={})] == ["~/.claude/projects"]


@pytest.mark.parametrize("named", ["", "  ", "\x00", "~nobody-of-this-name", "x" * 5_000])
def test_a_variable_that_names_no_folder_is_no_place_with_logs(home: Path, named: str) -> None:
    log(home, 1)
    assert [place.files for place in look(environment={"CLAUDE_CONFIG_DIR": named}) if place.files] == [1]


@pytest.mark.skipif(not REAL.exists(), reason=f"no sample sessions: {REAL} (set MOLTING_SAMPLES)")
def test_real_logs_are_taken_from_their_place(folder: Path, home: Path) -> None:
    (home / ".claude").mkdir()
    (home / ".claude" / "projects").symlink_to(REAL)
    found = json.loads(run("import", "--yes", "--json", workspace=folder).stdout)
    assert found["pairs_new"] > 50
    assert sum(project["pairs"] for project in found["projects"].values()) == found["pairs_new"]


def test_projects_are_listed_by_what_is_open(folder: Path, home: Path) -> None:
    assert "There are no pairs yet" in answer("projects", workspace=folder)
    log(home, 1, "crm")
    write_session(home / "more" / "crm api" / "s.jsonl", asked(2), asked(3))
    run("import", "--yes", workspace=folder)
    answer("import", str(home / "more"), workspace=folder)
    answer("decide", "1", "keep", workspace=folder)
    listed = value("projects", workspace=folder)
    assert [(project["project"], project["state"]["open"], project["new"]) for project in listed] == [
        ("crm api", 2, 2),
        ("crm", 0, 0),
    ]
    for project in listed:
        pairs = value("pairs", "--where", project["filter"], workspace=folder)
        assert len(pairs) == project["pairs"]
    table = answer("projects", workspace=folder).splitlines()
    assert table[1].split() == ["2", "2", "0", "0", "2", "2026-02-03", "crm", "api"]
    assert len(value("projects", "--where", "state:keep", workspace=folder)) == 1
    assert "No pair matches." in answer("projects", "--where", "len>9999", workspace=folder)
