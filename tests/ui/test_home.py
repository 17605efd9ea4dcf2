"""Promises of the home screen: where one stands, what to do next, import and export without a command."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import pytest
from workbench import HOSTILE, Fill, Open, again, chat, obeyed

from molting_tui.curation.overview import Overview
from molting_tui.errors import MoltingError
from molting_tui.records.pairs import Counts
from molting_tui.records.progress import Progress, Report
from molting_tui.ui.screens.ask import AskScreen, WorkScreen, bar_line
from molting_tui.ui.screens.home import HomeScreen, home_lines
from molting_tui.ui.screens.reader import PageScreen
from molting_tui.workspace import shipped


async def test_an_empty_workspace_names_the_next_step(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        assert "Next: import your sessions: press i" in hand.text()


async def test_a_folder_is_imported_with_a_report_and_again_adds_nothing(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    async with open_app(workspace) as hand:
        await hand.press("i")
        await hand.ask(str(shipped("data")))
        await hand.until("Left out, and why")
        assert isinstance(hand.app.screen, PageScreen)
        assert "pairs" in hand.text()
        await hand.press("q")
        pairs = len(again(workspace).matching())
        assert pairs > 100
        assert f"pairs {pairs}" in hand.text()
        await hand.press("i")
        await hand.ask(str(shipped("data")))
        await hand.until("known already")
        await hand.press("q")
        assert hand.status.startswith("0 new pairs")
        assert len(again(workspace).matching()) == pairs


@pytest.mark.parametrize("path", ["/no/such/folder", "a" * 5_000, "~nobody-of-this-name/x", "/root\x00", "  "])
async def test_a_path_that_is_not_there_is_said_in_the_question(fill: Fill, open_app: Open, path: str) -> None:
    async with open_app(fill()) as hand:
        await hand.press("i")
        await hand.ask(path)
        assert hand.alive
        assert isinstance(hand.app.screen, AskScreen)
        assert "There is no such file or folder." in hand.text()


async def test_a_file_that_is_no_session_is_left_out_with_its_reason(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    (tmp_path / "notes.json").write_text('{"just": "notes"}', "utf-8")
    async with open_app(fill()) as hand:
        await hand.press("i")
        await hand.ask(str(tmp_path / "notes.json"))
        await hand.settle()
        assert hand.alive
        assert "neither a Claude Code session nor" in hand.text() or "not-a-session" in hand.text()


async def test_a_broken_rule_file_becomes_a_sentence_and_the_app_lives(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    workspace = fill()
    chats = tmp_path / "more.json"
    chats.write_text(
        json.dumps(
            [{"messages": [{"role": "user", "content": chat(1)[0]}, {"role": "assistant", "content": chat(1)[1]}]}]
        ),
        "utf-8",
    )
    async with open_app(workspace) as hand:
        (workspace.folder / "rubrics" / "curation" / "mine.yaml").write_text("family: [\n", "utf-8")
        await hand.press("i")
        await hand.ask(str(chats))
        await hand.settle()
        assert hand.alive
        assert isinstance(hand.app.screen, HomeScreen)
        assert "mine.yaml" in hand.status
        assert "\n" not in hand.status


class Job:
    """Long work that goes on until somebody stops it or lets it go."""

    def __init__(self) -> None:
        self.goes_on = Event()

    def __call__(self, report: Report) -> int:
        for done in range(1_000_000):
            report(Progress(done, 1_000_000, "pairs", "counting \x1b[2J"))
            if self.goes_on.wait(0.001):
                return done
        raise AssertionError("nobody stopped it")


async def test_long_work_shows_how_far_it_is_and_escape_cancels_it(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        home = hand.app.screen
        assert isinstance(home, HomeScreen)
        results: list[int | None] = []
        hand.app.push_screen(WorkScreen[int]("Counting", Job(), failed=home.say), results.append)
        await hand.until("of 1,000,000 pairs")
        assert "counting ␛[2J" in hand.text()
        await hand.pilot.press("escape")
        await hand.settle()
        assert results == [None]
        assert hand.status == "Cancelled; what was stored before stays stored."


async def test_leaving_during_long_work_stops_it(fill: Fill, open_app: Open) -> None:
    job = Job()
    async with open_app(fill([chat(1)])) as hand:
        hand.app.push_screen(WorkScreen[int]("Counting", job, failed=lambda _: None))
        await hand.until("of 1,000,000 pairs")
        work = hand.app.screen
        assert isinstance(work, WorkScreen)
        hand.app.exit()
    assert work._stop.is_set()


@pytest.mark.parametrize(
    "error",
    [
        ValueError("one\ntwo \x1b[2J"),
        RecursionError(),
        KeyError("x"),
        OSError(28, "No space left"),
        MoltingError("so."),
    ],
)
async def test_whatever_goes_wrong_in_long_work_becomes_a_sentence(
    fill: Fill, open_app: Open, error: Exception
) -> None:
    def fails(_: Report) -> int:
        raise error

    async with open_app(fill([chat(1)])) as hand:
        home = hand.app.screen
        assert isinstance(home, HomeScreen)
        hand.app.push_screen(WorkScreen[int]("Counting", fails, failed=home.say))
        await hand.settle()
        assert hand.app.screen is home
        assert hand.alive
        assert hand.status
        assert obeyed(hand.status) == []


async def test_the_kept_pairs_are_exported_and_the_place_is_named(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    desk = again(workspace)
    desk.decide(desk.pair(1), "keep")
    async with open_app(workspace) as hand:
        await hand.press("w")
        await hand.ask("mine.json")
        assert "Nothing was left out." in hand.text() or "Left out" in hand.text()
        written = json.loads((workspace.exports / "mine.json").read_text("utf-8"))
        assert len(written) == 1
        await hand.press("q")
        assert "1 pair written to" in hand.status
        assert "exports 1" in hand.text()


@pytest.mark.parametrize(
    ("name", "key"), [("alpaca.json", "instruction"), ("messages.jsonl", "messages"), ("x.json", "conversations")]
)
async def test_the_name_chooses_the_format(fill: Fill, open_app: Open, name: str, key: str) -> None:
    workspace = fill([chat(1)])
    desk = again(workspace)
    desk.decide(desk.pair(1), "keep")
    async with open_app(workspace) as hand:
        await hand.press("w")
        await hand.ask(name)
        text = (workspace.exports / name).read_text("utf-8")
        first = json.loads(text.splitlines()[0]) if name.endswith("l") else json.loads(text)[0]
        assert key in first


@pytest.mark.parametrize(
    "name",
    ["~nobody-of-this-name/x.json", "a" * 5_000, ".", "x\x00.json", "no/such/folder/x.json", "/dev/full/x", "  "],
)
async def test_a_name_that_cannot_be_written_becomes_a_sentence(fill: Fill, open_app: Open, name: str) -> None:
    workspace = fill([chat(1)])
    desk = again(workspace)
    desk.decide(desk.pair(1), "keep")
    async with open_app(workspace) as hand:
        await hand.press("w")
        await hand.ask(name)
        assert hand.alive
        if isinstance(hand.app.screen, HomeScreen) and name.strip():
            assert hand.status


async def test_an_export_with_nothing_kept_or_a_secret_in_it_says_why_not(fill: Fill, open_app: Open) -> None:
    workspace = fill(
        [chat(1, "O token é ghp_FAKEfakeFAKE0123456789abcdefFAKEfake, guarda bem, não o mostre a ninguém.")]
    )
    async with open_app(workspace) as hand:
        await hand.press("w", "enter")
        assert isinstance(hand.app.screen, HomeScreen)
        assert hand.status
        desk = again(workspace)
        desk.decide(desk.pair(1), "keep")
        await hand.press("w", "enter")
        assert "secret" in hand.status
        assert not (workspace.exports / "sharegpt.json").exists()


@pytest.mark.parametrize(
    "progress",
    [
        Progress(0, 0, "bytes", ""),
        Progress(5, 0, "pairs", HOSTILE),
        Progress(10, 5, "pairs", "x" * 500),
        Progress(10**15, 10**15, "bytes", "漢" * 90),
    ],
)
@pytest.mark.parametrize("width", [20, 80, 120])
def test_a_progress_bar_never_breaks(progress: Progress, width: int) -> None:
    strip = bar_line(progress, width)
    assert "\n" not in strip.text
    assert obeyed(strip.text) == []
    assert "%" in strip.text


@pytest.mark.parametrize("width", [20, 80, 120])
def test_a_note_of_several_lines_is_one_line(width: int) -> None:
    overview = Overview(1, 2, Counts(3, 4, 5, 6), 7, (f"go {HOSTILE}", "on\nand on"), (f"mine.yaml:\n{HOSTILE}",))
    for strip in home_lines(overview, width):
        assert obeyed(strip.text) == []
        assert strip.cell_length <= width
