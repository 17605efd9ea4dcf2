"""The dataset of a training run: a frozen one copied into its folder, or what it froze itself, kept under its name.

A run's folder is whole by itself. What the store says of it is brought up to date here, at any time: after a start, or
when a kill came between, or for runs that are older than datasets.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from molting_tui.datasets import catalogue
from molting_tui.datasets.export.manifest import manifest_path
from molting_tui.datasets.freezing import LONGEST_NAME, keep_copy, write_frozen
from molting_tui.datasets.frozen_manifest import MANIFEST, read_manifest
from molting_tui.errors import MoltingError
from molting_tui.recipe.runfolder import DATASET, TrainConfig, read_config
from molting_tui.recipe.settings import TrainingSettings
from molting_tui.records.datasets import Dataset
from molting_tui.records.progress import Progress, Report
from molting_tui.runs.folder import runs_folder
from molting_tui.runs.remembering import remember_run
from molting_tui.store import datasets, runs
from molting_tui.workspace import Workspace


def copy_frozen(workspace: Workspace, dataset: Dataset, folder: Path, settings: TrainingSettings) -> TrainConfig:
    """Copy a frozen dataset into a run's folder; what the run is to be told of it. Raises BadInput where the dataset's
    bytes aren't those that were frozen."""
    data = catalogue.checked_data(workspace, dataset)
    copy = folder / DATASET
    shutil.copyfile(data, copy)
    shutil.copyfile(data.with_name(MANIFEST), manifest_path(copy))
    for path in (copy, manifest_path(copy)):
        path.chmod(0o600)
    return TrainConfig(
        name="",
        settings=settings,
        dataset_name=dataset.name,
        dataset_digest=dataset.digest,
        pairs=dataset.parts["train"],
        filter=dataset.filter,
        system_prompt=dataset.system_prompt or "",
    )


def freeze_kept(
    workspace: Workspace, folder: Path, settings: TrainingSettings, where: str, report: Report
) -> TrainConfig:
    """Freeze the kept pairs that the filter `where` matches into a run's folder; what the run is to be told of them."""
    fields, _ = write_frozen(workspace, folder / DATASET, manifest_path(folder / DATASET), where, report)
    pairs = fields["counts"]["written"]
    report(Progress(pairs, pairs, "pairs", "starting"))  # the last moment to cancel
    return TrainConfig(
        name="",
        settings=settings,
        dataset_digest=fields["dataset_digest"],
        pairs=pairs,
        filter=where,
        system_prompt=fields["system_prompt"],
    )


def adopt_dataset(workspace: Workspace, folder: Path) -> str:
    """The name of the dataset that the run in a folder was trained on, empty where nobody can know.

    A dataset that the run froze itself, or that its manifest tells of, gets a place among the datasets, under the run's
    name. Where that is done already, or there is nothing to do, this costs a look or two. Raises MoltingError where
    the workspace can't be written.
    """
    stored = runs.by_name(workspace.store, folder.name)
    if stored is not None and stored.dataset:
        return stored.dataset
    try:
        config = read_config(folder)
    except MoltingError:  # a torn run: the list of runs says so
        return ""
    dataset = _dataset_of(workspace, folder, config) if isinstance(config, TrainConfig) else None
    if dataset is None:
        return ""
    remember_run(workspace, folder.name, config)
    with workspace.store.write() as connection:
        runs.set_dataset(connection, folder.name, dataset.id)
    return dataset.name


def adopt_datasets(workspace: Workspace) -> None:
    """Do so for every training run that has none; what can't be read is left as it is."""
    for name in runs.without_dataset(workspace.store):
        folder = runs_folder(workspace) / name
        if manifest_path(folder / DATASET).is_file():
            adopt_dataset(workspace, folder)


def _dataset_of(workspace: Workspace, folder: Path, config: TrainConfig) -> Dataset | None:
    if config.dataset_name:
        dataset = datasets.by_name(workspace.store, config.dataset_name)
        if dataset is not None and dataset.digest == config.dataset_digest:
            return dataset
    data = folder / DATASET
    try:
        facts, _ = read_manifest(manifest_path(data))
        if data.stat().st_size != facts.file.bytes:  # changed afterwards: no need to read it whole
            return None
        prompt = config.system_prompt if facts.system_prompt is None else facts.system_prompt
        name = _free_name(workspace, folder.name, facts.dataset_digest)
        return keep_copy(workspace, name, data, manifest_path(data), system_prompt=prompt)
    except (MoltingError, OSError):  # it doesn't fit its manifest, or can't be copied: the run has its own bytes
        return None


def _free_name(workspace: Workspace, run: str, digest: str) -> str:
    """The run's name, or one like it where another content has that."""
    name = run[:LONGEST_NAME]
    for number in range(2, 1_000):
        dataset = datasets.by_name(workspace.store, name)
        if dataset is None or dataset.digest == digest:
            return name
        name = f"{run[: LONGEST_NAME - 4]}-{number}"
    return name
