"""What there is of each project, and what an import brought to it."""

from __future__ import annotations

from typing import NamedTuple


class Project(NamedTuple):
    """The pairs of a project (an empty name: of none). `newest` is the time of the latest, empty where none has one."""

    name: str
    pairs: int
    open: int
    keep: int
    drop: int
    flagged: int
    new: int
    newest: str

    @property
    def day(self) -> str:
        """The day of the newest pair, as YYYY-MM-DD; empty where it isn't known."""
        return self.newest[:10]


class ProjectNews(NamedTuple):
    """How many turns and pairs an import brought to a project."""

    name: str
    turns: int
    pairs: int


class FileNews(NamedTuple):
    """A file in which an import read turns that were new or had grown, and how many."""

    path: str
    turns: int


class NewPairs(NamedTuple):
    """The pairs that the latest import brought: how many are in the list (the filter `is:new`), how many of them are
    open, when it ended, and whether it was the first of the workspace, so that all are new."""

    total: int
    open: int
    time: str
    first: bool
