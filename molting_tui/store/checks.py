"""Looking a database over without changing it: what `molting doctor` needs to know."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from molting_tui.store import guards
from molting_tui.store.connection import SCHEMA_VERSION


class DatabaseFacts(NamedTuple):
    """What was found in a database.

    `schema` is its version; the other figures are of a database of this version only (else they are empty).
    `damage` is what SQLite's quick check says (empty when all is well), `orphans` the rows whose
    other half is missing, `unsearchable` the pairs that the search index doesn't have, `unflagged` those whose flags
    are still to be made anew after a migration.
    """

    schema: int
    damage: tuple[str, ...] = ()
    orphans: int = 0
    missing_triggers: tuple[str, ...] = ()
    pairs: int = 0
    unsearchable: int = 0
    unflagged: int = 0
    rules_digest: str = ""


class Unreadable(NamedTuple):
    """Why a database can't be looked into, in SQLite's words."""

    why: str


def sqlite_version() -> str:
    """The version of SQLite itself."""
    return sqlite3.sqlite_version


def newest_schema() -> int:
    """The version of the database that this molting writes."""
    return SCHEMA_VERSION


def examine(path: Path) -> DatabaseFacts | Unreadable:
    """Look a database over, through a connection that can't write."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return _facts(connection)
    except sqlite3.Error as error:
        return Unreadable(str(error))


def _facts(connection: sqlite3.Connection) -> DatabaseFacts:
    """What is in a database; of one that is damaged or has another schema only that, since its tables may differ."""
    schema = _number(connection, "pragma user_version")
    damage = tuple(str(row[0]) for row in connection.execute("pragma quick_check(5)") if row[0] != "ok")
    if schema != SCHEMA_VERSION or damage:
        return DatabaseFacts(schema, damage)
    digest = connection.execute("select value from meta where key = 'rules'").fetchone()
    return DatabaseFacts(
        schema=schema,
        orphans=len(connection.execute("pragma foreign_key_check").fetchall())
        + _number(connection, _WITHOUT_QUESTION)
        + _number(connection, _WITHOUT_ANSWER)
        + _number(connection, "select count(*) from answer where contender_id is null"),
        missing_triggers=guards.unlike(connection),
        pairs=_number(connection, "select count(*) from pair"),
        unsearchable=_number(
            connection, "select count(*) from pair_text where id not in (select id from pair_search_docsize)"
        ),
        unflagged=_number(connection, _TO_FLAG),
        rules_digest=str(digest[0]) if digest else "",
    )


# The answers stand in the first schema, before there was a table of questions that they could have named as their own.
_WITHOUT_QUESTION = "select count(*) from answer where question_digest not in (select digest from question)"
_WITHOUT_ANSWER = """select count(*) from event e where e.kind = 'rate'
    and not exists (select 1 from answer a where a.uuid = e.subject)"""

_TO_FLAG = """select count(*) from pair p join meta m on m.key = 'flags-anew'
    where p.id > json_extract(m.value, '$.reached')"""


def _number(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
