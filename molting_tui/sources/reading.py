"""One file into turns: tell by its content what it is, and read it so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from molting_tui.errors import mistake_words
from molting_tui.records.turns import FileRead
from molting_tui.regular_files import open_regular
from molting_tui.sources.chats.files import ChatReader, read_chat_lines, take_array
from molting_tui.sources.claude.log import read_session
from molting_tui.sources.kinds import CHATS, Kind, kind_of, reader_of
from molting_tui.sources.lines import (
    MAX_LINE,
    UNREADABLE_JSON,
    CutLine,
    OnBytes,
    ReadFailed,
    decoded,
    ignore_bytes,
    outline,
    salvage,
    single_lines,
    without_bom,
)
from molting_tui.sources.tally import Tally

MAX_WHOLE = 512 * 1024 * 1024
"""Largest file, in bytes, that is read as one JSON value (lines may be of any number)."""

_SAMPLE = 1 << 20
_SHORT = 1 << 16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_READ = {
    "codex-log": "a Codex log, not read by this version.",
    "gemini-log": "a Gemini session, not read by this version.",
}
_NO_SESSION = "neither a Claude Code session nor a ShareGPT, Alpaca or messages file."


def read(path: Path, on_bytes: OnBytes = ignore_bytes) -> FileRead:
    """Read one file.

    Content is never a reason to raise: what can't be taken is counted in `left_out`, and a file
    that can't be opened or read is `unreadable`; so is one that a reader of ours fails at, since it
    mustn't cost the files after it. `on_bytes(n)` hears of the bytes done since the last call, about
    every 1 MB and at the end (the sum is the file's size); what it raises (`errors.Cancelled`)
    passes through.
    """
    progress = _Progress(on_bytes)
    try:
        size, file = _opened(path)
    except OSError as error:
        return _nothing(path, "unreadable", f"can't be read: {error.strerror or error}.")
    with file:
        try:
            result = _read(path, file, size, progress)
        except ReadFailed as error:
            result = _nothing(path, "unreadable", f"can't be read to its end: {error}.")
        except Exception as error:
            if error is progress.error:
                raise
            result = _nothing(path, "unreadable", f"molting's reader fails at it: {mistake_words(error)}.")
    progress.finish(size)
    return result


class _Progress:
    """Hands the bytes on; `error` is what the one who heard of them raised."""

    def __init__(self, on_bytes: OnBytes) -> None:
        self._on_bytes = on_bytes
        self._done = 0
        self.error: Exception | None = None

    def __call__(self, count: int) -> None:
        self._done += count
        try:
            self._on_bytes(count)
        except Exception as error:
            self.error = error
            raise

    def finish(self, size: int) -> None:
        """Report what wasn't read because the file was left out."""
        if self._done < size:
            self(size - self._done)


def _opened(path: Path) -> tuple[int, BinaryIO]:
    file = open_regular(path, buffering=1 << 18)
    return os.fstat(file.fileno()).st_size, file


def _read(path: Path, file: BinaryIO, size: int, on_bytes: OnBytes) -> FileRead:
    if not size:  # nothing is read of what says that it is empty: some files of the system never end
        return _nothing(path, "empty-file", "")
    start = _start(file)
    _rewind(file)
    kind = start.kind
    if start.blank and size <= _SAMPLE:
        return _nothing(path, "empty-file", "")
    if start.utf16:
        return _nothing(path, "not-a-session", "looks like UTF-16 text; save it as UTF-8.")
    if kind is None:
        return _read_whole(path, file, size, start)
    if kind in _NOT_READ:
        return _nothing(path, kind, _NOT_READ[kind], kind)
    return read_chat_lines(path, file, on_bytes) if kind in CHATS else read_session(path, file, on_bytes)


class _Start(NamedTuple):
    """What the first lines of a file tell: its kind if they do, whether they are blank, whether the first that isn't
    begins an array or is too long to be read."""

    kind: Kind | None
    blank: bool
    utf16: bool
    array: bool
    cut: bool


def _start(file: BinaryIO) -> _Start:
    lines = list(_first_lines(file))
    first = next((line for line in lines if without_bom(line).strip()), b"")
    array = without_bom(first).lstrip().startswith(b"[")
    kind = _kind_of_line(lines[-1]) if lines else None
    # A JSON array of conversations may have each on a line of its own. Records of a log are never in one.
    in_array = array and kind in CHATS and not _is_short_value(first)
    return _Start(
        None if in_array else kind, not first, _is_utf16(b"".join(lines[:1])), array, isinstance(first, CutLine)
    )


def _first_lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines from the start: the first, and when it doesn't tell what the file is, more of them, about 1 MB."""
    size_read = 0
    for line in single_lines(file):
        yield line
        size_read += len(line) + 1
        if size_read >= _SAMPLE or _kind_of_line(line):
            return


def _is_utf16(head: bytes) -> bool:
    # JSON starts with ASCII characters, so without a mark every other byte of the first ones is zero.
    return head.startswith(_UTF16) or [not byte for byte in head[:4]] in ([True, False] * 2, [False, True] * 2)


def _rewind(file: BinaryIO) -> None:
    try:
        file.seek(0)
    except OSError as error:
        raise ReadFailed(str(error)) from error


def _kind_of_line(line: bytes) -> Kind | None:
    if not line.strip() or isinstance(line, CutLine):
        return None
    if len(line) > _SHORT:
        # A record is an object. Long lines aren't decoded to see that they are none.
        if line.lstrip().startswith(b"["):
            return None
        if fields := outline(without_bom(line)):
            return kind_of(fields)
    return next((kind for value in salvage(line).objects if (kind := kind_of(value))), None)


def _is_short_value(line: bytes) -> bool:
    """Whether a line that starts an array also ends it: then it is one line of many, not a JSON file."""
    try:
        return len(line) <= _SHORT and decoded(line) is not None
    except UNREADABLE_JSON:
        return False


def _read_whole(path: Path, file: BinaryIO, size: int, start: _Start) -> FileRead:
    """Read a file that may be one JSON value. One that is no session is counted; raises ReadFailed."""
    if size > MAX_LINE and not start.array:
        too_long = _nothing(path, "long-line", f"a line above {MAX_LINE >> 20} MB.")
        return too_long if start.cut else _nothing(path, "not-a-session", _NO_SESSION)
    if size > MAX_WHOLE:
        limit = f"{MAX_WHOLE >> 20} MB"
        return _nothing(path, "not-a-session", f"a single JSON value above {limit}; save it with one item a line.")
    try:
        data = without_bom(file.read(size))
    except OSError as error:
        raise ReadFailed(str(error)) from error
    if data.lstrip()[:1] == b"[":
        return _read_array(path, data)
    try:
        value = decoded(data)
    except UNREADABLE_JSON:
        return _nothing(path, "not-a-session", _NO_SESSION)
    kind = kind_of(value)
    if kind in _NOT_READ:
        return _nothing(path, kind, _NOT_READ[kind], kind)
    if kind not in CHATS:
        return _nothing(path, "not-a-session", _NO_SESSION)
    reader = ChatReader(path)
    reader.take(value, 1)
    return reader.result()


def _read_array(path: Path, data: bytes) -> FileRead:
    reader = ChatReader(path)
    take_array(reader, data)
    if not reader.recognised:
        return _nothing(path, "not-a-session", _NO_SESSION)
    return reader.result()


def _nothing(path: Path, reason: str, why: str, kind: Kind | None = None) -> FileRead:
    tally = Tally(path)
    tally.add(reason, excerpt=why)
    return FileRead((), 0, 0, tally.rows(), reader_of(kind))
