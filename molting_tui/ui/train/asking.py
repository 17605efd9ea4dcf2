"""The question before an answering run: which set of questions, in which language, and who will be asked."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.answer_run import DEFAULT_SET, Asking, ask, chosen_questions
from molting_tui.evaluation.asking.endpoints import EndpointToAsk
from molting_tui.evaluation.asking.questions import find_questions, list_questions
from molting_tui.overview.taking_in import take_in
from molting_tui.recipe.runfolder import AnswerConfig, AskedContender, Generation, TrainConfig
from molting_tui.records.bank import BANK
from molting_tui.records.evaluation import QuestionSet
from molting_tui.records.progress import Progress, Report
from molting_tui.runs.folder import Run, short_name
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.completion import Completion, Offer, completed_word, path_completion
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.train.starting import complete_base
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.records.evaluation import Question


class Questions(NamedTuple):
    """What is to be asked, and of whom (references as `molting answer` takes them, or models of an endpoint); with
    `missing` only for answers that aren't there yet."""

    contenders: tuple[str, ...]
    set_name: str
    language: str
    endpoint: EndpointToAsk | None = None
    missing: bool = False

    @property
    def shown(self) -> str:
        """What it is, for a title."""
        return f"answers to {show_line(self.set_name, 60)}"

    def start(self, workspace: Workspace, report: Report) -> Run:
        """Start the answering run."""
        report(Progress(0, 0, "answers", ""))
        if self.missing:
            take_in(workspace)
        asking = Asking((), self.set_name, self.language, missing=self.missing)
        if self.endpoint:
            return ask(workspace, replace(asking, endpoint=self.endpoint._replace(models=self.contenders)))
        return ask(workspace, replace(asking, contenders=self.contenders))


def contenders_of(run: Run) -> tuple[str, ...]:
    """Whom to ask beside a run: its base, then its model; of an answering run those that it asked, by their names."""
    if isinstance(run.config, TrainConfig):
        return run.config.settings.model_name, run.id
    return tuple(map(_reference, run.config.contenders))


def _reference(asked: AskedContender) -> str:
    """What names a contender that was asked, with its name where that is another than it would have by itself."""
    step = "" if asked.step is None else f"@{asked.step}"
    plain = asked.model or (f"{asked.run}{step}" if asked.run else asked.adapter or asked.base)
    own = short_name(plain) if "/" in plain else plain
    return plain if own == asked.name else f"{asked.name}={plain}"


def _endpoint_of(run: Run) -> EndpointToAsk | None:
    """The endpoint that an answering run asked; None for a run that asked none."""
    config = run.config
    if not isinstance(config, AnswerConfig) or config.served is None:
        return None
    return EndpointToAsk(config.contenders[0].url, (), config.served.key_env, config.served.timeout)


def complete_contender(text: str) -> Offer:
    """The last contender as far as it is certain, without the name that it is called by."""
    begun = text.rpartition(" ")[2].rpartition("=")[2]
    if not begun:
        return Offer((), text)
    offer = complete_base(begun)
    return offer._replace(completed=text.removesuffix(begun) + offer.completed)


class QuestionsScreen(EntriesScreen):
    """Which set, whom, which language. Dismisses with the questions, or None."""

    TITLE_TEXT = "Ask questions"
    ENTRIES = (
        ("set", "questions", "a set, `bank` or a file"),
        ("language", "language", "every one, or a code such as pt"),
        ("contenders", "contenders", "runs, checkpoints (7@120), bases, folders; NAME=… calls one otherwise"),
        ("missing", "missing", "no: ask for every answer; yes: only what isn't there yet"),
    )

    def __init__(self, workspace: Workspace, run: Run) -> None:
        super().__init__(workspace, {"set": DEFAULT_SET, "contenders": shlex.join(contenders_of(run))})
        self._endpoint = _endpoint_of(run)
        self._known = [shelved.record.id for shelved in list_questions(workspace) if shelved.record is not None]

    def completions(self) -> Mapping[str, Completion]:
        """Sets and files of them; bases that are here, and folders."""
        return {"set": self._complete_set, "contenders": complete_contender}

    def _complete_set(self, text: str) -> Offer:
        known = completed_word(text, text, [BANK, *self._known], "")
        if known.several or known.completed != text or text in (BANK, *self._known):
            return known
        return path_completion(endings=(".yaml", ".yml"))(text)

    def answer(self) -> Questions:
        """The set, whom, the language. Raises BadInput for a set or a language that isn't there, and for nobody."""
        self._chosen()
        asked = self._named()
        return Questions(asked, self.value("set"), self.value("language"), self._endpoint, self._only_missing())

    def _named(self) -> tuple[str, ...]:
        try:
            named = tuple(shlex.split(self.value("contenders")))
        except ValueError as error:
            fix = "Close what was opened; a path with blanks goes in quotes."
            raise BadInput("a quotation mark in the contenders isn't closed.", fix=fix) from error
        if not named:
            raise BadInput(
                "there is nobody to ask.", fix="Name a run, a base or a folder; several with blanks between."
            )
        return named

    def _only_missing(self) -> bool:
        said = self.value("missing").lower()
        if said not in ("", "yes", "no"):
            raise BadInput(
                f"`{show_line(said, 20)}` is neither yes nor no.", fix="Write yes to ask for what is missing."
            )
        return said == "yes"

    def _chosen(self) -> tuple[QuestionSet, tuple[Question, ...]]:
        question_set = find_questions(self.workspace, self.value("set"))
        return question_set, chosen_questions(question_set, self.value("language"))

    def outcome(self, width: int) -> Iterator[Strip]:
        """How many answers there will be, whose, and how they are drawn."""
        question_set, questions = self._chosen()
        drawn = Generation(**question_set.generation)
        asked, missing = self._named(), self._only_missing()
        answers = len(questions) * len(asked) * drawn.samples
        yield line(
            (
                fit(
                    f" {plural(len(questions), 'question')} × {plural(len(asked), 'contender')}"
                    f"{f' × {drawn.samples} samples' if drawn.samples > 1 else ''} ─▸ {plural(answers, 'answer')}"
                    f"{', less what is there already' if missing else ''}",
                    width - 1,
                ),
                look.BOLD,
            )
        )
        at = f" at {self._endpoint.url}" if self._endpoint else ""
        yield from paragraphs(f"asked: {', '.join(asked)}{at}", width - 1, indent=1)
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
