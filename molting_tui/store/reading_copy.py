"""A private copy of a database that can't be written, to read it from.

SQLite writes beside every database of ours, even to read it. Telling it not to (`immutable=1`) would leave out what
stands in the log only, which is all that was said since the last checkpoint. So database and log are copied into a
folder of their own, which only this user can look into, and which is removed when the copy is closed. What a killed
molting has left of its own copies is removed when the next one is made.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from molting_tui.errors import MoltingError
from molting_tui.regular_files import open_regular
from molting_tui.store.connection import beside, writable

PREFIX = "molting-reading-"
_LOCK = "lock"
_TRIES = 50
_WAIT_SECONDS = 0.02
_YOUNG_SECONDS = 60.0
_LOG_HEADER = 32
"""Bytes at the start of a log, which are others once it was moved into the database and begun anew."""


class ReadingCopy:
    """A copy of the database `original` and its log in `path`, as they were at one moment (`taken`, seconds since the
    epoch)."""

    def __init__(self, original: Path) -> None:
        """Make the copy. Raises MoltingError where the original can't be read, or there is no room for a copy."""
        self.original = original
        try:
            _sweep(Path(tempfile.gettempdir()))
            self._folder = tempfile.TemporaryDirectory(prefix=PREFIX)
            folder = Path(self._folder.name)
            self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with contextlib.suppress(OSError):  # where there are no locks, nothing is ever swept either
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.path = folder / original.name
            self.taken = _copy_at_rest(original, self.path)
        except OSError as error:
            raise _sentence(error, original) from error

    def close(self) -> None:
        """Remove the copy."""
        self._folder.cleanup()
        with contextlib.suppress(OSError):
            os.close(self._lock)


@contextlib.contextmanager
def readable(database: Path) -> Iterator[Path]:
    """The database to read: itself, or a copy for that time where it can't be written. Raises as ReadingCopy does."""
    if not database.exists() or writable(database):
        yield database.absolute()
        return
    copy = ReadingCopy(database)
    try:
        yield copy.path
    finally:
        copy.close()


def _copy_at_rest(original: Path, copy: Path) -> float:
    """Copy database and log so that they belong together; returns when. Raises OSError, MoltingError.

    A writer only adds to the log, and a log cut anywhere is whole up to its last commit. Only where the log is moved
    into the database meanwhile would the two copies be of different times: then they are made again.
    """
    log, copied_log = (beside(path, "-wal") for path in (original, copy))
    for _ in range(_TRIES):
        taken = time.time()
        before = (_stamp(original), _head(log))
        _copy(original, copy)
        copied_log.unlink(missing_ok=True)
        if before[1]:
            _copy(log, copied_log)
        if (_stamp(original), _head(log)) == before:
            return taken
        time.sleep(_WAIT_SECONDS)
    raise MoltingError("somebody writes to it all the time.", where=str(original), fix="Try again.")


def _stamp(file: Path) -> tuple[int, ...]:
    info = os.stat(file)
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns


def _head(log: Path) -> bytes:
    """The start of a log; empty where there is none, or nothing in it."""
    try:
        with open_regular(log) as file:
            return file.read(_LOG_HEADER)
    except FileNotFoundError:
        return b""


def _copy(source: Path, target: Path) -> None:
    private = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open_regular(source) as file, os.fdopen(private, "wb") as copy:
        shutil.copyfileobj(file, copy, 1 << 20)


def _sweep(folder: Path) -> None:
    """Remove the copies that killed moltings of this user have left: those that nobody holds the lock of."""
    for left in folder.glob(f"{PREFIX}*"):
        try:
            lock = os.open(left / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # another user's, none of ours, or one that is being made
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            info = os.lstat(left)
            young = time.time() - info.st_mtime < _YOUNG_SECONDS  # its maker may be about to take the lock
            if stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and not young:
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            pass
        finally:
            os.close(lock)


def _sentence(error: OSError, original: Path) -> MoltingError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MoltingError(
            "it can't be written, and there is no room for a copy to read it from.",
            where=str(original),
            fix="Free some space, or set TMPDIR to a folder that has some.",
        )
    return MoltingError(f"can't be read: {error.strerror or error}.", where=str(original), fix="See `molting doctor`.")
