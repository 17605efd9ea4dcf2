"""Whether a report's optimizer steps can come from its pairs: batch, accumulation and epochs, reckoned as the trainer
does it (`recipe/steps.py`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from molting_tui.recipe.settings import TrainingSettings
from molting_tui.recipe.steps import optimizer_steps, steps_an_epoch
from molting_tui.text import plural

BATCHES = (1, 2, 4, 8, 16)
"""Batches, and accumulations, that small cards are trained with."""
EPOCHS = range(1, 11)
_MOST_WAYS = 3


def steps_sentence(
    pairs: int | None,
    steps: int | None,
    *,
    epochs: float | None = None,
    batch: int | None = None,
    accumulation: int | None = None,
) -> str:
    """What the arithmetic says of so many steps of so many pairs: that they fit what is stated, or which usual batch,
    accumulation and whole epochs would give them. Empty where pairs or steps aren't told."""
    if not pairs or not steps:
        return ""
    if batch is None or accumulation is None:
        return _ways(pairs, steps, epochs, batch, accumulation)
    settings = _settings(batch, accumulation, epochs or 1)
    an_epoch = steps_an_epoch(pairs, settings)
    each = f"{plural(pairs, 'pair')} at {batch} x {accumulation} are {plural(an_epoch, 'step')} an epoch"
    if epochs is not None:
        reckoned = optimizer_steps(pairs, settings)
        if reckoned == steps:
            return f"{plural(steps, 'step')} fit: {each}, {epochs:g} epochs of them are {reckoned:,}."
        return f"{each}, and {epochs:g} epochs are {reckoned:,}: not {steps:,}. {_ways(pairs, steps)}"
    if steps % an_epoch == 0:
        return f"{plural(steps, 'step')} fit: {each}, so these are {plural(steps // an_epoch, 'epoch')}."
    return f"{each}: {steps:,} are no whole number of epochs. {_ways(pairs, steps)}"


def _ways(
    pairs: int,
    steps: int,
    epochs: float | None = None,
    batch: int | None = None,
    accumulation: int | None = None,
) -> str:
    """What would give these steps, as far as it isn't stated."""
    ways: dict[tuple[float, int], list[str]] = defaultdict(list)
    for often, size, passes in _tried(epochs, batch, accumulation):
        if optimizer_steps(pairs, _settings(size, passes, often)) == steps:
            ways[often, size * passes].append(f"{size} x {passes}")
    if not ways:
        stated = f" in {epochs:g} epochs" if epochs is not None else f" and up to {EPOCHS[-1]} whole epochs"
        return (
            f"No usual batch and accumulation (1 to {BATCHES[-1]}){stated} give {plural(steps, 'step')} of "
            f"{plural(pairs, 'pair')}: other pairs, or a run that was stopped."
        )
    listed = [
        f"{plural_epochs(often)} at an effective batch of {size} ({', '.join(combinations)})"
        for (often, size), combinations in sorted(ways.items())[:_MOST_WAYS]
    ]
    return f"{plural(steps, 'step')} of {plural(pairs, 'pair')} come from {', or '.join(listed)}."


def plural_epochs(epochs: float) -> str:
    """`1 epoch`, `4 epochs`, `2.5 epochs`."""
    return f"{epochs:g} epoch{'' if epochs == 1 else 's'}"


def _tried(epochs: float | None, batch: int | None, accumulation: int | None) -> Iterator[tuple[float, int, int]]:
    often = EPOCHS if epochs is None else (epochs,)
    sizes = BATCHES if batch is None else (batch,)
    return product(often, sizes, BATCHES if accumulation is None else (accumulation,))


def _settings(batch: int, accumulation: int, epochs: float) -> TrainingSettings:
    return TrainingSettings(epochs=epochs, batch_size=batch, gradient_accumulation=accumulation)
