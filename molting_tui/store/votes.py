"""Votes: how the events of kind `vote` become the current ones, and what else is read of these events.

Each event says one thing of a battle (its uuid): `{outcome}`, `{guess}` or `{note}`; the latest that stands says it. A
battle without an outcome has no vote, whatever was guessed or noted.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from molting_tui.store.connection import Store


class Said(NamedTuple):
    """What was said of a battle; empty for nothing."""

    outcome: str
    guess: str
    note: str


def _latest(value: str, without: str) -> str:
    return f"""coalesce((select {value} from event e where e.subject = b.uuid and e.kind = 'vote'
        and {value} is not null and not exists (select 1 from undone u where u.batch = e.batch)
        order by e.id desc limit 1), {without})"""


_OUTCOME, _GUESS, _NOTE = (f"json_extract(e.payload, '$.{name}')" for name in ("outcome", "guess", "note"))
_SAID = f"{_latest(_OUTCOME, repr(''))}, {_latest(_GUESS, repr(''))}, {_latest(_NOTE, repr(''))}"
_VOTES = f"""select b.uuid, e.outcome, {_latest(_GUESS, repr(""))}, {_latest(_NOTE, repr(""))}, e.id, e.time
    from battle b join (
      select e.subject, {_OUTCOME} as outcome, e.id, e.time,
        row_number() over (partition by e.subject order by e.id desc) as age
      from event e where e.kind = 'vote' and {_OUTCOME} is not null
        and not exists (select 1 from undone u where u.batch = e.batch)) e on e.subject = b.uuid and e.age = 1"""
"""The votes of all battles, as the events say them."""
_COLUMNS = "battle, outcome, guess, note, event_id, time"


def refold(connection: sqlite3.Connection, batch: str) -> None:
    """Bring the votes that a step touched (without one: all) up to date, in the transaction that stored it."""
    if not batch:
        connection.execute("delete from vote")
        connection.execute(f"insert into vote ({_COLUMNS}) {_VOTES}")
        return
    for (uuid,) in connection.execute("select distinct subject from event where batch = ?", (batch,)).fetchall():
        connection.execute("delete from vote where battle = ?", (uuid,))
        connection.execute(
            f"""insert into vote ({_COLUMNS})
                select b.uuid, {_OUTCOME}, {_latest(_GUESS, repr(""))}, {_latest(_NOTE, repr(""))}, e.id, e.time
                from battle b join event e on e.id = (
                  select e.id from event e where e.subject = b.uuid and e.kind = 'vote' and {_OUTCOME} is not null
                    and not exists (select 1 from undone u where u.batch = e.batch) order by e.id desc limit 1)
                where b.uuid = ?""",
            (uuid,),
        )


def differing(connection: sqlite3.Connection) -> list[str]:
    """The battles (uuids) whose stored vote isn't what the events say."""
    stored = f"select {_COLUMNS} from vote"
    rows = connection.execute(
        f"""select distinct battle from (
              select * from ({stored} except {_VOTES}) union select * from ({_VOTES} except {stored}))
            order by 1"""
    ).fetchall()
    return [uuid for (uuid,) in rows]


def said_of(store: Store, battle: str) -> Said:
    """What was said of a battle, also where it has no outcome yet."""
    row = store.row(f"select {_SAID} from battle b where b.uuid = ?", (battle,))
    return Said("", "", "") if row is None else Said(*row)
