"""Schema 5: a bank of questions with clusters and roles, flags on answers, sessions that can be compared, battles,
totals of old reports, and plans of verdicts."""

from __future__ import annotations

import json
import sqlite3

from molting_tui.store import guards

# fmt: off
STATEMENTS = (
    # Kinds of what people say: of a question of the bank (its uid), of an answer's flags, of a total that a report
    # states (a version's name), of a verdict that is planned (its uuid).
    "insert into event_kind values ('question', 'any'), ('flag', 'answer'), ('total', 'any'), ('plan', 'any')",
    # A wording that was asked: which fact it asks for, and whether it may be trained on. `uid` and `status` were never
    # written: they belong to the bank.
    "alter table question drop column uid",
    "alter table question drop column status",
    "alter table question add column role text not null default 'generalise'",
    # The bank, folded from the events of kind `question`: `digest` is of the wording as it is asked, `content` the
    # question whole, `reference` an answer that a person gave or kept, `source` where it is from (`pair:UID`,
    # `set:ID`, `fact:CLUSTER`, `gap:WORD`, empty: by hand).
    """create table bank_question (
        uid text primary key,
        id text not null collate nocase unique,
        cluster text not null,
        role text not null check (role in ('memory', 'generalise', 'control')),
        language text not null,
        status text not null check (status in ('proposed', 'open', 'dropped')),
        digest text not null,
        content text not null check (json_valid(content)),
        reference text not null default '',
        source text not null default '',
        event_id integer not null references event (id),
        time text not null) without rowid""",
    "create index bank_question_cluster on bank_question (cluster)",
    "create index bank_question_digest on bank_question (digest)",
    # Wall-clock seconds that drawing an answer took; null: not known. Answers of one batch share its seconds by their
    # tokens.
    "alter table answer add column seconds real",
    # What the machine noticed in an answer, by which version of the flags; a hint, never a score. `detail` is what
    # matched. Of a question's facts, `state` is what the words say.
    """create table answer_noticed (
        answer_id integer primary key references answer (id),
        made_by text not null)""",
    """create table answer_flag (
        answer_id integer not null references answer (id),
        flag text not null,
        detail text not null default '',
        primary key (answer_id, flag)) without rowid""",
    """create table answer_fact (
        answer_id integer not null references answer (id),
        fact text not null,
        state text not null check (state in ('said', 'denied', 'missing', 'contradicted')),
        detail text not null default '',
        primary key (answer_id, fact)) without rowid""",
    # What a person says of them, folded from the events of kind `flag`: of a flag `yes` or `no`, of a fact
    # (`fact:ID`) its state, of all that stand there (`*`) `confirmed`.
    """create table flag_said (
        answer text not null references answer (uuid),
        actor text not null,
        flag text not null,
        state text not null,
        event_id integer not null references event (id),
        time text not null,
        primary key (answer, actor, flag)) without rowid""",
    # Which pass a place's ratings belong to: a hidden repeat (`repeat_of` is the place of what it repeats) has one of
    # its own.
    "alter table score_item add column pass integer not null default 1",
    "alter table score_item add column repeat_of integer",
    """update score_item set pass = (select s.pass from blind_session s where s.id = session_id)""",
    "drop view score_place",
    """create view score_place as
        select session_id, place, skipped, answer_id, answer, pass, repeat_of, unrated,
               unrated and closed is null as open from (
          select i.session_id, i.place, i.skipped, a.id as answer_id, a.uuid as answer, i.pass, i.repeat_of, s.closed,
            (select count(*) from rating g where g.answer = a.uuid and g.rubric_digest = s.rubric_digest
               and g.rater = s.actor and g.pass = i.pass
               and case when g.level is null then exists (select 1 from json_each(r.content, '$.dimensions') d
                 where json_extract(d.value, '$[0]') = g.dimension and json_extract(d.value, '$[6]') <> '')
               else 1 end) < r.dimensions as unrated
          from score_item i join blind_session s on s.id = i.session_id join rubric r on r.digest = s.rubric_digest
            join answer a on a.id = i.answer_id)""",
    # In which blind session (its uuid) a rating was given; null: in none, or before it was noted.
    "alter table rating add column session text",
    # The places of a battle session: two answers to one question, and which stands on the left. A repeat shows those of
    # `repeat_of` (a place) with their sides swapped.
    """create table battle (
        session_id integer not null references blind_session (id),
        place integer not null,
        uuid text not null unique,
        left_id integer not null references answer (id),
        right_id integer not null references answer (id),
        repeat_of integer,
        skipped integer not null default 0,
        primary key (session_id, place)) without rowid""",
    # Votes, folded from the events of kind `vote`; `guess` is the side that the voter takes for the newer version.
    """create table vote (
        battle text primary key references battle (uuid),
        outcome text not null check (outcome in ('left', 'right', 'tie', 'both_bad')),
        guess text not null default '' check (guess in ('', 'left', 'right')),
        note text not null default '',
        event_id integer not null references event (id),
        time text not null) without rowid""",
    # Undo in battles looks for the voter's own last vote.
    "create index event_voted on event (actor, id) where kind = 'vote'",
    # What a battle's plan was drawn from. `blind_session.commitment` is the SHA-256 that was shown at the start; this
    # is what it is of, told once the battle has ended.
    """create table seal (
        session_id integer primary key references blind_session (id),
        secret text not null,
        mapping text not null check (json_valid(mapping)))""",
    # Totals out of reports whose sheets are gone, folded from the events of kind `total`: they are told, and never
    # compared as if they had been measured here.
    """create table reported_total (
        version text not null,
        rubric_id text not null,
        content text not null check (json_valid(content)),
        actor text not null,
        event_id integer not null references event (id),
        time text not null,
        primary key (version, rubric_id)) without rowid""",
    # Looks at a verdict that were planned before the first of them, folded from the events of kind `plan`.
    """create table verdict_plan (
        uuid text primary key,
        content text not null check (json_valid(content)),
        actor text not null,
        event_id integer not null references event (id),
        time text not null) without rowid""",
    # A dataset's pairs that are held out, or are questions of the bank, were trained on by nobody.
    "drop view lineage",
    """create view lineage as
        select a.id as answer_id, a.uuid as answer, a.contender as contender, a.contender_id, r.name as run,
               d.name as dataset, dp.place, dp.pair_uid as pair, nullif(dp.turn_key, '') as turn
        from answer a left join contender c on c.id = a.contender_id left join run r on r.id = c.run_id
          left join dataset d on d.id = r.dataset_id
          left join dataset_pair dp on dp.dataset_id = d.id and dp.part = 'train'""",
)
# fmt: on


def carry_over(connection: sqlite3.Connection) -> None:
    """Give the stored questions what their files say of them today: a cluster (the id, without a final language), and
    the role of a control to those that are tagged so."""
    for digest, content in connection.execute("select digest, content from question").fetchall():
        question = json.loads(content)
        cluster = str(question["id"]).removesuffix(f".{question['language']}")
        role = "control" if "control" in question["tags"] else "generalise"
        connection.execute(
            "update question set cluster = ?, role = ?, content = ? where digest = ?",
            (cluster, role, _with(question, cluster, role), digest),
        )
    for table in guards.SEALED:
        guards.guard(connection, table)


def _with(question: dict[str, object], cluster: str, role: str) -> str:
    return json.dumps(question | {"cluster": cluster, "role": role}, ensure_ascii=False, separators=(",", ":"))
