"""An answer's flags and facts as lines: two under its sheet, or a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.widgets.item_list import ItemList

if TYPE_CHECKING:
    from molting_tui.evaluation.noticing.hints import HintRow

_NAME = 20
"""Cells of a flag's or a fact's name."""
_STATE = 13
"""Cells of how it stands: `contradicted` is the longest."""


def hint_lines(rows: Sequence[HintRow], confirmed: bool, width: int, key: str) -> list[Strip]:
    """The flags that stand on one line, the facts' states on the next; `key` opens them."""
    flags = [row.name for row in rows if not row.is_fact and row.state]
    facts = [f"{name_of(row)} {row.shown_state}" for row in rows if row.is_fact and row.state]
    given = " · ".join(flags) or "none"
    given += f" · {look.KEPT_SIGN} confirmed" if confirmed else f"   ({key}: right or wrong?)"
    told = [("flags", given)] + ([("facts", " · ".join(facts))] if facts else [])
    return [line((f" {name}  ", look.DIM), (fit(text, width - 9), look.PLAIN)) for name, text in told]


def name_of(row: HintRow) -> str:
    """A flag's name, or a fact's id."""
    return fit(show_line(row.name.removeprefix("fact:") if row.is_fact else row.name, _NAME), _NAME)


class FlagList(ItemList["HintRow"]):
    """Every flag, then every fact, one a line: how it stands, who says so, what the machine goes by."""

    def rows(self, width: int) -> list[Strip]:
        """A line for each."""
        return [self._row(number, row, width) for number, row in enumerate(self.items)]

    def _row(self, number: int, row: HintRow, width: int) -> Strip:
        here = number == self.cursor
        name = name_of(row)
        state = row.shown_state or ("no" if row.said else look.OPEN_SIGN)
        by = "you" if row.said else ""
        name = fit(f"fact {name}", _NAME) if row.is_fact else name
        head = f"{name}{' ' * (_NAME - cell_len(name) + 1)}"
        state_cell = f"{state:<{_STATE}}{by:<4}"
        meaning = show_line(row.meaning, 200)
        told = f"“{show_line(row.detail, 120)}”" if row.detail else ""
        words = f"{meaning}  {told}" if row.is_fact else told or meaning
        room = max(width - cell_len(head) - cell_len(state_cell) - 3, 4)
        stands = bool(row.state) and row.state != "said"
        return Strip(
            [
                Segment(f" {look.HERE_SIGN} " if here else "   ", look.MESSAGE),
                Segment(head, look.BOLD if here else look.PLAIN),
                Segment(state_cell, look.BOLD if stands or row.said else look.PLAIN),
                Segment(fit(words, room), look.PLAIN if told or here else look.DIM),
            ]
        )
