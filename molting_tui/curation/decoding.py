"""What a text holds behind an encoding, and where each sign of it stands in the text itself.

A log shows its files as JSON strings, in URLs, in base64, with line numbers in front: a password stands there under
other signs. A `View` is such a stretch decoded; whatever is noticed in it is told by the places of the original, so
that flags and masks hit what a person sees.
"""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

ENCODED = (
    r"\\(?:[nrt\"'/&=]|u00|x[2-7])|%(?:25)*[2-7][0-9A-Fa-f]|&(?:quot|amp|apos|lt|gt|#)"
    r"|(?m:^[ \t]*(?:L?[0-9]{1,7}(?:→|\t|[:|]| \|)|[>+]))"
)
"""What a text must hold to be worth decoding sign by sign: a pattern both `re` and RE2 read alike."""
# Four signs of base64 that say three of ASCII: the first bit of each of these is 0, and few are controls.
_QUAD = "[CDI-Za-f][AC-HQS-Xgi-nwyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
BASE64 = f"(?:{_QUAD}){{5}}"
"""What a text must hold to be worth looking for base64 that says something readable."""
DEPTH = 2
"""How many encodings may lie one in another."""
_MOST = 50_000
"""Groups of four in one stretch of base64: more than a file of settings has."""

# What a log puts in front of a line: its number, `>`, `+`.
_FRONT = r"[ \t]*(?:L?[0-9]{1,7}(?:→|\t|[:|] ?| \| )|(?:> ?)+|\+)"
_FIRST_FRONT = re.compile(_FRONT)
# Every branch begins with one letter, so that `re` looks for these four alone. A run of backslashes that escapes
# nothing is passed over as one, or each of them would look at all that follow.
_SIGN = re.compile(
    rf"\n{_FRONT}"
    r"|\\\\*+(?:u00(?P<u>[0-7][0-9A-Fa-f])|x(?P<x>[2-7][0-9A-Fa-f])|(?P<white>[nrt])|(?P<sign>[\"'/&=])|(?P<nothing>))"
    r"|%(?:25)*(?P<percent>[2-7][0-9A-Fa-f]|0[9AaDd])"
    r"|&(?:(?P<name>quot|amp|apos|lt|gt)|#(?P<number>[0-9]{2,3})|#[xX](?P<hex>[0-9A-Fa-f]{2}));"
)
_HEX = ("u", "x", "percent", "hex")
_WHITE = {"n": "\n", "r": "\r", "t": "\t"}
_NAMED = {"quot": '"', "amp": "&", "apos": "'", "lt": "<", "gt": ">"}
# The signs may be wrapped, as `base64` and PEM do it; the last four may be two or three.
_STRETCH = re.compile(rf"(?:{_QUAD}(?:\r?\n(?={_QUAD}))?){{5,{_MOST}}}(?:[CDI-Za-f][AC-HQS-Xgi-nwyz0-3][A-Za-z0-9]?)?")
_LINE = re.compile(r"[^\r\n]+")
_TO_STANDARD = str.maketrans("-_", "+/")


class _Stretch(NamedTuple):
    """A part of a view, from `start`: signs that stand as they are in the original (`exact`), or ones that stand for
    all of `begin` to `end`."""

    start: int
    begin: int
    end: int
    exact: bool


class View(NamedTuple):
    """A decoded text, and the stretches of the original that it was made of."""

    text: str
    stretches: tuple[_Stretch, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original the signs from `start` to before `end` stand; a sign spelled by several takes all."""
        first, last = self._stretch(start), self._stretch(end - 1)
        return (
            first.begin + (start - first.start if first.exact else 0),
            last.begin + end - last.start if last.exact else last.end,
        )

    def _stretch(self, place: int) -> _Stretch:
        return self.stretches[bisect_right(self.stretches, place, key=lambda stretch: stretch.start) - 1]


class _Quads(NamedTuple):
    """What a stretch of base64 says: three signs of it stand in four of the original, each time."""

    text: str
    joined: View

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where the groups of four stand that hold the signs from `start` to before `end`."""
        last = min(-(-end // 3) * 4, len(self.joined.text))
        return self.joined.origin(start // 3 * 4, last)


Decoded = View | _Quads


def unescaped(text: str) -> Iterator[View]:
    """The text with its escapes taken back (JSON, URL, HTML) and without the line numbers and quotation marks in front
    of its lines; nothing where it has none."""
    parts: list[str] = []
    stretches: list[_Stretch] = []
    at = length = 0

    def add(part: str, begin: int, end: int, exact: bool) -> None:
        nonlocal length
        if part:
            parts.append(part)
            stretches.append(_Stretch(length, begin, end, exact))
            length += len(part)

    front = _FIRST_FRONT.match(text)
    at = front.end() if front else 0
    for match in _SIGN.finditer(text, at):
        if match.lastgroup == "nothing":
            continue
        add(text[at : match.start()], at, match.start(), True)
        at = match.end()
        add(_meaning(match), match.start(), at, False)
    add(text[at:], at, len(text), True)
    if at and length:
        yield View("".join(parts), tuple(stretches))


def from_base64(text: str) -> Iterator[_Quads]:
    """Every stretch of base64 (either alphabet, wrapped or not) that says ASCII, decoded."""
    for match in _STRETCH.finditer(text):
        lines = tuple(_LINE.finditer(text, *match.span()))
        joined = "".join(line.group() for line in lines)
        data = base64.b64decode(joined.translate(_TO_STANDARD) + "=" * (-len(joined) % 4))
        starts = accumulate((len(line.group()) for line in lines), initial=0)
        stretches = tuple(_Stretch(start, *line.span(), True) for start, line in zip(starts, lines, strict=False))
        yield _Quads(data.decode("ascii", "replace"), View(joined, stretches))


def _meaning(match: re.Match[str]) -> str:
    """The sign that an escape stands for; of a line end and what stands in front of the next line, the line end."""
    kind = match.lastgroup
    if kind is None:
        return "\n"
    value = match[kind]
    if kind in _HEX:
        sign = chr(int(value, 16))
    elif kind == "white":
        sign = _WHITE[value]
    elif kind == "name":
        sign = _NAMED[value]
    elif kind == "number":
        sign = chr(int(value))
    else:
        sign = value
    return sign
