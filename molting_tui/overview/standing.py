"""What Home tells besides the way: flags, projects, the last days' decisions, the newest dataset, the last result."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from molting_tui.curation.projects import projects
from molting_tui.evaluation.results.last_verdict import LastVerdict, last_verdict
from molting_tui.records.datasets import Dataset
from molting_tui.records.filters import Filter
from molting_tui.records.imports import Project
from molting_tui.store import datasets, decisions, statistics
from molting_tui.workspace import Workspace

DAYS = 14
"""Days whose decisions are told, today the last of them."""
_PACE_OF = 200
"""Decisions that somebody's pace is judged by."""


class Person(NamedTuple):
    """What somebody decided in the last days: pair by pair on each day (the oldest first), in steps over several pairs,
    and when the latest of the former were made, oldest first."""

    name: str
    days: tuple[int, ...]
    in_bulk: int
    times: tuple[datetime, ...]

    @property
    def one_by_one(self) -> int:
        """Decisions on single pairs."""
        return sum(self.days)


class Standing(NamedTuple):
    """`flags` are pairs by family, most first; `projects` those with the most open pairs first; `people` who decided in
    the last days, you first; `result` is the verdict that you were shown last."""

    flags: dict[str, int]
    projects: tuple[Project, ...]
    people: tuple[Person, ...]
    dataset: Dataset | None
    result: LastVerdict | None


def standing(workspace: Workspace) -> Standing:
    """Count all of it (some seconds at a million pairs: not for the UI thread)."""
    store = workspace.store
    families = statistics.family_counts(store, Filter())
    return Standing(
        flags=dict(sorted(families.items(), key=lambda item: -item[1])),
        projects=projects(workspace),
        people=people(workspace, datetime.now().astimezone()),
        dataset=datasets.latest(store),
        result=last_verdict(workspace),
    )


def people(workspace: Workspace, now: datetime) -> tuple[Person, ...]:
    """Who decided in the last days until now (with its zone), you first, then who decided most."""
    dates = [(now - timedelta(days=back)).date().isoformat() for back in reversed(range(DAYS))]
    counted = decisions.by_actor_and_day(workspace.store, dates[0])
    known = []
    for name in dict.fromkeys(each.actor for each in counted):
        of = {each.day: each for each in counted if each.actor == name}
        days = tuple(of[day].one_by_one if day in of else 0 for day in dates)
        times = decisions.times(workspace.store, name, _PACE_OF)
        known.append(Person(name, days, sum(each.in_bulk for each in of.values()), _moments(times)))
    return tuple(sorted(known, key=lambda person: (person.name != workspace.actor, -person.one_by_one)))


def _moments(times: list[str]) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(time) for time in times)
