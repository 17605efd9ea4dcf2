"""Who decided how much, and when: counted from the events."""

from __future__ import annotations

from typing import NamedTuple

from molting_tui.store import events, filters
from molting_tui.store.connection import Store


class DayOfWork(NamedTuple):
    """What somebody decided on a day (YYYY-MM-DD, here): pair by pair, and in steps over several pairs."""

    actor: str
    day: str
    one_by_one: int
    in_bulk: int


def by_actor_and_day(store: Store, first_day: str) -> list[DayOfWork]:
    """Decisions that stand, from a day (YYYY-MM-DD, here) on."""
    rows = store.rows(
        f"""select actor, day, sum(iif(pairs = 1, 1, 0)), sum(iif(pairs > 1, pairs, 0)) from (
              select e.actor, {filters.DAY_HERE} as day, count(*) as pairs from event e
              where e.id >= ?1 and {filters.DAY_HERE} >= ?2 and {filters.DECIDED} group by e.batch, e.actor, 2)
            group by 1, 2 order by 1, 2""",
        (_first_event(store, first_day), first_day),
    )
    return [DayOfWork(*row) for row in rows]


def times(store: Store, actor: str, most: int) -> list[str]:
    """When somebody's latest decisions on single pairs were made (UTC, ISO 8601), oldest first."""
    return events.decision_times(store, actor, most)


def _first_event(store: Store, day: str) -> int:
    """About where the events of a day begin: their numbers grow with their times, so that halving finds it among
    millions, of which no index holds the times."""
    low, high = 0, events.latest(store)
    while low < high:
        middle = (low + high) // 2
        passed = store.value(
            f"select {filters.DAY_HERE} >= ?2 from event e where e.id > ?1 order by e.id limit 1", (middle, day)
        )
        if passed:
            high = middle
        else:
            low = middle + 1
    return low
