"""Planned looks at a verdict, folded from the events of kind `plan`.

The first event of a plan (its subject is the plan's uuid) registers it; those that follow say which facts a look was
taken at: `{look, clusters}`.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple
from uuid import uuid4

from molting_tui.records.events import NewEvent
from molting_tui.records.verdicts import Plan
from molting_tui.store import events
from molting_tui.store.connection import Row, Store


class PlanRow(NamedTuple):
    """A row of `verdict_plan`."""

    uuid: str
    content: str
    actor: str
    event_id: int
    time: str


def register(store: Store, actor: str, content: dict[str, Any]) -> str:
    """Register a plan, and return its uuid."""
    uuid = uuid4().hex
    events.say(store, actor, f"plan {content['a']} against {content['b']}", [NewEvent(uuid, "plan", content)])
    return uuid


def take_look(store: Store, actor: str, plan: Plan, look: int, clusters: tuple[str, ...]) -> None:
    """Remember at which facts a planned look (from 1) was taken."""
    payload = {"look": look, "clusters": list(clusters)}
    events.say(store, actor, f"look {look} at {plan.a} against {plan.b}", [NewEvent(plan.uuid, "plan", payload)])


def plans(store: Store, rubric_digest: str) -> list[Plan]:
    """The plans under a rubric, the oldest first."""
    rows = store.rows("select uuid, content, actor, event_id, time from verdict_plan order by event_id")
    return [plan for plan in map(_plan, rows) if plan.rubric_digest == rubric_digest]


def _plan(row: Row) -> Plan:
    uuid, content, actor, _, time = row
    said = json.loads(content)
    return Plan(
        uuid=uuid,
        a=said["a"],
        b=said["b"],
        rubric_digest=said["rubric"],
        looks=tuple(said["looks"]),
        sets=tuple(said["sets"]),
        language=said["language"],
        role=said["role"],
        taken={int(look): tuple(clusters) for look, clusters in said["taken"].items()},
        actor=actor,
        time=time,
    )


# The fold


def refold(connection: sqlite3.Connection) -> None:
    """Make all plans anew from the events; there are few."""
    connection.execute("delete from verdict_plan")
    connection.executemany(
        "insert into verdict_plan (uuid, content, actor, event_id, time) values (?, ?, ?, ?, ?)", said(connection)
    )


def said(connection: sqlite3.Connection) -> list[PlanRow]:
    """The rows that the standing events make. Of a look that was taken twice the first stands."""
    rows = connection.execute(
        """select e.subject, e.payload, e.actor, e.id, e.time from event e
           where e.kind = 'plan' and not exists (select 1 from undone u where u.batch = e.batch) order by e.id"""
    ).fetchall()
    registered: dict[str, tuple[dict[str, Any], Row]] = {}
    for row in rows:
        payload = json.loads(row[1])
        if "looks" in payload:
            registered.setdefault(row[0], (payload | {"taken": {}}, row))
        elif row[0] in registered:
            registered[row[0]][0]["taken"].setdefault(str(payload["look"]), payload["clusters"])
    return [
        PlanRow(uuid, json.dumps(content, ensure_ascii=False), row[2], row[3], row[4])
        for uuid, (content, row) in registered.items()
    ]


def differing(connection: sqlite3.Connection) -> list[str]:
    """The uuids of plans that are stored otherwise than they were said."""
    stored = {
        PlanRow(*row)
        for row in connection.execute("select uuid, content, actor, event_id, time from verdict_plan").fetchall()
    }
    return sorted({row.uuid for row in stored ^ set(said(connection))})
