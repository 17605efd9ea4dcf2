"""One thing that was looked at, and how it is: what doctor says of a workspace and preflight of a run."""

from __future__ import annotations

from typing import Literal, NamedTuple

from molting_tui.errors import MoltingError

Level = Literal["pass", "note", "warn", "block"]
LEVELS: tuple[Level, ...] = ("block", "warn", "note", "pass")
"""The gravest first: what is in the way, what may spoil the work, what is worth knowing, what is well."""


class Check(NamedTuple):
    """One thing that was looked at: how it is, in words, and what to do where it isn't well (else empty).

    `id` is a stable word for scripts. `count` is how many it concerns (pairs, steps, runs); 0 where nothing is counted.
    The words may hold names from files: they are to be made safe to show.
    """

    id: str
    level: Level
    why: str
    fix: str = ""
    count: int = 0  # type: ignore[assignment]  # hides tuple.count, which nobody asks a record for

    @property
    def sentence(self) -> str:
        """The whole check in one line: how it is, what to do."""
        return f"{self.why}. {self.fix}".strip() if self.fix else f"{self.why}."

    @classmethod
    def blocked(cls, id: str, error: MoltingError) -> Check:
        """A failure that was told as an error, as a check that blocks."""
        where = f"{error.where}: " if error.where else ""
        return cls(id, "block", f"{where}{error.what.rstrip('.')}", error.fix)

    def fields(self) -> dict[str, str | int]:
        """The check as scripts are given it."""
        return {"id": self.id, "level": self.level, "count": self.count, "why": self.why, "fix": self.fix}


def gravest_first(checks: list[Check]) -> list[Check]:
    """The checks by their level, those of one level in their order."""
    return sorted(checks, key=lambda check: LEVELS.index(check.level))
