"""A run in the store: it stays known when its folder goes."""

from __future__ import annotations

import msgspec

from molting_tui.recipe.runfolder import RunConfig, TrainConfig
from molting_tui.store import runs
from molting_tui.workspace import Workspace


def remember_run(workspace: Workspace, name: str, config: RunConfig) -> int:
    """Keep what a run was told under its folder's name, once; returns its number in the store."""
    train = isinstance(config, TrainConfig)
    with workspace.store.write() as connection:
        return runs.remember(
            connection,
            name,
            "train" if train else "answer",
            msgspec.json.encode(config).decode(),
            seed=config.settings.seed if isinstance(config, TrainConfig) else config.generation.seed_base,
            created=config.created,
        )
