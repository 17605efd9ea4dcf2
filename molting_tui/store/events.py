"""The event table: appending what people say, undoing it, and folding it into the current states.

Events are never changed. The tables `pair` (state and marks), `rewrite`, `tag` and `pair_note`
hold what follows from the events that are not undone, and are brought up to date for the pairs a
batch touched in the transaction that stores it; so are the ratings (`store/ratings.py`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from molting_tui.records.events import PAIR_KINDS, Event, EventKind, NewEvent, Undone
from molting_tui.records.filters import Filter
from molting_tui.records.pairs import Flag, rewritten_messages
from molting_tui.records.turns import Message
from molting_tui.store import filters, meta, texts
from molting_tui.store.connection import Store
from molting_tui.store.flags import Reflag, set_flags

_EFFECTIVE = "not exists (select 1 from undone u where u.batch = e.batch)"
# A rewrite keeps its pair, unless it says that it doesn't (masking decides nothing); a skip leaves a decision standing.
_DECIDES = """e.kind in ('decide', 'rewrite') and coalesce(json_extract(e.payload, '$.keep'), 1)"""
_DECIDES_STATE = f"{_DECIDES} and coalesce(json_extract(e.payload, '$.state'), '') <> 'skip'"
_LATEST_DECISION = f"""coalesce((select json_extract(e.payload, '$.{{}}') from event e
        where e.subject = t.uid and {_DECIDES_STATE} and {_EFFECTIVE} order by e.id desc limit 1), '')"""
Step = str | Callable[[sqlite3.Connection, str, Reflag], None]
"""One step of a fold: SQL over the touched pairs, or a function of the connection, the batch and the rules."""


class Fold(NamedTuple):
    """How events of a kind make the current state. `already` is the condition, with its parameters, by which a pair is
    what it would become (of the kinds that are said of many pairs at once)."""

    steps: tuple[Step, ...]
    already: Callable[[dict[str, Any]], tuple[str, list[object]]] | None = None


_DECISION: tuple[Step, ...] = (
    f"""update pair set
      state = coalesce((select iif(e.kind = 'rewrite', 'keep', json_extract(e.payload, '$.state')) from event e
        where e.subject = pair.uid and {_DECIDES_STATE} and {_EFFECTIVE} order by e.id desc limit 1), 'open'),
      skipped = coalesce((select json_extract(e.payload, '$.state') = 'skip' from event e
        where e.subject = pair.uid and {_DECIDES} and {_EFFECTIVE} order by e.id desc limit 1), 0)
    where id in (select pair_id from touched)""",
    f"""insert into pair_note (pair_id, reason, code)
      select t.pair_id, {_LATEST_DECISION.format("reason")}, {_LATEST_DECISION.format("code")}
      from touched t where true
      on conflict (pair_id) do update set reason = excluded.reason, code = excluded.code""",
)


def _decided_already(payload: dict[str, Any]) -> tuple[str, list[object]]:
    state = payload["state"]
    return ("p.state = ?", [state]) if state in ("keep", "drop", "open") else ("false", [])


def _starred_already(payload: dict[str, Any]) -> tuple[str, list[object]]:
    return "p.starred = ?", [payload["on"]]


def _tagged_already(payload: dict[str, Any]) -> tuple[str, list[object]]:
    has_tag = "exists (select 1 from tag g where g.pair_id = p.id and g.name = ?)"
    return f"? = {has_tag}", [payload["on"], payload["tag"]]


def _refold_ratings(connection: sqlite3.Connection, batch: str, _: Reflag) -> None:
    from molting_tui.store import ratings  # brings the records of evaluation, which the first frame doesn't need

    ratings.refold(connection, batch)


def _refold_texts(connection: sqlite3.Connection, _: str, reflag: Reflag) -> None:
    """Give the touched pairs the words that their standing rewrites make, and with them flags, lengths and search."""
    searchable = int(meta.read(connection, "searchable", "0"))
    for number, uid in connection.execute("select pair_id, uid from touched order by pair_id").fetchall():
        in_search = number <= searchable
        if in_search:
            texts.take_out_of_search(connection, number)
        texts.put_rewrites(connection, number, _rewrites(connection, number, uid))
        if in_search:
            texts.put_into_search(connection, number)
        messages = texts.messages(connection, number)
        flags = reflag([Message(message.role, message.text) for message in messages])
        set_flags(connection, number, flags)
        connection.execute(
            "update pair set rewritten = ?, flagged = ?, instruction_length = ?, response_length = ? where id = ?",
            (
                any(message.text != message.original for message in messages),
                bool(flags),
                len(messages[-2].text),
                len(messages[-1].text),
                number,
            ),
        )


def _rewrites(connection: sqlite3.Connection, number: int, uid: str) -> dict[int, texts.Rewrite]:
    """What the rewrites that stand make of a pair's messages: of each place, the latest that says something of it."""
    last = texts.last_place(connection, number)
    rewrites: dict[int, texts.Rewrite] = {}
    for payload, label in connection.execute(
        f"""select e.payload, e.label from event e
            where e.subject = ? and e.kind = 'rewrite' and {_EFFECTIVE} order by e.id""",
        (uid,),
    ).fetchall():
        rewrite = json.loads(payload)
        for place, text in rewritten_messages(rewrite, last).items():
            rewrites[place] = texts.Rewrite(text, rewrite.get("cause") or _cause_by_label(label))
    return rewrites


def _cause_by_label(label: str) -> str | None:
    """Why words were changed, of a rewrite that doesn't say it: the older ones tell by the label of their step."""
    if label.startswith("rewrite pair "):
        return "style"
    return {"mask secrets": "mask", "repair mojibake": "repair"}.get(label)


_FOLDS: dict[EventKind, Fold] = {
    "decide": Fold(_DECISION, _decided_already),
    "rewrite": Fold((_refold_texts, *_DECISION)),
    "star": Fold(
        (
            f"""update pair set starred = coalesce((select json_extract(e.payload, '$.on') from event e
            where e.subject = pair.uid and e.kind = 'star' and {_EFFECTIVE} order by e.id desc limit 1), 0)
        where id in (select pair_id from touched)""",
        ),
        _starred_already,
    ),
    "comment": Fold(
        (
            f"""insert into pair_note (pair_id, comment)
          select t.pair_id, coalesce((select json_extract(e.payload, '$.text') from event e
            where e.subject = t.uid and e.kind = 'comment' and {_EFFECTIVE} order by e.id desc limit 1), '')
          from touched t where true
          on conflict (pair_id) do update set comment = excluded.comment""",
        )
    ),
    "tag": Fold(
        (
            "delete from tag where pair_id in (select pair_id from touched)",
            f"""insert into tag (name, pair_id)
          select name, pair_id from (
            select json_extract(e.payload, '$.tag') as name, t.pair_id, json_extract(e.payload, '$.on') as wanted,
              row_number() over (partition by e.subject, json_extract(e.payload, '$.tag') order by e.id desc) as age
            from touched t join event e on e.subject = t.uid and e.kind = 'tag' where {_EFFECTIVE})
          where age = 1 and wanted""",
        ),
        _tagged_already,
    ),
    "rate": Fold((_refold_ratings,)),
}
"""How each kind is folded; a kind that isn't here changes no state."""


# Of one blind session: its own answers, under its rubric and pass, rated by the one whose session it is.
_OF_SESSION = """and json_extract(e.payload, '$.rater') is null and exists (
    select 1 from blind_session s join score_item i on i.session_id = s.id join answer a on a.id = i.answer_id
    where s.id = ?2 and a.uuid = e.subject and e.rubric_digest = s.rubric_digest and e.rating_pass = s.pass)"""


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
    batch, time = uuid4().hex, now()
    rows = [
        (uuid4().hex, batch, label, actor, time, event.subject, event.kind, _json(event.payload), *event[3:])
        for event in new_events
    ]
    with store.write() as connection:
        connection.executemany(
            """insert into event (uuid, batch, label, actor, time, subject, kind, payload,
                                  rubric_digest, question_digest, rating_pass, blind)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            rows,
        )
        return Batch(batch, _refold(connection, batch, reflag))


def say_where(
    store: Store, actor: str, label: str, chosen: Filter, kind: EventKind, payload: dict[str, Any], reflag: Reflag
) -> Batch:
    """Say one thing of every pair that a filter matches, as one step; pairs of which it is so already are left out."""
    filters.make_searchable(store, chosen)
    condition, parameters = filters.where(store, chosen)
    fold = _FOLDS.get(kind)
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
        return Batch(batch, _refold(connection, batch, reflag))


def undo(
    store: Store, actor: str, reflag: Reflag = no_flags, kinds: Sequence[EventKind] = PAIR_KINDS, session: int = 0
) -> Undone | None:
    """Take back the actor's latest step of these kinds that still stands; None when there is none.

    With a `session` only the ratings of that blind session are reached.
    """
    with store.write() as connection:
        row = connection.execute(
            f"""select e.batch, e.label from event e where e.actor = ?1 and ?2 = ?2 and {_one_of("e", kinds)}
                  {_OF_SESSION if session else ""} and {_EFFECTIVE} order by e.id desc limit 1""",
            (actor, session),
        ).fetchone()
        if row is None:
            return None
        batch, label = row
        _append_undo(connection, actor, f"undo {label}", batch, {"redo": False})
        connection.execute("insert into undone (batch) values (?)", (batch,))
        return Undone(label, _refold(connection, batch, reflag), _some_touched(connection), batch)


def redo(
    store: Store, actor: str, reflag: Reflag = no_flags, kinds: Sequence[EventKind] = PAIR_KINDS, session: int = 0
) -> Undone | None:
    """Bring back the actor's latest undone step of these kinds, unless something new of these kinds was said since;
    None when there is none. With a `session` only the ratings of that blind session are reached."""
    within = _OF_SESSION if session else ""
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
        return Undone(label, _refold(connection, batch, reflag), _some_touched(connection), batch)


def _one_of(table: str, kinds: Sequence[EventKind]) -> str:
    # Written out, not bound: the planner takes the partial index of the ratings only when it sees the word.
    if len(kinds) == 1:
        return f"{table}.kind = '{kinds[0]}'"
    return f"{table}.kind in ({', '.join(repr(kind) for kind in kinds)})"


def said_in(store: Store, batch: str) -> list[Event]:
    """What was said in one step, in its order."""
    return _events(store, "e.batch = ? and e.kind <> 'undo'", batch)


def history(store: Store, subject: str) -> list[Event]:
    """Everything that was said of a subject, oldest first, with what was undone marked as such."""
    return _events(store, "e.subject = ? and e.kind <> 'undo'", subject)


def _events(store: Store, condition: str, parameter: str) -> list[Event]:
    rows = store.rows(
        f"""select e.id, e.uuid, e.batch, e.actor, e.time, e.subject, e.kind, e.payload,
                  exists (select 1 from undone u where u.batch = e.batch)
           from event e where {condition} order by e.id""",
        (parameter,),
    )
    return [
        Event(number, uuid, batch, actor, time, of, kind, json.loads(payload), bool(undone))
        for number, uuid, batch, actor, time, of, kind, payload, undone in rows
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


def _refold(connection: sqlite3.Connection, batch: str, reflag: Reflag) -> int:
    """Bring the states that a batch touches up to date, each kind by its fold; returns how many pairs it touched."""
    connection.execute("create temp table if not exists touched (pair_id integer primary key, uid text)")
    connection.execute("delete from touched")
    connection.execute(
        """insert or ignore into touched
           select p.id, p.uid from event e join pair p on p.uid = e.subject where e.batch = ?""",
        (batch,),
    )
    kinds = [kind for (kind,) in connection.execute("select distinct kind from event where batch = ?", (batch,))]
    steps = dict.fromkeys(step for kind in kinds if kind in _FOLDS for step in _FOLDS[kind].steps)
    # Functions first: a rewrite's new words stand before its decision is counted.
    for step in sorted(steps, key=lambda step: isinstance(step, str)):
        if isinstance(step, str):
            connection.execute(step)
        else:
            step(connection, batch, reflag)
    return int(connection.execute("select count(*) from touched").fetchone()[0])


def _some_touched(connection: sqlite3.Connection) -> tuple[int, ...]:
    return tuple(
        row[0] for row in connection.execute("select pair_id from touched order by pair_id limit 100").fetchall()
    )
