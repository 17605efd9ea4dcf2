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
    """The word of the verdict without one fact, where it is another one."""

    cluster: str
    word: Word


class WinRate(NamedTuple):
    """What battles of the two say: wins and losses of the first; a tie and a both-bad count a half each. `rate` and
    `interval` are shares of one."""

    wins: int
    losses: int
    ties: int
    both_bad: int
    rate: float
    interval: Interval | None


class FactScores(NamedTuple):
    """The mean scores (0-10) of both contenders on one fact, from answers that were rated in one session."""

    cluster: str
    a: float
    b: float

    @property
    def difference(self) -> float:
        """By how much the first is above the second."""
        return self.a - self.b


class Figures(NamedTuple):
    """A paired difference: its mean, SD over facts, interval at `confidence`, t's degrees of freedom and p, the mid-p
    of the sign-flip, the smallest difference that is found with 80 % power, and how many more facts would show the
    observed one (None: it can't be said). `equivalence_power` is the chance of EQUIVALENT where nothing differs."""

    difference: float
    spread: float
    interval: Interval
    confidence: float
    df: int
    p: float
    p_signflip: float
    smallest: float
    ask_more: int | None
    equivalence_power: float


class Claim(NamedTuple):
    """What may be said of something: of `these questions`, `the recipe`, `raters`. `interval` is None where it is
    withheld; `sentence` says what is said, or why nothing is."""

    of: str
    sentence: str
    interval: Interval | None = None
    df: int | None = None


class Agreement(NamedTuple):
    """How far levels agree: between `raters`, or a rater's `repeats`. `alpha` is the ordinal alpha of each dimension
    (None: it can't be told), over so many answers that were rated twice or more; `interval` its 95 % interval over the
    facts asked (None below six)."""

    between: str
    answers: int
    alpha: Mapping[str, float | None]
    interval: Mapping[str, Interval | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two contenders under one rubric. `why` is what makes them NOT COMPARABLE, else empty; `figures` are None where
    there is no interval; `reasons` say what was left out. `level` is the p below which it is DIFFERENT: less than 5 %
    at a planned look, or among several comparisons, whose `p_holm` is the adjusted p. `without` are the facts whose
    removal changes the word; `differing` is what the two differ in besides; `battles` are sentences about
    the blind battles of the two."""

    a: str
    b: str
    word: Word
    why: str
    facts: tuple[FactScores, ...]
    figures: Figures | None
    within: float
    level: float
    p_holm: float | None
    win_rate: WinRate | None
    without: tuple[LeftOut, ...]
    differing: tuple[str, ...]
    claims: tuple[Claim, ...]
    agreement: tuple[Agreement, ...]
    reasons: tuple[str, ...]
    blind: bool
    questions: int
    battles: tuple[str, ...] = ()
    plan: Plan | None = None
    look: int = 0

    @property
    def difference(self) -> float | None:
        """The mean over facts of the first's score less the second's."""
        return sum(fact.difference for fact in self.facts) / len(self.facts) if self.facts else None
