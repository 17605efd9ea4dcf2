"""Scoring: shuffled answers, one at a time, each dimension one digit. Nothing here knows whose answer it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.worker import get_current_worker

from molting_tui.errors import MoltingError
from molting_tui.records.evaluation import Rubric
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.choose import ChooseScreen, Row
from molting_tui.ui.score.ratings import RatingScreen
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.blind_session import Scoring
    from molting_tui.evaluation.scoring.open_answers import Choices, Wanted

_LANGUAGES = {"": "all", "pt": "Portuguese (pt)", "en": "English (en)"}
NEXT_STEP = "F4, then a, asks a trained model and its base the questions; so does `molting answer`."


class ScoreScreen(RatingScreen):
    """Goes on with your open session, or asks what to score (`wanted`: or starts that at once)."""

    PALETTE = (("Score something else…", "Choose rubric, questions and language anew", "screen.choose"),)

    def __init__(self, workspace: Workspace, wanted: Wanted | None = None) -> None:
        super().__init__(workspace)
        self._wanted = wanted

    def on_mount(self) -> None:
        """Look for answers."""
        self._open()

    @work(thread=True, exclusive=True, exit_on_error=False, group="score")
    def _open(self) -> None:
        # Loaded here: the first frame doesn't need it.
        from molting_tui.evaluation.scoring.blind_session import waiting
        from molting_tui.evaluation.scoring.open_answers import Wanted, choices, going_on
        from molting_tui.overview.taking_in import take_in

        def look() -> Callable[[], None]:
            # What the problems say names runs, and runs name contenders: here only their number may be told.
            troubles = len(take_in(self._workspace).problems)
            wanted, self._wanted = self._wanted, None
            if wanted is not None and wanted != Wanted():
                return self._starter(wanted)
            scoring = going_on(self._workspace)
            if scoring is not None:
                return lambda: self._begin(scoring, troubles)
            found = choices(self._workspace)
            there = waiting(self._workspace)
            return lambda: self._ask(found, there, troubles)

        self._worked(look)

    @work(thread=True, exclusive=True, exit_on_error=False, group="score")
    def _start(self, wanted: Wanted) -> None:
        self._worked(lambda: self._starter(wanted))

    def _starter(self, wanted: Wanted) -> Callable[[], None]:
        from molting_tui.evaluation.results.table import chosen_rubric
        from molting_tui.evaluation.scoring.blind_session import start

        rubric = chosen_rubric(self._workspace, wanted.rubric)
        scoring = start(self._workspace, rubric, sets=wanted.sets, language=wanted.language, again=wanted.again)
        return lambda: self._begin(scoring, 0)

    def _worked(self, job: Callable[[], Callable[[], None]]) -> None:
        """Do something that takes its time off the UI thread, and then what follows from it on it."""
        try:
            follow = job()
        except MoltingError as error:
            follow = partial(self._nothing, error.sentence())
        except OSError as error:  # its path would name a run
            why = error.strerror or type(error).__name__
            follow = partial(self._nothing, f"The answers of the runs can't be read: {why}. See `molting doctor`.")
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._if_here, follow)

    def _if_here(self, follow: Callable[[], None]) -> None:
        """Go on, unless somebody has left meanwhile."""
        if self.is_attached and self.app.screen is self:
            follow()
        elif self.is_attached:
            self._nothing("F5 looks for answers.")

    def _begin(self, scoring: Scoring, troubles: int) -> None:
        self._scoring, self._sheet = scoring, None
        if self._show(scoring.resume_place()) and troubles:
            self.say(f"{plural(troubles, 'file')} of answers could not be read whole; `molting results` says which.")

    def _nothing(self, sentence: str) -> None:
        if self._answer is not None:  # one was scoring, and goes on
            self.say(sentence)
        else:
            self._rest(sentence, NEXT_STEP, "F7 shows the results, F5 looks again, q goes back.")

    # What to score

    def action_choose(self) -> None:
        """Choose anew what to score; what is scored stays scored."""
        from molting_tui.evaluation.scoring.blind_session import waiting
        from molting_tui.evaluation.scoring.open_answers import choices

        self._message = ""
        self._ask(choices(self._workspace), waiting(self._workspace), 0)

    def again(self) -> None:
        """F5 on this screen: look for answers again where there is none in sight, else choose anew."""
        if self._answer is None:
            self._message = ""
            self._open()
        else:
            self.action_choose()

    def _ask(self, found: Choices, there: int, troubles: int) -> None:
        from molting_tui.evaluation.scoring.open_answers import Wanted, waiting_for

        if not found.rubrics or not found.sets:
            self._nothing(
                "There is no rubric to score by." if found.sets else "No answers wait: nobody was asked anything yet."
            )
            return
        sets: tuple[tuple[str, ...], ...] = ((), *((name,) for name in found.sets)) if len(found.sets) > 1 else ((),)
        names = [("all of them",) if len(found.sets) > 1 else found.sets, *((name,) for name in found.sets)][
            : len(sets)
        ]
        languages = found.languages if len(found.languages) > 2 else ("",)
        rows = [
            Row("rubric", tuple(_rubric_name(rubric) for rubric in found.rubrics)),
            Row("questions", tuple(show_line(name[0], 60) for name in names)),
            Row("language", tuple(_LANGUAGES.get(name, name) for name in languages)),
        ]

        def wanted(numbers: tuple[int, ...]) -> tuple[Rubric, Wanted]:
            rubric = found.rubrics[numbers[0]]
            return rubric, Wanted(rubric.source, sets[numbers[1]], languages[numbers[2]])

        def told(numbers: tuple[int, ...]) -> str:
            rubric, choice = wanted(numbers)
            try:
                count = waiting_for(self._workspace, rubric, choice)
            except MoltingError as error:
                return error.sentence()
            if not count:
                return f"None waits: you have scored them all under {rubric.id}, or there is none. F7 shows results."
            fits = "waits" if count == 1 else "wait"
            return f"{plural(count, 'answer')} {fits}, {plural(count * len(rubric.dimensions), 'digit')}."

        def answered(numbers: tuple[int, ...] | None) -> None:
            if numbers is not None:
                self._start(wanted(numbers)[1])
            elif self._answer is None and self._scoring is None:
                self.app.pop_screen()

        self._rest_if_empty(there)
        problem = f" {show_line(found.problems[0], 120)}" if found.problems else ""
        self.app.push_screen(ChooseScreen("Score what?", rows, lambda numbers: told(numbers) + problem), answered)

    def _rest_if_empty(self, there: int) -> None:
        if self._answer is None:
            verb = "waits" if there == 1 else "wait"
            self._rest(f"{plural(there, 'answer')} {verb} that you have not scored by any rubric.")


def _rubric_name(rubric: Rubric) -> str:
    return f"{show_line(rubric.id, 40)} · {show_line(rubric.title, 60)}"
