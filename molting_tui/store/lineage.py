"""From an answer to the line of a session that it was learned from, and back: reading the view `lineage`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from molting_tui.store import meta
from molting_tui.store.connection import Store


class Place(NamedTuple):
    """Where a turn stands: its key, the file, and the line it begins at."""

    turn: str
    file: str
    line: int


class Ancestry(NamedTuple):
    """What an answer comes from: who gave it, the run that trained them and its dataset (None where none is known)."""

    answer: str
    contender: str
    contender_id: int
    run: str | None
    dataset: str | None


def of_answer(store: Store, uuid: str) -> Ancestry:
    """What an answer comes from. Raises LookupError for one that isn't stored."""
    row = store.row(
        "select answer, contender, contender_id, run, dataset from lineage where answer = ? limit 1", (uuid,)
    )
    if row is None:
        raise LookupError(uuid)
    return Ancestry(*row)


def trained_pairs(store: Store, dataset: str) -> list[str]:
    """The uids of the pairs of a dataset that are trained on, in its order."""
    rows = store.rows(
        """select dp.pair_uid from dataset d join dataset_pair dp on dp.dataset_id = d.id
           where d.name = ? and dp.part = 'train' order by dp.place""",
        (dataset,),
    )
    return [uid for (uid,) in rows]


def numbers(store: Store, uids: Sequence[str]) -> dict[str, int]:
    """The numbers of those of these pairs that are stored here."""
    rows = store.rows(
        "select uid, id from pair where uid in (select value from json_each(?))", (json.dumps(list(uids)),)
    )
    return dict(rows)


def places(store: Store, pair: int) -> list[Place]:
    """Where the turns stand that a pair was made from, the first one first: of the present derivation, else the turn
    that it was made from once."""
    rows = store.rows(
        """select t.key, f.path, o.line from pair_origin po join turn t on t.id = po.turn_id
             join turn_origin o on o.turn_id = t.id join source_file f on f.id = o.file_id
           where po.pair_id = ?1 and po.derivation = ?2
           order by t.id, (o.file_id, o.line) <> (t.file_id, t.line), f.id, o.line limit 50""",
        (pair, meta.derivation(store)),
    )
    if not rows:
        rows = store.rows(
            """select t.key, f.path, t.line from pair p join turn t on t.id = p.turn_id
                 join source_file f on f.id = t.file_id where p.id = ?""",
            (pair,),
        )
    return [Place(*row) for row in rows]


def datasets_with(store: Store, uid: str) -> list[str]:
    """The names of the datasets that hold a pair, the oldest first."""
    rows = store.rows(
        """select distinct d.id, d.name from dataset_pair dp join dataset d on d.id = dp.dataset_id
           where dp.pair_uid = ? order by d.id""",
        (uid,),
    )
    return [name for _, name in rows]


def runs_on(store: Store, datasets: Sequence[str]) -> list[str]:
    """The names of the runs that were trained on any of these datasets, the oldest first."""
    rows = store.rows(
        """select r.name from run r join dataset d on d.id = r.dataset_id
           where d.name in (select value from json_each(?)) order by r.id""",
        (json.dumps(list(datasets)),),
    )
    return [name for (name,) in rows]


def answers_by(store: Store, runs: Sequence[str]) -> int:
    """How many answers were given by contenders that these runs made."""
    return int(
        store.value(
            """select count(*) from answer a join contender c on c.id = a.contender_id join run r on r.id = c.run_id
               where r.name in (select value from json_each(?))""",
            (json.dumps(list(runs)),),
        )
    )
