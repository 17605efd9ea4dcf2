"""The process of a run: whether it lives, and is really the one that was started."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

import molting_tui
from molting_tui.recipe.runfolder import LOG, PROCESS, ProcessFile

SAME_START = 2.0
"""Seconds: two start times of one process differ by less. The clock they are told by is read anew each time."""
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""The runs that this process started. Asking them how they are is what keeps them from staying as zombies."""


def launch(command: Sequence[str], folder: Path) -> None:
    """Start a run's process so that it needs nobody: its own session, no stdin, all that it prints in `log.txt`.

    `process.json` says which it is before this returns. Raises OSError, and then no process is left.
    """
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=_surroundings(os.environ),
            start_new_session=True,
            umask=0o077,
        )
    finally:
        os.close(log)
    _CHILDREN[child.pid] = child
    try:
        _write_whole(folder / PROCESS, msgspec.json.encode(identity(child.pid)))
    except BaseException:
        child.kill()
        child.wait()
        _CHILDREN.pop(child.pid, None)
        raise


def identity(pid: int) -> ProcessFile:
    """Which process this is. Raises psutil.NoSuchProcess if there is none."""
    import psutil

    return ProcessFile(pid, psutil.Process(pid).create_time(), os.uname().nodename)


def process_file(folder: Path) -> ProcessFile | None:
    """What a run's `process.json` says; None where it is missing or damaged."""
    try:
        return msgspec.json.decode((folder / PROCESS).read_bytes(), type=ProcessFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def alive(folder: Path) -> bool | None:
    """Whether a run's process lives. None where that can't be known from here: it was started on another machine."""
    process = process_file(folder)
    if process is None:
        return False
    if process.host != os.uname().nodename:
        return None
    return _lives(process, folder)


def send(folder: Path, what: signal.Signals) -> bool:
    """Send a signal to a run's process if it lives (SIGKILL: to those it has started too); whether it was sent."""
    process = process_file(folder)
    if process is None or process.host != os.uname().nodename or not _lives(process, folder):
        return False
    try:
        if what is signal.SIGKILL and os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, what)
        else:
            os.kill(process.pid, what)
    except ProcessLookupError:
        return False
    return True


def _lives(noted: ProcessFile, folder: Path) -> bool:
    """Whether the noted process still runs, and is the run's own: numbers of processes are given again."""
    import psutil

    child = _CHILDREN.get(noted.pid)
    if child is not None and child.poll() is not None:
        _CHILDREN.pop(noted.pid, None)
        return False
    try:
        process = psutil.Process(noted.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if abs(process.create_time() - noted.started) < SAME_START:
            return True
        # The start time is told by the wall clock, which somebody may have set meanwhile; a command line that names
        # this folder belongs to this run whatever the clock says.
        return str(folder) in process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError, OverflowError):
        return False


def _surroundings(ours: Mapping[str, str]) -> dict[str, str]:
    """The environment of a run: nothing from the folder it runs in is ever imported, its words come out at once, and
    from a checkout it finds the same code as we did."""
    root = Path(molting_tui.__file__).resolve().parent.parent
    path = [str(root)] if (root / "pyproject.toml").is_file() else []
    # A relative one was meant from here; there it would be the run's folder.
    path += [os.path.abspath(entry) for entry in ours.get("PYTHONPATH", "").split(os.pathsep) if entry]
    environment = {"PYTHONPATH": os.pathsep.join(path)} if path else {}
    return {**ours, **environment, "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file in one step: the run's own process writes this one too."""
    descriptor, part = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
