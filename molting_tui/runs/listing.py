"""The runs of a workspace: a line for each, and one of them by number, id or name. Reads the ends of files only."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.events import Checkpoint, read_events
from molting_tui.recipe.runfolder import EVENTS, State
from molting_tui.regular_files import open_regular
from molting_tui.runs.folder import Run, adapter_in, number_of, run_folders, run_in, runs_folder
from molting_tui.runs.process import alive
from molting_tui.runs.run_state import ACTIVE, Watched
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

LATEST = "latest"
UNKNOWN = "unknown"
_END = 1 << 16
"""Bytes of a run's events that are read from their start and from their end: the latter hold over 200 steps."""
_MOST = 1 << 24
_CHECKPOINT = re.compile(r"checkpoint-\d{1,12}", re.ASCII)


class RunLine(NamedTuple):
    """One run in a list. `kind` is `train`, `answer`, or `unknown` where the config can't be read; `problem` is a
    sentence, empty where all is well, safe to show like `name`. `steps` is 0 while not known, `created` is ISO 8601,
    UTC. `adapter` tells whether it has made one; `seconds_left` is known of running ones only."""

    id: str
    number: int
    kind: str
    name: str
    state: State
    step: int
    steps: int
    loss: float | None
    adapter: bool
    created: str
    seconds_left: float | None
    problem: str


def list_runs(workspace: Workspace) -> list[RunLine]:
    """The runs of a workspace, newest first. A folder that is no run, or a torn one, has a line that says so."""
    return [line_of(folder) for folder in run_folders(runs_folder(workspace))]


def line_of(folder: Path) -> RunLine:
    """The line of the run in a folder, whatever is in there."""
    try:
        run = run_in(folder)
    except MoltingError as error:
        return _line(folder, None, show_line(error.sentence(), 1000))
    return _line(folder, run, "")


def runs_at_work(workspace: Workspace) -> list[RunLine]:
    """The runs whose process is at work (or may be: on another machine), newest first."""
    return [line for line in list_runs(workspace) if line.state in ACTIVE]


def find_run(workspace: Workspace, reference: str) -> Run:
    """The run with this number, id or name (of several the newest), or the newest of all for `latest`.

    Raises BadInput if there is none, or if it is torn.
    """
    folders = run_folders(runs_folder(workspace))
    if not folders:
        raise BadInput("there is no run in this workspace yet.", fix="Start one: molting train")
    wanted = reference.strip()
    for folder in folders:
        if wanted == folder.name or (wanted.isdecimal() and int(wanted) == number_of(folder.name) > 0):
            return run_in(folder)
    whole = [run for run in map(_run_or_none, folders) if run is not None]
    named = next((run for run in whole if wanted in (LATEST, run.name)), None)
    if named is not None:
        return named
    raise BadInput(
        f"there is no run `{show_line(wanted, 60)}`.",
        fix=f"There {'is' if len(folders) == 1 else 'are'} {plural(len(folders), 'run')}: `molting runs` lists them.",
    )


def look_at(folder: Path, whole: bool = False) -> Watched:
    """How the run in a folder is now; unless `whole`, by the start and the end of its events only."""
    living = alive(folder)
    return _sum_of_events(folder, whole).judged(folder, living)


def _sum_of_events(folder: Path, whole: bool) -> Watched:
    path, run = folder / EVENTS, Watched()
    try:
        size = path.stat().st_size
        if whole or size <= 2 * _END:
            return _read_from(path, 0, run)
        head = read_events(path, 0, _END)
        # An epoch can be longer than both ends: then only the folders tell of the last checkpoint.
        run = replace(run.after(head.events, head.damaged), checkpoint=None)
        run = _read_end(path, size, run)
        return replace(run, checkpoint=run.checkpoint or _newest_checkpoint(folder))
    except OSError:
        return run  # no events yet; `molting runs show` says what stands in the way


def _newest_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest one that is whole: the trainer writes its state last."""
    steps = [
        int(path.parent.name.rpartition("-")[2])
        for path in folder.glob("checkpoint-*[0-9]/trainer_state.json")
        if _CHECKPOINT.fullmatch(path.parent.name)
    ]
    return Checkpoint(step=max(steps), path=f"checkpoint-{max(steps)}") if steps else None


def _read_from(path: Path, offset: int, run: Watched) -> Watched:
    while True:
        read = read_events(path, offset, _MOST)
        run = run.after(read.events, read.damaged)
        if read.offset == offset:
            return run
        offset = read.offset


def _read_end(path: Path, size: int, run: Watched) -> Watched:
    window = _END
    while window <= _MOST:
        offset = max(size - window, 0)
        with open_regular(path) as file:
            file.seek(offset)
            begins = file.read(window).find(b"\n") + 1
        if 0 < begins < window or not offset:
            # The first line of the window is probably no whole one.
            return _read_from(path, offset + begins, run)
        window *= 8
    return run


def _line(folder: Path, run: Run | None, problem: str) -> RunLine:
    """A run folder as a line of the list; `run` is None where its config can't be read, and `problem` says why."""
    now = look_at(folder)
    number = number_of(folder.name)
    return RunLine(
        id=folder.name,
        number=number,
        kind=run.kind if run else UNKNOWN,
        name=show_line(run.name if run else folder.name, 80),
        state=now.state,
        step=now.step.step if now.step else 0,
        steps=now.steps,
        loss=now.last_loss,
        adapter=adapter_in(folder) is not None and not now.active,
        created=run.config.created if run else _made(folder),
        seconds_left=now.seconds_left,
        problem=problem or now.problem,
    )


def _run_or_none(folder: Path) -> Run | None:
    try:
        return run_in(folder)
    except MoltingError:
        return None


def _made(folder: Path) -> str:
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OSError:
        return ""
