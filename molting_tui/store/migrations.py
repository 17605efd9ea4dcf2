"""Numbered migrations. A backup precedes any that meets data."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database, Migrations

from molting_tui.store.connection import APPLICATION_ID, BUSY_SECONDS, SCHEMA_VERSION

if TYPE_CHECKING:
    from molting_tui.store.connection import Store

migrations = Migrations("molting")

# fmt: off
_M001 = (
    # What import read.
    """create table source_file (
        id integer primary key,
        path text not null unique,
        size integer not null,
        mtime_ns integer not null,
        records integer not null,
        sessions integer not null,
        turns integer not null,
        left_out text not null,
        read_at text not null)""",
    """create table session (
        id integer primary key,
        key text not null,
        project text not null,
        unique (project, key))""",
    """create table turn (
        id integer primary key,
        key text not null unique,
        digest text not null,
        session_id integer not null references session (id),
        file_id integer not null references source_file (id),
        line integer not null,
        source text not null,
        system text not null,
        context text not null,
        human text not null,
        steps text not null,
        injected text not null,
        model text not null,
        time text not null,
        complete integer not null)""",
    # The key's columns come first: SQLite's quick_check (3.40) sees NULLs in a table without rowid that has them later.
    """create table turn_origin (
        turn_id integer not null references turn (id),
        file_id integer not null references source_file (id),
        line integer not null,
        session_id integer not null references session (id),
        primary key (turn_id, file_id, line)) without rowid""",
    # Pairs: a narrow table that filters scan, and a wide one with the texts.
    """create table model (id integer primary key, name text not null unique)""",
    """create table pair (
        id integer primary key,
        uid text not null unique,
        live integer not null default 0,
        kind text not null,
        state text not null default 'open' check (state in ('open', 'keep', 'drop')),
        rewritten integer not null default 0,
        skipped integer not null default 0,
        starred integer not null default 0,
        flagged integer not null default 0,
        turn_id integer references turn (id),
        session_id integer references session (id),
        model_id integer references model (id),
        language text,
        instruction_length integer not null,
        response_length integer not null,
        time text not null)""",
    "create index pair_turn on pair (turn_id)",
    "create index pair_unjudged on pair (id) where language is null",
    # Filters scan the pairs; an index on the state would make them slower. The counts are asked for at every key.
    """create table pair_count (
        live integer not null,
        state text not null,
        rewritten integer not null,
        pairs integer not null,
        primary key (live, state, rewritten)) without rowid""",
    """create trigger pair_counted after insert on pair begin
        insert into pair_count values (new.live, new.state, new.rewritten, 1)
          on conflict do update set pairs = pairs + 1;
        end""",
    """create trigger pair_recounted after update of live, state, rewritten on pair
        when (old.live, old.state, old.rewritten) <> (new.live, new.state, new.rewritten) begin
        update pair_count set pairs = pairs - 1
          where live = old.live and state = old.state and rewritten = old.rewritten;
        insert into pair_count values (new.live, new.state, new.rewritten, 1)
          on conflict do update set pairs = pairs + 1;
        end""",
    """create trigger pair_never_goes before delete on pair begin
        select raise(abort, 'pairs are never deleted'); end""",
    """create table pair_text (
        id integer primary key references pair (id),
        system text not null,
        context text not null,
        instruction text not null,
        response text not null)""",
    """create table pair_origin (
        derivation integer not null,
        pair_id integer not null references pair (id),
        turn_id integer not null references turn (id),
        primary key (derivation, pair_id, turn_id)) without rowid""",
    "create index pair_origin_turn on pair_origin (turn_id, derivation)",
    """create table flag (
        pair_id integer not null references pair (id),
        family text not null,
        rule text not null,
        side text not null,
        start integer not null,
        end integer not null)""",
    "create index flag_pair on flag (pair_id)",
    """create table pair_flag (
        name text not null,
        pair_id integer not null references pair (id),
        primary key (name, pair_id)) without rowid""",
    "create index pair_flag_pair on pair_flag (pair_id)",
    # What people said: one append-only table, and the current states that follow from it.
    """create table event (
        id integer primary key,
        uuid text not null unique,
        batch text not null,
        label text not null,
        actor text not null,
        time text not null,
        subject text not null,
        kind text not null check (kind in
            ('decide', 'rewrite', 'tag', 'star', 'comment', 'weight', 'rate', 'vote', 'finding', 'undo')),
        payload text not null check (json_valid(payload)),
        undoes text,
        rubric_digest text,
        question_digest text,
        rating_pass integer,
        blind integer,
        check (kind <> 'rate' or (rubric_digest is not null and question_digest is not null
               and rating_pass is not null and blind is not null)),
        check ((kind = 'undo') = (undoes is not null)))""",
    "create index event_subject on event (subject, kind, id)",
    "create index event_batch on event (batch)",
    "create index event_actor on event (actor, id)",
    """create trigger event_never_changes before update on event begin
        select raise(abort, 'events are never changed'); end""",
    """create trigger event_never_goes before delete on event begin
        select raise(abort, 'events are never deleted'); end""",
    "create table undone (batch text primary key) without rowid",
    """create table rewrite (
        pair_id integer primary key references pair (id),
        instruction text,
        response text)""",
    """create table tag (
        name text not null,
        pair_id integer not null references pair (id),
        primary key (name, pair_id)) without rowid""",
    "create index tag_pair on tag (pair_id)",
    """create table pair_note (
        pair_id integer primary key references pair (id),
        reason text not null default '',
        comment text not null default '')""",
    """create table draft (
        pair_id integer not null references pair (id),
        actor text not null,
        text text not null,
        time text not null,
        primary key (pair_id, actor)) without rowid""",
    # What models said. The columns that can't be added later stand here from the start.
    """create table answer (
        id integer primary key,
        uuid text not null unique,
        contender text not null,
        run text not null,
        question_digest text not null,
        sample integer not null,
        raw text not null,
        tokens integer not null,
        finish_reason text not null,
        seed integer,
        settings text not null check (json_valid(settings)),
        time text not null,
        unique (contender, question_digest, sample, run))""",
    """create trigger answer_never_changes before update on answer begin
        select raise(abort, 'answers are never changed'); end""",
    """create trigger answer_never_goes before delete on answer begin
        select raise(abort, 'answers are never deleted'); end""",
    "create table meta (key text primary key, value text not null) without rowid",
    # Search: over the current texts, extended after an import, kept in step by every rewrite.
    """create view pair_current as
        select t.id as id, coalesce(r.instruction, t.instruction) as instruction,
               coalesce(r.response, t.response) as response
        from pair_text t left join rewrite r on r.pair_id = t.id""",
    """create virtual table pair_search using fts5 (
        instruction, response, content='pair_current', content_rowid='id',
        tokenize="unicode61 remove_diacritics 2")""",
)

_M002 = (
    # `raw` is the whole decode; `text` is the same without the token that ended it.
    "alter table answer add column text text not null default ''",
    "create index answer_question on answer (question_digest)",
    # What was asked. The digest is of prompt, system turn, follow-ups and facts; `content` holds the question whole, so
    # that an answer can be scored after the file it came from has changed or gone.
    """create table question (
        digest text primary key,
        id text not null,
        language text not null,
        content text not null check (json_valid(content))) without rowid""",
    """create table question_set (
        digest text primary key,
        id text not null,
        version text not null,
        title text not null) without rowid""",
    """create table question_of_set (
        set_digest text not null references question_set (digest),
        question_digest text not null references question (digest),
        place integer not null,
        primary key (set_digest, question_digest)) without rowid""",
    "create index question_of_set_question on question_of_set (question_digest)",
    # What was rated by, whole, for the same reason.
    """create table rubric (
        digest text primary key,
        id text not null,
        version text not null,
        dimensions integer not null,
        content text not null check (json_valid(content))) without rowid""",
    # The current ratings, folded from the events that are not undone. A level of null: not applicable.
    """create table rating (
        answer text not null references answer (uuid),
        rubric_digest text not null references rubric (digest),
        rater text not null,
        pass integer not null,
        dimension text not null,
        level integer,
        blind integer not null,
        event_id integer not null references event (id),
        time text not null,
        primary key (answer, rubric_digest, rater, pass, dimension)) without rowid""",
    "create index rating_rubric on rating (rubric_digest, rater, pass)",
    """create table rating_note (
        answer text not null references answer (uuid),
        rubric_digest text not null references rubric (digest),
        rater text not null,
        pass integer not null,
        text text not null,
        event_id integer not null references event (id),
        time text not null,
        primary key (answer, rubric_digest, rater, pass)) without rowid""",
    # Undo in scoring looks for the rater's own last rating among a million decisions.
    "create index event_rated on event (actor, id) where kind = 'rate'",
    # A blind session: which answers, in which shuffled order. `seen` is when results were first shown after its end.
    """create table score_session (
        id integer primary key,
        uuid text not null unique,
        rubric_digest text not null references rubric (digest),
        actor text not null,
        pass integer not null,
        selection text not null check (json_valid(selection)),
        started text not null,
        seen text,
        unblinded_at text,
        unblinded_by text)""",
    "create index score_session_rubric on score_session (rubric_digest, actor)",
    """create table score_item (
        session_id integer not null references score_session (id),
        place integer not null,
        answer_id integer not null references answer (id),
        skipped integer not null default 0,
        primary key (session_id, place)) without rowid""",
    "create index score_item_answer on score_item (answer_id)",
    """create view score_place as
        select i.session_id, i.place, i.skipped, a.id as answer_id, a.uuid as answer,
          (select count(*) from rating g where g.answer = a.uuid and g.rubric_digest = s.rubric_digest
             and g.rater = s.actor and g.pass = s.pass) < r.dimensions as open
        from score_item i join score_session s on s.id = i.session_id join rubric r on r.digest = s.rubric_digest
          join answer a on a.id = i.answer_id""",
    # Whose name was shown to whom before they had rated anything of that answer: what they say of it later isn't blind.
    """create table answer_shown (
        answer_id integer not null references answer (id),
        actor text not null,
        time text not null,
        primary key (answer_id, actor)) without rowid""",
    # How far each answering run was read: bytes, and their SHA-256. `damaged` lines couldn't be read; `unknown` ones
    # answer a question that isn't known here.
    """create table taken (
        run text primary key,
        size integer not null,
        mtime_ns integer not null,
        offset integer not null,
        digest text not null,
        damaged integer not null,
        unknown integer not null,
        time text not null) without rowid""",
)
# fmt: on


@migrations()
def m001_turns_pairs_events(db: Database) -> None:
    """Turns, pairs, events, and the columns of answers and ratings that can't be added later."""
    for statement in _M001:
        db.conn.execute(statement)


@migrations()
def m002_questions_ratings_sessions(db: Database) -> None:
    """Questions, rubrics, ratings, blind sessions, and how far the answers of runs were read."""
    for statement in _M002:
        db.conn.execute(statement)


def migrate(store: Store) -> None:
    """Bring the database up to date in one transaction, after a backup if it holds anything.

    The backup is made under the write lock: another molting that opens the same database meanwhile waits, and then
    finds nothing to do.
    """
    with store.write() as connection:
        before = connection.execute("pragma user_version").fetchone()[0]
        if before >= SCHEMA_VERSION:
            return
        if before:
            _back_up(store.path, store.path.with_name(f"{store.path.name}.before-{SCHEMA_VERSION}"))
        migrations.apply(Database(connection, execute_plugins=False))
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
        connection.execute(f"pragma application_id = {APPLICATION_ID}")


def _back_up(source: Path, target: Path) -> None:
    """Copy a database, as it was last committed, to a file that only its owner can read."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as read, closing(sqlite3.connect(part)) as copy:
        read.backup(copy)
    os.replace(part, target)
