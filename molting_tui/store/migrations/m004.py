"""Schema 4: files know their reader, pairs whose answer changed are asked again, answers have a digest, and who closed
a session is known."""

from __future__ import annotations

import sqlite3

from molting_tui.store import guards
from molting_tui.store.digests import ANSWER_WORDS, answer_digest

# fmt: off
STATEMENTS = (
    # By which version of its reader a file was read; empty: by one that didn't say. Such a file is read anew.
    "alter table source_file add column reader text not null default ''",
    # A pair in place of one that was decided: its turn has grown, or a better reader reads it otherwise. What was said
    # of the earlier pair is carried over; the decision is asked for again.
    """create table pair_before (
        pair_id integer primary key references pair (id),
        before_id integer not null references pair (id),
        cause text not null check (cause in ('grown', 'reader')),
        time text not null)""",
    "create index pair_before_before on pair_before (before_id)",
    # A turn that changed: by an answer mode it gave this pair, of which somebody had said something. Gone once another
    # pair of the turn came in its place.
    """create table outgrown (
        mode text not null,
        turn_id integer not null references turn (id),
        pair_id integer not null references pair (id),
        cause text not null check (cause in ('grown', 'reader')),
        primary key (mode, turn_id)) without rowid""",
    # Of what an answer says (`store/digests.py`), so that a byte that changed by itself is noticed.
    "alter table answer add column digest text not null default ''",
    # Who closed a blind session before its last answer; `closed` is when.
    "alter table blind_session add column closed_by text",
    # The rules look behind encodings now and know more forms: every pair is flagged anew, once (`store/flags.py`).
    """insert or ignore into meta (key, value)
        select 'flags-anew', json_object('reached', 0, 'rules', '', 'more', json_object(), 'fewer', json_object())
        where exists (select 1 from pair)""",
    # What stays to be scored: `unrated` has a dimension without a level, `open` is what of it a session that isn't
    # closed waits for. "Not applicable" is a level only of a dimension whose rubric says when that is so (of each in
    # `content`, 0 is the id and 6 is `na_when`); earlier versions took it of any.
    "drop view score_place",
    """create view score_place as
        select session_id, place, skipped, answer_id, answer, unrated, unrated and closed is null as open from (
          select i.session_id, i.place, i.skipped, a.id as answer_id, a.uuid as answer, s.closed,
            (select count(*) from rating g where g.answer = a.uuid and g.rubric_digest = s.rubric_digest
               and g.rater = s.actor and g.pass = s.pass
               and case when g.level is null then exists (select 1 from json_each(r.content, '$.dimensions') d
                 where json_extract(d.value, '$[0]') = g.dimension and json_extract(d.value, '$[6]') <> '')
               else 1 end) < r.dimensions as unrated
          from score_item i join blind_session s on s.id = i.session_id join rubric r on r.digest = s.rubric_digest
            join answer a on a.id = i.answer_id)""",
)
# fmt: on


def carry_over(connection: sqlite3.Connection) -> None:
    """Give every answer its digest."""
    answers = connection.execute(f"select id, {ANSWER_WORDS} from answer where digest = ''").fetchall()
    with guards.unguarded(connection, "answer"):
        connection.executemany(
            "update answer set digest = ? where id = ?",
            [(answer_digest(answer), number) for number, *answer in answers],
        )
