"""A question of several lines at the bottom of the screen, with what will come of them below."""

from __future__ import annotations

from collections.abc import Iterator
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
from molting_tui.ui.dialogs.ask import QUIT, SafeInput
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Workspace


class EntriesScreen(ModalScreen[Any]):
    """Some lines to fill in, and what will come of them below. Enter on any of them answers.

    `ENTRIES` are (id, label, what stands in an empty one).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False, id="ask.leave"),
        Binding("tab,down", "app.focus_next", "next line", show=False, id="ask.next"),
        Binding("shift+tab,up", "app.focus_previous", "line before", show=False, id="ask.previous"),
        QUIT,
    ]
    AUTO_FOCUS = "Input"
    TITLE_TEXT = ""
    ENTRIES: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    def __init__(self, workspace: Workspace, values: dict[str, str]) -> None:
        super().__init__()
        self.workspace = workspace
        self._values = values
        self._height = 1

    def compose(self) -> ComposeResult:
        """The question, the lines, what comes of them."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            for name, _, placeholder in self.ENTRIES:
                with Horizontal(classes="entry"):
                    yield Bar(id=f"{name}-label", classes="label")
                    entry = SafeInput(
                        self._values.get(name, ""), placeholder=placeholder, select_on_focus=False, id=name
                    )
                    entry.cursor_blink = False
                    yield entry
            yield Lines(id="hint")

    def on_mount(self) -> None:
        """Show the labels."""
        if not self.query("#hint"):  # left before it stood
            return
        self.query_one("#question", Bar).show(
            line((f" {self.TITLE_TEXT}", look.TITLE), ("   enter: yes · tab: next line · esc: no", look.DIM))
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
        if not self.query("#hint"):  # left before it stood
            return
        try:
            self._show(list(self.outcome(self.size.width)))
        except MoltingError as error:
            self._refuse(error)

    def _refuse(self, error: MoltingError) -> None:
        self._show(list(paragraphs(error.sentence(), self.size.width - 1, indent=1, base=look.WRONG)))

    def _show(self, lines: list[Strip]) -> None:
        hint = self.query_one("#hint", Lines)
        self._height = max(self._height, len(lines))  # never less: a box that jumps with every letter is no help
        hint.styles.height = self._height
        hint.show_lines(lines)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.changed()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(self.answer())
        except MoltingError as error:
            self._refuse(error)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
