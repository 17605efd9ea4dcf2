"""Events: all that people say, appended and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

EventKind = Literal[
    "decide",
    "rewrite",
    "tag",
    "star",
    "comment",
    "weight",
    "rate",
    "vote",
    "finding",
    "question",
    "flag",
    "total",
    "plan",
    "undo",
]

PAIR_KINDS: tuple[EventKind, ...] = ("decide", "rewrite", "tag", "star", "comment", "weight")
"""What is said of pairs: the steps that undo reaches in triage."""

RATE_KINDS: tuple[EventKind, ...] = ("rate",)
"""What is said of answers: the steps that undo reaches in scoring."""

TOTAL_KINDS: tuple[EventKind, ...] = ("total",)
"""What is said of old reports: the steps that their undo reaches."""

QUESTION_KINDS: tuple[EventKind, ...] = ("question",)
"""What is said of the question bank: the steps that undo reaches there."""

VOTE_KINDS: tuple[EventKind, ...] = ("vote",)
"""What is said of battles: the steps that undo reaches there."""

FLAG_KINDS: tuple[EventKind, ...] = ("flag",)
"""What is said of answers' flags: the steps that undo reaches there."""

NOBODY = ""
"""The actor of what molting says itself, when it carries a person's words over. A person's name is never empty, so it
is in nobody's way when they undo."""


class NewEvent(NamedTuple):
    """One thing a person says of a subject, before it is stored.

    `payload` by kind: decide {state: keep | drop | skip | open, reason?, code?}; rewrite {messages: {place: text},
    cause?: style | mask | cut | repair, keep?} (null: back to the original; a message that isn't named stays as it is;
    the pair is kept with these words, unless keep is false: then they decide nothing); star {on}; tag {tag, on};
    comment {text}; rate {dimension, level (null: not applicable), note?, rater?, session?, seen?} of an answer's uuid,
    or {note} alone: `session` is the uuid of the blind session it was said in, `seen` why it isn't blind there;
    total, a `ReportedTotal` of a version's name; question {question, status, reference, source, why}, a question of
    the bank whole.
    Of `NOBODY`, each says what it was `carried` over for: `grown` or `reader`.
    vote {outcome: left | right | tie | both_bad}, {guess: left | right} or {note} of a battle's uuid.
    flag {flag, state} of an answer's uuid: of a flag `yes` or `no`, of a fact (`fact:ID`) its state, of `*` that all
    is `confirmed`.
    `rater` is written where it isn't the actor. Older rewrites say {instruction, response, keep?}, both sides.

    The last four are of `rate` only, which needs them: what it was rated by, what was asked, which pass over the
    answers it belongs to (from 1), and whether the rater could not know the contender.
    """

    subject: str
    kind: EventKind
    payload: dict[str, Any]
    rubric_digest: str | None = None
    question_digest: str | None = None
    rating_pass: int | None = None
    blind: bool | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event. `undone` tells whether an undo took it back; `rating_pass` is of a rating."""

    id: int
    uuid: str
    batch: str
    actor: str
    time: str
    subject: str
    kind: EventKind
    payload: dict[str, Any]
    undone: bool
    rating_pass: int | None = None


class Undone(NamedTuple):
    """What an undo or a redo did: the label of the step, how many pairs it touched, the ids of up to 100 of them;
    `batch` names the step."""

    label: str
    pairs: int
    ids: tuple[int, ...]
    batch: str = ""
