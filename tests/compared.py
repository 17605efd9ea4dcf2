"""Answers of several contenders scored in one blind session, for the tests of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.records.evaluation import Rubric
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set, rubric

FACTS = ("joao", "molting", "crm", "stack", "self", "voice", "work", "strengths")
FIVE = rubric("tone", scale=(0, 1, 2, 3, 4), id="five", na_when="")
"""One dimension of five levels: a score is 0, 2.5, 5, 7.5 or 10."""

Levels = Mapping[str, Sequence[int]]
"""The level of each of a contender's answers, in the order of the facts (and of their samples)."""


def scored_together(
    workspace: Workspace,
    levels: Levels,
    facts: Sequence[str] = FACTS,
    *,
    by: Rubric = FIVE,
    samples: int = 1,
    run: str = "0001-answers",
    store: bool = True,
) -> None:
    """Store these contenders' answers, unless they are (`store`), and score them in one session."""
    asked = question_set(*map(question, facts))
    if store:
        answered(workspace, asked, levels, samples=samples, run=run)
    score(workspace, levels, facts, by=by, samples=samples)


def score(
    workspace: Workspace, levels: Levels, facts: Sequence[str] = FACTS, *, by: Rubric = FIVE, samples: int = 1,
    again: bool = False, contenders: Iterable[str] = (),
) -> None:  # fmt: skip
    """Score these contenders' answers in one session, every dimension alike."""
    scoring = start(workspace, by, contenders=tuple(contenders) or tuple(levels), again=again)
    for place in scoring.places:
        answer = answers.by_uuid(workspace.store, scoring.item(place).uuid)
        assert answer is not None
        which = facts.index(answer.question.id) * samples + answer.sample
        for dimension in by.dimensions:
            scoring.rate(place, dimension.id, levels[answer.contender][which])
