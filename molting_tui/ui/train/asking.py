"""The question before an answering run: which set of questions, in which language, and who will be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip

from molting_tui.evaluation.asking.answer_run import DEFAULT_SET, Asking, ask, chosen_questions
from molting_tui.evaluation.asking.questions import find_questions, list_questions
from molting_tui.recipe.runfolder import Generation, TrainConfig
from molting_tui.records.evaluation import QuestionSet
from molting_tui.records.progress import Progress, Report
from molting_tui.runs.folder import Run
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.records.evaluation import Question


class Questions(NamedTuple):
    """What is to be asked, and of whom (references, as `molting answer` takes them)."""

    contenders: tuple[str, ...]
    set_name: str
    language: str

    @property
    def shown(self) -> str:
        """What it is, for a title."""
        return f"answers to {show_line(self.set_name, 60)}"

    def start(self, workspace: Workspace, report: Report) -> Run:
        """Start the answering run."""
        report(Progress(0, 0, "answers", ""))
        return ask(workspace, Asking(self.contenders, self.set_name, self.language))


def contenders_of(run: Run) -> tuple[str, ...]:
    """Whom to ask beside a run: its base, then its model; of an answering run those that it asked."""
    if isinstance(run.config, TrainConfig):
        return run.config.settings.model_name, run.id
    return tuple(contender.run or contender.adapter or contender.base for contender in run.config.contenders)


class QuestionsScreen(EntriesScreen):
    """Which set, which language. Dismisses with the questions, or None."""

    TITLE_TEXT = "Ask questions"
    ENTRIES = (("set", "questions", "a set or a file"), ("language", "language", "every one, or a code such as pt"))

    def __init__(self, workspace: Workspace, run: Run) -> None:
        super().__init__(workspace, {"set": DEFAULT_SET})
        self._contenders = contenders_of(run)
        self._known = [shelved.record.id for shelved in list_questions(workspace) if shelved.record is not None]

    def answer(self) -> Questions:
        """The set and the language. Raises BadInput for a set or a language that isn't there."""
        self._chosen()
        return Questions(self._contenders, self.value("set"), self.value("language"))

    def _chosen(self) -> tuple[QuestionSet, tuple[Question, ...]]:
        question_set = find_questions(self.workspace, self.value("set"))
        return question_set, chosen_questions(question_set, self.value("language"))

    def outcome(self, width: int) -> Iterator[Strip]:
        """How many answers there will be, whose, and how they are drawn."""
        question_set, questions = self._chosen()
        drawn = Generation(**question_set.generation)
        answers = len(questions) * len(self._contenders) * drawn.samples
        yield line(
            (
                fit(
                    f" {plural(len(questions), 'question')} × {plural(len(self._contenders), 'contender')}"
                    f"{f' × {drawn.samples} samples' if drawn.samples > 1 else ''} ─▸ {plural(answers, 'answer')}",
                    width - 1,
                ),
                look.BOLD,
            )
        )
        yield from paragraphs(f"asked: {', '.join(self._contenders)}", width - 1, indent=1)
        yield line(
            (
                fit(
                    f" temperature {drawn.temperature:g} · top-p {drawn.top_p:g} · at most"
                    f" {drawn.max_new_tokens:,} tokens an answer",
                    width - 1,
                ),
                look.PLAIN,
            )
        )
        for note in question_set.notes:
            yield from hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, note, width - 1)
        languages = ", ".join(sorted({question.language for question in question_set.questions}))
        yield from paragraphs(
            f"sets: {', '.join(self._known)} · languages of this one: {languages}", width - 1, indent=1, base=look.DIM
        )
