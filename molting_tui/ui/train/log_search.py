"""A search of a log that grows: the lines that have the words, and which of them one stands on."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable

from molting_tui.runs.log import LogFile
from molting_tui.text import plural, show_line


class LogSearch:
    """Words of one line of a log, in any case. `hits` are the numbers of the lines that have them."""

    def __init__(self, words: str, log: LogFile) -> None:
        self.words = words
        self.log = log
        self.pattern = re.compile(re.escape(words), re.IGNORECASE)
        self.hits: array[int] = array("Q")
        self._searched = 0
        self._hit = -1

    def read(self, stopped: Callable[[], bool]) -> None:
        """Search the whole log; `stopped` is asked now and then."""
        self._searched = self.log.finished
        self.hits = self.log.find(self.pattern, 0, stopped)

    def read_on(self) -> None:
        """Search what came since the last reading."""
        first, finished = self._searched, self.log.finished
        if finished <= first:
            return
        last = self.hits[-1] if self.hits else -1
        self.hits.extend(number for number in self.log.find(self.pattern, first) if number > last)
        self._searched = finished

    def begin(self, here: int, *, backwards: bool) -> int:
        """The line to go to first: the last hit, or the next one from a line on."""
        ahead = (place for place, hit in enumerate(self.hits) if hit >= here)
        return self._go_to(len(self.hits) - 1 if backwards else next(ahead, 0))

    def step(self, step: int) -> int:
        """The line of the next or previous hit, round the ends if need be."""
        here = bisect_left(self.hits, max(self._hit, 0))
        return self._go_to((here + step) % len(self.hits))

    def _go_to(self, place: int) -> int:
        self._hit = self.hits[place]
        return self._hit

    def sentence(self) -> str:
        """What is searched for, and which hit of how many this is: `/erro: 3 of 12 lines`."""
        at = f"{bisect_left(self.hits, self._hit) + 1:,} of " if self._hit >= 0 else ""
        return f"/{show_line(self.words, 30)}: {at}{plural(len(self.hits), 'line')}"
