"""Results: the scores under one rubric, contender by contender, once nobody scores blind any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from molting_tui.errors import Refused
from molting_tui.records.evaluation import Results, Rubric
from molting_tui.records.verdicts import Verdict
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.background import in_background, naming_no_run
from molting_tui.ui.dialogs.choose import ChooseScreen, Row
from molting_tui.ui.dialogs.reader import PageScreen
from molting_tui.ui.frame import ReadingScreen
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.results.page import ResultsPage
from molting_tui.ui.results.tables import Line, Opens
from molting_tui.ui.results.tables import contender as contender_name
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.results.averages import RatedAnswer
    from molting_tui.evaluation.results.table import FactsLine

Result = TypeVar("Result")
Pair = tuple[str, str]
"""Two contenders by name: the difference is the first less the second."""


class Shown(NamedTuple):
    """What was added up: the scores, who had the facts right, what could not be read, and the verdict on two."""

    results: Results
    facts: list[FactsLine]
    problems: tuple[str, ...]
    verdict: Verdict | None


class ResultsScreen(ReadingScreen):
    """A page of scores. Refused, it says how many answers wait and what to press, and tells no name."""

    KEYS = keymap.RESULTS
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.RESULTS)]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.text: ResultsPage = ResultsPage()
        self._rubric: Rubric | None = None
        self._pair: Pair | None = None
        self._shown: Shown | None = None
        self._sentences: tuple[str, ...] = ("Adding up…",)

    def body(self) -> ComposeResult:
        """The page."""
        yield self.text

    def on_resize(self) -> None:
        """Paint at the new size."""
        self.call_after_refresh(self._paint)

    def on_screen_resume(self) -> None:
        """Add up again: somebody may have scored meanwhile."""
        self._add_up()

    # Adding up

    def _add_up(self) -> None:
        """Add the ratings up in the background and show them, or why there are none."""
        in_background(self, "results", naming_no_run(_refused_here(self._added_up)), self._show, self._rest)

    def _added_up(self) -> Shown:
        """The scores under the rubric; the facts stay out while answers can be scored blind."""
        # Loaded here: the first frame doesn't need it.
        from molting_tui.evaluation.results.table import chosen_rubric, facts_table, results, waits_for
        from molting_tui.overview.taking_in import take_in

        problems = take_in(self.workspace).problems
        rubric = self._rubric or chosen_rubric(self.workspace)
        if self._rubric is None:  # meanwhile somebody may have chosen another one
            self._rubric = rubric
        scores = results(self.workspace, rubric)
        facts: list[FactsLine] = []
        # Who was right would tell whose the answers are: to who scores them now, or may want to.
        if waits := waits_for(self.workspace):
            scores = replace(scores, notes=(*scores.notes, _withheld(waits)))
        else:
            with suppress(Refused):
                facts = facts_table(self.workspace)
        try:
            return Shown(scores, facts, problems, self._verdict(rubric, scores))
        except Refused as refused:  # a planned look that isn't due; the gate was open just now
            return Shown(scores, facts, (*problems, refused.what[:1].upper() + refused.what[1:]), None)

    def _verdict(self, rubric: Rubric, scores: Results) -> Verdict | None:
        """The verdict on the two that were chosen, else on the first pair of the table; None where there are none."""
        from molting_tui.evaluation.results.comparison import compared

        chosen = self._pair
        if chosen is None or not set(chosen) <= {each.name for each in scores.contenders}:
            return next(iter(scores.verdicts), None)
        known = (each for each in scores.verdicts if (each.a, each.b) == chosen)
        return next(known, None) or compared(self.workspace, rubric, *chosen)

    def _show(self, shown: Shown) -> None:
        self._shown, self._sentences = shown, shown.problems
        self._paint()

    def _rest(self, *sentences: str) -> None:
        self._shown, self._sentences = None, sentences
        self._paint()

    # Painting

    def _paint(self) -> None:
        from molting_tui.ui.results.result_lines import summary

        if not self.is_attached:
            return
        self.text.show_page(self._lines(self.size.width))
        title = "Results" + (f" · {show_line(self._rubric.id, 40)}" if self._rubric else "")
        figure = summary(self._shown.results, self._shown.verdict) if self._shown else ""
        self.paint_frame(title, figure, without=tuple(self._idle_keys()))

    def _idle_keys(self) -> Iterator[str]:
        """The actions (ids) that can do nothing now."""
        verdict = self._shown.verdict if self._shown else None
        if verdict is None or not verdict.facts:
            yield "results.turns"
        if self._shown is None or len(self._shown.results.contenders) < 2:
            yield "results.pair"
        if self.text.opens is None:
            yield "results.fact"

    def _lines(self, width: int) -> Iterable[Line]:
        """The scores; or why there are none."""
        from molting_tui.ui.results.result_lines import result_lines

        if self._shown is not None:
            shown, height = self._shown, self.text.size.height or self.size.height
            yield from result_lines(shown.results, shown.facts, width, shown.verdict, height)
        for sentence in self._sentences:
            yield line("")
            yield from paragraphs(sentence, width - 1, indent=2)

    def where(self, width: int) -> Strip:
        """The row that the cursor is on, and whether the page goes on."""
        opens, (place, total) = self.text.opens, self.text.place
        parts = [f"row {place + 1:,} of {total:,} · enter opens {_answers_meant(opens)}"] if opens else []
        parts += ["J more below"] if self.text.more_below else []
        return line((fit(f" {' · '.join(parts)}", width), look.DIM))

    def action_move(self, step: int) -> None:
        """To the next or previous row that leads to answers; where there is none that way, the page scrolls."""
        if not self.text.step(step):
            self.text.scroll_by(step)
        self.scrolled()

    def action_end(self, last: int) -> None:
        """To the beginning, or the end."""
        if last:
            self.text.scroll_end_of_text()
        else:
            self.text.scroll_top()
        self.scrolled()

    # What is shown

    def action_rubric(self) -> None:
        """Ask for another rubric."""
        from molting_tui.evaluation.results.table import rubrics_in_use
        from molting_tui.evaluation.scoring.open_answers import choices

        known_rubrics = choices(self.workspace)
        used = rubrics_in_use(self.workspace)
        known = {rubric.digest for rubric in used}
        rubrics = [*used, *(rubric for rubric in known_rubrics.rubrics if rubric.digest not in known)]
        now = self._rubric.digest if self._rubric else ""
        rubrics.sort(key=lambda rubric: rubric.digest == now)  # the one in sight is what is not wanted: last
        if not rubrics:
            self.say("There is no rubric.")
            return

        def answered(numbers: tuple[int, ...] | None) -> None:
            if numbers is not None:
                self._rubric = rubrics[numbers[0]]
                self.status.clear()
                self._rest("Adding up…")
                self._add_up()

        names = tuple(_rubric_name(rubric, rubric.digest in known) for rubric in rubrics)
        problem = show_line(known_rubrics.problems[0], 200) if known_rubrics.problems else ""
        self.app.push_screen(ChooseScreen("Under which rubric?", [Row("rubric", names)], lambda _: problem), answered)

    def action_pair(self) -> None:
        """Ask which two are compared."""
        if self._shown is None:
            return
        names = [each.name for each in self._shown.results.contenders]
        if len(names) < 2:
            self.say("There is nobody to compare: the scores are of one contender.")
            return
        now = self._shown.verdict
        firsts = sorted(names, key=lambda name: now is None or name != now.a)
        seconds = sorted(names, key=lambda name: now is None or name != now.b)
        if now is None:
            seconds.reverse()

        def answered(numbers: tuple[int, ...] | None) -> None:
            if numbers is None:
                return
            first, second = firsts[numbers[0]], seconds[numbers[1]]
            if first == second:
                self.say("Two contenders are compared, not one with itself.")
                return
            self._pair = (first, second)
            self.status.clear()
            self._rest("Comparing…")
            self._add_up()

        rows = [Row(word, tuple(map(contender_name, of))) for word, of in (("this", firsts), ("less that", seconds))]
        self.app.push_screen(ChooseScreen("Which two?", rows, _meant), answered)

    def action_turning_fact(self) -> None:
        """Both answers to the fact that the verdict hangs on, else to the one with the largest difference."""
        verdict = self._shown.verdict if self._shown else None
        if verdict is None or not verdict.facts:
            self.say("There is no verdict that hangs on a fact.")
            return
        from molting_tui.ui.results.rows import facts_in_order

        self._both_answers(verdict, facts_in_order(verdict)[0].cluster)

    def action_fact(self) -> None:
        """The answers that the row under the cursor leads to."""
        opens = self.text.opens
        verdict = self._shown.verdict if self._shown else None
        if opens is None:
            self.say("There is no fact and no question that anybody was scored on. tab lists the answers.")
        elif self.text.find_cursor():  # what is opened counts as seen: not what nobody had in sight
            self.scrolled()
        elif opens.kind == "question":
            self._answers_to_question(opens.name)
        elif verdict is not None:
            self._both_answers(verdict, opens.name)

    def _answers_to_question(self, prompt: str) -> None:
        """Show everybody's answers to a question; only these are marked as seen."""
        rubric = self._rubric
        if rubric is None:
            return

        def read() -> list[RatedAnswer]:
            from molting_tui.evaluation.results.table import listed_answers, read_answers

            listed = listed_answers(self.workspace, rubric)
            chosen = [each for each in listed if each.answer.question.prompt == prompt]
            read_answers(self.workspace, chosen)
            return chosen

        self.status.clear()
        self.in_background("answers", naming_no_run(_refused_here(read)), partial(self._answers, rubric))

    def action_info(self) -> None:
        """The rubric: every dimension and level in words."""
        from molting_tui.ui.score.rating_sheet import rubric_lines

        if self._rubric is not None:
            rubric = self._rubric
            self.app.push_screen(PageScreen("Rubric", lambda width: rubric_lines(rubric, None, width)))

    def _both_answers(self, verdict: Verdict, cluster: str) -> None:
        """Show both answers to a fact; only these are marked as seen."""
        rubric = self._rubric
        if rubric is None:
            return

        def read() -> list[RatedAnswer]:
            from molting_tui.evaluation.results.comparison import answers_to

            return answers_to(self.workspace, rubric, verdict.a, verdict.b, cluster)

        self.status.clear()
        self.in_background("answers", naming_no_run(_refused_here(read)), partial(self._answers, rubric))

    def action_answers(self) -> None:
        """The answers by name, closed: what is opened counts as seen."""
        rubric = self._rubric
        if rubric is None:
            return

        def read() -> tuple[list[RatedAnswer], set[int]]:
            from molting_tui.evaluation.results.table import listed_answers, seen_answers

            listed = listed_answers(self.workspace, rubric)
            return listed, seen_answers(self.workspace, listed)

        self.status.clear()
        self.in_background("answers", naming_no_run(_refused_here(read)), partial(self._list_answers, rubric))

    def _list_answers(self, rubric: Rubric, listed: tuple[list[RatedAnswer], set[int]]) -> None:
        from molting_tui.ui.results.answers import AnswersScreen

        if self.is_attached and self.app.screen is self:  # no question stands above by now
            self.app.push_screen(AnswersScreen(self.workspace, rubric, *listed))

    def _answers(self, rubric: Rubric, answers: list[RatedAnswer]) -> None:
        from molting_tui.ui.results.answers import answers_page

        if not self.is_attached or self.app.screen is not self:  # a question stands above by now
            return
        title = f"Answers · {show_line(rubric.id, 40)}"
        self.app.push_screen(answers_page(title, rubric, answers))


def _refused_here(job: Callable[[], Result]) -> Callable[[], Result]:
    """A job whose refusal names a key as the way out, where it is a command's elsewhere."""

    def refusing() -> Result:
        try:
            return job()
        except Refused as refused:
            raise Refused(f"F5 goes on scoring: {refused.what} C there closes a session for good.") from refused

    return refusing


def _answers_meant(opens: Opens) -> str:
    return "both answers to this fact" if opens.kind == "fact" else "the answers to this question"


def _meant(_: tuple[int, ...]) -> str:
    return "A difference above 0 is in favour of the first."


def _rubric_name(rubric: Rubric, used: bool) -> str:
    version = f"version {show_line(rubric.version, 20)} ({rubric.digest[:8]})"
    return " · ".join([show_line(rubric.id, 40), version, "scored by" if used else "nothing scored yet"])


def _withheld(waits: int) -> str:
    return (
        f"{plural(waits, 'answer')} can still be scored blind (F5), so whose facts are right isn't told here:"
        " `molting results --facts` tells it, and ends that."
    )
