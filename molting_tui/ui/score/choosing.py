"""What to score: the question for rubric, questions and language, with how many answers wait for each choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from molting_tui.errors import MoltingError
from molting_tui.records.evaluation import Rubric
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.choose import ChooseScreen, Row
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.open_answers import Choices, Wanted

_LANGUAGES = {"": "all", "pt": "Portuguese (pt)", "en": "English (en)"}


class ScoreChoice:
    """The values that one can choose from, and what a choice (a number for each row) means."""

    def __init__(self, workspace: Workspace, choices: Choices) -> None:
        self._workspace = workspace
        self._choices = choices
        many = len(choices.sets) > 1
        self._sets: list[tuple[str, ...]] = [(), *((name,) for name in choices.sets)] if many else [()]
        self._languages = choices.languages if len(choices.languages) > 2 else ("",)
        # None: what isn't scored yet, whoever's.
        self._pairs: list[tuple[str, str] | None] = [None, *choices.pairs]

    def screen(self) -> ChooseScreen:
        """The question."""
        sets = [name[0] if name else self._every_set() for name in self._sets]
        rows = [
            Row("rubric", tuple(_rubric_name(rubric) for rubric in self._choices.rubrics)),
            Row("questions", tuple(show_line(name, 60) for name in sets)),
            Row("language", tuple(_LANGUAGES.get(name, name) for name in self._languages)),
        ]
        if len(self._pairs) > 1:
            rows.append(Row("answers", tuple(map(_whose, self._pairs))))
        return ChooseScreen("Score what?", rows, self._sentence)

    def _every_set(self) -> str:
        return "all of them" if len(self._choices.sets) > 1 else self._choices.sets[0]

    def chosen(self, numbers: tuple[int, ...]) -> tuple[Rubric, Wanted]:
        """What these numbers of values stand for."""
        from molting_tui.evaluation.scoring.open_answers import Wanted

        rubric = self._choices.rubrics[numbers[0]]
        wanted = Wanted(rubric.source, self._sets[numbers[1]], self._languages[numbers[2]])
        pair = self._pairs[numbers[3]] if len(numbers) > 3 else None
        if pair is None:
            return rubric, wanted
        new, baseline = pair
        return rubric, wanted._replace(contenders=(new,), versus=(baseline,))

    def _sentence(self, numbers: tuple[int, ...]) -> str:
        problems = self._choices.problems
        return self._waiting(*self.chosen(numbers)) + (f" {show_line(problems[0], 120)}" if problems else "")

    def _waiting(self, rubric: Rubric, wanted: Wanted) -> str:
        """How many answers wait, as a sentence."""
        from molting_tui.evaluation.scoring.open_answers import planned_for

        try:
            planned = planned_for(self._workspace, rubric, wanted)
        except MoltingError as error:
            return error.sentence()
        if planned is None:
            return f"None waits: you have scored them all under {rubric.id}, or there is none. F7 shows results."
        count = len(planned.answers)
        verb = "waits" if count == 1 else "wait"
        twice = f", {planned.repeats:,} of them twice" if planned.repeats else ""
        alone = f" {plural(planned.alone, 'answer')} without a counterpart left out." if planned.alone else ""
        digits = plural(planned.shown * len(rubric.dimensions), "digit")
        return f"{plural(count, 'answer')} {verb}{twice}, {digits}.{alone}"


def choice_of(workspace: Workspace, choices: Choices, nothing: Callable[[str], object]) -> ScoreChoice | None:
    """The question what to score; None, with a sentence for `nothing`, where there is nothing to choose from."""
    if choices.rubrics and choices.sets:
        return ScoreChoice(workspace, choices)
    nothing("There is no rubric to score by." if choices.sets else "No answers wait: nobody was asked anything yet.")
    return None


def _whose(pair: tuple[str, str] | None) -> str:
    """Whose answers are scored: what waits, or a new contender's mixed with a baseline's."""
    if pair is None:
        return "all that wait"
    new, baseline = (show_line(name, 30) for name in pair)
    return f"{new} mixed with {baseline}, its baseline"


def _rubric_name(rubric: Rubric) -> str:
    return f"{show_line(rubric.id, 40)} · {show_line(rubric.title, 60)}"
