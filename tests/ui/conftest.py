"""Workspaces to triage, made by the real way in, and an app driven by its keys."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from runs_on_disk import end_all_work
from workbench import Chat, Fill, Hand, Open

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import import_paths
from molting_tui.ui.app import MoltingApp
from molting_tui.workspace import Workspace
from tests.conftest import new_workspace


@pytest.fixture(autouse=True)
def _one_place_and_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing that is shown depends on whose machine this is, and on which bases it has."""
    for variable in ("MOLTING_CACHE", "HF_HUB_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / "caches"))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)  # tests that load datasets set it for their whole process
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("MOLTING_ACTOR", "joao")
    monkeypatch.delenv("MOLTING_WORKSPACE", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _nobody_at_work_afterwards() -> Iterator[None]:
    yield
    end_all_work()


@pytest.fixture
def fill(tmp_path: Path) -> Iterator[Fill]:
    """Make a workspace with these (prompt, answer) pairs, or whole chat items, in this order."""
    made: list[Workspace] = []

    def make(chats: Sequence[Chat | dict[str, Any]] = (), *, settings: str = "", name: str = "claudio") -> Workspace:
        folder = tmp_path / name
        if not made:
            made.append(new_workspace(folder, name="Cláudio", user="João", system_prompt="Você é Cláudio."))
            if settings:
                file = folder / "molting.toml"
                file.write_text(f"{file.read_text('utf-8')}{settings}\n", "utf-8")
                made[0].close()
                made[0] = workspaces.open_workspace(folder)
        if chats:
            folder = tmp_path / "chats"
            folder.mkdir(exist_ok=True)
            source = folder / f"chats-{len(list(folder.iterdir()))}.json"
            source.write_text(json.dumps([_item(chat) for chat in chats]), "utf-8")
            import_paths(made[0], [source])
        return made[0]

    yield make
    for workspace in made:
        workspace.close()


def _item(chat: Chat | dict[str, Any]) -> dict[str, Any]:
    if isinstance(chat, dict):
        return chat
    return {"conversations": [{"from": "human", "value": chat[0]}, {"from": "gpt", "value": chat[1]}]}


@pytest.fixture
def open_app() -> Open:
    """Open the workbench on a workspace, settled on its home screen."""

    @asynccontextmanager
    async def opened(workspace: Workspace, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Hand]:
        async with MoltingApp(workspace).run_test(size=size) as pilot:
            hand = Hand(pilot)
            await hand.settle()
            yield hand

    return opened
