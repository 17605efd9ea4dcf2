"""Results: the scores under one rubric, contender by contender, once nobody scores blind any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType
from textual.strip import Strip
from textual.worker import get_current_worker

from molting_tui.errors import MoltingError, Refused
from molting_tui.records.evaluation import Results, Rubric
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.dialogs.choose import ChooseScreen, Row
from molting_tui.ui.dialogs.reader import PageScreen, ReaderScreen
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.widgets.status import status_text
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.results.table import FactsLine, RatedAnswer


class ResultsScreen(ReaderScreen, inherit_bindings=False):
    """A page of scores. Refused, it says how many answers wait and what to press, and tells no name."""

    KEYS = keymap.RESULTS
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.RESULTS)]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("Results")
        self._workspace = workspace
        self._rubric: Rubric | None = None
        self._results: Results | None = None
        self._facts: list[FactsLine] = []
        self._calm: tuple[str, ...] = ("Adding up…",)
        self._message = ""

    def on_screen_resume(self) -> None:
        """Add up again: somebody may have scored meanwhile."""
        self._add_up()

    @work(thread=True, exclusive=True, exit_on_error=False, group="results")
    def _add_up(self) -> None:
        """Add the ratings up in the background and show them; facts stay out while answers can be scored blind."""
        # Loaded here: the first frame doesn't need it.
        from molting_tui.evaluation.results.table import chosen_rubric, facts_table, results, waits_for
        from molting_tui.overview.taking_in import take_in

        def job() -> Callable[[], None]:
            problems = take_in(self._workspace).problems
            rubric = self._rubric or chosen_rubric(self._workspace)
            if self._rubric is None:  # meanwhile somebody may have chosen another one
                self._rubric = rubric
            scores = results(self._workspace, rubric)
            facts: list[FactsLine] = []
            # Who was right would tell whose the answers are: to who scores them now, or may want to.
            if waits := waits_for(self._workspace):
                scores = replace(scores, notes=(*scores.notes, _withheld(waits)))
            else:
                with suppress(Refused):
                    facts = facts_table(self._workspace)
            return lambda: self._show_results(scores, facts, problems)

        self._worked(job, self._rest)

    def _worked(self, job: Callable[[], Callable[[], None]], failed: Callable[[str], None]) -> None:
        try:
            follow = job()
        except Refused as refused:  # its way out is a command's; here it is a key
            follow = partial(failed, f"{refused.what} F5 goes on scoring.")
        except MoltingError as error:
            follow = partial(failed, error.sentence())
        except OSError as error:
            why = error.strerror or type(error).__name__
            follow = partial(failed, f"The answers of the runs can't be read: {why}. See `molting doctor`.")
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._if_here, follow)

    def _if_here(self, follow: Callable[[], None]) -> None:
        """Go on, unless somebody has left meanwhile."""
        if self.is_attached:
            follow()

    def _show_results(self, results: Results, facts: list[FactsLine], problems: tuple[str, ...]) -> None:
        self._results, self._facts, self._calm = results, facts, problems
        self._show()

    def _rest(self, *sentences: str) -> None:
        self._results, self._calm = None, sentences
        self._show()

    def _show(self) -> None:
        from molting_tui.ui.results.result_lines import summary

        rubric = self._rubric
        self.heading = "Results" + (f" · {show_line(rubric.id, 40)}" if rubric else "")
        self.figure = summary(self._results) if self._results else ""
        self.on_resize()

    def say(self, message: str) -> None:
        """Put a sentence at the head of the page."""
        self._message = status_text(message, self._workspace.folder)
        self.on_resize()

    def write(self, width: int) -> Iterable[Strip]:
        """The scores; or why there are none."""
        from molting_tui.ui.results.result_lines import result_lines

        if self._message:
            yield from paragraphs(self._message, width - 1, indent=2, base=look.MESSAGE)
        if self._results is not None:
            yield from result_lines(self._results, self._facts, width)
        for sentence in self._calm:
            yield line("")
            yield from paragraphs(sentence, width - 1, indent=2)

    def action_rubric(self) -> None:
        """Ask for another rubric."""
        from molting_tui.evaluation.results.table import rubrics_in_use
        from molting_tui.evaluation.scoring.open_answers import choices

        known_rubrics = choices(self._workspace)
        used = rubrics_in_use(self._workspace)
        known = {rubric.digest for rubric in used}
        rubrics = [*used, *(rubric for rubric in known_rubrics.rubrics if rubric.digest not in known)]
        now = self._rubric.digest if self._rubric else ""
        rubrics.sort(key=lambda rubric: rubric.digest == now)  # the one in sight is what is not wanted: last
        if not rubrics:
            self.say("There is no rubric.")
            return

        def answered(numbers: tuple[int, ...] | None) -> None:
            if numbers is not None:
                self._rubric, self._message = rubrics[numbers[0]], ""
                self._rest("Adding up…")
                self._add_up()

        names = tuple(_rubric_name(rubric, rubric.digest in known) for rubric in rubrics)
        problem = show_line(known_rubrics.problems[0], 200) if known_rubrics.problems else ""
        self.app.push_screen(ChooseScreen("Under which rubric?", [Row("rubric", names)], lambda _: problem), answered)

    def action_answers(self) -> None:
        """The answers themselves, with the contenders' names."""
        if self._rubric is None:
            return
        self._message = ""
        self._read_answers(self._rubric)

    @work(thread=True, exclusive=True, exit_on_error=False, group="answers")
    def _read_answers(self, rubric: Rubric) -> None:
        from molting_tui.evaluation.results.table import rated_answers

        def job() -> Callable[[], None]:
            answers = rated_answers(self._workspace, rubric)
            return lambda: self._answers(rubric, answers)

        self._worked(job, self.say)

    def _answers(self, rubric: Rubric, answers: list[RatedAnswer]) -> None:
        from molting_tui.ui.results.result_lines import answer_lines

        if self.app.screen is not self:  # a question stands above by now
            return
        title = f"Answers · {show_line(rubric.id, 40)}"
        self.app.push_screen(PageScreen(title, lambda width: answer_lines(rubric, answers, width)))


def _rubric_name(rubric: Rubric, used: bool) -> str:
    version = f"version {show_line(rubric.version, 20)} ({rubric.digest[:8]})"
    return " · ".join([show_line(rubric.id, 40), version, "scored by" if used else "nothing scored yet"])


def _withheld(waits: int) -> str:
    return (
        f"{plural(waits, 'answer')} can still be scored blind (F5), so whose facts are right isn't told here:"
        " `molting results --facts` tells it, and ends that."
    )
