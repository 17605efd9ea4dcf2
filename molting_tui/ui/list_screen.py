"""A screen with a list, and beside it what the list's cursor is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Key
from textual.message import Message
from textual.widget import Widget

from molting_tui.ui.frame import NARROW, ReadingScreen


class TextSide(Vertical):
    """What stands beside the list. It says when it has another size: its texts are wrapped to that."""

    @dataclass
    class Resized(Message):
        """It has another size, and so have its parts."""

    def __init__(self, *parts: Widget) -> None:
        super().__init__(*parts, id="text-side")

    def on_resize(self) -> None:
        """Tell the screen."""
        self.post_message(self.Resized())


class ListScreen(ReadingScreen):
    """A list, and beside it what its cursor is on. In a narrow terminal the list comes and goes."""

    THING = ""
    """What is listed, in a word."""
    NOTHING = ""
    """What there is to say where nothing is listed."""
    ENDS: ClassVar[tuple[str, str]] = ("", "")
    """What is said to who goes before the first or after the last."""
    listed = False
    """Whether the list was read already: until then nobody knows that it is empty."""

    def list_came(self) -> None:
        """Remember that the list was read, and forget what was said before it was."""
        if not self.listed:
            self.listed = True
            self.status.clear()

    def say_nothing_listed(self) -> None:
        """Say that there is nothing, or that nobody knows yet."""
        self.say(self.NOTHING if self.listed else "The list is being read.")

    def sides(self) -> tuple[Widget, TextSide]:
        """The list, and what stands beside it."""
        raise NotImplementedError

    def cursor_of(self) -> tuple[int, int]:
        """The place that the cursor is on, and how many there are."""
        raise NotImplementedError

    def choose(self, place: int) -> None:
        """Put the cursor on one of the places, and show what is there."""
        raise NotImplementedError

    def paint(self) -> None:
        """Paint everything as it is now, at the size that it has now."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        """The list, and what stands beside it."""
        listed, beside = self.sides()
        yield Horizontal(Vertical(listed, id="list-side"), beside, id="body")

    def on_mount(self) -> None:
        """Choose the layout."""
        self.set_class(self.app.size.width < NARROW, "-narrow")

    def on_resize(self) -> None:
        """Choose the layout, and paint at the new size."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.call_after_refresh(self.paint)

    @on(TextSide.Resized)
    def _text_side_resized(self) -> None:
        self.paint()

    def place_words(self) -> list[str]:
        """For the status line: the place in the list, and what tab does where the list comes and goes."""
        cursor, total = self.cursor_of()
        words = [f"{self.THING} {cursor + 1:,} of {total:,}"] if total else []
        if total > 1 and self.has_class("-narrow"):
            words.append("tab goes back" if self.has_class("-list") else "tab lists them")
        return words

    def go_to_place(self, place: int) -> None:
        """Go to a place in the list, or say why that can't be."""
        self.status.clear()
        _, total = self.cursor_of()
        if not total:
            self.say_nothing_listed()
        elif not 0 <= place < total:
            self.say(self.ENDS[0 if place < 0 else 1])
        else:
            self.choose(place)

    def action_move(self, step: int) -> None:
        """To the next or the previous."""
        cursor, _ = self.cursor_of()
        self.go_to_place(cursor + step)

    def action_end(self, last: int) -> None:
        """To the first or the last."""
        _, total = self.cursor_of()
        self.go_to_place(total - 1 if last else 0)

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        self.toggle_class("-list" if self.has_class("-narrow") else "-nolist")
        self.call_after_refresh(self.paint)

    def action_zoom(self) -> None:
        """The text alone."""
        self.toggle_class("-zoom")
        self.call_after_refresh(self.paint)

    def end_search(self) -> bool:
        """End a search; False where there is none."""
        return False

    def key_escape(self, event: Key) -> None:
        """End a search first; without one the key goes back."""
        if self.end_search():
            event.stop()

    def action_back(self) -> None:
        """Close the list where it covers what it lists, else go home."""
        if self.has_class("-narrow") and self.has_class("-list"):
            self.action_toggle_list()
        else:
            self.leave()
