"""In which order the pairs of a filter are listed: each value of `sort:` as a key over the `pair` table (alias `p`).

Sorting a million rows takes SQLite seconds, and an index would have to be kept at every import. So the database is
asked for ids and keys in list order, and the keys are sorted here.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from molting_tui.records.filters import Order
from molting_tui.records.pairs import LANGUAGES
from molting_tui.store.connection import Store

_NUMBERS = msgspec.json.Decoder(list[int])
_LAST = 1 << 60
"""The key of a pair that has none, whichever way round the others are sorted."""
_FEW = 10_000
"""So many are sorted before numpy is worth the 150 ms that it takes to load."""
_SHORT = (1 << 15) - 1
"""Keys up to this one are sorted by their digits, ten times as fast."""


class OrderSql(NamedTuple):
    """The key of a pair: a whole number, null where it has none. With `names` it is the id of one of these rows (id,
    name), and the names tell the order; an empty name is none."""

    key: str
    names: str = ""


_LANGUAGE = " ".join(f"when '{language}' then {rank}" for rank, language in enumerate(sorted(LANGUAGES)))
ORDERS = {
    # To the millisecond; julianday() takes twice as long to get there.
    "time": OrderSql("unixepoch(p.time) * 1000 + cast(substr(p.time, 21, 3) as integer)"),
    "len": OrderSql("p.response_length"),
    "prompt": OrderSql("p.instruction_length"),
    "model": OrderSql("p.model_id", "select id, name from model"),
    "flags": OrderSql("iif(p.flagged, (select count(*) from flag f where f.pair_id = p.id), 0)"),
    "project": OrderSql("p.session_id", "select id, project from session"),
    "lang": OrderSql(f"case p.language {_LANGUAGE} end"),
}
"""How each value of `sort:` is asked, by its name."""


def in_order(store: Store, condition: str, parameters: Sequence[object], order: Sequence[Order]) -> array[int]:
    """The ids of the pairs of a condition, sorted. Those that are alike stay in list order, and what has no key comes
    last, whichever way round the others are."""
    columns = "".join(f", {_signed(each)} as key_{place}" for place, each in enumerate(order))
    lists = "".join(f", json_group_array(key_{place})" for place in range(len(order)))
    row = store.row(
        f"""select json_group_array(id){lists}
            from (select p.id as id{columns} from pair p where {condition} order by p.id)""",
        parameters,
    )
    ids, *keys = [_NUMBERS.decode(text) for text in row or ()]
    ranked = [_ranked(store, each, numbers) for each, numbers in zip(order, keys, strict=True)]
    return _sorted(ids, ranked)


def _signed(order: Order) -> str:
    """The key as SQL, turned round where the largest comes first; of names their row's id, 0 where there is none."""
    key, names = ORDERS[order.by]
    if names:
        return f"coalesce({key}, 0)"
    return f"coalesce({'-' if order.down else ''}({key}), {_LAST})"


def _ranked(store: Store, order: Order, keys: list[int]) -> list[int]:
    """The keys, each id of a named row as the place of its name among all of them."""
    sql = ORDERS[order.by].names
    if not sql:
        return keys
    named = sorted((name.casefold(), row_id) for row_id, name in store.rows(sql) if name)
    ranks = [_LAST] * (max((row_id for _, row_id in named), default=0) + 1)
    for rank, (_, rows) in enumerate(groupby(named, key=lambda row: row[0])):
        for _, row_id in rows:
            ranks[row_id] = -rank if order.down else rank
    last = len(ranks)
    return [ranks[row_id] if row_id < last else _LAST for row_id in keys]


def _sorted(ids: list[int], keys: list[list[int]]) -> array[int]:
    """The ids by their keys, the first of these before the next; what is alike stays as it stood."""
    if len(ids) <= _FEW:
        rows = list(zip(*keys, strict=True))
        return array("q", [ids[place] for place in sorted(range(len(ids)), key=rows.__getitem__)])
    import numpy as np

    columns = []
    for numbers in keys:
        column = np.array(numbers, np.int64)
        known = column[column != _LAST]
        if known.size and known.min() >= -_SHORT and known.max() < _SHORT:
            column = np.minimum(column, _SHORT).astype(np.int16)
        columns.append(column)
    places = np.lexsort(columns[::-1])
    made = array("q")
    made.frombytes(np.array(ids, np.int64)[places].tobytes())
    return made
