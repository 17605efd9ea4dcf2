"""The question why a pair, or a range, is dropped."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App

from molting_tui.records.pairs import REASON_CODES
from molting_tui.ui.dialogs.ask import AskScreen

REASONS = tuple(REASON_CODES)
"""What is said again and again, each by its number from 1 on."""


def ask_reason(app: App[object], question: str, then: Callable[[str], object]) -> None:
    """Ask why, by number or in words, and do `then` with the words."""
    numbered = {str(number): words for number, words in enumerate(REASONS, 1)}

    def answered(reason: str | None) -> None:
        if reason is not None:
            then(numbered.get(reason.strip(), reason.strip()))

    hint = " · ".join(f"{number} {reason}" for number, reason in numbered.items())
    app.push_screen(AskScreen(question, hints=(hint, "A number, or your own words.")), answered)
