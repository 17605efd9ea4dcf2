"""Promises of the projects and of importing by keys: one project in one key, the assistants' logs suggested, and the
way to what is new."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input
from workbench import HOSTILE, Fill, Hand, Open, again, obeyed

from molting_tui.curation.importing import import_paths
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.dialogs.reader import PageScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.home.projects import ProjectsScreen
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.workspace import Workspace
from tests.conftest import asked, write_session


def projects(workspace: Workspace, logs: Path, *names: str) -> None:
    for number, name in enumerate(names, 1):
        turns = [asked(number * 10 + place) for place in range(number)]
        import_paths(workspace, [write_session(logs / name / f"s{number}.jsonl", *turns)])


def rows(hand: Hand) -> list[str]:
    assert isinstance(hand.app.screen, ProjectsScreen)
    lines = hand.app.screen.query_one("#rows")
    return [strip for y in range(lines.size.height) if (strip := lines.render_line(y).text.rstrip())]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_pairs_of_exactly_one_project_are_two_keys_away(
    fill: Fill, open_app: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    workspace = fill()
    projects(workspace, tmp_path / "logs", "crm", "crm-api", "site")
    desk = again(workspace)
    desk.decide(desk.pair(1), "keep")
    async with open_app(workspace, size) as hand:
        await hand.press("P")
        assert [row.split() for row in rows(hand)] == [
            ["▸", "3", "3", "0", "0", "3", "2026-02-03", "site"],
            ["2", "2", "0", "0", "0", "2026-02-03", "crm-api"],
            ["1", "0", "1", "0", "0", "2026-02-03", "crm"],
        ]
        await hand.press("down", "down", "enter")
        assert isinstance(hand.app.screen, TriageScreen)
        assert "1 of 1 · project=crm" in hand.status
        await hand.press("P")  # from here too, and over the list that is there
        await hand.type("API")
        assert len(rows(hand)) == 1
        await hand.press("enter")
        assert "1 of 2 · project=crm-api" in hand.status
        assert len([screen for screen in hand.app.screen_stack if isinstance(screen, TriageScreen)]) == 1


async def test_keys_typed_ahead_reach_the_project_that_they_name(fill: Fill, open_app: Open, tmp_path: Path) -> None:
    workspace = fill()
    projects(workspace, tmp_path / "logs", "crm", "site")
    async with open_app(workspace) as hand:
        await hand.press("P", "c", "r", "enter")
        assert "project=crm" in hand.status


async def test_escape_leaves_the_projects_and_what_matches_none_says_so(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    workspace = fill()
    async with open_app(workspace) as hand:
        await hand.press("P")
        assert "There are no pairs yet." in hand.text()
        await hand.press("enter", "escape")
        projects(workspace, tmp_path / "logs", "crm")
        await hand.press("P")
        await hand.type("zz")
        assert "No project is called so." in hand.text()
        await hand.press("enter", "escape")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_a_hostile_name_of_a_project_is_shown_and_leads_to_its_pairs(fill: Fill, open_app: Open) -> None:
    workspace = fill([("Quem é você, afinal?", "Sou o Cláudio, assistente do João, e moro num terminal escuro.")])
    name = HOSTILE.replace("\x00", "")
    with workspace.store.write() as connection:
        connection.execute("update session set project = ?", (name,))
    async with open_app(workspace, (80, 24)) as hand:
        await hand.press("P")
        assert obeyed(hand.text().replace("\n", "")) == []
        await hand.press("enter")
        assert hand.alive
        assert hand.status.startswith("1 of 1 · project=")
        assert obeyed(hand.status) == []


async def test_the_assistants_logs_are_suggested_and_taken_by_enter(fill: Fill, open_app: Open, tmp_path: Path) -> None:
    workspace = fill()
    for below in (".claude/projects", ".config/claude/projects"):
        write_session(tmp_path / "home" / below / "crm" / f"{below[1:4]}.jsonl", asked(len(below)))
    async with open_app(workspace) as hand:
        await hand.press("I")
        assert isinstance(hand.app.screen, AskScreen)
        assert hand.app.screen.query_one(Input).value == "~/.claude/projects + ~/.config/claude/projects"
        assert "Claude Code: ~/.claude/projects, 1 file, 1 kB." in hand.text()
        await hand.press("enter")
        await hand.until("Nothing was left out.")
        assert again(workspace).counts().total == 2


async def test_without_logs_the_question_says_where_they_were_looked_for(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        await hand.press("I")
        assert "looked in ~/.claude/projects (Claude Code)" in hand.text()
        await hand.press("enter")
        assert "There is no such file or folder." in hand.text()


async def test_what_an_import_brought_is_one_key_away_from_its_page_and_from_home(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    workspace = fill()
    projects(workspace, tmp_path / "logs", "crm")
    write_session(tmp_path / "more" / "site" / "b.jsonl", asked(2), asked(3))
    async with open_app(workspace, (80, 24)) as hand:
        assert "new pair" not in hand.text(), "where all came with the first import, none is news"
        await hand.press("I")
        await hand.ask(str(tmp_path / "more"))
        await hand.until("2 new pairs: enter goes to them (is:new).")
        assert isinstance(hand.app.screen, PageScreen)
        assert "New since the import of" in hand.text()
        assert "2 turns       2 pairs  site" in hand.text()
        await hand.press("enter")
        assert isinstance(hand.app.screen, TriageScreen)
        assert "1 of 2 · is:new" in hand.status
        await hand.press("F")
        await hand.ask("project=crm")
        await hand.press("q")
        assert "2 new pairs came with the import of" in hand.text()
        await hand.press("enter")
        assert "1 of 2 · is:new" in hand.status
        await hand.press("a", "x", "q")
        assert "enter goes to them" not in hand.text()
        await hand.press("enter")
        assert "is:new" in hand.status, "the list is as one left it"
