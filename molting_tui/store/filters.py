"""Filters as SQL conditions over the `pair` table (alias `p`)."""

from __future__ import annotations

from array import array

import msgspec

from molting_tui.records.filters import Filter, Term
from molting_tui.store import derivation
from molting_tui.store.connection import Store

Condition = tuple[str, list[object]]
_IDS = msgspec.json.Decoder(list[int])

_MARKS = {
    "starred": "p.starred = 1",
    "rewritten": "p.rewritten = 1",
    "skipped": "p.skipped = 1 and p.state = 'open'",
    "flagged": "p.flagged = 1",
    "commented": "p.id in (select pair_id from pair_note where comment <> '')",
    "draft": "p.id in (select pair_id from draft)",
}
_LENGTHS = {"len": "p.response_length", "prompt": "p.instruction_length"}


def where(chosen: Filter) -> Condition:
    """The SQL condition of a filter and its parameters; always limited to the current derivation."""
    parts, parameters = ["p.live = 1"], []
    for term in chosen.terms:
        sql, more = _condition(term)
        parts.append(f"not ({sql})" if term.negated else f"({sql})")
        parameters += more
    return " and ".join(parts), parameters


def matching(store: Store, chosen: Filter) -> array[int]:
    """The ids of the pairs that a filter matches, in list order."""
    make_searchable(store, chosen)
    sql, parameters = where(chosen)
    # One JSON text instead of a million rows: twice as fast.
    ids = f"select json_group_array(id) from (select p.id as id from pair p where {sql} order by p.id)"
    return array("q", _IDS.decode(store.value(ids, parameters)))


def make_searchable(store: Store, chosen: Filter) -> None:
    """See that a search for words finds every pair: an import that was stopped leaves some out of the index."""
    if any(term.field == "text" for term in chosen.terms):
        derivation.extend_search(store)


def search_query(words: str) -> str:
    """Words as an FTS5 query: each is quoted, so none is an operator; the last may be the start of a word."""
    terms = words.replace('"', " ").replace("\x00", " ").split()
    if not terms:
        return '""'
    phrase = " ".join(terms)
    return f'"{phrase}" *'


def _condition(term: Term) -> Condition:
    values: list[object] = list(term.values)
    holes = ", ".join("?" * len(values))
    field = term.field
    if field == "text":
        return "p.id in (select rowid from pair_search where pair_search match ?)", [search_query(term.values[0])]
    if field in ("state", "kind"):
        return f"p.{field} in ({holes})", values
    if field == "lang":
        return f"coalesce(p.language, '') in ({holes})", values
    if field == "is":
        return " or ".join(f"({_MARKS[value]})" for value in term.values), []
    if field in ("flag", "tag"):
        table = "pair_flag" if field == "flag" else "tag"
        return f"p.id in (select pair_id from {table} where name in ({holes}))", values
    if field == "id":
        return f"p.id in ({holes})", [int(value) for value in term.values]
    if field in _LENGTHS:
        return " or ".join(f"{_LENGTHS[field]} {term.op} ?" for _ in values), [int(value) for value in term.values]
    if field in ("after", "before"):
        return " or ".join(f"p.time <> '' and p.time {'>=' if field == 'after' else '<'} ?" for _ in values), values
    return _by_name(field, term.values)


def _by_name(field: str, values: tuple[str, ...]) -> Condition:
    table, column, reference = {
        "model": ("model", "name", "model_id"),
        "project": ("session", "project", "session_id"),
        "session": ("session", "key", "session_id"),
    }[field]
    shape = "{}%" if field == "session" else "%{}%"
    likes = " or ".join(f"{column} like ? escape '\\'" for _ in values)
    patterns: list[object] = [shape.format(_escaped(value)) for value in values]
    # A pair without a session (one made by hand) is in none: `not (null)` would hide it from `-project:x`.
    return f"coalesce(p.{reference}, 0) in (select id from {table} where {likes})", patterns


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
