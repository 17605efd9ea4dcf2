"""Which pairs are in the list, and which of them have the searched words."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import NamedTuple

from textual.app import App

from molting_tui.curation.triage import Desk
from molting_tui.errors import BadFilter
from molting_tui.records.pairs import Counts
from molting_tui.ui.dialogs.ask import AskScreen


class Chosen(NamedTuple):
    """The pairs that a filter matches, how many there are of all, and where in them one begins."""

    filter_text: str
    ids: array[int]
    counts: Counts
    position: int


class Hits(NamedTuple):
    """The pairs of the list that have the searched words. Without words, none."""

    words: str = ""
    ids: frozenset[int] = frozenset()

    def next(self, ids: array[int], here: int, step: int) -> int | None:
        """The position in `ids` of the hit that comes next after `here`, round the ends if need be."""
        count = len(ids)
        around = ((here + step * distance) % count for distance in range(1, count + 1))
        return next((position for position in around if ids[position] in self.ids), None)


def choose(desk: Desk, filter_text: str, number: int = 0, *, leave: bool = False) -> Chosen:
    """The pairs of a filter, beginning at the pair with a number if it is there, else at the first open one.

    With `leave`, a filter that matches nothing any more is taken away, and so is one that names what is there no more
    (a rule that was deleted). Else raises BadFilter.
    """
    try:
        ids = desk.matching(filter_text)
    except BadFilter:
        if not leave:
            raise
        ids = array("q")
    if not ids and leave and filter_text:
        filter_text, ids = "", desk.matching("")  # what was left to do is done
    counts = desk.counts()
    position = ids.index(number) if number and number in ids else desk.next_open(ids) or 0
    return Chosen(filter_text, ids, counts, position)


def search(desk: Desk, filter_text: str, words: str) -> Hits:
    """The pairs of a filter that have these words."""
    ids = frozenset(desk.search(filter_text, words)) if words else frozenset[int]()
    return Hits(words, ids)


def ask_words(app: App[object], value: str, answered: Callable[[str], None]) -> None:
    """Ask for words to search the list for."""
    hints = (
        "Words, the last may be the start of one. n and N go to the next and previous hit. Empty ends the search.",
    )
    question = AskScreen("Search this list for", value=value, hints=hints)
    app.push_screen(question, lambda words: None if words is None else answered(words.strip()))
