"""Promises for bad days: a failure becomes a sentence, nothing that was stored is lost, the app lives."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from workbench import Fill, Open, chat, stored

from molting_tui import workspace as workspaces
from molting_tui.records.pairs import State
from molting_tui.ui import keymap
from molting_tui.ui.dialogs.ask import AskScreen, ConfirmScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.triage.rewrite import RewriteScreen, SafeTextArea
from molting_tui.workspace import Workspace
from tests.conftest import only_reading


def takes_the_tables_away(workspace: Workspace) -> None:
    """As after a restore of a broken backup: the file is a database, but not ours any more."""
    other = sqlite3.connect(workspace.folder / "molting.db")
    other.execute("pragma foreign_keys=off")
    for table in ("event", "pair_text", "draft"):
        other.execute(f"alter table {table} rename to {table}_gone")
    other.commit()
    other.close()


def overwrites_the_file(workspace: Workspace) -> None:
    """As after a full disk or a bad cable."""
    other = sqlite3.connect(workspace.folder / "molting.db")
    other.execute("pragma wal_checkpoint(truncate)")
    other.close()
    path = workspace.folder / "molting.db"
    path.write_bytes(b"not a database at all, sorry. " * (path.stat().st_size // 30 + 1))


def removes_the_file(workspace: Workspace) -> None:
    """As by a hasty rm."""
    for path in workspace.folder.glob("molting.db*"):
        path.unlink()


TROUBLES = [takes_the_tables_away, overwrites_the_file, removes_the_file]
Trouble = Callable[[Workspace], None]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_key_of_triage_ends_the_app_when_the_database_is_gone(
    fill: Fill, open_app: Open, trouble: Trouble
) -> None:
    workspace = fill([chat(n) for n in range(3)])
    actions = [action for action in keymap.ACTIONS if action.screen == keymap.TRIAGE]
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("j")
        trouble(workspace)
        for action in sorted(actions, key=lambda action: action.id == "triage.back"):
            await hand.press(action.keys.split(",")[0])
            if isinstance(hand.app.screen, AskScreen):
                await hand.ask("fila")
            elif isinstance(hand.app.screen, RewriteScreen):
                await hand.press("Z", "ctrl+s")
            while hand.app.screen is not screen and not isinstance(hand.app.screen, HomeScreen):
                await hand.app.pop_screen()
            assert hand.alive, action.id
        assert isinstance(hand.app.screen, HomeScreen), "one can still leave"


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_bulk_ends_the_app_when_the_database_is_gone(fill: Fill, open_app: Open, trouble: Trouble) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        trouble(workspace)
        for word in ("keep", "star", "mask", "open"):
            await hand.app.run_action(f"screen.bulk('{word}')", screen)
            await hand.settle()
            if isinstance(hand.app.screen, ConfirmScreen):
                await hand.press("y")
            assert hand.alive
            assert hand.app.screen is screen


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_key_of_home_ends_the_app_when_the_database_is_gone(
    fill: Fill, open_app: Open, trouble: Trouble
) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        home = hand.app.screen
        trouble(workspace)
        for key in ("question_mark", "I", "w", "f2"):
            await hand.press(key)
            if isinstance(hand.app.screen, AskScreen):
                await hand.ask(str(workspace.folder) if key == "I" else "x.json")
            await hand.settle()
            assert hand.alive, key
            while hand.app.screen is not home:
                await hand.app.pop_screen()


async def test_a_decision_that_could_not_be_stored_says_so_and_stays(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        takes_the_tables_away(workspace)
        await hand.press("a")
        assert hand.status.startswith("molting.db: the database refused"), (
            "by its name in the workspace: the rest must fit"
        )
        assert screen.query_one("#list").cursor == 0  # type: ignore[attr-defined]
        assert "0 kept" in hand.line("#top")


async def test_a_list_that_cannot_be_read_is_said(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        takes_the_tables_away(workspace)
        await hand.press("f2")
        assert hand.alive
        assert "the database refused" in hand.status


async def test_a_rewrite_that_could_not_be_stored_stays_in_the_editor(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        await hand.type("Novo ")
        takes_the_tables_away(workspace)
        await hand.press("ctrl+s")
        assert isinstance(hand.app.screen, RewriteScreen)
        assert "the database refused" in hand.status
        await hand.press("escape")
        assert hand.alive
        assert isinstance(hand.app.screen, RewriteScreen), "the draft couldn't be kept, so the words stay in sight"
        assert hand.app.screen.query_one(SafeTextArea).text.startswith("Novo ")
        await hand.press("ctrl+q")
    assert hand.app.return_value == 0


async def test_rules_that_broke_meanwhile_are_said_and_nothing_is_half_done(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        (workspace.folder / "rubrics" / "curation" / "mine.yaml").write_text("family: [\n", "utf-8")
        await hand.press("e")
        await hand.type("Novo ")
        await hand.press("ctrl+s")
        assert hand.alive
        if isinstance(hand.app.screen, RewriteScreen):
            assert "mine.yaml" in hand.status
            assert stored(workspace).state is State.OPEN
        else:
            assert stored(workspace).response.startswith("Novo ")


async def test_another_writer_delays_but_loses_nothing(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        other = sqlite3.connect(workspace.folder / "molting.db", isolation_level=None)
        other.execute("begin")
        other.execute("select count(*) from event").fetchone()  # a reader that stays open
        await hand.press("a")
        other.close()
        assert stored(workspace).state is State.KEEP


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (300, 80)])
async def test_no_size_ends_the_app(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace, size=size) as hand:
        await hand.triage()
        for keys in (
            ["tab", "j", "tab"],
            ["i", "q"],
            ["e", "Z", "escape"],
            ["F", "escape"],
            ["X", "escape"],
            ["question_mark", "q"],
            ["z", "z"],
            ["G", "J"],
        ):
            await hand.press(*keys)
            assert hand.alive
        await hand.pilot.resize_terminal(120, 40)
        await hand.settle()
        assert "Pergunta 2" in hand.text()
        await hand.pilot.resize_terminal(*size)
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_rows_that_cannot_be_read_are_blank(fill: Fill, open_app: Open, trouble: Trouble) -> None:
    workspace = fill([chat(n) for n in range(200)])
    async with open_app(workspace, size=(80, 24)) as hand:
        await hand.triage()
        trouble(workspace)
        await hand.press("G", "k")
        assert hand.alive
        if trouble is not removes_the_file:
            assert "database" in hand.status


async def test_a_value_that_cant_be_is_said_and_ends_nothing(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        other = sqlite3.connect(workspace.folder / "molting.db")
        other.execute("update pair_text set context = '[{}]' where id = 2")
        other.commit()
        other.close()
        await hand.press("j")
        assert hand.alive
        assert hand.app.screen is screen
        assert "holds values that can't be" in hand.text()


async def test_a_workspace_that_can_only_be_read_is_shown_and_nothing_is_stored(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    workspace.close()
    with only_reading(workspace.folder):
        reading = workspaces.open_workspace(workspace.folder)
        async with open_app(reading) as hand:
            await hand.until("This workspace can't be written: it is shown as it was at ")
            await hand.triage()
            assert "Resposta 1" in hand.text()
            for keys in (("a",), ("x",), ("asterisk",), ("m",), ("u",), ("ctrl+r",)):
                await hand.press(*keys)
                assert hand.alive
                assert "Resposta 1" in hand.text()
            await hand.press("a")
            assert "this workspace can only be read, so nothing was stored" in hand.status
            for screen in ("f3", "f4", "f5", "f7", "f2", "e", "escape", "c"):
                await hand.press(screen)
                assert hand.alive
        reading.close()
    assert stored(workspace).state.value == "open"


async def test_a_mistake_in_the_background_is_said(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        screen = await hand.triage()
        screen.in_background("mistake", lambda: [][1], lambda _: None)
        await hand.app.workers.wait_for_complete()
        assert "Stopped by a mistake in molting (IndexError" in hand.text()
