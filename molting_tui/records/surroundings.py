"""What stands around a pair in its session: the turns before it and after it."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from molting_tui.records.turns import Step


class Complaint(NamedTuple):
    """What a rule noticed in a prompt about the answer before it: a hint, never a verdict.

    `start` and `end` are character offsets into the prompt.
    """

    rule: str
    start: int
    end: int


class SessionTurn(NamedTuple):
    """A turn of a session, with its place in it (the first is 1)."""

    number: int
    human: str
    steps: tuple[Step, ...]

    @property
    def answer(self) -> str:
        """The last text of the assistant; empty where it said nothing."""
        return next((step.value for step in reversed(self.steps) if step.kind == "text"), "")

    @property
    def complete(self) -> bool:
        """Whether the assistant spoke after its last tool."""
        return bool(self.steps) and self.steps[-1].kind == "text"

    @property
    def tools(self) -> dict[str, int]:
        """The tools that the assistant called, and how often each."""
        return dict(Counter(step.value for step in self.steps if step.kind == "tool"))


class Surroundings(NamedTuple):
    """Where a pair stands in its session: its turn's `number` among all of them (`total`).

    `before` and `after` are as many turns as were asked for, each in the order of the session. `next_prompt` is the
    beginning of what the person said next (None: the session ends here), `complaint` what was noticed in it.
    """

    number: int
    total: int
    before: tuple[SessionTurn, ...]
    after: tuple[SessionTurn, ...]
    next_prompt: str | None
    complaint: Complaint | None

    @property
    def complaint_words(self) -> str:
        """The words of the next prompt that complain of the answer, to where the prompt's beginning ends; not yet safe
        to show."""
        if self.complaint is None or self.next_prompt is None:
            return ""
        return self.next_prompt[self.complaint.start :]
