"""What a comparison of two contenders comes to, and how it was planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Word = Literal["DIFFERENT", "EQUIVALENT", "NOT DISTINGUISHABLE", "UNDERPOWERED", "NOT COMPARABLE"]

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """Looks at the difference of two contenders under one rubric (`rubric_digest`), planned before the first of them:
    `looks` are the numbers of facts, `sets`, `language` and `role` the selection. `taken` are the facts (clusters) of
    each look that was taken, by the look's number from 1."""

    uuid: str
    a: str
    b: str
    rubric_digest: str
    looks: tuple[int, ...]
    sets: tuple[str, ...]
    language: str
    role: str
    taken: Mapping[int, tuple[str, ...]]
    actor: str
    time: str

    @property
    def content(self) -> dict[str, Any]:
        """What was registered, as the event says it."""
        return {
            "a": self.a,
            "b": self.b,
            "rubric": self.rubric_digest,
            "looks": list(self.looks),
            "sets": list(self.sets),
            "language": self.language,
            "role": self.role,
        }


class LeftOut(NamedTuple):
    """The verdict without one fact, where it has another word."""

    cluster: str
    word: Word
    verdict: str


class WinRate(NamedTuple):
    """What battles of the two say: wins and losses of the first; a tie and a both-bad count a half each. `rate` and
    `interval` are shares of one."""

    wins: int
    losses: int
    ties: int
    both_bad: int
    rate: float
    interval: Interval | None
