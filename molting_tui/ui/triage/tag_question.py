"""The question for a tag: the tags in use to choose from, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from molting_tui.curation.filter_completion import completed
from molting_tui.curation.triage import Desk, Which, tag_name
from molting_tui.errors import MoltingError
from molting_tui.records.pairs import TagCount
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.ask import QUIT
from molting_tui.ui.dialogs.entry import Entry
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.triage.sight import PairSight
from molting_tui.ui.widgets.lines import Bar, Lines

SHOWN = 9
"""Rows of the list: as many as have a number of one digit."""
ALL_HAVE, SOME_HAVE = "✓", "~"


def ask_tag(sight: PairSight, desk: Desk, question: str, which: Which, pairs: int, then: Callable[[str], None]) -> None:
    """Ask for a tag of so many pairs, and do `then` with its name. The tags are counted in the background."""

    def counted(tags: tuple[list[TagCount], list[TagCount]]) -> None:
        in_use, theirs = tags
        screen = TagScreen(question, in_use, {tag.name: tag.pairs for tag in theirs}, pairs)
        sight.app.push_screen(screen, lambda name: then(name) if name else None)

    sight.in_background("tags", lambda: (desk.tags(), desk.tags(which)), counted)


class TagScreen(ModalScreen[str | None]):
    """Asks for a tag: one of those in use by its number, with the arrows or by typing; or a new one. Escape answers
    None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False, id="tag.leave"),
        Binding("down", "row(1)", "next tag", show=False, id="tag.next"),
        Binding("up", "row(-1)", "tag before", show=False, id="tag.previous"),
        Binding("tab", "complete", "complete", show=False, id="tag.complete"),
        QUIT,
    ]
    AUTO_FOCUS = "Input"

    def __init__(self, question: str, tags: Sequence[TagCount], theirs: Mapping[str, int], pairs: int) -> None:
        super().__init__()
        self._question = question
        self._tags = tags
        self._theirs = theirs
        self._pairs = pairs
        self._row = -1

    def compose(self) -> ComposeResult:
        """The question, the line, the tags."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            yield Entry()
            yield Lines(id="rows")
            yield Lines(id="hint")

    def on_resize(self) -> None:
        """Paint at the new width."""
        self._paint()

    def _listed(self) -> list[TagCount]:
        """The tags that what is typed may become, those that begin so first."""
        typed = self._typed_name().casefold()
        fitting = [tag for tag in self._tags if typed in tag.name.casefold()]
        return sorted(fitting, key=lambda tag: not tag.name.casefold().startswith(typed))

    def _typed_name(self) -> str:
        text = self.query_one(Entry).value.strip().removeprefix("#")
        return "" if self._number(text) else text

    def _number(self, text: str) -> int:
        """The number of a row, where that is what is typed; a tag of that name goes first."""
        is_number = len(text) == 1 and text in "123456789" and int(text) <= min(len(self._tags), SHOWN)
        return int(text) if is_number and not any(tag.name == text for tag in self._tags) else 0

    def _paint(self, wrong: str = "") -> None:
        if not self.query("#hint"):  # left before it stood
            return
        width = self.size.width
        keys = (
            "   enter: yes · 1-9 ↑ ↓: one of these · tab: complete · esc: no"
            if self._tags
            else "   enter: yes · esc: no"
        )
        self.query_one("#question", Bar).show(line((fit(f" {self._question}", width), look.TITLE), (keys, look.DIM)))
        rows = list(self._rows(width))
        for name, lines in (("#rows", rows), ("#hint", self._hint(width, wrong))):
            part = self.query_one(name, Lines)
            part.styles.height = len(lines)
            part.show_lines(lines)

    def _rows(self, width: int) -> Iterator[Strip]:
        listed = self._listed()
        shown = listed[:SHOWN]
        names = max((len(show_line(tag.name, 40)) for tag in shown), default=0)
        for place, tag in enumerate(shown):
            here = place == self._row
            have = self._theirs.get(tag.name, 0)
            mark = ALL_HAVE if have and have == self._pairs else SOME_HAVE if have else " "
            number = f"{place + 1}" if len(listed) == len(self._tags) else " "
            yield line(
                (f" {look.HERE_SIGN} " if here else "   ", look.MESSAGE),
                (f"{number} ", look.DIM),
                (f"{mark} {show_line(tag.name, 40):{names}}", look.BOLD if here else look.PLAIN),
                (f"  {plural(tag.pairs, 'pair')}", look.DIM),
            )
        if len(listed) > SHOWN:
            yield line((f"     and {len(listed) - SHOWN:,} more: type a part of the name", look.DIM))

    def _hint(self, width: int, wrong: str) -> list[Strip]:
        if wrong:
            return list(paragraphs(wrong, width - 1, indent=1, base=look.WRONG))
        if not self._tags:
            text = "A tag is one word, for example voice."
        elif self._pairs > 1:
            text = f"{ALL_HAVE} all have it: it is taken away. {SOME_HAVE} some have it: all get it. Or a new one."
        else:
            text = f"{ALL_HAVE} the pair has it: it is taken away. Or a new tag: one word, for example voice."
        return list(paragraphs(text, width - 1, indent=1, base=look.DIM))

    @on(Input.Changed)
    def _typed(self) -> None:
        self._row = -1
        self._paint()

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        text, listed = event.value.strip(), self._listed()
        number = self._number(text)
        if number or 0 <= self._row < len(listed):
            self.dismiss(listed[number - 1 if number else self._row].name)
        elif not text:
            self.dismiss(None)
        else:
            try:
                self.dismiss(tag_name(text))
            except MoltingError as error:
                self._paint(error.sentence())

    def action_row(self, step: int) -> None:
        """Another of the tags that are listed."""
        count = min(len(self._listed()), SHOWN)
        if count:
            self._row = (self._row + step) % count if self._row >= 0 else (0 if step > 0 else count - 1)
            self._paint()

    def action_complete(self) -> None:
        """Write what is certain of the name that was begun."""
        typed = self._typed_name()
        begun = [tag.name for tag in self._listed() if tag.name.startswith(typed)]
        if typed and completed(typed, begun) != typed:
            self.query_one(Entry).put(completed(typed, begun))

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
