"""Bytes into lines and JSON values, whatever state they are in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, TypeVar

import msgspec

BATCH = 1 << 20
"""Bytes between two reports of progress."""

MAX_LINE = 64 << 20
"""The longest line, in bytes, that is read: what is longer is the output of a tool, and takes several times its size to
decode."""

MAX_SALVAGE = 16 << 20
"""The longest line, in bytes, that is searched for what can still be read of it when it is damaged."""

CUT_AT = 1000
"""How many bytes are kept of a line that is too long."""

BOM = b"\xef\xbb\xbf"

_Bytes = TypeVar("_Bytes", bytes, list[bytes])
OnBytes = Callable[[int], None]
"""Takes the bytes read since the last call; may raise `errors.Cancelled`."""

UNREADABLE_JSON = (msgspec.DecodeError, ValueError, RecursionError)
"""What a decoder raises for a damaged text: bad syntax, bad UTF-8 (a ValueError), nesting too deep."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_LONE_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
_SPACE = re.compile(r"[ \t\r\n]*")
# A record that was begun after a torn one, on the same line. Only this spelling is looked for:
# nested objects never start with a parentUuid, so what is found is a record and not a part of one.
# Each search starts the decoder again, so their number is bounded.
_MAX_TEARS = 20
_NEXT_RECORD = re.compile(r'\{"parentUuid":')
_scan = json.JSONDecoder().raw_decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


class ReadFailed(Exception):
    """The operating system refused to go on reading. Kept apart from an OSError that a progress report raises."""


def ignore_bytes(_: int) -> None:
    """A progress report that nobody watches."""


def batches(file: BinaryIO, on_bytes: OnBytes) -> Iterator[list[bytes]]:
    """Lists of whole lines, of about 1 MB; `on_bytes` hears of each once it has been worked through.

    A line longer than MAX_LINE is a CutLine, the rest of which is passed over; no other line is cut. What is written
    to the file meanwhile isn't waited for. Raises ReadFailed.
    """
    size = left = os.fstat(file.fileno()).st_size
    if size <= MAX_LINE:  # no line is longer than its file, and this is the fastest way
        while left > 0 and (whole_lines := _read(file.readlines)):
            yield whole_lines
            count = sum(map(len, whole_lines))
            on_bytes(count)
            left -= count
        return
    begun = _BegunLine()
    while left > 0 and (block := _read(file.read)):
        lines = block.split(b"\n")
        if len(lines) > 1:
            lines[0] = begun.end(lines[0])
        begun.add(lines.pop())
        yield lines
        on_bytes(len(block))
        left -= len(block)
    if last := begun.end(b""):
        yield [last]


def single_lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines one by one, as `batches` has them, from a file that is left after a few."""
    begun = _BegunLine()
    while part := _read(file.readline):
        if part.endswith(b"\n"):
            yield begun.end(part[:-1])
        else:
            begun.add(part)
    if last := begun.end(b""):
        yield last


class CutLine(bytes):
    """The start of a line that is too long to be read, and a sign that it was cut: never a JSON value."""


class _BegunLine:
    """A line whose end hasn't been read yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        """Add what was read of it; nothing more is kept of a line once it is too long."""
        self._size += len(part)
        if self._size > MAX_LINE and self._parts:
            part = b""
        if part:
            self._parts.append(part)

    def end(self, part: bytes) -> bytes:
        """The whole line, its last part added; the next one begins."""
        self.add(part)
        parts, size, self._parts, self._size = self._parts, self._size, [], 0
        if size > MAX_LINE:
            return CutLine(parts[0][:CUT_AT] + "…".encode())
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _read(read: Callable[[int], _Bytes]) -> _Bytes:
    try:
        return read(BATCH)
    except OSError as error:
        raise ReadFailed(str(error)) from error


def without_bom(data: bytes) -> bytes:
    """The bytes without a UTF-8 byte order mark in front."""
    return data.removeprefix(BOM)


def clean(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD, so that it can be stored as UTF-8."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def decoded(data: bytes) -> object:
    """The JSON value in `data`. Raises one of UNREADABLE_JSON when there is none.

    Texts may hold lone surrogates where the data did: pass what is kept through `clean`.
    """
    try:
        return msgspec.json.decode(data)
    except UNREADABLE_JSON:
        return json.loads(without_bom(data).decode("utf-8", "replace"))


def outline(data: bytes) -> dict[str, object] | None:
    """The JSON object in `data` without its long texts and without what lies deep in it; None when there is none.

    It is enough to tell what kind of record it is, and takes little more memory than the bytes.
    """
    try:
        fields = _decode_fields(data)
        return {name: _outline(raw) for name, raw in fields.items()}
    except UNREADABLE_JSON:
        return None


def _outline(raw: msgspec.Raw) -> object:
    """A field's value: a list with the names of its objects' fields, an empty object, a text if it is short."""
    with memoryview(raw) as view:
        start, size = bytes(view[:1]), len(view)
    if start == b"[":
        return [_decode_fields(item) if bytes(memoryview(item)[:1]) == b"{" else None for item in _decode_items(raw)]
    if start == b"{":
        return {}
    return msgspec.json.decode(raw) if size < CUT_AT else ""


class Salvage(NamedTuple):
    """What a line that isn't one plain JSON object still held.

    `objects` in their order; `lossy` tells whether it took more than a tolerant decoder to get them
    (several values on a line, bytes replaced); `damaged` whether a part of the line is lost.
    """

    objects: list[dict[str, object]]
    lossy: bool
    damaged: bool


def salvage(line: bytes) -> Salvage:
    """Take from a damaged line all objects that can still be read. Never raises for bad content."""
    if len(line) > MAX_SALVAGE:
        return Salvage([], lossy=True, damaged=True)
    text = without_bom(line).decode("utf-8", "replace")
    objects: list[dict[str, object]] = []
    damaged = False
    values = 0
    tears = 0
    at = _skip(text, 0)
    while at < len(text):
        try:
            value, at = _scan(text, at)
        except (ValueError, RecursionError):
            damaged = True
            tears += 1
            later = _NEXT_RECORD.search(text, at + 1) if tears <= _MAX_TEARS else None
            if later is None:
                break
            at = later.start()
            continue
        values += 1
        if isinstance(value, dict):
            objects.append(value)
        else:
            damaged = True
        at = _skip(text, at)
    return Salvage(objects, values > 1 or damaged or _has_loss(line, text), damaged)


def _skip(text: str, at: int) -> int:
    spaces = _SPACE.match(text, at)
    return spaces.end() if spaces else at


def _has_loss(line: bytes, text: str) -> bool:
    # An escaped lone surrogate is plain ASCII in the line; `clean` replaces it when the text is taken.
    return text.encode("utf-8", "replace") != without_bom(line) or _LONE_ESCAPE.search(text) is not None
