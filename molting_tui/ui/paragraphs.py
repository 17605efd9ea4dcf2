"""Long untrusted text as lines for the Line API: made safe, wrapped by cells, with spans marked, lazily."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from unicodedata import category

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.text import show
from molting_tui.ui.look import PLAIN
from molting_tui.ui.raw_lines import line_places

_PIECE = 4096
"""Characters of a long line that are shown at a time."""


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
    marks = Marks(spans)
    for start, end in line_places(text, 0, len(text)):
        shown = ShownLine(text, start, end, marks.within(start, end))
        yield from shown.wrapped(room, indent, base=base)


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where to break one paragraph into lines of at most `width` cells: at spaces where there are any.

    Yields the slices of the text; the spaces at a break belong to no slice. An empty text is one empty line.
    """
    start = 0
    while True:
        end, following = _break(text, start, width)
        yield start, end
        if following >= len(text):
            return
        start = following


class Marks:
    """The spans of a text, for whoever asks for its lines in their order: each span is looked at once."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._waiting = deque(sorted(enumerate(spans), key=lambda each: each[1].start))
        self._open: list[tuple[int, Span]] = []

    def within(self, start: int, end: int) -> list[Span]:
        """The spans that lie on a part of the text, in the order in which they were given. No part that was asked for
        before may begin after this one."""
        while self._waiting and self._waiting[0][1].start < end:
            self._open.append(self._waiting.popleft())
        self._open = [each for each in self._open if each[1].end > start]
        return [span for _, span in sorted(self._open) if span.start < end]


class ShownLine:
    """A line of a raw text as it is shown, its spans on it. A long one is made piece by piece, as far as it is needed:
    `text` and `spans` are of what is made and not yet left behind."""

    def __init__(self, text: str, start: int, end: int, spans: Sequence[Span] = ()) -> None:
        self.text = ""
        self.spans: list[Span] = []
        self._raw = text
        self._at = start
        self._end = end - (start < end and text[end - 1] == "\r")
        self._raw_spans = spans
        self.more(0)

    def more(self, used: int) -> bool:
        """Leave the first characters behind and make another piece; False where the line is at its end."""
        start = self._at
        if start >= self._end:
            return False
        stop = min(start + _PIECE, self._end)
        while stop < self._end and category(self._raw[stop])[0] == "M":  # a pile of marks is shown as one
            stop += 1
        raw = self._raw[start:stop]
        shown = show(raw)
        here = [span for span in self._raw_spans if span.start < stop and span.end > start]
        marked = _shown_spans(raw, start, here, len(shown)) if here else []
        kept = len(self.text) - used
        self.spans = [Span(max(span.start - used, 0), span.end - used, span.style) for span in self.spans]
        self.spans = [span for span in self.spans if span.end > 0]
        self.spans += [Span(span.start + kept, span.end + kept, span.style) for span in marked]
        self.text = self.text[used:] + shown
        self._at = stop
        return True

    def marked_beyond(self, place: int) -> list[Span]:
        """The spans with anything behind a place of what is shown."""
        return [span for span in self.spans if span.end > place] + [
            span for span in self._raw_spans if span.start >= self._at
        ]

    def segments(self, left: int, right: int, base: Style = PLAIN) -> list[Segment]:
        """A part of what is shown, with its spans."""
        return _segments(self.text, left, right, self.spans, base)

    def wrapped(self, room: int, indent: int, *, hang: int = 0, base: Style = PLAIN) -> Iterator[Strip]:
        """The line broken into lines of at most `room` cells, indented; from the second one on by `hang` more."""
        start, width = 0, room
        margin = Segment(" " * indent)
        while True:
            end, following = _break(self.text, start, width)
            if following >= len(self.text) and self.more(start):
                start = 0
                continue
            yield Strip([margin, *self.segments(start, end, base)])
            if following >= len(self.text):
                return
            start, width, margin = following, room - hang, Segment(" " * (indent + hang))


def _break(text: str, start: int, width: int) -> tuple[int, int]:
    """Where the line that begins at `start` ends, and where the next one begins."""
    length = len(text)
    limit = min(start + width, length) if text.isascii() else _reach(text, start, width)
    end = limit
    if limit < length and text[limit] != " ":
        space = text.rfind(" ", start, limit)
        if space > start and text[start:space].strip():
            end = space
    following = end
    while following < length and text[following] == " ":
        following += 1
    return end, following


def _reach(text: str, start: int, width: int) -> int:
    if start >= len(text):
        return start
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
    segments: list[Segment] = []
    for start, end in pairwise(cuts):
        style = base
        for span in inside:
            if span.start <= start and span.end >= end:
                style += span.style
        if segments and segments[-1].style == style:
            segments[-1] = Segment(segments[-1].text + shown[start:end], style)
        else:
            segments.append(Segment(shown[start:end], style))
    return segments
