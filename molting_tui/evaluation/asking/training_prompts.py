"""What a contender was trained on: whether a question's very words were among the prompts of its training."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from molting_tui.recipe.runfolder import DATASET
from molting_tui.records.evaluation import Answer
from molting_tui.regular_files import read_regular
from molting_tui.runs.folder import runs_folder
from molting_tui.store import contenders
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
    """The user turns that the contenders of a workspace were trained on, read once for each training run."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._contenders = contenders.every(workspace.store)
        self._prompts: dict[str, frozenset[str] | None] = {}

    def of(self, answers: Iterable[Answer]) -> frozenset[str] | None:
        """The prompts that who gave these answers was trained on, as `plain` texts.

        None where nothing is known of it: a base, answers from a file, a run whose dataset isn't there any more.
        """
        known = [prompts for run in self._trained_by(answers) if (prompts := self._of_run(run)) is not None]
        return frozenset().union(*known) if known else None

    def untrained(self, answers: Iterable[Answer]) -> bool:
        """Whether no training run is known of who gave these answers: a base, or answers from a file."""
        return not any(self._trained_by(answers))

    def _trained_by(self, answers: Iterable[Answer]) -> set[str]:
        """The training runs of the contenders; an empty name for none."""
        return {self._contenders[answer.contender_id].run for answer in answers}

    def _of_run(self, run: str) -> frozenset[str] | None:
        if run not in self._prompts:
            rows = trained_rows(self._workspace, run) if run else None
            self._prompts[run] = None if rows is None else frozenset(
                plain(message.text) for row in rows for message in row if message.role == "user" and message.text
            )  # fmt: skip
        return self._prompts[run]


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


def plain(prompt: str) -> str:
    """A prompt as it is compared: letters composed one way, white space runs as one space."""
    return " ".join(unicodedata.normalize("NFC", prompt).split())
