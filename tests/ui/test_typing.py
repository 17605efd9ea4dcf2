"""Promises about a line to type into: a suggestion gives way, a text one has chosen never does, tab completes."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from textual.events import Key, Paste
from workbench import Fill, Hand, Open, again, chat

from molting_tui.records.progress import Progress, Report
from molting_tui.ui.datasets.datasets import DatasetsScreen
from molting_tui.ui.dialogs.ask import AskScreen, WorkScreen
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


class Job:
    """Work that goes on until somebody lets it go."""

    def __init__(self) -> None:
        self.goes_on = Event()

    def __call__(self, report: Report) -> int:
        while not self.goes_on.wait(0.01):
            report(Progress(0, 1, "pairs", ""))
        return 1


async def test_keys_typed_before_the_bar_could_be_seen_wait_for_what_comes_after_the_work(
    fill: Fill, open_app: Open
) -> None:
    job = Job()
    async with open_app(fill()) as hand:
        work = WorkScreen[int]("Counting", job, failed=lambda _: None)
        hand.app.push_screen(work, lambda _: hand.app.push_screen(AskScreen("How many?")))
        await hand.until("Counting")
        for letter in "12":
            hand.app.post_message(Key(letter, letter))
        await hand.pilot.pause(0.1)
        assert hand.app.screen is work
        job.goes_on.set()
        await hand.settle()
        assert hand.app.screen.query_one(Entry).value == "12"


async def test_keys_typed_at_a_bar_do_nothing_and_escape_ends_it_whatever_waits(fill: Fill, open_app: Open) -> None:
    results: list[int | None] = []
    async with open_app(fill()) as hand:
        home = hand.app.screen
        work = WorkScreen[int]("Counting", Job(), failed=lambda _: None)
        hand.app.push_screen(work, results.append)
        await hand.until("Counting")
        late = Key("f2", None)
        late.time += 10
        assert not work.came_before(late)
        hand.app.post_message(late)
        await hand.pilot.pause(0.1)
        assert hand.app.screen is work
        hand.app.post_message(Key("f2", None))  # waits, and is forgotten
        hand.app.post_message(Key("escape", None))
        await hand.settle()
        assert results == [None]
        assert hand.app.screen is home


async def test_an_export_and_what_follows_it_are_typed_in_one_burst(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    desk = again(workspace)
    desk.decide(desk.pair(1), "keep")
    async with open_app(workspace) as hand:
        for key in ("w", "enter", "q", "f3"):
            hand.app.post_message(Key(key, key if len(key) == 1 else None))
        await hand.settle()
        assert (workspace.exports / "sharegpt.json").exists()
        assert isinstance(hand.app.screen, DatasetsScreen)
