"""A parsed filter: which pairs a person asked for."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """One term. `field` is a name of the filter language (`text` for plain words), `op` one of `: > < >= <=`.

    A term with several values holds when any of them does; `negated` turns it round.
    """

    field: str
    op: str
    values: tuple[str, ...]
    negated: bool = False


class Filter(NamedTuple):
    """All terms must hold. `source` is what the person typed."""

    terms: tuple[Term, ...] = ()
    source: str = ""


EVERYTHING = Filter()
