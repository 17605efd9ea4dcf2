"""A line to type into: what it holds is shown and never obeyed, and a suggested value gives way to what is typed."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import Input
from textual.widgets.input import Selection

from molting_tui.text import show


class SafeInput(Input):
    """An input whose text may come from anywhere: what it holds is shown, never obeyed."""

    def render_line(self, y: int) -> Strip:
        """The line as Textual renders it, with every control character as a sign."""
        return safe_strip(super().render_line(y))


def safe_strip(strip: Strip) -> Strip:
    """A rendered line with control characters as one-cell signs, cut to the room that the line has."""
    if strip.text.isprintable():
        return strip
    signs = Strip([Segment(one_cell_each(part.text), part.style, part.control) for part in strip])
    return signs.adjust_cell_length(strip.cell_length)  # Textual counts no cell for most of them


def one_cell_each(text: str) -> str:
    """The text with each character that must not reach a terminal as one sign."""
    return "".join(
        c if c.isprintable() else (shown if len(shown := show(c)) == 1 and shown != "\n" else "\ufffd") for c in text
    )


class Entry(SafeInput):
    """One line of a question, the cursor at its end.

    A `suggested` value is marked, and stands only until something else is typed or pasted in its place; an arrow, end
    or backspace takes it over, to be edited like any other text.
    """

    suggested = False
    """Whether the value is a suggestion that nobody has taken over yet."""

    def __init__(
        self, value: str = "", *, suggested: bool = False, placeholder: str = "", id: str | None = None
    ) -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=False, id=id)
        self.cursor_blink = False
        self._suggestion_text = value
        self.suggested = suggested and bool(value)
        self.set_class(self.suggested, "-suggested")

    def suggest(self, value: str) -> None:
        """Put another suggestion in the place of the one that stands."""
        self._suggestion_text = value
        self.suggested = bool(value)
        self.set_class(self.suggested, "-suggested")
        self.value = value
        self._mark()

    def put(self, value: str) -> None:
        """Write a text as if it had been typed, the cursor at its end."""
        self._take_over()
        self.value = value
        self.cursor_position = len(value)

    def on_focus(self) -> None:
        """Mark a suggestion."""
        self._mark()

    def watch_selection(self, selection: Selection) -> None:
        """Whatever moves the cursor, or writes, takes the suggestion over."""
        if self.suggested and self.has_focus and selection != self._whole():
            self._take_over()

    def watch_value(self, value: str) -> None:
        """Another value is somebody's own."""
        if self.suggested and value != self._suggestion_text:
            self._take_over()

    def _whole(self) -> Selection:
        return Selection(0, len(self.value))

    def _mark(self) -> None:
        if self.suggested:
            self.selection = self._whole()

    def _take_over(self) -> None:
        self.suggested = False
        self.set_class(False, "-suggested")

    def _edit(self) -> None:
        """Take a suggestion over as a text to be edited at its end."""
        if self.suggested:
            self._take_over()
            self.cursor_position = len(self.value)

    def action_cursor_left(self, select: bool = False) -> None:
        """To the left; in a suggestion from its end."""
        self._edit()
        super().action_cursor_left(select)

    def action_delete_left(self) -> None:
        """Delete a character; of a suggestion the last."""
        self._edit()
        super().action_delete_left()

    def action_delete_left_word(self) -> None:
        """Delete a word; of a suggestion the last."""
        self._edit()
        super().action_delete_left_word()
