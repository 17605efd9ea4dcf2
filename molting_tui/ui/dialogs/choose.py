"""A small choice at the bottom of the screen: a few rows, each with one of several values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip

from molting_tui.ui import keymap, look
from molting_tui.ui.dialogs.ask import QUIT
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.widgets.lines import Bar, Lines


class Row(NamedTuple):
    """One thing to choose: its name and its values as they are shown (made safe already)."""

    name: str
    values: tuple[str, ...]


class ChooseScreen(ModalScreen[tuple[int, ...] | None]):
    """Asks for one value a row. Enter answers with their numbers, escape with None; `meaning` says what that is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "yes", show=False, id="choose.yes"),
        Binding("escape,q", "leave", "no", show=False, id="choose.no"),
        Binding("j,down", "row(1)", "next row", show=False, id="choose.next_row"),
        Binding("k,up", "row(-1)", "previous row", show=False, id="choose.previous_row"),
        Binding("right,l,space", "value(1)", "next value", show=False, id="choose.next"),
        Binding("left,h", "value(-1)", "previous value", show=False, id="choose.previous"),
        QUIT,
        # Nothing is typed here that could be lost: another screen's key leaves, and goes there.
        *(binding for binding in keymap.bindings(keymap.EVERYWHERE) if binding.key[1:].isdigit()),
    ]

    def __init__(self, question: str, rows: Sequence[Row], meaning: Callable[[tuple[int, ...]], str]) -> None:
        super().__init__()
        self._question = question
        self._rows = tuple(rows)
        self._chosen = [0] * len(self._rows)
        self._row = 0
        self._meaning = meaning

    def compose(self) -> ComposeResult:
        """The question, the rows, what they come to."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            yield Lines(id="rows")
            yield Lines(id="hint")

    def on_mount(self) -> None:
        """As many lines as rows; a sentence may take two."""
        if not self.query("#hint"):  # left before it stood
            return
        self.query_one("#rows", Lines).styles.height = len(self._rows)
        self.query_one("#hint", Lines).styles.height = 2

    def on_resize(self) -> None:
        """Paint at the new width."""
        self._paint()

    def _paint(self) -> None:
        if not self.query("#hint"):  # left before it stood
            return
        width = self.size.width
        keys = "   enter: go on · ↑ ↓ ← →: choose · esc: no"
        self.query_one("#question", Bar).show(line((f" {self._question}", look.TITLE), (keys, look.DIM)))
        names = max(cell_len(row.name) for row in self._rows)
        self.query_one("#rows", Lines).show_lines(
            [self._line(number, row, names, width) for number, row in enumerate(self._rows)]
        )
        meaning = self._meaning(tuple(self._chosen))
        self.query_one("#hint", Lines).show_lines(paragraphs(meaning, width - 1, indent=1, base=look.DIM))

    def _line(self, number: int, row: Row, names: int, width: int) -> Strip:
        here, value = number == self._row, self._chosen[number]
        many = f"   {value + 1} of {len(row.values)}" if len(row.values) > 1 else ""
        head = f"{row.name}{' ' * (names - cell_len(row.name))}  "
        shown = fit(row.values[value], width - cell_len(head) - cell_len(many) - 4)
        style = look.BOLD if here else look.PLAIN
        return Strip(
            [
                Segment(f" {look.HERE_SIGN} " if here else "   ", look.MESSAGE),
                Segment(head, style),
                Segment(shown, style),
                Segment(many, look.DIM),
            ]
        )

    def action_row(self, step: int) -> None:
        """Another row."""
        self._row = (self._row + step) % len(self._rows)
        self._paint()

    def action_value(self, step: int) -> None:
        """Another value of this row."""
        self._chosen[self._row] = (self._chosen[self._row] + step) % len(self._rows[self._row].values)
        self._paint()

    def action_answer(self) -> None:
        """Answer."""
        self.dismiss(tuple(self._chosen))

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
