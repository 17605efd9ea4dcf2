"""The command as a process: what it loads, pipes, signals, locales, terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from cli_workspaces import ROOT, command_line, environment, made, process, session, value

HEAVY = {"textual", "sqlite_utils", "numpy", "pandas", "scipy", "py3langid", "ftfy", "torch", "pyarrow", "datasets"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def loaded(*arguments: str, workspace: Path | None = None) -> set[str]:
    """The top-level modules that a command has imported when it ends."""
    line = command_line(arguments, workspace)
    done = subprocess.run(
        [line[0], "-X", "importtime", *line[1:]], env=environment(), capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {found.partition(".")[0] for found in re.findall(r"^import time:.*\|\s+(\S+)$", done.stderr, re.MULTILINE)}


@pytest.mark.parametrize(
    "arguments", [("--help",), ("stats",), ("pairs", "--json"), ("decide", "1", "keep"), ("rules",), ("doctor",)]
)
def test_a_command_loads_nothing_heavy(folder: Path, arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments, workspace=folder)
    assert "click" in modules
    assert modules & HEAVY == set()


def test_help_loads_none_of_the_core() -> None:
    assert loaded("--help") & {"msgspec", "re2", "yaml", "sqlite3"} == set()


def test_json_is_one_value_and_nothing_else(folder: Path) -> None:
    for arguments in (("stats",), ("pairs",), ("pairs", "1"), ("rules",), ("doctor",), ("stats", "--answers")):
        done = process(*arguments, "--json", workspace=folder)
        assert done.stderr == ""
        json.loads(done.stdout)


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path) -> None:
    many = [
        (f"What does step number {n} of the deploy do?", (f"Step {n} " + "drains the queue " * 20,))
        for n in range(1200)
    ]
    folder = made(tmp_path / "w", many)
    line = " ".join(f"'{word}'" for word in command_line(("pairs", "--json"), folder))
    done = subprocess.run(
        ["bash", "-c", f"{line} | head -n 2; echo ${{PIPESTATUS[0]}}"],
        env=environment(),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_told(folder: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command_line(("stats",), folder),
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("molting: No space left on device.")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_any_locale_prints_and_json_loses_nothing(folder: Path, locale: dict[str, str]) -> None:
    for arguments in (("stats",), ("pairs", "1"), ("doctor",), ("--help",)):
        done = subprocess.run(command_line(arguments, folder), env=environment(locale), capture_output=True, cwd=ROOT)
        assert (done.returncode, done.stderr) == (0, b"")
    done = subprocess.run(
        command_line(("pairs", "--json"), folder), env=environment(locale), capture_output=True, cwd=ROOT
    )
    encoding = locale.get("PYTHONIOENCODING", "utf-8")
    assert json.loads(done.stdout.decode(encoding)) == value("pairs", workspace=folder)


def on_a_terminal(arguments: tuple[str, ...], folder: Path, env: dict[str, str]) -> tuple[int, str]:
    """Exit code and everything a command writes to a terminal."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        command_line(arguments, folder), env=environment(env), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    return child.wait(), b"".join(parts).decode()


def test_colours_are_for_terminals_that_want_them(folder: Path) -> None:
    assert "\x1b[" not in process("stats", workspace=folder).stdout
    for env, coloured in (
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ):
        code, said = on_a_terminal(("stats",), folder, env)
        assert code == 0
        assert ("\x1b[" in said) is coloured


@pytest.mark.parametrize("name", ["dumb", "", "unknown"])
def test_the_workbench_on_a_terminal_that_cannot_draw_says_what_to_use(folder: Path, name: str) -> None:
    code, said = on_a_terminal((), folder, {"TERM": name})
    assert code == 2
    assert said.startswith("molting: the workbench can't draw on this terminal")
    assert said.count("\n") == 1


def test_the_workbench_without_a_terminal_says_what_to_use(folder: Path) -> None:
    done = process(workspace=folder, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the workbench needs a terminal" in done.stderr
    assert "molting pairs" in done.stderr


def test_a_bulk_on_a_terminal_asks_first(folder: Path) -> None:
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        command_line(("decide", "--where", "len>0", "drop"), folder),
        env=environment({"TERM": "xterm"}), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while b"[y/N]" not in seen:
        assert select.select([ours], [], [], 30)[0], seen
        seen += os.read(ours, 4096)
    assert b"drop 3 pairs where len>0?" in seen
    os.write(ours, b"n\n")
    assert child.wait(30) == 1
    os.close(ours)
    assert value("stats", workspace=folder)["state"]["drop"] == 0


def turns_stored(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'molting.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("select count(*) from turn").fetchone()[0])


def test_ctrl_c_during_an_import_keeps_what_was_stored_and_the_next_import_does_the_rest(tmp_path: Path) -> None:
    folder, logs = made(tmp_path / "w"), tmp_path / "logs"
    logs.mkdir()
    text = "drains the queue of the CRM and then swaps the proxy, " * 40
    for number in range(150):
        exchanges = [
            (f"What does step {n} of deploy {number} do?", (f"Step {n} of {number} {text}",)) for n in range(60)
        ]
        session(logs / f"{number:04}.jsonl", exchanges)
    before = turns_stored(folder)
    child = subprocess.Popen(
        command_line(("import", str(logs)), folder),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    deadline = time.monotonic() + 60
    while turns_stored(folder) == before:
        assert child.poll() is None
        assert time.monotonic() < deadline
    child.send_signal(signal.SIGINT)
    said, told = child.communicate(timeout=60)
    assert (child.returncode, said) == (130, "")
    assert told == "molting: Stopped. What was read up to here is stored; the same command goes on from there.\n"
    assert before < turns_stored(folder) < before + 9000
    assert process("import", str(logs), workspace=folder).returncode == 0
    assert turns_stored(folder) == before + 9000
    found = value("stats", workspace=folder)
    assert found["pairs"] == 3 + 9000
    assert found["left_out"] == {"incomplete": 1, "short-prompt": 1}
