"""What a machine noticed in one answer, to say yes or no to, to add to, and to confirm: after the answer was scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from molting_tui.errors import MoltingError
from molting_tui.text import show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.score.flag_lines import FlagList
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.noticing.hints import HintRow, Hints
    from molting_tui.records.evaluation import Answer
    from molting_tui.records.events import Undone

_WORDS = {"yes": ("yes", "said"), "no": ("no", "missing"), "contradicted": ("", "contradicted")}
"""What a key says of a flag, and of a fact; empty: nothing."""


class FlagsScreen(FrameScreen[None]):
    """The flags and facts of an answer (its uuid). Each word is stored on its key."""

    KEYS = keymap.FLAGS
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.FLAGS)]

    def __init__(self, workspace: Workspace, uuid: str, figure: str) -> None:
        super().__init__(workspace)
        self._uuid = uuid
        self._figure = figure
        self._list = FlagList(id="flags")
        self._rows: tuple[HintRow, ...] = ()
        self._answer: Answer | None = None
        self._stands: Hints | None = None

    def body(self) -> ComposeResult:
        """The list."""
        yield self._list

    def on_mount(self) -> None:
        """Read what stands."""
        self._read()

    def on_resize(self) -> None:
        """Paint at the new size."""
        self._paint()

    def where(self, width: int) -> Strip:
        """What the row means, and whether all was confirmed."""
        confirmed = self._stands is not None and self._stands.confirmed
        parts = [f"{look.KEPT_SIGN} confirmed"] if confirmed else ["a hint, no score"]
        if self._rows:
            row = self._rows[self._list.cursor]
            parts.append(show_line(f"{'the fact: ' if row.is_fact else ''}{row.meaning}", width))
        return line((fit(f" {' · '.join(parts)}", width), look.DIM))

    def _read(self) -> None:
        """Read the flags and facts as they stand now."""
        from molting_tui.evaluation.noticing.hints import answer_of, hint_rows, hints_of

        try:
            self._answer = answer_of(self.workspace, self._uuid)
            self._stands = hints_of(self.workspace, [self._answer])[self._answer.id]
        except MoltingError as error:
            self.say(error.sentence())
            return
        self._rows = hint_rows(self._answer, self._stands)
        self._paint()

    def _paint(self) -> None:
        if self.size.width and self.is_attached:
            self._list.show_items(self._rows, min(self._list.cursor, max(len(self._rows) - 1, 0)))
            self.paint_frame("Flags", self._figure)

    def action_move(self, step: int) -> None:
        """Next or previous row."""
        self.status.clear()
        if 0 <= self._list.cursor + step < len(self._rows):
            self._list.cursor += step
        self._paint()

    def action_end(self, last: int) -> None:
        """First or last row."""
        self.status.clear()
        self._list.cursor = len(self._rows) - 1 if last and self._rows else 0
        self._paint()

    def action_say(self, word: str) -> None:
        """Say something of the flag or fact that the cursor is on."""
        from molting_tui.evaluation.noticing import hints

        answer = self._answer
        if answer is None or not self._rows:
            return
        row = self._rows[self._list.cursor]
        state = _WORDS[word][row.is_fact]
        if not state:
            self.say("A flag is right or wrong: y or n. Facts can be contradicted.")
        else:
            self._store(lambda: hints.say(self.workspace, answer, row.name, state))

    def action_confirm(self) -> None:
        """Say that all is right as it stands, and go back."""
        from molting_tui.evaluation.noticing import hints

        answer = self._answer
        if answer is not None and self._store(lambda: hints.confirm(self.workspace, answer)):
            self.dismiss(None)

    def action_undo(self) -> None:
        """Take back the latest word on flags."""
        from molting_tui.evaluation.noticing import hints

        self._step(hints.undo, "Taken back", "Nothing of yours is left to undo.")

    def action_redo(self) -> None:
        """Bring it back."""
        from molting_tui.evaluation.noticing import hints

        self._step(hints.redo, "Done again", "Nothing to redo.")

    def _step(self, step: Callable[[Workspace], Undone | None], done: str, nothing: str) -> None:
        self.status.clear()
        try:
            undone = step(self.workspace)
        except MoltingError as error:
            self.say(error.sentence())
            return
        self._read()
        self.say(nothing if undone is None else f"{done}: {show_line(undone.label, 60)}.")

    def _store(self, said: Callable[[], None]) -> bool:
        """Store a word and show what stands now; False, said so, where that can't be."""
        self.status.clear()
        try:
            said()
        except MoltingError as error:
            self.say(error.sentence())
            return False
        self._read()
        return True

    def action_back(self) -> None:
        """Back to the answer."""
        self.dismiss(None)
