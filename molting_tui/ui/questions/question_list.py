"""The list of the bank's questions: two lines for each."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from molting_tui.records.bank import BankQuestion, Status
from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.widgets.item_list import ItemList

SIGNS: dict[Status, str] = {"proposed": look.OPEN_SIGN, "open": look.KEPT_SIGN, "dropped": look.DROPPED_SIGN}
"""How a question's status is told in the list."""


class QuestionList(ItemList[BankQuestion]):
    """Questions, and which of them is looked at."""

    NOTHING = "no question here yet"

    def rows(self, width: int) -> list[Strip]:
        """Two lines for each."""
        return [
            row for place, entry in enumerate(self.items) for row in question_rows(entry, place == self.cursor, width)
        ]


def question_rows(entry: BankQuestion, selected: bool, width: int) -> tuple[Strip, Strip]:
    """A question in the list: its status as a sign and its words; below, its language, role and cluster."""
    mark = look.CURSOR_SIGN if selected else " "
    style = look.CURSOR if selected else look.PLAIN
    sign = f"{SIGNS[entry.status]} "
    words = fit(show_line(entry.question.prompt, width), max(width - cell_len(mark + sign), 4))
    question = entry.question
    below = fit(f"{question.language} · {question.role} · {show_line(question.fact_asked, 60)}", max(width - 4, 4))
    return line((mark, look.CURSOR), (sign, style), (words, style)), line(
        (mark, look.CURSOR), (f"   {below}", look.DIM)
    )
