"""The names that a filter may say: what it asks for is checked against what the workspace knows.

A name that nothing has ever had is a mistake, in a negated term too: `-tag:tset` would leave nothing out. Known are the
rules in force and all that flag a pair, tags and reasons that are or ever were given (and the usual reasons), and the
models, projects and sessions that were imported. In a workspace without pairs any name will do: there is nothing yet
that could have it.
"""

from __future__ import annotations

import functools
from pathlib import Path

from molting_tui.curation import flagging
from molting_tui.curation.filters import BY_NAME, did_you_mean, nearest, parse
from molting_tui.errors import BadFilter
from molting_tui.records.filters import NAMES, TEXT, Filter, FilterField, Term
from molting_tui.records.pairs import REASON_CODES
from molting_tui.store import filters
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

_WAITING = frozenset(("flagged", "disputed"))
"""Marks that may be in the making."""
_LISTED = 5
"""Names that an error lists where none is near."""


def read_filter(workspace: Workspace, text: str) -> Filter:
    """The filter that a person typed. Raises BadFilter for what can't be read, and for a name that nothing has.

    Where a flag is unknown to the pairs, the rule files are asked; raises BadInput for one with a mistake in it. A
    filter that asks for flags or complaints waits until they are whole: a migration may have left them half made.
    """
    chosen = parse(text)
    if any(
        term.field == "flag" or (term.field == "is" and not _WAITING.isdisjoint(term.values)) for term in chosen.terms
    ):
        flagging.finish(workspace)
    named = [term for term in chosen.terms if term.field != TEXT and BY_NAME[term.field].takes in NAMES]
    if named and filters.has_pairs(workspace.store):
        for term in named:
            for value in term.values:
                if not _is_known(workspace, term, value):
                    raise _unknown(workspace, term, value)
    return chosen


def known_names(workspace: Workspace, field: str) -> list[str]:
    """All names that a field may be given here, sorted."""
    return sorted(filters.names(workspace.store, field) | _always_known(workspace, field))


def _is_known(workspace: Workspace, term: Term, name: str) -> bool:
    if filters.knows(workspace.store, term.field, name, whole=term.op == "="):
        return True
    always = _always_known(workspace, term.field)
    part = term.field == "reason" and term.op != "="
    return any(name.casefold() in known for known in always) if part else name in always


def _always_known(workspace: Workspace, field: str) -> frozenset[str]:
    """The names of a field that are known though no pair has them yet."""
    if field == "reason":
        return frozenset((*REASON_CODES, *REASON_CODES.values()))
    return _rule_names(workspace) if field == "flag" else frozenset()


def _rule_names(workspace: Workspace) -> frozenset[str]:
    return _names_in(tuple((path, path.stat().st_mtime_ns) for path in workspace.rule_files()))


@functools.lru_cache(maxsize=4)
def _names_in(files: tuple[tuple[Path, int], ...]) -> frozenset[str]:
    """The names in rule files as they are at these times: reading them takes 10 ms, and a filter is asked often."""
    from molting_tui.curation.rules import rule_names  # brings the engine, which most filters don't need

    return frozenset(rule_names([path for path, _ in files]))


def _unknown(workspace: Workspace, term: Term, value: str) -> BadFilter:
    names = known_names(workspace, term.field)
    field = BY_NAME[term.field]
    near = nearest(value, names, field.takes)
    fix = did_you_mean(f"{field.name}{term.op}{show_line(near, 60)}") if near else _known(field, names)
    return BadFilter(f"there is no {field.name} `{value}` here.", where=_written(term), fix=fix)


def _known(field: FilterField, names: list[str]) -> str:
    if not names:
        return f"No pair has a {field.name} yet."
    shown = ", ".join(show_line(name, 40) for name in names[:_LISTED])
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return f"Known: {shown}{more}."


def _written(term: Term) -> str:
    return f"{'-' if term.negated else ''}{term.field}{term.op}{','.join(term.values)}"
