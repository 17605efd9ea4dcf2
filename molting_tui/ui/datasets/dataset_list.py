"""The list of datasets, the newest first: two lines for each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from molting_tui.records.datasets import Dataset
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.triage.conversation import when
from molting_tui.ui.widgets.lines import Lines

DIGEST = 8
"""Characters of a digest in the list."""


class DatasetList(Lines):
    """Datasets, and which of them is looked at."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.datasets: Sequence[Dataset] = ()
        self.cursor = 0

    def show_datasets(self, datasets: Sequence[Dataset], cursor: int) -> None:
        """Show these datasets, the cursor on one of them."""
        self.datasets, self.cursor = datasets, cursor
        self._write()

    def on_resize(self) -> None:
        """Write the rows anew."""
        self._write()

    def _write(self) -> None:
        width = self.size.width - 1
        rows = [
            row
            for place, dataset in enumerate(self.datasets)
            for row in dataset_rows(dataset, place == self.cursor, width)
        ]
        self.show_lines(rows or [line((" nothing frozen yet", look.DIM))], top=self.top)
        self.bring_into_view(2 * self.cursor + 1)
        self.bring_into_view(2 * self.cursor)


def dataset_rows(dataset: Dataset, selected: bool, width: int) -> tuple[Strip, Strip]:
    """A dataset in the list: its name and how many pairs; below, its digest, when it was frozen, how many runs."""
    mark = look.CURSOR_SIGN if selected else " "
    count = plural(dataset.pairs, "pair")
    room = max(width - cell_len(count) - 3, 4)
    name = fit(show_line(dataset.name, room + 1), room)
    runs = f" · {plural(len(dataset.runs), 'run')}" if dataset.runs else ""
    below = fit(f"{dataset.digest[:DIGEST]} · {when(dataset.time)}{runs}", width - 3)
    return (
        line(
            (mark, look.CURSOR),
            (f" {name}{' ' * (room - cell_len(name))} ", look.CURSOR if selected else look.PLAIN),
            (count, look.CURSOR if selected else look.PLAIN),
        ),
        line((mark, look.CURSOR), (f"   {below}", look.DIM)),
    )
