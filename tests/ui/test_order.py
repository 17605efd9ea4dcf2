"""Promises of the order: one key sorts the list, the same turns it round, and one always sees how it stands."""

from __future__ import annotations

from workbench import Fill, Open, again, chat

from molting_tui.ui.triage.order_question import OrderScreen
from molting_tui.ui.triage.pair_list import PairList
from molting_tui.ui.triage.triage import TriageScreen


def ids(screen: TriageScreen) -> list[int]:
    return list(screen.query_one("#list", PairList).ids)


async def test_o_sorts_the_list_o_again_turns_it_round_and_the_status_line_tells_it(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n, "Resposta " + "longa " * (10 + n * 7 % 5) + f"{n}.") for n in range(5)])
    longest = list(again(workspace).matching("sort:-len"))
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("j", "o")
        assert isinstance(hand.app.screen, OrderScreen)
        await hand.press("2")
        assert ids(screen) == longest != [1, 2, 3, 4, 5]
        assert "longest answers first" in hand.status
        assert screen.pair == again(workspace).pair(2), "the pair one was at"
        await hand.press("o", "o")
        assert ids(screen) == list(again(workspace).matching("sort:len"))
        assert "shortest answers first" in hand.status
        await hand.press("o", "2")
        assert ids(screen) == longest, "the same number turns it round as well"
        await hand.press("o", "0")
        assert ids(screen) == [1, 2, 3, 4, 5]
        assert "first" not in hand.status


async def test_an_order_stays_with_its_filter_and_both_are_there_when_one_comes_back(
    fill: Fill, open_app: Open
) -> None:
    workspace = fill([chat(n, "Resposta " + "longa " * (10 + n) + f"{n}.") for n in range(4)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("F")
        await hand.ask("state:open")
        await hand.press("o", "j", "j", "enter", "g", "j", "q")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        assert ids(screen) == [4, 3, 2, 1]
        assert screen.pair == again(workspace).pair(3)
        assert "state:open · longest answers first" in hand.status
        await hand.press("o", "escape")
        assert ids(screen) == [4, 3, 2, 1]


async def test_the_orders_fit_a_narrow_terminal(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)]), size=(80, 24)) as hand:
        await hand.triage()
        await hand.press("o")
        for words in ("0  list order", "1  newest first", "7  languages from a to z", "esc: no"):
            assert words in hand.text()
