"""What a contender was trained on, and which questions that makes memory.

A question is memory for whoever was trained on a prompt that asks it, in its words or nearly (`curation/likeness.py`),
or that asks another wording of its cluster, as the questions that were asked here and the question bank list them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from molting_tui.curation.likeness import Likeness, Wording
from molting_tui.recipe.runfolder import DATASET
from molting_tui.records.evaluation import Answer
from molting_tui.regular_files import read_regular
from molting_tui.runs.folder import runs_folder
from molting_tui.store import answers as stored_answers
from molting_tui.store import bank, contenders
from molting_tui.workspace import Workspace


class _Message(msgspec.Struct):
    role: str
    content: str | None = None


class _Row(msgspec.Struct):
    messages: list[_Message]


_ROW = msgspec.json.Decoder(_Row)


class TrainedMessage(NamedTuple):
    """A message as it was trained on: its place (0-based) in its row, who says it, its words."""

    place: int
    role: str
    text: str


class TrainingPrompts:
    """What the contenders of a workspace were trained on, read once for each training run."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._contenders = contenders.every(workspace.store)
        self._clusters: dict[str, frozenset[str] | None] = {}

    def of(self, answers: Iterable[Answer]) -> frozenset[str] | None:
        """The clusters that who gave these answers was trained on, of the questions that are listed here.

        None where nothing is known of it: a base, answers from a file, a run whose dataset isn't there any more.
        """
        return self._of_runs(self._trained_by(answers))

    def of_contender(self, name: str) -> frozenset[str] | None:
        """The same for a contender by its name."""
        return self._of_runs({known.run for known in self._contenders.values() if known.name == name})

    def untrained(self, answers: Iterable[Answer]) -> bool:
        """Whether no training run is known of who gave these answers: a base, or answers from a file."""
        return not any(self._trained_by(answers))

    def _trained_by(self, answers: Iterable[Answer]) -> set[str]:
        """The training runs of the contenders; an empty name for none."""
        return {self._contenders[answer.contender_id].run for answer in answers}

    def _of_runs(self, runs: Iterable[str]) -> frozenset[str] | None:
        known = [clusters for run in sorted(runs) if (clusters := self._of_run(run)) is not None]
        return frozenset().union(*known) if known else None

    def _of_run(self, run: str) -> frozenset[str] | None:
        if run not in self._clusters:
            rows = trained_rows(self._workspace, run) if run else None
            self._clusters[run] = None if rows is None else self._asked_in(rows)
        return self._clusters[run]

    def _asked_in(self, rows: Iterable[Iterable[TrainedMessage]]) -> frozenset[str]:
        texts = {message.text for row in rows for message in row if message.role == "user"}
        return frozenset(like.wording.cluster for text in texts for like in self._listed.every(text))

    @functools.cached_property
    def _listed(self) -> Likeness:
        return Likeness(listed_wordings(self._workspace))


def memory_clusters(workspace: Workspace, contender: str) -> frozenset[str]:
    """The clusters (`Question.fact_asked`) that are memory for a contender: what it was trained on, as far as that is
    known."""
    return TrainingPrompts(workspace).of_contender(contender) or frozenset()


def listed_wordings(workspace: Workspace) -> Iterator[Wording]:
    """Every wording of every question that was asked here, or stands in the bank undropped."""
    for question in stored_answers.questions(workspace.store):
        yield Wording(question.id, question.fact_asked, question.prompt)
    for entry in bank.every(workspace.store):
        if entry.status != "dropped":
            yield Wording(entry.id, entry.question.fact_asked, entry.question.prompt)


def trained_rows(workspace: Workspace, run: str) -> list[tuple[TrainedMessage, ...]] | None:
    """What a run was trained on, row by row, from the copy in its folder; None where that can't be read any more."""
    if Path(run).name != run:
        return None
    try:
        lines = read_regular(runs_folder(workspace) / run / DATASET).split(b"\n")
        rows = [_ROW.decode(line) for line in lines if line.strip()]
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return [
        tuple(TrainedMessage(place, each.role, each.content or "") for place, each in enumerate(row.messages))
        for row in rows
    ]
