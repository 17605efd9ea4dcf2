"""The question bank: questions that grow with the work, each with where it is from and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from molting_tui.records.evaluation import Question

Status = Literal["proposed", "open", "dropped"]
STATUSES: tuple[Status, ...] = ("proposed", "open", "dropped")
"""What became of a question: molting proposed it, it is asked, or a person dropped it."""
BANK = "bank"
"""The id of the set that the open questions are."""


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question of the bank. `reference` is an answer that a person gave or kept (empty: none), `source` where the
    question is from (`pair:UID`, `set:ID`, `fact:CLUSTER`, `gap:WORD`; empty: by hand), `why` the reason for proposing
    it. `time` (UTC, ISO 8601) is when it was last said something of."""

    uid: str
    question: Question
    status: Status
    reference: str = ""
    source: str = ""
    why: str = ""
    time: str = ""

    @property
    def id(self) -> str:
        """What people call it."""
        return self.question.id
