"""What a file of pairs is made of, counted while it is written, or from the rows that it holds."""

from __future__ import annotations

import hashlib
import statistics
from array import array
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from molting_tui.datasets.digests import row_digest, words_digest
from molting_tui.datasets.export.formats import Conversation, Format, by_turns
from molting_tui.recipe.preflight import system_checks, turns_check
from molting_tui.records.checks import Check
from molting_tui.records.pairs import Pair
from molting_tui.records.turns import LeftOut


class Lengths(msgspec.Struct, frozen=True):
    """Lengths of texts in characters."""

    mean: float
    median: float
    most: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a dataset is made of: pairs by what is known of them, in how many pairs a family of rules noticed something,
    how long the last prompts and the answers are, how many pairs repeat another's words, have a system turn or several
    turns. What isn't known (of a dataset that an older run froze) is None or empty."""

    kinds: dict[str, int] = {}
    languages: dict[str, int] = {}
    models: dict[str, int] = {}
    projects: dict[str, int] = {}
    tags: dict[str, int] = {}
    flags: dict[str, int] | None = None
    prompts: Lengths | None = None
    answers: Lengths | None = None
    duplicates: int = 0
    with_system: int = 0
    several_turns: int = 0


class Row(NamedTuple):
    """Of a pair that was written its uid, the hash of its texts, and that of its words without the common prompt."""

    uid: str
    texts: bytes
    words: bytes


class Texts:
    """Counts of conversations. Of each it holds a few digests and numbers, never a text. `prompt` is the system turn
    of those that have none of their own."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.rows: list[Row] = []
        self.with_system = 0
        self.several_turns = 0
        self.uneven = 0
        self._prompts, self._answers = array("Q"), array("Q")

    def add(self, uid: str, conversation: Conversation) -> None:
        """Count a conversation."""
        messages = conversation.messages
        self.rows.append(Row(uid, row_digest(conversation), words_digest(conversation, self.prompt)))
        self.with_system += bool(conversation.system)
        self.several_turns += sum(message.role == "user" for message in messages) > 1
        self.uneven += not by_turns(messages)
        self._prompts.append(len(messages[-2].text) if len(messages) > 1 else 0)
        self._answers.append(len(messages[-1].text))

    def prompt_lengths(self) -> Lengths:
        """How long the last prompts are."""
        return _lengths(self._prompts)

    def answer_lengths(self) -> Lengths:
        """How long the answers are."""
        return _lengths(self._answers)

    def duplicates(self) -> int:
        """How many pairs say word for word what an earlier one says."""
        return len(self.rows) - len({row.words for row in self.rows})


class Composition:
    """Counts of what was kept, written and left out."""

    def __init__(self, prompt: str = "") -> None:
        self.kept = 0
        self.rewritten = 0
        self.texts = Texts(prompt)
        self.kinds: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self._projects: Counter[str] = Counter()
        self._tags: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self._systems: set[bytes] = set()

    @property
    def written(self) -> int:
        """How many pairs were written."""
        return len(self.texts.rows)

    @property
    def with_system(self) -> int:
        """How many of them have a system turn."""
        return self.texts.with_system

    @property
    def uids(self) -> tuple[str, ...]:
        """The content hashes of the pairs that were written, in their order."""
        return tuple(row.uid for row in self.texts.rows)

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Of each pair that was written its uid and the hash of its texts."""
        return ((row.uid, row.texts) for row in self.texts.rows)

    def leave_out(self, reason: str, example: str) -> None:
        """Count a kept pair that the format can't hold."""
        self.kept += 1
        self._left_out[reason] += 1
        self._examples.setdefault(reason, example)

    def add(self, pair: Pair, conversation: Conversation) -> None:
        """Count a pair that was written, with the conversation as it was written."""
        self.kept += 1
        self.rewritten += pair.rewritten
        self.kinds[pair.kind] += 1
        self.models[pair.model] += 1
        self.languages[pair.language] += 1
        self._projects[pair.project] += 1
        self._tags.update(pair.tags)
        self._flags.update({flag.family for flag in pair.flags})
        self.texts.add(pair.uid, conversation)
        if conversation.system:
            self._systems.add(hashlib.sha256(conversation.system.encode()).digest())

    def summary(self) -> Summary:
        """What was written is made of."""
        texts = self.texts
        return Summary(
            kinds=_sorted(self.kinds),
            languages=_sorted(self.languages),
            models=_sorted(self.models),
            projects=_sorted(self._projects),
            tags=_sorted(self._tags),
            flags=_sorted(self._flags),
            prompts=texts.prompt_lengths(),
            answers=texts.answer_lengths(),
            duplicates=texts.duplicates(),
            with_system=texts.with_system,
            several_turns=texts.several_turns,
        )

    def left_out(self) -> tuple[LeftOut, ...]:
        """Each reason for leaving a pair out, the most frequent first."""
        return tuple(LeftOut(reason, count, self._examples[reason]) for reason, count in self._left_out.most_common())

    def warnings(self, kind: Format) -> tuple[str, ...]:
        """What would surprise whoever trains on the file."""
        checks: list[Check] = []
        if self.with_system:
            checks += system_checks(self.with_system, self.written - self.with_system, len(self._systems))
        if kind != "alpaca":
            checks.append(turns_check(self.texts.uneven))
        sentences = [check.sentence for check in checks if check.level != "pass"]
        return tuple(f"{sentence[0].upper()}{sentence[1:]}" for sentence in sentences)


def _lengths(lengths: array[int]) -> Lengths:
    if not lengths:
        return Lengths(0, 0, 0)
    return Lengths(round(statistics.fmean(lengths), 1), float(statistics.median(lengths)), max(lengths))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    """The counts, the most frequent first."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
