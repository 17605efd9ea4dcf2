"""What the trainer tells while it trains: events for the workbench, a line a step for people, and stopping.

The time spent in here is measured (`seconds`), so that "under 1 % of training" can be checked in every run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
import torch
from transformers import TrainerCallback

from molting_tui.errors import MoltingError
from molting_tui.recipe import events
from molting_tui.text import plural
from training.reporting import Reporter, StopSignals, say

_MIB = 1 << 20


def _timed(hook: Callable[..., None]) -> Callable[..., None]:
    @wraps(hook)
    def measured(self: RunEvents, *positional: Any, **named: Any) -> None:
        began = time.perf_counter()
        try:
            hook(self, *positional, **named)
        finally:
            self.seconds += time.perf_counter() - began

    return measured


class RunEvents(TrainerCallback):
    """Writes start, step and checkpoint events, and ends the training when a signal asked for it.

    `losses` are those of all steps, `tokens` counts what was seen (padding not), `seconds` is the time spent in here.
    `start` is the event to write when training begins; its number of steps is filled in.
    """

    def __init__(self, report: Reporter, stop: StopSignals, start: events.Start) -> None:
        self.losses: list[float] = []
        self.tokens = 0
        self.seconds = 0.0
        self._report = report
        self._stop = stop
        self._start = start
        self._at = 0.0

    @_timed
    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The number of steps is known."""
        self._report.event(msgspec.structs.replace(self._start, steps=state.max_steps))
        amounts = f"{plural(state.max_steps, 'step')}, {plural(self._start.n_train, 'pair')}"
        say(f"training: {amounts}, on {self._start.device}")
        self._at = time.perf_counter()

    @_timed
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """A signal is obeyed here: whole steps only."""
        if self._stop.requested:
            control.should_training_stop = True
            control.should_save = True

    @_timed
    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """One optimizer step is done. Raises MoltingError when its loss is no number."""
        # The last log of a training holds its totals, and no loss.
        if not logs or "loss" not in logs:
            return
        step = self._step(state, logs)
        self._report.event(step)
        self.losses.append(float(logs["loss"]))
        say(_line(step, state.max_steps))
        if not math.isfinite(self.losses[-1]):
            self._diverged(step)

    @_timed
    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """A checkpoint is on the disk."""
        self._report.event(events.Checkpoint(step=state.global_step, path=f"checkpoint-{state.global_step}"))

    def _step(self, state: Any, logs: dict[str, Any]) -> events.Step:
        """The figures of a step, from the trainer's log. Speed is of the tokens and seconds since the step before."""
        now = time.perf_counter()
        tokens = int(logs.get("num_tokens", self.tokens))
        speed = (tokens - self.tokens) / (now - self._at) if now > self._at else 0.0
        self._at, self.tokens = now, tokens
        here, peak = _memory_mib()
        return events.Step(
            step=state.global_step,
            epoch=round(float(state.epoch or 0.0), 4),
            loss=float(logs["loss"]),
            lr=logs.get("learning_rate"),
            grad_norm=logs.get("grad_norm"),
            accuracy=logs.get("mean_token_accuracy"),
            tokens=tokens,
            tok_s=round(speed, 1),
            vram_mb=here,
            vram_peak_mb=peak,
        )

    def _diverged(self, step: events.Step) -> None:
        what = f"The loss is no number any more at step {step.step}."
        self._report.warn("no-loss", what)
        raise MoltingError(
            what, fix="Lower learning_rate or lengthen warmup_steps, then start again; no adapter was saved."
        )


def _memory_mib() -> tuple[float, float]:
    """Memory that tensors take on the GPU, now and at most so far, in MiB; zeros without one."""
    if not torch.cuda.is_available():
        return 0.0, 0.0
    return torch.cuda.memory_allocated() / _MIB, torch.cuda.max_memory_allocated() / _MIB


def _line(step: events.Step, steps: int) -> str:
    """`step 12/150 loss 1.92 lr 1.6e-4 812 tok/s`."""
    rate = f"{step.lr:.1e}".replace("e-0", "e-").replace("e+00", "") if step.lr is not None else "?"
    return f"step {step.step}/{steps} loss {step.loss:.4f} lr {rate} {step.tok_s:,.0f} tok/s"
