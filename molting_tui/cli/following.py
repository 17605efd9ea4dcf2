"""A run followed at the command line: a line for each event, or on a terminal one line that is painted again."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TextIO

from molting_tui.cli.printing import cut, say, terminal_width
from molting_tui.cli.running import FAILED, NO, results_taken
from molting_tui.errors import Cancelled
from molting_tui.text import duration, plural, show_line, show_path

if TYPE_CHECKING:
    from molting_tui.recipe.events import RunEvent, Start, Step
    from molting_tui.runs.folder import Run
    from molting_tui.runs.run_state import Watched
    from molting_tui.workspace import Workspace

SECONDS = 0.2
"""Between two looks."""
LINES = 20
"""Lines that the steps of a run take where a line can't be painted over."""
_ERASE_LINE = "\r\x1b[K"


def follow(run: Run, out: TextIO) -> Watched:
    """Follow a run to its end and return how it was then.

    Ctrl-C ends the following and leaves the run alone: raises Cancelled with a sentence that says so.
    """
    from molting_tui.runs.watching import Watch

    watch, page = Watch(run), _Page(run, out)
    try:
        while True:
            now = watch.poll()
            page.show(now)
            if not now.active:
                page.end(now)
                return now
            time.sleep(SECONDS)
    except KeyboardInterrupt:
        page.erase()
        again = f"molting runs watch {run.number or run.id}"
        raise Cancelled(f"Not watching any more. Run {show_line(run.id, 80)} goes on: {again}") from None


def exit_code(now: Watched) -> int:
    """0 for a run that is done, 1 for one that was stopped before, 2 for one that failed or died."""
    return 0 if now.state == "done" else NO if now.state == "stopped" else FAILED


def end_fields(workspace: Workspace, run: Run, now: Watched) -> dict[str, object]:
    """How a run has ended, for `--json`; the answers of an answering run are taken in."""
    fields: dict[str, object] = {
        "state": now.state,
        "step": now.step.step if now.step else 0,
        "steps": now.start.steps if now.start else 0,
        "loss": now.last_loss,
        "adapter": run.adapter is not None,
        "problem": now.problem,
    }
    if run.kind == "answer":
        taken = results_taken(workspace)
        fields |= {"answers": taken.answers, "problems": list(taken.problems)}
    return fields


def say_end(workspace: Workspace, run: Run, now: Watched) -> None:
    """Say what came of a run and what to do next; the answers of an answering run are taken in."""
    if now.state in ("failed", "died"):
        say(f"Its log: {show_path(run.log)}")
    if run.kind == "answer":
        _say_taken(workspace)
    elif run.adapter is not None:
        say(f"The adapter: {show_path(run.adapter)}")
        say("Next: molting answer")


def _say_taken(workspace: Workspace) -> None:
    taken = results_taken(workspace)
    for problem in taken.problems:
        say(f"Note: {show_line(problem, 400)}")
    say(f"{plural(taken.answers, 'new answer')} to score.")
    if taken.answers:
        say("Next: molting score")


class _Page:
    def __init__(self, run: Run, out: TextIO) -> None:
        self._out = out
        self._unit = "step" if run.kind == "train" else "answer"
        # A dumb terminal can't take a line back.
        self._width = 0 if os.environ.get("TERM", "") in ("", "dumb") else terminal_width(out)
        self._painted = False
        self._part = 0

    def show(self, now: Watched) -> None:
        for event in now.events:
            line = _sentence(event, now, self._unit) if self._is_news(event, now) else ""
            if line:
                self._say(line)
        if self._width and now.active and now.step:
            line = _steps(now.step, now, self._unit)
            left = "" if now.seconds_left is None else f"  {duration(now.seconds_left)} left"
            self._out.write(_ERASE_LINE + cut(line + left, self._width - 1))
            self._painted = True
        self._out.flush()

    def _is_news(self, event: RunEvent, now: Watched) -> bool:
        """Whether an event is worth a line of its own. Steps have one that is painted over, or else one for each
        twentieth part of them; checkpoints are told beside the former only. The log has them all."""
        from molting_tui.recipe.events import Checkpoint, Step

        if isinstance(event, Checkpoint):
            return bool(self._width)
        if not isinstance(event, Step):
            return True
        steps = now.start.steps if now.start else 0
        part = event.step * LINES // steps if steps else event.step
        before, self._part = self._part, part
        return not self._width and part > before

    def end(self, now: Watched) -> None:
        self.erase()
        if now.state == "died":
            self._say(now.problem)
        self._out.flush()

    def erase(self) -> None:
        if self._painted:
            self._out.write(_ERASE_LINE)
            self._painted = False

    def _say(self, line: str) -> None:
        self.erase()
        self._out.write(f"{line}\n")


def _sentence(event: RunEvent, now: Watched, unit: str) -> str:
    """What an event says in one line; empty for one that nobody needs to read. `unit` is what a step is called."""
    from molting_tui.recipe import events

    match event:
        case events.Phase():
            return events.PHASE_WORDS.get(event.name, "")
        case events.Start():
            return _begun(event, unit)
        case events.Step():
            return _steps(event, now, unit)
        case events.Checkpoint():
            return f"saved {show_line(event.path, 80)}"
        case events.Warned():
            return f"Note: {show_line(event.message, 1000)}"
        case events.StopRequested():
            return "stopping: it saves a checkpoint first"
        case events.Done():
            return "stopped" if event.reason == "stopped" else "done"
        case events.Failed():
            return f"failed: {show_line(event.message, 1000)}"


def _begun(start: Start, unit: str) -> str:
    parts = [plural(start.steps, unit)]
    if start.n_train:
        parts.append(plural(start.n_train, "pair"))
    if start.epochs:
        parts.append(f"{start.epochs:g} epochs")
    if start.trainable and start.parameters:
        parts.append(f"{start.trainable:,} of {start.parameters:,} parameters trained")
    if start.device:
        parts.append(f"on {show_line(start.device, 40)}")
    return ", ".join(parts)


def _steps(step: Step, now: Watched, unit: str) -> str:
    steps = now.start.steps if now.start else 0
    parts = [f"{unit} {step.step:,}" + (f" of {steps:,} ({step.step / steps:.0%})" if steps else "")]
    if step.loss is not None:
        parts.append(f"loss {step.loss:.4f}")
    if step.lr is not None:
        parts.append(f"lr {step.lr:.1e}".replace("e-0", "e-"))
    if step.tok_s:
        parts.append(f"{step.tok_s:,.0f} tok/s")
    if step.vram_mb:
        parts.append(f"{step.vram_mb / 1024:.2f} GB")
    return "  ".join(parts)
