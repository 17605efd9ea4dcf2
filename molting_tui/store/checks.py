"""Looking a database over without changing it: what `molting doctor` needs to know."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from molting_tui.store import audit, guards
from molting_tui.store.connection import SCHEMA_VERSION

DatabaseError = sqlite3.Error
"""What `looking` and whoever uses its connection may raise."""


class DatabaseFacts(NamedTuple):
    """What was found in a database.

    `schema` is its version; the other figures are of a database of this version only (else they are empty).
    `damage` is what SQLite's quick check says (empty when all is well), `orphans` the rows whose
    other half is missing, `unsearchable` the pairs that the search index doesn't have, `unflagged` those whose flags
    are still to be made anew after a migration. `differences` are states that don't follow from what was said,
    `impossible` the places of values that nothing of ours writes.
    """

    schema: int
    damage: tuple[str, ...] = ()
    orphans: int = 0
    missing_triggers: tuple[str, ...] = ()
    pairs: int = 0
    unsearchable: int = 0
    unflagged: int = 0
    rules_digest: str = ""
    differences: tuple[audit.Difference, ...] = ()
    impossible: tuple[str, ...] = ()


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
        with looking(path) as connection:
            return _facts(connection)
    except sqlite3.Error as error:
        return Unreadable(str(error))


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can't write, and reads text that isn't UTF-8 as well."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        yield connection


def _facts(connection: sqlite3.Connection) -> DatabaseFacts:
    """What is in a database; of one that is damaged or has another schema only that, since its tables may differ."""
    schema = _number(connection, "pragma user_version")
    damage = tuple(str(row[0]) for row in connection.execute("pragma quick_check(5)") if row[0] != "ok")
    if schema != SCHEMA_VERSION or damage:
        return DatabaseFacts(schema, damage)
    digest = connection.execute("select value from meta where key = 'rules'").fetchone()
    impossible = impossible_values(connection)
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
        differences=() if impossible else audit.differences(connection),
        impossible=impossible,
    )


def impossible_values(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Where a value stands that nothing of ours writes: of another type than its column's, or no JSON where there has
    to be some. Of each column the number of such values."""
    tables = [
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table' order by name")
        if not name.startswith(_OTHERS)
    ]
    return tuple(place for table in tables for place in _impossible_in(connection, table))


def _impossible_in(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = [
        (name, wrong)
        for _, name, kind, *_ in connection.execute(f"pragma table_info({table})")
        if (wrong := _wrong(table, name, kind.lower()))
    ]
    if not columns:
        return
    counts = connection.execute(
        f"select {', '.join(f'total({wrong})' for _, wrong in columns)} from {table}"
    ).fetchone()
    for (name, _), count in zip(columns, counts, strict=True):
        if count:
            yield f"{table}.{name} ({int(count):,})"
        elif (table, name) in _RECORDS:
            yield from _unreadable(connection, table, name)


def _unreadable(connection: sqlite3.Connection, table: str, column: str) -> Iterator[str]:
    """A column of records as JSON: where some aren't such records."""
    from molting_tui.records import evaluation, totals, turns

    kinds: dict[str, Any] = {
        "rubric.content": evaluation.Rubric,
        "question.content": evaluation.Question,
        "reported_total.content": totals.ReportedTotal,
        "source_file.left_out": tuple[turns.LeftOut, ...],
        "turn.steps": tuple[turns.Step, ...],
    }
    decoder: msgspec.json.Decoder[object] = msgspec.json.Decoder(
        kinds.get(f"{table}.{column}", tuple[turns.Message, ...])
    )
    wrong = 0
    for (content,) in connection.execute(f"select {column} from {table}"):
        try:
            decoder.decode(content)
        except (msgspec.MsgspecError, UnicodeError):
            wrong += 1
    if wrong:
        yield f"{table}.{column} ({wrong:,})"


def _wrong(table: str, column: str, kind: str) -> str:
    """The condition by which a value of a column can't be. That none is missing is SQLite's own to check."""
    types = {"text": "('text', 'null')", "integer": "('integer', 'null')", "real": "('real', 'integer', 'null')"}
    if kind not in types:
        return ""
    wrong = f"typeof({column}) not in {types[kind]}"
    if (table, column) in _JSON:
        return f"({wrong} or ({column} is not null and not json_valid({column})))"
    if (table, column) in _TIMES:
        return f"({wrong} or datetime({column}) is null)"
    return wrong


# The answers stand in the first schema, before there was a table of questions that they could have named as their own.
_WITHOUT_QUESTION = "select count(*) from answer where question_digest not in (select digest from question)"
_WITHOUT_ANSWER = """select count(*) from event e where e.kind = 'rate'
    and not exists (select 1 from answer a where a.uuid = e.subject)"""

_TO_FLAG = """select count(*) from pair p join meta m on m.key = 'flags-anew'
    where p.id > json_extract(m.value, '$.reached')"""


_OTHERS = ("sqlite_", "_sqlite_", "pair_search")
"""How the tables are named whose contents aren't ours to judge."""
_JSON = {
    ("turn", "context"), ("turn", "steps"), ("turn", "injected"), ("source_file", "left_out"), ("pair_text", "context"),
    ("event", "payload"), ("draft", "text"), ("answer", "settings"), ("question", "content"), ("rubric", "content"),
    ("blind_session", "selection"), ("dataset", "manifest"), ("run", "config"),
    ("reported_total", "content"),
}  # fmt: skip
_RECORDS = {
    ("rubric", "content"), ("question", "content"), ("source_file", "left_out"), ("turn", "steps"), ("turn", "context"),
    ("pair_text", "context"), ("reported_total", "content"),
}  # fmt: skip
_TIMES = {("event", "time")}


def _number(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
