"""Events: all that people say, appended and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

EventKind = Literal["decide", "rewrite", "tag", "star", "comment", "weight", "rate", "vote", "finding", "undo"]


class Said(NamedTuple):
    """One thing a person says of a subject, before it is stored.

    `payload` by kind: decide {state: keep | drop | skip | open, reason?}; rewrite {instruction,
    response, keep?} (null: back to the original; the pair is kept with these words, unless keep is false:
    then they decide nothing); star {on}; tag {tag, on}; comment {text}.
    """

    subject: str
    kind: EventKind
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event. `undone` tells whether an undo took it back."""

    id: int
    uuid: str
    batch: str
    actor: str
    time: str
    subject: str
    kind: EventKind
    payload: dict[str, Any]
    undone: bool


class Undone(NamedTuple):
    """What an undo or a redo did: the label of the step, how many pairs it touched, the ids of up to 100 of them."""

    label: str
    pairs: int
    ids: tuple[int, ...]
