"""What the parts of triage know of its screen: the pair that is read, and the list that it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from molting_tui.records.pairs import Pair
from molting_tui.ui.sight import ScreenSight

NO_PAIR = "There is no pair in this list."


class PairSight(ScreenSight, Protocol):
    """The screen, for whoever says something of its pairs."""

    @property
    def pair(self) -> Pair | None:
        """The pair that is read; None where the list is empty."""

    @property
    def filter_text(self) -> str:
        """The filter that chose the list."""

    @property
    def marked(self) -> Sequence[int]:
        """The ids of the pairs in the marked range, in list order; none where no range is marked."""

    def end_range(self, *, go_on: bool = False) -> None:
        """Mark nothing any more, and go to the pair after the range, or stay."""

    def read_again(self, before: Pair) -> None:
        """Show the row and the counts after a word about a pair (`before` it). Raises MoltingError."""

    def paint_pair(self, *, keep_scroll: bool = False) -> None:
        """Paint the pair as it is now."""

    def go_on(self) -> None:
        """To the next pair."""

    def read_list_again(self, number: int = 0) -> None:
        """Show the list after a step over several pairs; with a pair's number go to it, if it is in the list."""
