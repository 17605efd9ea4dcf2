"""Battles: what a voter sees of one, and what a session of them adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

Outcome = Literal["left", "right", "tie", "both_bad"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""What a vote may say; `tie` and `both_bad` are stored apart, and each counts half a win."""
Side = Literal["left", "right"]


class BattleWanted(NamedTuple):
    """What somebody wants to put side by side: contenders (two or more; one of them meets itself), question sets
    (none: all), how many hidden repeats, and the rubric that is shown as guidance (empty: the one in use)."""

    contenders: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    repeats: int = 0
    rubric: str = ""

    @property
    def itself(self) -> bool:
        """Whether one contender meets itself (A/A)."""
        return len(self.contenders) == 1


@dataclass(frozen=True, slots=True)
class BlindBattle:
    """What a voter may see of a battle: nothing that tells the contenders. `left` and `right` are the answers' words,
    masked; `outcome`, `guess` (which side is taken for the newer version) and `note` what this voter has said (empty:
    nothing yet). `place` counts from 0."""

    place: int
    uuid: str
    prompt: str
    language: str
    facts: tuple[str, ...]
    left: str
    right: str
    outcome: Outcome | Literal[""]
    guess: Side | Literal[""]
    note: str
    skipped: bool


class SideCount(NamedTuple):
    """How many decided battles the left side won."""

    left: int
    decided: int


class Agreement(NamedTuple):
    """How many hidden repeats were voted like what they repeat."""

    agreed: int
    repeats: int


class Guesses(NamedTuple):
    """How many guesses which answer is the newer version's were right."""

    right: int
    guesses: int


class FactBattles(NamedTuple):
    """What battles over one fact came to, from one contender's side."""

    cluster: str
    wins: int
    losses: int
    ties: int
    both_bad: int

    @property
    def battles(self) -> int:
        """How many there were."""
        return self.wins + self.losses + self.ties + self.both_bad

    @property
    def points(self) -> float:
        """Wins, with a half for each tie and for each battle that both lost."""
        return self.wins + (self.ties + self.both_bad) / 2


@dataclass(frozen=True, slots=True)
class BattleResult:
    """What the votes of ended sessions say of `a` against `b` (against itself: `b` is `a`). Hidden repeats aren't among
    the battles. `interval` is of the win rate, 95 %, None below two facts; `agreement` None below 16 repeats. `early`
    sessions were ended before their last vote; `seen` votes were given after an answer's name had been seen."""

    a: str
    b: str
    sessions: tuple[int, ...]
    facts: tuple[FactBattles, ...]
    interval: tuple[float, float] | None
    side: SideCount
    repeats: int
    agreement: Agreement | None
    guesses: Guesses
    early: int
    seen: int

    @property
    def wins(self) -> int:
        """Battles that `a` won."""
        return sum(fact.wins for fact in self.facts)

    @property
    def losses(self) -> int:
        """Battles that `b` won."""
        return sum(fact.losses for fact in self.facts)

    @property
    def ties(self) -> int:
        """Battles in which both were as good."""
        return sum(fact.ties for fact in self.facts)

    @property
    def both_bad(self) -> int:
        """Battles in which both were bad."""
        return sum(fact.both_bad for fact in self.facts)

    @property
    def battles(self) -> int:
        """All of them."""
        return sum(fact.battles for fact in self.facts)

    @property
    def rate(self) -> float | None:
        """The win rate of `a`: a tie and a battle that both lost count half. None where nothing was voted."""
        return sum(fact.points for fact in self.facts) / self.battles if self.battles else None


class ContenderStrength(NamedTuple):
    """How strong a contender is among three or more: log odds against the mean of all, with a 95 % interval."""

    contender: str
    value: float
    interval: tuple[float, float]


class Check(NamedTuple):
    """One thing that is looked at when a session is verified: what it says, and whether it holds."""

    what: str
    holds: bool


class Verification(NamedTuple):
    """Whether a session was played as it was sealed, with the secret (hex) and the mapping (JSON) for who wants to
    compute the commitment on their own."""

    session: int
    commitment: str
    checks: tuple[Check, ...]
    secret: str
    mapping: str

    @property
    def passed(self) -> bool:
        """Whether everything holds."""
        return all(check.holds for check in self.checks)
