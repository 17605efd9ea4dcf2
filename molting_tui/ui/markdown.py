"""Markdown as assistants write it, told line by line: which lines are headings, items, quotes, tables, code, and which
words of a line are bold.

Not a library: markdown-it-py, which Textual brings along, reads a text whole (8 ms a kB, so 17 s for 2 MB) and doesn't
tell at which characters a bold word stands. Here a block is read when it is asked for, and everything is told as places
in the raw text. Left out on purpose: emphasis over more than one line, code by indentation alone, headings underlined
with `===`, HTML, links.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from molting_tui.ui.raw_lines import LineEnds

MOST_ROWS = 200
"""Rows that are aligned as one table; what follows is text."""
_LONG = 4_000
"""Characters above which a line is data, not prose: it is neither a table's row, nor are words of it emphasised."""

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([^\s`]*)[^`\n]*\Z", re.DOTALL)
_BEGINS_FENCE = re.compile(r"(?:^|[\u2028\u2029])[ \t]*(?=```|~~~)", re.MULTILINE)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?=\S)")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?=\S)(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*|─{3,}[ \t]*)\r?\Z")
_UNDER_HEAD = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t\r]*\Z")
_INDENT = re.compile(r"[ \t]*")
_RUN = re.compile(r"`+|\*+|_+")

LineKind = Literal["text", "heading", "item", "quote", "rule"]
Weight = Literal["sign", "bold", "em", "code"]


class TextLine(NamedTuple):
    """A line of prose from `start` to `end`. Its first `lead` characters are its indentation and its sign (`## `,
    `- `, `> `): what doesn't fit goes on below the character after them."""

    start: int
    end: int
    kind: LineKind
    lead: int


class Code(NamedTuple):
    """Code between fences: the places of the opening line, of what lies between (where there is no line, it ends before
    it starts), and of the closing line (empty, at the text's end, where there is none). `language` is as written."""

    opening: tuple[int, int]
    body: tuple[int, int]
    closing: tuple[int, int]
    language: str


class Table(NamedTuple):
    """A table: the places of its rows; the second one parts the head from the rest."""

    rows: tuple[tuple[int, int], ...]


Block = TextLine | Code | Table


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text in their order, each read when it is asked for. No character of the text but the line ends
    lies outside of them."""
    ends = LineEnds(text)
    start = 0
    while start <= len(text):
        end = ends.after(start)
        block: Block
        if code := _code(text, start, end):
            block, end = code, code.closing[1]
        elif table := _table(text, start, end, ends):
            block, end = table, table.rows[-1][1]
        else:
            block = _text_line(text, start, end)
        yield block
        start = end + 1


def code_blocks(text: str) -> Iterator[Code]:
    """The code between fences, without a look at the lines that begin none; what looks like it in a table too."""
    ends, start = LineEnds(text), 0
    while begin := _BEGINS_FENCE.search(text, start):
        left = begin.start() + (text[begin.start()] in "\u2028\u2029")
        end = ends.after(left)
        code = _code(text, left, end)
        if code:
            yield code
            end = code.closing[1]
        start = end + (text[end : end + 1] == "\n")


def weights(text: str, start: int, end: int) -> Iterator[tuple[int, int, Weight]]:
    """The parts of a line that are bold, emphasised or code, and the signs that make them so, as places in the text.

    A part comes before what lies within it. Goes once over the line, whatever it holds.
    """
    if end - start > _LONG:
        return
    runs = [(run.start(), run.end()) for run in _RUN.finditer(text, start, end)]
    if len(runs) < 2:
        return
    parts: list[tuple[int, int, Weight]] = []
    waiting: dict[str, list[tuple[int, int]]] = {}  # runs that may open something, by what they are made of
    ticks = _ticks(text, runs)
    code_end = 0
    for left, right in runs:
        if left < code_end or _escaped(text, start, left):
            continue
        sign = text[left:right]
        if sign[0] == "`":
            closing = next((run for run in ticks.get(right - left, ()) if run[0] >= right), None)
            if closing:
                code_end = closing[1]
                ticks[right - left] = [run for run in ticks[right - left] if run[0] >= code_end]
                parts.append((left, code_end, "code"))
        elif right - left <= 3:
            opens, closes = _flanks(text, start, end, left, right)
            if closes and waiting.get(sign):
                opening = waiting[sign].pop()
                for others in waiting.values():  # nothing crosses: what opened within stays unclosed
                    while others and others[-1][0] > opening[0]:
                        others.pop()
                parts += _emphasis(opening, (left, right))
            elif opens:
                waiting.setdefault(sign, []).append((left, right))
    yield from sorted(parts, key=lambda part: (part[0], -part[1]))


def cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The cells of a table's row, each with the bar that ends it, if one does; their borders as places in the text."""
    parts, left = [], start
    for at in range(start, end):
        if text[at] == "|" and not _escaped(text, start, at):
            parts.append((left, at + 1))
            left = at + 1
    if left < end or not parts:
        parts.append((left, end))
    return parts


def _text_line(text: str, start: int, end: int) -> TextLine:
    within = min(end, start + _LONG)
    if _RULE.match(text, start, within) and within == end:
        return TextLine(start, end, "rule", 0)
    patterns: tuple[tuple[LineKind, re.Pattern[str]], ...] = (
        ("heading", _HEADING),
        ("item", _ITEM),
        ("quote", _QUOTE),
        ("text", _INDENT),
    )
    for kind, pattern in patterns:
        if sign := pattern.match(text, start, within):
            return TextLine(start, end, kind, sign.end() - start)
    return TextLine(start, end, "text", 0)


def _code(text: str, start: int, end: int) -> Code | None:
    fence = _FENCE.match(text, start, end) if end - start < _LONG else None
    if fence is None:
        return None
    if end >= len(text):
        return Code((start, end), (end + 1, end), (end, end), fence[2])
    closing = _closing(text, end + 1, fence[1])
    body_end = closing[0] - 1 if closing[0] < closing[1] else len(text)
    return Code((start, end), (end + 1, body_end), closing, fence[2])


def _closing(text: str, start: int, fence: str) -> tuple[int, int]:
    """The line that ends code: nothing but at least as many of the fence's signs. The text's end where there is none.

    Only a fence at the beginning of a line counts, so each line is looked at once.
    """
    at = text.find(fence, start)
    while at >= 0:
        left = text.rfind("\n", start, at) + 1 or start
        right = text.find("\n", at)
        right = len(text) if right < 0 else right
        alone = right - at < _LONG and not text[left:at].strip(" \t")
        if alone and not text[at:right].strip(" \t\r").strip(fence[0]):
            return left, right
        at = text.find(fence, right)
    return len(text), len(text)


def _table(text: str, start: int, end: int, ends: LineEnds) -> Table | None:
    if end >= len(text) or end - start > _LONG or "|" not in text[start:end]:
        return None
    below = ends.after(end + 1)
    if "|" not in text[end + 1 : min(below, end + 1 + _LONG)] or not _UNDER_HEAD.match(text, end + 1, below):
        return None
    rows = [(start, end), (end + 1, below)]
    while below < len(text) and len(rows) < MOST_ROWS:
        left, below = below + 1, ends.after(below + 1)
        if below - left > _LONG or "|" not in text[left:below]:
            break
        rows.append((left, below))
    return Table(tuple(rows))


def _ticks(text: str, runs: list[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    ticks: dict[int, list[tuple[int, int]]] = {}
    for left, right in runs:
        if text[left] == "`":
            ticks.setdefault(right - left, []).append((left, right))
    return ticks


def _emphasis(opening: tuple[int, int], closing: tuple[int, int]) -> list[tuple[int, int, Weight]]:
    parts: list[tuple[int, int, Weight]] = [(*opening, "sign"), (*closing, "sign")]
    length = opening[1] - opening[0]
    if length > 1:
        parts.append((opening[0], closing[1], "bold"))
    if length != 2:
        parts.append((opening[0], closing[1], "em"))
    return parts


def _escaped(text: str, start: int, at: int) -> bool:
    back = at
    while back > start and text[back - 1] == "\\":
        back -= 1
    return (at - back) % 2 == 1


def _flanks(text: str, start: int, end: int, left: int, right: int) -> tuple[bool, bool]:
    """Whether a run of `*` or `_` may open emphasis, and whether it may close it (CommonMark 0.31, 6.2)."""
    before = text[left - 1] if left > start else " "
    after = text[right] if right < end else " "
    opens = not after.isspace() and (not _punctuation(after) or before.isspace() or _punctuation(before))
    closes = not before.isspace() and (not _punctuation(before) or after.isspace() or _punctuation(after))
    if text[left] == "_":
        return opens and (not closes or _punctuation(before)), closes and (not opens or _punctuation(after))
    return opens, closes


def _punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
