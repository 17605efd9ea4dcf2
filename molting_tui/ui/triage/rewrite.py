"""Rewriting a pair in place: the words, and beside them what they change."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.strip import Strip
from textual.widgets import TextArea

from molting_tui.curation.triage import Desk
from molting_tui.curation.worddiff import word_diff
from molting_tui.errors import MoltingError
from molting_tui.records.pairs import Pair
from molting_tui.ui import keymap, look
from molting_tui.ui.dialogs.entry import safe_strip
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.paragraphs import Span, line, paragraphs
from molting_tui.ui.triage.message import ask_message
from molting_tui.ui.triage.stand_ins import signs, with_stand_ins, without_stand_ins
from molting_tui.ui.widgets.lines import Lines

_ROLES = {
    "system": "the system",
    "user": "the user",
    "assistant": "the assistant",
    "tool_call": "a tool call",
    "tool": "a tool's result",
}
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""What Textual's editor takes for the end of a line; its lines end in newlines alone."""
DIFF_LIMIT = 40_000
"""Characters above which the difference is made when one pauses, not at every key."""


class SafeTextArea(TextArea):
    """A text area whose text may come from anywhere: what it holds is shown, never obeyed, and each of its characters
    has a width of its own."""

    @property
    def text(self) -> str:
        """The whole text, as it is."""
        return without_stand_ins(self.document.text)

    @text.setter
    def text(self, value: str) -> None:
        self.load_text(value)

    @property
    def selected_text(self) -> str:
        """What is selected, as it is."""
        return without_stand_ins(super().selected_text)

    def _set_document(self, text: str, language: str | None) -> None:
        super()._set_document(with_stand_ins(text), language)

    def edit(self, edit: Edit) -> EditResult:
        """Take in what was typed or pasted."""
        edit.text = with_stand_ins(edit.text)
        return super().edit(edit)

    def render_line(self, y: int) -> Strip:
        """The line as Textual renders it, with every control character as a sign."""
        strip = super().render_line(y)
        return safe_strip(Strip([Segment(signs(text), style, control) for text, style, control in strip]))


class RewriteScreen(FrameScreen[bool]):
    """The editor. Dismisses True when the pair was rewritten; leaving keeps the draft."""

    KEYS = keymap.EDITOR
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.EDITOR)]
    AUTO_FOCUS = "#editor"

    def __init__(self, desk: Desk, pair: Pair, place: int | None = None) -> None:
        super().__init__(desk.workspace)
        self._desk = desk
        self._pair = pair
        self._words = {message.place: message.text for message in pair.messages} | dict(pair.draft or {})
        self._place = len(pair.messages) - 1 if place is None else place

    def body(self) -> ComposeResult:
        """The message beside it, the editor, the difference."""
        yield Lines(id="prompt")
        editor = SafeTextArea(editable(self._words[self._place]), id="editor", soft_wrap=True, show_line_numbers=False)
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
        message = self._pair.messages[self._place]
        known = (message.text, message.original)
        self._words[self._place] = next((words for words in known if editable(words) == text), text)
        self.status.clear()
        self._paint()

    @property
    def _original(self) -> str:
        return self._pair.messages[self._place].original

    def _paint(self) -> None:
        width = self.size.width
        beside = self._place - 1 if self._place else 1
        prompt = self.query_one("#prompt", Lines)
        prompt.show_lines(paragraphs(self._words[beside], width - 1, indent=1, base=look.DIM))
        self.query_one("#difference", Lines).show_lines(self._difference(width))
        self.paint_frame(f"Rewrite {self._title()}", self._figure())

    def _title(self) -> str:
        name = self._pair.name_of(self._place)
        if not name.startswith("message"):
            return f"the {name}"
        return f"{name}, {_ROLES[self._pair.messages[self._place].role]}"

    def _figure(self) -> str:
        last = len(self._pair.messages) - 1
        return f"pair {self._pair.id}" if last == 1 else f"message {self._place} of 0–{last} · pair {self._pair.id}"

    def _difference(self, width: int) -> list[Strip]:
        """What the rewrite changes of the message that is edited, word by word."""
        old, new = self._original, self._words[self._place]
        if old == new:
            return [line((" as it was", look.DIM))]
        if len(old) + len(new) > DIFF_LIMIT:
            return [
                line(
                    (f" {len(old):,} characters before, {len(new):,} now: too long to compare while you type", look.DIM)
                )
            ]
        text, marks = "", []
        signs = look.DIFFERENCE_SIGNS if look.no_colour() else {}
        for change in word_diff(old, new):
            before, after = signs.get(change.kind, ("", ""))
            start = len(text) + len(before)
            text += before + change.text + after
            if change.kind != "same":
                end = len(text) - len(after)
                marks.append(Span(start, end, look.ADDED if change.kind == "added" else look.REMOVED))
        return list(paragraphs(text, width - 1, indent=1, spans=marks))

    def action_save(self) -> None:
        """Keep the pair with these words."""
        try:
            self._desk.rewrite(self._pair, self._changed())
        except MoltingError as error:
            self.say(error.sentence())
            return
        self.dismiss(True)

    def _changed(self) -> dict[int, str]:
        return {place: text for place, text in self._words.items() if text != self._pair.messages[place].text}

    def action_side(self) -> None:
        """Edit the message before this one; before the first comes the last."""
        self._edit((self._place or len(self._pair.messages)) - 1)

    def action_message(self) -> None:
        """Ask for the number of a message, and edit it."""
        ask_message(self.app, self._pair, self._edit)

    def _edit(self, place: int) -> None:
        self._place = place
        self.query_one("#editor", SafeTextArea).text = editable(self._words[place])
        self._paint()

    def action_original(self) -> None:
        """The original words again."""
        self.query_one("#editor", SafeTextArea).text = editable(self._original)

    def action_leave(self) -> None:
        """Leave, and keep the draft."""
        self.put_away()
        self.dismiss(False)

    def put_away(self) -> None:
        """Keep what was typed as a draft, if it differs from what the pair says."""
        self._desk.save_draft(self._pair, self._changed() or None)


def editable(text: str) -> str:
    """The text as an editor holds it: its line ends are newlines."""
    return _LINE_ENDS.sub("\n", text)
