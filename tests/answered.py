"""Small question sets, rubrics and answers, and runs that gave them, for the tests of scoring and results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from molting_tui.evaluation.digest import content_digest
from molting_tui.recipe.runfolder import (
    ANSWERS,
    CONFIG,
    DATASET,
    AnswerConfig,
    AnswerLine,
    Asked,
    AskedContender,
    TrainConfig,
)
from molting_tui.recipe.settings import TrainingSettings
from molting_tui.records.evaluation import Dimension, Fact, Gate, Question, QuestionSet, Rubric
from molting_tui.store import answers
from molting_tui.workspace import Workspace

TIME = "2026-02-11T16:34:00.000Z"


def rubric(*dimensions: str, id: str = "voice", scale: tuple[int, ...] = (0, 1, 2), gates: tuple[Gate, ...] = (),
           words: str = "level", na_when: str = "there is nothing to hear", version: str = "1") -> Rubric:  # fmt: skip
    """A rubric with these dimensions (by default two), which may not apply (`na_when` empty: always do)."""
    levels = tuple((level, f"{words} {level}") for level in scale)
    made = tuple(
        Dimension(name, name.title(), name[0], f"how {name}", levels, 1.0, na_when)
        for name in dimensions or ("tone", "truth")
    )
    digest = content_digest([scale, made, gates])
    return Rubric(id, version, "A test", "", scale, made, gates, (), 2, digest, "")


def question(
    name: str, prompt: str = "", *, language: str = "en", tags: Sequence[str] = (), must: str = ""
) -> Question:
    """A question; `must` is the word that its one fact asks for."""
    facts = (Fact("f", f"says {must}", ((must,),)),) if must else ()
    asked = prompt or f"What of {name}?"
    return Question(name, asked, language, tuple(tags), None, facts, (), content_digest([asked, facts]))


def question_set(*questions: Question, id: str = "eight") -> QuestionSet:
    """A set of these questions."""
    digest = content_digest(sorted([one.id, one.digest] for one in questions))
    return QuestionSet(id, "1", id, "en", questions, {}, digest, "")


def line(contender: str, asked: Question, sample: int = 0, text: str = "", **more: Any) -> AnswerLine:
    """An answer as a run writes it."""
    said = text or f"{asked.id} answered, sample {sample}"
    told: dict[str, Any] = {
        "uuid": content_digest([contender, asked.digest, sample, said])[:32],
        "contender": contender,
        "question": asked.id,
        "question_digest": asked.digest,
        "sample": sample,
        "raw": f"{said}</s>",
        "text": said,
        "tokens": 7,
        "finish_reason": "stop",
        "seed": 42,
        "settings": {},
        "time": TIME,
    }
    return AnswerLine(**(told | more))


def answered(
    workspace: Workspace, asked: QuestionSet, contenders: Iterable[str], *, samples: int = 1, run: str = "0001-answers"
) -> list[AnswerLine]:
    """Store every contender's answers to every question."""
    answers.remember_questions(workspace.store, asked)
    lines = [line(name, one, sample) for name in contenders for one in asked.questions for sample in range(samples)]
    assert answers.add(workspace.store, run, lines) == len(lines)
    return lines


def answering_run(
    workspace: Workspace,
    run: str,
    lines: Sequence[AnswerLine],
    asked: QuestionSet,
    contenders: Sequence[AskedContender] = (),
) -> Path:
    """A run folder as an answering run leaves it; returns its answers file."""
    folder = workspace.folder / "runs" / run
    folder.mkdir(parents=True)
    config = AnswerConfig(
        name=run,
        contenders=tuple(contenders)
        or tuple(AskedContender(name, "tiny") for name in {one.contender for one in lines}),
        question_set=asked.id,
        set_digest=asked.digest,
        questions=tuple(Asked(one.id, one.digest, one.prompt) for one in asked.questions),
    )
    (folder / CONFIG).write_bytes(msgspec.json.encode(config))
    file = folder / ANSWERS
    file.write_bytes(b"".join(written(one) for one in lines))
    return file


def written(answer: AnswerLine) -> bytes:
    """The answer as a line of `answers.jsonl`."""
    return msgspec.json.encode(answer) + b"\n"


def training_run(workspace: Workspace, run: str, pairs: Sequence[tuple[str, str]]) -> Path:
    """A run folder as a training run leaves it, with what it was trained on."""
    folder = workspace.folder / "runs" / run
    folder.mkdir(parents=True)
    (folder / CONFIG).write_bytes(msgspec.json.encode(TrainConfig(name=run, settings=TrainingSettings())))
    rows = [
        {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": said}]}
        for prompt, said in pairs
    ]
    (folder / DATASET).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return folder
