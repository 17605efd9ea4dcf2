"""The process of a run: whether it lives, and is really the one that was started."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from molting_tui.recipe.run_process import TOKEN, Standing, has_ended, identity, noted_process, standing
from molting_tui.recipe.runfolder import LOG, PROCESS, ProcessFile
from molting_tui.runs.environment import surroundings
from molting_tui.text import show_line


class _Child(NamedTuple):
    """A process that we have started, and its folder on the disk."""

    process: subprocess.Popen[bytes]
    place: tuple[int, int] | None


_CHILDREN: dict[int, _Child] = {}
"""The runs that this process started. Asking them how they are is what keeps them from staying as zombies."""


def launch(command: Sequence[str], folder: Path, allowed: Collection[str] = ()) -> None:
    """Start a run's process so that it needs nobody: its own session, no stdin, all that it prints in `log.txt`.

    Of our environment it gets no credentials but those that `allowed` names; the log says what was held back.
    `process.json` says which it is before this returns. Raises OSError, and then no process is left.
    """
    token = secrets.token_hex(16)
    environment, held_back = surroundings(os.environ, allowed)
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if held_back:
            os.write(log, _held_back(held_back).encode("utf-8", "replace"))
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=environment | {TOKEN: token},
            start_new_session=True,
            umask=0o077,
        )
    finally:
        os.close(log)
    _CHILDREN[child.pid] = _Child(child, _place(folder))
    try:
        _write_whole(folder / PROCESS, msgspec.json.encode(identity(child.pid, token)))
    except BaseException:
        child.kill()
        child.wait()
        _CHILDREN.pop(child.pid, None)
        raise


def alive(folder: Path) -> bool | None:
    """Whether a run's process lives. None where that can't be known from here: it was started on another machine, or
    the process that `process.json` names shows too little of itself (`unknown_why` says which)."""
    noted = noted_process(folder)
    if noted is None:
        return False
    if noted.host != os.uname().nodename:
        return None
    lives = _standing(noted, folder)
    return None if lives == "unsure" else lives == "own"


def unknown_why(folder: Path) -> str:
    """Why `alive` is None, as a sentence that is safe to show."""
    noted = noted_process(folder)
    if noted is not None and noted.host == os.uname().nodename:
        return (
            f"Process {noted.pid} may be its own, or another that got its number: "
            f"`ps -o pid,lstart,args -p {noted.pid}` shows it."
        )
    host = show_line(noted.host, 60) if noted else "another machine"
    return f"It was started on {host}: whether it still runs can't be known from here."


def send(folder: Path, what: signal.Signals) -> bool:
    """Send a signal to a run's process if that is the run's own, beyond doubt; whether it was sent.

    SIGKILL goes to those it has started too, if it leads their group. The process is held by a pidfd before it is
    looked at: a number that is given to another process in between can't be hit. Where there are no pidfds (macOS)
    the signal follows the look at once. Raises PermissionError for another user's process.
    """
    noted = noted_process(folder)
    if noted is None or noted.pid < 1 or noted.host != os.uname().nodename:
        return False
    try:
        with _held(noted.pid) as handle:
            if _standing(noted, folder) != "own":
                return False
            if what is signal.SIGKILL and os.getpgid(noted.pid) == noted.pid:
                os.killpg(noted.pid, what)
            elif handle is not None:
                signal.pidfd_send_signal(handle, what)
            else:
                os.kill(noted.pid, what)
    except (ProcessLookupError, OverflowError):
        return False
    return True


@contextlib.contextmanager
def _held(pid: int) -> Iterator[int | None]:
    """A pidfd of a process, None where there are none. Raises ProcessLookupError, OverflowError if it can't be one."""
    handle = None
    if sys.platform == "linux":
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            raise
        except OSError:  # a kernel, or a sandbox, that doesn't have them
            pass
    try:
        yield handle
    finally:
        if handle is not None:
            os.close(handle)


def _standing(noted: ProcessFile, folder: Path) -> Standing:
    """How the noted process stands to the run; one of our own that has ended is reaped."""
    now = standing(noted, folder)
    ours = _CHILDREN.get(noted.pid)
    if ours is None:
        return now
    if ours.process.poll() is not None:
        _CHILDREN.pop(noted.pid, None)
        return "gone"
    # One that is just ending shows nothing of itself any more; it is reaped at the next look. A zombie whose threads
    # are still ending can't be reaped yet, and does nothing any more.
    ending = now == "gone" and ours.place == _place(folder) and not has_ended(noted)
    return "own" if ending else now


def _place(folder: Path) -> tuple[int, int] | None:
    """Which folder on the disk it is; None if there is none."""
    try:
        info = folder.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _held_back(names: Sequence[str]) -> str:
    """The log's first line, where there is something to say."""
    held = ", ".join(show_line(name, 60) for name in names)
    return f"not handed to this run: {held} ([training] environment in molting.toml names what it needs of them)\n"


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
