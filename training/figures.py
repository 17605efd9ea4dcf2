"""The figures of a training run: what `training_metrics.json` and the `done` event hold, and what they depend on."""

from __future__ import annotations

import importlib.metadata
import math
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from molting_tui import __version__
from molting_tui.recipe.libraries import FOR_FOUR_BITS, FOR_TRAINING
from molting_tui.recipe.runfolder import METRICS, TrainConfig
from training.reporting import Reason, write_whole
from training.rows import Rows

if TYPE_CHECKING:
    from training.callbacks import RunEvents

_GIB = 1 << 30
Figures = dict[str, float | int | str | None]


def versions() -> dict[str, str]:
    """The versions of everything that a result depends on."""
    known = {"molting": __version__, "python": platform.python_version()}
    for name in (*FOR_TRAINING, *FOR_FOUR_BITS, "tokenizers"):
        try:
            known[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return known


def device() -> str:
    """The name of the GPU that is used, or `cpu`."""
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu"


def training_figures(state: Any, watching: RunEvents, rows: Rows, seconds: float, reason: Reason) -> Figures:
    """The figures of a training that ended. `state` is the trainer's, `seconds` the wall time of its loop.

    Losses are means over the learned tokens of a step, in nats. `tokens` counts all that were seen, in every epoch;
    `learned_tokens` those of one epoch that the loss is taken of. Memory is null without a GPU.
    """
    losses = watching.losses
    peak, share = _peak()
    return {
        "final_loss": losses[-1],
        "mean_loss": math.fsum(losses) / len(losses),
        "best_loss": min(losses),
        "first_loss": losses[0],
        "steps": state.global_step,
        "planned_steps": state.max_steps,
        "epochs": round(float(state.epoch or 0.0), 4),
        "pairs": len(rows.rows),
        "tokens": watching.tokens,
        "learned_tokens": sum(row.learned for row in rows.rows),
        "training_seconds": round(seconds, 3),
        "callback_seconds": round(watching.seconds, 4),
        "peak_vram_gb": peak,
        "peak_vram_share": share,
        "device": device(),
        "reason": reason,
    }


def save_metrics(folder: Path, figures: Figures, config: TrainConfig) -> None:
    """Write training_metrics.json, the last file of a run: where it is, all the others are whole."""
    data = {
        "dataset": Path(config.dataset).name,
        "dataset_digest": config.dataset_digest,
        "system_prompt": config.system_prompt,
    }
    metrics = {**figures, "config": {**msgspec.to_builtins(config.settings), **data}, "versions": versions()}
    write_whole(folder / METRICS, msgspec.json.format(msgspec.json.encode(metrics), indent=2))


def _peak() -> tuple[float | None, float | None]:
    """Most memory that tensors took on the GPU, in GB of 1024^3 bytes, and as a share of the card's."""
    import torch

    if not torch.cuda.is_available():
        return None, None
    peak = torch.cuda.max_memory_allocated()
    return round(peak / _GIB, 3), round(peak / torch.cuda.get_device_properties(0).total_memory, 4)
