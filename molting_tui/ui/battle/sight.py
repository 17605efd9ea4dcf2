"""What the parts of a battle know of its screen: the session, and the battle in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from molting_tui.records.battles import BlindBattle
from molting_tui.ui.sight import ScreenSight

if TYPE_CHECKING:
    from molting_tui.evaluation.battles.battling import Battling


class BattleSight(ScreenSight, Protocol):
    """The screen, for whoever says something of its battles."""

    @property
    def battle(self) -> BlindBattle | None:
        """The battle in sight; None where sentences stand in its place."""

    def session(self) -> Battling | None:
        """What is voted on; None (said so) where there is nothing."""

    def show_battle(self, place: int, *, keep_scroll: bool = False) -> bool:
        """Go to a battle; False where it can't be read, which stands in its place."""

    def show_other_open(self, here: int) -> bool:
        """Go from a place to the next other battle without a vote, from the beginning on if need be; False where there
        is none."""

    def rest_at_end(self) -> None:
        """Show what is next, once every battle has its vote."""

    def voted_now(self) -> None:
        """Note that a battle was voted on, for the pace."""
