"""Blind sessions: which answers a person scores, in which order, and when the contenders' names were seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from molting_tui.records.evaluation import Rubric
from molting_tui.store.answers import Chosen
from molting_tui.store.connection import Row, Store

_SESSION = """select s.id, s.uuid, s.rubric_digest, s.actor, s.pass, s.opened, s.seen, s.unblinded_at, s.unblinded_by
  from blind_session s"""
_OPEN = "exists (select 1 from score_place p where p.session_id = s.id and p.open)"


class Session(NamedTuple):
    """One person's blind pass over some answers. `seen` is when results were first shown after its last answer,
    `unblinded_at` and `unblinded_by` when and by whom they were asked for before it; empty: not yet."""

    id: int
    uuid: str
    rubric_digest: str
    actor: str
    rating_pass: int
    started: str
    seen: str
    unblinded_at: str
    unblinded_by: str


class Place(NamedTuple):
    """One place in the shuffled order of a session."""

    place: int
    answer: str
    open: bool
    skipped: bool


def begin(
    store: Store, actor: str, rubric: Rubric, rating_pass: int, chosen: Chosen, answers: Sequence[int], time: str
) -> Session:
    """Start a session over these answers (ids) in this order, or go on with the one that another molting has started
    meanwhile. The rubric must have been remembered."""
    with store.write() as connection:
        row = connection.execute(_open_query("and s.pass = ?4"), (*_key(actor, rubric, chosen), rating_pass)).fetchone()
        if row is not None:
            return _session(row)
        number = connection.execute(
            """insert into blind_session (uuid, rubric_digest, actor, pass, selection, opened)
               values (?, ?, ?, ?, ?, ?)""",
            (uuid4().hex, rubric.digest, actor, rating_pass, _selection(chosen), time),
        ).lastrowid
        connection.executemany(
            "insert into score_item (session_id, place, answer_id) values (?, ?, ?)",
            [(number, place, answer) for place, answer in enumerate(answers)],
        )
        return _session(connection.execute(f"{_SESSION} where s.id = ?", (number,)).fetchone())


def open_session(store: Store, actor: str, rubric: Rubric, chosen: Chosen, *, again: bool) -> Session | None:
    """The actor's latest session of this selection with an answer that isn't rated whole: of the first pass, or
    (`again`) of a later one."""
    row = store.row(_open_query("and s.pass > 1" if again else "and s.pass = 1"), _key(actor, rubric, chosen))
    return None if row is None else _session(row)


def latest_open(store: Store, actor: str) -> Session | None:
    """The actor's latest session with an answer that isn't rated whole, under whichever rubric."""
    row = store.row(f"{_SESSION} where s.actor = ? and {_OPEN} order by s.id desc limit 1", (actor,))
    return None if row is None else _session(row)


def session(store: Store, number: int) -> Session:
    """The session as it is now."""
    row = store.row(f"{_SESSION} where s.id = ?", (number,))
    if row is None:
        raise LookupError(number)
    return _session(row)


def places(store: Store, number: int) -> list[Place]:
    """Every place of a session, in order."""
    rows = store.rows(
        "select place, answer, open, skipped from score_place where session_id = ? order by place", (number,)
    )
    return [Place(place, answer, bool(open_), bool(skipped)) for place, answer, open_, skipped in rows]


def set_skipped(store: Store, number: int, place: int, skipped: bool) -> None:
    """Mark a place as skipped, or no longer."""
    with store.write() as connection:
        connection.execute(
            "update score_item set skipped = ?3 where session_id = ?1 and place = ?2 and skipped <> ?3",
            (number, place, skipped),
        )


def mark_shown(store: Store, actor: str, given: Sequence[int], place: str, time: str) -> None:
    """Log that the actor is shown in this place (`results`, `sheet`) who gave these answers (by id): those of which
    they had rated nothing until then, since only these can't be scored blind any more."""
    known = ",".join(map(str, given))
    unrated = f"""a.id in ({known}) and not exists (select 1 from rating g where g.answer = a.uuid and g.rater = ?1)"""
    unseen = "not exists (select 1 from shown h where h.answer_id = a.id and h.actor = ?1 and h.place = ?2)"
    if store.value(f"select 1 from answer a where {unrated} and {unseen} limit 1", (actor, place)):
        with store.write() as connection:
            connection.execute(
                f"insert into shown select a.id, ?1, ?2, ?3 from answer a where {unrated} and {unseen}",
                (actor, place, time),
            )


def together_with(store: Store, actor: str, given: Sequence[int]) -> list[int]:
    """The answers (ids) of the actor's sessions with open answers that hold any of these."""
    known = ",".join(map(str, given))
    rows = store.rows(
        f"""select distinct i.answer_id from score_item i join blind_session s on s.id = i.session_id
            where s.actor = ?1 and {_OPEN} and exists (
              select 1 from score_item j where j.session_id = s.id and j.answer_id in ({known}))""",
        (actor,),
    )
    return [number for (number,) in rows]


def names_seen(store: Store, number: int, answer: str, actor: str) -> bool:
    """Whether the actor can know who gave an answer (uuid) of this session: its names were shown, or those of another
    session that holds the answer were shown before its end, to the actor or to whose session it is; or the actor looked
    at it by name before they had rated it."""
    return bool(
        store.value(
            """select 1 from blind_session s where s.id = ?1 and (s.seen is not null or s.unblinded_at is not null)
               union all
               select 1 from answer a join score_item i on i.answer_id = a.id
                 join blind_session s on s.id = i.session_id
               where a.uuid = ?2 and s.unblinded_at is not null and ?3 in (s.actor, s.unblinded_by)
               union all
               select 1 from answer a join shown h on h.answer_id = a.id
               where a.uuid = ?2 and h.actor = ?3 limit 1""",
            (number, answer, actor),
        )
    )


def open_blind(store: Store, rubric_digest: str = "") -> int:
    """How many answers of blind sessions (under this rubric; any: '') wait for a rating, whoever's they are. One that
    waits in several sessions counts once."""
    return int(
        store.value(
            """select count(distinct p.answer_id) from blind_session s join score_place p on p.session_id = s.id
               where p.open and s.unblinded_at is null and ?1 in ('', s.rubric_digest)""",
            (rubric_digest,),
        )
    )


def show_names(store: Store, rubric_digest: str, actor: str, time: str, *, unblind: bool) -> None:
    """Log that the contenders' names are being shown: on sessions at their end as seen; with `unblind` on those with
    open answers as unblinded by the actor. Nothing is written where nothing is new."""
    fresh = "s.unblinded_at is null and s.seen is null and ?1 in ('', s.rubric_digest)"
    if not store.value(f"select 1 from blind_session s where {fresh} limit 1", (rubric_digest,)):
        return
    with store.write() as connection:
        if unblind:
            connection.execute(
                f"update blind_session as s set unblinded_at = ?2, unblinded_by = ?3 where {fresh} and {_OPEN}",
                (rubric_digest, time, actor),
            )
        connection.execute(
            f"update blind_session as s set seen = ?2 where {fresh} and not {_OPEN}", (rubric_digest, time)
        )


def waiting(store: Store, actor: str) -> int:
    """How many answers wait for this rater: open in a session of theirs, or in none and never rated by them."""
    return int(
        store.value(
            """select count(*) from answer a where a.source <> 'sheet' and (
                  exists (select 1 from score_place p join blind_session s on s.id = p.session_id
                          where p.answer_id = a.id and p.open and s.actor = ?1)
                  or not exists (select 1 from rating g where g.answer = a.uuid and g.rater = ?1))""",
            (actor,),
        )
    )


def _open_query(condition: str) -> str:
    return f"""{_SESSION} where s.actor = ?1 and s.rubric_digest = ?2 and s.selection = ?3 {condition} and {_OPEN}
        order by s.id desc limit 1"""


def _key(actor: str, rubric: Rubric, chosen: Chosen) -> tuple[str, str, str]:
    return actor, rubric.digest, _selection(chosen)


def _selection(chosen: Chosen) -> str:
    return json.dumps({"sets": sorted(chosen.sets), "language": chosen.language, "of": sorted(chosen.contenders)})


def _session(row: Row) -> Session:
    return Session(*row[:6], *(value or "" for value in row[6:]))
