"""Numbered migrations. A backup precedes any that meets data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Database, Migrations

from molting_tui.store.backup import back_up
from molting_tui.store.connection import APPLICATION_ID, SCHEMA_VERSION
from molting_tui.store.migrations import m001, m002, m003, m003_messages, m004, m005, m006

if TYPE_CHECKING:
    from molting_tui.store.connection import Store

migrations = Migrations("molting")


@migrations()
def m001_turns_pairs_events(db: Database) -> None:
    """Turns, pairs, events, and the columns of answers and ratings that can't be added later."""
    for statement in m001.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m002_questions_ratings_sessions(db: Database) -> None:
    """Questions, rubrics, ratings, blind sessions, and how far the answers of runs were read."""
    for statement in m002.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m003_identities(db: Database) -> None:
    """Datasets, runs and contenders with an identity; kinds of events as rows; pairs as lists of messages."""
    for statement in m003.STATEMENTS:
        db.conn.execute(statement)
    m003.carry_over(db.conn)
    for statement in m003_messages.STATEMENTS:
        db.conn.execute(statement)
    m003_messages.carry_over(db.conn)


@migrations()
def m004_readers_asking_again_closing(db: Database) -> None:
    """By which reader a file was read, pairs that are asked again, digests of answers, who closed a blind session."""
    for statement in m004.STATEMENTS:
        db.conn.execute(statement)
    m004.carry_over(db.conn)


@migrations()
def m005_questions_flags_battles_totals(db: Database) -> None:
    """A bank of questions, flags on answers, sessions that can be compared, battles, totals of reports, plans."""
    for statement in m005.STATEMENTS:
        db.conn.execute(statement)
    m005.carry_over(db.conn)


@migrations()
def m006_sessions_in_order_complaints(db: Database) -> None:
    """The turns of a session in their order, and which of them complain of the answer before."""
    for statement in m006.STATEMENTS:
        db.conn.execute(statement)


def migrate(store: Store) -> None:
    """Bring the database up to date in one transaction, after a backup if it holds anything.

    The backup is made under the write lock: another molting that opens the same database meanwhile waits, and then
    finds nothing to do.
    """
    with store.write() as connection:
        before = connection.execute("pragma user_version").fetchone()[0]
        if before >= SCHEMA_VERSION:
            return
        if before:
            back_up(store.path, store.path.with_name(f"{store.path.name}.before-{SCHEMA_VERSION}"))
        migrations.apply(Database(connection, execute_plugins=False))
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
