"""Storing derived pairs, switching to a new derivation, and keeping search in step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from molting_tui.records.pairs import NewPair
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.store import flags, meta, turns
from molting_tui.store.connection import Store

_JSON = msgspec.json.Encoder()
SEARCH_CHUNK = 400
"""Pairs that are made searchable in one transaction."""

LONG_EXTENSION = 20_000
"""From how many new pairs on the search index is put in order afterwards."""

MERGE_PAGES = 100
"""How much of the search index is put in order in one transaction."""

# A pair's session, model and time are those of the first turn that gives it.
_HOME = """update pair set (turn_id, session_id, model_id, time) = (
      select t.id, t.session_id, m.id, t.time from pair_origin o join turn t on t.id = o.turn_id
      left join model m on m.name = t.model where o.derivation = ?1 and o.pair_id = pair.id order by t.id limit 1)
    where exists (select 1 from pair_origin o where o.derivation = ?1 and o.pair_id = pair.id)
      and not exists (select 1 from pair_origin o
                      where o.derivation = ?1 and o.pair_id = pair.id and o.turn_id = pair.turn_id)"""


class Derived(NamedTuple):
    """A pair and the turn it was derived from."""

    turn_id: int
    session_id: int
    model: str
    time: str
    pair: NewPair


class Begun(NamedTuple):
    """A derivation that is being made: its number, and the state of the turns and pairs that it started from."""

    number: int
    current: int
    turns: int


class Forgotten(NamedTuple):
    """A pair that a turn gave before it grew, and whether another turn still gives it."""

    pair_id: int
    held: bool


class Placed(Enum):
    """What storing a derived pair came to."""

    NEW = "a text that was not stored before"
    KNOWN = "a text that was stored, for the first time in this derivation"
    REPEATED = "a text that another turn of this derivation has given already"


def put_pairs(
    connection: sqlite3.Connection, derivation: int, derived: Sequence[Derived], *, live: bool
) -> list[Placed]:
    """Store pairs and where they come from; says of each what it came to.

    A text that is stored already gets one more origin. `live` says that the derivation is the
    current one, so that its pairs are seen at once.
    """
    if not derived:
        return []
    known = _known_pairs(connection, derivation, [derived_pair.pair.uid for derived_pair in derived])
    number = int(connection.execute("select coalesce(max(id), 0) from pair").fetchone()[0])
    placed: list[Placed] = []
    new: list[tuple[int, Derived]] = []
    origins: list[tuple[int, int, int]] = []
    for derived_pair in derived:
        known_pair = known.get(derived_pair.pair.uid)
        if known_pair is None:
            number += 1
            new.append((number, derived_pair))
            known_pair = _Known(number, Placed.NEW)
        placed.append(known_pair.placed)
        known[derived_pair.pair.uid] = _Known(known_pair.id, Placed.REPEATED)
        origins.append((derivation, known_pair.id, derived_pair.turn_id))
    models = [(model,) for model in {derived_pair.model for derived_pair in derived}]
    connection.executemany("insert or ignore into model (name) values (?)", models)
    _insert_pairs(connection, new, live)
    connection.executemany("insert or ignore into pair_origin (derivation, pair_id, turn_id) values (?, ?, ?)", origins)
    known_ids = [(pair,) for (_, pair, _), place in zip(origins, placed, strict=True) if place is Placed.KNOWN]
    if live:
        connection.executemany("update pair set live = 1 where id = ? and live = 0", known_ids)
        connection.executemany(_HOME + " and pair.id = ?2", [(derivation, pair) for (pair,) in known_ids])
    return placed


class _Known(NamedTuple):
    id: int
    placed: Placed


def _known_pairs(connection: sqlite3.Connection, derivation: int, uids: Sequence[str]) -> dict[str, _Known]:
    rows = connection.execute(
        """select uid, id, exists (select 1 from pair_origin o where o.derivation = ? and o.pair_id = pair.id)
           from pair where uid in (select value from json_each(?))""",
        (derivation, _JSON.encode(uids).decode()),
    ).fetchall()
    return {uid: _Known(number, Placed.REPEATED if repeated else Placed.KNOWN) for uid, number, repeated in rows}


def forget_origins(connection: sqlite3.Connection, derivation: int, turn_ids: Iterable[int]) -> dict[int, Forgotten]:
    """Turns have grown: the pairs that were made from them lose them, and leave the list if nothing else holds them.

    Returns what became of the pair of each turn that had one.
    """
    forgotten: dict[int, Forgotten] = {}
    for turn_id in turn_ids:
        rows = connection.execute(
            "select pair_id from pair_origin where turn_id = ? and derivation = ?", (turn_id, derivation)
        ).fetchall()
        connection.execute("delete from pair_origin where turn_id = ? and derivation = ?", (turn_id, derivation))
        for (pair,) in rows:
            connection.execute(
                """update pair set live = exists (
                     select 1 from pair_origin o where o.pair_id = pair.id and o.derivation = ?) where id = ?""",
                (derivation, pair),
            )
            connection.execute(_HOME + " and pair.id = ?2", (derivation, pair))
            live = connection.execute("select live from pair where id = ?", (pair,)).fetchone()[0]
            forgotten[turn_id] = Forgotten(pair, bool(live))
    return forgotten


def newest(store: Store) -> tuple[int, int]:
    """The highest numbers of a turn and of a pair so far, 0 where there is none."""
    return (
        int(store.value("select coalesce(max(id), 0) from turn")),
        int(store.value("select coalesce(max(id), 0) from pair")),
    )


def begin(connection: sqlite3.Connection) -> Begun:
    """Begin a derivation, under a number that no other has, not even one that is being made at this moment."""
    current = int(meta.read(connection, "derivation", "1"))
    number = max(current, int(meta.read(connection, "derivation-begun", "1"))) + 1
    meta.put(connection, "derivation-begun", str(number))
    return Begun(number, current, turns.changes(connection))


def abandon(connection: sqlite3.Connection, begun: Begun) -> None:
    """Forget a derivation that wasn't finished. What a killed one leaves behind goes with the next switch."""
    connection.execute("delete from pair_origin where derivation = ?", (begun.number,))


def switch(connection: sqlite3.Connection, begun: Begun) -> bool:
    """Make a derivation the current one: its pairs are live, no others; decisions stay with their texts.

    Returns False, and changes nothing, if turns were stored or pairs derived by somebody else since it began:
    then it would lose theirs, and has to be made again.
    """
    if (int(meta.read(connection, "derivation", "1")), turns.changes(connection)) != (begun.current, begun.turns):
        return False
    derivation = begun.number
    connection.execute("delete from pair_origin where derivation <> ?", (derivation,))
    connection.execute("create temp table if not exists derived (pair_id integer primary key)")
    connection.execute("delete from derived")
    connection.execute("insert or ignore into derived select pair_id from pair_origin")
    connection.execute("update pair set live = 0 where live = 1 and id not in (select pair_id from derived)")
    connection.execute("update pair set live = 1 where live = 0 and id in (select pair_id from derived)")
    connection.execute(_HOME, (derivation,))
    meta.put(connection, "derivation", str(derivation))
    return True


def extend_search(store: Store, report: Report = silent) -> None:
    """Bring the search index up to the newest pair, in chunks that let others write in between."""
    newest = int(store.value("select coalesce(max(id), 0) from pair_text"))
    start = done = int(meta.get(store, "searchable", "0"))
    while done < newest:
        upto = min(done + SEARCH_CHUNK, newest)
        with store.write() as connection:
            reached = connection.execute("select value from meta where key = 'searchable'").fetchone()
            done = max(done, int(reached[0])) if reached else done
            connection.execute(
                """insert into pair_search (rowid, instruction, response, others)
                   select id, instruction, response, others from pair_current where id > ? and id <= ?""",
                (done, upto),
            )
            done = max(done, upto)
            meta.put(connection, "searchable", str(done))
        report(Progress(done - start, newest - start, "pairs", "making the text searchable"))
    if newest - start > max(LONG_EXTENSION, newest // 10):
        _merge_search(store)


def judge_languages(store: Store, judge: Callable[[str], str], sample: int, report: Report = silent) -> None:
    """Note the language of every answer that has none yet, judged by its first `sample` characters, in chunks."""
    total = int(store.value("select count(*) from pair where language is null"))
    done = 0
    while rows := store.rows(
        """select p.id, substr(t.response, 1, ?) from pair p join pair_text t on t.id = p.id
           where p.language is null order by p.id limit ?""",
        (sample, SEARCH_CHUNK),
    ):
        judged = [(judge(text), number) for number, text in rows]
        with store.write() as connection:
            connection.executemany("update pair set language = ? where id = ?", judged)
        done += len(rows)
        report(Progress(done, max(total, done), "pairs", "telling the languages apart"))


def judge_languages_again(store: Store, judge: Callable[[str], str], sample: int, report: Callable[[], object]) -> None:
    """Judge every language that was judged before, and note what is another now; `report` hears of each chunk."""
    last = 0
    while rows := store.rows(
        """select p.id, substr(t.response, 1, ?), p.language from pair p join pair_text t on t.id = p.id
           where p.id > ? and p.language is not null order by p.id limit ?""",
        (sample, last, SEARCH_CHUNK),
    ):
        judged = [(language, number) for number, text, before in rows if (language := judge(text)) != before]
        with store.write() as connection:
            connection.executemany("update pair set language = ? where id = ?", judged)
        last = rows[-1][0]
        report()


def _merge_search(store: Store) -> None:
    """Join the parts that a long extension leaves: else a later rewrite has to, and takes up to 0.2 s for it."""
    pages = -MERGE_PAGES  # negative: begin to join all parts into one
    while True:
        with store.write() as connection:
            before = connection.total_changes
            connection.execute("insert into pair_search (pair_search, rank) values ('merge', ?)", (pages,))
            if connection.total_changes - before < 2:  # FTS5's sign that nothing is left to do
                return
        pages = MERGE_PAGES


def _insert_pairs(connection: sqlite3.Connection, new: Sequence[tuple[int, Derived]], live: bool) -> None:
    """Store new pairs under their numbers, with texts and flags, but without their origins."""
    connection.executemany(
        """insert into pair (id, uid, live, kind, flagged, turn_id, session_id, model_id, instruction_length,
                             response_length, time)
           values (?, ?, ?, ?, ?, ?, ?, (select id from model where name = ?), ?, ?, ?)""",
        [
            (
                number,
                derived_pair.pair.uid,
                live,
                derived_pair.pair.kind,
                bool(derived_pair.pair.flags),
                derived_pair.turn_id,
                derived_pair.session_id,
                derived_pair.model,
                len(derived_pair.pair.instruction),
                len(derived_pair.pair.response),
                derived_pair.time,
            )
            for number, derived_pair in new
        ],
    )
    connection.executemany(
        "insert into pair_text (id, system, context, instruction, response) values (?, ?, ?, ?, ?)",
        [
            (
                number,
                derived_pair.pair.system,
                _JSON.encode(derived_pair.pair.context).decode(),
                derived_pair.pair.instruction,
                derived_pair.pair.response,
            )
            for number, derived_pair in new
        ],
    )
    for number, derived_pair in new:
        flags.add_flags(connection, number, derived_pair.pair.flags)
