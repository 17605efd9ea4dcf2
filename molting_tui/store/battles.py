"""Battle sessions: who meets whom on what, at which place, and what of it may be told already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from molting_tui.records.events import NewEvent
from molting_tui.store import events, votes
from molting_tui.store.connection import Row, Store
from molting_tui.store.scoring import FIGURES, mark_shown

_SESSION = """select s.id, s.uuid, s.actor, s.opened, coalesce(s.seen, ''), coalesce(s.closed, ''),
       coalesce(s.closed_by, ''), s.commitment, s.rubric_digest, s.payload,
       (select count(*) from battle b where b.session_id = s.id),
       (select count(*) from battle b join vote v on v.battle = b.uuid where b.session_id = s.id)
  from blind_session s"""
_UNVOTED = "not exists (select 1 from vote v where v.battle = b.uuid)"
_WAITS = f"exists (select 1 from battle b where b.session_id = s.id and {_UNVOTED})"
_OPEN = f"s.kind = 'battle' and s.closed is null and s.seen is null and {_WAITS}"
_SEEN = f"""select count(distinct answer_id) from shown where actor = ? and place not in {FIGURES}
    and answer_id in (select value from json_each(?))"""


class BattleSession(NamedTuple):
    """One person's battles. `seen` is when names were first told after the last vote, `closed` and `closed_by` when and
    by whom it was ended before it (empty: not yet); `commitment` seals the plan, `payload` holds what it was drawn
    for; `battles` are there and `voted` of them have a vote."""

    id: int
    uuid: str
    actor: str
    opened: str
    seen: str
    closed: str
    closed_by: str
    commitment: str
    rubric_digest: str
    payload: dict[str, Any]
    battles: int
    voted: int

    @property
    def open(self) -> bool:
        """Whether it waits for votes."""
        return not self.ended and self.voted < self.battles

    @property
    def ended(self) -> bool:
        """Whether names may have been told, so that nothing is said in it any more."""
        return bool(self.closed or self.seen)


class BattlePlace(NamedTuple):
    """One place of a session: which answers (ids) stand left and right, and of a repeat what it repeats."""

    place: int
    uuid: str
    left: int
    right: int
    repeat_of: int | None = None


def begin(
    store: Store,
    actor: str,
    rubric_digest: str,
    payload: Mapping[str, Any],
    commitment: str,
    seal: tuple[str, str],
    places: Sequence[BattlePlace],
) -> int:
    """Start a session with these places, seal (secret and mapping) and commitment; returns its number. The rubric must
    have been remembered."""
    with store.write() as connection:
        number = connection.execute(
            """insert into blind_session
                 (uuid, rubric_digest, actor, pass, selection, opened, kind, payload, commitment)
               values (?, ?, ?, 1, ?, ?, 'battle', ?, ?)""",
            (
                uuid4().hex,
                rubric_digest,
                actor,
                json.dumps({"sets": payload.get("questions", []), "language": "", "of": payload["contenders"]}),
                events.now(),
                json.dumps(payload, ensure_ascii=False),
                commitment,
            ),
        ).lastrowid
        connection.execute("insert into seal (session_id, secret, mapping) values (?, ?, ?)", (number, *seal))
        connection.executemany(
            "insert into battle (session_id, place, uuid, left_id, right_id, repeat_of) values (?, ?, ?, ?, ?, ?)",
            [(number, *place) for place in places],
        )
        return int(number or 0)


def session(store: Store, number: int) -> BattleSession | None:
    """The session with this number, as it is now."""
    row = store.row(f"{_SESSION} where s.kind = 'battle' and s.id = ?", (number,))
    return None if row is None else _session(row)


def sessions(store: Store) -> list[BattleSession]:
    """Every battle session, the oldest first."""
    return [_session(row) for row in store.rows(f"{_SESSION} where s.kind = 'battle' order by s.id")]


def open_sessions(store: Store) -> list[BattleSession]:
    """The sessions that wait for votes, the oldest first."""
    return [_session(row) for row in store.rows(f"{_SESSION} where {_OPEN} order by s.id")]


def open_battles(store: Store) -> int:
    """How many battles wait for a vote, in sessions that nobody has ended."""
    return int(
        store.value(
            f"""select count(*) from battle b join blind_session s on s.id = b.session_id
                where s.kind = 'battle' and s.closed is null and s.seen is null and {_UNVOTED}"""
        )
    )


def waiting_for(store: Store, actor: str) -> int:
    """How many battles wait for a vote of this person."""
    return sum(each.battles - each.voted for each in open_sessions(store) if each.actor == actor)


def places(store: Store, number: int) -> list[BattlePlace]:
    """Every place of a session, in order."""
    rows = store.rows(
        "select place, uuid, left_id, right_id, repeat_of from battle where session_id = ? order by place", (number,)
    )
    return [BattlePlace(*row) for row in rows]


def next_open(store: Store, number: int, place: int, step: int) -> int | None:
    """The nearest place after (1) or before (-1) this one without a vote; None if there is none on that side."""
    side, order = (">", "asc") if step > 0 else ("<", "desc")
    nearest = store.value(
        f"""select b.place from battle b where b.session_id = ? and b.place {side} ? and {_UNVOTED}
            order by b.place {order} limit 1""",
        (number, place),
    )
    return None if nearest is None else int(nearest)


def resume_place(store: Store, number: int) -> int | None:
    """The first place without a vote that wasn't skipped, else the first without one; None where all have one."""
    place = store.value(
        f"""select b.place from battle b where b.session_id = ? and {_UNVOTED}
            order by b.skipped, b.place limit 1""",
        (number,),
    )
    return None if place is None else int(place)


def skipped(store: Store, number: int, place: int) -> bool:
    """Whether a place is marked as skipped."""
    return bool(store.value("select skipped from battle where session_id = ? and place = ?", (number, place)))


def set_skipped(store: Store, number: int, place: int, skipped: bool) -> None:
    """Mark a place as skipped, or no longer."""
    with store.write() as connection:
        connection.execute(
            "update battle set skipped = ?3 where session_id = ?1 and place = ?2 and skipped <> ?3",
            (number, place, skipped),
        )


def say(store: Store, actor: str, session: int, place: BattlePlace, label: str, payload: dict[str, Any]) -> bool:
    """Store what was said of a battle, and whether the actor had seen an answer of it by name. False, and nothing is
    stored, where the session has ended."""
    with store.write() as connection:
        row = connection.execute(
            "select 1 from blind_session where id = ? and closed is null and seen is null", (session,)
        ).fetchone()
        if row is None:
            return False
        seen = connection.execute(_SEEN, (actor, json.dumps([place.left, place.right]))).fetchone()[0]
        event = NewEvent(place.uuid, "vote", payload, blind=not seen)
        events.append(connection, actor, label, [event])
        if "outcome" in payload:
            connection.execute(
                "update battle set skipped = 0 where session_id = ? and place = ? and skipped", (session, place.place)
            )
        return True


def seen_by(store: Store, actor: str, given: Iterable[int]) -> int:
    """How many of these answers (ids) the actor was shown by name, with their words."""
    return int(store.value(_SEEN, (actor, json.dumps(list(given)))))


def waiting_for_scores(store: Store, contenders: Sequence[str]) -> int:
    """How many answers of these contenders wait in blind score sessions, before any name of theirs was shown."""
    return int(
        store.value(
            """select count(distinct p.answer_id) from score_place p join blind_session s on s.id = p.session_id
                 join answer a on a.id = p.answer_id
               where p.open and s.unblinded_at is null and s.seen is null
                 and a.contender in (select value from json_each(?))""",
            (json.dumps(list(contenders)),),
        )
    )


# The end


def end(store: Store, number: int, actor: str, time: str) -> bool:
    """End a session that waits for votes, for good; False where there is none such, or another was quicker."""
    with store.write() as connection:
        cursor = connection.execute(
            f"""update blind_session as s set closed = ?2, closed_by = ?3, unblinded_at = ?2, unblinded_by = ?3
                where s.id = ?1 and {_OPEN}""",
            (number, time, actor),
        )
        return cursor.rowcount == 1


def mark_seen(store: Store, time: str, number: int = 0) -> None:
    """Log that names are being told: on each session (or this one) with all its votes, which takes no other from now
    on. Nothing is written where nothing is new, or nothing can be."""
    fresh = f"s.kind = 'battle' and s.closed is null and s.seen is null and ?1 in (0, s.id) and not {_WAITS}"
    if store.reads or not store.value(f"select 1 from blind_session s where {fresh} limit 1", (number,)):
        return
    with store.write() as connection:
        connection.execute(f"update blind_session as s set seen = ?2 where {fresh}", (number, time))


def seal(store: Store, number: int) -> tuple[str, str]:
    """What a session's plan was drawn from, and the plan: secret and mapping; empty where they are gone. Only for who
    verifies or tells an ended session."""
    row = store.row("select secret, mapping from seal where session_id = ?", (number,))
    return ("", "") if row is None else (row[0], row[1])


def vote_times(store: Store, number: int) -> tuple[str, str]:
    """When the first and the last thing was said of a session's battles, undone or not; empty where nothing was."""
    row = store.row(
        """select coalesce(min(e.time), ''), coalesce(max(e.time), '') from event e
           where e.kind = 'vote' and e.subject in (select uuid from battle where session_id = ?)""",
        (number,),
    )
    return ("", "") if row is None else (row[0], row[1])


def _session(row: Row) -> BattleSession:
    session = BattleSession(*row)
    return session._replace(payload=json.loads(row[9] or "{}"))


# What can be put side by side, and what came of it


class Contending(NamedTuple):
    """An answer that can be put beside another: `words` is its digest, `cluster` the fact that its question asks,
    `contender_id` who gave it under that name."""

    id: int
    uuid: str
    contender: str
    question: str
    sample: int
    words: str
    cluster: str
    contender_id: int


def contending(store: Store, contenders: Sequence[str], sets: Sequence[str]) -> list[Contending]:
    """The answers with words of these contenders to these question sets (none: all). Where a contender has answered a
    question in several runs, each sample is that of the latest answer."""
    rows = store.rows(
        """select id, uuid, contender, question_digest, sample, digest, cluster, contender_id from (
             select a.id, a.uuid, a.contender, a.question_digest, a.sample, a.digest, a.contender_id,
               coalesce(nullif(q.cluster, ''), q.id) as cluster,
               row_number() over (partition by a.contender, a.question_digest, a.sample order by a.id desc) as age
             from answer a join question q on q.digest = a.question_digest
             where a.source <> 'sheet' and a.contender in (select value from json_each(?1))
               and (json_array_length(?2) = 0 or exists (
                 select 1 from question_of_set o join question_set s on s.digest = o.set_digest
                 where o.question_digest = q.digest and s.id in (select value from json_each(?2)))))
           where age = 1 order by id""",
        (json.dumps(list(contenders)), json.dumps(list(sets))),
    )
    return [Contending(*row) for row in rows]


class Fought(NamedTuple):
    """A battle with its vote (empty: none), who stood where, and the fact that its question asks."""

    place: int
    repeat_of: int | None
    left: str
    right: str
    cluster: str
    outcome: str
    guess: str
    blind: bool


def fought(store: Store, number: int) -> list[Fought]:
    """The battles of a session by place, with the contenders' names: only for who tells an ended session."""
    rows = store.rows(
        """select b.place, b.repeat_of, l.contender, r.contender, coalesce(nullif(q.cluster, ''), q.id),
             coalesce(v.outcome, ''), coalesce(v.guess, ''), coalesce(e.blind, 1)
           from battle b join answer l on l.id = b.left_id join answer r on r.id = b.right_id
             join question q on q.digest = l.question_digest
             left join vote v on v.battle = b.uuid left join event e on e.id = v.event_id
           where b.session_id = ? order by b.place""",
        (number,),
    )
    return [Fought(*row)._replace(blind=bool(row[-1])) for row in rows]


class StoredPlace(NamedTuple):
    """A place as it is stored, by its answers' uuids, with the digests of what these say today."""

    place: int
    uuid: str
    left: str
    right: str
    repeat_of: int | None
    left_words: str
    right_words: str


def stored_places(store: Store, number: int) -> list[StoredPlace]:
    """The places of a session, to compare with what was sealed."""
    rows = store.rows(
        """select b.place, b.uuid, coalesce(l.uuid, ''), coalesce(r.uuid, ''), b.repeat_of, coalesce(l.digest, ''),
             coalesce(r.digest, '')
           from battle b left join answer l on l.id = b.left_id left join answer r on r.id = b.right_id
           where b.session_id = ? order by b.place""",
        (number,),
    )
    return [StoredPlace(*row) for row in rows]


def unlike_votes(store: Store, number: int) -> list[str]:
    """The battles (uuids) of a session whose vote isn't what was said."""
    own = {place.uuid for place in places(store, number)}
    return [uuid for uuid in votes.differing(store.connection()) if uuid in own]


def names_told(store: Store, actor: str, number: int, time: str) -> None:
    """Log that the actor is shown, battle by battle, whose answers a session's are."""
    rows = store.rows("select left_id, right_id from battle where session_id = ?", (number,))
    mark_shown(store, actor, sorted({answer for row in rows for answer in row}), "battle", time)
