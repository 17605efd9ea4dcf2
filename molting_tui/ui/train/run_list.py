"""The list of runs, the newest first."""

from __future__ import annotations

from textual.strip import Strip

from molting_tui.runs.listing import RunLine
from molting_tui.ui.train.run_lines import run_row
from molting_tui.ui.widgets.item_list import ItemList


class RunList(ItemList[RunLine]):
    """Runs, and which of them is looked at."""

    NOTHING = "no run yet"

    def rows(self, width: int) -> list[Strip]:
        """A line for each."""
        digits = max((len(str(run.number)) for run in self.items), default=1)
        return [run_row(run, digits, place == self.cursor, width) for place, run in enumerate(self.items)]
