"""A run as it goes on: what is new in its events, read from where the last look ended."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from molting_tui.recipe.events import RunEvent, read_events
from molting_tui.runs.folder import Run
from molting_tui.runs.process import alive
from molting_tui.runs.run_state import Watched

MOST_EVENTS = 1_000
"""New events of one look that are kept."""
_CHUNK = 1 << 20


class Watch:
    """Somebody who watches a run. Each look reads only what is new; memory doesn't grow with the run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._latest = Watched()
        self._offset = 0

    def poll(self) -> Watched:
        """Look at the run now."""
        living = alive(self.run.folder)
        new = self._read_events()
        self._latest = replace(self._latest, events=tuple(new)).judged(self.run.folder, living)
        return self._latest

    def _read_events(self) -> deque[RunEvent]:
        """Add what is new to the latest look; the last events of it."""
        new: deque[RunEvent] = deque(maxlen=MOST_EVENTS)
        while True:
            try:
                read = read_events(self.run.events, self._offset, _CHUNK)
            except OSError:
                return new
            if read.offset < self._offset:
                # The file has become shorter: it is another one now.
                self._latest = Watched()
                new.clear()
            went_on = read.offset != self._offset
            self._offset = read.offset
            self._latest = self._latest.after(read.events, read.damaged)
            new += read.events
            if not went_on:
                return new
