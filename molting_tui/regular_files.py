"""Opening files that somebody else names or left: a pipe, a device or a socket is refused, and never waited for."""

from __future__ import annotations

import errno
import io
import os
import stat

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def open_regular(path: str | os.PathLike[str], buffering: int = io.DEFAULT_BUFFER_SIZE) -> io.BufferedReader:
    """Open a regular file (or a link to one) for reading, without ever waiting for a writer.

    Raises OSError as `open` does, and for anything that isn't a regular file; its `strerror` says what it is.
    """
    # Looked at before it is opened: opening alone can set a device to work. And again once it is open: the name may
    # have been given to something else in between.
    _refuse_special(os.stat(path).st_mode, path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _refuse_special(os.fstat(descriptor).st_mode, path)
        return io.BufferedReader(io.FileIO(descriptor), buffering)
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: str | os.PathLike[str], most: int | None = None) -> bytes:
    """All bytes of a regular file. Raises OSError as `open_regular` does, and for a file of more than `most` bytes."""
    with open_regular(path) as file:
        too_large = most is not None and os.fstat(file.fileno()).st_size > most
        data = b"" if too_large else file.read() if most is None else file.read(most + 1)
    if most is not None and (too_large or len(data) > most):
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
    return data


def _refuse_special(mode: int, path: str | os.PathLike[str]) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something special")
    raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))
