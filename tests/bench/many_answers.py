"""A workspace with many answers that wait for a score, made without a model."""

from __future__ import annotations

from pathlib import Path

from molting_tui import workspace as workspaces
from molting_tui.evaluation.digest import content_digest
from molting_tui.recipe.runfolder import AnswerLine
from molting_tui.records.evaluation import Question, QuestionSet
from molting_tui.store import answers

CONTENDERS = ("v2.1", "v2.5")
WORDS = "Sou o Cláudio, e trabalho com o João na Softtor, no Molting e no CRM. "
TIME = "2026-02-11T16:34:00.000Z"


def make(folder: Path, count: int) -> Path:
    """The folder of a new workspace with `count` answers of two contenders."""
    workspace = workspaces.make(folder, name="many")
    asked = tuple(_question(number) for number in range(count // len(CONTENDERS)))
    answers.remember_questions(workspace.store, QuestionSet("many", "1", "many", "en", asked, {}, "many", ""))
    for contender in CONTENDERS:
        answers.add(workspace.store, "0001-answers", [_line(contender, question) for question in asked])
    workspace.close()
    return folder


def _question(number: int) -> Question:
    prompt = f"Question {number}: what do you know of it?"
    return Question(f"q{number}", prompt, "en", (), None, (), (), content_digest([prompt]))


def _line(contender: str, question: Question) -> AnswerLine:
    return AnswerLine(
        uuid=content_digest([contender, question.id])[:32],
        contender=contender,
        question=question.id,
        question_digest=question.digest,
        sample=0,
        raw=WORDS * 6,
        text=WORDS * 6,
        tokens=120,
        finish_reason="stop",
        seed=None,
        settings={},
        time=TIME,
    )
