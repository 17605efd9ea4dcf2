"""The question in which order the pairs are listed: one key chooses, the same again turns it round."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip

from molting_tui.curation.filters import orders_of, with_order
from molting_tui.records.filters import Order
from molting_tui.ui import look
from molting_tui.ui.dialogs.ask import QUIT
from molting_tui.ui.paragraphs import line
from molting_tui.ui.widgets.lines import Bar, Lines

_WORDS = {
    "time": ("oldest first", "newest first"),
    "len": ("shortest answers first", "longest answers first"),
    "prompt": ("shortest prompts first", "longest prompts first"),
    "model": ("models from a to z", "models from z to a"),
    "flags": ("fewest flags first", "most flags first"),
    "project": ("projects from a to z", "projects from z to a"),
    "lang": ("languages from a to z", "languages from z to a"),
}
"""How each order is called, and how the other way round."""
_LARGEST_FIRST = frozenset(("time", "len", "prompt", "flags"))
"""What one looks for when sorting by these is at their end."""


def chosen_by(filter_text: str) -> str:
    """What chose a list, and in which order it stands: `state:open · longest answers first`."""
    orders = ", then ".join(_WORDS[order.by][order.down] for order in orders_of(filter_text))
    return " · ".join(part for part in (with_order(filter_text, None), orders) if part)


def ask_order(app: App[object], filter_text: str, answered: Callable[[str], None]) -> None:
    """Ask for an order, and answer with the filter that has it."""
    now = orders_of(filter_text)

    def chosen(order: Order | None) -> None:
        if order is not None:
            answered(with_order(filter_text, order if order.by else None))

    app.push_screen(OrderScreen(now[0] if now else None), chosen)


class OrderScreen(ModalScreen[Order | None]):
    """Asks for an order; one that is `by` nothing is list order. Escape answers None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "no", show=False, id="order.no"),
        Binding("enter", "answer", "yes", show=False, id="order.yes"),
        Binding("j,down", "row(1)", "next", show=False, id="order.next"),
        Binding("k,up", "row(-1)", "previous", show=False, id="order.previous"),
        Binding("o", "turn", "turn it round", show=False, id="order.turn"),
        *(Binding(str(n), f"number({n})", "choose", show=False, id=f"order.{n}") for n in range(len(_WORDS) + 1)),
        QUIT,
    ]

    def __init__(self, now: Order | None) -> None:
        super().__init__()
        self._now = now
        self._orders = (Order(""), *map(self._natural, _WORDS))
        self._row = next((row for row, order in enumerate(self._orders) if now and order.by == now.by), 0)

    def _natural(self, by: str) -> Order:
        """What choosing it comes to: as one usually wants it, or the other way round where it is so already."""
        if self._now is not None and self._now.by == by:
            return Order(by, not self._now.down)
        return Order(by, by in _LARGEST_FIRST)

    def compose(self) -> ComposeResult:
        """The question, the orders."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            yield Lines(id="rows")

    def on_mount(self) -> None:
        """As many lines as orders."""
        if self.query("#rows"):
            self.query_one("#rows", Lines).styles.height = len(self._orders)

    def on_resize(self) -> None:
        """Paint at the new width."""
        self._paint()

    def _paint(self) -> None:
        if not self.query("#rows"):  # left before it stood
            return
        keys = f"   0-{len(_WORDS)}: choose · enter: the one marked · o: turn round · esc: no"
        self.query_one("#question", Bar).show(line((" Sort by", look.TITLE), (keys, look.DIM)))
        self.query_one("#rows", Lines).show_lines([self._line(row) for row in range(len(self._orders))])

    def _line(self, row: int) -> Strip:
        order, here = self._orders[row], row == self._row
        words = _WORDS[order.by][order.down] if order.by else "list order"
        now = self._now.by if self._now else ""
        if order.by and order.by == now:
            words = f"{words}   (now: {_WORDS[order.by][not order.down]})"
        return line(
            (f" {look.HERE_SIGN} " if here else "   ", look.MESSAGE),
            (f"{row} ", look.KEY),
            (f" {words}", look.BOLD if here else look.PLAIN),
        )

    def action_row(self, step: int) -> None:
        """Another order."""
        self._row = (self._row + step) % len(self._orders)
        self._paint()

    def action_number(self, row: int) -> None:
        """Choose an order by its number."""
        self.dismiss(self._orders[row])

    def action_turn(self) -> None:
        """Turn the order that is on round; list order has no other way."""
        now = self._now
        self.dismiss(Order(now.by, not now.down) if now else None)

    def action_answer(self) -> None:
        """Choose the order that is marked."""
        self.dismiss(self._orders[self._row])

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
