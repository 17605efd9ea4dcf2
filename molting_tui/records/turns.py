"""Turns: what a source yields and import stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Role = Literal["system", "user", "assistant", "tool_call", "tool"]
"""Who speaks in a conversation. `tool_call` and `tool` are ShareGPT's function_call and observation."""

SourceKind = Literal["claude-code", "chat"]


class Message(NamedTuple):
    """One message of a conversation."""

    role: Role
    text: str


class Step(NamedTuple):
    """One thing the assistant did in a turn, in file order: a text block, or a tool it called (its name)."""

    kind: Literal["text", "tool"]
    value: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A human prompt and everything the assistant did until the next one.

    `key` is stable: for a session the user record's uuid, for a chat file a content
    hash. A turn that stands in several files (resumed or forked sessions) has the same
    key in each. `context` holds the messages before `human` (chat files only);
    `injected` the names of the tags that were stripped from the human text, one entry each.
    `time` is ISO 8601 as the log had it, `line` the 1-based line (or item) it starts at.
    """

    key: str
    session: str
    project: str
    source: SourceKind
    human: str
    steps: tuple[Step, ...]
    system: str = ""
    context: tuple[Message, ...] = ()
    injected: tuple[str, ...] = ()
    model: str = ""
    time: str = ""
    line: int = 0

    @property
    def complete(self) -> bool:
        """Whether the assistant spoke after its last tool, so that the turn has a final answer."""
        return bool(self.steps) and self.steps[-1].kind == "text"


class LeftOut(NamedTuple):
    """Something that was read and not taken, counted by its reason, with one example.

    `reason` is a stable word for scripts (`sidechain`, `command-output`, `damaged-line` …);
    `example` says where one of them is (`file:line` and up to 80 characters of it).
    """

    reason: str
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks a record for
    example: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """What one file held. `records` counts its JSON objects, `sessions` is 1 for a log, 0 for a chat file; `reader` is
    who read it, with its version."""

    turns: tuple[Turn, ...]
    records: int
    sessions: int
    left_out: tuple[LeftOut, ...]
    reader: str

    @property
    def unreadable(self) -> bool:
        """Whether the file couldn't be read, so that nothing is known of what it holds."""
        return any(left.reason == "unreadable" for left in self.left_out)

    @property
    def empty(self) -> bool:
        """Whether there was nothing in the file."""
        return any(left.reason == "empty-file" for left in self.left_out)
