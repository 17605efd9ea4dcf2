"""A run at one look: the sum of its events, and what follows from it: its state, the time left, what went wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from molting_tui.recipe.run_process import noted_process
from molting_tui.recipe.runfolder import CONFIG, LOG, PROCESS, State
from molting_tui.runs.log import last_lines
from molting_tui.runs.process import unknown_why
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


@dataclass(slots=True)
class Watched:
    """How a run is, at one look. Only what is needed is kept, however many events there are.

    `phase` is empty before the first. `first_loss` and `last_loss` are of the first and the last step that had one.
    `warnings` are all there were, up to 200, and `damaged` all lines between the events that can't be read. `living`
    is whether its process lives (None: not known here), `seconds_left` until its last step (None where that can't be
    told), `problem` a sentence that is safe to show, empty where all is well. `events` are those that were new at this
    look (the last 1,000). A look that was given out is never changed: `after` makes the next.
    """

    phase: str = ""
    start: Start | None = None
    step: Step | None = None
    first_loss: float | None = None
    last_loss: float | None = None
    warnings: tuple[Warned, ...] = ()
    checkpoint: Checkpoint | None = None
    stop_requested: StopRequested | None = None
    done: Done | None = None
    failed: Failed | None = None
    damaged: int = 0
    state: State = "queued"
    living: bool | None = None
    seconds_left: float | None = None
    problem: str = ""
    events: tuple[RunEvent, ...] = ()
    times: tuple[tuple[float, int], ...] = ()
    """When the last steps were reached (seconds since 1970, the step)."""

    @property
    def active(self) -> bool:
        """Whether the run is still at work."""
        return self.state in ACTIVE

    @property
    def steps(self) -> int:
        """How many steps there will be; 0 while that isn't known."""
        return self.start.steps if self.start else 0

    def after(self, events: Iterable[RunEvent], damaged: int = 0) -> Watched:
        """The run after these events, in their order, and with so many lines between them that couldn't be read."""
        now = replace(self, damaged=self.damaged + damaged)
        for event in events:
            now._take(event)
        return now

    def judged(self, folder: Path, living: bool | None) -> Watched:
        """The run in a folder with its state and what follows from it. Whether its process lives was found out
        *before* the events were read: what ends in between has said its last word by then."""
        state = _state(self, folder, living)
        left = self.time_left(time.time()) if state == "running" and living else None
        now = replace(self, state=state, living=living, seconds_left=left)
        now.problem = _problem(now, folder)
        return now

    def time_left(self, now: float) -> float | None:
        """Seconds until the last step, by the pace of the last ones; None where that can't be told."""
        if not self.step or not self.start or len(self.times) < 2:
            return None
        (began, first), (last, reached) = self.times[0], self.times[-1]
        if reached <= first or last <= began:
            return None
        pace = (last - began) / (reached - first)
        return max(pace * (self.steps - reached) - max(now - last, 0.0), 0.0)

    def _take(self, event: RunEvent) -> None:
        """Add one event to a look that wasn't given out yet."""
        match event:
            case Step():
                self._take_step(event)
            case Phase():
                if event.name == "import":  # the run goes on after an end: how that was is no longer how it is
                    self.stop_requested = self.done = self.failed = None
                self.phase = event.name
                if event.name in _WORK:
                    self._take_the_time(event.time)
            case Start():
                self.start = event
                self._take_the_time(event.time)
            case Warned():
                if len(self.warnings) < MOST_WARNINGS:
                    self.warnings = (*self.warnings, event)
            case Checkpoint():
                self.checkpoint = event
            case StopRequested():
                self.stop_requested = event
            case Done():
                self.done = event
            case Failed():
                self.failed = event

    def _take_the_time(self, time: float) -> None:
        """The steps that follow are timed from here: what came before was no step."""
        self.times = ((time, self.step.step if self.step else 0),) if time else ()

    def _take_step(self, step: Step) -> None:
        self.step = step
        before = self.times if not self.times or step.step > self.times[-1][1] else ()  # else it began anew
        self.times = (*before[1 - _PACE_STEPS :], (step.time, step.step))
        if step.loss is not None:
            self.last_loss = step.loss
            if self.first_loss is None:
                self.first_loss = step.loss


def _state(run: Watched, folder: Path, living: bool | None) -> State:
    if run.failed:
        return "failed"
    if run.done:
        return "stopped" if run.done.reason == "stopped" else "done"
    if living is False and not _being_started(folder, run):
        return "died"
    if run.stop_requested:
        return "stopping"
    return "running" if run.start or run.step else "queued"


def _problem(run: Watched, folder: Path) -> str:
    """What a person should know of how the run is, as a sentence that is safe to show; empty where all is well."""
    if run.state == "failed" and run.failed:
        return show_line(run.failed.message, 1000)
    if run.state == "died":
        return _how_it_died(run, folder)
    if run.active and run.living is None:
        return unknown_why(folder)
    if run.damaged:
        return f"{plural(run.damaged, 'line')} of its events can't be read."
    return ""


def _how_it_died(run: Watched, folder: Path) -> str:
    if noted_process(folder) is None:
        return "Its process was never started. Start a new run."
    phase = f" {_PHASES[run.phase]}" if run.phase else " before it said anything"
    sentence = f"Its process ended{phase} without saying why: it was killed, or the memory was full."
    if run.checkpoint:
        sentence += f" The last checkpoint is {show_line(run.checkpoint.path, 80)}."
    elif run.step:
        sentence += " There is no checkpoint."
    line = _last_line_of_log(folder)
    return f"{sentence} The log ends: {line}" if line else sentence


def _last_line_of_log(folder: Path) -> str:
    """The last line of the log that says something, safe to show; empty where there is none."""
    lines = last_lines(folder / LOG, 1 << 14, window=1 << 14)
    return next((show_line(line, 300) for line in reversed(lines) if line.strip()), "")


def _being_started(folder: Path, run: Watched) -> bool:
    if run.phase or run.start or run.step or (folder / PROCESS).exists():
        return False
    try:
        return abs(time.time() - os.stat(folder / CONFIG).st_mtime) < SECONDS_TO_START
    except OSError:
        return False
