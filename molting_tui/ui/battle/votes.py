"""What one says of the battle in sight: which answer is better, a guess, a note, a skip; undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from molting_tui.errors import MoltingError
from molting_tui.ui.battle.sight import BattleSight
from molting_tui.ui.blind_pass import stored
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.dialogs.choose import ChooseScreen, Row

if TYPE_CHECKING:
    from molting_tui.evaluation.battles.battling import Retaken

NONE_IN_SIGHT = "No battle is in sight: j shows the first one, k the last."
_GUESSES = (("", "no guess"), ("left", "the left one"), ("right", "the right one"))


class Votes:
    """Words about one battle. Each is stored when its key is pressed."""

    def __init__(self, sight: BattleSight) -> None:
        self._sight = sight

    def vote(self, outcome: str) -> None:
        """Say which answer is better, and go on: to the next open battle, or to the next one where this had a vote."""
        battling, battle = self._sight.session(), self._sight.battle
        if battling is None:
            return
        if battle is None:
            self._sight.say(NONE_IN_SIGHT)
            return
        if not self._stored(lambda: battling.vote(battle.place, outcome)):
            return
        if not battle.outcome:
            self._sight.voted_now()
        elif battle.place + 1 < battling.total and battling.left:
            self._sight.show_battle(battle.place + 1)
            return
        if not self._sight.show_other_open(battle.place):
            if battling.left:  # this very one, whose vote another program took back
                self._sight.show_battle(battle.place)
            else:
                self._sight.rest_at_end()

    def skip(self) -> None:
        """Leave the battle open and go to the next open one."""
        battling, battle = self._sight.session(), self._sight.battle
        if battling is None or battle is None:
            return
        if not battle.outcome and not self._stored(lambda: battling.skip(battle.place)):
            return
        if not self._sight.show_other_open(battle.place):
            self._sight.show_battle(battle.place, keep_scroll=True)
            self._sight.say("No other battle is open." if battling.left else "Every battle has its vote: C ends.")

    def guess(self) -> None:
        """Ask which side is taken for the newer version."""
        battling, battle = self._sight.session(), self._sight.battle
        if battling is None or battle is None:
            return
        # What was guessed stands first, so that enter leaves it.
        here = [guess for guess, _ in _GUESSES].index(battle.guess)
        order = _GUESSES[here:] + _GUESSES[:here]

        def answered(numbers: tuple[int, ...] | None) -> None:
            if numbers is None:
                return
            side = order[numbers[0]][0]
            if self._stored(lambda: battling.guess(battle.place, side)):
                self._sight.show_battle(battle.place, keep_scroll=True)

        meaning = "It counts for nothing but this: how far the answers still tell whose they are."
        rows = [Row("guess", tuple(words for _, words in order))]
        self._sight.app.push_screen(ChooseScreen("Which is the newer version?", rows, lambda _: meaning), answered)

    def note(self) -> None:
        """Ask for a note."""
        battling, battle = self._sight.session(), self._sight.battle
        if battling is None or battle is None:
            return

        def answered(text: str | None) -> None:
            if text is not None and self._stored(lambda: battling.note(battle.place, text)):
                self._sight.show_battle(battle.place, keep_scroll=True)

        question = AskScreen("Note on this battle", value=battle.note, hints=("Empty takes the note away.",))
        self._sight.app.push_screen(question, answered)

    def undo(self) -> None:
        """Take back the latest vote, guess or note, and go to its battle."""
        battling = self._sight.session()
        if battling is not None:
            self._step(battling.undo, "Nothing of yours is left to undo in this session.")

    def redo(self) -> None:
        """Bring it back, and go to its battle."""
        battling = self._sight.session()
        if battling is not None:
            self._step(battling.redo, "Nothing to redo.")

    def _step(self, take: Callable[[], Retaken | None], nothing: str) -> None:
        try:
            retaken = take()
        except MoltingError as error:
            self._sight.say(error.sentence())
            return
        if retaken is None:
            self._sight.say(nothing)
        elif self._sight.show_battle(retaken.place):
            self._sight.say(retaken.sentence)

    def _stored(self, step: Callable[[], object]) -> bool:
        return stored(step, self._sight.say)
