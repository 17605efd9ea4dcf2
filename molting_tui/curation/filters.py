"""Reading the filter language: one for the screen, `stats`, `pairs`, `decide`, `export` and `train`.

Words search the text; `field:value` and `field>number` narrow it; `-` before a term turns it round; a comma means "or"
within one term. A lower-case word with an operator and a value after it is a term: if there is no such field, it is a
mistake, since searching for `flagg:secret` would find nothing and read as "no secrets". What follows the operator tells
addresses and code (`http://x`, `std::vector`, `a == b`) from it; anything in quotation marks is words.

Which names a workspace knows is for `filter_names`, which every reader of a person's filter goes through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from molting_tui.errors import BadFilter
from molting_tui.records.filters import FIELDS, TEXT, WHOLE, Filter, FilterField, Order, Takes, Term

QUOTE_IT = "Quote it to search the words."
BY_NAME = {name: field for field in FIELDS for name in (field.name, *field.aliases)}
"""The fields by each of their names."""

SORT = "sort"
"""The field that says in which order the pairs stand."""

MOST = 200
"""Terms of a filter, and values of a term (but numbers of pairs): SQLite takes five times as many."""
LONGEST = 1000
"""Characters of a value."""

OPERATOR = ">=|<=|[:><=]"
_NAME = "[A-Za-z]+"
_TOKEN = re.compile(rf'-?{_NAME}="(?:[^"]|"")+"(?=\s|$)|-?(?:{_NAME}(?:{OPERATOR}))?"[^"]*"|\S+')
_FIELD = re.compile(rf"(-?)({_NAME})({OPERATOR})(.*)", re.DOTALL)
_SIGNS_BEFORE = re.compile(rf'([^\w\s"]+)({_NAME})(?:{OPERATOR})[^/]', re.DOTALL)
_LOOSE = re.compile(OPERATOR)
_STATE = re.compile("-?state:", re.IGNORECASE)
_CODE = (":", "=", ">", "<")
"""What a value doesn't begin with, but the rest of `::`, `==`, `=>` and `<<` does."""
_LIKENESS = 70
"""From 0 to 100: how like a name a word must be to be taken for a slip of it."""


def parse(source: str) -> Filter:
    """The filter that `source` says. Raises BadFilter with the term that can't be read and what would be.

    Terms with no words in them (`-`, `""`: a filter that is still being typed) are passed over.
    """
    source = source.encode("utf-8", "replace").decode()  # what a terminal couldn't decode is in no text
    tokens = _TOKEN.findall(source)
    if len(tokens) > MOST:
        raise BadFilter(f"a filter has at most {MOST} terms; this one has {len(tokens):,}.", fix="Say it in fewer.")
    _refuse_loose_operators(tokens)
    terms = [term for term in map(_term, tokens) if any(term.values)]
    order = tuple(
        Order(value.removeprefix("-"), value.startswith("-") != term.negated)
        for term in terms
        if term.field == SORT
        for value in term.values
    )
    return Filter(tuple(term for term in terms if term.field != SORT), " ".join(source.split()), order)


def with_order(source: str, order: Order | None) -> str:
    """The filter that `source` says, its pairs in another order (None: in list order)."""
    source = source.encode("utf-8", "replace").decode()
    tokens = [token for token in _TOKEN.findall(source) if not _is_order(token)]
    sign = "-" if order and order.down else ""
    return " ".join([*tokens, f"{SORT}:{sign}{order.by}"] if order else tokens)


def orders_of(source: str) -> tuple[Order, ...]:
    """In which order a filter lists its pairs, the first key first. Raises BadFilter."""
    return parse(source).order


def _is_order(token: str) -> bool:
    match = _FIELD.fullmatch(token)
    return match is not None and match[2].lower() == SORT


def in_state(source: str, state: str) -> str:
    """The filter that asks what `source` asks, but of pairs in this state: `state:keep flag:personal`."""
    others = [token for token in _TOKEN.findall(source) if not _STATE.match(token)]
    return " ".join([f"state:{state}", *others])


def nearest(word: str, names: Sequence[str], takes: Takes = Takes.NAME) -> str:
    """The name that `word` is most likely a slip of, or of which a part or the start is; empty if none is near."""
    from rapidfuzz import fuzz, process

    if takes is Takes.START:
        names = [name[: len(word)] for name in names]
    scorer = fuzz.partial_ratio if takes is Takes.PART else fuzz.ratio
    match = process.extractOne(word, names, scorer=scorer, processor=str.casefold, score_cutoff=_LIKENESS)
    return match[0] if match else ""


def did_you_mean(near: str) -> str:
    """`Did you mean state:open?`, or nothing where nothing is near."""
    return f"Did you mean {near}?" if near else ""


def _refuse_loose_operators(tokens: Sequence[str]) -> None:
    for name, rest in pairwise(tokens):
        field = BY_NAME.get(name.removeprefix("-"))
        if field is not None and _LOOSE.match(rest):
            raise BadFilter(
                f"`{field.name}` and its value stand together.",
                where=f"{name} {rest}",
                fix=f"For example {field.example}. {QUOTE_IT}",
            )


def _term(token: str) -> Term:
    """One term of a filter. What isn't a field's spelling is words to search; raises BadFilter for a mistaken field."""
    match = _FIELD.fullmatch(token)
    if match is None:
        _refuse_signs_before(token)
        return _words(token)
    sign, name, op, rest = match.groups()
    field = BY_NAME.get(name.lower())
    if field is None:
        if _is_words(name, rest):
            return _words(token)
        raise _no_field(name, token)
    values = _values(rest, whole=op == "=" and field.takes in WHOLE)
    if not values:
        raise BadFilter(f"`{name}` needs a value.", where=token, fix=f"For example {field.example}. {QUOTE_IT}")
    for mistake in _mistakes(field, op, values):
        raise BadFilter(mistake[0], where=token, fix=mistake[1])
    matters = field.takes is Takes.NUMBER or (field.takes in WHOLE and op == "=")
    return Term(field.name, op if matters else ":", values, bool(sign))


def _values(rest: str, *, whole: bool) -> tuple[str, ...]:
    """The values after an operator. A whole name in quotation marks is one, with its commas and doubled quotes."""
    quoted = len(rest) > 2 and rest[0] == rest[-1] == '"'
    if whole and quoted:
        return (rest[1:-1].replace('""', '"'),)
    return tuple(value for value in rest.strip('"').split(",") if value)


def whole_name(field: str, name: str) -> str:
    """The term for what has exactly this name: `project="crm api"`; a name of plain signs stands without marks."""
    plain = re.fullmatch(r"[\w./@+-]+", name)
    return f"{field}={name}" if plain else '{}="{}"'.format(field, name.replace('"', '""'))


def _is_words(name: str, rest: str) -> bool:
    """Whether what looks like an unknown field is an address, code, or `note:` at the end of a sentence."""
    return name != name.lower() or not rest or "/" in rest or "\\" in rest or rest.startswith(_CODE)


def _no_field(name: str, token: str) -> BadFilter:
    fields = ", ".join(field.name for field in FIELDS)
    return BadFilter(
        f"there is no field `{name}`.",
        where=token,
        fix=f"{did_you_mean(nearest(name, list(BY_NAME)))} Fields: {fields}. {QUOTE_IT}".lstrip(),
    )


def _refuse_signs_before(token: str) -> None:
    match = _SIGNS_BEFORE.match(token)
    if match is not None and match[2].lower() in BY_NAME:
        raise BadFilter(
            f"a term doesn't begin with `{match[1]}`.",
            where=token,
            fix=f"`-` turns a term round: -{BY_NAME[match[2].lower()].example}. {QUOTE_IT}",
        )


def _words(token: str) -> Term:
    negated = token.startswith("-") and len(token) > 1
    words = token[1:] if negated else token
    return Term(TEXT, ":", (words.strip('"'),), negated)


def _mistakes(field: FilterField, op: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a field's operator and values, and what would do."""
    fix = f"For example {field.example}."
    if len(values) > MOST and field.takes is not Takes.PAIR:
        yield f"`{field.name}` takes at most {MOST} values in one term.", "Say it in fewer."
    if any(len(value) > LONGEST for value in values):
        yield f"a value of `{field.name}` has at most {LONGEST:,} characters.", fix
    if op not in field.operators:
        kind = "compares numbers" if field.takes is Takes.NUMBER else "isn't a number"
        yield f"`{field.name}` {kind}.", fix
    for value in values:
        bare = value.removeprefix("-") if field.takes is Takes.ORDER else value
        if field.takes in (Takes.CHOICE, Takes.ORDER) and bare not in field.values:
            near = nearest(value, field.values)
            meant = did_you_mean(f"{field.name}:{near}" if near else "")
            yield f"`{field.name}` can't be `{value}`.", f"{meant} It is one of {', '.join(field.values)}.".lstrip()
        if field.takes in (Takes.NUMBER, Takes.PAIR) and not _is_number(value):
            yield f"`{field.name}` needs whole numbers.", fix
        if field.takes is Takes.DAY and not _is_day(value):
            yield f"`{field.name}` needs a day as YYYY-MM-DD.", fix


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 16


def _is_day(value: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", value):
        return False
    try:
        date.fromisoformat(f"{value}-01"[:10])
    except ValueError:
        return False
    return True
