"""Totals out of old reports: the current ones, folded from the events of kind `total`."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import msgspec

from molting_tui.records.totals import ReportedTotal
from molting_tui.store.connection import Store

SAID = """select subject as version, rubric as rubric_id, payload as content, actor, id as event_id, time from (
    select e.subject, json_extract(e.payload, '$.rubric') as rubric, e.payload, e.actor, e.id, e.time,
      row_number() over (partition by e.subject, json_extract(e.payload, '$.rubric') order by e.id desc) as age
    from event e where e.kind = 'total' and not exists (select 1 from undone u where u.batch = e.batch))
  where age = 1"""
"""The totals as the events say them: of each version and rubric the latest that stands."""
COLUMNS = "version, rubric_id, content, actor, event_id, time"


class StoredTotal(NamedTuple):
    """A total, who took it in and when (UTC, ISO 8601)."""

    total: ReportedTotal
    actor: str
    time: str


def refold(connection: sqlite3.Connection) -> None:
    """Make the totals anew from the events, in the transaction that changed them; there are never many."""
    connection.execute("delete from reported_total")
    connection.execute(f"insert into reported_total ({COLUMNS}) {SAID}")


def every(store: Store, rubric_id: str = "") -> list[StoredTotal]:
    """The totals (under this rubric), in the order in which they were taken in."""
    rows = store.rows(
        "select content, actor, time from reported_total where ?1 in ('', rubric_id) order by event_id", (rubric_id,)
    )
    return [StoredTotal(msgspec.json.decode(content, type=ReportedTotal), actor, time) for content, actor, time in rows]
