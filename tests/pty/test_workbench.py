"""The workbench as a process on a terminal: how it starts, lives beside others, and ends."""

from __future__ import annotations

import base64
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from molting_tui.curation.triage import Desk
from molting_tui.records.pairs import State
from molting_tui.workspace import open_workspace
from tests.conftest import ROOT
from tests.pty.conftest import Open, command
from tests.pty.terminal import Terminal


def states(folder: Path) -> list[State]:
    """What is stored, read by a desk of its own."""
    opened = open_workspace(folder)
    try:
        desk = Desk(opened)
        return [desk.pair(number).state for number in desk.matching()]
    finally:
        opened.close()


@pytest.fixture
def triage(three: Desk, open_workbench: Open) -> Terminal:
    """Triage on three open pairs, at 120x40."""
    terminal = open_workbench(three.workspace.folder)
    terminal.send("F2")
    terminal.wait_for("1 of 3", "Question number 1")
    return terminal


def test_a_decision_is_stored_on_its_keystroke(triage: Terminal, three: Desk) -> None:
    triage.send("a")
    triage.wait_for("1 kept", "2 of 3")
    triage.kill(signal.SIGKILL)
    triage.wait_exit()
    assert states(three.workspace.folder) == [State.KEEP, State.OPEN, State.OPEN]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_it_well(triage: Terminal, three: Desk, number: signal.Signals) -> None:
    triage.send("x")
    triage.wait_for("1 dropped")
    triage.mark()
    triage.kill(number)
    assert triage.wait_exit() == 128 + number
    assert b"\x1b[?1049l" in triage.raw  # the screen of the shell is back
    assert b"\x1b[?25h" in triage.raw  # and the cursor
    assert states(three.workspace.folder)[0] is State.DROP


def test_a_dropped_line_ends_it_and_the_draft_waits(triage: Terminal, three: Desk, open_workbench: Open) -> None:
    triage.send("a")
    triage.wait_for("2 of 3")
    triage.send("e")
    triage.wait_for("Rewrite the answer")
    triage.type("Half a thought. ")
    triage.wait_for("Half a thought. Answer")
    triage.close()
    triage.process.wait(20)
    assert states(three.workspace.folder)[0] is State.KEEP
    again = open_workbench(three.workspace.folder)
    again.send("F2")
    again.wait_for("2 of 3", "draft")
    again.send("e")
    again.wait_for("Half a thought. Answer")


# The kernel sends SIGHUP to the leader of the session alone; `make demo` in its place waits for its child.
KEEPS_THE_SIGNAL = """
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)
pathlib.Path(sys.argv[1]).write_text(str(subprocess.Popen(sys.argv[2:]).wait()))
"""


def test_a_key_before_the_list_was_read_is_not_told_that_there_is_none(open_workbench: Open, three: Desk) -> None:
    terminal = open_workbench(three.workspace.folder)
    terminal.send("F2", "j", "g", ".")  # in one write
    terminal.wait_for("Question number 1", "of 3")
    assert not terminal.says("There is no pair in this list.")


def test_a_dropped_line_ends_it_though_another_program_keeps_the_signal(three: Desk, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    words = [sys.executable, "-c", KEEPS_THE_SIGNAL, str(ended), *command(three.workspace.folder)]
    with Terminal(words, columns=120, lines=40) as terminal:
        terminal.wait_for("Home")
        terminal.close()
        terminal.process.wait(20)
    assert ended.read_text() == str(128 + signal.SIGHUP)


def test_quitting_gives_the_terminal_back(triage: Terminal) -> None:
    triage.mark()
    triage.send("ctrl+q")
    assert triage.wait_exit() == 0
    for mode in (b"?1049l", b"?25h", b"?2004l", b"?1004l"):
        assert b"\x1b[" + mode in triage.raw


def test_leaving_from_the_question_bank_ends_well(three: Desk, open_workbench: Open) -> None:
    """Records that two threads met first crashed half of the ways out."""
    for _ in range(3):
        terminal = open_workbench(three.workspace.folder)
        terminal.send("F8")
        terminal.wait_for("Question bank")
        terminal.wait_quiet()
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0


def test_no_mouse_mode_is_asked_for(triage: Terminal) -> None:
    for mode in (b"?1000h", b"?1002h", b"?1003h", b"?1006h", b"?1015h", b"?1016h"):
        assert b"\x1b[" + mode not in triage.raw


def test_idle_sends_nothing(three: Desk, open_workbench: Open) -> None:
    terminal = open_workbench(three.workspace.folder)
    talkative = []
    for keys in ((), ("?",), ("q", ":"), ("escape", "F2"), ("i",), ("q", "e"), ("escape", "/")):
        for key in keys:
            terminal.send(key)
            terminal.wait_quiet()
        terminal.wait_quiet(600)
        # The one fixed wait of these tests: that nothing comes can only be seen by waiting for it.
        if terminal.bytes_within(1.5):
            talkative.append(keys)
    assert talkative == []
    assert terminal.says("Search")


def test_a_terminal_that_cannot_draw_is_refused_with_a_sentence(three: Desk) -> None:
    with Terminal(command(three.workspace.folder), term="dumb") as terminal:
        assert terminal.wait_exit() == 2
        assert terminal.says("molting:", "TERM=dumb", "xterm-256color")
        assert b"\x1b" not in terminal.raw
        assert len(terminal.text.strip()) < 300


@pytest.mark.parametrize("closed", ["stdin", "stdout", "all"])
def test_without_a_terminal_it_is_refused_with_a_sentence(three: Desk, closed: str) -> None:
    folder = three.workspace.folder
    if closed == "all":
        done = subprocess.run(
            command(folder), cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False
        )
        code, said = done.returncode, done.stderr
        assert done.stdout == ""
    else:
        shell = f'"$@" {"</dev/null" if closed == "stdin" else "| cat"}; exit $?'
        with Terminal(["bash", "-o", "pipefail", "-c", shell, "sh", *command(folder)]) as terminal:
            code, said = terminal.wait_exit(), terminal.text
            assert b"\x1b" not in terminal.raw
    assert code == 2
    assert "needs a terminal" in " ".join(said.split())
    assert "Traceback" not in said


def test_it_works_without_a_locale(three: Desk, open_workbench: Open) -> None:
    terminal = open_workbench(three.workspace.folder, environment={"LANG": "C", "LC_ALL": "C"})
    terminal.send("F2")
    terminal.wait_for("1 of 3", "▸ Triage", "CLÁUDIO")
    terminal.send("a")
    terminal.wait_for("1 kept")


@pytest.mark.parametrize("term", ["xterm-16color", "tmux-256color", "linux", "vt100"])
def test_it_works_on_other_terminals(three: Desk, open_workbench: Open, term: str) -> None:
    terminal = open_workbench(three.workspace.folder, term=term, columns=80, lines=24)
    terminal.send("F2")
    terminal.wait_for("1 of 3", "Question number 1")
    terminal.send("a")
    terminal.wait_for("2 of 3", "Question number 2")


def test_two_workbenches_on_one_workspace_see_each_other(triage: Terminal, three: Desk, open_workbench: Open) -> None:
    other = open_workbench(three.workspace.folder)
    other.send("F2")
    other.wait_for("1 of 3")
    triage.send("a")
    triage.wait_for("1 kept")
    other.wait_for("1 kept")
    other.send("G", "x")
    other.wait_for("1 dropped")
    triage.wait_for("1 kept", "1 dropped")
    assert states(three.workspace.folder) == [State.KEEP, State.OPEN, State.DROP]


def test_a_command_works_beside_the_workbench(triage: Terminal, three: Desk) -> None:
    number = three.matching()[1]
    subprocess.run(
        [*command(three.workspace.folder), "decide", str(number), "drop"],
        cwd=ROOT, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    triage.wait_for("1 dropped")


def test_a_resize_changes_the_layout_and_loses_nothing(triage: Terminal) -> None:
    triage.send("j")
    triage.wait_for("2 of 3", "Question number 2")
    for columns, lines in ((80, 24), (200, 50), (40, 10), (120, 40)):
        triage.resize(columns, lines)
        triage.wait_until(
            lambda terminal: terminal.screen[-1].strip() != "" and terminal.says("2 of 3"),
            f"{columns}x{lines} was painted",
        )
        triage.wait_quiet()
        assert triage.says("2 of 3")
        assert triage.process.poll() is None
    triage.wait_for("Question number 1", "Question number 2")  # the list is back beside the text


def test_undo_survives_a_restart(triage: Terminal, three: Desk, open_workbench: Open) -> None:
    triage.send("a", "x")
    triage.wait_for("1 kept", "1 dropped")
    triage.send("ctrl+q")
    triage.wait_exit()
    again = open_workbench(three.workspace.folder)
    again.send("F2")
    again.wait_for("of 3", "1 dropped")
    again.send("u")
    again.wait_for("0 dropped")
    assert states(three.workspace.folder) == [State.KEEP, State.OPEN, State.OPEN]


def test_copying_sends_the_answer_to_the_clipboard_once(triage: Terminal, three: Desk) -> None:
    assert b"\x1b]52;" not in triage.raw
    triage.mark()
    triage.send("y")
    triage.wait_for("clipboard")
    answer = three.pair(three.matching()[0]).response
    copied = base64.b64encode(answer.encode())
    assert re.findall(rb"\x1b\]52;c;([^\x07\x1b]*)", triage.raw) == [copied]


def editor(folder: Path, script: str) -> str:
    """A real program as `$EDITOR`: a shell script that is given the file."""
    path = folder / "an editor.sh"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o700)
    return f"'{path}'"


def test_the_users_editor_rewrites_a_pair(three: Desk, open_workbench: Open, tmp_path: Path) -> None:
    program = editor(tmp_path, 'stat -c %a "$1" > "$0.mode"; sed -i "s/Answer number 1/Minha resposta/" "$1"')
    terminal = open_workbench(three.workspace.folder, environment={"EDITOR": program, "VISUAL": None})
    terminal.send("F2")
    terminal.wait_for("1 of 3")
    terminal.send("E")
    terminal.wait_for("rewritten and kept", "1 rewritten", "Answer number 2")
    pair = three.pair(three.matching()[0])
    assert pair.response.startswith("Minha resposta. ")
    assert pair.state is State.KEEP
    assert (tmp_path / "an editor.sh.mode").read_text().strip() == "600"
    terminal.send("k")
    terminal.wait_for("1 of 3", "Minha resposta")  # the terminal is the workbench's again


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "the editor ended with code 3"),
        ("true", "Nothing was changed"),
        ('printf "\\377\\376" > "$1"', "isn't UTF-8"),
    ],
)
def test_an_editor_that_fails_changes_nothing(
    three: Desk, open_workbench: Open, tmp_path: Path, script: str, said: str
) -> None:
    before = three.pair(three.matching()[0])
    terminal = open_workbench(three.workspace.folder, environment={"EDITOR": editor(tmp_path, script), "VISUAL": None})
    terminal.send("F2")
    terminal.wait_for("1 of 3")
    terminal.send("E")
    terminal.wait_for(said)
    assert three.pair(before.id) == before


def test_an_editor_that_is_missing_is_named(three: Desk, open_workbench: Open) -> None:
    missing = {"EDITOR": "no-such-editor-here", "VISUAL": None}
    terminal = open_workbench(three.workspace.folder, environment=missing)
    terminal.send("F2")
    terminal.wait_for("1 of 3")
    terminal.send("E")
    terminal.wait_for("no-such-editor-here", "can't be started")


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_comes_back(three: Desk) -> None:
    with Terminal(["bash", "--norc", "--noprofile", "-i"], environment={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        terminal.type(f"{' '.join(command(three.workspace.folder))}\n")
        terminal.wait_for("Home", "Next:")
        terminal.send("F2")
        terminal.wait_for("1 of 3")
        terminal.send("e")
        terminal.wait_for("Rewrite the answer")
        terminal.send("Z", "ctrl+z")  # an editor takes back what was typed
        terminal.wait_for("as it was")
        terminal.send("escape")
        terminal.wait_for("1 of 3")
        terminal.send("ctrl+z")
        terminal.wait_for("Stopped", "shell>")
        terminal.type("fg\n")
        terminal.wait_for("1 of 3", "Question number 1")
        terminal.send("a")
        terminal.wait_for("1 kept")
        terminal.mark()
        terminal.send("ctrl+q")
        terminal.wait_until(lambda shell: b"shell>" in shell.raw, "the shell was back")
        terminal.type("exit\n")
        assert terminal.wait_exit() == 0


def test_ctrl_z_where_there_is_no_shell_to_go_back_to_is_a_sentence(triage: Terminal) -> None:
    triage.send("ctrl+z")
    triage.wait_for("no shell")
    triage.send("a")
    triage.wait_for("1 kept")
