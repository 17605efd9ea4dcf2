"""A question of several lines at the bottom of the screen, with what will come of them below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from molting_tui.errors import MoltingError
from molting_tui.ui import look
from molting_tui.ui.background import in_background
from molting_tui.ui.dialogs.ask import COMPLETING, QUIT
from molting_tui.ui.dialogs.completion import Completion, Offer
from molting_tui.ui.dialogs.entry import Entry
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Workspace


class EntriesScreen(ModalScreen[Any]):
    """Some lines to fill in, and what will come of them below. Enter on any of them answers.

    `ENTRIES` are (id, label, what stands in an empty one); the values of those that are `SUGGESTED` give way to what is
    typed. Tab completes what can be completed, and goes on to the next line else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False, id="ask.leave"),
        Binding("tab", "complete", "complete, next line", show=False, id="ask.complete"),
        Binding("down", "app.focus_next", "next line", show=False, id="ask.next"),
        Binding("shift+tab,up", "app.focus_previous", "line before", show=False, id="ask.previous"),
        QUIT,
    ]
    AUTO_FOCUS = "Input"
    TITLE_TEXT = ""
    ENTRIES: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    SUGGESTED: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, workspace: Workspace, values: dict[str, str]) -> None:
        super().__init__()
        self.workspace = workspace
        self._values = values
        self._height = 1
        self._offers = self.offers()
        self._completions = self.completions()
        self._offered = Offer((), "")

    def compose(self) -> ComposeResult:
        """The question, the lines, what comes of them."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            for name, _, placeholder in self.ENTRIES:
                with Horizontal(classes="entry"):
                    yield Bar(id=f"{name}-label", classes="label")
                    value = self._values.get(name, "")
                    yield Entry(value, suggested=name in self.SUGGESTED, placeholder=placeholder, id=name)
            yield Lines(id="hint")

    def on_mount(self) -> None:
        """Show the labels."""
        if not self._stands():
            return
        self.query_one("#question", Bar).show(
            line((f" {self.TITLE_TEXT}", look.TITLE), (f"   enter: yes · {self._tab()} · esc: no", look.DIM))
        )
        for name, label, _ in self.ENTRIES:
            self.query_one(f"#{name}-label", Bar).show(line((f" {label}", look.BOLD)))
        self.changed()

    def on_resize(self) -> None:
        """Paint at the new width."""
        self.paint()

    def value(self, name: str) -> str:
        """What stands in a line."""
        return self.query_one(f"#{name}", Input).value.strip()

    def _tab(self) -> str:
        return "tab: complete, next line" if self._offers or self._completions else "tab: next line"

    def offers(self) -> Mapping[str, Completion]:
        """By a line's id what is shown at each key of what may follow, and what tab makes of it."""
        return {}

    def completions(self) -> Mapping[str, Completion]:
        """By a line's id what tab makes of it; this may read the disk."""
        return {}

    def entry(self, name: str) -> Entry:
        """One of the lines."""
        return self.query_one(f"#{name}", Entry)

    def changed(self) -> None:
        """A line has changed."""
        self.paint()

    def answer(self) -> object:
        """What is answered. Raises MoltingError if the lines can't be used."""
        raise NotImplementedError

    def outcome(self, width: int) -> Iterator[Strip]:
        """What comes of the lines. Raises MoltingError if they can't be used."""
        raise NotImplementedError

    def paint(self) -> None:
        """Show what comes of the lines, or what is wrong with them."""
        if not self._stands():
            return
        width = self.size.width - 1
        offered = [strip for hint in self._offered.hints for strip in paragraphs(hint, width, indent=1, base=look.DIM)]
        if self._offered.wrong:
            offered = list(paragraphs(self._offered.wrong, width, indent=1, base=look.WRONG))
        try:
            self._show([*offered, *self.outcome(self.size.width)])
        except MoltingError as error:
            if not (offered and self._may_become_right()):
                offered += paragraphs(error.sentence(), width, indent=1, base=look.WRONG)
            self._show(offered)

    def _stands(self) -> bool:
        """Whether every line is there: not before it stood, nor while it goes away."""
        return len(self.query(Entry)) == len(self.ENTRIES) and bool(self.query("#hint"))

    def _may_become_right(self) -> bool:
        """Whether tab could still make something of the word that is being typed."""
        entry = self.focused
        return isinstance(entry, Entry) and (self._offered.several or self._offered.completed != entry.value)

    def _refuse(self, error: MoltingError) -> None:
        self._show(list(paragraphs(error.sentence(), self.size.width - 1, indent=1, base=look.WRONG)))

    def _show(self, lines: list[Strip]) -> None:
        hint = self.query_one("#hint", Lines)
        self._height = max(self._height, len(lines))  # never less: a box that jumps with every letter is no help
        hint.styles.height = self._height
        hint.show_lines(lines)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if not self._stands():
            return
        offer = self._offers.get(event.input.id or "")
        entry = event.input
        typing = entry.has_focus and not (isinstance(entry, Entry) and entry.suggested)
        self._offered = offer(event.value) if offer and typing else Offer((), "")
        self.changed()

    @on(Input.Blurred)
    def _left_line(self, event: Input.Blurred) -> None:
        self._offered = Offer((), "")
        self.paint()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(self.answer())
        except MoltingError as error:
            self._refuse(error)

    def action_complete(self) -> None:
        """Complete the word at the line's end; where there is nothing to complete, to the next line."""
        entry = self.focused
        if not isinstance(entry, Entry):
            return
        text, name = entry.value, entry.id or ""
        if entry.suggested or not text.strip() or entry.cursor_position != len(text):
            self.app.action_focus_next()
        elif name in self._completions:
            complete = self._completions[name]
            in_background(
                self, COMPLETING, lambda: complete(text), lambda offer: self._complete(entry, text, offer), self.notify
            )
        elif name in self._offers:
            self._complete(entry, text, self._offers[name](text))
        else:
            self.app.action_focus_next()

    def _complete(self, entry: Entry, text: str, offer: Offer) -> None:
        if entry.value != text or not entry.has_focus:
            return
        if offer.completed == text and not offer.several and not offer.wrong:
            self.app.action_focus_next()
            return
        live = self._offers.get(entry.id or "")
        self._offered = live(offer.completed) if live else offer
        with entry.prevent(Input.Changed):
            entry.put(offer.completed)
        self.changed()

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
