"""What an import did: the figures, and every reason for leaving something out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from molting_tui.records.pairs import AnswerMode
from molting_tui.records.turns import FileRead, LeftOut


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `left_out` has each reason once, with its count and one example."""

    files: int
    files_known: int
    sessions: int
    records: int
    turns: int
    turns_new: int
    pairs_new: int
    pairs_known: int
    answer: AnswerMode
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class Tally:
    """The counts of an import while it runs."""

    files: int = 0
    files_known: int = 0
    sessions: int = 0
    records: int = 0
    turns: int = 0
    turns_new: int = 0
    pairs_new: int = 0
    pairs_known: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def leave_out(self, reason: str, example: str, count: int = 1) -> None:
        """Count something left out; the first example of a reason is kept."""
        self.counts[reason] += count
        self.examples.setdefault(reason, example)

    def count(self, read: FileRead) -> None:
        """Count what a file held."""
        self.records += read.records
        self.sessions += read.sessions
        self.turns += len(read.turns)
        for left in read.left_out:
            self.leave_out(left.reason, left.example, left.count)

    def add(self, other: Tally) -> None:
        """Add what was counted of turns and pairs; counts below zero take back what was counted before."""
        self.turns_new += other.turns_new
        self.pairs_new += other.pairs_new
        self.pairs_known += other.pairs_known
        self.counts.update(other.counts)
        for reason, example in other.examples.items():
            self.examples.setdefault(reason, example)

    def report(self, answer: AnswerMode) -> ImportReport:
        """The report, most frequent reasons first."""
        left = tuple(
            LeftOut(reason, count, self.examples.get(reason, ""))
            for reason, count in self.counts.most_common()
            if count > 0
        )
        return ImportReport(
            self.files, self.files_known, self.sessions, self.records, self.turns, self.turns_new, self.pairs_new,
            self.pairs_known, answer, left,
        )  # fmt: skip
