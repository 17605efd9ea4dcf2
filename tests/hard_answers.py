"""The 48 answers of `hard_answers.yaml`, with the questions they answer."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

from molting_tui.evaluation.asking.questions import load_questions
from molting_tui.records.evaluation import Question
from molting_tui.workspace import shipped


class HardAnswer(NamedTuple):
    """`facts` holds what a person says of every fact of the question that a machine can look for, by its id."""

    id: str
    question: Question
    kind: str
    text: str
    facts: dict[str, str]


def hard_answers() -> list[HardAnswer]:
    """All of them, in the order of the file."""
    asked = load_questions(shipped("rubrics") / "questions" / "personality-8.yaml")
    by_id = {question.id: question for question in asked.questions}
    entries = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return [
        HardAnswer(entry["id"], by_id[entry["question"]], entry["kind"], entry["text"], entry["facts"])
        for entry in entries
    ]
