"""Pairs and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from molting_tui.records.turns import Message

PairKind = Literal["extracted", "imported", "synthetic", "handwritten"]
Side = Literal["instruction", "response"]


class AnswerMode(StrEnum):
    """Which text of a turn is its answer."""

    FINAL = "final"
    FIRST = "first"
    LAST = "last"
    ALL = "all"


class State(StrEnum):
    """What a person decided. A skipped pair is still open."""

    OPEN = "open"
    KEEP = "keep"
    DROP = "drop"


LANGUAGES = ("pt", "en")
"""What the language of an answer may be; empty for one with no words to judge."""


class Flag(NamedTuple):
    """What a rule noticed in a pair: a hint, never a verdict.

    `start` and `end` are character offsets into the current text of `side`.
    """

    family: str
    rule: str
    side: Side
    start: int
    end: int


class Origin(NamedTuple):
    """A place where a pair was found."""

    session: str
    project: str
    file: str
    line: int
    time: str
    model: str


@dataclass(frozen=True, slots=True)
class NewPair:
    """A pair as derived from a turn, before it has a place in the store.

    `uid` is the content hash (hex) of system, context, instruction and response: the
    same words are the same pair, in every workspace.
    """

    uid: str
    kind: PairKind
    system: str
    context: tuple[Message, ...]
    instruction: str
    response: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class PairLine:
    """One line of the pair list. `preview` is the start of the instruction, as stored (not yet safe to show)."""

    id: int
    state: State
    rewritten: bool
    skipped: bool
    starred: bool
    flagged: bool
    preview: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Everything about one pair. `instruction` and `response` are current (rewrites applied)."""

    id: int
    uid: str
    kind: PairKind
    state: State
    reason: str
    rewritten: bool
    skipped: bool
    starred: bool
    tags: tuple[str, ...]
    comment: str
    system: str
    context: tuple[Message, ...]
    instruction: str
    response: str
    original_instruction: str
    original_response: str
    session: str
    project: str
    model: str
    time: str
    language: str
    flags: tuple[Flag, ...]
    origins: tuple[Origin, ...]
    draft: str | None


class Counts(NamedTuple):
    """How many pairs of the current derivation are in each state; `rewritten` are among them, open ones too."""

    open: int
    keep: int
    drop: int
    rewritten: int

    @property
    def total(self) -> int:
        """All pairs."""
        return self.open + self.keep + self.drop
