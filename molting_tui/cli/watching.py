"""Long work at the command line: one line of progress on stderr, and Ctrl-C that stops it cleanly."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from molting_tui.cli.printing import cut, terminal_width
from molting_tui.errors import Cancelled
from molting_tui.records.progress import Progress, Report
from molting_tui.text import show_line

SECONDS = 0.1
"""Time between two paintings of the line: a slow terminal must not slow the work."""
AT_FIRST = 0.4
"""Time before the line is painted at all: what is done at once needs none."""
_BAR = 20
_ERASE_LINE = "\r\x1b[K"


@contextmanager
def watched(stopped: str) -> Iterator[Report]:
    """A report for long work.

    Ctrl-C makes it raise `Cancelled(stopped)` at the work's next report; a second one stops it at once.
    The line is painted only where stderr is a terminal, and taken away at the end.
    """
    line = _Line(stopped)
    try:
        before = signal.signal(signal.SIGINT, line.stop)
    except ValueError:  # not in the main thread: then nobody can press Ctrl-C here
        yield line
        return
    try:
        yield line
    finally:
        signal.signal(signal.SIGINT, before)
        line.erase()


class _Line:
    def __init__(self, stopped: str) -> None:
        self._stopped = stopped
        self._asked_to_stop = False
        # A dumb terminal can't take a line back.
        self._width = 0 if os.environ.get("TERM", "") in ("", "dumb") else terminal_width(sys.stderr)
        self._begun = time.monotonic()
        self._painted = 0.0

    def stop(self, _: int, __: FrameType | None) -> None:
        self._asked_to_stop = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __call__(self, progress: Progress) -> None:
        if self._asked_to_stop:
            raise Cancelled(self._stopped)
        now = time.monotonic()
        if self._width and now - self._begun >= AT_FIRST and now - self._painted >= SECONDS:
            self._painted = now
            sys.stderr.write(_ERASE_LINE + cut(_sentence(progress), self._width - 1))
            sys.stderr.flush()

    def erase(self) -> None:
        if self._painted:
            sys.stderr.write(_ERASE_LINE)
            sys.stderr.flush()


def _sentence(progress: Progress) -> str:
    label = show_line(progress.label)
    if not progress.total:
        return f"{_amount(progress.done, progress.unit)}  {label}"
    share = min(progress.done / progress.total, 1.0)
    bar = "=" * round(share * _BAR)
    amounts = f"{_amount(progress.done, progress.unit)} of {_amount(progress.total, progress.unit)}"
    return f"{share:4.0%} [{bar:<{_BAR}}] {amounts}  {label}"


def _amount(count: int, unit: str) -> str:
    return f"{count / 1e6:,.1f} MB" if unit == "bytes" else f"{count:,} {unit}"
