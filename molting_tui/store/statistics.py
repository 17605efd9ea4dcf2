"""Counting: pairs by what is known of them, lengths, hits of rules, and turns that gave no pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from molting_tui.records.filters import Filter
from molting_tui.records.imports import Project
from molting_tui.records.turns import Turn
from molting_tui.store import filters, meta, turns
from molting_tui.store.connection import Row, Store

_NUMBERS = msgspec.json.Decoder(list[int])


class RuleCount(NamedTuple):
    """How often a rule noticed something: in how many pairs, and how many places in all."""

    family: str
    rule: str
    pairs: int
    hits: int


class Overview(NamedTuple):
    """How many pairs a filter matches, by state and mark, and how many logs the extracted ones come from."""

    pairs: int
    open: int
    keep: int
    drop: int
    rewritten: int
    flagged: int
    starred: int
    skipped: int
    disputed: int
    sessions: int


class SessionPairs(NamedTuple):
    """How many pairs one session (its key, and its project) has given."""

    session: str
    project: str
    pairs: int


def overview(store: Store, chosen: Filter) -> Overview:
    """The counts of the pairs that a filter matches."""
    condition, parameters = filters.where(store, chosen)
    row = store.row(
        f"""select count(*), coalesce(sum(p.state = 'open'), 0), coalesce(sum(p.state = 'keep'), 0),
                   coalesce(sum(p.state = 'drop'), 0), coalesce(sum(p.rewritten), 0), coalesce(sum(p.flagged), 0),
                   coalesce(sum(p.starred), 0), coalesce(sum(p.skipped = 1 and p.state = 'open'), 0),
                   coalesce(sum({filters.DISPUTED}), 0),
                   count(distinct iif(p.kind = 'extracted', p.session_id, null))
            from pair p where {condition}""",
        parameters,
    )
    return Overview(*row) if row else Overview(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def lengths(store: Store, chosen: Filter) -> tuple[Counter[int], Counter[int]]:
    """How many pairs have a prompt of each length in characters, and an answer of each."""
    condition, parameters = filters.where(store, chosen)
    # One JSON text a side instead of a row a pair: SQLite would sort a million lengths to group them.
    sides = store.rows(
        f"""select json_group_array(p.instruction_length), json_group_array(p.response_length) from pair p
            where {condition}""",
        parameters,
    )[0]
    prompts, answers = (Counter(_NUMBERS.decode(side)) for side in sides)
    return prompts, answers


def by_model(store: Store, chosen: Filter) -> dict[str, int]:
    """Pairs by the model that answered, most first; an empty name where the log had none."""
    return _grouped(store, chosen, "coalesce(m.name, '')", "left join model m on m.id = p.model_id")


def by_project(store: Store, chosen: Filter) -> dict[str, int]:
    """Pairs by project, most first."""
    return _grouped(store, chosen, "coalesce(s.project, '')", "left join session s on s.id = p.session_id")


def projects(store: Store, chosen: Filter) -> list[Project]:
    """The projects of the pairs that a filter matches, those with the most open pairs first."""
    condition, parameters = filters.where(store, chosen)
    # By the number of the session first: a name is looked up once a session, not once a pair.
    rows = store.rows(
        f"""select coalesce(s.project, ''), sum(g.pairs), sum(g.open), sum(g.keep), sum(g.pairs - g.open - g.keep),
                   sum(g.flagged), sum(g.new), max(g.newest)
            from (select p.session_id, count(*) as pairs, sum(p.state = 'open') as open, sum(p.state = 'keep') as keep,
                         sum(p.flagged) as flagged, sum({filters.NEW}) as new, max(p.time) as newest
                  from pair p where {condition} group by 1) g left join session s on s.id = g.session_id
            group by 1 order by 3 desc, 2 desc, 1""",
        parameters,
    )
    return [Project(*row) for row in rows]


def by_kind(store: Store, chosen: Filter) -> dict[str, int]:
    """Pairs by how they came about, most first."""
    return _grouped(store, chosen, "p.kind", "")


def by_tag(store: Store, chosen: Filter) -> dict[str, int]:
    """Pairs by tag, most first; one with two tags counts for both."""
    return _grouped(store, chosen, "t.name", "join tag t on t.pair_id = p.id")


def by_session(store: Store, chosen: Filter) -> list[SessionPairs]:
    """The sessions by their pairs, most first."""
    condition, parameters = filters.where(store, chosen)
    rows = store.rows(
        f"""select s.key, s.project, g.pairs from (
              select p.session_id, count(*) as pairs from pair p
              where {condition} and p.session_id is not null group by 1) g
            join session s on s.id = g.session_id order by 3 desc, 1, 2""",
        parameters,
    )
    return [SessionPairs(*row) for row in rows]


def by_day_decided(store: Store, chosen: Filter) -> dict[str, int]:
    """Pairs by the day (YYYY-MM-DD, here) of a decision on them that stands in the history, the latest day first; one
    that was decided again on another day counts for both."""
    condition, parameters = filters.where(store, chosen)
    rows = store.rows(
        f"""select {filters.DAY_HERE} as day, count(distinct p.id) from event e join pair p on p.uid = e.subject
            where {filters.DECIDED} and {condition} group by 1 order by 1 desc""",
        parameters,
    )
    return dict(rows)


def by_language(store: Store, chosen: Filter) -> dict[str, int]:
    """Pairs by the language of their answer, most first; an empty name where there are no words to judge."""
    return _grouped(store, chosen, "coalesce(p.language, '')", "")


def rule_counts(store: Store, chosen: Filter) -> list[RuleCount]:
    """What each rule noticed in the pairs that a filter matches, by family, most pairs first."""
    condition, parameters = filters.where(store, chosen)
    rows = store.rows(
        f"""select f.family, f.rule, count(distinct f.pair_id), count(*) from flag f join pair p on p.id = f.pair_id
            where {condition} group by f.family, f.rule order by f.family, 3 desc, f.rule""",
        parameters,
    )
    return [RuleCount(*row) for row in rows]


def complaint_counts(store: Store, chosen: Filter) -> list[RuleCount]:
    """After how many of the pairs that a filter matches each rule noticed a complaint, and in how many prompts."""
    condition, parameters = filters.where(store, chosen)
    rows = store.rows(
        f"""select c.rule, count(distinct p.id), count(distinct c.turn_id)
            from complaint c cross join turn_origin o on o.turn_id = c.turn_id
              cross join pair p on p.turn_id = {filters.ANSWERED}
            where {condition} group by c.rule order by 2 desc, c.rule""",
        parameters,
    )
    return [RuleCount("complaint", *row) for row in rows]


def family_counts(store: Store, chosen: Filter) -> dict[str, int]:
    """In how many pairs each family of rules noticed something."""
    condition, parameters = filters.where(store, chosen)
    rows = store.rows(
        f"""select f.family, count(distinct f.pair_id) from flag f join pair p on p.id = f.pair_id
            where {condition} group by f.family order by f.family""",
        parameters,
    )
    return dict(rows)


def turns_without_pair(store: Store, chunk: int = 500) -> Iterator[Turn]:
    """The turns that give no pair in the current derivation, in the order they were read."""
    condition = "not exists (select 1 from pair_origin o where o.turn_id = t.id and o.derivation = ?)"
    yield from _turns(store, condition, (meta.derivation(store),), chunk)


def session_turns(store: Store, chunk: int = 500) -> Iterator[Turn]:
    """The turns that come from assistant logs, in the order they were read."""
    yield from _turns(store, "t.source <> 'chat'", (), chunk)


def session_turn_count(store: Store) -> int:
    """How many turns come from assistant logs."""
    return int(store.value("select count(*) from turn where source <> 'chat'"))


def repeated_turns(store: Store) -> tuple[int, str]:
    """How many places hold a turn that is stored from another place already, and one of them (`file:line prompt`)."""
    count = int(store.value("select (select count(*) from turn_origin) - (select count(*) from turn)"))
    return (count, _repeated_turn(store)) if count > 0 else (0, "")


def repeated_texts(store: Store) -> tuple[int, str]:
    """How many turns give a pair that another turn gives too, and one of them."""
    current = meta.derivation(store)
    count = int(
        store.value("select count(*) - count(distinct pair_id) from pair_origin where derivation = ?", (current,))
    )
    if count <= 0:
        return 0, ""
    row = store.row(
        """select s.key, t.line, substr(t.human, 1, 80) from pair_origin o join turn t on t.id = o.turn_id
           join session s on s.id = t.session_id
           where o.derivation = ? and o.turn_id > (select min(a.turn_id) from pair_origin a
             where a.derivation = o.derivation and a.pair_id = o.pair_id) limit 1""",
        (current,),
    )
    return count, _place(row)


def _repeated_turn(store: Store) -> str:
    row = store.row(
        """select f.path, o.line, substr(t.human, 1, 80) from turn_origin o join turn t on t.id = o.turn_id
           join source_file f on f.id = o.file_id where (o.file_id, o.line) <> (t.file_id, t.line) limit 1"""
    )
    return _place(row)


def _place(row: Row | None) -> str:
    return f"{row[0]}:{row[1]} {row[2]}" if row else ""


def _grouped(store: Store, chosen: Filter, name: str, join: str) -> dict[str, int]:
    condition, parameters = filters.where(store, chosen)
    rows = store.rows(
        f"select {name}, count(*) from pair p {join} where {condition} group by 1 order by 2 desc, 1",
        parameters,
    )
    return dict(rows)


def _turns(store: Store, condition: str, parameters: Sequence[object], chunk: int) -> Iterator[Turn]:
    for part in turns.all_turns(store, chunk, condition=condition, parameters=parameters):
        for _, _, turn in part:
            yield turn
