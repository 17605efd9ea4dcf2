"""Which pairs are in the list, and which of them have the searched words."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import NamedTuple

from textual.app import App

from molting_tui.curation.triage import Desk
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


def choose(desk: Desk, filter_text: str, number: int = 0) -> Chosen:
    """The pairs of a filter, beginning at the pair with a number if it is there, else at the first open one. Raises
    BadFilter."""
    return _chosen(desk, filter_text, desk.matching(filter_text), number)


def go_on(desk: Desk) -> Chosen:
    """The pairs that one left, beginning where one left them."""
    return _chosen(desk, *desk.left_list())


def _chosen(desk: Desk, filter_text: str, ids: array[int], number: int) -> Chosen:
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
    question = AskScreen("Search this list for", suggestion=value, hints=hints)
    app.push_screen(question, lambda words: None if words is None else answered(words.strip()))
