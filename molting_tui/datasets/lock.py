"""Being the only one who makes something in a folder."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from molting_tui.errors import MoltingError


@contextmanager
def sole(lock: Path, busy: MoltingError) -> Iterator[bool]:
    """Hold the lock of this file (made if it is missing, private); it goes with whoever holds it, however they end.

    Yields false where the file system has no locks to be sure of it. Raises `busy` if somebody else holds it, OSError
    if the file can't be opened.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise busy from None
            alone = False
        yield alone
    finally:
        os.close(descriptor)
