"""Workspaces with kept pairs in them, made by the real way in: a chat file, an import, decisions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conversations import Fill, Python, Said, message

import molting_tui
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.workspace import Workspace
from tests.conftest import new_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = new_workspace(tmp_path / "ws")
    yield made
    made.close()


@pytest.fixture
def keep(tmp_path: Path) -> Fill:
    """Import conversations into a workspace and keep them all; returns the numbers of the new pairs."""

    def fill(workspace: Workspace, conversations: list[Said], *, decide: str = "keep") -> list[int]:
        desk = Desk(workspace)
        before = set(desk.matching())
        source = tmp_path / f"chats-{len(before)}.json"
        source.write_text(
            json.dumps([{"messages": [message(*one) for one in said]} for said in conversations]), "utf-8"
        )
        import_paths(workspace, [source])
        new = sorted(set(desk.matching()) - before)
        assert len(new) == len(conversations)
        for number in new:
            desk.decide(desk.pair(number), decide)
        return new

    return fill


@pytest.fixture
def python() -> Python:
    """Run Python code in a process of its own, with molting importable and no network asked for."""

    def run(code: str, *arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
        root = str(Path(molting_tui.__file__).parent.parent)
        environment = {**os.environ, "PYTHONPATH": root, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        command = [*more.pop("before", ()), sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, **more)

    return run
