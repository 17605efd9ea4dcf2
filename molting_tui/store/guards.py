"""What is never changed and never goes: the triggers that see to it, from one constant.

A migration that has to fill a new column takes them off and puts them on again by `unguarded`, and `doctor` compares
their SQL with what stands here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

_WORDS = {
    "event": "events",
    "answer": "answers",
    "dataset": "frozen datasets",
    "dataset_pair": "frozen datasets",
}
"""The tables that only grow, and what their rows are called in the refusal."""


_SEALED = {"seal": "sealed plans"}
"""Those that came with schema 5."""


def _guards(tables: dict[str, str]) -> dict[str, dict[str, str]]:
    made = {}
    for table, words in tables.items():
        made[table] = {
            f"{table}_never_changes": f"create trigger {table}_never_changes before update on {table} begin\n"
            f"        select raise(abort, '{words} are never changed'); end",
            f"{table}_never_goes": f"create trigger {table}_never_goes before delete on {table} begin\n"
            f"        select raise(abort, '{words} are never deleted'); end",
        }
    return made


GUARDS = _guards(_WORDS)
"""By table, the SQL of each of its triggers by name; migration 3 puts on all of these, so no other is added here."""
SEALED = _guards(_SEALED)
"""The same of later tables."""
EVERY = GUARDS | SEALED
"""All of them."""


def guard(connection: sqlite3.Connection, table: str) -> None:
    """Put a table's triggers on, in place of what may bear their names."""
    for name, sql in EVERY[table].items():
        connection.execute(f"drop trigger if exists {name}")
        connection.execute(sql)


@contextmanager
def unguarded(connection: sqlite3.Connection, table: str) -> Iterator[None]:
    """While it lasts, rows of an append-only table can be filled in. Only inside a transaction: whatever fails brings
    the triggers back with everything else."""
    assert connection.in_transaction, "without a transaction a kill would leave the table unguarded"
    for name in EVERY[table]:
        connection.execute(f"drop trigger if exists {name}")
    yield
    guard(connection, table)


def unlike(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The names of triggers that are missing, or say something else than they should."""
    there = dict(connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall())
    wanted = {name: sql for triggers in EVERY.values() for name, sql in triggers.items()}
    return tuple(name for name, sql in wanted.items() if _plain(there.get(name, "")) != _plain(sql))


def _plain(sql: str) -> str:
    """SQL as it is compared: SQLite writes the first words of a statement its own way."""
    return " ".join(sql.lower().split())
