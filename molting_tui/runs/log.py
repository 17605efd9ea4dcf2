"""The end of a log that another process writes, line by line, safe to show."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from molting_tui.text import show

KEPT_LINES = 2_000
LONGEST_LINE = 2_000
"""Characters of a line of the log that are shown."""
_CHUNK = 1 << 20
_LINE_BYTES = LONGEST_LINE * 4 + 4
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")


class LogTail:
    """The end of a file that another process writes, line by line, safe to show.

    A line that was written over itself (progress bars) is what a terminal would show last; colours are taken out;
    bytes that aren't UTF-8 become U+FFFD; a line is cut at `LONGEST_LINE` characters. `recent` holds the last `keep`
    lines, `partial` what has come of the next. A file that becomes shorter is read from its start.
    """

    def __init__(self, path: Path, keep: int = KEPT_LINES, first: int = _CHUNK) -> None:
        self.path = path
        self.recent: deque[str] = deque(maxlen=keep)
        self._first = first
        self._offset: int | None = None
        self._pending = b""

    @property
    def partial(self) -> str:
        """The last line as far as it has come, safe to show."""
        return _shown(self._pending)

    def poll(self) -> list[str]:
        """The lines that are new, at most the last `keep`. The first look begins near the end of a long file."""
        new: deque[str] = deque(maxlen=self.recent.maxlen)
        for line in self._new_lines():
            new.append(line)
        self.recent.extend(new)
        return list(new)

    def _new_lines(self) -> Iterator[str]:
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                cut = False
                if self._offset is None:
                    self._offset = max(size - self._first, 0)
                    cut = self._offset > 0
                elif size < self._offset:
                    self._offset, self._pending = 0, b""
                    self.recent.clear()
                file.seek(self._offset)
                while data := file.read(_CHUNK):
                    self._offset += len(data)
                    if cut:  # the line that the look begins in
                        cut, data = b"\n" not in data, data.partition(b"\n")[2]
                    yield from self._ended(data)
        except OSError:
            return

    def _ended(self, data: bytes) -> Iterator[str]:
        *ended, rest = data.split(b"\n")
        for piece in ended:
            self._add(piece)
            yield _shown(self._pending)
            self._pending = b""
        self._add(rest)

    def _add(self, piece: bytes) -> None:
        line = self._pending + piece
        # What follows a carriage return stands in place of what was before; one at the end may be half of CR LF.
        line = line[line.rstrip(b"\r").rfind(b"\r") + 1 :]
        self._pending = line[:_LINE_BYTES]


def _shown(line: bytes) -> str:
    text = show(_ESCAPES.sub("", line.rstrip(b"\r").decode("utf-8", "replace")))
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"
