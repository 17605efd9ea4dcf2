"""Long untrusted text as lines for the Line API: made safe, wrapped by cells, with spans marked, lazily."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.text import show
from molting_tui.ui.look import PLAIN

_LINE_ENDS = re.compile("[\n\u2028\u2029]")  # each of them is shown as a newline


class Span(NamedTuple):
    """A part of a raw text, in characters, and how it is marked. Later spans lie over earlier ones."""

    start: int
    end: int
    style: Style


def line(*parts: tuple[str, Style] | str) -> Strip:
    """One line of our own words and shown texts: strings, or strings with a style."""
    return Strip([Segment(part, PLAIN) if isinstance(part, str) else Segment(*part) for part in parts])


def fit(text: str, cells: int) -> str:
    """A shown text cut to at most this many cells, with an ellipsis where something was cut."""
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return text
    used, kept = 0, []
    for character in text:
        used += get_character_cell_size(character)
        if used > cells - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def paragraphs(
    text: str, width: int, *, indent: int = 0, spans: Sequence[Span] = (), base: Style = PLAIN
) -> Iterator[Strip]:
    """The lines of a raw text, wrapped to `width` cells and indented. Each line is made when it is asked for."""
    room = max(width - indent, 8)
    margin = Segment(" " * indent)
    start = 0
    for raw in _LINE_ENDS.split(text):
        end = start + len(raw)
        inside = [span for span in spans if span.start < end and span.end > start]
        shown = show(raw.removesuffix("\r"))
        marked = _shown_spans(raw, start, inside, len(shown)) if inside else []
        for left, right in wrap(shown, room):
            yield Strip([margin, *_segments(shown, left, right, marked, base)])
        start = end + 1


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where to break one paragraph into lines of at most `width` cells: at spaces where there are any.

    Yields the slices of the text; the spaces at a break belong to no slice. An empty text is one empty line.
    """
    if not text:
        yield 0, 0
        return
    narrow = text.isascii()
    start, length = 0, len(text)
    while start < length:
        limit = min(start + width, length) if narrow else _reach(text, start, width)
        end = limit
        if limit < length and text[limit] != " ":
            space = text.rfind(" ", start, limit)
            if space > start and text[start:space].strip():
                end = space
        yield start, end
        start = end
        while start < length and text[start] == " " and end < length:
            start += 1
    return


def _reach(text: str, start: int, width: int) -> int:
    used, at = 0, start
    while at < len(text):
        used += get_character_cell_size(text[at])
        if used > width:
            break
        at += 1
    return max(at, start + 1)


def _shown_spans(raw: str, start: int, spans: Sequence[Span], shown_length: int) -> list[Span]:
    """The spans of a raw paragraph as places in it as it is shown."""
    edges = sorted({min(max(edge - start, 0), len(raw)) for span in spans for edge in span[:2]})
    shown_at, before, length = {}, 0, 0
    for edge in edges:  # in one pass: a long line may hold thousands of spans
        length += len(show(raw[before:edge]))
        shown_at[edge + start] = length
        before = edge
    if length + len(show(raw[before:].removesuffix("\r"))) != shown_length:  # an edge is in a pile of marks
        shown_at = {edge + start: len(show(raw[:edge])) for edge in edges}
    low, high = start, start + len(raw)
    return [
        Span(shown_at[min(max(span.start, low), high)], shown_at[min(max(span.end, low), high)], span.style)
        for span in spans
    ]


def _segments(shown: str, left: int, right: int, spans: Sequence[Span], base: Style) -> list[Segment]:
    inside = [span for span in spans if span.start < right and span.end > left]
    if not inside:
        return [Segment(shown[left:right], base)]
    cuts = sorted({left, right, *(min(max(edge, left), right) for span in inside for edge in span[:2])})
    segments = []
    for start, end in pairwise(cuts):
        style = base
        for span in inside:
            if span.start <= start and span.end >= end:
                style += span.style
        segments.append(Segment(shown[start:end], style))
    return segments
