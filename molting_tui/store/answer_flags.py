"""Flags on answers and the states of their facts: what the machine noticed, and what people say of it.

The machine's are made anew, in chunks, when what makes them has changed; a person's are folded from the events of kind
`flag`, each of which says one thing of an answer: of a flag `yes` or `no`, of a fact (`fact:ID`) its state, of all that
stand there (`*`) `confirmed`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from molting_tui.records.evaluation import Answer, AnswerFlag, AnswerNoticed, FactNoticed
from molting_tui.records.progress import Progress, Report
from molting_tui.store import answers
from molting_tui.store.connection import Store

CHUNK = 200
"""Answers that are looked at before what was noticed is stored."""
EVERY = "*"
"""Stands for all flags and facts of an answer: a person has looked at them."""

_FLAG, _STATE = (f"json_extract(e.payload, '$.{name}')" for name in ("flag", "state"))
_STANDS = "not exists (select 1 from undone u where u.batch = e.batch)"
SAID = f"""select answer, actor, flag, state, event_id, time from (
    select e.subject as answer, e.actor, {_FLAG} as flag, {_STATE} as state, e.id as event_id, e.time,
      row_number() over (partition by e.subject, e.actor, {_FLAG} order by e.id desc) as age
    from event e where e.kind = 'flag' and {_STANDS} and exists (select 1 from answer a where a.uuid = e.subject))
  where age = 1"""
"""What people say of flags, as the events say it."""
COLUMNS = "answer, actor, flag, state, event_id, time"
_UNNOTICED = """a.source <> 'sheet' and not exists (
    select 1 from answer_noticed n where n.answer_id = a.id and n.made_by = ?)"""


class FlagSaid(NamedTuple):
    """What a person says of one flag or fact of an answer (its uuid); `event` tells which was said later."""

    answer: str
    actor: str
    flag: str
    state: str
    event: int


def unnoticed(store: Store, made_by: str) -> int:
    """How many answers wait to be looked at by this flagger."""
    return int(store.value(f"select count(*) from answer a where {_UNNOTICED}", (made_by,)))


def notice(store: Store, made_by: str, look: Callable[[Answer], AnswerNoticed], report: Report) -> int:
    """Look at every answer that this flagger hasn't seen, and store what it noticed; returns how many they were.

    A kill loses no more than a chunk, and others write in between. A report that raises `Cancelled` stops it.
    """
    total, done = unnoticed(store, made_by), 0
    while done < total:
        rows = store.rows(f"select a.id from answer a where {_UNNOTICED} order by a.id limit {CHUNK}", (made_by,))
        if not rows:
            break
        noticed = [look(answer) for answer in answers.by_numbers(store, [number for (number,) in rows])]
        with store.write() as connection:
            for each in noticed:
                _put(connection, made_by, each)
        done += len(rows)
        report(Progress(done, max(total, done), "answers", "looking for flags"))
    return done


def _put(connection: sqlite3.Connection, made_by: str, noticed: AnswerNoticed) -> None:
    number = noticed.answer
    connection.execute("delete from answer_flag where answer_id = ?", (number,))
    connection.execute("delete from answer_fact where answer_id = ?", (number,))
    connection.execute("insert or replace into answer_noticed (answer_id, made_by) values (?, ?)", (number, made_by))
    connection.executemany(
        "insert into answer_flag (answer_id, flag, detail) values (?, ?, ?)",
        [(number, *flag) for flag in noticed.flags],
    )
    connection.executemany(
        "insert into answer_fact (answer_id, fact, state, detail) values (?, ?, ?, ?)",
        [(number, *fact) for fact in noticed.facts],
    )


def noticed(store: Store, made_by: str, numbers: Sequence[int]) -> dict[int, AnswerNoticed]:
    """What this flagger noticed in these answers, by number; without those that it hasn't looked at."""
    chosen = (json.dumps(list(numbers)),)
    flags: dict[int, list[AnswerFlag]] = {}
    for number, *flag in store.rows(
        """select answer_id, flag, detail from answer_flag
           where answer_id in (select value from json_each(?)) order by answer_id, flag""",
        chosen,
    ):
        flags.setdefault(number, []).append(AnswerFlag(*flag))
    facts: dict[int, list[FactNoticed]] = {}
    for number, *fact in store.rows(
        """select answer_id, fact, state, detail from answer_fact
           where answer_id in (select value from json_each(?)) order by answer_id, fact""",
        chosen,
    ):
        facts.setdefault(number, []).append(FactNoticed(*fact))
    seen = store.rows(
        "select answer_id from answer_noticed where made_by = ?1 and answer_id in (select value from json_each(?2))",
        (made_by, *chosen),
    )
    return {
        number: AnswerNoticed(number, tuple(flags.get(number, ())), tuple(facts.get(number, ()))) for (number,) in seen
    }


def said(store: Store, uuids: Iterable[str]) -> dict[str, list[FlagSaid]]:
    """What people say of the flags and facts of these answers, by uuid, the latest last."""
    rows = store.rows(
        """select answer, actor, flag, state, event_id from flag_said
           where answer in (select value from json_each(?)) order by event_id""",
        (json.dumps(list(uuids)),),
    )
    by_answer: dict[str, list[FlagSaid]] = {}
    for row in rows:
        by_answer.setdefault(row[0], []).append(FlagSaid(*row))
    return by_answer


def refold(connection: sqlite3.Connection, batch: str) -> None:
    """Bring what people say of flags up to date for the answers that a step touched (without one: of all), in the
    transaction that stored it."""
    if not batch:
        connection.execute("delete from flag_said")
        connection.execute(f"insert into flag_said ({COLUMNS}) {SAID}")
        return
    for (uuid,) in connection.execute("select distinct subject from event where batch = ?", (batch,)).fetchall():
        connection.execute("delete from flag_said where answer = ?", (uuid,))
        connection.execute(
            f"insert into flag_said ({COLUMNS}) {SAID.replace('where e.kind', 'where e.subject = ? and e.kind', 1)}",
            (uuid,),
        )


def still_to_rate(store: Store, actor: str, answer: str) -> bool:
    """Whether an answer (its uuid) waits for a rating in an open session of the actor; hidden repeats apart, which
    nobody is told of."""
    return bool(
        store.value(
            """select exists (
                 select 1 from score_place p join blind_session s on s.id = p.session_id
                 where p.answer = ? and s.actor = ? and p.open and p.repeat_of is null)""",
            (answer, actor),
        )
    )


def rated_whole(store: Store, actor: str, answer: str) -> bool:
    """Whether the actor has rated an answer (its uuid) in every dimension of a rubric, in one pass."""
    return bool(
        store.value(
            """select exists (
                 select 1 from rating g join rubric r on r.digest = g.rubric_digest
                 where g.answer = ? and g.rater = ?
                 group by g.rubric_digest, g.pass having count(*) >= r.dimensions)""",
            (answer, actor),
        )
    )
