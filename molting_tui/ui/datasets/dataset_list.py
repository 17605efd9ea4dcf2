"""The list of datasets, the newest first: two lines for each."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from molting_tui.records.datasets import Dataset
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.triage.conversation import when
from molting_tui.ui.widgets.item_list import ItemList

DIGEST = 8
"""Characters of a digest in the list."""


class DatasetList(ItemList[Dataset]):
    """Datasets, and which of them is looked at."""

    NOTHING = "nothing frozen yet"

    def rows(self, width: int) -> list[Strip]:
        """Two lines for each."""
        return [
            row
            for place, dataset in enumerate(self.items)
            for row in dataset_rows(dataset, place == self.cursor, width)
        ]


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
