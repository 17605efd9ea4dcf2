"""Promises of the persona's screen: what is written there holds at once, is kept as a draft, and is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input
from workbench import HOSTILE, Fill, Hand, Open, chat, obeyed

from molting_tui.curation.persona import save
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.persona.persona import PersonaScreen
from molting_tui.ui.triage.rewrite import SafeTextArea
from molting_tui.workspace import Persona, Workspace, read_settings


def written(workspace: Workspace) -> Persona:
    return read_settings(workspace.folder / "molting.toml").persona


def put(hand: Hand, field: str, text: str) -> None:
    assert isinstance(hand.app.screen, PersonaScreen)
    hand.app.screen.query_one(f"#{field}", Input).value = text


def prompt(hand: Hand) -> SafeTextArea:
    return hand.app.screen.query_one("#editor", SafeTextArea)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_saved_stands_in_the_file_and_holds_at_once(
    fill: Fill, open_app: Open, size: tuple[int, int]
) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace, size) as hand:
        await hand.press("e")
        assert "Runs keep what they were frozen with" in hand.text()
        assert "15 characters, about 5 tokens" in hand.text()
        await hand.type("x")
        await hand.press("tab", "tab")
        await hand.type('C, "D, E"')
        await hand.press("down", "down", "tab", "enter")
        await hand.type("Fale.")
        assert "not saved yet" in hand.line("#top")
        await hand.press("ctrl+s")
        assert hand.status == "Written into molting.toml; it holds from now on."
        assert "not saved yet" not in hand.line("#top")
        expected = Persona("Cláudiox", "João", ("C", "D, E"), (), (), "\nFale.Você é Cláudio.")
        assert written(workspace) == workspace.settings.persona == expected
        await hand.press("escape")
        assert isinstance(hand.app.screen, HomeScreen)
        await hand.press("f2")
        assert "CLÁUDIOX" in hand.text(), "the names above prompt and answer"


async def test_what_is_not_saved_waits_as_a_draft_and_can_be_let_go(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    async with open_app(workspace) as hand:
        await hand.press("e")
        prompt(hand).text = "Half a"
        await hand.press("escape", "e")
        assert hand.status == "Your draft is back. ctrl+o shows what is in force."
        assert prompt(hand).text == "Half a"
        assert written(workspace).system_prompt == "Você é Cláudio."
        await hand.press("ctrl+o")
        assert prompt(hand).text == "Você é Cláudio."
        await hand.press("escape", "e")
        assert "draft" not in hand.status
        prompt(hand).text = "Half a"
        await hand.press("f2", "q", "e")  # by another way out
        assert prompt(hand).text == "Half a"


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", "  ", "name: needs a name"),
        ("user", "x" * 300, "user: has 300 characters"),
        ("aliases", '"never ends', "aliases: can't be read"),
        ("words", "a\x1bb", "words: has a character that no name has (U+001B)"),
    ],
)
async def test_what_cannot_be_saved_is_a_sentence_and_stands_as_it_was_typed(
    fill: Fill, open_app: Open, field: str, text: str, sentence: str
) -> None:
    workspace = fill()
    before = written(workspace)
    async with open_app(workspace) as hand:
        await hand.press("e")
        put(hand, field, text)
        await hand.press("ctrl+s")
        assert sentence in hand.status
        assert hand.app.screen.query_one(f"#{field}", Input).value == text
        assert written(workspace) == workspace.settings.persona == before
        await hand.press("escape")
        assert hand.alive


async def test_another_programs_change_is_told_before_it_is_lost(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    file = workspace.folder / "molting.toml"
    async with open_app(workspace) as hand:
        await hand.press("e")
        file.write_text(file.read_text("utf-8").replace('user = "João"', 'user = "Ana"'), "utf-8")
        put(hand, "name", "Mine")
        await hand.press("ctrl+s")
        assert "Another program has changed the persona" in hand.status
        assert written(workspace) == Persona("Cláudio", "Ana", system_prompt="Você é Cláudio.")
        await hand.press("ctrl+o")
        assert hand.app.screen.query_one("#user", Input).value == "Ana"
        file.write_text(file.read_text("utf-8").replace('user = "Ana"', 'user = "Bia"'), "utf-8")
        put(hand, "name", "Mine")
        await hand.press("ctrl+s", "ctrl+s")
        assert written(workspace) == Persona("Mine", "Ana", system_prompt="Você é Cláudio.")


async def test_hostile_settings_are_shown_and_stay_as_they_are_where_nobody_touched_them(
    fill: Fill, open_app: Open
) -> None:
    workspace = fill()
    file = workspace.folder / "molting.toml"
    hostile = HOSTILE.replace("\x00", "")
    save(workspace, Persona(name="C", system_prompt=f"{hostile}\n[/INST]"))
    text = file.read_text("utf-8").replace('user = ""', 'user = "\\u001b[2J\\u0000"')
    file.write_text(text, "utf-8")
    workspace.held.settings = read_settings(file)
    before = written(workspace)
    async with open_app(workspace, (80, 24)) as hand:
        await hand.press("e")
        assert obeyed(hand.text().replace("\n", "")) == []
        put(hand, "name", "D")
        await hand.press("ctrl+s")
        assert "Written" in hand.status
        assert (written(workspace).user, written(workspace).system_prompt) == (before.user, before.system_prompt)


async def test_the_users_own_editor_writes_the_prompt(
    fill: Fill, open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    async with open_app(fill()) as hand:
        await hand.press("e", "ctrl+e")
        assert "can't be given to another editor" in hand.status or "Nothing was changed" in hand.status
        assert prompt(hand).text == "Você é Cláudio."
