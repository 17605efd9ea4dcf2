"""What rules noticed: stored for a pair, and made anew for all of them, in chunks that let others write in between."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from molting_tui.records.pairs import Flag, FlagChanges
from molting_tui.records.progress import Progress, Report
from molting_tui.records.turns import Message
from molting_tui.store import meta, texts
from molting_tui.store.connection import Row, Store

CHUNK = 100
"""Pairs that are flagged anew in one transaction."""

Reflag = Callable[[Sequence[Message]], Sequence[Flag]]
"""The flags of a pair's messages."""

_ANEW = "flags-anew"
_LABEL = "flagging every message"


class _Standing(msgspec.Struct, frozen=True):
    """How far flags are made anew since the migration: up to which pair, by which rules, and what changed so far."""

    reached: int
    rules: str
    more: dict[str, int]
    fewer: dict[str, int]


class _Chunk(NamedTuple):
    """What came of some pairs: the last one (0: there was none), how many they were, how many of the list have a flag
    now, and in how many of those a family came or went."""

    last: int
    pairs: int
    flagged: int
    more: Mapping[str, int]
    fewer: Mapping[str, int]


def set_flags(connection: sqlite3.Connection, pair_id: int, flags: Iterable[Flag]) -> None:
    """Replace the flags of a pair."""
    rows = tuple(flags)
    connection.execute("delete from flag where pair_id = ?", (pair_id,))
    connection.execute("delete from pair_flag where pair_id = ?", (pair_id,))
    connection.execute("update pair set flagged = ? where id = ? and flagged <> ?1", (bool(rows), pair_id))
    add_flags(connection, pair_id, rows)


def add_flags(connection: sqlite3.Connection, pair_id: int, flags: Sequence[Flag]) -> None:
    """Store the flags of a pair that has none."""
    if not flags:
        return
    connection.executemany(
        "insert into flag (pair_id, family, rule, place, start, end) values (?, ?, ?, ?, ?, ?)",
        [(pair_id, *flag) for flag in flags],
    )
    names = {name for flag in flags for name in (flag.family, flag.rule)}
    connection.executemany("insert into pair_flag (name, pair_id) values (?, ?)", [(name, pair_id) for name in names])


def flag_again(store: Store, reflag: Reflag, rules: str, report: Report) -> FlagChanges:
    """Flag the current messages of every pair anew, by the rules with this digest.

    Pairs of other derivations are flagged too, since a switch may bring them back.
    """
    last = done = flagged = 0
    more: Counter[str] = Counter()
    fewer: Counter[str] = Counter()
    total = int(store.value("select count(*) from pair"))
    while True:
        with store.write() as connection:
            chunk = _flag_chunk(connection, reflag, last)
            if not chunk.pairs:
                connection.execute("delete from meta where key = ?", (_ANEW,))
                meta.put(connection, "rules", rules)
        more.update(chunk.more)
        fewer.update(chunk.fewer)
        flagged += chunk.flagged
        if not chunk.pairs:
            return FlagChanges(flagged, dict(more), dict(fewer))
        last, done = chunk.last, done + chunk.pairs
        report(Progress(done, max(total, done), "pairs", "applying the rules"))


def being_made(store: Store) -> Progress | None:
    """How far the flags are made anew since the migration, in pairs; None where that is done, or was never needed."""
    standing = _standing(meta.get(store, _ANEW))
    if standing is None:
        return None
    done, total = store.rows("select coalesce(sum(id <= ?), 0), count(*) from pair", (standing.reached,))[0]
    return Progress(done, total, "pairs", _LABEL)


def go_on(store: Store, reflag: Reflag, rules: str, report: Report) -> FlagChanges | None:
    """Go on where making the flags anew stopped, to its end; None where nothing is left to do.

    How far it is stands in the transaction of each chunk: a kill loses no more than one, and two that do it at once
    share the work. Rules that have changed meanwhile begin from the start.
    """
    progress = being_made(store)
    done, total = (progress.done, progress.total) if progress else (0, 0)
    while True:
        with store.write() as connection:
            standing = _standing(meta.read(connection, _ANEW))
            if standing is None:
                return None
            start = standing.reached if standing.rules == rules else 0
            chunk = _flag_chunk(connection, reflag, start)
            after = _Standing(chunk.last, rules, _sum(standing.more, chunk.more), _sum(standing.fewer, chunk.fewer))
            if chunk.pairs:
                meta.put(connection, _ANEW, msgspec.json.encode(after).decode())
            else:
                connection.execute("delete from meta where key = ?", (_ANEW,))
                meta.put(connection, "rules", rules)
        if not chunk.pairs:
            flagged = int(store.value("select count(*) from pair where live = 1 and flagged = 1"))
            return FlagChanges(flagged, after.more, after.fewer)
        done = chunk.pairs + (done if start else 0)
        report(Progress(done, max(total, done), "pairs", _LABEL))


def _flag_chunk(connection: sqlite3.Connection, reflag: Reflag, last: int) -> _Chunk:
    """Flag the next pairs after `last`, in the transaction that reads them: no rewrite can come in between."""
    rows = connection.execute(
        """select p.id, p.live, t.system, t.context, t.instruction, t.response
           from pair p join pair_text t on t.id = p.id where p.id > ? order by p.id limit ?""",
        (last, CHUNK),
    ).fetchall()
    numbers = [row[0] for row in rows]
    before, rewrites = _flags_of(connection, numbers), texts.rewrites_of(connection, numbers)
    more: Counter[str] = Counter()
    fewer: Counter[str] = Counter()
    flagged = 0
    for row in rows:
        number, live = row[:2]
        flags = tuple(reflag(_current(row, rewrites.get(number, {}))))
        old = before.get(number, [])
        flagged += bool(flags) and bool(live)
        if sorted(flags) != old:
            set_flags(connection, number, flags)
        if live:
            families, old_families = {flag.family for flag in flags}, {flag.family for flag in old}
            more.update(families - old_families)
            fewer.update(old_families - families)
    return _Chunk(numbers[-1] if numbers else last, len(rows), flagged, more, fewer)


def _current(row: Row, rewrites: Mapping[int, str]) -> list[Message]:
    return [Message(role, text) for _, role, text, _ in texts.read_messages(row[2:6], rewrites)]


def _flags_of(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[Flag]]:
    flags: dict[int, list[Flag]] = {}
    for number, *flag in connection.execute(
        """select pair_id, family, rule, place, start, end from flag
           where pair_id in (select value from json_each(?)) order by 2, 3, 4, 5, 6""",
        (json.dumps(numbers),),
    ).fetchall():
        flags.setdefault(number, []).append(Flag(*flag))
    return flags


def _standing(stored: str) -> _Standing | None:
    return msgspec.json.decode(stored, type=_Standing) if stored else None


def _sum(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counts) + Counter(more))
