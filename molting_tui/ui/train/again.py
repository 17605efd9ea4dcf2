"""What the form of a training run stands filled in with: as it was started last, under a fresh name."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from molting_tui.curation.last_choices import last_choice
from molting_tui.errors import MoltingError
from molting_tui.recipe.runfolder import TrainConfig
from molting_tui.recipe.settings import defaults_for
from molting_tui.runs.folder import Run, run_folders, run_in, runs_folder, short_name
from molting_tui.workspace import Workspace

_COUNTED = re.compile(r"(.*?)(\d+)")


def values_to_start_with(workspace: Workspace, run: Run | None) -> dict[str, str]:
    """The form's lines: as this person filled them in last, or as `run` was told, or else the latest training run;
    with a name that no run has. Empty where there is nothing to go by."""
    folders = run_folders(runs_folder(workspace))
    values = last_choice(workspace, "train")
    if not values:
        config = run.config if run is not None else None
        config = config if isinstance(config, TrainConfig) else _latest_training(folders)
        values = _values_of(config) if config is not None else {}
    if not values:
        return {}
    taken = [folder.name.partition("-")[2] for folder in folders]
    unnamed = short_name(values.get("base", ""))
    return values | {"name": fresh_name(values.get("name", ""), unnamed, taken)}


def _latest_training(folders: Iterable[Path]) -> TrainConfig | None:
    """What the latest training run was told; None where there is none."""
    for folder in folders:
        with contextlib.suppress(MoltingError):  # a torn one: the list of runs says so
            config = run_in(folder).config
            if isinstance(config, TrainConfig):
                return config
    return None


def _values_of(config: TrainConfig) -> dict[str, str]:
    """What the form would have to say for a run like this one."""
    settings = msgspec.to_builtins(config.settings)
    usual = msgspec.to_builtins(defaults_for(config.settings.model_name))
    other = {name: value for name, value in settings.items() if value != usual[name]}
    epochs = other.pop("epochs", None)
    return {
        "base": config.settings.model_name,
        "where": "" if config.dataset_name else config.filter,
        "epochs": "" if epochs is None else f"{epochs:g}",
        "words": " ".join(f"{name}={_written(value)}" for name, value in other.items()),
        "dataset": config.dataset_name,
        "name": config.name,
    }


def _written(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def fresh_name(last: str, unnamed: str, taken: Collection[str]) -> str:
    """The name after `last`, its number counted on: `v2` after `v1`, `voice-2` after `voice`; none that is taken.
    `unnamed` is what a run is called that was given no name: its number is the base's."""
    if last in taken and last != unnamed and (counted := _COUNTED.fullmatch(last)):
        stem, number = counted[1], int(counted[2]) + 1
    elif last and last not in taken:
        return last
    else:
        stem, number = f"{last or unnamed}-", 2
    known = {name.lower() for name in taken}
    while f"{stem}{number}".lower() in known:
        number += 1
    return f"{stem}{number}"
