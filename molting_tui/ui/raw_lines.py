"""Where the lines of a raw text lie, found one after the other: nothing is split that nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator

LINE_ENDS = "\n\u2028\u2029"
"""What ends a line: each of them is shown as a newline."""


class LineEnds:
    """Where lines end in a text up to `end`. Asked from the beginning on, it looks at each character once."""

    def __init__(self, text: str, end: int | None = None) -> None:
        self._text = text
        self._end = len(text) if end is None else end
        self._following = dict.fromkeys(LINE_ENDS, -1)

    def after(self, start: int) -> int:
        """Where the line that holds a place ends."""
        for sign, place in self._following.items():
            if place < start:
                found = self._text.find(sign, start, self._end)
                self._following[sign] = found if found >= 0 else self._end
        return min(self._following.values())


def line_places(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places of the lines of a part of a text; where the part ends before it starts, there is none."""
    ends = LineEnds(text, end)
    while start <= end:
        line_end = ends.after(start)
        yield start, line_end
        start = line_end + 1


def line_count(text: str, start: int, end: int) -> int:
    """How many lines a part of a text has."""
    return 1 + sum(text.count(sign, start, end) for sign in LINE_ENDS) if start <= end else 0
