"""A log that grows, line by line: where its lines begin is kept (8 bytes a line), the text stays in the file."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from molting_tui.regular_files import open_regular
from molting_tui.text import show

LINE_BYTES = 4096
"""What is read of one line: its start, or its last part where the line was written over itself."""
LONGEST_LINE = 2_000
"""Characters of each of the last lines that are shown."""
_CHUNK = 1 << 20
_BATCH = 4096
_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # and moves of the cursor: never sent, and noise when shown
_TITLES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")  # and links
_NEWLINE = re.compile(b"\n")


class LogFile:
    """The lines of a file that another process writes. An unfinished last line counts as one.

    `read_on` may be called from another thread than the one that reads lines. A file that isn't there, or can't be
    read, has no lines. With `window`, of a longer file only the lines that begin in its last so many bytes are known.
    """

    def __init__(self, path: Path, window: int = 0) -> None:
        self.path = path
        self._window = window
        self._begin = 0  # where the first line begins
        self._ends: array[int] = array("Q")  # the byte after each newline
        self._size = 0

    @property
    def size(self) -> int:
        """How many bytes of the file are known."""
        return self._size

    def __len__(self) -> int:
        return self.finished + (self._size > (self._ends[-1] if self._ends else self._begin))

    @property
    def finished(self) -> int:
        """How many lines have their newline; there is one more at most."""
        return len(self._ends)

    def read_on(self) -> bool:
        """Look for new lines; whether anything has changed. A file that became shorter is read from its start."""
        try:
            size = self.path.stat().st_size
        except OSError:
            return False
        if size == self._size:
            return False
        if size < self._size:
            self._ends, self._size, self._begin = array("Q"), 0, 0
        try:
            with open_regular(self.path) as file:
                if self._window and not self._size and size > self._window:
                    self._size = size - self._window
                    # The line that the window begins in is no whole one.
                    self._begin = self._size + _rest_of_line(file, self._size)
                file.seek(self._size)
                while data := file.read(_CHUNK):
                    place = self._size
                    ends = (place + newline.end() for newline in _NEWLINE.finditer(data))
                    self._ends.extend(end for end in ends if end > self._begin)
                    self._size = place + len(data)
        except OSError:
            return False
        return True

    def lines(self, first: int, count: int) -> list[str]:
        """`count` lines from a number (0 is the first) on, as many as there are, raw: as a terminal would end up
        with them where they return to their start and write over themselves (a progress bar)."""
        last = min(first + count, len(self))
        if first >= last:
            return []
        try:
            with open_regular(self.path) as file:
                return [_read(file, *self._place(number)) for number in range(max(first, 0), last)]
        except (OSError, IndexError):  # gone, or begun anew, since it was looked at
            return []

    def find(self, pattern: re.Pattern[str], first: int = 0, stopped: Callable[[], bool] = lambda: False) -> array[int]:
        """The numbers of the lines from `first` on in which a pattern is found. `stopped` is asked now and then."""
        hits: array[int] = array("Q")
        for start in range(first, len(self), _BATCH):
            if stopped():
                break
            if self._may_have(pattern, start):
                lines = self.lines(start, _BATCH)
                hits.extend(start + number for number, line in enumerate(lines) if pattern.search(line))
        return hits

    def _may_have(self, pattern: re.Pattern[str], start: int) -> bool:
        # One search over the whole batch as it stands in the file is far cheaper than one a line.
        begin, end = self._place(start)[0], self._place(min(start + _BATCH, len(self)) - 1)[1]
        if end - begin > 64 * _CHUNK:
            return True
        try:
            with open_regular(self.path) as file:
                file.seek(begin)
                return pattern.search(file.read(end - begin).decode("utf-8", "replace")) is not None
        except OSError:
            return False

    def _place(self, number: int) -> tuple[int, int]:
        ends = self._ends
        return (ends[number - 1] if number else self._begin), (ends[number] if number < len(ends) else self._size)


def last_lines(path: Path, count: int, window: int = _CHUNK) -> list[str]:
    """The last lines of a log, safe to show, each cut at `LONGEST_LINE`. Only the last `window` bytes are looked at."""
    log = LogFile(path, window)
    log.read_on()
    lines = (show(_TITLES.sub("", text)) for text in log.lines(len(log) - count, count))
    return [text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…" for text in lines]


def _rest_of_line(file: BinaryIO, place: int) -> int:
    """How many bytes the line that `place` lies in goes on for, with its newline; to the file's end if it has none."""
    file.seek(place)
    rest = 0
    while data := file.read(_CHUNK):
        newline = data.find(b"\n")
        if newline >= 0:
            return rest + newline + 1
        rest += len(data)
    return rest


def _read(file: BinaryIO, begin: int, end: int) -> str:
    """The line between two places."""
    if end - begin <= LINE_BYTES:
        file.seek(begin)
        return _overwritten(file.read(end - begin))
    file.seek(end - LINE_BYTES)
    tail = file.read(LINE_BYTES)
    if b"\r" in tail.rstrip(b"\r\n"):
        return _overwritten(tail)
    file.seek(begin)
    return _overwritten(file.read(LINE_BYTES)) + "…"


def _overwritten(data: bytes) -> str:
    return _COLOURS.sub("", data.rstrip(b"\r\n").rpartition(b"\r")[2].decode("utf-8", "replace"))
