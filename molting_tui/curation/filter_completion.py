"""What the filter that is being typed may become: for the shell's completion and the question in the workbench."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from molting_tui.curation.filters import BY_NAME, OPERATOR
from molting_tui.records.filters import FIELDS, NAMES, FilterField, Takes

MOST_OFFERED = 100
Names = Callable[[str], Sequence[str]]
"""All names that a field of names knows, by the field's name."""
_LAST_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)*$')
_BEGUN = re.compile(rf"(-?)([A-Za-z]*)(?:({OPERATOR})(.*))?", re.DOTALL)


class Offered(NamedTuple):
    """What the last word of a filter may become, and the field that it names (None while it names none)."""

    field: FilterField | None = None
    words: tuple[str, ...] = ()


def offered(text: str, names: Names) -> Offered:
    """What may stand in the last word's place: fields that begin so, and the values of one that are known.

    Where one field alone begins so, its values are offered at once. Plain words are offered nothing.
    """
    begun = _BEGUN.fullmatch(last_word(text))
    if begun is None:
        return Offered()
    sign, name, op, rest = begun.groups()
    if op:
        field = BY_NAME.get(name.lower())
        if field is None or op not in field.operators:
            return Offered(field)
        return Offered(field, _some(_values(field, f"{sign}{name}{op}", rest, names)))
    fields = [field for field in FIELDS if field.name.startswith(name)]
    if len(fields) == 1 and name:
        field = fields[0]
        return Offered(field, _some(_values(field, f"{sign}{field.name}:", "", names)) or _bare(field, sign))
    return Offered(None, tuple(word for field in fields for word in _bare(field, sign)))


def last_word(text: str) -> str:
    """The term at the end of a filter that is being typed; empty after a space."""
    match = _LAST_WORD.search(text)
    return match[0] if match else ""


def completed(text: str, words: Sequence[str]) -> str:
    """The text with as much of its last word written as all that is offered for it have in common."""
    word = last_word(text)
    first, last = min(words, default=""), max(words, default="")
    common = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    return text.removesuffix(word) + common if len(common) > len(word) else text


def _bare(field: FilterField, sign: str) -> tuple[str, ...]:
    operators = field.operators[:2] if field.takes is Takes.NUMBER else field.operators[:1]
    return tuple(f"{sign}{field.name}{operator}" for operator in operators)


def _values(field: FilterField, before: str, rest: str, names: Names) -> Iterable[str]:
    """The term with each value that the one begun at its end may become; values before a comma stay."""
    values: Sequence[str] = names(field.name) if field.takes in NAMES else field.values
    if field.takes is Takes.ORDER:
        values = (*values, *(f"-{value}" for value in values))
    given, comma, begun = rest.rpartition(",")
    begun = begun.lstrip('"').casefold()
    for value in values:
        known = begun in value.casefold() if field.takes is Takes.PART else value.casefold().startswith(begun)
        if known and value not in given.split(",") and value.isprintable() and not set(value) & set(',"'):
            if " " not in value:
                yield f"{before}{given}{comma}{value}"
            elif not comma:
                yield f'{before}"{value}"'


def _some(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(words, MOST_OFFERED))
