"""Schema 1: what import read, pairs, events, answers. Never edited: databases of it exist."""

# fmt: off
STATEMENTS = (
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
# fmt: on
