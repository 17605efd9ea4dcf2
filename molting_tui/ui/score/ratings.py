"""What one says of the answer in sight: a level, not applicable, a note, a skip; undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from molting_tui.errors import MoltingError
from molting_tui.records.evaluation import BlindAnswer
from molting_tui.text import plural
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.score.scored import ScoredScreen

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.blind_session import Retaken


class RatingScreen(ScoredScreen):
    """Words about one answer. Each is stored when its key is pressed."""

    def action_rate(self, level: int | None = None) -> None:
        """Give the current dimension a level and go on."""
        scoring = self._places()
        if scoring is None:
            return
        if level is None:  # chosen by name, in the palette
            self.say("Press the digit of the level.")
        elif level not in scoring.rubric.scale:
            self.say(f"{level} is not on the scale: {' '.join(map(str, scoring.rubric.scale))}.")
        else:
            self._rate(level)

    def action_not_applicable(self) -> None:
        """Say that the current dimension can't be judged, and go on."""
        if self._places() is not None:
            self._rate(None)

    def _rate(self, level: int | None) -> None:
        scoring, answer = self._scoring, self._answer
        if scoring is None or answer is None:
            self.say("No answer is in sight. k goes back to the last one, F7 shows the results.")
            return
        if self.has_class("-zoom"):
            self.action_zoom()
            self.say("The anchors were out of sight, so nothing was stored. Press it again.")
            return
        dimension = scoring.rubric.dimensions[self._dimension]
        if not self._do(lambda: scoring.rate(answer.place, dimension.id, level)):
            return
        rated = scoring.item(answer.place)
        if rated.scored(scoring.rubric) and not answer.scored(scoring.rubric):
            self._pace.decided(datetime.now(UTC))
        self._go_on(answer, rated)

    def _go_on(self, before: BlindAnswer, after: BlindAnswer) -> None:
        """To the next dimension that is open; of an answer that was scored already, to the next one; then to the next
        answer that is open."""
        scoring = self._scoring
        assert scoring is not None
        names = [one.id for one in scoring.rubric.dimensions]
        count, here = len(names), self._dimension
        if not after.scored(scoring.rubric):
            ahead = [(here + step) % count for step in range(1, count + 1)]
            self._answer = after
            self._dimension = next(place for place in ahead if names[place] not in after.levels)
            self._paint(keep_scroll=True)
        elif before.scored(scoring.rubric) and here + 1 < count:
            self._answer = after
            self._dimension = here + 1
            self._paint(keep_scroll=True)
        else:
            self._to_next_answer(after.place)

    def _to_next_answer(self, here: int) -> None:
        scoring = self._scoring
        assert scoring is not None
        found = self._other_open(scoring, here)
        if found is None:
            self._all_scored()
        else:
            self._show(found)
            if found < here:
                self.say(f"{plural(scoring.left, 'answer')} that you left open before.")

    def _all_scored(self) -> None:
        scoring = self._scoring
        assert scoring is not None
        every = "The one answer is" if scoring.total == 1 else f"All {scoring.total:,} answers are"
        self._rest(
            f"{every} scored by {scoring.rubric.id}.",
            "F7 shows the results. k goes back to the answers, u takes the last rating back, q goes home.",
        )

    def action_dimension(self, step: int) -> None:
        """Next or previous dimension."""
        scoring = self._places()
        if scoring is not None and self._answer is not None:
            self._dimension = (self._dimension + step) % len(scoring.rubric.dimensions)
            self._paint(keep_scroll=True)

    def action_skip(self) -> None:
        """Leave the answer open and go to the next open one."""
        scoring, answer = self._places(), self._answer
        if scoring is None or answer is None:
            return
        if not answer.scored(scoring.rubric) and not self._do(lambda: scoring.skip(answer.place)):
            return
        found = self._other_open(scoring, answer.place)
        if found is None:
            self._look_again(self._dimension)
            self.say(
                "No other answer is unscored." if scoring.left else "Every answer is scored. F7 shows the results."
            )
        else:
            self._show(found)
            if found < answer.place:
                self.say(f"{plural(scoring.left, 'answer')} that you left open before.")

    def action_note(self) -> None:
        """Ask for a note."""
        scoring, answer = self._places(), self._answer
        if scoring is None or answer is None:
            return

        def answered(text: str | None) -> None:
            if text is not None and self._do(lambda: scoring.note(answer.place, text)):
                self._look_again(self._dimension)

        self.app.push_screen(
            AskScreen("Note on this answer", value=answer.note, hints=("Empty takes the note away.",)), answered
        )

    def action_undo(self) -> None:
        """Take back the latest rating or note, and go to its answer."""
        scoring = self._places()
        if scoring is not None:
            self._retaken(scoring.undo(), "Nothing of yours is left to undo in this session.")

    def action_redo(self) -> None:
        """Bring it back, and go to its answer."""
        scoring = self._places()
        if scoring is not None:
            self._retaken(scoring.redo(), "Nothing to redo.")

    def _retaken(self, found: Retaken | None, nothing: str) -> None:
        scoring = self._scoring
        if scoring is None or found is None:
            self.say(nothing)
        elif self._show(found.place):
            names = [one.id for one in scoring.rubric.dimensions]
            if found.dimension in names:
                self._look_again(names.index(found.dimension))
            self.say(found.sentence)

    def _do(self, say: Callable[[], object]) -> bool:
        try:
            say()
        except MoltingError as error:
            self.say(error.sentence())
            return False
        return True
