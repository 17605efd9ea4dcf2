"""Two answers side by side, or one over the other in a narrow terminal; both scroll together."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip

from molting_tui.records.battles import BlindBattle
from molting_tui.ui import look
from molting_tui.ui.frame import NARROW, rule
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.prose import PLAIN_CODE, CodeView, prose
from molting_tui.ui.score.rating_sheet import question_lines
from molting_tui.ui.widgets.lines import Bar, Lines

BARS = 4
"""Lines that the frame and the headings of the sides take."""
ANSWER = 5
"""Lines that each answer keeps, however long the question is."""
_BETWEEN = "│"


class Side(Lines):
    """An answer. It says when it has another height: how much of it is seen is known then."""

    @dataclass
    class Resized(Message):
        """It has another size."""

    def on_resize(self) -> None:
        """Paint anew at the new size, and tell the screen."""
        super().on_resize()
        self.post_message(self.Resized())


class SidesPane(Vertical):
    """Question, left answer, right answer; or sentences in their place."""

    def __init__(self) -> None:
        super().__init__(id="sides")
        self._question = Lines(id="question")
        self._above = Bar(id="above")
        self._first = Side(id="first")
        self._below = Bar(id="below")
        self._second = Side(id="second")
        self._height = -1
        self.code = PLAIN_CODE
        """How code is shown from the next time on that a battle is."""

    def compose(self) -> ComposeResult:
        """From top to bottom; the second answer has no place of its own where both stand side by side."""
        yield self._question
        yield self._above
        yield self._first
        yield self._below
        yield self._second

    def show_battle(self, battle: BlindBattle, *, keep_scroll: bool = False) -> None:
        """Show a battle."""
        width, height = self.screen.size
        narrow = width < NARROW
        room = height - BARS - (2 * ANSWER if narrow else ANSWER)
        question = question_lines(battle, width, max(room, 1))
        self._make_room(question)
        self.set_class(narrow, "-stacked")
        self._question.show_lines(question)
        top = self._first.top if keep_scroll else 0
        marks = {side: battle.outcome in (side, "tie") for side in ("left", "right")}
        if narrow:
            self._above.show(_heading(" LEFT ", width, marks["left"]))
            self._below.show(_heading(" RIGHT ", width, marks["right"]))
            # As many lines on either side, so that neither scrolls without the other.
            pairs, again = itertools.tee(_beside(battle, width, width, self.code))
            self._first.show_lines((left for left, _ in pairs), top=top)
            self._second.show_lines((right for _, right in again), top=top)
        else:
            half = (width - 1) // 2
            self._above.show(_headings(half, width - half - 1, marks))
            least = height - BARS - len(question)
            beside = _beside(battle, half, width - half - 1, self.code)
            self._first.show_lines(_joined(beside, half, least), top=top)

    def show_sentences(self, sentences: Iterable[str], *, keep_scroll: bool = False) -> None:
        """Show sentences in place of a battle."""
        width = self.screen.size.width
        self.set_class(False, "-stacked")
        self._make_room([])
        self._question.show_lines([])
        self._above.show(rule(width))
        lines = (strip for sentence in sentences for strip in (*paragraphs(sentence, width - 1, indent=2), line("")))
        self._first.show_lines([line(""), *lines], top=self._first.top if keep_scroll else 0)

    def scroll_by(self, lines: int) -> None:
        """Scroll both sides by lines."""
        for side in (self._first, self._second):
            side.scroll_by(lines)

    def scroll_page(self, pages: float) -> None:
        """Scroll both sides by pages or parts of one."""
        before = self._first.top
        self._first.scroll_page(pages)
        self._second.scroll_by(self._first.top - before)

    def lines_in_sight(self) -> list[Strip]:
        """The lines of both answers that are seen."""
        return self._first.lines_in_sight() + self._second.lines_in_sight()

    @property
    def more_below(self) -> bool:
        """Whether an answer goes on below what is seen."""
        return self._first.more_below or (self.has_class("-stacked") and self._second.more_below)

    def _make_room(self, question: list[Strip]) -> None:
        if self._height != len(question):  # a layout paints the screen more than once
            self._height = len(question)
            self._question.styles.height = self._height


def _beside(battle: BlindBattle, left: int, right: int, code: CodeView) -> Iterator[tuple[Strip, Strip]]:
    """The lines of both answers, side by side."""
    blank = line("")
    return itertools.zip_longest(_answer(battle.left, left, code), _answer(battle.right, right, code), fillvalue=blank)


def _answer(text: str, width: int, code: CodeView) -> Iterator[Strip]:
    if text.strip():
        yield from prose(text, width - 1, indent=2, code=code)
    else:
        yield line((f"  {'(nothing but white space)' if text else '(an empty answer)'}", look.DIM))


def _joined(pairs: Iterable[tuple[Strip, Strip]], half: int, least: int) -> Iterator[Strip]:
    """Both sides on one line each, with a line between them; at least so many, so that this reaches the bottom."""
    between = line((_BETWEEN, look.DIM))
    missing = least
    for left, right in pairs:
        missing -= 1
        yield Strip([*left.adjust_cell_length(half), *between, *right])
    yield from [Strip([*line(" " * half), *between])] * missing


def _heading(name: str, width: int, chosen: bool) -> Strip:
    """The line above an answer, with a sign where it was voted for."""
    shown = f" {look.KEPT_SIGN}{name}" if chosen else name
    before = max((width - cell_len(shown)) // 2, 0)
    after = max(width - before - cell_len(shown), 0)
    return line((look.RULE * before, look.DIM), (shown, look.BOLD), (look.RULE * after, look.DIM))


def _headings(left: int, right: int, marks: dict[str, bool]) -> Strip:
    heads = (_heading(" LEFT ", left, marks["left"]), _heading(" RIGHT ", right, marks["right"]))
    return Strip([*heads[0], *line(("┬", look.DIM)), *heads[1]])
