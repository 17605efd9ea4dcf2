"""The versions of a model in one table: what each was made of, how it scored, what changed since the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from molting_tui.records.battles import BattleResult, ContenderStrength
from molting_tui.records.evaluation import ContenderResult, Results
from molting_tui.records.flags import ContenderFlags
from molting_tui.records.totals import Kinds, ReportedTotal, Share
from molting_tui.records.verdicts import Verdict

Origin = Literal["run", "asked", "sheet", "file", "report"]
"""Where a version is known from: a training run; a model that was asked, and isn't ours to train; a score sheet; a file
of answers; a report's total alone."""


class Training(NamedTuple):
    """What a version was made of, as far as it is known. `told` says that a report tells it, and no run here. `recipe`
    are settings by name, in words; `digest` is the dataset's, `minutes` wall time, `memory` peak GB of the card."""

    told: bool
    run: str = ""
    state: str = ""
    dataset: str = ""
    digest: str = ""
    base: str = ""
    base_digest: str = ""
    adapter_digest: str = ""
    pairs: int | None = None
    kinds: tuple[Kinds, ...] = ()
    recipe: tuple[tuple[str, str], ...] = ()
    system_prompt: str | None = None
    steps: int | None = None
    loss: float | None = None
    minutes: float | None = None
    memory: float | None = None


class Change(NamedTuple):
    """One variable that isn't what it was: its name, and both values in words."""

    variable: str
    before: str
    after: str


class Changes(NamedTuple):
    """What changed since the version before (`since`): every variable by name; `unknown` are those that aren't told of
    one of the two. `sentence` says how many there are, and whether a cause can be named."""

    since: str
    variables: tuple[Change, ...]
    unknown: tuple[str, ...]
    sentence: str


class Compared(NamedTuple):
    """The verdict on a version against the one before (`against`): its word, a plain sentence, and why nothing is
    compared, where nothing is."""

    against: str
    word: str
    sentence: str
    why: tuple[str, ...] = ()


class Judgement(NamedTuple):
    """A verdict in words: its title, a plain sentence, and the facts that it hangs on (`without` each: a sentence)."""

    verdict: Verdict
    title: str
    sentence: str
    without: tuple[str, ...]


class Fought(NamedTuple):
    """What battles say of two contenders, in a sentence; `trust` are sentences on how far the votes can be trusted."""

    result: BattleResult
    sentence: str
    trust: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `score` and the like are in `result`, None where nothing was measured here; `reported` is what a
    report told of it. `asked` is how it was asked, by name, in words; `counts` how many of its answers are so, and
    `flags` the same of all flags, with intervals (None where no answer of it was read here). `time`
    is ISO 8601: when it was made, else when it was first known. `changes` and `compared` are None for the first
    version, and for what nobody made (a base)."""

    name: str
    origin: Origin
    time: str
    training: Training | None
    asked: tuple[tuple[str, str], ...]
    result: ContenderResult | None
    reported: ReportedTotal | None
    counts: tuple[Share, ...] = ()
    flags: ContenderFlags | None = None
    changes: Changes | None = None
    compared: Compared | None = None

    @property
    def score(self) -> float | None:
        """What was measured (0-10); None where nothing was, whatever a report tells."""
        return self.result.score if self.result else None


class Spoken(NamedTuple):
    """An answer as a report prints it."""

    version: str
    question: str
    prompt: str
    sample: int
    text: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report holds. `versions` are in the order in which they were made, those that nobody made (bases) at
    the end. `verdicts` are those that no version's `compared` tells; `strengths` are of three
    contenders or more that fought each other; `answers` are empty unless they were asked for."""

    title: str
    results: Results
    versions: tuple[Version, ...]
    notes: tuple[str, ...]
    created: str
    molting: str
    verdicts: tuple[Judgement, ...] = ()
    battles: tuple[Fought, ...] = ()
    strengths: tuple[ContenderStrength, ...] = ()
    answers: tuple[Spoken, ...] = ()
