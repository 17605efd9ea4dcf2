"""Files that appear whole or not at all, and rows written into them one by one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from molting_tui.datasets.export.formats import Format, Row
from molting_tui.errors import BadInput, MoltingError
from molting_tui.text import as_text

_PREFIX, _SUFFIX = ".molting-export-", ".part"
_OURS = re.compile(re.escape(_PREFIX) + r"[a-z0-9_]{8}" + re.escape(_SUFFIX))
_UNTOUCHED = "What was there before is untouched."
# JSON lets these stand in a text, but much software takes them for the end of a line, and JSONL for the end of a row.
_LINE_ENDS = tuple((sign.encode(), f"\\u{ord(sign):04x}".encode()) for sign in "\u0085\u2028\u2029")
_JSON = msgspec.json.Encoder()


class Part:
    """A file under way: written beside its target, on disk before it takes the target's name.

    A context: leaving it without `take_place` removes the part and leaves the target as it was. Every failure of
    the disk comes out as a MoltingError. `size` (bytes) and `digest` (SHA-256, hex) are of what was written so far.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.size = 0
        self.closed = False
        self._hash = hashlib.sha256()
        with _sentences(target):
            self._descriptor, self._path = _locked_part(target.parent)
            self._file = os.fdopen(self._descriptor, "wb", buffering=1 << 20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # Removed before it is closed: closing gives up the lock, and then a sweep might take it first.
        if self._path is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
        with contextlib.suppress(OSError):
            self._file.close()
        self.closed = True

    @property
    def digest(self) -> str:
        """SHA-256 of what was written, hex."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Append bytes; returns how many."""
        if self.closed:
            return len(data)  # Parquet's writer says its last words when it is collected: they go nowhere
        with _sentences(self.target):
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        """The place of the next byte; with `flush` and `closed`, what Parquet's writer asks of a file."""
        return self.size

    def flush(self) -> None:
        """Nothing: `finish` brings it all to the disk."""

    def finish(self) -> None:
        """Bring everything to the disk."""
        with _sentences(self.target):
            self._file.flush()
            os.fsync(self._descriptor)

    def take_place(self) -> None:
        """Take the target's name, in one step; call `finish` first."""
        with _sentences(self.target):
            os.replace(self._path or "", self.target)
        self._path = None


class Rows(Protocol):
    """A file that takes rows."""

    def add(self, row: Row) -> None:
        """Write one row."""

    def end(self) -> None:
        """Write what must stand after the last row."""


class Nowhere:
    """Takes rows for who only counts them."""

    def add(self, row: Row) -> None:
        """Nothing is written."""

    def end(self) -> None:
        """Nothing is written."""


def rows_into(part: Part, kind: Format) -> Rows:
    """Where to put the rows of an export: one JSON value a line in `.jsonl`, else a JSON array, or Parquet."""
    if kind == "parquet":
        return _Parquet(part)
    return _Lines(part) if part.target.suffix.lower() == ".jsonl" else _Array(part)


def encoded(row: Row) -> bytes:
    """A row as JSON on one line, whatever a reader takes for the end of a line: UTF-8, nothing else escaped in vain."""
    data = _JSON.encode(row)
    for sign, escape in _LINE_ENDS:
        data = data.replace(sign, escape)
    return data


class _Lines:
    def __init__(self, part: Part) -> None:
        self._part = part

    def add(self, row: Row) -> None:
        self._part.write(encoded(row) + b"\n")

    def end(self) -> None:
        pass


class _Array:
    def __init__(self, part: Part) -> None:
        self._part = part
        self._before = b"[\n"

    def add(self, row: Row) -> None:
        self._part.write(self._before + encoded(row))
        self._before = b",\n"

    def end(self) -> None:
        self._part.write(b"\n]\n")


class _Parquet:
    """Row groups of at most 1,000 rows or about 8 million characters, so that memory doesn't grow with the file."""

    ROWS, CHARACTERS = 1_000, 8_000_000

    def __init__(self, part: Part) -> None:
        self._arrow, parquet = arrow()
        text = self._arrow.string()
        message = self._arrow.struct([("role", text), ("content", text)])
        self._schema = self._arrow.schema([("messages", self._arrow.list_(message))])
        self._writer = parquet.ParquetWriter(self._arrow.PythonFile(part, mode="w"), self._schema)
        self._rows: list[Row] = []
        self._characters = 0

    def add(self, row: Row) -> None:
        self._rows.append(row)
        self._characters += sum(len(message["content"]) for message in row["messages"])
        if len(self._rows) >= self.ROWS or self._characters >= self.CHARACTERS:
            self._write()

    def end(self) -> None:
        if self._rows:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []
        self._characters = 0


def arrow() -> tuple[Any, Any]:
    """pyarrow and its Parquet module. Raises BadInput with the command that installs them."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise BadInput(
            "a Parquet file needs pyarrow, which isn't installed.", fix="Install it: pip install 'molting[parquet]'"
        ) from error
    return pyarrow, parquet


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep(folder: Path) -> int:
    """Remove the parts that killed exports left in a folder; returns how many.

    A part is removed only if it has our name, is a file of our own, and nobody holds its lock: the part of an
    export that still runs stays.
    """
    with contextlib.suppress(OSError):
        names = [name for name in os.listdir(folder) if _OURS.fullmatch(name)]
        return sum(_swept(folder / name) for name in names)
    return 0


def _swept(path: Path) -> bool:
    """Whether the part was removed. False for what isn't a file of our own, is locked, or can't be opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _locked_part(folder: Path) -> tuple[int, str | None]:
    while True:
        descriptor, path = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=folder)
        # Where the file system has no locks, nothing is ever swept either.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.exists(path):
            return descriptor, path
        os.close(descriptor)  # another export swept it between its making and its lock


@contextlib.contextmanager
def _sentences(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk_error(error, target) from error


def disk_error(error: OSError, target: Path) -> MoltingError:
    """What a person can do about a failure of the disk at `target`."""
    where = as_text(target)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MoltingError(
            f"there is no space left on the disk. {_UNTOUCHED}", where=where, fix="Free some space and do it again."
        )
    if error.errno == errno.EFBIG:
        return MoltingError(
            f"the file would be larger than this session may write. {_UNTOUCHED}",
            where=where,
            fix="Raise the limit (`ulimit -f`), or choose fewer pairs with --where.",
        )
    what = f"can't be written: {error.strerror or error}. {_UNTOUCHED}"
    return BadInput(what, where=where, fix="Choose a place that you can write.")
