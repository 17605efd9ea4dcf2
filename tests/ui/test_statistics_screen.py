"""Promises of the statistics screen: any filter's pairs in figures, each line leads to its pairs and back."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from test_screens import CHATS, Look, look  # noqa: F401  (a fixture)
from workbench import HOSTILE, Fill, Hand, Open, again, chat, obeyed

from molting_tui.curation import statistics as figures
from molting_tui.curation.statistics_lines import Line, Section
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.statistics.section_rows import layout, painted_rows
from molting_tui.ui.statistics.statistics import StatisticsScreen
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.workspace import Workspace

FLAGGED = "Vou verificar a fila primeiro. Deixa eu ver os logs do deploy de ontem, e só então digo o que houve."


@pytest.fixture
def decided(fill: Fill) -> Workspace:
    """Five pairs: two kept, one dropped, one flagged."""
    workspace = fill([*(chat(number) for number in range(1, 5)), chat(5, FLAGGED)])
    desk = again(workspace)
    for number, word in ((1, "keep"), (2, "keep"), (3, "drop")):
        desk.decide(desk.pair(number), word)
    desk.workspace.close()
    return workspace


def here(hand: Hand) -> str:
    """The line with the cursor."""
    return next(line for line in hand.lines() if "▌" in line)


async def test_a_line_leads_to_its_pairs_and_back_to_the_same_line(decided: Workspace, open_app: Open) -> None:
    async with open_app(decided) as hand:
        await hand.press("f9", "j")
        assert "▌ dropped" in here(hand)
        assert "20 %" in here(hand)
        assert hand.status == "enter: state:drop"
        await hand.press("enter")
        assert isinstance(hand.app.screen, TriageScreen)
        assert hand.status.startswith("1 of 1 · state:drop")
        await hand.press("a", "q")
        assert isinstance(hand.app.screen, StatisticsScreen)
        assert "▌ dropped" in here(hand)
        assert "0 %" in here(hand)  # what was decided there is counted
        await hand.press("enter")
        assert hand.status == "There are none."
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_from_triage_the_figures_are_of_its_list_which_stays_below(decided: Workspace, open_app: Open) -> None:
    async with open_app(decided) as hand:
        triage = await hand.triage()
        triage.action_set_filter("state:keep")
        await hand.settle()
        await hand.press("f9")
        assert hand.line("#top").endswith("2 pairs")
        assert "100 %" in here(hand)
        await hand.press("enter")
        assert hand.status.startswith("1 of 2 · state:keep")
        assert "state:keep state:keep" not in hand.status  # said once, however often one goes there
        await hand.press("f9")  # back to the figures, now of this list
        assert hand.status == "state:keep · enter: state:keep"
        await hand.press("q")
        assert hand.app.screen is triage


async def test_keys_typed_ahead_land_on_the_figures(decided: Workspace, open_app: Open) -> None:
    async with open_app(decided) as hand:
        await hand.pilot.press("f9", "j", "j", "enter")
        await hand.settle()
        assert hand.status.startswith("1 of 2 · state:open")


async def test_a_filter_is_asked_for_and_one_that_matches_nothing_says_so(decided: Workspace, open_app: Open) -> None:
    async with open_app(decided, size=(80, 24)) as hand:
        await hand.press("f9", "F")
        await hand.ask("is:flagged")
        assert hand.line("#top").endswith("1 pair")
        await hand.press("F")
        await hand.ask("nothing like it")
        assert "No pair matches nothing like it." in hand.text()
        await hand.press("j")
        assert hand.status == "There is nothing to count."
        await hand.press("F")
        await hand.ask("flagg:x")
        assert "there is no field" in hand.text()


async def test_sections_and_columns_are_a_key_apart(decided: Workspace, open_app: Open) -> None:
    async with open_app(decided) as hand:
        await hand.press("f9", "tab")
        assert "▌ imported" in here(hand)
        await hand.press("tab")
        assert "▌ any flag" in here(hand)
        assert here(hand).count("hits") >= 1
        await hand.press("right")
        assert here(hand).index("▌") > 50
        await hand.press("left", "g", "k")
        assert hand.status == "This is the first line."
        await hand.press("G", "j")
        assert hand.status == "This is the last line."


async def test_who_leaves_while_it_counts_waits_for_nothing(
    decided: Workspace, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, stopped, rest = Event(), Event(), figures.counting.by_session

    def slow(*given: Any) -> Any:
        goes_on.wait(5)
        return rest(*given)

    def never(*_: object) -> None:
        stopped.set()

    monkeypatch.setattr(figures.counting, "by_session", slow)
    monkeypatch.setattr(figures.counting, "by_day_decided", never)
    async with open_app(decided) as hand:
        await hand.pilot.press("f9")
        await hand.until("counting sessions… 5 of 8")
        await hand.pilot.press("q")
        while not isinstance(hand.app.screen, HomeScreen):
            await hand.pilot.pause(0.01)
        goes_on.set()
        await hand.settle()
        assert hand.alive
    assert not stopped.is_set()  # what comes after it wasn't counted


@pytest.mark.parametrize("width", [20, 40, 80, 109, 110, 200])
def test_rows_are_as_wide_as_their_place_whatever_they_are_called(width: int) -> None:
    lines = (Line(HOSTILE, 10**9, "x", 10**7), Line("漢" * 90, 1, "x", 0, indent=True), Line("", 0))
    sections = [Section("Flags", lines, 10**9, HOSTILE), Section("Left out", lines, 5, of_pairs=False)] * 3
    shown = layout(sections, width)
    assert len(shown.places) == 18
    for strip in painted_rows(shown, 1, 10**9):
        assert strip.cell_length <= width
        assert obeyed(strip.text) == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_statistics(size: tuple[int, int], fill: Fill, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    workspace = fill(CHATS)
    desk = again(workspace)
    for number in range(1, 20):
        desk.decide(desk.pair(number), "keep" if number % 3 else "drop")
    desk.tag(desk.pair(4), "voz")
    desk.workspace.close()
    look(workspace, size, "f9", "tab", "tab", "j")
