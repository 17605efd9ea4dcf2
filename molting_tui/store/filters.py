"""Filters as SQL conditions over the `pair` table (alias `p`), and the names that fields know.

`FIELDS` has each field of `records/filters.py` under its name.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from molting_tui.records.filters import TEXT, Filter, Term
from molting_tui.store import derivation, meta, orders
from molting_tui.store.connection import Store

Condition = tuple[str, list[object]]
ASKED_AGAIN = """p.state = 'open' and p.id in (
  with recursive earlier (pair_id, before_id) as (
    select pair_id, before_id from pair_before
    union select e.pair_id, b.before_id from earlier e join pair_before b on b.pair_id = e.before_id)
  select e.pair_id from earlier e join pair o on o.id = e.before_id where o.state <> 'open' or o.rewritten)"""
"""Of a pair `p`: the one before it was decided or rewritten, and it isn't decided (yet)."""

UNNAMED = "unknown"
"""Stands for a model or a project that isn't known, after `=`."""

NEW = " or ".join(
    f"coalesce({column} > {meta.number('import-latest', f'{kind}_before')}"
    f" and {column} <= {meta.number('import-latest', kind)}, 0)"
    for column, kind in (("p.id", "pair"), ("p.turn_id", "turn"))
)
"""Of a pair `p`: it came with the latest import that brought any, or its turn did."""

DECIDED = """e.kind in ('decide', 'rewrite') and case e.kind
    when 'decide' then json_extract(e.payload, '$.state') in ('keep', 'drop')
    else coalesce(json_extract(e.payload, '$.keep'), 1) end
  and not exists (select 1 from undone u where u.batch = e.batch)"""
"""Of an event `e`: somebody kept or dropped a pair by it, and hasn't taken that back."""
DAY_HERE = "date(e.time, 'localtime')"
"""The day of an event `e`, where this runs."""
ANSWERED = """(select b.turn_id from turn_origin b
    where b.file_id = o.file_id and (b.line, b.turn_id) < (o.line, o.turn_id)
    order by b.line desc, b.turn_id desc limit 1)"""
"""Of a turn's place `o`: the turn before it, whose answer its prompt follows."""

DISPUTED = f"""p.id in (select q.id from complaint c cross join turn_origin o on o.turn_id = c.turn_id
    cross join pair q on q.turn_id = {ANSWERED})"""
"""Of a pair `p`: the next prompt of its session complains."""

_IDS = msgspec.json.Decoder(list[int])


class FieldSql(NamedTuple):
    """How the database is asked about one field.

    `condition` is what a term of it says of a pair; it may look names up in the store. Of a field of names, `names`
    lists every name there is (some twice), and `known` asks whether there is one that `?1` means, given as `shape` has
    it (a LIKE pattern, or the name itself); where a part of a name will do for that, `whole` asks for the very name.
    """

    condition: Callable[[Store, Term], Condition]
    names: str = ""
    known: str = ""
    shape: str = ""
    whole: str = ""


def where(store: Store, chosen: Filter) -> Condition:
    """The SQL condition of a filter and its parameters; always limited to the current derivation."""
    parts, parameters = ["p.live = 1"], []
    for term in chosen.terms:
        sql, more = FIELDS[term.field].condition(store, term)
        parts.append(f"not ({sql})" if term.negated else f"({sql})")
        parameters += more
    return " and ".join(parts), parameters


def matching(store: Store, chosen: Filter) -> array[int]:
    """The ids of the pairs that a filter matches, in its order, else in list order."""
    make_searchable(store, chosen)
    sql, parameters = where(store, chosen)
    if chosen.order:
        return orders.in_order(store, sql, parameters, chosen.order)
    # One JSON text instead of a million rows: twice as fast.
    ids = f"select json_group_array(id) from (select p.id as id from pair p where {sql} order by p.id)"
    return array("q", _IDS.decode(store.value(ids, parameters)))


def make_searchable(store: Store, chosen: Filter) -> None:
    """See that a search for words finds every pair: an import that was stopped leaves some out of the index."""
    if any(term.field == TEXT for term in chosen.terms):
        derivation.extend_search(store)


def has_pairs(store: Store) -> bool:
    """Whether there is any pair, of whichever derivation."""
    return store.value("select 1 from pair limit 1") is not None


def knows(store: Store, field: str, name: str, *, whole: bool = False) -> bool:
    """Whether a field of names has this one, or (unless it is the `whole` name) one that it is a part or the start of,
    as the field takes it."""
    sql = FIELDS[field]
    if whole and sql.whole:
        return name == UNNAMED or bool(store.value(sql.whole, (name,)))
    return bool(store.value(sql.known, (_pattern(sql.shape, name),)))


def names(store: Store, field: str) -> set[str]:
    """Every name that a field of names has in the database; none for the other fields."""
    sql = FIELDS[field].names
    return {name for (name,) in store.rows(sql)} if sql else set()


def search_query(words: str) -> str:
    """Words as an FTS5 query: each is quoted, so none is an operator; the last may be the start of a word."""
    terms = words.replace('"', " ").replace("\x00", " ").split()
    if not terms:
        return '""'
    phrase = " ".join(terms)
    return f'"{phrase}" *'


def _searched(_: Store, term: Term) -> Condition:
    return "p.id in (select rowid from pair_search where pair_search match ?)", [search_query(term.values[0])]


def _numbered(_: Store, term: Term) -> Condition:
    return "p.id in (select value from json_each(?))", [json.dumps([int(value) for value in term.values])]


def _column(expression: str) -> FieldSql:
    return FieldSql(lambda _, term: (f"{expression} in ({_holes(term.values)})", list(term.values)))


def _any_of(conditions: dict[str, str]) -> FieldSql:
    return FieldSql(lambda _, term: (" or ".join(f"({conditions[value]})" for value in term.values), []))


def _number(column: str) -> FieldSql:
    def condition(_: Store, term: Term) -> Condition:
        return " or ".join(f"{column} {term.op} ?" for _ in term.values), [int(value) for value in term.values]

    return FieldSql(condition)


def _day(comparison: str) -> FieldSql:
    def condition(_: Store, term: Term) -> Condition:
        return " or ".join(f"p.time <> '' and p.time {comparison} ?" for _ in term.values), list(term.values)

    return FieldSql(condition)


def _decided(_: Store, term: Term) -> Condition:
    days = " or ".join(f"{DAY_HERE} like ? || '%'" for _ in term.values)
    return f"p.uid in (select e.subject from event e where {DECIDED} and ({days}))", list(term.values)


def _written(like: str, whole: str = "") -> FieldSql:
    """A field of what a person wrote: `like` asks the note (`n`) of a pair for a LIKE pattern, `whole` (after `=`) for
    the words themselves."""

    def condition(_: Store, term: Term) -> Condition:
        equals = term.op == "="
        of_any = " or ".join(whole if equals else like for _ in term.values)
        values = [value if equals else _pattern("%{}%", value) for value in term.values]
        return f"p.id in (select n.pair_id from pair_note n where {of_any})", list(values)

    return FieldSql(condition)


def _given(table: str, *, ever: str = "") -> FieldSql:
    """A field whose names are given to pairs by a table `(name, pair_id)`; `ever` asks whether `?1` once was."""

    def condition(_: Store, term: Term) -> Condition:
        return f"p.id in (select pair_id from {table} where name in ({_holes(term.values)}))", list(term.values)

    # From name to name by the key: a million rows of thirty names are thirty steps.
    steps = f"""with recursive step (name) as (select min(name) from {table} union all
                  select (select min(name) from {table} where name > step.name) from step where step.name is not null)
                select name from step where name is not null"""
    known = f"exists (select 1 from {table} where name = ?1)"
    return FieldSql(condition, names=steps, known=f"select {known} or {ever}" if ever else f"select {known}")


def _of(reference: str, table: str, column: str, shape: str) -> FieldSql:
    """A field whose names are in another table that the pair refers to, found by a part or by the start of them, after
    `=` by the whole name."""
    like = f"{column} like ? escape '\\'"

    def condition(store: Store, term: Term) -> Condition:
        whole = term.op == "="
        likes = " or ".join(f"{column} = ?" if whole else like for _ in term.values)
        patterns = [value if whole else _pattern(shape, value) for value in term.values]
        meant = [row_id for (row_id,) in store.rows(f"select id from {table} where {likes}", patterns)]
        # A byte an id: of a million pairs, `in (select id …)` is asked in five times the time that this takes. A pair
        # without a session (one made by hand) is in none, hence `is`: `not (null)` would hide it from `-project:x`.
        marks = bytearray(max(meant, default=0))
        for row_id in meant:
            marks[row_id - 1] = 1
        is_meant = f"substr(?, p.{reference}, 1) is x'01'"
        if whole and UNNAMED in term.values:
            named = f"select 1 from {table} where id = p.{reference} and {column} <> ''"
            is_meant = f"{is_meant} or not exists ({named})"
        return is_meant, [bytes(marks)]

    every = f"select {column} from {table} where {column} <> ''"
    known, whole = (f"select exists (select 1 from {table} where {test})" for test in (like, f"{column} = ?"))
    return FieldSql(condition, names=every, known=known, shape=shape, whole=whole)


def _pattern(shape: str, name: str) -> str:
    if not shape:
        return name
    return shape.format(name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"))


def _holes(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


_REASON = _written("n.reason || char(10) || n.code like ? escape '\\'", "? in (n.reason, n.code)")._replace(
    # One that nobody gives any more is known still: an undo takes reasons away.
    names="select distinct reason from pair_note where reason <> ''",
    known="""select exists (select 1 from pair_note where reason || char(10) || code like ?1 escape '\\')
      or exists (select 1 from event
        where kind = 'decide' and json_extract(payload, '$.reason') like ?1 escape '\\')""",
    shape="%{}%",
    whole="""select exists (select 1 from pair_note where ?1 in (reason, code))
      or exists (select 1 from event where kind = 'decide' and json_extract(payload, '$.reason') = ?1)""",
)
FIELDS = {
    TEXT: FieldSql(_searched),
    "state": _column("p.state"),
    "is": _any_of(
        {
            "starred": "p.starred = 1",
            "rewritten": "p.rewritten = 1",
            "skipped": "p.skipped = 1 and p.state = 'open'",
            "flagged": "p.flagged = 1",
            "disputed": DISPUTED,
            "reasoned": "p.id in (select pair_id from pair_note where reason <> '')",
            "commented": "p.id in (select pair_id from pair_note where comment <> '')",
            "draft": "p.id in (select pair_id from draft)",
            "new": NEW,
        }
    ),
    "flag": _given("pair_flag"),
    "tag": _given(
        "tag", ever="exists (select 1 from event where kind = 'tag' and json_extract(payload, '$.tag') = ?1)"
    ),
    "reason": _REASON,
    "comment": _written("n.comment like ? escape '\\'"),
    "kind": _column("p.kind"),
    "model": _of("model_id", "model", "name", "%{}%"),
    "project": _of("session_id", "session", "project", "%{}%"),
    "session": _of("session_id", "session", "key", "{}%"),
    "lang": _column("coalesce(p.language, '')"),
    "id": FieldSql(_numbered),
    "len": _number("p.response_length"),
    "prompt": _number("p.instruction_length"),
    "after": _day(">="),
    "before": _day("<"),
    "decided": FieldSql(_decided),
    "asked": _any_of({"again": ASKED_AGAIN}),
}
"""How each field is asked, by its name."""
