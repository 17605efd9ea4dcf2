"""Opening the database, reading from it and writing to it."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from molting_tui.errors import BadInput, MoltingError, Refused

if TYPE_CHECKING:
    from molting_tui.store.reading_copy import ReadingCopy

SCHEMA_VERSION = 6
"""The number of the newest migration; `PRAGMA user_version` of an up-to-date database."""

APPLICATION_ID = 0x6D6F6C74
"""`molt`: `PRAGMA application_id` of every molting database, so that another program's isn't taken for one."""

BUSY_SECONDS = 10.0
_NOT_OURS = "Put back a backup: molting restore FILE (molting.db.before-* are some). `molting doctor` says more."
_OF_VALUES = ("Could not decode to UTF-8", "malformed JSON")
"""How SQLite's and Python's words begin for a text that isn't UTF-8, and for JSON that is none."""
_KEPT = "the last step was not stored, everything before it was"
Row = tuple[Any, ...]
Parameters = Sequence[Any]
Connection = sqlite3.Connection
"""What `Store.write` gives to the functions of this room that take part in its transaction."""


class Store:
    """One workspace database. Each thread that uses it gets a connection of its own.

    Reads fetch whole results, so no cursor stays open while somebody writes; writes go
    through `write()`. Errors of SQLite come out as `MoltingError` sentences.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._file = _identity(path)
        self._log: tuple[int, int] | None = None
        """The write-ahead log, once there is one: it stays as long as a connection is open."""
        self.reads: ReadingCopy | None = None
        """The copy that is read where the database itself can't be written; then nothing is stored."""
        self._committed: float | None = None
        """When something was last stored that may stand in the log alone; None where nothing does."""

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened at its first use."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _connect(self.path)
            self._local.connection = connection
            with self._guard:
                self._all.append(connection)
        return connection

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of a query."""
        with self._sentences():
            return self._ours().execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row of a query, or None."""
        with self._sentences():
            cursor = self._ours().execute(sql, parameters)
            try:
                row: Row | None = cursor.fetchone()
            finally:
                cursor.close()
            return row

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, parameters)
        return None if row is None else row[0]

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its start: all of it is stored, or nothing.

        Raises MoltingError if the database or its log aren't the files any more that were opened; Refused if the
        workspace can only be read.
        """
        if self.reads is not None:
            raise Refused(
                "this workspace can only be read, so nothing was stored.",
                where=str(self.reads.original),
                fix="Its folder and its database must be yours to write; or copy the whole workspace.",
            )
        connection = self._ours()
        with self._sentences():
            connection.execute("begin immediate")
            try:
                yield connection
                connection.commit()
                self._committed = time.monotonic()
            except BaseException:
                # After some errors (a full disk) SQLite has rolled back itself; doing it again would hide the error.
                if connection.in_transaction:
                    connection.rollback()
                raise

    def data_version(self) -> int:
        """A number that changes when another connection has changed the database."""
        return int(self.value("pragma data_version"))

    def unsettled(self, seconds: float) -> bool:
        """Whether something that was stored may stand in the log alone, and nothing more was stored for so long."""
        committed = self._committed
        return committed is not None and time.monotonic() - committed >= seconds

    def settle(self) -> None:
        """Move what stands in the log into the database file, as far as no other connection still reads it, and without
        waiting for any: who copies the one file, or loses the log, has everything then."""
        connection = self._ours()
        before, self._committed = self._committed, None
        with self._sentences():
            busy, frames, moved = connection.execute("pragma wal_checkpoint(passive)").fetchone()
        if busy or moved < frames:
            self._committed = before

    def interrupt(self, connection: sqlite3.Connection) -> None:
        """Stop a query that another thread runs on `connection`; it ends with `Interrupted`."""
        connection.interrupt()

    def close(self) -> None:
        """Close every thread's connection, and leave as little as can be in the log."""
        if self.unsettled(0):
            # The last connection does it by closing; while another molting is open it would be left to that one.
            with suppress(MoltingError):
                self.settle()
        with self._guard:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._log = None
        self._local = threading.local()
        if self.reads is not None:
            self.reads.close()

    def _ours(self) -> sqlite3.Connection:
        """This thread's connection, if the files are still those that were opened: what is written into a removed file
        is lost, and what is read from it isn't what others see. Raises MoltingError if they aren't."""
        connection = self.connection()
        if _identity(self.path) != self._file:
            raise MoltingError(
                "the database was removed or replaced while molting had it open; nothing was stored.",
                where=str(self.path),
                fix="Put it back, or leave molting and start it again.",
            )
        log = _identity(beside(self.path, "-wal"))
        if self._log is None:
            self._log = log
        elif log != self._log:
            raise self._without_log(connection, gone=log is None)
        return connection

    def _without_log(self, connection: sqlite3.Connection, *, gone: bool) -> MoltingError:
        """What to say when the log was taken away. While nobody has made another, all that it held is still within
        reach of the open connection, and is moved into the database."""
        saved = False
        if gone and not connection.in_transaction:
            with self._sentences():
                busy, frames, moved = connection.execute("pragma wal_checkpoint(passive)").fetchone()
            saved = not busy and frames == moved
        kept = "what was stored before is saved in the database" if saved else "what it held may be lost"
        return MoltingError(
            f"the database's log was removed or replaced while molting had it open; {kept}.",
            where=str(beside(self.path, "-wal")),
            fix="Leave molting and start it again.",
        )

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise sentence(error, self.path) from error
        except UnicodeEncodeError as error:
            raise BadInput(
                f"a text has a character that is no character (U+{ord(error.object[error.start]):04X}).",
                fix="Type or paste that text again; nothing was stored.",
            ) from error


class Interrupted(MoltingError):
    """A query that was stopped because its answer is no longer wanted."""


def open_store(path: Path) -> Store:
    """The database at `path`, made or brought up to date if it needs it.

    One that can't be written is opened to be read, from a private copy. Raises BadInput for a file that isn't a
    molting database, or one of a newer molting.
    """
    if path.exists() and not writable(path):
        return _open_copy(path)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    elif path.stat().st_size == 0:
        os.chmod(path, 0o600)  # an empty file that waited for us: what comes into it is private
    return _opened(path)


def writable(database: Path) -> bool:
    """Whether SQLite could write to a database, and to what it keeps beside it."""
    files = [database, beside(database, "-wal"), beside(database, "-shm")]
    there = [file for file in files if file.exists()]
    return _may(database.parent, os.W_OK | os.X_OK) and all(_may(file, os.W_OK) for file in there)


def _may(path: Path, how: int) -> bool:
    return os.access(path, how, effective_ids=os.access in os.supports_effective_ids)


def _open_copy(path: Path) -> Store:
    """A store on a private copy of a database, which is brought up to date where the original isn't."""
    from molting_tui.store.reading_copy import ReadingCopy  # 5 ms that a workspace of one's own doesn't owe

    copy = ReadingCopy(path)
    try:
        store = _opened(copy.path)
    except BaseException:
        copy.close()
        raise
    store.reads = copy
    return store


def _opened(path: Path) -> Store:
    store = Store(path)
    try:
        _bring_up_to_date(store)
    except BaseException:
        store.close()
        raise
    return store


def _bring_up_to_date(store: Store) -> None:
    with store._sentences():
        _refuse_foreign(store.path)
    version = store.value("pragma user_version")
    if version < SCHEMA_VERSION:
        # Imported here: sqlite_utils costs 90 ms (300 with pandas installed) that an up-to-date database doesn't owe.
        from molting_tui.store.migrations import migrate

        with store._sentences():
            migrate(store)


def _refuse_foreign(path: Path) -> None:
    """Raise BadInput for a database of another program or of a newer molting; a new, empty one passes."""
    log = beside(path, "-wal")
    if path.stat().st_size == 0 and log.exists() and log.stat().st_size:
        # SQLite would take the log for a leftover, and delete it.
        raise BadInput(
            f"the database is empty, but {log.name} beside it isn't: it was cut short.", where=str(path), fix=_NOT_OURS
        )
    # Looked at before the first connection of the store, which would turn another program's file to WAL.
    looking = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        owner = looking.execute("pragma application_id").fetchone()[0]
        version = looking.execute("pragma user_version").fetchone()[0]
        empty = looking.execute("select count(*) from sqlite_master").fetchone()[0] == 0
    finally:
        looking.close()
    if owner != APPLICATION_ID and not empty:
        raise BadInput("this is another program's database.", where=str(path), fix=_NOT_OURS)
    if version > SCHEMA_VERSION:
        raise BadInput(
            f"this workspace was written by a newer molting (schema {version}, this one knows {SCHEMA_VERSION}).",
            where=str(path),
            fix="Upgrade molting; nothing was changed.",
        )


def beside(path: Path, end: str) -> Path:
    """A file that SQLite keeps beside a database: its log (`-wal`) or the log's index (`-shm`)."""
    return path.with_name(path.name + end)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a path names now; None if there is none."""
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _connect(path: Path) -> sqlite3.Connection:
    """A new connection with the settings of the store. Raises MoltingError; a file that is gone isn't made anew."""
    try:
        # Closing happens from the main thread; each connection is used by one thread.
        # mode=rw: a database that was removed meanwhile isn't made anew, empty.
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        _to_wal(connection)
        connection.execute("pragma synchronous=full")
        connection.execute("pragma foreign_keys=on")
        connection.execute("pragma recursive_triggers=on")
        connection.execute("pragma temp_store=memory")
    except sqlite3.Error as error:
        raise sentence(error, path) from error
    return connection


def _to_wal(connection: sqlite3.Connection) -> None:
    # SQLite doesn't wait for this lock by itself: two moltings that open a new workspace at once would meet here.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode=wal").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def sentence(error: sqlite3.Error, path: Path) -> MoltingError:
    """What SQLite's error means for a person, as an error to raise; Interrupted for a query that was stopped."""
    text, where = str(error), str(path)
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_INTERRUPT:
            return Interrupted("The query was stopped.")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return BadInput("this isn't a molting database, or it is damaged.", where=where, fix=_NOT_OURS)
        case sqlite3.SQLITE_FULL:
            return MoltingError(
                f"there is no space left on the disk; {_KEPT}.", where=where, fix="Free some space and do it again."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return MoltingError(
                f"another molting has been writing for {BUSY_SECONDS:.0f} seconds.", where=where, fix="Try again."
            )
        case sqlite3.SQLITE_IOERR:
            return MoltingError(
                f"the disk failed to read or write ({text}); {_KEPT}.",
                where=where,
                fix="See that there is space and no quota or size limit in the way, then do it again.",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return MoltingError(
                f"the database can't be opened for writing ({text}).", where=where, fix="See `molting doctor`."
            )
        case _ if text.startswith(_OF_VALUES):
            return BadInput(f"the database holds a value that can't be: {text}.", where=where, fix=_NOT_OURS)
        case _:
            return MoltingError(f"the database refused: {text}.", where=where)
