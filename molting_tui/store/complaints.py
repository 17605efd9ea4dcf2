"""Which turns complain of the answer before them: stored at import, and searched for anew in chunks that let others
write in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import msgspec

from molting_tui.records.progress import Progress, Report
from molting_tui.records.surroundings import Complaint
from molting_tui.store import meta
from molting_tui.store.connection import Store

CHUNK = 1000
"""Turns that are searched in one transaction."""

Judge = Callable[[str], Complaint | None]
"""What the beginning of a prompt complains of."""

_RULES = "complaint-rules"
_REACHED = "complaints-reached"
_LABEL = "searching the prompts for complaints"


class _Reached(msgspec.Struct, frozen=True):
    """Up to which turn the search has come, by which rules."""

    turn: int
    rules: str


def put(connection: sqlite3.Connection, complaints: Iterable[tuple[int, Complaint | None]]) -> None:
    """Store what turns (by their numbers) complain of, in place of what was stored of them."""
    for number, complaint in complaints:
        connection.execute("delete from complaint where turn_id = ?", (number,))
        if complaint is not None:
            connection.execute("insert into complaint values (?, ?, ?, ?)", (number, *complaint))


def rules_of(store: Store) -> str:
    """The digest of the rules that all turns were searched by; empty where they are not whole."""
    return meta.get(store, _RULES)


def note_rules(connection: sqlite3.Connection, rules: str) -> None:
    """Note the digest of the rules that all turns are searched by."""
    meta.put(connection, _RULES, rules)


def forget(store: Store) -> None:
    """Have every turn searched anew."""
    with store.write() as connection:
        connection.execute("delete from meta where key in (?, ?)", (_RULES, _REACHED))


def being_made(store: Store) -> Progress | None:
    """How far the search has come, in turns; None where it is done, or where there is nothing to search."""
    if rules_of(store):
        return None
    reached = _reached(meta.get(store, _REACHED))
    done, total = store.rows("select coalesce(sum(id <= ?), 0), count(*) from turn", (reached.turn,))[0]
    return Progress(done, total, "turns", _LABEL) if total else None


def search(store: Store, judge: Judge, opening: int, rules: str, report: Report) -> None:
    """Go on where the search stopped, to its end; `opening` characters of a prompt are enough for `judge`.

    How far it is stands in the transaction of each chunk: a kill loses no more than one. Rules that have changed
    meanwhile begin from the start.
    """
    total = int(store.value("select count(*) from turn"))
    done = 0
    while True:
        with store.write() as connection:
            reached = _reached(meta.read(connection, _REACHED))
            last = reached.turn if reached.rules == rules else 0
            rows = connection.execute(
                "select id, source, substr(human, 1, ?) from turn where id > ? order by id limit ?",
                (opening, last, CHUNK),
            ).fetchall()
            put(connection, ((number, None if source == "chat" else judge(text)) for number, source, text in rows))
            if not rows:
                connection.execute("delete from meta where key = ?", (_REACHED,))
                note_rules(connection, rules)
                return
            meta.put(connection, _REACHED, msgspec.json.encode(_Reached(rows[-1][0], rules)).decode())
        done += len(rows)
        report(Progress(done, max(total, done), "turns", _LABEL))


def _reached(stored: str) -> _Reached:
    return msgspec.json.decode(stored, type=_Reached) if stored else _Reached(0, "")
