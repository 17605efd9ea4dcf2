"""Ratings: the current ones, folded from the events, and the rubrics they were given under."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from molting_tui.records.evaluation import Rating, Rubric
from molting_tui.store.connection import Store

_RUBRIC = msgspec.json.Decoder(Rubric)

# A rating is told apart by answer, rubric, rater, pass and dimension; the latest event that is not undone says it.
_RATER = "coalesce(json_extract(e.payload, '$.rater'), e.actor)"
_DIMENSION = "json_extract(e.payload, '$.dimension')"
_KEY = f"e.subject, e.rubric_digest, {_RATER}, e.rating_pass"
_SAME = f"""e.kind = 'rate' and e.subject = t.answer and e.rubric_digest = t.rubric_digest and {_RATER} = t.rater
    and e.rating_pass = t.pass and not exists (select 1 from undone u where u.batch = e.batch)"""
RATINGS = f"""select answer, rubric_digest, rater, pass, dimension, level, blind, session, id, time from (
    select t.*, json_extract(e.payload, '$.level') as level, e.blind, json_extract(e.payload, '$.session') as session,
      e.id, e.time,
      row_number() over (partition by t.answer, t.rubric_digest, t.rater, t.pass, t.dimension order by e.id desc) as age
    from touched_rating t cross join event e on {_SAME} and {_DIMENSION} = t.dimension)
  where age = 1"""
"""The ratings that the table `touched_rating` names, as the events say them."""
NOTES = f"""select answer, rubric_digest, rater, pass, text, id, time from (
    select t.*, json_extract(e.payload, '$.note') as text, e.id, e.time,
      row_number() over (partition by t.answer, t.rubric_digest, t.rater, t.pass order by e.id desc) as age
    from (select distinct answer, rubric_digest, rater, pass from touched_rating) t
      cross join event e on {_SAME} and json_extract(e.payload, '$.note') is not null)
  where age = 1 and text <> ''"""
"""Their notes."""
_FOLD = (
    """delete from rating where (answer, rubric_digest, rater, pass, dimension) in (
        select answer, rubric_digest, rater, pass, dimension from touched_rating)""",
    f"""insert into rating (answer, rubric_digest, rater, pass, dimension, level, blind, session, event_id, time)
        {RATINGS}""",
    """delete from rating_note where (answer, rubric_digest, rater, pass) in (
        select answer, rubric_digest, rater, pass from touched_rating)""",
    f"insert into rating_note (answer, rubric_digest, rater, pass, text, event_id, time) {NOTES}",
)
# "Not applicable" where the rubric doesn't say when that is so. In its content a dimension is an array: 0 is the id, 6
# is `na_when`.
_NO_LEVEL = """g.level is null and not exists (
    select 1 from rubric r join json_each(r.content, '$.dimensions') d
    where r.digest = g.rubric_digest and json_extract(d.value, '$[0]') = g.dimension
      and json_extract(d.value, '$[6]') <> '')"""
# In which session a rating of an earlier version was said: that of the rater's which holds the answer in this pass,
# where one alone does. What was typed in by hand was said in none: it is neither blind nor tells what was seen.
_DERIVED_SESSION = """(select min(s.uuid) from blind_session s join score_item i on i.session_id = s.id
      join answer a on a.id = i.answer_id
    where a.uuid = g.answer and s.rubric_digest = g.rubric_digest and s.actor = g.rater and i.pass = g.pass
      and s.opened <= g.time and (g.blind or exists (
        select 1 from event e where e.id = g.event_id and json_extract(e.payload, '$.seen') is not null))
    having count(*) = 1)"""
_SAID = f"""insert into touched_rating select distinct {_KEY}, {_DIMENSION} from event e where e.kind = 'rate'
    and exists (select 1 from answer a where a.uuid = e.subject)"""


class RubricRated(NamedTuple):
    """A rubric that was rated under, how many ratings stand under it, and which event was the latest of them."""

    digest: str
    id: str
    version: str
    ratings: int
    latest: int


def refold(connection: sqlite3.Connection, batch: str) -> None:
    """Bring the ratings and notes that a step touched up to date, in the transaction that stored it."""
    _touch_none(connection)
    connection.execute(f"{_SAID} and e.batch = ?", (batch,))
    for statement in _FOLD:
        connection.execute(statement)


def touch_all(connection: sqlite3.Connection) -> None:
    """Name every rating in `touched_rating`: those that were said, and those that are stored."""
    _touch_none(connection)
    connection.execute(_SAID)
    connection.execute(
        """insert into touched_rating select answer, rubric_digest, rater, pass, dimension from rating
           except select answer, rubric_digest, rater, pass, dimension from touched_rating"""
    )


def refold_all(connection: sqlite3.Connection) -> None:
    """Make every rating and note anew from the events."""
    touch_all(connection)
    connection.execute("delete from rating_note")
    for statement in _FOLD:
        connection.execute(statement)


def _touch_none(connection: sqlite3.Connection) -> None:
    connection.execute(
        """create temp table if not exists touched_rating (
             answer text, rubric_digest text, rater text, pass integer, dimension text)"""
    )
    connection.execute("delete from touched_rating")


def remember_rubric(store: Store, rubric: Rubric) -> None:
    """Keep the rubric whole, once: what was rated by stays known when its file changes."""
    if not store.value("select 1 from rubric where digest = ?", (rubric.digest,)):
        content = msgspec.json.encode(rubric).decode()
        with store.write() as connection:
            connection.execute(
                "insert or ignore into rubric (digest, id, version, dimensions, content) values (?, ?, ?, ?, ?)",
                (rubric.digest, rubric.id, rubric.version, len(rubric.dimensions), content),
            )


def remembered_rubric(store: Store, digest: str) -> Rubric | None:
    """The rubric with this digest, as it was when it was first rated under."""
    content = store.value("select content from rubric where digest = ?", (digest,))
    return None if content is None else _RUBRIC.decode(content)


def rubrics_rated(store: Store, rubric_id: str = "") -> list[RubricRated]:
    """The rubrics (of this id) that ratings stand under."""
    rows = store.rows(
        """select r.digest, r.id, r.version, count(*), max(g.event_id)
           from rubric r join rating g on g.rubric_digest = r.digest
           where ?1 in ('', r.id) group by r.digest order by r.id, max(g.event_id) desc""",
        (rubric_id,),
    )
    return [RubricRated(*row) for row in rows]


def ratings(store: Store, rubric_digest: str, answers: Sequence[str], rater: str = "") -> list[Rating]:
    """The current ratings of these answers (uuids) under a rubric, by one rater (all: '')."""
    rows = store.rows(
        f"""select g.answer, g.dimension, g.level, g.rater, g.pass, g.blind, coalesce(n.text, ''),
             case when g.blind then '' else
               (select coalesce(json_extract(e.payload, '$.seen'), '') from event e where e.id = g.event_id) end,
             coalesce(g.session, {_DERIVED_SESSION}, '')
           from rating g left join rating_note n using (answer, rubric_digest, rater, pass)
           where g.rubric_digest = ?1 and ?2 in ('', g.rater) and g.answer in (select value from json_each(?3))
           order by g.answer, g.rater, g.pass, g.dimension""",
        (rubric_digest, rater, json.dumps(list(answers))),
    )
    return [
        Rating(answer, dimension, level, by, rating_pass, bool(blind), text, seen, session)
        for answer, dimension, level, by, rating_pass, blind, text, seen, session in rows
    ]


def levels(store: Store, answer: str, rubric_digest: str, rater: str, rating_pass: int) -> dict[str, int | None]:
    """What one rater has said of an answer in one pass: levels by dimension (None: not applicable)."""
    rows = store.rows(
        "select dimension, level from rating where (answer, rubric_digest, rater, pass) = (?, ?, ?, ?)",
        (answer, rubric_digest, rater, rating_pass),
    )
    return dict(rows)


def note(store: Store, answer: str, rubric_digest: str, rater: str, rating_pass: int) -> str:
    """What one rater noted on an answer in one pass; empty for nothing."""
    text = store.value(
        "select text from rating_note where (answer, rubric_digest, rater, pass) = (?, ?, ?, ?)",
        (answer, rubric_digest, rater, rating_pass),
    )
    return text or ""


def rated_whole(store: Store, rubric_digest: str, rater: str) -> dict[str, int]:
    """The answers (uuids) that one rater has rated in every dimension, with the latest pass in which they did."""
    rows = store.rows(
        f"""select answer, max(pass) from (
             select g.answer, g.pass from rating g where g.rubric_digest = ?1 and g.rater = ?2 and not ({_NO_LEVEL})
             group by g.answer, g.pass having count(*) >= (select dimensions from rubric where digest = ?1))
           group by answer""",
        (rubric_digest, rater),
    )
    return dict(rows)


def whole_in(store: Store, rubric_digest: str, rater: str) -> dict[str, set[str]]:
    """By answer (uuid) the sessions (uuids) in which one rater has given it a level in every dimension in one pass."""
    rows = store.rows(
        f"""select answer, min(session) from (
              select g.answer, g.pass, coalesce(g.session, {_DERIVED_SESSION}, '') as session
              from rating g where g.rubric_digest = ?1 and g.rater = ?2 and not ({_NO_LEVEL}))
            group by answer, pass
            having count(*) >= (select dimensions from rubric where digest = ?1)
              and count(distinct session) = 1 and min(session) <> ''""",
        (rubric_digest, rater),
    )
    sessions: dict[str, set[str]] = {}
    for answer, session in rows:
        sessions.setdefault(answer, set()).add(session)
    return sessions


def without_level(store: Store, rubric_digest: str = "") -> int:
    """How many ratings (under this rubric; any: '') say "not applicable" of a dimension that always applies: earlier
    versions took them, and they count as no rating."""
    count = f"select count(*) from rating g where ?1 in ('', g.rubric_digest) and {_NO_LEVEL}"
    return int(store.value(count, (rubric_digest,)))
