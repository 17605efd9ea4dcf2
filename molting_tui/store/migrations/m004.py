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
    # Of what an answer says (`store/digests.py`), so that a byte that changed by itself is noticed.
    "alter table answer add column digest text not null default ''",
    # Who closed a blind session before its last answer; `closed` is when.
    "alter table blind_session add column closed_by text",
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
