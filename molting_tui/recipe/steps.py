"""Optimizer steps: how many a run takes, reckoned as the trainer does it."""

from __future__ import annotations

import math

from molting_tui.recipe.settings import TrainingSettings


def steps_an_epoch(pairs: int, settings: TrainingSettings) -> int:
    """max(1, ceil(ceil(pairs / batch) / accumulation)): what the Trainer of transformers does with that many pairs."""
    passes = math.ceil(pairs / settings.batch_size)
    return max(1, math.ceil(passes / settings.gradient_accumulation))


def optimizer_steps(pairs: int, settings: TrainingSettings) -> int:
    """The steps of a whole run on that many pairs; 0 where there is nothing to learn."""
    return math.ceil(steps_an_epoch(pairs, settings) * settings.epochs) if pairs else 0


def warm_up_steps(steps: int, settings: TrainingSettings) -> int:
    """How many of `steps` are warm-up: the setting is a number of steps, or below 1 a share of them."""
    asked = settings.warmup_steps
    return math.ceil(steps * asked) if asked < 1 else math.ceil(asked)
