"""What a workspace is, in plain figures: where it lies, how large it is, who made it, and the settings in force."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from molting_tui import __version__
from molting_tui.overview.doctor import installed
from molting_tui.store import checks
from molting_tui.text import plural
from molting_tui.workspace import DATABASE_FILE, SETTINGS_FILE, Settings, Workspace

_LONG = 100
"""Characters above which a setting is told by its length: a system prompt may be pages."""


class Part(NamedTuple):
    """Some figures under a heading: each a name and what it is. Texts come from files and are shown, never obeyed."""

    title: str
    rows: tuple[tuple[str, str], ...]


def about(workspace: Workspace) -> tuple[Part, ...]:
    """Everything about the workspace that isn't about what is in it."""
    database = workspace.folder / DATABASE_FILE
    return (
        Part(
            "Workspace",
            (
                ("name", workspace.name),
                ("folder", str(workspace.folder)),
                ("you are", workspace.actor),
                ("database", f"{DATABASE_FILE}, {_megabytes(database)}, schema {checks.newest_schema()}"),
            ),
        ),
        Part(
            "Versions",
            (
                ("molting", __version__),
                ("python", platform.python_version()),
                ("sqlite", checks.sqlite_version()),
                ("textual", installed("textual")),
                ("torch", installed("torch") or "not installed: training needs it, everything else doesn't"),
            ),
        ),
        Part(f"Settings in force ({SETTINGS_FILE})", tuple(_settings(workspace.settings))),
    )


def _megabytes(database: Path) -> str:
    """The size of the database with what is still in its log."""
    parts = (database, database.with_name(f"{database.name}-wal"))
    size = sum(path.stat().st_size for path in parts if path.exists())
    return f"{size / 1e6:,.1f} MB"


def _settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each setting by its name in the file."""
    for section, value in msgspec.to_builtins(settings).items():
        if isinstance(value, dict):
            yield from ((f"{section}.{name}", _value(each)) for name, each in value.items())
        else:
            yield section, _value(value)


def _value(value: object) -> str:
    if isinstance(value, str) and len(value) > _LONG:
        return plural(len(value), "character")
    shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return shown or "(empty)"
