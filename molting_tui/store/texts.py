"""The words of pairs, message by message: as they were stored, as they are rewritten, and in the search index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from molting_tui.records.pairs import PairMessage, pair_messages
from molting_tui.records.turns import Message

_JSON = msgspec.json.Encoder()
_MESSAGES = msgspec.json.Decoder(tuple[Message, ...])


class StoredText(NamedTuple):
    """A pair's words as they were stored (of the context None where it can't be read), with the hash of them (`uid`)
    that the pair is known by."""

    id: int
    uid: str
    system: str
    context: tuple[Message, ...] | None
    instruction: str
    response: str


class Rewrite(NamedTuple):
    """The current words of one message (None: the original ones), and why they were changed (None: not known)."""

    text: str | None
    cause: str | None


def read_messages(stored: tuple[str, str, str, str], rewrites: Mapping[int, str]) -> tuple[PairMessage, ...]:
    """A pair's messages. `stored` are its texts as `pair_text` has them: system, context (JSON), prompt, answer."""
    system, context, instruction, response = stored
    originals = pair_messages(system, _MESSAGES.decode(context), instruction, response)
    return tuple(
        PairMessage(place, role, rewrites.get(place, text), text) for place, (role, text) in enumerate(originals)
    )


def stored(connection: sqlite3.Connection, chunk: int = 500) -> Iterator[list[StoredText]]:
    """The words of every pair as they were stored, in chunks."""
    last = 0
    while rows := connection.execute(
        """select p.id, p.uid, t.system, t.context, t.instruction, t.response
           from pair p join pair_text t on t.id = p.id where p.id > ? order by p.id limit ?""",
        (last, chunk),
    ).fetchall():
        last = rows[-1][0]
        yield [
            StoredText(number, uid, system, _context(context), instruction, response)
            for number, uid, system, context, instruction, response in rows
        ]


def put_stored(connection: sqlite3.Connection, text: StoredText) -> None:
    """Give a pair its first words again."""
    connection.execute(
        "update pair_text set system = ?, context = ?, instruction = ?, response = ? where id = ?",
        (text.system, _JSON.encode(text.context).decode(), text.instruction, text.response, text.id),
    )


def read_context(context: str) -> tuple[Message, ...]:
    """The messages between system turn and prompt, as `pair_text` has them (JSON)."""
    return _MESSAGES.decode(context)


def _context(content: object) -> tuple[Message, ...] | None:
    try:
        return _MESSAGES.decode(content)  # type: ignore[arg-type]  # what stands in a damaged database is anything
    except (msgspec.MsgspecError, TypeError, UnicodeError):
        return None


def rewrites_of(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, dict[int, str]]:
    """The current words of the rewritten messages of these pairs, by pair and place."""
    rewrites: dict[int, dict[int, str]] = {}
    for number, place, text in connection.execute(
        "select pair_id, place, text from rewrite where pair_id in (select value from json_each(?))",
        (json.dumps(list(numbers)),),
    ).fetchall():
        rewrites.setdefault(number, {})[place] = text
    return rewrites


def messages(connection: sqlite3.Connection, number: int) -> tuple[PairMessage, ...]:
    """The messages of one pair."""
    stored = connection.execute(
        "select system, context, instruction, response from pair_text where id = ?", (number,)
    ).fetchone()
    return read_messages(stored, rewrites_of(connection, [number]).get(number, {}))


def last_place(connection: sqlite3.Connection, number: int) -> int:
    """The place of a pair's answer."""
    row = connection.execute(
        "select (system <> '') + json_array_length(context) + 1 from pair_text where id = ?", (number,)
    ).fetchone()
    return int(row[0])


def put_rewrites(connection: sqlite3.Connection, number: int, rewrites: Mapping[int, Rewrite]) -> None:
    """Replace the rewrites of a pair; words that are the original ones are none."""
    connection.execute("delete from rewrite where pair_id = ?", (number,))
    if not rewrites:
        return
    originals = messages(connection, number)
    connection.executemany(
        "insert into rewrite (pair_id, place, text, cause) values (?, ?, ?, ?)",
        [
            (number, place, rewrite.text, rewrite.cause)
            for place, rewrite in rewrites.items()
            if rewrite.text is not None and rewrite.text != originals[place].original
        ],
    )


def take_out_of_search(connection: sqlite3.Connection, number: int) -> None:
    """Take a pair's words as they are now out of the index: it has to be told them exactly, before they change."""
    connection.execute(
        """insert into pair_search (pair_search, rowid, instruction, response, others)
           select 'delete', id, instruction, response, others from pair_current where id = ?""",
        (number,),
    )


def put_into_search(connection: sqlite3.Connection, number: int) -> None:
    """Put a pair's words as they are now into the index."""
    connection.execute(
        """insert into pair_search (rowid, instruction, response, others)
           select id, instruction, response, others from pair_current where id = ?""",
        (number,),
    )
