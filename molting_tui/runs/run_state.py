"""What a run has told of itself so far, and what follows from it: its state, the time left, what went wrong."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from molting_tui.recipe.events import (
    Checkpoint,
    Done,
    Failed,
    Phase,
    RunEvent,
    Start,
    Step,
    StopRequested,
    Warned,
)
from molting_tui.recipe.runfolder import CONFIG, LOG, PROCESS, State
from molting_tui.runs.log import LogTail
from molting_tui.runs.process import process_file
from molting_tui.text import plural, show_line

ACTIVE: tuple[State, ...] = ("queued", "running", "stopping")
"""The states of a run whose process is at work."""
SECONDS_TO_START = 10.0
"""A run without a process this soon after its making is being started; later, its start has failed."""
MOST_WARNINGS = 200
_PACE_STEPS = 32
_WORK = ("train", "answer")
_PHASES = {
    "import": "while its libraries were loaded",
    "load_model": "while the model was loaded",
    "prepare_data": "while the data were prepared",
    "train": "in training",
    "answer": "while it answered",
    "save": "while it saved",
}


class Told:
    """The sum of a run's events. Only what is needed is kept, however many there are."""

    def __init__(self) -> None:
        self.phase: Phase | None = None
        self.start: Start | None = None
        self.step: Step | None = None
        self.first_loss: float | None = None
        self.last_loss: float | None = None
        self.warnings: list[Warned] = []
        self.checkpoint: Checkpoint | None = None
        self.stop: StopRequested | None = None
        self.done: Done | None = None
        self.failed: Failed | None = None
        self.damaged = 0
        self._times: deque[tuple[float, int]] = deque(maxlen=_PACE_STEPS)

    def take(self, events: Iterable[RunEvent], damaged: int = 0) -> None:
        """Add events, in their order, and how many lines between them couldn't be read."""
        self.damaged += damaged
        for event in events:
            self._take(event)

    def _take(self, event: RunEvent) -> None:
        match event:
            case Step():
                self._take_step(event)
            case Phase():
                if event.name == "import":  # the run goes on after an end: how that was is no longer how it is
                    self.stop = self.done = self.failed = None
                self.phase = event
                if event.name in _WORK:
                    self._take_the_time(event.time)
            case Start():
                self.start = event
                self._take_the_time(event.time)
            case Warned():
                if len(self.warnings) < MOST_WARNINGS:
                    self.warnings.append(event)
            case Checkpoint():
                self.checkpoint = event
            case StopRequested():
                self.stop = event
            case Done():
                self.done = event
            case Failed():
                self.failed = event

    def _take_the_time(self, time: float) -> None:
        """The steps that follow are timed from here: what came before was no step."""
        self._times.clear()
        if time:
            self._times.append((time, self.step.step if self.step else 0))

    def _take_step(self, step: Step) -> None:
        self.step = step
        if self._times and step.step <= self._times[-1][1]:
            self._times.clear()  # it began anew
        self._times.append((step.time, step.step))
        if step.loss is not None:
            self.last_loss = step.loss
            if self.first_loss is None:
                self.first_loss = step.loss

    @property
    def steps(self) -> int:
        """How many steps there will be; 0 while that isn't known."""
        return self.start.steps if self.start else 0

    def seconds_left(self, now: float) -> float | None:
        """Seconds until the last step, by the pace of the last ones; None where that can't be told."""
        if not self.step or not self.start or len(self._times) < 2:
            return None
        (began, first), (last, reached) = self._times[0], self._times[-1]
        if reached <= first or last <= began:
            return None
        pace = (last - began) / (reached - first)
        return max(pace * (self.steps - reached) - max(now - last, 0.0), 0.0)


def state_of(folder: Path, told: Told, living: bool | None) -> State:
    """The state of a run. `living` is whether its process lives (None: not known here), found out *before* the events
    of `told` were read: what ends in between has said its last word by then."""
    if told.failed:
        return "failed"
    if told.done:
        return "stopped" if told.done.reason == "stopped" else "done"
    if living is False and not _being_started(folder, told):
        return "died"
    if told.stop:
        return "stopping"
    return "running" if told.start or told.step else "queued"


def seconds_left(told: Told, state: State, living: bool | None) -> float | None:
    """Seconds until a running run is done; None for any other."""
    return told.seconds_left(time.time()) if state == "running" and living else None


def problem_of(folder: Path, told: Told, state: State, living: bool | None) -> str:
    """What a person should know of how the run is, as a sentence that is safe to show; empty where all is well."""
    if state == "failed" and told.failed:
        return show_line(told.failed.message, 1000)
    if state == "died":
        return _how_it_died(folder, told)
    if state in ACTIVE and living is None:
        process = process_file(folder)
        host = show_line(process.host, 60) if process else "another machine"
        return f"It was started on {host}: whether it still runs can't be known from here."
    if told.damaged:
        return f"{plural(told.damaged, 'line')} of its events can't be read."
    return ""


def last_line_of_log(folder: Path) -> str:
    """The last line of the log that says something, safe to show; empty where there is none."""
    tail = LogTail(folder / LOG, first=1 << 14)
    lines = [*tail.poll(), tail.partial]
    return next((show_line(line, 300) for line in reversed(lines) if line.strip()), "")


def _how_it_died(folder: Path, told: Told) -> str:
    if process_file(folder) is None:
        return "Its process was never started. Start a new run."
    phase = f" {_PHASES[told.phase.name]}" if told.phase else " before it said anything"
    sentence = f"Its process ended{phase} without saying why: it was killed, or the memory was full."
    if told.checkpoint:
        sentence += f" The last checkpoint is {show_line(told.checkpoint.path, 80)}."
    elif told.step:
        sentence += " There is no checkpoint."
    line = last_line_of_log(folder)
    return f"{sentence} The log ends: {line}" if line else sentence


def _being_started(folder: Path, told: Told) -> bool:
    if told.phase or told.start or told.step or (folder / PROCESS).exists():
        return False
    try:
        return abs(time.time() - os.stat(folder / CONFIG).st_mtime) < SECONDS_TO_START
    except OSError:
        return False
