"""Schema 3, pairs: rewrites and flags lie on a message by its place, search covers every message, and messages may
come from several turns.

The texts stay where they are: a place counts the system turn (if there is one), the messages before, the prompt and
the answer. What rules notice in the other messages isn't known yet: `flags-anew` says how far that is (none: done).
"""

from __future__ import annotations

import sqlite3

_PROMPT = "((t.system <> '') + json_array_length(t.context))"
"""The place of a pair's prompt; its answer stands at the next."""

# The order in which json_each gives messages is theirs; a group of them keeps it in SQLite.
_OTHERS = """case when t.system = '' and t.context = '[]' then '' else (
      select group_concat(coalesce(r.text, said.text), char(10)) from (
        select 0 as place, t.system as text where t.system <> ''
        union all
        select (t.system <> '') + j.key, json_extract(j.value, '$[1]') from json_each(t.context) j) said
      left join rewrite r on r.pair_id = t.id and r.place = said.place) end"""

# fmt: off
STATEMENTS = (
    "drop table pair_search",
    "drop view pair_current",
    # The current words of a message that was rewritten, and why (null: an event that is older than this table).
    "alter table rewrite rename to rewrite_of_sides",
    """create table rewrite (
        pair_id integer not null references pair (id),
        place integer not null,
        text text not null,
        cause text check (cause in ('style', 'mask', 'cut', 'repair')),
        primary key (pair_id, place)) without rowid""",
    f"""insert into rewrite (pair_id, place, text)
        select s.pair_id, {_PROMPT}, s.instruction from rewrite_of_sides s join pair_text t on t.id = s.pair_id
          where s.instruction is not null
        union all
        select s.pair_id, {_PROMPT} + 1, s.response from rewrite_of_sides s join pair_text t on t.id = s.pair_id
          where s.response is not null""",
    "drop table rewrite_of_sides",
    "alter table flag rename to flag_of_sides",
    """create table flag (
        pair_id integer not null references pair (id),
        family text not null,
        rule text not null,
        place integer not null,
        start integer not null,
        end integer not null)""",
    f"""insert into flag (pair_id, family, rule, place, start, end)
        select f.pair_id, f.family, f.rule, {_PROMPT} + (f.side = 'response'), f.start, f.end
        from flag_of_sides f join pair_text t on t.id = f.pair_id""",
    "drop table flag_of_sides",
    "create index flag_pair on flag (pair_id)",
    # A message without a row comes from the turn of its pair.
    """create table message_origin (
        pair_id integer not null references pair (id),
        place integer not null,
        turn_id integer not null references turn (id),
        line integer not null,
        primary key (pair_id, place)) without rowid""",
    "create index message_origin_turn on message_origin (turn_id)",
    # Of a reason that stands for many: 'agent-talk', 'private' …
    "alter table pair_note add column code text not null default ''",
    f"""create view pair_current as
        select t.id as id,
               coalesce((select r.text from rewrite r where r.pair_id = t.id and r.place = {_PROMPT}),
                        t.instruction) as instruction,
               coalesce((select r.text from rewrite r where r.pair_id = t.id and r.place = {_PROMPT} + 1),
                        t.response) as response,
               {_OTHERS} as others
        from pair_text t""",
    """create virtual table pair_search using fts5 (
        instruction, response, others, content='pair_current', content_rowid='id',
        tokenize="unicode61 remove_diacritics 2")""",
    "delete from meta where key = 'searchable'",
    """insert into meta (key, value)
        select 'flags-anew', json_object('reached', 0, 'rules', '', 'more', json_object(), 'fewer', json_object())
        where exists (select 1 from pair)""",
)
# fmt: on

_LATEST_REWRITE = """select e.label from event e join pair p on p.uid = e.subject
    where p.id = rewrite.pair_id and e.kind = 'rewrite'
      and not exists (select 1 from undone u where u.batch = e.batch) order by e.id desc limit 1"""


def carry_over(connection: sqlite3.Connection) -> None:
    """Say why each rewritten message was rewritten, as far as the label of its step tells."""
    connection.execute(
        f"""update rewrite set cause = case
              when ({_LATEST_REWRITE}) = 'mask secrets' then 'mask'
              when ({_LATEST_REWRITE}) = 'repair mojibake' then 'repair'
              when ({_LATEST_REWRITE}) like 'rewrite pair %' then 'style' end"""
    )
