"""Runs by the names of their folders: what each was told, which dataset it was trained on, what it goes on from.

A run stays when its folder goes: then it is a stub, known by its name and by what points to it.
"""

from __future__ import annotations

import sqlite3
from typing import Literal, NamedTuple

from molting_tui.store.connection import Row, Store

_RUN = """select r.id, r.name, r.kind, d.name, p.name, f.name, r.run_group, q.name, r.seed, r.config, r.created
  from run r left join dataset d on d.id = r.dataset_id left join run p on p.id = r.parent_id
  left join run f on f.id = r.resumed_from_id left join run q on q.id = r.queued_after_id"""
RunKind = Literal["train", "answer"]


class StoredRun(NamedTuple):
    """A run as the store knows it. `dataset`, `parent` (the run whose adapter it started from), `resumed_from` and
    `queued_after` are names, empty for none; `config` is the JSON of what it was told, empty where nobody saw it."""

    id: int
    name: str
    kind: RunKind
    dataset: str
    parent: str
    resumed_from: str
    group: str
    queued_after: str
    seed: int | None
    config: str
    created: str


def remember(
    connection: sqlite3.Connection,
    name: str,
    kind: RunKind,
    config: str,
    *,
    seed: int | None = None,
    created: str = "",
) -> int:
    """The number of a run, made where it is new; a stub is filled in. What was told once is never replaced."""
    put = connection.execute(
        """insert into run (name, kind, config, seed, created) values (?, ?, ?, ?, ?)
           on conflict (name) do update set kind = iif(config is null, excluded.kind, kind),
             seed = coalesce(seed, excluded.seed), created = iif(created = '', excluded.created, created),
             config = coalesce(config, excluded.config)
           returning id""",
        (name, kind, config or None, seed, created),
    )
    return int(put.fetchall()[0][0])


def stub(connection: sqlite3.Connection, name: str) -> int:
    """The number of a training run of which only the name is known, unless more is."""
    return remember(connection, name, "train", "")


def set_dataset(connection: sqlite3.Connection, run: str, dataset_id: int) -> None:
    """Say which dataset a run was trained on, once: it is never another one later."""
    connection.execute("update run set dataset_id = ? where name = ? and dataset_id is null", (dataset_id, run))


def runs_with_config(store: Store) -> set[str]:
    """The names of the runs whose config is known."""
    return {name for (name,) in store.rows("select name from run where config is not null")}


def trained(store: Store) -> list[StoredRun]:
    """The training runs of which it is known what they were told, the oldest first."""
    return [_run(row) for row in store.rows(f"{_RUN} where r.kind = 'train' and r.config is not null order by r.id")]


def without_dataset(store: Store) -> list[str]:
    """The names of the training runs of which no dataset is known, the oldest first."""
    return [
        name for (name,) in store.rows("select name from run where kind = 'train' and dataset_id is null order by id")
    ]


def by_name(store: Store, name: str) -> StoredRun | None:
    """The run whose folder has (or had) this name."""
    row = store.row(f"{_RUN} where r.name = ?", (name,))
    return None if row is None else _run(row)


def referred(store: Store, reference: str) -> str:
    """The name of the run that is meant by its name, or by the number that its name begins with; empty for none."""
    if reference.isascii() and reference.isdigit() and len(reference) < 10:
        begins = f"{int(reference):04}-"
        name = store.value("select name from run where substr(name, 1, ?) = ?", (len(begins), begins))
    else:
        name = store.value("select name from run where name = ?", (reference,))
    return name or ""


def _run(row: Row) -> StoredRun:
    number, name, kind, dataset, parent, resumed, group, queued, seed, config, created = row
    return StoredRun(
        number, name, kind, dataset or "", parent or "", resumed or "", group or "", queued or "", seed, config or "",
        created,
    )  # fmt: skip
