"""The list of runs, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from molting_tui.ui import look
from molting_tui.ui.paragraphs import line
from molting_tui.ui.train.run_lines import run_row
from molting_tui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from molting_tui.runs.listing import RunLine


class RunList(Lines):
    """Runs, and which of them is looked at."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.runs: Sequence[RunLine] = ()
        self.cursor = 0

    def show_runs(self, runs: Sequence[RunLine], cursor: int) -> None:
        """Show these runs, the cursor on one of them."""
        self.runs, self.cursor = runs, cursor
        self._write()

    def on_resize(self) -> None:
        """Write the rows anew."""
        self._write()

    def _write(self) -> None:
        digits = max((len(str(run.number)) for run in self.runs), default=1)
        rows = [
            run_row(run, digits, place == self.cursor, self.size.width - 1) for place, run in enumerate(self.runs)
        ] or [line((" no run yet", look.DIM))]
        self.show_lines(rows, top=self.top)
        self.bring_into_view(self.cursor)
