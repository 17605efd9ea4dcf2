"""What the latest import brought: which numbers of pairs and turns are new since it began.

One range of numbers for all of a workspace, not a mark on every pair and not what each person has looked at: it is the
same for everybody and for scripts, costs an import nothing, and what is left to do of it is `state:open is:new`. A
stopped import and the one that goes on from it are one. Where pairs are made again by another answer, those of the
turns that came are the new ones.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from molting_tui.records.imports import ProjectNews
from molting_tui.store import filters, meta
from molting_tui.store.connection import Connection, Store

_BEGUN, LATEST = "import-begun", "import-latest"
Range = TypeVar("Range", bound="_Begun | Latest")


class _Begun(msgspec.Struct, frozen=True):
    """The highest numbers before an import, and when the one before it read something (empty: there was none)."""

    pair_before: int
    turn_before: int
    since: str


class Latest(msgspec.Struct, frozen=True):
    """The latest import that brought anything: its pairs and turns have numbers above `…_before` up to these. `since`
    is when the import before it ended (empty: it was the first), `time` when it ended itself."""

    pair_before: int
    turn_before: int
    since: str
    pair: int
    turn: int
    time: str


def begin(connection: Connection) -> None:
    """Note where an import begins; one that was stopped goes on."""
    if _decoded(meta.read(connection, _BEGUN), _Begun) is None:
        pair, turn = _highest(connection)
        read_at = connection.execute("select coalesce(max(read_at), '') from source_file").fetchone()[0]
        begun = _Begun(pair, turn, meta.read(connection, "import-at") or read_at)
        meta.put(connection, _BEGUN, msgspec.json.encode(begun).decode())


def end(store: Store, time: str, *, stopped: bool = False, read: bool = False) -> Latest | None:
    """Note what an import has brought, from the state where it began; None where it brought nothing.

    Of one that was `stopped` it is known where it began, so that the next goes on. Of two at once the first to end ends
    both; what the other, which `read` something too, has brought since then is of the same one.
    """
    if not (read or meta.get(store, _BEGUN)):
        return None
    with store.write() as connection:
        begun = _decoded(meta.read(connection, _BEGUN), _Begun)
        if begun is None:
            return _extended(connection, time) if read else None
        pair, turn = _highest(connection)
        brought = None
        if (pair, turn) != (begun.pair_before, begun.turn_before):
            brought = Latest(begun.pair_before, begun.turn_before, begun.since, pair, turn, time)
            meta.put(connection, LATEST, msgspec.json.encode(brought).decode())
        if not stopped:
            connection.execute("delete from meta where key = ?", (_BEGUN,))
            meta.put(connection, "import-at", time)
        return brought


def _extended(connection: Connection, time: str) -> Latest | None:
    """The latest import with what has come since it ended: turns, since pairs may have been made by another answer."""
    ended = _decoded(meta.read(connection, LATEST), Latest)
    if ended is None:
        return None
    _, turn = _highest(connection)
    extended = msgspec.structs.replace(ended, turn=turn, time=time)
    if turn != ended.turn:
        meta.put(connection, LATEST, msgspec.json.encode(extended).decode())
        meta.put(connection, "import-at", time)
    return extended


def latest(store: Store) -> Latest | None:
    """The latest import that brought anything; None where none has, or only ones of an earlier molting."""
    return _decoded(meta.get(store, LATEST), Latest)


def _decoded(stored: str, kind: type[Range]) -> Range | None:
    """What was noted; None where nothing was, or it is torn, or another version's."""
    try:
        return msgspec.json.decode(stored, type=kind) if stored else None
    except msgspec.MsgspecError:
        return None


def news_by_project(store: Store, brought: Latest) -> tuple[ProjectNews, ...]:
    """How many turns and pairs an import brought to each project, those with the most pairs first."""
    turns: dict[str, int] = dict(
        store.rows(
            """select s.project, count(*) from turn t join session s on s.id = t.session_id
               where t.id > ? and t.id <= ? group by 1""",
            (brought.turn_before, brought.turn),
        )
    )
    pairs: dict[str, int] = dict(
        store.rows(
            f"""select coalesce(s.project, ''), count(*) from pair p left join session s on s.id = p.session_id
                where p.live = 1 and ({filters.NEW}) group by 1"""
        )
    )
    news = [ProjectNews(name, turns.get(name, 0), pairs.get(name, 0)) for name in turns.keys() | pairs.keys()]
    return tuple(sorted(news, key=lambda project: (-project.pairs, -project.turns, project.name)))


def count_new(store: Store) -> tuple[int, int]:
    """How many pairs of the list came with the latest import, and how many of those are open."""
    row = store.row(
        f"select count(*), coalesce(sum(p.state = 'open'), 0) from pair p where p.live = 1 and ({filters.NEW})"
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _highest(connection: Connection) -> tuple[int, int]:
    highest = "select coalesce((select max(id) from pair), 0), coalesce((select max(id) from turn), 0)"
    pair, turn = connection.execute(highest).fetchone()
    return int(pair), int(turn)
