"""The workbench on a real terminal, over a small real workspace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.pty.terminal import Terminal

Open = Callable[..., Terminal]


def command(folder: Path) -> list[str]:
    """The command line that opens the workbench on a workspace."""
    return [sys.executable, "-m", "molting_tui", "-w", str(folder)]


@pytest.fixture
def open_workbench() -> Iterator[Open]:
    """Opens the workbench on a workspace folder and waits for the first frame; all are closed at the end."""
    with ExitStack() as running:

        def start(folder: Path, **settings: Any) -> Terminal:
            environment = {"MOLTING_ACTOR": "ana", **settings.pop("environment", {})}
            terminal = running.enter_context(Terminal(command(folder), environment=environment, **settings))
            terminal.wait_for("Home", "Next:")
            return terminal

        yield start
