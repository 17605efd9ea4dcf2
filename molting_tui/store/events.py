"""The event table: appending what people say, and undoing it.

Events are never changed; what follows from them is brought up to date in the transaction that stores them
(`store/folding.py`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from molting_tui.records.events import PAIR_KINDS, Event, EventKind, NewEvent, Undone
from molting_tui.records.filters import Filter
from molting_tui.records.pairs import Flag
from molting_tui.records.turns import Message
from molting_tui.store import filters, folding
from molting_tui.store.connection import Store
from molting_tui.store.flags import Reflag

# Of one blind session: its own answers, under its rubric and pass, rated by the one whose session it is.
_OF_SESSION = """and json_extract(e.payload, '$.rater') is null and exists (
    select 1 from blind_session s join score_item i on i.session_id = s.id join answer a on a.id = i.answer_id
    where s.id = ?2 and a.uuid = e.subject and e.rubric_digest = s.rubric_digest and e.rating_pass = i.pass)"""

# Of one battle session, as long as it hasn't ended.
_OF_BATTLES = """and exists (
    select 1 from battle b join blind_session s on s.id = b.session_id
    where s.id = ?2 and b.uuid = e.subject and s.closed is null and s.seen is null)"""


class Batch(NamedTuple):
    """A stored step: its id and how many pairs it touched."""

    id: str
    pairs: int


def now() -> str:
    """The time of an event: UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def no_flags(_: Sequence[Message]) -> Sequence[Flag]:
    """What the rules notice in texts that nobody rewrites."""
    return ()


def say(store: Store, actor: str, label: str, new_events: Sequence[NewEvent], reflag: Reflag = no_flags) -> Batch:
    """Store what a person said as one step, and bring the pairs and ratings it touches up to date."""
    with store.write() as connection:
        return append(connection, actor, label, new_events, reflag)


def append(
    connection: sqlite3.Connection, actor: str, label: str, new_events: Sequence[NewEvent], reflag: Reflag = no_flags
) -> Batch:
    """`say` inside the caller's transaction."""
    batch, time = uuid4().hex, now()
    rows = [
        (uuid4().hex, batch, label, actor, time, event.subject, event.kind, _json(event.payload), *event[3:])
        for event in new_events
    ]
    connection.executemany(
        """insert into event (uuid, batch, label, actor, time, subject, kind, payload,
                              rubric_digest, question_digest, rating_pass, blind)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        rows,
    )
    return Batch(batch, folding.refold(connection, batch, reflag))


def say_where(
    store: Store, actor: str, label: str, chosen: Filter, kind: EventKind, payload: dict[str, Any], reflag: Reflag
) -> Batch:
    """Say one thing of every pair that a filter matches, as one step; pairs of which it is so already are left out."""
    filters.make_searchable(store, chosen)
    condition, parameters = filters.where(store, chosen)
    fold = folding.FOLDS.get(kind)
    if fold and fold.already:
        unchanged, more = fold.already(payload)
        condition, parameters = f"{condition} and not ({unchanged})", [*parameters, *more]
    batch, time = uuid4().hex, now()
    with store.write() as connection:
        connection.execute(
            f"""insert into event (uuid, batch, label, actor, time, subject, kind, payload)
                select lower(hex(randomblob(16))), ?, ?, ?, ?, p.uid, ?, ? from pair p
                where {condition} order by p.id""",
            (batch, label, actor, time, kind, json.dumps(payload, ensure_ascii=False), *parameters),
        )
        return Batch(batch, folding.refold(connection, batch, reflag))


def undo(
    store: Store, actor: str, reflag: Reflag = no_flags, kinds: Sequence[EventKind] = PAIR_KINDS, session: int = 0
) -> Undone | None:
    """Take back the actor's latest step of these kinds that still stands; None when there is none.

    With a `session` only the ratings, or votes, of that blind session are reached.
    """
    with store.write() as connection:
        row = connection.execute(
            f"""select e.batch, e.label from event e where e.actor = ?1 and ?2 = ?2 and {_one_of("e", kinds)}
                  {_within(kinds, session)} and {folding.EFFECTIVE} order by e.id desc limit 1""",
            (actor, session),
        ).fetchone()
        if row is None:
            return None
        batch, label = row
        _append_undo(connection, actor, f"undo {label}", batch, {"redo": False})
        connection.execute("insert into undone (batch) values (?)", (batch,))
        return Undone(label, folding.refold(connection, batch, reflag), _some_touched(connection), batch)


def redo(
    store: Store, actor: str, reflag: Reflag = no_flags, kinds: Sequence[EventKind] = PAIR_KINDS, session: int = 0
) -> Undone | None:
    """Bring back the actor's latest undone step of these kinds, unless something new of these kinds was said since;
    None when there is none. With a `session` only the ratings, or votes, of that blind session are reached."""
    within = _within(kinds, session)
    with store.write() as connection:
        row = connection.execute(
            f"""select u.batch, u.undoes from event u
                where u.actor = ?1 and ?2 = ?2 and u.kind = 'undo' and json_extract(u.payload, '$.redo') = 0
                  and not exists (select 1 from undone d where d.batch = u.batch)
                  and exists (select 1 from event e where e.batch = u.undoes and {_one_of("e", kinds)} {within})
                  and u.id > coalesce((select max(e.id) from event e
                    where e.actor = ?1 and {_one_of("e", kinds)} {within}), 0)
                order by u.id desc limit 1""",
            (actor, session),
        ).fetchone()
        if row is None:
            return None
        taken_back, batch = row
        label = connection.execute("select label from event where batch = ? limit 1", (batch,)).fetchone()[0]
        _append_undo(connection, actor, f"redo {label}", taken_back, {"redo": True})
        connection.execute("insert into undone (batch) values (?)", (taken_back,))
        connection.execute("delete from undone where batch = ?", (batch,))
        return Undone(label, folding.refold(connection, batch, reflag), _some_touched(connection), batch)


def _within(kinds: Sequence[EventKind], session: int) -> str:
    """The condition that keeps an undo to one blind session; none without a session."""
    return "" if not session else _OF_BATTLES if "vote" in kinds else _OF_SESSION


def _one_of(table: str, kinds: Sequence[EventKind]) -> str:
    # Written out, not bound: the planner takes the partial index of the ratings only when it sees the word.
    if len(kinds) == 1:
        return f"{table}.kind = '{kinds[0]}'"
    return f"{table}.kind in ({', '.join(repr(kind) for kind in kinds)})"


def latest(store: Store) -> int:
    """The number of the latest event; 0 before the first. It grows with everything that is said or taken back."""
    return int(store.value("select coalesce(max(id), 0) from event"))


def rated_between(store: Store, after: int, until: int) -> list[str]:
    """The answers (uuids) whose ratings were said, taken back or brought back by the events from `after` (not it) on
    `until` one."""
    # What brings back names the step that took back.
    rows = store.rows(
        """select subject from event where id > ?1 and id <= ?2 and kind = 'rate'
           union select e.subject from event u join event e on e.kind = 'rate' and e.batch in (
               u.undoes, (select back.undoes from event back where back.batch = u.undoes))
             where u.id > ?1 and u.id <= ?2 and u.kind = 'undo'""",
        (after, until),
    )
    return [answer for (answer,) in rows]


def said_in(store: Store, batch: str) -> list[Event]:
    """What was said in one step, in its order."""
    return _events(store, "e.batch = ? and e.kind <> 'undo'", batch)


def history(store: Store, subject: str) -> list[Event]:
    """Everything that was said of a subject, oldest first, with what was undone marked as such."""
    return _events(store, "e.subject = ? and e.kind <> 'undo'", subject)


def _events(store: Store, condition: str, parameter: str) -> list[Event]:
    rows = store.rows(
        f"""select e.id, e.uuid, e.batch, e.actor, e.time, e.subject, e.kind, e.payload,
                  exists (select 1 from undone u where u.batch = e.batch), e.rating_pass
           from event e where {condition} order by e.id""",
        (parameter,),
    )
    return [
        Event(number, uuid, batch, actor, time, of, kind, json.loads(payload), bool(undone), rating_pass)
        for number, uuid, batch, actor, time, of, kind, payload, undone, rating_pass in rows
    ]


def decision_times(store: Store, actor: str, most: int) -> list[str]:
    """When the actor's latest decisions and rewrites of single pairs were made (UTC, ISO 8601), oldest first."""
    rows = store.rows(
        """select time from (
             select batch, time, max(id) as id from (
               select batch, time, id from event where actor = ? and kind in ('decide', 'rewrite')
               order by id desc limit ?)
             group by batch having count(*) = 1) order by id""",
        (actor, most * 5),
    )
    return [time for (time,) in rows][-most:]


def _json(payload: dict[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False)


def _append_undo(connection: sqlite3.Connection, actor: str, label: str, undoes: str, payload: dict[str, Any]) -> None:
    connection.execute(
        """insert into event (uuid, batch, label, actor, time, subject, kind, payload, undoes)
           values (?, ?, ?, ?, ?, '', 'undo', ?, ?)""",
        (uuid4().hex, uuid4().hex, label, actor, now(), json.dumps(payload), undoes),
    )


def _some_touched(connection: sqlite3.Connection) -> tuple[int, ...]:
    return tuple(
        row[0] for row in connection.execute("select pair_id from touched order by pair_id limit 100").fetchall()
    )
