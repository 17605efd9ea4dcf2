"""Comparing what is stored with what it follows from: the current states with the events, the counts with the pairs.

Nothing here trusts a table that was folded; the expressions are those that the folds store by (`store/folding.py`,
`store/ratings.py`, `store/bank.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from molting_tui.store import answer_flags, bank, folding, guards, meta, plans, ratings, texts, totals, votes
from molting_tui.store.connection import Store
from molting_tui.store.flags import Reflag
from molting_tui.text import show_line

KINDS = {
    "state": "a state that the decisions don't make",
    "note": "a reason or comment that nobody gave",
    "tag": "a tag that nobody gave, or without one that was given",
    "rewrite": "words that no rewrite made",
    "rating": "a rating that the scorer didn't give",
    "rating-note": "a note that the scorer didn't write",
    "plan": "a planned verdict that nobody registered so",
    "total": "a report's total that nobody took in",
    "question": "a question of the bank that nobody put there so, or without one that was",
    "vote": "a vote that the voter didn't give",
    "flag": "a flag or fact's state that nobody said",
    "list": "in the list though nothing gives it, or missing from it",
    "count": "a count that isn't the number of its pairs",
}
"""What can differ, in words."""


class Difference(NamedTuple):
    """What differs: its kind, how often, and the first of them (`pair 12`)."""

    kind: str
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks a record for
    example: str


_OF_EVENTS = """insert into touched select p.id, p.uid from pair p
    where p.state <> 'open' or p.skipped or p.starred or p.rewritten
      or p.uid in (select subject from event) or p.id in (select pair_id from tag)
      or p.id in (select pair_id from rewrite) or p.id in (select pair_id from pair_note)"""
_REWRITTEN = "exists (select 1 from rewrite r where r.pair_id = p.id)"
_STATE = f"""select p.id from touched t join pair p on p.id = t.pair_id
    where p.state <> {folding.STATE} or p.skipped <> {folding.SKIPPED} or p.starred <> {folding.STARRED}
      or p.rewritten <> {_REWRITTEN}"""
_NOTE = f"""select p.id from touched t join pair p on p.id = t.pair_id left join pair_note n on n.pair_id = p.id
    where coalesce(n.reason, '') <> {folding.REASON} or coalesce(n.code, '') <> {folding.CODE}
      or coalesce(n.comment, '') <> {folding.COMMENT}"""
_TAG = f"""select pair_id from (select name, pair_id from tag except {folding.TAGS})
    union select pair_id from (select * from ({folding.TAGS}) except select name, pair_id from tag)"""
_COUNTED = "select live, state, rewritten, pairs from pair_count where pairs <> 0"
_TO_COUNT = "select live, state, rewritten, count(*) from pair group by 1, 2, 3"
_COUNT = f"select * from ({_COUNTED} except {_TO_COUNT}) union select * from ({_TO_COUNT} except {_COUNTED})"


_LISTED = """exists (select 1 from pair_origin o where o.pair_id = pair.id and o.derivation =
    coalesce((select cast(value as integer) from meta where key = 'derivation'), 1))"""


def _unlike(table: str, said: str, columns: str, name: str = "answer") -> str:
    """The rows of a table that nobody said, and those that were said and aren't in it, by `name`."""
    said = f"select * from ({said})"
    return f"""select {name} from (select {columns} from {table} except {said})
        union all select {name} from ({said} except select {columns} from {table})"""


_RATING = _unlike(
    "rating", ratings.RATINGS, "answer, rubric_digest, rater, pass, dimension, level, blind, session, event_id, time"
)
_RATING_NOTE = _unlike("rating_note", ratings.NOTES, "answer, rubric_digest, rater, pass, text, event_id, time")
_FLAG = _unlike("flag_said", answer_flags.SAID, answer_flags.COLUMNS)
_TOTAL = _unlike("reported_total", totals.SAID, totals.COLUMNS, "version")


def differences(connection: sqlite3.Connection) -> tuple[Difference, ...]:
    """What is stored of pairs, ratings and questions and doesn't follow from the events. Only temporary tables are
    written."""
    _touch_all(connection)
    of_pairs = {kind: [f"pair {number}" for number in numbers] for kind, numbers in _differing(connection).items()}
    ratings.touch_all(connection)
    of_ratings = {
        kind: [f"answer {uuid[:8]}" for (uuid,) in connection.execute(sql)]
        for kind, sql in (("rating", _RATING), ("rating-note", _RATING_NOTE))
    }
    planned = [f"plan {uuid[:8]}" for uuid in plans.differing(connection)]
    of_totals = [f"version {show_line(version, 40)}" for (version,) in connection.execute(_TOTAL)]
    of_bank = [f"question {uid[:8]}" for uid in bank.differing(connection)]
    voted = [f"battle {uuid[:8]}" for uuid in votes.differing(connection)]
    flagged = [f"answer {uuid[:8]}" for (uuid,) in connection.execute(_FLAG)]
    listed = [f"pair {number}" for number in _numbers(connection, f"select id from pair where live <> {_LISTED}")]
    counts = [f"{state} pairs" for _, state, *_ in connection.execute(_COUNT)]
    every = {
        **of_pairs,
        **of_ratings,
        "plan": planned,
        "total": of_totals,
        "question": of_bank,
        "vote": voted,
        "flag": flagged,
        "list": listed,
        "count": counts,
    }
    return tuple(Difference(kind, len(names), names[0]) for kind, names in every.items() if names)


def repair(store: Store, reflag: Reflag) -> None:
    """Make everything that doesn't follow from the events anew, and put the triggers on that keep the history."""
    with store.write() as connection:
        _touch_all(connection)
        differing = _differing(connection)
        _touch_these(connection, sorted({number for numbers in differing.values() for number in numbers}))
        # Where no words differ they are left alone: flags and search are made anew with them.
        kinds = [
            kind for kind in folding.FOLDS if kind not in ("rate", "rewrite", "question")
        ]  # two are made anew below
        if differing["rewrite"]:
            forget_search(connection)
            kinds.append("rewrite")
        folding.fold(connection, kinds, "", reflag)
        connection.execute(f"update pair as p set rewritten = {_REWRITTEN} where rewritten <> {_REWRITTEN}")
        ratings.refold_all(connection)
        bank.refold_all(connection)
        connection.execute(f"update pair set live = {_LISTED} where live <> {_LISTED}")
        connection.execute("delete from pair_count")
        connection.execute(f"insert into pair_count {_TO_COUNT}")
        for table in guards.EVERY:
            guards.guard(connection, table)


def forget_search(connection: sqlite3.Connection) -> None:
    """Empty the search index, because which words it holds isn't known any more; it is made anew, in chunks, before the
    next search."""
    connection.execute("insert into pair_search (pair_search) values ('delete-all')")
    meta.put(connection, "searchable", "0")


def _touch_all(connection: sqlite3.Connection) -> None:
    """Touch every pair that something was said of, or that looks as if."""
    folding.touch_none(connection)
    connection.execute(_OF_EVENTS)


def _touch_these(connection: sqlite3.Connection, numbers: list[int]) -> None:
    folding.touch_none(connection)
    connection.executemany("insert into touched select id, uid from pair where id = ?", [(each,) for each in numbers])


def _differing(connection: sqlite3.Connection) -> dict[str, list[int]]:
    """The touched pairs that aren't what was said of them, by what differs."""
    found: dict[str, Callable[[], list[int]]] = {
        "state": lambda: _numbers(connection, _STATE),
        "note": lambda: _numbers(connection, _NOTE),
        "tag": lambda: _numbers(connection, _TAG),
        "rewrite": lambda: _other_words(connection),
    }
    return {kind: find() for kind, find in found.items()}


def _numbers(connection: sqlite3.Connection, sql: str) -> list[int]:
    return sorted({number for (number,) in connection.execute(sql)})


def _other_words(connection: sqlite3.Connection) -> list[int]:
    """The pairs whose rewritten words aren't those that their rewrites make."""
    rows = connection.execute(
        """select t.pair_id, t.uid from touched t
           where t.pair_id in (select pair_id from rewrite)
              or exists (select 1 from event e where e.subject = t.uid and e.kind = 'rewrite') order by 1"""
    ).fetchall()
    return [number for number, uid in rows if _stored_words(connection, number) != _said_words(connection, number, uid)]


def _stored_words(connection: sqlite3.Connection, number: int) -> dict[int, str]:
    return dict(connection.execute("select place, text from rewrite where pair_id = ?", (number,)).fetchall())


def _said_words(connection: sqlite3.Connection, number: int, uid: str) -> dict[int, str]:
    originals = texts.messages(connection, number)
    return {
        place: rewrite.text
        for place, rewrite in folding.rewrites_said(connection, number, uid).items()
        if rewrite.text is not None and rewrite.text != originals[place].original
    }
