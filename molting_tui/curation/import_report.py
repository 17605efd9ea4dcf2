"""What an import did: the figures, every reason for leaving something out, and the files in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from molting_tui.records.imports import FileNews, ProjectNews
from molting_tui.records.pairs import AnswerMode
from molting_tui.records.turns import FileRead, LeftOut
from molting_tui.text import plural


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `left_out` has each reason once, with its count and one example.

    Of the `files`, `files_known` weren't opened, since they haven't changed. `files_better_reader` were read anew
    though they haven't, because the reader is a better one than theirs was, and `files_again` because it was asked for.
    `files_empty` and `files_without_turns` held nothing to import when they were read, now or before;
    `files_unreadable` couldn't be read.

    `asked_again` are pairs in place of decided or rewritten ones whose answers have changed. `answers_gone` are such
    pairs that left the list with nothing in their place: their turns go on, and have no answer yet.

    `projects` got new turns or pairs `since` the import before (an ISO time, empty for the first); `sources` are the
    files whose turns were new or had grown, those with the most first.
    """

    files: int
    files_known: int
    files_better_reader: int
    files_again: int
    files_empty: int
    files_without_turns: int
    files_unreadable: int
    sessions: int
    records: int
    turns: int
    turns_new: int
    turns_grown: int
    pairs_new: int
    pairs_known: int
    asked_again: int
    answers_gone: int
    answer: AnswerMode
    left_out: tuple[LeftOut, ...]
    projects: tuple[ProjectNews, ...] = ()
    sources: tuple[FileNews, ...] = ()
    since: str = ""

    @property
    def file_notes(self) -> str:
        """What there is to say of the files, in a few words; empty when all were new and held something."""
        known = "all unchanged" if self.files_known == self.files else f"{self.files_known:,} unchanged"
        return ", ".join(
            note
            for count, note in (
                (self.files_known, f"{known} since they were read"),
                (self.files_better_reader, f"{self.files_better_reader:,} read anew by a better reader"),
                (self.files_again, f"{self.files_again:,} read again"),
                *self._without_turns(),
            )
            if count
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the figures don't say by themselves."""
        return tuple(sentence for sentence in (self._nothing_new(), *self._successions()) if sentence)

    def _successions(self) -> Iterator[str]:
        """What became of decided pairs whose turns have changed."""
        if self.asked_again:
            have, are = ("has", "is") if self.asked_again == 1 else ("have", "are")
            yield (
                f"{plural(self.asked_again, 'decided or rewritten pair')} {have} another answer now "
                f"and {are} asked again, with star, tags and comment: the filter asked:again."
            )
        if self.answers_gone:
            turns_go = (
                "has left the list: its turn goes" if self.answers_gone == 1 else "have left the list: their turns go"
            )
            yield f"{plural(self.answers_gone, 'decided or rewritten pair')} {turns_go} on, without an answer yet."

    def _nothing_new(self) -> str:
        """Why an import brought nothing new; empty for one that did, and where no file was to be read."""
        if (self.turns and not self.files) or self.turns_new or self.turns_grown or self.pairs_new or self.pairs_known:
            return ""
        without = self._without_turns()
        if sum(count for count, _ in without) < self.files:
            return "Nothing new: every turn in these files was imported before."
        notes = ", ".join(note for count, note in without if count) or "no session and no chat file is among them"
        return f"There was nothing to import: {notes}."

    def _without_turns(self) -> tuple[tuple[int, str], ...]:
        """How many files gave no turn, by why, each with its words."""
        return (
            (self.files_empty, f"{self.files_empty:,} empty"),
            (self.files_without_turns, f"{self.files_without_turns:,} without a turn"),
            (self.files_unreadable, f"{self.files_unreadable:,} unreadable"),
        )


@dataclass(slots=True)
class Tally:
    """The counts of an import while it runs."""

    files: int = 0
    files_known: int = 0
    files_better_reader: int = 0
    files_again: int = 0
    files_empty: int = 0
    files_without_turns: int = 0
    files_unreadable: int = 0
    sessions: int = 0
    records: int = 0
    turns: int = 0
    turns_new: int = 0
    turns_grown: int = 0
    pairs_new: int = 0
    pairs_known: int = 0
    asked_again: int = 0
    answers_gone: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    projects: tuple[ProjectNews, ...] = ()
    sources: Counter[str] = field(default_factory=Counter)
    since: str = ""

    def leave_out(self, reason: str, example: str, count: int = 1) -> None:
        """Count something left out; the first example of a reason is kept."""
        self.counts[reason] += count
        self.examples.setdefault(reason, example)

    def count(self, read: FileRead) -> None:
        """Count what a file held."""
        self.records += read.records
        self.sessions += read.sessions
        self.turns += len(read.turns)
        self.count_file(len(read.turns), empty=read.empty, unreadable=read.unreadable)
        for left in read.left_out:
            self.leave_out(left.reason, left.example, left.count)

    def count_file(self, turns: int, *, empty: bool, unreadable: bool = False) -> None:
        """Count a file that was read, now or before, by whether there is anything in it."""
        self.files_empty += empty
        self.files_unreadable += unreadable
        self.files_without_turns += not turns and not empty and not unreadable

    def add(self, other: Tally) -> None:
        """Add what was counted of turns and pairs; counts below zero take back what was counted before."""
        self.turns_new += other.turns_new
        self.turns_grown += other.turns_grown
        self.pairs_new += other.pairs_new
        self.pairs_known += other.pairs_known
        self.counts.update(other.counts)
        self.sources.update(other.sources)
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
            files=self.files,
            files_known=self.files_known,
            files_better_reader=self.files_better_reader,
            files_again=self.files_again,
            files_empty=self.files_empty,
            files_without_turns=self.files_without_turns,
            files_unreadable=self.files_unreadable,
            sessions=self.sessions,
            records=self.records,
            turns=self.turns,
            turns_new=self.turns_new,
            turns_grown=self.turns_grown,
            pairs_new=self.pairs_new,
            pairs_known=self.pairs_known,
            asked_again=self.asked_again,
            answers_gone=self.answers_gone,
            answer=answer,
            left_out=left,
            projects=self.projects,
            sources=tuple(FileNews(path, count) for path, count in self.sources.most_common()),
            since=self.since,
        )
