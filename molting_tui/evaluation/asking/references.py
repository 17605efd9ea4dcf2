"""Who is meant: a base, a training run, a checkpoint of one, or a folder, found by the word that names it."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

import msgspec

from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.runfolder import AskedContender, RunConfig, TrainConfig, read_config
from molting_tui.recipe.settings import TINY, Quantisation, refuse_address
from molting_tui.recipe.templates import own_template
from molting_tui.regular_files import open_regular, read_regular
from molting_tui.runs.folder import Run, adapter_in, run_folders, run_in, runs_folder, safe_name, short_name
from molting_tui.runs.listing import LATEST, find_run, line_of
from molting_tui.runs.run_state import ACTIVE
from molting_tui.text import mask_address, show_line
from molting_tui.workspace import Workspace

WAYS = (
    "Name a base (`tiny`, a hub id such as TinyLlama/TinyLlama-1.1B-Chat-v1.0, a folder), or a training run:"
    " `molting runs` lists them."
)
ADAPTERS_OWN = "adapter"
"""Where a template is from that came with the adapter."""
NAMED = re.compile(r"([A-Za-z0-9._-]+)=(.+)", re.DOTALL)
"""NAME=WHAT, where a contender is called by another name, or something is said of one."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_STEP = re.compile(r"(.+)@(\d{1,12})", re.ASCII)
_CHECKPOINT = re.compile(r"checkpoint-(\d{1,12})", re.ASCII)
_BLOCK = 1 << 20


class ToAsk(NamedTuple):
    """A contender, and how its base was loaded when it was trained (None: it wasn't)."""

    contender: AskedContender
    quantisation: Quantisation | None = None


def find_contender(workspace: Workspace, reference: str) -> ToAsk:
    """The contender that `[NAME=]REFERENCE` means: `tiny`, a run (number, id, name, `latest`), RUN@STEP, a folder with
    an adapter (FOLDER@BASE: on this base), a checkpoint or a model, a hub id. Raises BadInput if there is none."""
    named = NAMED.fullmatch(reference)
    if named and not _folder(reference).is_dir():
        meant = _find_unnamed(workspace, named[2].strip())
        return meant._replace(contender=msgspec.structs.replace(meant.contender, name=safe_name(named[1])))
    return _find_unnamed(workspace, reference.strip())


def latest_and_base(workspace: Workspace) -> list[ToAsk]:
    """The base of the latest training run that has made an adapter, and that run. Raises BadInput if there is none."""
    trained = _of_run(_latest_trained(workspace))
    return [_base(workspace, trained.contender.base), trained]


def _find_unnamed(workspace: Workspace, reference: str) -> ToAsk:
    if reference == TINY:
        return _base(workspace, reference)
    run = _run(workspace, reference) if reference and "/" not in reference else None
    if run is not None:
        return _of_run(run)
    folder, base = _split(reference)
    if reference and folder.is_dir():
        return _in_folder(workspace, folder.resolve(), base)
    step = _STEP.fullmatch(reference)
    run = _run(workspace, step[1]) if step and "/" not in reference else None
    if step and run is not None:
        return _of_step(run, int(step[2]))
    if _HUB_ID.fullmatch(reference):
        return _base(workspace, reference)
    raise BadInput(f"there is no base and no run `{show_line(mask_address(reference), 80)}`.", fix=WAYS)


def _split(reference: str) -> tuple[Path, str]:
    """FOLDER, or FOLDER@BASE."""
    folder = _folder(reference)
    if folder.is_dir() or "@" not in reference:
        return folder, ""
    before, _, base = reference.rpartition("@")
    return _folder(before), base


def _folder(path: str) -> Path:
    # Path.expanduser raises where there is no such user.
    return Path(os.path.expanduser(path))


def _run(workspace: Workspace, reference: str) -> Run | None:
    if reference == LATEST:
        return _latest_trained(workspace)
    try:
        return find_run(workspace, reference)
    except BadInput as error:
        if error.where:  # it is there, but torn
            raise
        return None


def _base(workspace: Workspace, base: str) -> ToAsk:
    return ToAsk(AskedContender(short_name(base), base, system_prompt=_persona_prompt(workspace)))


def _persona_prompt(workspace: Workspace) -> str:
    return workspace.settings.persona.system_prompt.strip()


def _of_run(run: Run) -> ToAsk:
    config = _training(run)
    line = line_of(run.folder)
    if line.state in ACTIVE:
        raise BadInput(
            f"run {show_line(run.id, 80)} is {line.state}.", fix=f"Wait for it: molting runs watch {run.number}"
        )
    if run.adapter is None:
        why = f" {line.problem}" if line.problem else ""
        steps = _steps(run.folder)
        also = f" Its checkpoints can be asked: {run.number}@{steps[-1]}." if steps else ""
        raise BadInput(f"run {show_line(run.id, 80)} has no adapter: it {_ENDS[line.state]}.{why}", fix=WAYS + also)
    return _trained(config, run.adapter, run.id, run.id)


_ENDS = {"stopped": "was stopped", "done": "is done without one", "failed": "failed", "died": "died"}


def _training(run: Run) -> TrainConfig:
    if not isinstance(run.config, TrainConfig):
        raise BadInput(f"run {show_line(run.id, 80)} is one that answered, not a training run.", fix=WAYS)
    return run.config


def _of_step(run: Run, step: int) -> ToAsk:
    config, steps = _training(run), _steps(run.folder)
    if step not in steps:
        there = f"It has {', '.join(map(str, steps))}." if steps else "It has no checkpoint."
        raise BadInput(f"run {show_line(run.id, 80)} has no checkpoint of step {step}.", fix=there)
    return _checkpoint(config, run, step)


def _checkpoint(config: TrainConfig, run: Run, step: int) -> ToAsk:
    at_step = _trained(config, run.folder / f"checkpoint-{step}", f"{run.id}@{step}", run.id)
    return at_step._replace(contender=msgspec.structs.replace(at_step.contender, step=step))


def _steps(folder: Path) -> list[int]:
    """The steps of which a run's folder has a checkpoint with an adapter's weights."""
    weights = folder.glob("checkpoint-*/adapter_model.safetensors")
    named = [_CHECKPOINT.fullmatch(path.parent.name) for path in weights]
    return sorted(int(match[1]) for match in named if match)


def _trained(config: TrainConfig, adapter: Path, name: str, run: str) -> ToAsk:
    contender = AskedContender(
        name=name,
        base=config.settings.model_name,
        adapter=str(adapter.resolve()),
        adapter_digest=adapter_digest(adapter),
        run=run,
        system_prompt=config.system_prompt,
    )
    return ToAsk(_in_its_template(contender, adapter), config.settings.quantisation)


def _in_its_template(contender: AskedContender, adapter: Path) -> AskedContender:
    """The contender, asked in the template that its adapter brings, if it brings one."""
    template = own_template(adapter)
    if template is None:
        return contender
    return msgspec.structs.replace(contender, template=template, template_from=ADAPTERS_OWN)


def _in_folder(workspace: Workspace, folder: Path, base: str) -> ToAsk:
    """What a folder holds: a training's output (`adapter/` and `config.json`), a checkpoint, an adapter, or a base."""
    name = safe_name(folder.name)
    adapter = adapter_in(folder)
    if adapter is not None and not base:
        config = _config_or_none(folder)
        if isinstance(config, TrainConfig):
            return _trained(config, adapter, name, "")
    adapter = adapter or (folder if (folder / "adapter_config.json").is_file() else None)
    if adapter is not None:
        return _of_checkpoint_folder(workspace, folder, base) or _of_adapter(workspace, adapter, name, base)
    if not (folder / "config.json").is_file():
        raise BadInput("there is neither a model nor an adapter in this folder.", where=str(folder), fix=WAYS)
    return _base(workspace, str(folder))


def _of_checkpoint_folder(workspace: Workspace, folder: Path, base: str) -> ToAsk | None:
    """A checkpoint in the folder of a training: of one of this workspace's runs it is that run's."""
    step = _CHECKPOINT.fullmatch(folder.name)
    config = _config_or_none(folder.parent) if step and not base else None
    if not step or not isinstance(config, TrainConfig):
        return None
    if folder.parent.parent == runs_folder(workspace).resolve():
        return _checkpoint(config, run_in(folder.parent), int(step[1]))
    return _trained(config, folder, safe_name(f"{folder.parent.name}-{folder.name}"), "")


def _of_adapter(workspace: Workspace, adapter: Path, name: str, base: str) -> ToAsk:
    contender = AskedContender(
        name=name,
        base=base or _base_of_adapter(adapter),
        adapter=str(adapter),
        adapter_digest=adapter_digest(adapter),
        system_prompt=_persona_prompt(workspace),
    )
    return ToAsk(_in_its_template(contender, adapter))


def _config_or_none(folder: Path) -> RunConfig | None:
    try:
        return read_config(folder)
    except BadInput:  # another trainer's
        return None


def _base_of_adapter(adapter: Path) -> str:
    try:
        base = msgspec.json.decode(read_regular(adapter / "adapter_config.json"))["base_model_name_or_path"]
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        base = None
    if not base or not isinstance(base, str):
        raise BadInput(
            "its adapter_config.json doesn't say which base it belongs to.",
            where=str(adapter),
            fix=f"Say it: {adapter}@BASE",
        )
    refuse_address(base)
    return base


def _latest_trained(workspace: Workspace) -> Run:
    for folder in run_folders(runs_folder(workspace)):
        try:
            run = run_in(folder)
        except MoltingError:
            continue
        if run.kind == "train" and run.adapter is not None and line_of(folder).state not in ACTIVE:
            return run
    raise BadInput("no training run has made an adapter yet.", fix="Train one (`molting train`), or name a base.")


def adapter_digest(adapter: Path) -> str:
    """SHA-256 (hex) of an adapter's weights. Raises BadInput if they can't be read."""
    digest, weights = hashlib.sha256(), adapter / "adapter_model.safetensors"
    try:
        with open_regular(weights) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(weights), fix=WAYS) from error
    return digest.hexdigest()
