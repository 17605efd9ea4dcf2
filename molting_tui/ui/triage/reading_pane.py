"""A pair to read: where it comes from, its conversation, its facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from textual.app import ComposeResult

from molting_tui.records.events import Event
from molting_tui.records.pairs import Pair
from molting_tui.ui.list_screen import TextSide
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.triage.conversation import conversation, has_hit, title_line, up_to_first_mark
from molting_tui.ui.triage.facts import facts_lines
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Persona


class ReadingPane(TextSide):
    """One pair, or sentences in its place. `text` is its conversation, to scroll."""

    def __init__(self, persona: Persona) -> None:
        super().__init__()
        self.text = Lines(id="text")
        self._persona = persona

    def compose(self) -> ComposeResult:
        """Title, text, facts."""
        yield Bar(id="title")
        yield self.text
        yield Lines(id="facts")

    def show_pair(self, pair: Pair, history: Sequence[Event], search: str = "", *, keep_scroll: bool = False) -> None:
        """Show a pair with the searched words marked: from its top or its first mark on, or from where one has read."""
        text, facts = self.text, self.query_one("#facts", Lines)
        width = text.size.width
        lines = conversation(pair, width, self._persona, search)
        if search and not keep_scroll and has_hit(pair, search):
            # Made once: the lines before a hit far down are many.
            made = up_to_first_mark(lines)
            text.show_lines(chain(made, lines))
            text.bring_into_view(len(made) - 1)
        else:
            text.show_lines(lines, top=text.top if keep_scroll else 0)
        self.query_one("#title", Bar).show(title_line(pair, width, history))
        facts.show_lines(facts_lines(pair, list(history), width, facts.size.height))

    def show_sentences(self, sentences: Iterable[str]) -> None:
        """Show sentences in place of a pair."""
        text = self.text
        text.show_lines([line(""), *(line(fit(f"  {sentence}", text.size.width)) for sentence in sentences)])
        self.query_one("#title", Bar).show(line(""))
        self.query_one("#facts", Lines).show_lines([])
