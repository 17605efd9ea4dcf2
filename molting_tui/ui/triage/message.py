"""Which message of a pair is meant: asked by its number, as it stands beside the speaker."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App

from molting_tui.records.pairs import Pair
from molting_tui.text import plural
from molting_tui.ui.dialogs.ask import AskScreen


def ask_message(app: App[object], pair: Pair, then: Callable[[int], object]) -> None:
    """Ask for the number of a message of `pair`, and do `then` with it."""
    last = len(pair.messages) - 1

    def mistake(text: str) -> str:
        there = text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= last
        return "" if there else f"This pair has {plural(last + 1, 'message')}: a number from 0 to {last}."

    def answered(text: str | None) -> None:
        if text is not None:
            then(int(text))

    hints = (
        f"A number from 0 to {last}, as it stands beside the speaker. {last} is the answer, {last - 1} the prompt.",
    )
    app.push_screen(AskScreen("Which message?", hints=hints, check=mistake), answered)
