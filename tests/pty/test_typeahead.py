"""Keys that arrive in one read: each goes where the one before it has led, none is swallowed, none is a command by
mistake."""

from __future__ import annotations

import pytest

from molting_tui.curation.triage import Desk
from molting_tui.records.pairs import State
from tests.pty.conftest import Open
from tests.pty.terminal import Terminal, key_bytes


def at_once(terminal: Terminal, *keys: str) -> None:
    """Send keys and texts in one write: names of keys in angle brackets, everything else as it is typed."""
    terminal.write(b"".join(key_bytes(key[1:-1]) if key.startswith("<") else key.encode() for key in keys))


@pytest.fixture
def terminal(three: Desk, open_workbench: Open) -> Terminal:
    """The workbench on three open pairs, at home."""
    return open_workbench(three.workspace.folder)


def test_everything_typed_at_once_is_done_in_its_order(terminal: Terminal, three: Desk) -> None:
    at_once(
        terminal,
        "<F2>", "c", "um comentário", "<enter>",
        "a",
        "X", "1", "<enter>",
        "/", "number 1", "<enter>", "n",
        "*",
        "F", "<ctrl+u>", "state:drop", "<enter>",
        "t", "voz", "<enter>",
    )  # fmt: skip
    terminal.wait_for("1 kept", "1 dropped", "#voz", "Tag voz given")  # of the one pair that the filter left
    first, second, third = (three.pair(number) for number in (1, 2, 3))
    assert (first.state, first.comment, first.starred, first.tags) == (State.KEEP, "um comentário", True, ())
    assert (second.state, second.reason, second.tags) == (State.DROP, "agent talk", ("voz",))
    assert (third.state, third.comment, third.starred, third.tags) == (State.OPEN, "", False, ())


def test_a_rewrite_typed_at_once_is_saved(terminal: Terminal, three: Desk) -> None:
    at_once(terminal, "<F2>", "e", "Sim. ", "<ctrl+s>", "a")
    terminal.wait_for("1 rewritten", "2 kept")
    assert three.pair(1).response.startswith("Sim. Answer number 1")
    assert three.pair(2).state is State.KEEP


def test_a_paste_goes_into_the_field_that_the_key_before_it_opened(terminal: Terminal, three: Desk) -> None:
    terminal.write(key_bytes("F2") + b"c\x1b[200~colado\x1b[201~\r")
    terminal.wait_for("“colado”")
    assert three.pair(1).comment == "colado"


def test_what_was_typed_before_leaving_is_done(terminal: Terminal, three: Desk) -> None:
    at_once(terminal, "<F2>", "a", "x", "<ctrl+q>")
    assert terminal.wait_exit() == 0
    assert [three.pair(number).state for number in (1, 2, 3)] == [State.KEEP, State.DROP, State.OPEN]


def test_a_form_and_a_choice_are_filled_at_once(terminal: Terminal, three: Desk) -> None:
    at_once(terminal, "<F2>", "aa", "<F3>", "s", "<ctrl+u>", "voz-1", "<tab>", "id:1", "<enter>")
    terminal.wait_for("voz-1 is frozen: 1 pair.")
    assert (three.workspace.folder / "datasets" / "voz-1").is_dir()
