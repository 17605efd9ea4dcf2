"""Rewriting a pair in place: the words, and beside them what they change."""

from __future__ import annotations

import json
import re
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import TextArea

from molting_tui.curation.triage import Desk
from molting_tui.curation.worddiff import word_diff
from molting_tui.errors import MoltingError
from molting_tui.records.pairs import Pair
from molting_tui.ui import keymap, look
from molting_tui.ui.dialogs.ask import safe_strip
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.paragraphs import Span, line, paragraphs
from molting_tui.ui.widgets.lines import Lines

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""What Textual's editor takes for the end of a line; its lines end in newlines alone."""
DIFF_LIMIT = 40_000
"""Characters above which the difference is made when one pauses, not at every key."""


class SafeTextArea(TextArea):
    """A text area whose text may come from anywhere: what it holds is shown, never obeyed."""

    def render_line(self, y: int) -> Strip:
        """The line as Textual renders it, with every control character as a sign."""
        return safe_strip(super().render_line(y))


class RewriteScreen(FrameScreen[bool]):
    """The editor. Dismisses True when the pair was rewritten; leaving keeps the draft."""

    KEYS = keymap.EDITOR
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.EDITOR)]
    AUTO_FOCUS = "#editor"

    def __init__(self, desk: Desk, pair: Pair) -> None:
        super().__init__(desk.workspace)
        self._desk = desk
        self._pair = pair
        self._words = {"instruction": pair.instruction, "response": pair.response}
        if pair.draft is not None:
            self._words |= json.loads(pair.draft)
        self._side = "response"

    def body(self) -> ComposeResult:
        """The other side, the editor, the difference."""
        yield Lines(id="prompt")
        editor = SafeTextArea(_editable(self._words[self._side]), id="editor", soft_wrap=True, show_line_numbers=False)
        editor.cursor_blink = False
        yield editor
        yield Lines(id="difference")

    def on_mount(self) -> None:
        """Say that it goes on where one left."""
        if self._pair.draft is not None:
            self.say("Your draft is back.")

    def on_resize(self) -> None:
        """Paint at the new size."""
        self.call_after_refresh(self._paint)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        text = event.text_area.text
        # Looked at but not changed, a text keeps its own line ends.
        known = (getattr(self._pair, self._side), self._original(self._side))
        self._words[self._side] = next((words for words in known if _editable(words) == text), text)
        self.status.clear()
        self._paint()

    def _original(self, side: str) -> str:
        return self._pair.original_instruction if side == "instruction" else self._pair.original_response

    def _paint(self) -> None:
        width = self.size.width
        other = "instruction" if self._side == "response" else "response"
        names = {"instruction": "prompt", "response": "answer"}
        prompt = self.query_one("#prompt", Lines)
        prompt.show_lines(paragraphs(self._words[other], width - 1, indent=1, base=look.DIM))
        self.query_one("#difference", Lines).show_lines(self._difference(width))
        self.paint_frame(f"Rewrite the {names[self._side]}", f"pair {self._pair.id}")

    def _difference(self, width: int) -> list[Strip]:
        old, new = self._original(self._side), self._words[self._side]
        if old == new:
            return [line((" as it was", look.DIM))]
        if len(old) + len(new) > DIFF_LIMIT:
            return [
                line(
                    (f" {len(old):,} characters before, {len(new):,} now: too long to compare while you type", look.DIM)
                )
            ]
        text, marks = "", []
        for change in word_diff(old, new):
            start = len(text)
            text += change.text
            if change.kind != "same":
                marks.append(Span(start, len(text), look.ADDED if change.kind == "added" else look.REMOVED))
        return list(paragraphs(text, width - 1, indent=1, spans=marks))

    def action_save(self) -> None:
        """Keep the pair with these words."""
        try:
            self._desk.rewrite(self._pair, **self._words)
        except MoltingError as error:
            self.say(error.sentence())
            return
        self.dismiss(True)

    def action_side(self) -> None:
        """Edit the other side."""
        self._side = "instruction" if self._side == "response" else "response"
        self.query_one("#editor", SafeTextArea).text = _editable(self._words[self._side])
        self._paint()

    def action_original(self) -> None:
        """The original words again."""
        self.query_one("#editor", SafeTextArea).text = _editable(self._original(self._side))

    def action_leave(self) -> None:
        """Leave, and keep the draft."""
        self.put_away()
        self.dismiss(False)

    def put_away(self) -> None:
        """Keep what was typed as a draft, if it differs from what the pair says."""
        changed = self._words != {"instruction": self._pair.instruction, "response": self._pair.response}
        self._desk.save_draft(self._pair, json.dumps(self._words, ensure_ascii=False) if changed else None)


def _editable(text: str) -> str:
    return _LINE_ENDS.sub("\n", text)
