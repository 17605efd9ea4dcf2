"""The filter language: one for the screen, `stats`, `pairs`, `decide` and `export`.

Words search the text; `field:value` and `field>number` narrow it; `-` before a term
turns it round; a comma means "or" within one term.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from molting_tui.errors import BadFilter
from molting_tui.records.filters import Filter, Term


class FieldHelp(NamedTuple):
    """One field of the language: its name, what it takes, what it means, an example."""

    name: str
    values: tuple[str, ...]
    meaning: str
    example: str


FIELDS = (
    FieldHelp("state", ("open", "keep", "drop"), "what was decided", "state:open"),
    FieldHelp(
        "is", ("starred", "rewritten", "skipped", "flagged", "commented", "draft"), "marks of a pair", "is:starred"
    ),
    FieldHelp("flag", (), "a family of rules, or one rule", "flag:agent-speech"),
    FieldHelp("tag", (), "your own tag", "tag:voice"),
    FieldHelp(
        "kind", ("extracted", "imported", "synthetic", "handwritten"), "how the pair came about", "kind:imported"
    ),
    FieldHelp("model", (), "part of the model's name", "model:opus"),
    FieldHelp("project", (), "part of the project's name", "project:crm"),
    FieldHelp("session", (), "the start of a session's id", "session:0a1b"),
    FieldHelp("lang", (), "language of the answer", "lang:pt"),
    FieldHelp("id", (), "numbers of pairs", "id:12,15"),
    FieldHelp("len", (), "characters of the answer", "len>200"),
    FieldHelp("prompt", (), "characters of the prompt", "prompt<2000"),
    FieldHelp("after", (), "on or after this day", "after:2026-02-01"),
    FieldHelp("before", (), "before this day", "before:2026-03-01"),
)
_BY_NAME = {field.name: field for field in FIELDS}
_NUMBERS = ("len", "prompt")
_DAYS = ("after", "before")
_TOKEN = re.compile(r'-?(?:[a-z]+(?:>=|<=|[:><=]))?"[^"]*"|\S+')
_FIELD = re.compile(r"(-?)([a-z]+)(>=|<=|[:><=])(.*)", re.DOTALL)


def parse(source: str) -> Filter:
    """The filter that `source` says. Raises BadFilter with the term that can't be read and what would be.

    Terms with no words in them (`-`, `""`: a filter that is still being typed) are passed over.
    """
    source = source.encode("utf-8", "replace").decode()  # what a terminal couldn't decode is in no text
    terms = (_term(token) for token in _TOKEN.findall(source))
    return Filter(tuple(term for term in terms if any(term.values)), " ".join(source.split()))


def _term(token: str) -> Term:
    match = _FIELD.fullmatch(token)
    if match is None or (match[2] not in _BY_NAME and match[3] != ":"):
        return _words(token)
    sign, name, op, rest = match.groups()
    if name not in _BY_NAME:
        if "/" in rest or not rest:
            return _words(token)  # an address or "note:" at the end of a sentence, not a field
        raise BadFilter(
            f"there is no field `{name}`.",
            where=token,
            fix=f"Fields: {', '.join(_BY_NAME)}. Quote it to search the words.",
        )
    values = tuple(value for value in rest.strip('"').split(",") if value)
    if not values:
        raise BadFilter(f"`{name}` needs a value.", where=token, fix=f"For example {_BY_NAME[name].example}.")
    return Term(name, _operator(name, op, token), _checked(name, values, token), bool(sign))


def _words(token: str) -> Term:
    negated = token.startswith("-") and len(token) > 1
    words = token[1:] if negated else token
    return Term("text", ":", (words.strip('"'),), negated)


def _operator(name: str, op: str, token: str) -> str:
    if name in _NUMBERS:
        if op == ":":
            raise BadFilter(f"`{name}` compares numbers.", where=token, fix=f"For example {_BY_NAME[name].example}.")
        return op
    if op not in (":", "="):
        raise BadFilter(f"`{name}` isn't a number.", where=token, fix=f"For example {_BY_NAME[name].example}.")
    return ":"


def _is_day(value: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", value):
        return False
    try:
        date.fromisoformat(f"{value}-01"[:10])
    except ValueError:
        return False
    return True


def _checked(name: str, values: tuple[str, ...], token: str) -> tuple[str, ...]:
    allowed = _BY_NAME[name].values
    fix = f"For example {_BY_NAME[name].example}."
    if allowed:
        wrong = [value for value in values if value not in allowed]
        if wrong:
            raise BadFilter(f"`{name}` can't be `{wrong[0]}`.", where=token, fix=f"It is one of {', '.join(allowed)}.")
    if (name in _NUMBERS or name == "id") and not all(
        value.isascii() and value.isdigit() and len(value) < 16 for value in values
    ):
        raise BadFilter(f"`{name}` needs whole numbers.", where=token, fix=fix)
    if name in _DAYS and not all(map(_is_day, values)):
        raise BadFilter(f"`{name}` needs a day as YYYY-MM-DD.", where=token, fix=fix)
    return values
