"""Which pairs are in the list, and which of them have the searched words."""

from __future__ import annotations

from array import array

from textual import work
from textual.worker import get_current_worker

from molting_tui.curation.filters import parse
from molting_tui.errors import BadFilter, MoltingError
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.triage.pairs import PairsScreen


class Finding(PairsScreen):
    """Filter and search."""

    def action_filter(self) -> None:
        """Ask for a filter."""

        def answered(text: str | None) -> None:
            if text is not None:
                self.action_set_filter(text.strip())

        hints = (
            "words  state:open,keep,drop  flag:agent-speech  is:starred  tag:x  lang:pt  model:opus  len>200",
            "- before a term turns it round; empty shows everything; ? on the list explains each.",
        )
        value = self._filter or "state:open"
        self.app.push_screen(AskScreen("Which pairs?", value=value, hints=hints, check=_filter_mistake), answered)

    def action_set_filter(self, text: str) -> None:
        """Show the pairs that a filter matches."""
        self._message = ""
        self._load(self._pair.id if self._pair else 0, text)

    def action_search(self) -> None:
        """Ask for words."""

        def answered(words: str | None) -> None:
            if words is not None:
                self._message = ""
                self._find(words.strip())

        hints = (
            "Words, the last may be the start of one. n and N go to the next and previous hit. Empty ends the search.",
        )
        self.app.push_screen(AskScreen("Search this list for", value=self._search, hints=hints), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="search")
    def _find(self, words: str) -> None:
        try:
            hits = self._desk.search(self._filter, words) if words else array("q")
        except MoltingError as error:
            self.app.call_from_thread(self.say, error.sentence())
            return
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._found, words, hits)

    def _found(self, words: str, hits: array[int]) -> None:
        self._search, self._hits = words, hits
        if not words:
            self._paint_pair(keep_scroll=True)
        elif not hits:
            self._search = ""
            self._paint_pair(keep_scroll=True)
            self.say(f"No pair of this list has {words}.")
        elif self._pair is not None and self._pair.id in hits:
            self._paint_pair()
        else:
            self.action_hit(1)

    def action_hit(self, step: int) -> None:
        """Next or previous pair with a hit."""
        if not len(self._hits):
            self.say("/ searches first.")
            return
        here = self._list.cursor
        hits = set(self._hits)
        ids = self._list.ids
        count = len(ids)
        for distance in range(1, count + 1):
            position = (here + step * distance) % count
            if ids[position] in hits:
                self._move_to(position)
                return


def _filter_mistake(text: str) -> str:
    try:
        parse(text)
    except BadFilter as error:
        return error.sentence()
    return ""
