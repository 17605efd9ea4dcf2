"""The question which pairs are to be in the list: what may follow is offered while one types."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from textual.app import App

from molting_tui.curation.filter_completion import Names, completed, last_word, offered
from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.records.filters import FIELDS
from molting_tui.text import show_line
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.dialogs.completion import Completion, Offer

SHOWN = 8
"""What is offered of many."""
_HINTS = (
    "words  " + "  ".join(field.example for field in FIELDS),
    "- before a term turns it round; empty shows everything; ? on the list explains each; tab completes.",
)


def ask_filter(app: App[object], desk: Desk, answered: Callable[[str], None], *, value: str) -> None:
    """Ask for a filter. One with a mistake in it stands as it was typed, with the sentence under it."""

    def mistake(text: str) -> str:
        try:
            desk.chosen(text)
        except MoltingError as error:
            return error.sentence()
        return ""

    question = AskScreen(
        "Which pairs?",
        value=value,
        suggestion="" if value else "state:open",
        hints=_HINTS,
        check=mistake,
        offer=filter_offer(desk),
    )
    app.push_screen(question, lambda text: None if text is None else answered(text.strip()))


def filter_offer(desk: Desk) -> Completion:
    """What may become of a filter that is being typed. The names that a field knows are read once."""

    @functools.cache
    def names(field: str) -> Sequence[str]:
        try:
            return desk.names(field)
        except MoltingError:  # enter says what is wrong
            return ()

    return lambda text: _offer(text, names)


def _offer(text: str, names: Names) -> Offer:
    """What the field means that is being typed, and what its value may be."""
    if not last_word(text):
        return Offer((), text)
    field, words = offered(text, names)
    hints = [f"{field.example}  {field.explanation}"] if field else []
    several = len(words) > 0 and words != (last_word(text),)
    if several:
        more = f"  and {len(words) - SHOWN:,} more" if len(words) > SHOWN else ""
        hints.append("tab  " + "  ".join(show_line(word, 60) for word in words[:SHOWN]) + more)
    return Offer(tuple(hints), completed(text, words), several)
