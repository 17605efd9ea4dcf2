"""What the parts of scoring know of its screen: the session, the answer in sight, the dimension one is at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from molting_tui.records.evaluation import BlindAnswer
from molting_tui.ui.sight import ScreenSight

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.blind_session import Scoring


class AnswerSight(ScreenSight, Protocol):
    """The screen, for whoever says something of its answers."""

    @property
    def answer(self) -> BlindAnswer | None:
        """The answer in sight; None where sentences stand in its place."""

    @property
    def dimension(self) -> int:
        """The dimension one is at: its place in the rubric."""

    @property
    def anchors_hidden(self) -> bool:
        """Whether the answer has the screen for itself, so that nobody sees what a level means."""

    def session(self) -> Scoring | None:
        """What is scored; None (said so) where there is nothing."""

    def action_zoom(self) -> None:
        """The answer alone, or everything."""

    def show_answer(self, place: int) -> bool:
        """Go to an answer; False where it can't be read, which the status line says."""

    def show_dimension(self, dimension: int) -> None:
        """Show the answer in sight as it is stored now, at a dimension."""

    def show_other_open(self, here: int) -> bool:
        """Go from a place to the next other answer that isn't scored, from the beginning on if need be; False where
        there is none."""

    def rest(self, *sentences: str) -> None:
        """Show sentences in place of an answer."""

    def scored_now(self) -> None:
        """Note that an answer was scored whole, for the pace."""
