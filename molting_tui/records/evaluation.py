"""Rubrics, questions, answers, ratings and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from molting_tui.records.contenders import Source
from molting_tui.records.verdicts import Verdict

# Rubrics


class Dimension(NamedTuple):
    """One thing that is judged. `levels` tells what each value of the scale means, lowest first; `key` is the digit or
    letter a sheet names it by, and `aliases` what its column may be called; `na_when` says when it can't be judged
    (empty: always can)."""

    id: str
    name: str
    key: str
    description: str
    levels: tuple[tuple[int, str], ...]
    weight: float = 1.0
    na_when: str = ""
    aliases: tuple[str, ...] = ()

    def takes(self, level: int | None) -> bool:
        """Whether this can be its level, on whatever scale: "not applicable" (None) only where the rubric says when."""
        return level is not None or bool(self.na_when)


class Gate(NamedTuple):
    """Caps an answer's score (0-10) where one dimension has a level: `when` is `(dimension, operator, level)`."""

    id: str
    when: tuple[str, Literal["==", "<=", ">="], int]
    cap: float
    reason: str
    enabled: bool


class Band(NamedTuple):
    """What people call a score from `min` up."""

    min: float
    label: str


@dataclass(frozen=True, slots=True)
class Rubric:
    """A versioned sheet. `digest` is the SHA-256 of the part that measures: ratings under unequal digests are never
    put together. `scale` holds the levels, lowest first."""

    id: str
    version: str
    title: str
    note: str
    scale: tuple[int, ...]
    dimensions: tuple[Dimension, ...]
    gates: tuple[Gate, ...]
    bands: tuple[Band, ...]
    round: int
    digest: str
    source: str

    def dimension(self, name: str) -> Dimension | None:
        """The dimension with this id (any case), or None."""
        return next((dimension for dimension in self.dimensions if dimension.id.lower() == name.lower()), None)

    def counted(self, levels: Mapping[str, int | None]) -> dict[str, int | None]:
        """The levels that count: without "not applicable" where a dimension always applies."""
        applying = {dimension.id for dimension in self.dimensions if not dimension.na_when}
        return {name: level for name, level in levels.items() if level is not None or name not in applying}

    def whole(self, levels: Mapping[str, int | None]) -> bool:
        """Whether every dimension has a level that counts."""
        return all(each.id in levels and each.takes(levels[each.id]) for each in self.dimensions)

    def band(self, score: float) -> str:
        """What this rubric calls a score; empty where it has no bands."""
        return next((band.label for band in sorted(self.bands, reverse=True) if score >= band.min), "")


# Questions

Role = Literal["memory", "generalise", "control"]
ROLES: tuple[Role, ...] = ("memory", "generalise", "control")
"""What a question is for: `memory` may be trained on; `generalise` never, and enters verdicts; `control` asks what the
base knew and should keep."""


class Fact(NamedTuple):
    """Something a right answer says. Each entry of `must_mention` is met by any one of its alternatives; none of
    `must_not_mention` may stand in the answer. Compared without case and accents."""

    id: str
    text: str
    must_mention: tuple[tuple[str, ...], ...] = ()
    must_not_mention: tuple[str, ...] = ()

    @property
    def checkable(self) -> bool:
        """Whether a machine can look for it."""
        return bool(self.must_mention or self.must_not_mention)


FactState = Literal["said", "denied", "missing", "contradicted"]
"""What an answer makes of a fact. `denied` is "denied?": its words stand there under a denial or in a question, and a
person decides; `contradicted`: it mentions what must not be."""


class FactNoticed(NamedTuple):
    """What a machine takes an answer to make of a fact (its id), and what it goes by."""

    fact: str
    state: FactState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `digest` is the SHA-256 of prompt, system turn, follow-ups and facts. `system` None: the
    contender's own; empty: none. `cluster` is the fact that it asks for (all its wordings and languages have one),
    `role` says whether it may be trained on."""

    id: str
    prompt: str
    language: str
    tags: tuple[str, ...]
    system: str | None
    facts: tuple[Fact, ...]
    followups: tuple[str, ...]
    digest: str
    cluster: str = ""
    role: Role = "generalise"

    @property
    def fact_asked(self) -> str:
        """The cluster, which is the unit that verdicts count; a question without one stands for itself."""
        return self.cluster or self.id


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A versioned set of questions. `generation` holds what the file says of temperature, top_p, max_new_tokens,
    samples, seed_base. `note` is what it says of itself; `notes` are sentences about what can't be done with it (no
    facts to check)."""

    id: str
    version: str
    title: str
    language: str
    questions: tuple[Question, ...]
    generation: dict[str, Any]
    digest: str
    source: str
    note: str = ""
    notes: tuple[str, ...] = ()


# Answers and ratings


@dataclass(frozen=True, slots=True)
class Answer:
    """One contender's reply to one question, one sample. `text` is what a reader is shown, `raw` the whole decode.
    `contender` is the name it was given under, `contender_id` who that was; `run` is the run that made it, or the file
    it came from. `seconds` of wall clock went into it (None: not known)."""

    id: int
    uuid: str
    contender: str
    contender_id: int
    source: Source
    run: str
    question: Question
    sample: int
    text: str
    raw: str
    tokens: int
    finish_reason: str
    seed: int | None
    settings: dict[str, Any]
    time: str
    seconds: float | None = None

    @property
    def read(self) -> bool:
        """Whether its words are here: of a score sheet's answers only the ratings are."""
        return self.source != "sheet"


class AnswerFlag(NamedTuple):
    """What a machine noticed in an answer, and what it goes by."""

    flag: str
    detail: str = ""


class AnswerNoticed(NamedTuple):
    """All that a machine noticed in an answer (its number): flags, and the state of each fact that can be checked."""

    answer: int
    flags: tuple[AnswerFlag, ...]
    facts: tuple[FactNoticed, ...]


class Rating(NamedTuple):
    """One rater's level on one dimension of one answer. `level` None: not applicable. Of one that was given in a blind
    session and isn't blind `seen` is what the rater had seen before (`store/scoring.py: seen_before`). `session` is the
    uuid of the blind session that it was given in; empty: in none, or one of an earlier version of which that isn't
    clear."""

    answer: str
    dimension: str
    level: int | None
    rater: str
    rating_pass: int
    blind: bool
    note: str = ""
    seen: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class BlindAnswer:
    """What a scorer may see of an answer: nothing that tells the contender. `levels` holds what this rater has said
    (None: not applicable) by dimension id; `note` is theirs; `place` is 0-based in the shuffled order."""

    place: int
    uuid: str
    prompt: str
    language: str
    facts: tuple[str, ...]
    text: str
    levels: dict[str, int | None]
    note: str
    skipped: bool

    def scored(self, rubric: Rubric) -> bool:
        """Whether every dimension has a level."""
        return rubric.whole(self.levels)


# What they add up to


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One contender on one question. `score` is 0-10, the mean over the samples that are rated whole (None: none is);
    `facts` is (right, checkable) answers' facts, `in_training` whether the contender was trained on this question, in
    these words, nearly these, or another wording of its cluster (None: not known, or not trained); `cluster` is the
    fact asked."""

    question: str
    prompt: str
    score: float | None
    levels: dict[str, float]
    samples: int
    facts: tuple[int, int]
    answers_right: int
    in_training: bool | None
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class ContenderResult:
    """One contender under one rubric. `score` is 0-10: the mean over questions of their scores. `dimensions` are mean
    levels, `levels` how many answers were given each level of the scale, `incomplete` counts answers with a dimension
    not rated yet, `not_applicable` counts answers by dimension. `points` is (points given, points possible). An answer
    counts once: what several raters or passes gave it is shared, so that counts and points may be broken ones.
    `interval` is the 95 % interval of the score over the facts asked (None: there is none); `speed` tells how fast its
    answers came, empty where that isn't known."""

    name: str
    score: float | None
    n: int
    answers: int
    incomplete: int
    dimensions: dict[str, float]
    levels: dict[str, tuple[float, ...]]
    not_applicable: dict[str, float]
    points: tuple[float, float]
    flags: dict[str, int]
    questions: tuple[QuestionResult, ...]
    blind: bool | None
    band: str = ""
    interval: tuple[float, float] | None = None
    tokens_a_second: float | None = None
    speed: str = ""


class Shown(NamedTuple):
    """How many answers of a table somebody was shown by name, in which place (`results`, `trace`, `sheet`,
    `samples`, `chat`, `battle`; `figures` that hold others' ratings of them, `facts`)."""

    actor: str
    place: str
    answers: int


class AfterSeeing(NamedTuple):
    """How many answers a rater scored in a blind session after seeing them in this place."""

    rater: str
    place: str
    answers: int


class ClosedSession(NamedTuple):
    """A blind session that was closed before its last answer: whose, by whom and when (UTC, ISO 8601), how many answers
    it held, and how many of them weren't rated whole."""

    actor: str
    closed_by: str
    time: str
    answers: int
    unrated: int


@dataclass(frozen=True, slots=True)
class Results:
    """What `molting results` prints. `open` counts answers of blind sessions that wait for a rating; `notes` are
    sentences about what limits the table. `shown`, `after_seeing` and `closed` say how blind it is. `verdicts` are on
    the pairs of two contenders or three; of more, each pair is asked for by itself."""

    rubric: Rubric
    question_sets: tuple[str, ...]
    contenders: tuple[ContenderResult, ...]
    open: int
    notes: tuple[str, ...]
    shown: tuple[Shown, ...] = ()
    after_seeing: tuple[AfterSeeing, ...] = ()
    closed: tuple[ClosedSession, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
