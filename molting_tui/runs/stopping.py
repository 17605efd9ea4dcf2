"""Stop a run: ask it to save a checkpoint and leave, or end it at once."""

from __future__ import annotations

import os
import signal
import time

from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.recipe.run_process import noted_process
from molting_tui.runs.folder import Run
from molting_tui.runs.listing import look_at
from molting_tui.runs.process import send
from molting_tui.text import show_line


def stop(run: Run, kill: bool = False) -> str:
    """Ask a run to stop: it saves a checkpoint at the end of its step and leaves. What came of it, as a sentence.

    A run that was asked already is left to it; the sentence says how long ago. With `kill` its process is ended at
    once, and what came after the last checkpoint is lost. Raises BadInput for a run on another machine, Refused for a
    process that can't be shown to be the run's, MoltingError for another user's.
    """
    now = look_at(run.folder)
    name = show_line(run.id, 80)
    if not now.active:
        return f"Run {name} isn't running: {_ENDED.get(now.state, now.state)}."
    if now.living is None:
        raise _refusal(run, name)
    if now.state == "stopping" and now.stop_requested and not kill:
        ago = max(time.time() - now.stop_requested.time, 0.0)
        return (
            f"Run {name} was asked to stop {ago:,.0f} s ago; it saves a checkpoint at the end of its step."
            f" To end it at once: molting runs stop {run.number or name} --kill"
        )
    try:
        sent = send(run.folder, signal.SIGKILL if kill else signal.SIGTERM)
    except PermissionError as error:
        raise MoltingError("its process belongs to another user.", where=f"run {name}", fix="Ask them.") from error
    if not sent:
        return f"Run {name} isn't running any more."
    if not kill:
        return f"Run {name} is asked to stop: it saves a checkpoint at the end of its step, and leaves."
    kept = f"the last checkpoint is {show_line(now.checkpoint.path, 80)}" if now.checkpoint else "no checkpoint"
    return f"Run {name} is ended; {kept}."


def _refusal(run: Run, name: str) -> MoltingError:
    """Why a run isn't stopped of which can't be known whether it lives."""
    noted = noted_process(run.folder)
    if noted is not None and noted.host == os.uname().nodename:
        why = f"it isn't sure that process {noted.pid} is this run's, so nothing was sent to it."
        look = f"Look at it: `ps -o pid,lstart,args -p {noted.pid}`; if it is the run, `kill {noted.pid}` stops it."
        return Refused(why, where=f"run {name}", fix=look)
    host = show_line(noted.host, 60) if noted else "another machine"
    return BadInput(f"it was started on {host}.", where=f"run {name}", fix="Stop it there.")


_ENDED = {"done": "it is done", "stopped": "it has stopped", "failed": "it has failed", "died": "its process died"}
