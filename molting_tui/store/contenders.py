"""Contenders: who answers, told apart by all that is known of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from molting_tui.records.contenders import Contender, Model
from molting_tui.store import runs
from molting_tui.store.connection import Row, Store
from molting_tui.store.guards import unguarded

_COLUMNS = (
    "name", "kind", "base", "base_digest", "adapter_digest", "run_id", "step", "url", "model", "system_prompt",
    "template", "retrieval", "generation",
)  # fmt: skip
_CONTENDER = """select c.id, c.name, c.kind, c.base, c.base_digest, c.adapter_digest, r.name, c.step, c.url, c.model,
    c.system_prompt, c.template, c.retrieval, c.generation
  from contender c left join run r on r.id = c.run_id"""


class Known(NamedTuple):
    """A contender in the store."""

    id: int
    contender: Contender


class NamedContender(NamedTuple):
    """Who has answered, or was asked to, under a name; system prompt and template (its SHA-256) None: not known."""

    name: str
    base: str
    adapter_digest: str
    url: str
    model: str
    system_prompt: str | None
    template: str | None


def put(connection: sqlite3.Connection, contender: Contender) -> int:
    """The number of a contender, made where there is none that is the same in everything; unknown is like unknown
    only."""
    values = _values(connection, contender)
    same = " and ".join(f"{column} is ?" for column in _COLUMNS)
    row = connection.execute(f"select id from contender where {same}", values).fetchone()
    if row is None:
        holes = ", ".join("?" * len(_COLUMNS))
        row = connection.execute(
            f"insert into contender ({', '.join(_COLUMNS)}) values ({holes}) returning id", values
        ).fetchall()[0]
    return int(row[0])


def every(store: Store) -> dict[int, Contender]:
    """All contenders by their numbers."""
    return {known.id: known.contender for known in map(_known, store.rows(f"{_CONTENDER} order by c.id"))}


def of_run(store: Store, run: str) -> list[Known]:
    """The contenders that a training run made."""
    return [_known(row) for row in store.rows(f"{_CONTENDER} where r.name = ? order by c.id", (run,))]


def of_names(store: Store, asked_by: Sequence[str]) -> list[NamedContender]:
    """Who goes by which name: those whose answers are stored, and those that these runs were told to ask."""
    rows = store.rows(
        """select name, coalesce(base, ''), coalesce(adapter_digest, ''), coalesce(url, ''), coalesce(model, ''),
                  system_prompt, template
           from contender where kind <> 'imported'
           union
           select asked.value ->> '$.name', coalesce(asked.value ->> '$.base', ''),
                  coalesce(asked.value ->> '$.adapter_digest', ''), coalesce(asked.value ->> '$.url', ''),
                  coalesce(asked.value ->> '$.model', ''), asked.value ->> '$.system_prompt',
                  asked.value ->> '$.template_digest'
           from run r, json_each(r.config, '$.contenders') asked where r.kind = 'answer' and r.config is not null
             and r.name in (select value from json_each(?))""",
        (json.dumps(list(asked_by)),),
    )
    return [NamedContender(*row) for row in rows]


def tell_prompt(connection: sqlite3.Connection, run: str, name: str, system_prompt: str) -> None:
    """Fill in the system prompt that an answering run gave a contender, for those of its answers that are older than
    contenders and don't say it themselves."""
    unknown = connection.execute(
        f"""{_CONTENDER} where c.system_prompt is null and c.kind in ('base', 'adapter', 'checkpoint')
              and c.id in (select contender_id from answer where run = ? and contender = ?)""",
        (run, name),
    ).fetchall()
    for known in map(_known, unknown):
        filled = put(connection, _with_prompt(known.contender, system_prompt))
        with unguarded(connection, "answer"):
            connection.execute(
                "update answer set contender_id = ? where run = ? and contender = ? and contender_id = ?",
                (filled, run, name, known.id),
            )
        connection.execute(
            "delete from contender where id = ?1 and not exists (select 1 from answer where contender_id = ?1)",
            (known.id,),
        )


def _with_prompt(contender: Contender, prompt: str) -> Contender:
    return Contender(
        contender.name, contender.model, prompt, contender.template, contender.retrieval, contender.generation
    )


def _values(connection: sqlite3.Connection, contender: Contender) -> list[Any]:
    values: dict[str, Any] = {**msgspec.to_builtins(contender.model), "name": contender.name}
    values["kind"] = values.pop("type")
    run = values.pop("run", "")
    values["run_id"] = runs.stub(connection, run) if run else None
    for column in ("system_prompt", "template", "retrieval", "generation"):
        values[column] = getattr(contender, column)
    return [values.get(column) for column in _COLUMNS]


def _known(row: Row) -> Known:
    number, name, kind, base, base_digest, adapter, run, step, url, model, prompt, template, retrieval, drawing = row
    fields = {
        "type": kind, "base": base, "base_digest": base_digest, "adapter_digest": adapter, "run": run, "step": step,
        "url": url, "model": model,
    }  # fmt: skip
    known = {name: value for name, value in fields.items() if value is not None}
    made = msgspec.convert(known, type=Model)
    return Known(number, Contender(name, made, prompt, template, retrieval, drawing))


def system_prompts(store: Store) -> list[str | None]:
    """The system prompt that each contender with answers was asked with; None where it isn't known."""
    return [
        prompt
        for (prompt,) in store.rows(
            "select system_prompt from contender c where exists (select 1 from answer a where a.contender_id = c.id)"
        )
    ]
