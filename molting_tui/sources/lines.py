"""Bytes into lines and JSON values, whatever state they are in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

import msgspec

BATCH = 1 << 20
"""Bytes between two reports of progress."""

BOM = b"\xef\xbb\xbf"

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


class ReadFailed(Exception):
    """The operating system refused to go on reading. Kept apart from an OSError that a progress report raises."""


def ignore_bytes(_: int) -> None:
    """A progress report that nobody watches."""


def batches(file: BinaryIO, on_bytes: OnBytes) -> Iterator[list[bytes]]:
    """Lists of whole lines of about 1 MB; `on_bytes` hears of each list once it has been worked through.

    A line is never cut, however long. Raises ReadFailed.
    """
    while True:
        try:
            lines = file.readlines(BATCH)
        except OSError as error:
            raise ReadFailed(str(error)) from error
        if not lines:
            return
        yield lines
        on_bytes(sum(map(len, lines)))


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
