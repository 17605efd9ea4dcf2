"""Small facts about the workspace: which answer mode, which derivation, how far search reaches."""

from __future__ import annotations

import sqlite3

from molting_tui.store.connection import Store


def get(store: Store, key: str, default: str = "") -> str:
    """The fact's value, or `default`."""
    value = store.value("select value from meta where key = ?", (key,))
    return default if value is None else str(value)


def read(connection: sqlite3.Connection, key: str, default: str = "") -> str:
    """The fact's value, or `default`, inside a transaction."""
    row = connection.execute("select value from meta where key = ?", (key,)).fetchone()
    return default if row is None else str(row[0])


def put(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Set the fact."""
    connection.execute(
        "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
        (key, value),
    )


def derivation(store: Store) -> int:
    """The number of the derivation whose pairs are current."""
    return int(get(store, "derivation", "1"))


def number(key: str, name: str) -> str:
    """SQL for a number in a fact that is a JSON object: looked up once a query, null where there is none."""
    return f"(select value ->> '$.{name}' from meta where key = '{key}')"
