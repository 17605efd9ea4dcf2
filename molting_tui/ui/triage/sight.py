"""What the parts of triage know of its screen: the pair that is read, and the list that it stands in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from textual.app import App

from molting_tui.records.pairs import Pair

Result = TypeVar("Result")
NO_PAIR = "There is no pair in this list."


class Sight(Protocol):
    """The screen, for whoever says something of its pairs."""

    @property
    def app(self) -> App[object]:
        """The app, to ask something above the screen."""

    @property
    def pair(self) -> Pair | None:
        """The pair that is read; None where the list is empty."""

    @property
    def filter_text(self) -> str:
        """The filter that chose the list."""

    def say(self, message: str) -> None:
        """Put a sentence into the status line."""

    def in_background(self, group: str, job: Callable[[], Result], then: Callable[[Result], object]) -> None:
        """Do something away from the UI thread, then `then` on it; what goes wrong stands in the status line."""

    def read_again(self, before: Pair) -> None:
        """Show the row and the counts after a word about a pair (`before` it). Raises MoltingError."""

    def paint_pair(self, *, keep_scroll: bool = False) -> None:
        """Paint the pair as it is now."""

    def go_on(self) -> None:
        """To the next pair."""

    def read_list_again(self, number: int = 0) -> None:
        """Show the list after a step over several pairs; with a pair's number go to it, if it is in the list."""
