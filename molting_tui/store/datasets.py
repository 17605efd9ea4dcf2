"""Frozen datasets: stored once, read, compared. Their rows are never changed (`store/guards.py`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from molting_tui.errors import BadInput
from molting_tui.records.datasets import PARTS, Dataset, Diff, FrozenPair, Made, PairChange
from molting_tui.store.connection import Row, Store
from molting_tui.text import show_line

_DATASET = """select d.id, d.name, d.digest, d.made, d.pairs, d.filter, d.system_prompt, d.manifest, d.actor, d.time,
       (select json_group_object(part, pairs) from (
          select part, count(*) as pairs from dataset_pair where dataset_id = d.id group by part)),
       (select json_group_array(name) from (select name from run where dataset_id = d.id order by id))
  from dataset d"""


class NewDataset(NamedTuple):
    """A dataset to be stored. `manifest` is JSON; `last_event` is the number of the newest event when its pairs were
    read (see `last_event`)."""

    name: str
    digest: str
    made: Made
    filter: str
    system_prompt: str | None
    manifest: dict[str, Any]
    actor: str
    time: str
    last_event: int


class Standing(NamedTuple):
    """How the pairs of a dataset stand now: no longer kept, not in the present derivation, not in the workspace;
    `touched` are the uids of those of which a rewrite was stored, undone or redone since the freeze."""

    unkept: int
    superseded: int
    absent: int
    touched: tuple[str, ...]


def put(store: Store, new: NewDataset, pairs: Sequence[FrozenPair]) -> Dataset:
    """Store a dataset with its pairs, in their order; the turns that they come from are looked up.

    A dataset of this name and content that is there already is returned as it is. Raises BadInput where the name
    belongs to another content.
    """
    with store.write() as connection:
        taken = connection.execute("select name, digest from dataset where name = ?", (new.name,)).fetchone()
        if taken is None:
            columns = (*new[:5], json.dumps(new.manifest, ensure_ascii=False), *new[6:], len(pairs))
            number = connection.execute(
                """insert into dataset (name, digest, made, filter, system_prompt, manifest, actor, time, last_event,
                                        pairs) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id""",
                columns,
            ).fetchall()[0][0]
            connection.executemany(
                """insert into dataset_pair (dataset_id, place, pair_uid, row_digest, part, weight, turn_key)
                   values (?, ?, ?3, ?, ?, ?, coalesce(
                     (select t.key from pair p join turn t on t.id = p.turn_id where p.uid = ?3), ?))""",
                [(number, place, *pair) for place, pair in enumerate(pairs)],
            )
        elif taken[1] != new.digest:
            raise name_taken(taken[0])
    dataset = by_name(store, new.name)
    assert dataset is not None, "it was stored a moment ago"
    return dataset


def name_taken(name: str) -> BadInput:
    """What to say of a name that another dataset has."""
    return BadInput(
        f"there is a dataset `{show_line(name, 80)}` already, and a frozen dataset is never changed.",
        fix="Choose another name.",
    )


def by_name(store: Store, name: str) -> Dataset | None:
    """The dataset of this name (upper and lower case are one), or None."""
    row = store.row(f"{_DATASET} where d.name = ?", (name,))
    return None if row is None else _dataset(row)


def by_digest(store: Store, digest: str) -> list[Dataset]:
    """The datasets with this content, oldest first."""
    return [_dataset(row) for row in store.rows(f"{_DATASET} where d.digest = ? order by d.id", (digest,))]


def all_datasets(store: Store) -> list[Dataset]:
    """Every dataset, the newest first."""
    return [_dataset(row) for row in store.rows(f"{_DATASET} order by d.time desc, d.id desc")]


def latest(store: Store) -> Dataset | None:
    """The dataset that was frozen last, or None."""
    row = store.row(f"{_DATASET} order by d.time desc, d.id desc limit 1")
    return None if row is None else _dataset(row)


def count(store: Store) -> int:
    """How many datasets there are."""
    return int(store.value("select count(*) from dataset"))


def names(store: Store) -> list[str]:
    """The names of all datasets, the newest first."""
    return [name for (name,) in store.rows("select name from dataset order by time desc, id desc")]


def pairs_of(store: Store, number: int) -> list[FrozenPair]:
    """The pairs of a dataset, in their order."""
    rows = store.rows(
        """select pair_uid, row_digest, part, weight, turn_key from dataset_pair where dataset_id = ?
           order by place""",
        (number,),
    )
    return [FrozenPair(*row) for row in rows]


def last_event(store: Store, time: str = "") -> int:
    """The number of the newest event, or of the newest that is not later than `time`; 0 where there is none."""
    if not time:
        return int(store.value("select coalesce(max(id), 0) from event"))
    return int(store.value("select coalesce(max(id), 0) from event where time <= ?", (time,)))


def diff(store: Store, before: int, after: int) -> Diff:
    """How the dataset `after` differs from `before`; each list in the order of the dataset that has the pairs."""
    went = [(uid, place, turn) for uid, place, turn, there in _unlike(store, before, after) if there is None]
    unlike = _unlike(store, after, before)
    came = [(uid, place, turn) for uid, place, turn, there in unlike if there is None]
    turns_gone = {turn: place for _, place, turn in reversed(went) if turn}
    turns_new = {turn for _, _, turn in came if turn}
    return Diff(
        came=tuple(PairChange(uid, None, place) for uid, place, turn in came if turn not in turns_gone),
        went=tuple(PairChange(uid, place, None) for uid, place, turn in went if turn not in turns_new),
        rewritten=tuple(PairChange(uid, there, place) for uid, place, _, there in unlike if there is not None),
        rederived=tuple(PairChange(uid, turns_gone[turn], place) for uid, place, turn in came if turn in turns_gone),
        moved=tuple(PairChange(*row) for row in _moved(store, before, after)),
    )


def _moved(store: Store, before: int, after: int) -> list[Row]:
    """The pairs of both datasets that stand in another part: uid, and the place in each."""
    parted = store.value(
        "select exists (select 1 from dataset_pair where dataset_id in (?, ?) and part <> 'train')", (before, after)
    )
    if not parted:
        return []
    return store.rows(
        """select a.pair_uid, b.place, a.place from dataset_pair a
             join dataset_pair b on b.dataset_id = ?1 and b.pair_uid = a.pair_uid
           where a.dataset_id = ?2 and a.part <> b.part order by a.place""",
        (before, after),
    )


def _unlike(store: Store, here: int, there: int) -> list[Row]:
    """The pairs of a dataset that another doesn't have in these words: uid, place, turn, and the place there or None.

    Both are read along the index of their uids, which makes it a merge: at 100,000 pairs a third of the time.
    """
    return store.rows(
        """select a.pair_uid, a.place, a.turn_key, b.place from dataset_pair a indexed by dataset_pair_compared
             left join dataset_pair b indexed by dataset_pair_compared
               on b.dataset_id = ?2 and b.pair_uid = a.pair_uid
           where a.dataset_id = ?1 and a.row_digest is not b.row_digest order by a.place""",
        (here, there),
    )


def standing(store: Store, number: int) -> Standing:
    """How the pairs of a dataset stand in the workspace now."""
    counts = store.rows(
        """select coalesce(sum(p.live and p.state <> 'keep'), 0), coalesce(sum(not p.live), 0), count(*) - count(p.id)
           from dataset_pair d left join pair p on p.uid = d.pair_uid where d.dataset_id = ?""",
        (number,),
    )[0]
    touched = store.rows(
        """with frozen (event) as (select last_event from dataset where id = ?1),
                taken_back (batch) as (select undoes from event, frozen where id > frozen.event and kind = 'undo')
           select d.pair_uid from dataset_pair d, frozen where d.dataset_id = ?1 and exists (
             select 1 from event e where e.subject = d.pair_uid and e.kind = 'rewrite'
               and (e.id > frozen.event or e.batch in (select batch from taken_back))) order by d.place""",
        (number,),
    )
    unkept, superseded, absent = counts
    return Standing(unkept, superseded, absent, tuple(uid for (uid,) in touched))


def _dataset(row: Row) -> Dataset:
    """A row as a record. Parts that hold no pair are in it with 0."""
    number, name, digest, made, pairs, chosen, prompt, manifest, actor, time, parts, runs = row
    return Dataset(
        id=number,
        name=name,
        digest=digest,
        made=made,
        pairs=pairs,
        parts=dict.fromkeys(PARTS, 0) | json.loads(parts),
        filter=chosen,
        system_prompt=prompt,
        manifest=json.loads(manifest),
        actor=actor,
        time=time,
        runs=tuple(json.loads(runs)),
    )


def system_prompts(store: Store) -> list[str | None]:
    """The system prompt of each dataset; None where it isn't known."""
    return [prompt for (prompt,) in store.rows("select system_prompt from dataset")]
