"""Events of a session log, in file order, into turns.

Whether a queued text stands elsewhere too is known only at the end of the file, so the reader
collects events, and turns are made of them in one go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal, NamedTuple

from molting_tui.records.turns import Step, Turn
from molting_tui.sources.tally import Tally


class Mark(Enum):
    """What else happens between prompts and steps.

    END: what follows isn't the answer to the earlier prompt. COMMAND: a slash command, which
    the assistant answers, unless it was a local one (OUTPUT follows: nobody asked the
    assistant, the turn goes on). BASH: a shell line of the person's own.
    """

    END = auto()
    COMMAND = auto()
    OUTPUT = auto()
    BASH = auto()


class Asked(NamedTuple):
    """A human text that begins a turn. `command`: it was the argument of a slash command."""

    key: str
    project: str
    text: str
    injected: tuple[str, ...]
    time: str
    line: int
    command: bool


class Spoken(NamedTuple):
    """A text block of the assistant, or the name of a tool it called."""

    kind: Literal["text", "tool"]
    value: str
    model: str
    line: int


@dataclass(slots=True, eq=False)
class Queued:
    """A text typed while the assistant worked. Of its places in the list of events the one at `place` counts."""

    asked: Asked
    place: int
    withdrawn: bool = False


Event = Asked | Spoken | Queued | Mark


class Events:
    """What happened in a session, in file order."""

    def __init__(self) -> None:
        self.list: list[Event] = []
        self.add = self.list.append

    def enqueue(self, asked: Asked) -> Queued:
        """Add a text that went into the queue here."""
        queued = Queued(asked, len(self.list))
        self.list.append(queued)
        return queued

    def move_here(self, queued: Queued) -> None:
        """Say that a queued text reached the assistant here."""
        queued.place = len(self.list)
        self.list.append(queued)

    def withdraw(self, queued: Queued) -> None:
        """Say that the person took a queued text back."""
        queued.withdrawn = True


@dataclass(slots=True)
class _Open:
    asked: Asked
    before: _Open | None
    steps: list[Step] = field(default_factory=list)
    model: str = ""

    @property
    def answered(self) -> bool:
        return bool(self.steps) and self.steps[-1].kind == "text"


def assemble(events: Events, tally: Tally, session: str) -> tuple[Turn, ...]:
    """The turns of a session. What the assistant said to no human prompt is counted as `unprompted`."""
    typed = _Typed(events)
    turns = _Turns(tally)
    for place, event in enumerate(events.list):
        if isinstance(event, Spoken):
            turns.speak(event)
        elif isinstance(event, Asked):
            turns.ask(event)
        elif isinstance(event, Mark):
            turns.mark(event)
        elif event.place == place and not event.withdrawn and not typed.has(event.asked.text):
            turns.ask(event.asked)
    return tuple(_turn(opened, session) for opened in turns.opened)


def _turn(opened: _Open, session: str) -> Turn:
    asked = opened.asked
    return Turn(
        key=asked.key,
        session=session,
        project=asked.project,
        source="claude-code",
        human=asked.text,
        steps=tuple(opened.steps),
        injected=asked.injected,
        model=opened.model,
        time=asked.time,
        line=asked.line,
    )


class _Typed:
    """The texts of the file's user records; several queued texts may have become one record, line after line."""

    def __init__(self, events: Events) -> None:
        self._texts: set[str] = set()
        self._joined = ""
        if any(isinstance(event, Queued) for event in events.list):
            self._texts = {event.text for event in events.list if isinstance(event, Asked)}
            self._joined = "\n\n".join(("", *self._texts, ""))

    def has(self, text: str) -> bool:
        return text in self._texts or f"\n{text}\n" in self._joined


class _Turns:
    """The turns begun so far, and which of them the assistant is at."""

    def __init__(self, tally: Tally) -> None:
        self.opened: list[_Open] = []
        self._tally = tally
        self._current: _Open | None = None
        self._suspended: _Open | None = None

    def ask(self, asked: Asked) -> None:
        """Begin a turn."""
        # A command with arguments may turn out to be a local one: then the turn before it goes on.
        opened = _Open(asked, (self._current or self._suspended) if asked.command else None)
        self.opened.append(opened)
        self._current, self._suspended = opened, None

    def speak(self, spoken: Spoken) -> None:
        """Add what the assistant said or did to the running turn."""
        self._suspended = None
        opened = self._current
        if opened is None:
            if spoken.kind == "text":
                self._tally.add("unprompted", spoken.line, spoken.value)
            return
        opened.before = None
        opened.steps.append(Step(spoken.kind, spoken.value))
        # The model that gave the last text gave the answer.
        if spoken.kind == "text" or not opened.model:
            opened.model = spoken.model or opened.model

    def mark(self, mark: Mark) -> None:
        """End, suspend or resume the running turn."""
        if mark is Mark.OUTPUT:
            self._resume()
        elif mark is Mark.COMMAND:
            self._current, self._suspended = None, self._current or self._suspended
        elif mark is Mark.END or (self._current is not None and self._current.answered):
            # New versions answer a shell line too. An unanswered turn goes on past one.
            self._current = self._suspended = None

    def _resume(self) -> None:
        opened = self._current
        if opened is None:
            self._current, self._suspended = self._suspended, None
        elif opened.asked.command and not opened.steps and self.opened[-1] is opened:
            # `/model opus`: its argument was for the program, not for the assistant.
            self.opened.pop()
            self._tally.add("command", opened.asked.line, opened.asked.text)
            self._current = opened.before
