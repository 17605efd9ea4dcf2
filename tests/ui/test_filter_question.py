"""Promises about the question which pairs are in the list: it offers what may follow, and loses nothing typed."""

from __future__ import annotations

import pytest
from test_triage import ids
from textual.widgets import Input
from workbench import Fill, Open, again, chat

from molting_tui.ui.dialogs.ask import AskScreen


def shown(text: str) -> str:
    """The text of a screen, each run of white space as one space."""
    return " ".join(text.split())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_name_that_nothing_has_is_said_and_what_was_typed_stays(
    fill: Fill, open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(fill([chat(1), chat(2)]), size=size) as hand:
        screen = await hand.triage()
        await hand.press("F")
        await hand.ask("-flag:agnet-speech fila")
        assert isinstance(hand.app.screen, AskScreen)
        assert "there is no flag `agnet-speech` here. Did you mean flag:agent-speech?" in shown(hand.text())
        assert hand.app.screen.query_one(Input).value == "-flag:agnet-speech fila"
        await hand.press("escape")
        assert ids(screen) == [1, 2]


async def test_what_may_follow_is_offered_and_tab_takes_it(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    desk = again(workspace)
    desk.tag(desk.pair(1), "voice")
    desk.tag(desk.pair(2), "vow")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("F")
        assert "words state:open" in shown(hand.text())
        await hand.press("ctrl+u")
        await hand.type("-ta")
        await hand.press("tab")
        entry = hand.app.screen.query_one(Input)
        assert entry.value == "-tag:vo"
        assert "tag:voice your own tag tab -tag:voice -tag:vow" in shown(hand.text())
        await hand.type("i")
        await hand.press("tab")
        assert entry.value == "-tag:voice"
        await hand.type(" ")
        assert "words state:open" in shown(hand.text())
        await hand.press("tab", "enter")
        assert ids(screen) == [2]


async def test_the_first_filter_is_a_suggestion_that_typing_replaces_and_a_filter_in_force_is_not(
    fill: Fill, open_app: Open
) -> None:
    async with open_app(fill([chat(1), chat(2)])) as hand:
        await hand.triage()
        await hand.press("F")
        entry = hand.app.screen.query_one(Input)
        assert entry.value == "state:open"
        await hand.type("len>1")
        assert entry.value == "len>1"
        await hand.press("enter", "F")
        entry = hand.app.screen.query_one(Input)
        await hand.type(" lang:en")
        assert entry.value == "len>1 lang:en"


async def test_where_one_left_is_left_when_its_rule_is_gone(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    again(workspace).leave_at("flag:of-another-day", 2)
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        assert ids(screen) == [1, 2]
        assert hand.status.startswith("2 of 2")
