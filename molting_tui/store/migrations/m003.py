"""Schema 3: datasets, runs and contenders have an identity; kinds of events are rows; pairs are lists of messages.

Databases of schema 1 and 2 are carried over by `carry_over`, which makes nothing up: what the store can't know stays
null, and is filled in when the run is taken in (`store/runs.py`).
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any, NamedTuple

from molting_tui.store import guards

# fmt: off
STATEMENTS = (
    # A kind of event, and what it is said of. A new kind is a row: the event table is never made anew for one.
    """create table event_kind (
        name text primary key,
        subject text not null check (subject in ('pair', 'answer', 'nothing', 'any'))) without rowid""",
    """insert into event_kind values
        ('decide', 'pair'), ('rewrite', 'pair'), ('tag', 'pair'), ('star', 'pair'), ('comment', 'pair'),
        ('weight', 'pair'), ('rate', 'answer'), ('vote', 'any'), ('finding', 'any'), ('undo', 'nothing')""",
    """create trigger event_of_known_kind before insert on event
        when not exists (select 1 from event_kind k where k.name = new.kind) begin
        select raise(abort, 'there is no such kind of event'); end""",
    """create trigger event_of_known_subject before insert on event
        when not case (select k.subject from event_kind k where k.name = new.kind)
          when 'pair' then exists (select 1 from pair p where p.uid = new.subject)
          when 'answer' then exists (select 1 from answer a where a.uuid = new.subject)
          when 'nothing' then new.subject = ''
          else 1 end begin
        select raise(abort, 'an event is said of something that is not stored'); end""",
    # A frozen selection of pairs. `digest` is over its rows, whatever file they are written to. `made`: by somebody, by
    # a run that named none, or from the manifest of a run that is older than this table. `last_event` is the newest
    # event when its pairs were read: what was said of them later isn't in it. Names that differ in case only would be
    # one folder on some disks.
    """create table dataset (
        id integer primary key,
        name text not null collate nocase unique,
        digest text not null,
        made text not null check (made in ('frozen', 'run', 'manifest')),
        pairs integer not null,
        filter text not null,
        system_prompt text,
        manifest text not null check (json_valid(manifest)),
        actor text not null,
        time text not null,
        last_event integer not null default 0)""",
    """create table dataset_pair (
        dataset_id integer not null references dataset (id),
        place integer not null,
        pair_uid text not null,
        turn_key text not null,
        row_digest text not null,
        part text not null default 'train' check (part in ('train', 'held_out', 'bank')),
        weight real not null default 1,
        primary key (dataset_id, place)) without rowid""",
    "create index dataset_pair_pair on dataset_pair (pair_uid)",
    # Two datasets are compared along it, so it holds all that is compared.
    "create index dataset_pair_compared on dataset_pair (dataset_id, pair_uid, row_digest, turn_key)",
    # A run by the name of its folder; it stays when the folder goes. `config` is what it was told, null where the
    # folder had gone before anybody looked.
    """create table run (
        id integer primary key,
        name text not null unique,
        kind text not null check (kind in ('train', 'answer')),
        dataset_id integer references dataset (id),
        parent_id integer references run (id),
        resumed_from_id integer references run (id),
        run_group text,
        queued_after_id integer references run (id),
        seed integer,
        config text check (config is null or json_valid(config)),
        created text not null default '')""",
    # Who answers: what of it is null isn't known, which is not the empty text. `generation` is what changes the draw of
    # an answer (temperature, top_p, max_new_tokens, quantisation), as JSON with sorted keys.
    """create table contender (
        id integer primary key,
        name text not null,
        kind text not null check (kind in ('base', 'adapter', 'checkpoint', 'endpoint', 'imported')),
        base text,
        base_digest text,
        adapter_digest text,
        run_id integer references run (id),
        step integer,
        url text,
        model text,
        system_prompt text,
        template text,
        retrieval text check (retrieval is null or json_valid(retrieval)),
        generation text check (generation is null or json_valid(generation)),
        check (kind not in ('base', 'adapter', 'checkpoint') or base is not null),
        check ((kind = 'checkpoint') = (step is not null)),
        check (kind <> 'checkpoint' or run_id is not null),
        check (kind = 'endpoint' or (url is null and model is null)),
        check (kind <> 'endpoint' or url is not null))""",
    "create index contender_name on contender (name)",
    # `source`: a model was asked by a run; the words came from a file; or only its ratings did, on a score sheet.
    "alter table answer add column contender_id integer references contender (id)",
    """alter table answer add column source text not null default 'asked'
        check (source in ('asked', 'file', 'sheet'))""",
    "create index answer_contender on answer (contender_id)",
    # From an answer to the pairs that whoever gave it was trained on: a row a pair, one with nulls where none is known.
    """create view lineage as
        select a.id as answer_id, a.uuid as answer, a.contender as contender, a.contender_id, r.name as run,
               d.name as dataset, dp.place, dp.pair_uid as pair, nullif(dp.turn_key, '') as turn
        from answer a left join contender c on c.id = a.contender_id left join run r on r.id = c.run_id
          left join dataset d on d.id = r.dataset_id left join dataset_pair dp on dp.dataset_id = d.id""",
    # A blind session of either kind. `payload` is its plan, `commitment` the digest that seals it.
    "alter table score_session rename to blind_session",
    "alter table blind_session rename column started to opened",
    "alter table blind_session add column kind text not null default 'score' check (kind in ('score', 'battle'))",
    "alter table blind_session add column payload text check (payload is null or json_valid(payload))",
    "alter table blind_session add column commitment text",
    "alter table blind_session add column closed text",
    # Whose name was shown to whom, and where: what they say of that answer later isn't blind.
    """create table shown (
        answer_id integer not null references answer (id),
        actor text not null,
        place text not null,
        time text not null,
        primary key (answer_id, actor, place)) without rowid""",
    "insert into shown select answer_id, actor, 'results', time from answer_shown",
    "drop table answer_shown",
    # `uid` is the same through every wording, `cluster` the fact that is asked; a retired question is asked no more.
    "alter table question add column uid text",
    "alter table question add column cluster text",
    "alter table question add column status text not null default 'open' check (status in ('open', 'retired'))",
)
# fmt: on

_KIND_CHECK = re.compile(r"\s+check\s*\(kind in\s*\([^()]*\)\)(?=,)")


def carry_over(connection: sqlite3.Connection) -> None:
    """Everything that the statements can't say: the event table's own list of kinds goes, the answers get their
    contenders, and every append-only table its triggers."""
    _free_kinds(connection)
    with guards.unguarded(connection, "answer"):
        connection.execute("update answer set source = 'sheet' where run like 'sheet:%'")
        connection.execute("update answer set source = 'file' where run like 'file:%'")
        _give_contenders(connection)
    for table in guards.GUARDS:
        guards.guard(connection, table)


def _free_kinds(connection: sqlite3.Connection) -> None:
    """Take the list of kinds out of the event table's definition.

    Making the table anew fails on the ratings that refer to it; a changed definition costs nothing and is rolled back
    with everything else (SQLite's own way for a CHECK, https://sqlite.org/lang_altertable.html, section 7).
    """
    (sql,) = connection.execute("select sql from sqlite_master where name = 'event'").fetchone()
    freed, count = _KIND_CHECK.subn("", sql)
    assert count == 1, "the event table has no list of kinds"
    version = connection.execute("pragma schema_version").fetchone()[0]
    connection.execute("pragma writable_schema = on")
    connection.execute("update sqlite_master set sql = ? where type = 'table' and name = 'event'", (freed,))
    connection.execute(f"pragma schema_version = {version + 1}")
    connection.execute("pragma writable_schema = reset")


class _Group(NamedTuple):
    """What answers of one contender have in common."""

    name: str
    kind: str
    base: str | None
    adapter_digest: str | None
    trained_by: str
    system_prompt: str | None
    generation: str | None


def _give_contenders(connection: sqlite3.Connection) -> None:
    """Give each answer a contender: those that have a whole _Group in common share one."""
    rows = connection.execute(
        """select a.id, a.contender, a.source, a.run, a.settings, json_extract(q.content, '$.system')
           from answer a left join question q on q.digest = a.question_digest order by a.id"""
    ).fetchall()
    settings = {number: _settings(text) for number, _, _, _, text, _ in rows}
    prompts: dict[tuple[str, str], str] = {}
    for number, name, _, run, _, of_question in rows:
        prompt = settings[number].get("system_prompt")
        if of_question is None and isinstance(prompt, str):  # the question had none: it was the contender's own
            prompts.setdefault((name, run), prompt)
    numbers: dict[_Group, int] = {}
    for number, name, source, run, _, _ in rows:
        group = _group(name, source, settings[number], prompts.get((name, run)))
        if group not in numbers:
            numbers[group] = _put(connection, group)
        connection.execute("update answer set contender_id = ? where id = ?", (numbers[group], number))


def _settings(text: str) -> dict[str, Any]:
    settings = json.loads(text)
    return settings if isinstance(settings, dict) else {}


def _group(name: str, source: str, settings: dict[str, Any], prompt: str | None) -> _Group:
    base = settings.get("base")
    if source != "asked" or not isinstance(base, str):
        return _Group(name, "imported", None, None, "", None, None)
    adapter, run = _text(settings, "adapter_digest"), _text(settings, "run")
    return _Group(
        name=name,
        kind="adapter" if adapter or run else "base",
        base=base,
        adapter_digest=adapter or None,
        trained_by=run,
        system_prompt=prompt,
        generation=_generation(settings),
    )


def _text(settings: dict[str, Any], name: str) -> str:
    """A text of the settings; empty for anything else: a line of another program may hold whatever it likes."""
    value = settings.get(name)
    return value if isinstance(value, str) else ""


def _generation(settings: dict[str, Any]) -> str | None:
    generation = settings.get("generation")
    if not isinstance(generation, dict):
        return None
    drawn = {name: generation[name] for name in ("temperature", "top_p", "max_new_tokens") if name in generation}
    if "quantisation" in settings:
        drawn["quantisation"] = settings["quantisation"]
    return json.dumps(drawn, sort_keys=True)


def _put(connection: sqlite3.Connection, group: _Group) -> int:
    run = None
    if group.trained_by:  # its folder may have gone: the run stays, as a name
        connection.execute("insert or ignore into run (name, kind) values (?, 'train')", (group.trained_by,))
        run = connection.execute("select id from run where name = ?", (group.trained_by,)).fetchone()[0]
    put = connection.execute(
        """insert into contender (name, kind, base, adapter_digest, run_id, system_prompt, generation)
           values (?, ?, ?, ?, ?, ?, ?) returning id""",
        (group.name, group.kind, group.base, group.adapter_digest, run, group.system_prompt, group.generation),
    )
    return int(put.fetchall()[0][0])
