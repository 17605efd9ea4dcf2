"""What import stores: files, sessions, turns, and where each turn was found."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from molting_tui.records.turns import LeftOut, Message, Step, Turn
from molting_tui.store import meta
from molting_tui.store.connection import Store

_JSON = msgspec.json.Encoder()
_MESSAGES = msgspec.json.Decoder(tuple[Message, ...])
_STEPS = msgspec.json.Decoder(tuple[Step, ...])
_NAMES = msgspec.json.Decoder(tuple[str, ...])
_LEFT_OUT = msgspec.json.Decoder(tuple[LeftOut, ...])
_TURN = """select t.id, t.session_id, t.key, s.key, s.project, t.source, t.human, t.steps, t.system, t.context,
  t.injected, t.model, t.time, t.line from turn t join session s on s.id = t.session_id"""
UNFINISHED = -1
"""The size stored for a file while it is being read: a killed import reads it again."""

NEVER = -1
"""The time of change stored for a file that couldn't be read: no file has it, so the next import tries again."""


class KnownTurn(NamedTuple):
    """A turn that the store has: its number, its digest, how many steps it has, the file and line it was taken from."""

    id: int
    digest: str
    steps: int
    path: str
    line: int


class FileState(NamedTuple):
    """A file as it was when it was read: its path as stored, its size in bytes, its time of change in nanoseconds."""

    path: str
    size: int
    mtime_ns: int


class KnownFile(NamedTuple):
    """A file that was read: size and time of change as they were, how many turns it held, whether there was nothing in
    it, and by which reader it was read (empty: by one that didn't say)."""

    size: int
    mtime_ns: int
    turns: int
    empty: bool
    reader: str


class FileSummary(NamedTuple):
    """What one file held when it was read."""

    records: int
    sessions: int
    turns: int
    left_out: tuple[LeftOut, ...]
    reader: str = ""


class PutTurns(NamedTuple):
    """Stored turns: the number of each by its key, and the numbers of those that were there before and have grown."""

    ids: dict[str, int]
    grown: list[int]


@contextmanager
def while_importing(store: Store) -> Iterator[None]:
    """While it lasts, this thread's connection is set for an import.

    Its commits don't wait for the disk: after a power cut the last of them may be missing (never damaged), and
    importing again brings them back. What people say is stored by other connections, or at other times, and does wait.
    """
    connection = store.connection()
    connection.execute("pragma synchronous = normal")
    try:
        yield
    finally:
        connection.execute("pragma synchronous = full")


def turn_digest(turn: Turn) -> str:
    """A hash (hex) of what the turn says, to see whether a turn has grown since it was stored."""
    return _words_digest((turn.human, turn.steps, turn.system, turn.context))


def _words_digest(content: tuple[object, ...]) -> str:
    return hashlib.blake2b(_JSON.encode(content), digest_size=16).hexdigest()


def known_files(store: Store) -> dict[str, KnownFile]:
    """What is known of each file that was read, by its path."""
    # In JSON a quotation mark within an example has a backslash before it, so this is the reason and no example.
    rows = store.rows(
        """select path, size, mtime_ns, turns, instr(left_out, '"empty-file"') > 0, reader from source_file"""
    )
    return {path: KnownFile(size, mtime, held, bool(empty), reader) for path, size, mtime, held, empty, reader in rows}


def put_files(
    connection: sqlite3.Connection, files: Sequence[tuple[FileState, FileSummary | None]], read_at: str
) -> list[int]:
    """Note that files are being read (no summary yet: a killed import reads them again) or were read; their numbers."""
    return [_put_file(connection, state, summary, read_at) for state, summary in files]


def _put_file(connection: sqlite3.Connection, state: FileState, summary: FileSummary | None, read_at: str) -> int:
    size = UNFINISHED if summary is None else state.size
    held = FileSummary(0, 0, 0, ()) if summary is None else summary
    left_out = _JSON.encode(held.left_out).decode()
    put = connection.execute(
        """insert into source_file (path, size, mtime_ns, records, sessions, turns, left_out, read_at, reader)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?)
           on conflict (path) do update set size = excluded.size, mtime_ns = excluded.mtime_ns,
             records = excluded.records, sessions = excluded.sessions, turns = excluded.turns,
             left_out = excluded.left_out, read_at = excluded.read_at, reader = excluded.reader
           returning id""",
        (state.path, size, state.mtime_ns, held.records, held.sessions, held.turns, left_out, read_at, held.reader),
    )
    return int(put.fetchall()[0][0])


def file_summaries(store: Store) -> list[FileSummary]:
    """What each file held, for the table of everything that was ever imported."""
    rows = store.rows("select records, sessions, turns, left_out from source_file where size >= 0")
    return [FileSummary(records, sessions, turns, _LEFT_OUT.decode(left)) for records, sessions, turns, left in rows]


def known_turns(store: Store, keys: Sequence[str]) -> dict[str, KnownTurn]:
    """Those of the keys that are stored."""
    rows = store.rows(
        """select t.key, t.id, t.digest, json_array_length(t.steps), f.path, t.line
           from turn t join source_file f on f.id = t.file_id where t.key in (select value from json_each(?))""",
        (_JSON.encode(keys).decode(),),
    )
    return {key: KnownTurn(*rest) for key, *rest in rows}


def session_ids(connection: sqlite3.Connection, homes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The numbers of sessions by project and key, made where they are new."""
    numbers: dict[tuple[str, str], int] = {}
    for project, key in homes:
        put = connection.execute(
            """insert into session (project, key) values (?, ?)
               on conflict (project, key) do update set key = excluded.key returning id""",
            (project, key),
        )
        numbers[project, key] = int(put.fetchall()[0][0])
    return numbers


def put_turns(connection: sqlite3.Connection, rows: Sequence[tuple[Turn, str, int, int]]) -> PutTurns:
    """Store turns with their digests, sessions and files; a turn that is there already becomes what the new copy is."""
    if not rows:
        return PutTurns({}, [])
    keys = _JSON.encode([turn.key for turn, _, _, _ in rows]).decode()
    wanted = "select key, id from turn where key in (select value from json_each(?))"
    before = connection.execute(wanted, (keys,)).fetchall()
    connection.executemany(
        """insert into turn (key, digest, session_id, file_id, line, source, system, context, human, steps, injected,
                             model, time, complete)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           on conflict (key) do update set digest = excluded.digest, session_id = excluded.session_id,
             file_id = excluded.file_id, line = excluded.line, system = excluded.system, context = excluded.context,
             human = excluded.human, steps = excluded.steps, injected = excluded.injected, model = excluded.model,
             time = excluded.time, complete = excluded.complete""",
        [_columns(*row) for row in rows],
    )
    meta.put(connection, "turns", str(changes(connection) + 1))
    return PutTurns(dict(connection.execute(wanted, (keys,)).fetchall()), [number for _, number in before])


def put_origins(connection: sqlite3.Connection, places: Sequence[tuple[str, int, int, int]]) -> None:
    """Note where turns stand: the key of a turn, the file, the session, the line."""
    connection.executemany(
        """insert or ignore into turn_origin (turn_id, file_id, session_id, line)
           select id, ?2, ?3, ?4 from turn where key = ?1""",
        places,
    )


def move_turns(connection: sqlite3.Connection, places: Sequence[tuple[str, int]]) -> None:
    """Turns stand at other lines of their file than they did: the key of each, and its line now."""
    connection.executemany("update turn set line = ?2 where key = ?1", places)


def forget_places(connection: sqlite3.Connection, file: int, places: Sequence[tuple[str, int]]) -> None:
    """A file was read to its end: where its turns stood before and stand no longer is forgotten.

    A turn that has gone from its only file keeps its last place: it says where the turn came from.
    """
    held = _JSON.encode([f"{line} {key}" for key, line in places]).decode()
    connection.execute(
        """delete from turn_origin where file_id = ?1
             and line || ' ' || (select key from turn t where t.id = turn_id) not in (select value from json_each(?2))
             and exists (select 1 from turn_origin o join turn t on t.id = o.turn_id
                         where o.turn_id = turn_origin.turn_id
                           and (o.file_id <> ?1 or o.line || ' ' || t.key in (select value from json_each(?2))))""",
        (file, held),
    )


def changes(connection: sqlite3.Connection) -> int:
    """A number that grows whenever turns are stored."""
    row = connection.execute("select value from meta where key = 'turns'").fetchone()
    return int(row[0]) if row else 0


def all_turns(
    store: Store, chunk: int = 500, *, condition: str = "true", parameters: Sequence[object] = ()
) -> Iterator[list[tuple[int, int, Turn]]]:
    """Every stored turn with its number and its session's, in the order they were read, in chunks.

    `condition` is SQL over `t` (turn) and `s` (session) of this room's own, with its parameters.
    """
    last = 0
    while True:
        rows = store.rows(f"{_TURN} where {condition} and t.id > ? order by t.id limit ?", [*parameters, last, chunk])
        if not rows:
            return
        last = rows[-1][0]
        yield [(row[0], row[1], _turn(row[2:])) for row in rows]


def changed_turns(connection: sqlite3.Connection, chunk: int = 500) -> Iterator[tuple[int, list[int]]]:
    """Of the stored turns, in chunks: how many were hashed, and the numbers of those that aren't what they were."""
    last = 0
    while rows := connection.execute(
        "select id, digest, human, steps, system, context from turn where id > ? order by id limit ?", (last, chunk)
    ).fetchall():
        last = rows[-1][0]
        yield len(rows), [number for number, digest, *words in rows if _digest_of(*words) != digest]


def read_again(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[str]:
    """Have the files that these turns came from read anew at the next import, and the turns taken from them as they
    stand there; the paths of the files."""
    wanted = _JSON.encode(numbers).decode()
    of_turns = "select file_id from turn where id in (select value from json_each(?))"
    connection.execute("update turn set digest = '' where id in (select value from json_each(?))", (wanted,))
    connection.execute(f"update source_file set size = {UNFINISHED} where id in ({of_turns})", (wanted,))
    rows = connection.execute(f"select path from source_file where id in ({of_turns}) order by path", (wanted,))
    return [path for (path,) in rows.fetchall()]


def _digest_of(human: str, steps: str, system: str, context: str) -> str:
    try:
        words = (human, _STEPS.decode(steps), system, _MESSAGES.decode(context))
        return _words_digest(words)
    except (msgspec.MsgspecError, TypeError, UnicodeError):
        return ""


def stored_turns(store: Store, keys: Sequence[str]) -> list[Turn]:
    """The stored turns with these keys."""
    rows = store.rows(f"{_TURN} where t.key in (select value from json_each(?))", (_JSON.encode(keys).decode(),))
    return [_turn(row[2:]) for row in rows]


def turn_count(store: Store) -> int:
    """How many turns are stored."""
    return int(store.value("select count(*) from turn"))


def session_count(store: Store) -> int:
    """How many session logs were read; chat files aren't counted, as in the import's own report."""
    return int(store.value("select coalesce(sum(sessions), 0) from source_file where size >= 0"))


def _columns(turn: Turn, digest: str, session: int, file: int) -> tuple[object, ...]:
    """A turn as the values of a row, in the order of the insert."""
    return (
        turn.key,
        digest,
        session,
        file,
        turn.line,
        turn.source,
        turn.system,
        _JSON.encode(turn.context).decode(),
        turn.human,
        _JSON.encode(turn.steps).decode(),
        _JSON.encode(turn.injected).decode(),
        turn.model,
        turn.time,
        turn.complete,
    )


def _turn(row: Sequence[str]) -> Turn:
    """A stored row as the turn it was made of."""
    key, session, project, source, human, steps, system, context, injected, model, time, line = row
    return Turn(
        key=key,
        session=session,
        project=project,
        source="chat" if source == "chat" else "claude-code",
        human=human,
        steps=_STEPS.decode(steps),
        system=system,
        context=_MESSAGES.decode(context),
        injected=_NAMES.decode(injected),
        model=model,
        time=time,
        line=int(line),
    )
