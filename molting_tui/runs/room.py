"""How much disk a run takes, told before it begins: a disk that fills up in the middle loses the night."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from molting_tui.recipe.runfolder import AnswerConfig
from molting_tui.recipe.settings import TINY, TrainingSettings
from molting_tui.records.checks import Check
from molting_tui.regular_files import read_regular

MIB = 1 << 20
ADAPTERS_ON_DISK = 3
"""Two checkpoints and the finished adapter."""
_WEIGHT, _OPTIMIZER = 4, 8
"""Bytes a trainable parameter takes in a checkpoint at most: fp32, and two fp32 moments of the optimizer."""
_REST = 32 * MIB
"""Tokenizer files, log, events."""
_ANSWER_BYTES = 4_096
"""Bytes of an answer's settings and uuids; its text takes at most about 12 bytes a token, raw and plain."""


class _Shape(NamedTuple):
    """What of a model decides how large an adapter of it is."""

    layers: int
    hidden: int
    intermediate: int


_LIKE_PHI3 = _Shape(32, 3_072, 8_192)
_TINY_SHAPE = _Shape(2, 128, 384)


def room_for_training(settings: TrainingSettings, pairs_bytes: int = 0) -> tuple[int, str]:
    """Bytes that a training run will write at most, and how they were estimated.

    An adapter has rank x (inputs + outputs) parameters a layer and module. The model's shape is read from its local
    `config.json`; of one that isn't here it is taken to be that of a model of 4 billion parameters.
    """
    shape, known = _shape_of(settings.model_name)
    ends = {"gate_proj": shape.hidden + shape.intermediate, "up_proj": shape.hidden + shape.intermediate}
    ends["down_proj"] = shape.hidden + shape.intermediate
    sides = sum(ends.get(module, 2 * shape.hidden) for module in settings.target_modules)
    parameters = settings.lora_rank * shape.layers * sides
    needed = ADAPTERS_ON_DISK * parameters * (_WEIGHT + _OPTIMIZER) + pairs_bytes + _REST
    whose = "" if known else ", for a model of 4 B parameters"
    return needed, f"{ADAPTERS_ON_DISK} x an adapter of rank {settings.lora_rank} with its optimizer{whose}"


def room_for_answers(config: AnswerConfig) -> tuple[int, str]:
    """Bytes that an answering run will write at most, and how they were estimated."""
    count = config.wanted
    needed = count * (_ANSWER_BYTES + 12 * config.generation.max_new_tokens) + _REST
    return needed, f"{count:,} answers of up to {config.generation.max_new_tokens:,} tokens"


def room_check(folder: Path, needed: int, why: str) -> Check:
    """Whether the disk of `folder` has `needed` bytes free; `why` says how they were estimated."""
    free = shutil.disk_usage(folder).free
    takes = f"the run needs about {needed / MIB:,.0f} MiB ({why}), and {free / MIB:,.0f} MiB are free on this disk"
    if free < needed:
        return Check("disk", "block", takes, "Free some space, or link `runs` to another disk.")
    return Check("disk", "pass", takes)


def _shape_of(base: str) -> tuple[_Shape, bool]:
    if base == TINY:
        return _TINY_SHAPE, True
    try:
        config = json.loads(read_regular(Path(os.path.expanduser(base)) / "config.json"))
        shape = _Shape(*(int(config[name]) for name in ("num_hidden_layers", "hidden_size", "intermediate_size")))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return _LIKE_PHI3, False
    return shape, True
