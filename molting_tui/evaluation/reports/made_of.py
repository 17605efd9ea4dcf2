"""What a version was made of and how it was asked: from its run here, or as a report tells it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import msgspec

from molting_tui.datasets.frozen_manifest import manifest_of
from molting_tui.errors import MoltingError
from molting_tui.recipe.runfolder import TrainConfig
from molting_tui.recipe.settings import FIELDS, TrainingSettings
from molting_tui.records.contenders import Adapter, Base, Checkpoint, Contender
from molting_tui.records.datasets import Dataset
from molting_tui.records.reports import Training
from molting_tui.records.totals import Kinds, ReportedTotal
from molting_tui.runs.folder import runs_folder
from molting_tui.runs.listing import look_at
from molting_tui.store import datasets
from molting_tui.store.runs import StoredRun
from molting_tui.workspace import Workspace

Words = tuple[tuple[str, str], ...]
_NAMES = {"model_name": "base", "batch_size": "batch", "gradient_accumulation": "accumulation"}
"""What settings are called in a report, where that isn't their own name."""


def training_of(workspace: Workspace, run: StoredRun, who: Iterable[Contender] = ()) -> Training:
    """What a training run was told and what came of it; `who` are the contenders that it made. Of a run whose folder is
    gone the figures aren't known."""
    config = _config(run.config)
    dataset = datasets.by_name(workspace.store, run.dataset) if run.dataset else None
    watched = look_at(runs_folder(workspace) / run.name)
    figures = watched.done.figures if watched.done else {}
    model = next((each.model for each in who if isinstance(each.model, (Adapter, Checkpoint))), None)
    seconds = _number(figures.get("training_seconds"))
    loss = _number(figures.get("final_loss"))
    return Training(
        told=False,
        run=run.name,
        state=watched.state,
        dataset=run.dataset,
        digest=dataset.digest if dataset else config.dataset_digest if config else "",
        base=config.settings.model_name if config else model.base if model else "",
        base_digest=(model.base_digest or "") if model else "",
        adapter_digest=(model.adapter_digest or "") if model else "",
        pairs=dataset.parts["train"] if dataset else (config.pairs or None) if config else None,
        kinds=_kinds_of(dataset),
        recipe=_recipe(config.settings) if config else (),
        system_prompt=config.system_prompt if config else None,
        steps=int(steps) if (steps := _number(figures.get("steps"))) else None,
        loss=watched.last_loss if loss is None else loss,
        minutes=None if seconds is None else seconds / 60,
        memory=_number(figures.get("peak_vram_gb")),
    )


def training_told(total: ReportedTotal) -> Training | None:
    """What a report tells of a training; None where it tells nothing."""
    recipe = {"base": total.base, "epochs": total.epochs, "batch": total.batch, "accumulation": total.accumulation}
    training = Training(
        told=True,
        base=total.base,
        pairs=total.pairs,
        kinds=total.kinds,
        recipe=tuple((name, words(value)) for name, value in recipe.items() if value not in (None, "")),
        steps=total.steps,
        loss=total.loss,
        minutes=total.minutes,
        memory=total.memory,
    )
    return None if training == Training(told=True) else training


def asked_of(who: Sequence[Contender]) -> Words:
    """How contenders of one name were asked; where they were asked in several ways, each value that there was."""
    ways: dict[str, dict[str, None]] = {}
    for each in who:
        drawn = json.loads(each.generation) if each.generation else {}
        for name, value in drawn.items():
            ways.setdefault(name, {})[words(value)] = None
        if isinstance(each.model, Base) and each.system_prompt is not None:
            ways.setdefault("system prompt", {})[f"{len(each.system_prompt):,} characters"] = None
        if each.template:
            ways.setdefault("template", {})[each.template[:12]] = None
    return tuple((name, " and ".join(values)) for name, values in sorted(ways.items()))


def asked_told(total: ReportedTotal) -> Words:
    """The same as a report tells it."""
    return () if total.tokens is None else (("max_new_tokens", words(total.tokens)),)


def words(value: object) -> str:
    """A setting's value as people read it; digits without commas, as it is typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _config(text: str) -> TrainConfig | None:
    try:
        return msgspec.json.decode(text, type=TrainConfig)
    except msgspec.MsgspecError:
        return None


def _recipe(settings: TrainingSettings) -> Words:
    return tuple((_NAMES.get(field.name, field.name), words(getattr(settings, field.name))) for field in FIELDS)


def _kinds_of(dataset: Dataset | None) -> tuple[Kinds, ...]:
    """The kinds of a dataset's pairs, the most frequent first; without numbers where some aren't trained on, since of
    which kind those are isn't stored."""
    if dataset is None:
        return ()
    try:
        manifest = manifest_of(dataset)
    except (MoltingError, msgspec.MsgspecError):
        return ()
    counts = manifest.composition.kinds or manifest.counts.kind
    whole = dataset.parts["train"] == dataset.pairs
    return tuple(Kinds(kind, count if whole else None) for kind, count in counts.items())


def _number(value: float | int | str | None) -> float | None:
    return float(value) if isinstance(value, int | float) else None
