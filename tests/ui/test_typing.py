"""Promises about a line to type into: a suggestion gives way, a text one has chosen never does, tab completes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Paste
from workbench import Fill, Hand, Open

from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.dialogs.completion import path_completion
from molting_tui.ui.dialogs.entry import Entry


async def asked(hand: Hand, *, value: str = "", suggestion: str = "") -> Entry:
    """Ask a question; returns its line."""
    hand.app.push_screen(AskScreen("Which?", value=value, suggestion=suggestion))
    await hand.settle()
    return hand.app.screen.query_one(Entry)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("x",), "x"),
        (("end", "x"), "v1.jsonx"),
        (("right", "x"), "v1.jsonx"),
        (("left", "x"), "v1.jsoxn"),
        (("home", "x"), "xv1.json"),
        (("backspace",), "v1.jso"),
        (("ctrl+w",), "v1."),
        (("ctrl+u",), ""),
        ((), "v1.json"),
    ],
)
async def test_the_first_letter_replaces_a_suggestion_and_a_key_that_moves_edits_it(
    fill: Fill, open_app: Open, keys: tuple[str, ...], value: str
) -> None:
    async with open_app(fill()) as hand:
        entry = await asked(hand, suggestion="v1.json")
        assert entry.suggested
        assert entry.selected_text == "v1.json"
        await hand.press(*keys)
        assert entry.value == value
        assert entry.suggested is (not keys)
        if keys:
            await hand.press("y")  # and only the first
            assert len(entry.value) == len(value) + 1


async def test_a_pasted_text_replaces_a_suggestion_too_and_only_once(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        entry = await asked(hand, suggestion="v1.json")
        for _ in range(2):
            hand.app.post_message(Paste("v2"))
            await hand.settle()
        assert entry.value == "v2v2"


async def test_a_value_of_ones_own_is_never_replaced(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        entry = await asked(hand, value="state:keep")
        assert not entry.suggested
        await hand.type(" x")
        assert entry.value == "state:keep x"


async def test_tab_completes_the_path_of_an_import_and_lists_what_may_follow(
    fill: Fill, open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("logs-a", "logs-b", "logs-c\x1b[2J"):
        (tmp_path / "home" / name).mkdir(parents=True)
    async with open_app(fill()) as hand:
        hand.app.push_screen(AskScreen("What?", suggestion="~/none", complete=path_completion()))
        await hand.press("~", "/", "tab")  # typed ahead in one burst
        entry = hand.app.screen.query_one(Entry)
        assert entry.value == "~/logs-"
        assert "logs-a/  logs-b/" in hand.text()
        await hand.press("tab", "a", "tab")
        assert entry.value == "~/logs-a/"
        assert "logs-b/" not in hand.text()
