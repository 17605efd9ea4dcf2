"""The harness itself, on a small Textual program."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.hostile import PLANTED, hostile, leaks
from tests.pty.terminal import Terminal, key_bytes

PROGRAM = """
import sys
from textual.app import App
from textual.content import Content
from textual.widgets import Static

class Small(App):
    BINDINGS = [("q", "quit", "Quit"), ("ctrl+x", "say('control x')", ""), ("f2", "say('function 2')", ""),
                ("pagedown", "say('page down')", ""), ("escape", "say('escape')", ""), ("j", "say('jay')", "")]

    def compose(self):
        yield Static("ready", id="said", markup=False)

    def action_say(self, what):
        self.query_one("#said").update(what)

    def on_resize(self, event):
        self.query_one("#said").update(f"size {event.size.width}x{event.size.height}")

    def on_paste(self, event):
        with open(sys.argv[1], encoding="utf-8", errors="surrogateescape", newline="") as file:
            self.query_one("#said").update(Content(file.read()))

Small().run(mouse=False)
"""


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    path = tmp_path / "small.py"
    path.write_text(PROGRAM, "utf-8")
    return [sys.executable, str(path)]


@pytest.fixture
def small(program: list[str]) -> Iterator[Terminal]:
    with Terminal(program, columns=80, lines=24) as terminal:
        terminal.wait_for("size 80x24")
        yield terminal


@pytest.mark.parametrize(
    ("key", "said"),
    [("ctrl+x", "control x"), ("F2", "function 2"), ("pgdn", "page down"), ("escape", "escape"), ("j", "jay")],
)
def test_keys_arrive_as_themselves(small: Terminal, key: str, said: str) -> None:
    small.send(key)
    small.wait_for(said)


def test_an_unknown_key_name_is_refused() -> None:
    with pytest.raises(ValueError, match="hyper"):
        key_bytes("hyper+x")


def test_the_screen_is_what_a_person_sees(small: Terminal) -> None:
    assert small.find("size 80x24") == (0, 0)
    assert len(small.screen) == 24
    small.send("j")
    small.wait_gone("size 80x24")
    assert small.screen[0].rstrip() == "jay"


def test_a_resize_reaches_the_program(small: Terminal) -> None:
    small.resize(100, 30)
    small.wait_for("size 100x30")
    assert len(small.screen) == 30


def test_bytes_are_counted_from_the_mark(small: Terminal) -> None:
    small.wait_quiet()
    small.mark()
    assert small.raw == b""
    burst = small.burst("j")
    assert burst.bytes == len(small.raw) > 0
    assert burst.seconds > 0


def test_waiting_for_what_never_comes_fails_with_the_screen(small: Terminal) -> None:
    with pytest.raises(AssertionError, match="size 80x24"):
        small.wait_for("never said", timeout=0.2)


def test_waiting_ends_when_the_program_does(small: Terminal) -> None:
    small.send("q")
    with pytest.raises(AssertionError, match="the program ended"):
        small.wait_for("never said")
    assert small.wait_exit() == 0


def test_a_killed_program_has_its_signal_as_exit_code(small: Terminal) -> None:
    small.kill(signal.SIGKILL)
    assert small.wait_exit() == -signal.SIGKILL


def test_a_dropped_line_ends_a_program_that_takes_no_care(program: list[str]) -> None:
    with Terminal(program) as terminal:
        terminal.wait_for("size")
        terminal.close()
        assert terminal.wait_exit() == -signal.SIGHUP


def test_the_program_has_no_true_colour_and_the_given_terminal() -> None:
    show = "import os; print(os.environ['TERM'], 'COLORTERM' in os.environ, os.isatty(0), os.get_terminal_size())"
    with Terminal([sys.executable, "-c", show], term="xterm-16color", columns=90, lines=20) as terminal:
        assert terminal.wait_exit() == 0
        assert terminal.says("xterm-16color False True os.terminal_size(columns=90, lines=20)")


def test_an_ordinary_run_leaks_nothing(small: Terminal) -> None:
    small.send("j", "F2")
    small.wait_for("function 2")
    small.resize(60, 20)
    small.wait_for("size 60x20")
    small.send("q")
    small.wait_exit()
    assert leaks(small.raw) == []


TAKEN_OUT_BY_TEXTUAL = {"bell", "backspace", "carriage return"}


def test_a_text_that_passes_through_is_found(program: list[str], tmp_path: Path) -> None:
    """A program that doesn't take care is caught, with each of the planted sequences alone."""
    text, missed = tmp_path / "text", []
    with Terminal([*program, str(text)]) as terminal:
        terminal.wait_for("size")
        for number, name in enumerate(sorted(PLANTED.keys() - TAKEN_OUT_BY_TEXTUAL)):
            text.write_text(f"shown {number}: {PLANTED[name]} :end", "utf-8", newline="")
            terminal.wait_quiet()
            terminal.mark()
            terminal.write(b"\x1b[200~pasted\x1b[201~")
            terminal.wait_until(lambda shown: b":end" in shown.raw, "the text came")
            if not leaks(terminal.raw):
                missed.append(name)
    assert missed == []


def test_every_planted_sequence_is_found_in_plain_output() -> None:
    for name, planted in PLANTED.items():
        assert leaks(f"before {planted} after".encode()) != [], name
    assert leaks(hostile("x").encode()) != []
