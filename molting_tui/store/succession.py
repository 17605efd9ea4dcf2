"""Pairs in place of earlier ones: a turn has grown, or a better reader reads it otherwise, and gives another text.

What a person said of the earlier pair mustn't vanish with it. A turn that changes is noted with each pair that it gave
and somebody has said something of; once it gives another pair (at once, at a later import, or when pairs are derived by
that answer again), the new one succeeds: star, tags and comment are carried over as events, drafts are copied, and the
decision is asked again. A pair of which a person has said something already keeps its own words.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from molting_tui.records.events import NOBODY, PAIR_KINDS, EventKind, NewEvent
from molting_tui.records.pairs import Before, State
from molting_tui.store import events, filters, folding
from molting_tui.store.connection import Store

Cause = Literal["grown", "reader"]
_LABELS: dict[str, str] = {"grown": "carried over: the answer grew", "reader": "carried over: a better reader"}
_SAID_OF = """p.state <> 'open' or p.starred or p.rewritten
  or exists (select 1 from pair_before b where b.pair_id = p.id)
  or exists (select 1 from tag g where g.pair_id = p.id)
  or exists (select 1 from draft d where d.pair_id = p.id)
  or exists (select 1 from pair_note n where n.pair_id = p.id and n.comment <> '')"""
_OWN_WORDS = f"""select 1 from event e where e.subject = ? and e.actor <> '{NOBODY}'
  and e.kind in ({", ".join(repr(kind) for kind in PAIR_KINDS)})
  and {folding.EFFECTIVE}"""


class Outgrown(NamedTuple):
    """The pair (by its uid) that a turn gave by an answer mode, and gives no more."""

    turn_id: int
    mode: str
    uid: str
    cause: Cause


class _Note(NamedTuple):
    """A note that a turn has outgrown a pair."""

    turn_id: int
    pair_id: int
    cause: Cause


def note(connection: sqlite3.Connection, outgrown: Iterable[Outgrown]) -> None:
    """Remember of turns that changed what they gave, if anything was said of it."""
    for turn_id, mode, uid, cause in outgrown:
        row = connection.execute(f"select id from pair p where p.uid = ? and ({_SAID_OF})", (uid,)).fetchone()
        if row is not None:
            connection.execute("insert or replace into outgrown values (?, ?, ?, ?)", (mode, turn_id, row[0], cause))


def settle(
    connection: sqlite3.Connection, derivation: int, mode: str, turn_ids: Iterable[int] | None = None
) -> list[int]:
    """Let the pairs that these turns (None: all) give in a derivation succeed the ones that they have outgrown.

    Returns the pairs that did. A turn without a pair keeps its note.
    """
    succeeded: list[int] = []
    for turn_id, before, cause in _notes(connection, mode, turn_ids):
        row = connection.execute(
            "select pair_id from pair_origin where derivation = ? and turn_id = ?", (derivation, turn_id)
        ).fetchone()
        if row is None:
            continue
        connection.execute("delete from outgrown where mode = ? and turn_id = ?", (mode, turn_id))
        if _succeed(connection, int(row[0]), before, cause):
            succeeded.append(int(row[0]))
    return succeeded


def waiting(store: Store, mode: str, turn_ids: Iterable[int]) -> int:
    """How many of these turns gave a pair that was decided or rewritten, and give none at the moment."""
    earlier = json.dumps([note.pair_id for note in _notes(store.connection(), mode, turn_ids)])
    return int(
        store.value(
            """select count(*) from json_each(?) e join pair p on p.id = e.value
               where p.state <> 'open' or p.rewritten""",
            (earlier,),
        )
    )


def asked_again(store: Store, pair_ids: Iterable[int]) -> int:
    """How many of these pairs are in the list, and are to be decided again."""
    return int(
        store.value(
            f"""select count(*) from pair p where p.live = 1 and {filters.ASKED_AGAIN}
                and p.id in (select value from json_each(?))""",
            (json.dumps(list(pair_ids)),),
        )
    )


def before(store: Store, pair_id: int) -> Before | None:
    """The latest pair before this one that somebody decided on or rewrote; None if there is none."""
    row = store.row(
        """with recursive earlier (id, cause, age) as (
             select before_id, cause, 1 from pair_before where pair_id = ?
             union select b.before_id, e.cause, e.age + 1 from earlier e join pair_before b on b.pair_id = e.id
               where e.age < 100)
           select p.id, p.state, coalesce(n.reason, ''), p.rewritten, e.cause from earlier e join pair p on p.id = e.id
           left join pair_note n on n.pair_id = p.id where p.state <> 'open' or p.rewritten order by e.age limit 1""",
        (pair_id,),
    )
    return None if row is None else Before(row[0], State(row[1]), row[2], bool(row[3]), row[4])


def _notes(connection: sqlite3.Connection, mode: str, turn_ids: Iterable[int] | None) -> list[_Note]:
    """The notes of a mode, of these turns or of all."""
    rows = connection.execute(
        """select turn_id, pair_id, cause from outgrown where mode = ?1
             and (?2 is null or turn_id in (select value from json_each(?2))) order by turn_id, pair_id""",
        (mode, None if turn_ids is None else json.dumps(list(turn_ids))),
    )
    return [_Note(*row) for row in rows.fetchall()]


def _succeed(connection: sqlite3.Connection, pair_id: int, before_id: int, cause: Cause) -> bool:
    """Let one pair succeed another, unless that one is still in the list or this one needs no succession."""
    uid = connection.execute("select uid from pair where id = ?", (pair_id,)).fetchone()[0]
    held, state = connection.execute("select live, state from pair where id = ?", (before_id,)).fetchone()
    if held or pair_id == before_id or connection.execute(f"{_OWN_WORDS} limit 1", (uid,)).fetchone():
        return False
    # A turn that goes back to a text which has one before it already: that one is remembered, unless there is news.
    if state != "open" or not _came_of(connection, before_id, pair_id):
        connection.execute(
            "insert or replace into pair_before (pair_id, before_id, cause, time) values (?, ?, ?, ?)",
            (pair_id, before_id, cause, events.now()),
        )
    connection.execute(
        "insert or ignore into draft select ?, actor, text, time from draft where pair_id = ?", (pair_id, before_id)
    )
    carried = _carried(connection, uid, pair_id, before_id, cause)
    if carried:
        events.append(connection, NOBODY, _LABELS[cause], carried)
    return True


def _came_of(connection: sqlite3.Connection, pair_id: int, earlier_id: int) -> bool:
    """Whether a pair came in place of an earlier one, by whatever steps, that itself came in place of another."""
    row = connection.execute(
        """with recursive earlier (id) as (
             select ?1 union select b.before_id from earlier e join pair_before b on b.pair_id = e.id)
           select 1 from earlier where id = ?2 and exists (select 1 from pair_before where pair_id = ?2)""",
        (pair_id, earlier_id),
    ).fetchone()
    return row is not None


def _carried(
    connection: sqlite3.Connection, uid: str, pair_id: int, before_id: int, cause: Cause
) -> Sequence[NewEvent]:
    """What a pair takes over from the one before it: the star, the tags and the comment that it hasn't got itself."""
    marks = (
        "select p.starred, coalesce(n.comment, '') from pair p left join pair_note n on n.pair_id = p.id where p.id = ?"
    )
    starred, comment = connection.execute(marks, (before_id,)).fetchone()
    has_star, has_comment = connection.execute(marks, (pair_id,)).fetchone()
    tags = connection.execute(
        "select name from tag where pair_id = ? except select name from tag where pair_id = ?", (before_id, pair_id)
    ).fetchall()

    def carried(kind: EventKind, **payload: object) -> NewEvent:
        return NewEvent(uid, kind, {**payload, "carried": cause})

    return [
        *([carried("star", on=True)] if starred and not has_star else []),
        *(carried("tag", tag=name, on=True) for (name,) in tags),
        *([carried("comment", text=comment)] if comment and not has_comment else []),
    ]
