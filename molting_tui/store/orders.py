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
_DIGIT_BITS = 15


class OrderSql(NamedTuple):
    """The key of a pair: a whole number, null where it has none. With `names` it is the id of one of these rows (id,
    name), and the names tell the order; an empty name is none."""

    key: str
    names: str = ""


_LANGUAGE = " ".join(f"when '{language}' then {rank}" for rank, language in enumerate(sorted(LANGUAGES)))
ORDERS = {
    # To the second: of a million pairs, what is behind it would take as long again to read.
    "time": OrderSql("unixepoch(p.time)"),
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
    rows = store.rows(sql)
    named = sorted((name.casefold(), row_id) for row_id, name in rows if name)
    ranks = [_LAST] * (max((row_id for row_id, _ in rows), default=0) + 1)
    for rank, (_, alike) in enumerate(groupby(named, key=lambda row: row[0])):
        for _, row_id in alike:
            ranks[row_id] = -rank if order.down else rank
    return list(map(ranks.__getitem__, keys))


def _sorted(ids: list[int], keys: list[list[int]]) -> array[int]:
    """The ids by their keys, the first of these before the next; what is alike stays as it stood."""
    if len(ids) <= _FEW:
        rows = list(zip(*keys, strict=True))
        return array("q", [ids[place] for place in sorted(range(len(ids)), key=rows.__getitem__)])
    import numpy as np

    # By their digits, as a card sorter does it: numpy sorts what fits 16 bits five times as fast as what doesn't.
    digits = []
    for numbers in reversed(keys):
        column = np.array(numbers, np.int64)
        known = column[column != _LAST]
        least, most = (known.min(), known.max()) if known.size else (0, 0)
        column = np.minimum(column, most + 1) - least
        for shift in range(0, int(most + 1 - least).bit_length(), _DIGIT_BITS):
            digits.append((column >> shift & (1 << _DIGIT_BITS) - 1).astype(np.int16))
    places = np.lexsort(digits)
    made = array("q")
    made.frombytes(np.array(ids, np.int64)[places].tobytes())
    return made
