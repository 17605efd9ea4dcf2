"""Where assistants keep their logs on this machine: a table, to which a reader brings a row of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.sources.detect import find


class Keeper(NamedTuple):
    """An assistant whose logs can be read, and the folders that it keeps them in: below the folder that a variable of
    the environment names (variable, folder in it), and below the home folder."""

    assistant: str
    named: tuple[tuple[str, str], ...]
    at_home: tuple[str, ...]


KEEPERS = (
    Keeper("Claude Code", (("CLAUDE_CONFIG_DIR", "projects"),), (".claude/projects", ".config/claude/projects")),
)
"""Every assistant that there is a reader for."""


class Place(NamedTuple):
    """A folder where an assistant keeps its logs: the files in it that may be logs, and their bytes; none where the
    folder is missing, is empty or can't be read."""

    assistant: str
    folder: Path
    files: int
    bytes: int

    @property
    def shown(self) -> str:
        """The folder as people write it: `~/.claude/projects`."""
        return as_written(self.folder)


def look(keepers: Sequence[Keeper] = KEEPERS, environment: Mapping[str, str] = os.environ) -> tuple[Place, ...]:
    """Every place there may be, with what is in it; one that two names lead to is counted once, under the first."""
    places: list[Place] = []
    known: set[Path] = set()
    for keeper in keepers:
        for folder in _folders(keeper, environment):
            real = _real(folder)
            if real not in known:
                known.add(real)
                places.append(Place(keeper.assistant, folder, *_held(folder)))
    return tuple(places)


def as_written(folder: Path) -> str:
    """A path with `~` for the home folder."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)


def _folders(keeper: Keeper, environment: Mapping[str, str]) -> list[Path]:
    named = [
        Path(os.path.expanduser(environment[variable]), below)
        for variable, below in keeper.named
        if environment.get(variable, "").strip() and "\x00" not in environment[variable]
    ]
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home
        return named
    return [*named, *(home / folder for folder in keeper.at_home)]


def _real(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, RuntimeError):
        return folder


def _held(folder: Path) -> tuple[int, int]:
    """How many files in a folder may be logs, and how many bytes they have."""
    try:
        files = find([folder]).files if folder.is_dir() else ()
    except (BadInput, OSError):  # nothing in it, or it mayn't be looked into
        return 0, 0
    return len(files), sum(file.size for file in files)
