"""Pairs and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from molting_tui.records.turns import Message, Role

PairKind = Literal["extracted", "imported", "synthetic", "handwritten"]
Cause = Literal["style", "mask", "cut", "repair"]
"""Why words were changed."""


class AnswerMode(StrEnum):
    """Which text of a turn is its answer."""

    FINAL = "final"
    FIRST = "first"
    LAST = "last"
    ALL = "all"


REASON_CODES = {
    "agent talk": "agent-talk",
    "wrong": "wrong",
    "needs its context": "needs-context",
    "private": "private",
    "not the voice": "not-the-voice",
}
"""Reasons that are said again and again, each with the code that stands for it in whatever words."""


class State(StrEnum):
    """What a person decided. A skipped pair is still open."""

    OPEN = "open"
    KEEP = "keep"
    DROP = "drop"


OTHER_LANGUAGE = "other"
LANGUAGES = ("pt", "en", OTHER_LANGUAGE)
"""What the language of an answer may be; empty for one with no words to judge."""


class Flag(NamedTuple):
    """What a rule noticed in a pair: a hint, never a verdict.

    `start` and `end` are character offsets into the current text of the message at `place`.
    """

    family: str
    rule: str
    place: int
    start: int
    end: int


class FlagChanges(NamedTuple):
    """What flagging pairs anew came to: how many of the list have a flag now, and of each family that changed, how many
    of them have it that had not, and have it no more."""

    flagged: int
    more: dict[str, int]
    fewer: dict[str, int]


class PairMessage(NamedTuple):
    """One message of a pair. `place` is its index among all of them; `text` is current (a rewrite applied)."""

    place: int
    role: Role
    text: str
    original: str


class Origin(NamedTuple):
    """A place where a pair was found."""

    session: str
    project: str
    file: str
    line: int
    time: str
    model: str


class Before(NamedTuple):
    """The pair in whose place another came, with what was decided of it. `cause` is why: its turn has `grown`, or a
    better `reader` reads it otherwise."""

    id: int
    state: State
    reason: str
    rewritten: bool
    cause: Literal["grown", "reader"]

    @property
    def sentence(self) -> str:
        """What was decided, and until when: `kept before its answer grew (pair 12)`."""
        words = {State.KEEP: "rewritten and kept" if self.rewritten else "kept", State.DROP: "dropped"}
        until = "its answer grew" if self.cause == "grown" else "a better reader read it otherwise"
        reason = f", because: {self.reason}" if self.reason else ""
        return f"{words.get(self.state, 'rewritten')} before {until} (pair {self.id}){reason}"


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
    """Everything about one pair.

    `messages` are all that it says: the system turn if it has one, what came before, the prompt, the answer, which is
    the last. The properties name parts of them, with rewrites applied. `draft` has the words of an unfinished rewrite
    by place. `before` is the decided pair in whose place this one came.
    """

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
    messages: tuple[PairMessage, ...]
    session: str
    project: str
    model: str
    time: str
    language: str
    flags: tuple[Flag, ...]
    origins: tuple[Origin, ...]
    draft: Mapping[int, str] | None
    before: Before | None = None

    @property
    def system(self) -> str:
        """The pair's own system turn; empty where it has none."""
        return self.messages[0].text if self.messages[0].role == "system" else ""

    @property
    def context(self) -> tuple[Message, ...]:
        """The messages between the system turn and the prompt."""
        first = 1 if self.messages[0].role == "system" else 0
        return tuple(Message(role, text) for _, role, text, _ in self.messages[first:-2])

    @property
    def instruction(self) -> str:
        """The prompt: the message before the last."""
        return self.messages[-2].text

    @property
    def response(self) -> str:
        """The answer: the last message."""
        return self.messages[-1].text

    def name_of(self, place: int) -> str:
        """What people call the message at a place: answer, prompt, system turn, or `message 3`."""
        last = len(self.messages) - 1
        if place in (last, last - 1):
            return "answer" if place == last else "prompt"
        return "system turn" if place == 0 and self.messages[0].role == "system" else f"message {place}"


class TagCount(NamedTuple):
    """A tag, and how many pairs have it."""

    name: str
    pairs: int


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


def pair_messages(system: str, context: Iterable[Message], instruction: str, response: str) -> tuple[Message, ...]:
    """The four texts of a pair as its list of messages: a message's index in it is its place."""
    first = (Message("system", system),) if system else ()
    return (*first, *context, Message("user", instruction), Message("assistant", response))


def rewritten_messages(payload: Mapping[str, Any], last: int) -> dict[int, str | None]:
    """What a rewrite's payload, or a draft, says of a pair's messages by their places (None: the original words).

    `last` is the place of the answer. Until schema 3 a rewrite said prompt and answer, and meant the original where it
    said nothing of one; such events stay as they are, and are read for ever. Places that the pair doesn't have are
    passed over.
    """
    messages = payload.get("messages")
    if not isinstance(messages, Mapping):
        return {last - 1: payload.get("instruction") or None, last: payload.get("response") or None}
    named = {place: text for place, text in messages.items() if place.isascii() and place.isdigit() and len(place) < 10}
    places = {int(place): text or None for place, text in named.items()}
    return {place: text for place, text in places.items() if place <= last}
