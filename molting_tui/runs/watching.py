"""A run as it goes on: what is new in its events and its log, read from where the last look ended."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from molting_tui.recipe.events import (
    Checkpoint,
    Done,
    Failed,
    RunEvent,
    Start,
    Step,
    StopRequested,
    Warned,
    read_events,
)
from molting_tui.recipe.runfolder import State
from molting_tui.runs.folder import Run
from molting_tui.runs.log import LogTail
from molting_tui.runs.process import alive
from molting_tui.runs.run_state import ACTIVE, Told, problem_of, seconds_left, state_of

MOST_EVENTS = 1_000
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Seen:
    """How a run is, at one look.

    `phase` is empty before the first. `first_loss` and `last_loss` are of the first and the last step that had one.
    `seconds_left` is until the last step. `problem` is a sentence, empty where all is well. What was new at this look:
    `events` (the last 1,000), `damaged` lines between them, `lines` of the log, safe to show; `partial` is the log's
    unfinished last line. `warnings` are all there were, up to 200.
    """

    state: State
    phase: str
    start: Start | None
    step: Step | None
    first_loss: float | None
    last_loss: float | None
    warnings: tuple[Warned, ...]
    checkpoint: Checkpoint | None
    stop_requested: StopRequested | None
    done: Done | None
    failed: Failed | None
    seconds_left: float | None
    problem: str
    events: tuple[RunEvent, ...]
    damaged: int
    lines: tuple[str, ...]
    partial: str

    @property
    def active(self) -> bool:
        """Whether the run is still at work."""
        return self.state in ACTIVE


class Watch:
    """Somebody who watches a run. Each look reads only what is new; memory doesn't grow with the run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.log = LogTail(run.log)
        self._told = Told()
        self._offset = 0

    def poll(self) -> Seen:
        """Look at the run now."""
        living = alive(self.run.folder)
        events, damaged = self._new_events()
        lines = self.log.poll()
        told = self._told
        state = state_of(self.run.folder, told, living)
        return Seen(
            state=state,
            phase=told.phase.name if told.phase else "",
            start=told.start,
            step=told.step,
            first_loss=told.first_loss,
            last_loss=told.last_loss,
            warnings=tuple(told.warnings),
            checkpoint=told.checkpoint,
            stop_requested=told.stop,
            done=told.done,
            failed=told.failed,
            seconds_left=seconds_left(told, state, living),
            problem=problem_of(self.run.folder, told, state, living),
            events=tuple(events),
            damaged=damaged,
            lines=tuple(lines),
            partial=self.log.partial,
        )

    def _new_events(self) -> tuple[deque[RunEvent], int]:
        new: deque[RunEvent] = deque(maxlen=MOST_EVENTS)
        damaged = 0
        while True:
            try:
                read = read_events(self.run.events, self._offset, _CHUNK)
            except OSError:
                return new, damaged
            if read.offset < self._offset:
                # The file has become shorter: it is another one now.
                self._told, damaged = Told(), 0
                new.clear()
            went_on = read.offset != self._offset
            self._offset = read.offset
            self._told.take(read.events, read.damaged)
            new += read.events
            damaged += read.damaged
            if not went_on:
                return new, damaged
