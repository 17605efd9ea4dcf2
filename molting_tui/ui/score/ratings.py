"""What one says of the answer in sight: a level, not applicable, a note, a skip; undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from molting_tui.records.evaluation import BlindAnswer
from molting_tui.ui.blind_pass import stored
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.score.sight import AnswerSight

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.blind_session import Retaken, Scoring

NO_OTHER_OPEN, ALL_SCORED = "No other answer is unscored.", "Every answer is scored. F7 shows the results."


class Ratings:
    """Words about one answer. Each is stored when its key is pressed."""

    def __init__(self, sight: AnswerSight) -> None:
        self._sight = sight

    def rate(self, level: int | None) -> None:
        """Give the current dimension a level and go on."""
        scoring = self._sight.session()
        if scoring is None:
            return
        if level is None:  # chosen by name, in the palette
            self._sight.say("Press the digit of the level.")
        elif level not in scoring.rubric.scale:
            self._sight.say(f"{level} is not on the scale: {' '.join(map(str, scoring.rubric.scale))}.")
        else:
            self._rate(scoring, level)

    def not_applicable(self) -> None:
        """Say that the current dimension can't be judged, and go on."""
        scoring = self._sight.session()
        if scoring is not None:
            self._rate(scoring, None)

    def _rate(self, scoring: Scoring, level: int | None) -> None:
        """Store a level (None: not applicable) and go on. Nothing is stored while the anchors are out of sight."""
        answer = self._sight.answer
        if answer is None:
            self._sight.say("No answer is in sight. k goes back to the last one, F7 shows the results.")
            return
        if self._sight.anchors_hidden:
            self._sight.action_zoom()
            self._sight.say("The anchors were out of sight, so nothing was stored. Press it again.")
            return
        dimension = scoring.rubric.dimensions[self._sight.dimension]
        if not self._stored(lambda: scoring.rate(answer.place, dimension.id, level)):
            return
        rated = scoring.item(answer.place)
        if rated.scored(scoring.rubric) and not answer.scored(scoring.rubric):
            self._sight.scored_now()
        self._go_on(scoring, answer, rated)

    def _go_on(self, scoring: Scoring, before: BlindAnswer, after: BlindAnswer) -> None:
        """To the next dimension that is open; of an answer that was scored already, to the next one; then to the next
        answer that is open."""
        names = [dimension.id for dimension in scoring.rubric.dimensions]
        count, here = len(names), self._sight.dimension
        if not after.scored(scoring.rubric):
            ahead = [(here + step) % count for step in range(1, count + 1)]
            self._sight.show_dimension(next(place for place in ahead if names[place] not in after.levels))
        elif before.scored(scoring.rubric) and here + 1 < count:
            self._sight.show_dimension(here + 1)
        elif not self._sight.show_other_open(after.place):
            every = "The one answer is" if scoring.total == 1 else f"All {scoring.total:,} answers are"
            self._sight.rest(
                f"{every} scored by {scoring.rubric.id}.",
                "F7 shows the results. k goes back to the answers, u takes the last rating back, q goes home.",
            )

    def skip(self) -> None:
        """Leave the answer open and go to the next open one."""
        scoring, answer = self._sight.session(), self._sight.answer
        if scoring is None or answer is None:
            return
        if not answer.scored(scoring.rubric) and not self._stored(lambda: scoring.skip(answer.place)):
            return
        if not self._sight.show_other_open(answer.place):
            self._sight.show_dimension(self._sight.dimension)
            self._sight.say(NO_OTHER_OPEN if scoring.left else ALL_SCORED)

    def note(self) -> None:
        """Ask for a note."""
        scoring, answer = self._sight.session(), self._sight.answer
        if scoring is None or answer is None:
            return

        def answered(text: str | None) -> None:
            if text is not None and self._stored(lambda: scoring.note(answer.place, text)):
                self._sight.show_dimension(self._sight.dimension)

        question = AskScreen("Note on this answer", value=answer.note, hints=("Empty takes the note away.",))
        self._sight.app.push_screen(question, answered)

    def undo(self) -> None:
        """Take back the latest rating or note, and go to its answer."""
        scoring = self._sight.session()
        if scoring is not None:
            self._show_retaken(scoring, scoring.undo(), "Nothing of yours is left to undo in this session.")

    def redo(self) -> None:
        """Bring it back, and go to its answer."""
        scoring = self._sight.session()
        if scoring is not None:
            self._show_retaken(scoring, scoring.redo(), "Nothing to redo.")

    def _show_retaken(self, scoring: Scoring, retaken: Retaken | None, nothing: str) -> None:
        if retaken is None:
            self._sight.say(nothing)
        elif self._sight.show_answer(retaken.place):
            names = [dimension.id for dimension in scoring.rubric.dimensions]
            if retaken.dimension in names:
                self._sight.show_dimension(names.index(retaken.dimension))
            self._sight.say(retaken.sentence)

    def _stored(self, step: Callable[[], object]) -> bool:
        return stored(step, self._sight.say)
