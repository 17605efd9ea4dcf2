"""A pair to read: where it comes from, its conversation, its facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from textual.app import ComposeResult
from textual.strip import Strip

from molting_tui.records.events import Event
from molting_tui.records.pairs import Pair
from molting_tui.records.surroundings import Surroundings
from molting_tui.ui import look
from molting_tui.ui.list_screen import TextSide
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.prose import PLAIN_CODE
from molting_tui.ui.triage.conversation import conversation, has_hit, title_line, up_to_first_mark
from molting_tui.ui.triage.facts import facts_lines
from molting_tui.ui.triage.session_lines import after_lines, before_lines, beginning, whole_turns
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Persona

_MOST_ABOVE = 5000
"""Lines above a turn that are made to show it below them: more of them take longer than a key may."""


class ReadingPane(TextSide):
    """One pair, or sentences in its place. `text` is its conversation, to scroll."""

    def __init__(self, persona: Persona) -> None:
        super().__init__()
        self.text = Lines(id="text")
        self.code = PLAIN_CODE
        """How code is shown from the next time on that a pair is."""
        self._persona = persona

    def compose(self) -> ComposeResult:
        """Title, text, facts."""
        yield Bar(id="title")
        yield self.text
        yield Lines(id="facts")

    def show_pair(
        self,
        pair: Pair,
        history: Sequence[Event],
        search: str = "",
        around: Surroundings | None = None,
        unfolded: int = 0,
        *,
        keep_scroll: bool = False,
        last_turn: bool = False,
    ) -> None:
        """Show a pair with the searched words marked: from its top or its first mark on, or from where one has read, or
        from the beginning of the last turn that is shown after it.

        Above it stands the turn before, or the last `unfolded` ones whole; below it what came after.
        """
        text, facts = self.text, self.query_one("#facts", Lines)
        width = text.size.width
        lines = self._lines(pair, search, around, unfolded)
        if last_turn and around is not None:
            # What stands above is made to be counted, the turn itself only as far as somebody looks.
            earlier = self._lines(pair, search, around._replace(after=around.after[:-1]), unfolded)
            made = list(islice(earlier, _MOST_ABOVE))
            if len(made) == _MOST_ABOVE:
                made = [line((" The text above is very long: esc goes back to it.", look.DIM)), line("")]
            elif len(around.after) == 1:
                made.pop()  # the next prompt in one line, which is unfolded now
            turn = whole_turns(around.after[-1:], around.total, width, self._persona, self.code)
            text.show_lines(chain(made, turn), top=len(made))
        elif search and not keep_scroll and has_hit(pair, search):
            # Made once: the lines before a hit far down are many.
            made = up_to_first_mark(lines)
            text.show_lines(chain(made, lines))
            text.bring_into_view(len(made) - 1)
        else:
            text.show_lines(lines, top=text.top if keep_scroll else 0)
        self.query_one("#title", Bar).show(title_line(pair, width, history, around))
        unseen = around.next_prompt if around is not None and not around.after and text.more_below else None
        facts.show_lines(facts_lines(pair, list(history), width, facts.size.height, around, unseen or ""))

    def _lines(self, pair: Pair, search: str, around: Surroundings | None, unfolded: int) -> Iterator[Strip]:
        width, height = self.text.size
        lines = conversation(pair, width, self._persona, search, self.code)
        if around is None:
            return lines
        below = chain(lines, after_lines(around, width, self._persona, self.code))
        above = before_lines(around, unfolded, width, height, self._persona, self.code)
        if around.before or unfolded:
            return chain(above, below)
        # The first turn of its session has the room of the turn before for itself, where it would be cut without.
        kept_free, seen = list(above), list(islice(below, height + 1))
        fits = len(kept_free) + len(seen) <= height
        return chain(kept_free if fits else beginning(width), seen, below)

    def show_sentences(self, sentences: Iterable[str]) -> None:
        """Show sentences in place of a pair."""
        text = self.text
        text.show_lines([line(""), *(line(fit(f"  {sentence}", text.size.width)) for sentence in sentences)])
        self.query_one("#title", Bar).show(line(""))
        self.query_one("#facts", Lines).show_lines([])
