"""What a run is called and where it stands: `WORKSPACE/runs/0007-NAME`; how numbers are allotted.

All that is known of a run is in its folder: another workbench, another terminal, a later login find it there.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from molting_tui.recipe.runfolder import ADAPTER, EVENTS, LOG, METRICS, RunConfig, TrainConfig, read_config
from molting_tui.workspace import Workspace

LONGEST_NAME = 60
UNNAMED = "run"
_NUMBERED = re.compile(r"\.?(\d{4,9})(?:-.*)?")
_HIDDEN = re.compile(r"\.\d{4,9}")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_SEVERAL = re.compile(r"[.-]{2,}")


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has a config. `id` is its folder's name, `number` 0 where that begins with none, `kind` is `train` or
    `answer`."""

    id: str
    number: int
    folder: Path
    kind: str
    config: RunConfig

    @property
    def name(self) -> str:
        """What it was named."""
        return self.config.name

    @property
    def log(self) -> Path:
        """Everything that its process printed."""
        return self.folder / LOG

    @property
    def events(self) -> Path:
        """What it tells of itself, one JSON object a line."""
        return self.folder / EVENTS

    @property
    def metrics(self) -> Path:
        """What a training run writes last."""
        return self.folder / METRICS

    @property
    def adapter(self) -> Path | None:
        """The folder of the adapter that it has made, or None."""
        return adapter_in(self.folder)


def runs_folder(workspace: Workspace) -> Path:
    """Where a workspace's runs stand; it may not be there yet."""
    return workspace.folder / "runs"


def run_folders(runs: Path) -> list[Path]:
    """The folders of the runs in `runs`, newest (highest number) first; the half-made ones are hidden."""
    try:
        with os.scandir(runs) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [runs / name for name in sorted(names, key=lambda name: (number_of(name), name), reverse=True)]


def run_in(folder: Path) -> Run:
    """The run in a folder. Raises BadInput if its config is missing or isn't one."""
    config = read_config(folder)
    kind = "train" if isinstance(config, TrainConfig) else "answer"
    return Run(folder.name, number_of(folder.name), folder, kind, config)


def number_of(name: str) -> int:
    """The number that a run's folder begins with, or 0."""
    numbered = _NUMBERED.fullmatch(name)
    return int(numbered[1]) if numbered else 0


def adapter_in(folder: Path) -> Path | None:
    """The folder of the adapter in a run's folder, or None."""
    adapter = folder / ADAPTER
    return adapter if (adapter / "adapter_model.safetensors").is_file() else None


def safe_name(text: str) -> str:
    """A name that can be part of a folder's: ASCII letters, digits, `.`, `-`, `_`; accents are dropped."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    joined = _SEVERAL.sub("-", _NOT_IN_A_NAME.sub("-", plain))
    return joined.strip("-.")[:LONGEST_NAME].rstrip("-.") or UNNAMED


def short_name(base: str) -> str:
    """What a base model is called for short: the last part of a hub id or of a folder's path."""
    return safe_name(base.rstrip("/").rpartition("/")[2])


def allot(runs: Path) -> tuple[int, Path]:
    """The next number, and a hidden folder `.NUMBER` of its own to make the run in; give it its name when it is whole.

    Numbers are never given twice, however many ask at once.
    """
    while True:
        number = max(map(number_of, os.listdir(runs)), default=0) + 1
        hidden = runs / f".{number:04}"
        try:
            hidden.mkdir(mode=0o700)
        except FileExistsError:
            continue
        # Between the look and the mkdir another may have taken the number and named its folder.
        if all(name == hidden.name or number_of(name) != number for name in os.listdir(runs)):
            return number, hidden
        hidden.rmdir()


def hidden_folders(runs: Path) -> list[Path]:
    """The folders of runs that were never made whole."""
    return [runs / name for name in os.listdir(runs) if _HIDDEN.fullmatch(name)]
