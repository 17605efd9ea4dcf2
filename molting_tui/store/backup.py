"""A copy of the database as it was last committed, whole and checked; and putting one back."""

from __future__ import annotations

import itertools
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput, MoltingError
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.store.connection import APPLICATION_ID, BUSY_SECONDS, SCHEMA_VERSION, beside, sentence
from molting_tui.store.reading_copy import readable

PAGES = 2_000
"""Pages that are copied between two reports."""


class Copied(NamedTuple):
    """A database in figures: bytes, schema, pairs, events and answers."""

    size: int
    schema: int
    pairs: int
    events: int
    answers: int


def back_up(source: Path, target: Path, report: Report = silent) -> Copied:
    """Copy a database, as it was last committed, to one file that only its owner can read; the old one stays until the
    new one is whole.

    Others may go on writing. The copy is looked over (`integrity_check`) and has as many events as the original had
    when the copying began. Raises MoltingError if it can't be made, or isn't sound.
    """
    part = target.with_name(f".{target.name}.molting-part")  # a name that nobody else gives: it is removed
    try:
        with readable(source) as database:
            copied = _copy(database, part, report)
        os.replace(part, target)
        _keep(target.parent)
    except sqlite3.Error as error:
        raise sentence(error, target) from error
    except OSError as error:
        raise MoltingError(
            f"the backup can't be written: {error.strerror or error}.", where=str(target), fix="Choose another place."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return copied


def look_at(path: Path) -> Copied:
    """The figures of a backup, after looking over the whole of it.

    Raises BadInput for a file that isn't a sound database of molting's, or is one of a newer molting.
    """
    where = str(path)
    if not path.is_file():
        raise BadInput("there is no such file.", where=where, fix="Name a file that `molting backup` wrote.")
    try:
        with (
            readable(path) as source,
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as looking,
        ):
            if looking.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
                raise BadInput("this isn't a database of molting's.", where=where, fix="Name another file.")
            if looking.execute("pragma user_version").fetchone()[0] > SCHEMA_VERSION:
                raise BadInput("it was written by a newer molting.", where=where, fix="Upgrade molting.")
            _check(looking, path)
            return _figures(looking, path)
    except sqlite3.Error as error:
        raise BadInput(f"it can't be read as a database ({error}).", where=where, fix="Name another file.") from error


def put_back(backup: Path, database: Path) -> Path | None:
    """Make the database what the backup is; returns where the one that stood there is kept, if there was one.

    What stood there is backed up beside it, or, where it is damaged, moved aside as it is, log included. Another
    molting that has it open sees the backup's contents from then on. The backup is one that `look_at` found sound.
    Raises MoltingError if the disk or a lock stands in the way: then nothing has changed.
    """
    kept, aside = None, False
    if database.exists():
        kept = unused(database.with_name(f"{database.name}.before-restore"))
        try:
            back_up(database, kept)
        except BadInput:  # damaged; a disk or a lock in the way is no reason to take a sound one away
            _move(database, kept)
            aside = True
    try:
        _write_over(database, backup)
    except BaseException:
        if kept is not None and aside:
            _move(kept, database)
        raise
    return kept


def _write_over(database: Path, backup: Path) -> None:
    """Make the database what the backup is, in one transaction of SQLite's."""
    try:
        with (
            readable(backup) as source,
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as target,
        ):
            os.chmod(database, 0o600)
            read.backup(target)
    except sqlite3.Error as error:
        raise sentence(error, database) from error


def _copy(source: Path, part: Path, report: Report) -> Copied:
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def told(_: int, remaining: int, total: int) -> None:
        report(Progress(total - remaining, total, "pages", "copying the database"))

    with (
        closing(sqlite3.connect(source, timeout=BUSY_SECONDS, isolation_level=None)) as read,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        read.execute("begin")  # what others write meanwhile isn't seen: the copy is of this moment
        events = _count(read, "event")
        read.backup(copy, pages=PAGES, progress=told)
        copy.execute("pragma journal_mode = delete").fetchall()
        report(Progress(0, 0, "", "checking the copy"))
        _check(copy, part)
        if _count(copy, "event") != events:
            raise MoltingError("the copy isn't what was copied.", where=str(source), fix="Try again.")
        figures = _figures(copy, part)
    descriptor = os.open(part, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return figures._replace(size=part.stat().st_size)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    problems = [row[0] for row in connection.execute("pragma integrity_check(1)") if row[0] != "ok"]
    if problems:
        raise BadInput(f"the database is damaged: {problems[0]}.", where=str(path), fix="Use another backup.")


def _figures(connection: sqlite3.Connection, path: Path) -> Copied:
    schema = int(connection.execute("pragma user_version").fetchone()[0])
    counts = [_count(connection, table) for table in ("pair", "event", "answer")]
    return Copied(path.stat().st_size, schema, *counts)


def _count(connection: sqlite3.Connection, table: str) -> int:
    """How many rows a table has; 0 where there is none, as in a database that a kill left empty."""
    known = connection.execute("select 1 from sqlite_master where name = ?", (table,)).fetchone()
    return int(connection.execute(f"select count(*) from {table}").fetchone()[0]) if known else 0


def unused(path: Path) -> Path:
    """The path, or where there is something already the same with the first free number behind it."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    return next(free for free in itertools.chain((path,), numbered) if not os.path.lexists(free))


def _move(database: Path, target: Path) -> None:
    """A database goes to another name as it is, with its log: somebody may still read something of a damaged one."""
    for end in ("-wal", "-shm", ""):
        if (old := beside(database, end)).exists():
            os.replace(old, beside(target, end))
        elif end:
            beside(target, end).unlink(missing_ok=True)  # of a database that isn't there any more


def _keep(folder: Path) -> None:
    """Have the folder's entry on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
