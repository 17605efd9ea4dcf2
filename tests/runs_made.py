"""Workspaces with kept pairs, runs on them, and waiting for what a run does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import psutil

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.recipe.events import RunEvent, written
from molting_tui.recipe.run_process import TOKEN, identity, noted_process
from molting_tui.recipe.runfolder import CONFIG, EVENTS, PROCESS, ProcessFile, TrainConfig
from molting_tui.recipe.settings import TINY, TrainingSettings, defaults_for
from molting_tui.runs.folder import Run, runs_folder
from molting_tui.runs.process import send
from molting_tui.runs.run_state import Watched
from molting_tui.runs.starting import start_training
from molting_tui.runs.watching import Watch
from molting_tui.workspace import Workspace
from tests.conftest import asked, new_workspace, write_session
from tests.stand_in import stand_in

PROMPT = "Você é Cláudio."
TIMEOUT = 120.0
"""Seconds that a condition may take before a test fails: far more than any needs, for busy machines."""


def workspace_with(folder: Path, kept: int, prompt: str = PROMPT) -> Workspace:
    """A workspace in which so many pairs are kept, and one is open."""
    made = new_workspace(folder, name="Cláudio", user="João", system_prompt=prompt)
    log = folder.parent / f"{folder.name}-logs" / "crm" / "s1.jsonl"
    import_paths(made, [write_session(log, *map(asked, range(1, kept + 2)))])
    desk = Desk(made)
    for number in range(1, kept + 1):
        desk.decide(desk.pair(number), "keep")
    return made


def started(workspace: Workspace, *words: str, name: str = "", settings: TrainingSettings | None = None) -> Run:
    """A run of the stand-in, started the way a training is."""
    return start_training(workspace, settings or defaults_for(TINY), name=name, command=stand_in(*words))


def on_disk(workspace: Workspace, number: int, events: Iterable[RunEvent] = (), **config: Any) -> Path:
    """A training run's folder as an earlier process left it; it has no process."""
    told = TrainConfig(**({"name": f"run{number}", "settings": defaults_for(TINY), "pairs": 3} | config))
    folder = runs_folder(workspace) / f"{number:04}-{told.name}"
    folder.mkdir(parents=True)
    (folder / CONFIG).write_bytes(msgspec.json.encode(told))
    (folder / EVENTS).write_bytes(b"".join(map(written, events)))
    return folder


def at_work(folder: Path, command: Sequence[str] = ("sleep", "600")) -> subprocess.Popen[bytes]:
    """A process at work on a run's folder as its start would have left it; whoever takes it ends it."""
    token = f"token of {folder}"
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, TOKEN: token}, stdout=subprocess.PIPE)
    (folder / PROCESS).write_bytes(msgspec.json.encode(identity(process.pid, token)))
    return process


@contextlib.contextmanager
def bystander(folder: Path, command: Sequence[str] = ("sleep", "600")) -> Iterator[subprocess.Popen[bytes]]:
    """A process in this folder that is nobody's run; it must live when it is left."""
    process = subprocess.Popen(command, cwd=folder)
    try:
        yield process
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def gone(folder: Path) -> None:
    """Write the `process.json` of a process that has ended."""
    (folder / PROCESS).write_bytes(msgspec.json.encode(ProcessFile(1, 1.0, os.uname().nodename)))


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


def seen(run: Run, wanted: Callable[[Watched], object], what: str = "") -> Watched:
    """Watch a run until something is seen."""
    watch, end = Watch(run), time.monotonic() + TIMEOUT
    while True:
        now = watch.poll()
        if wanted(now):
            return now
        assert now.active, f"the run is {now.state} ({now.problem}), waiting for {what}"
        assert time.monotonic() < end, f"waited in vain for {what}: {now}"
        time.sleep(0.01)


def ended(run: Run) -> Watched:
    """Watch a run until it has ended."""
    return seen(run, lambda now: not now.active, "its end")


def killed(run: Run) -> None:
    """kill -9 a run's process, and wait until it is gone."""
    told = noted_process(run.folder)
    assert told is not None
    process = psutil.Process(told.pid)
    process.kill()
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "the end of the process")


@contextlib.contextmanager
def nothing_left(workspace: Workspace) -> Iterator[None]:
    """Whatever processes the runs of a workspace have at the end are ended."""
    try:
        yield
    finally:
        runs = runs_folder(workspace)
        for folder in runs.iterdir() if runs.is_dir() else ():
            told = noted_process(folder)
            if told and told.pid != os.getpid():
                send(folder, signal.SIGKILL)
