"""The filter language as data: its fields, and a filter once it is read.

`FIELDS` is the one place where a field is described. The parser, the errors, the help, the table of
`docs/filters.md`, the question in the workbench and the shell's completion are made from it; `store/filters.py` has the
SQL of each field under the same name, and a test sees that none is missing.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, get_args

from molting_tui.records.pairs import LANGUAGES, PairKind, State

TEXT = "text"
"""The field of plain words in a `Term`. Nobody types it."""


class Takes(Enum):
    """What the values of a field are."""

    CHOICE = "one of the field's `values`"
    NAME = "a name that the workspace knows"
    PART = "part of a name that the workspace knows; after `=` the whole name"
    START = "the start of a name that the workspace knows; after `=` the whole name"
    PAIR = "the number of a pair"
    NUMBER = "a whole number to compare with"
    DAY = "a day, or a month"
    WORDS = "part of a text that a person wrote"
    ORDER = "one of the field's `values`, turned round by a `-` before it"


NAMES = frozenset((Takes.NAME, Takes.PART, Takes.START))
"""What only the workspace can tell a mistake in."""


WHOLE = frozenset((Takes.PART, Takes.START))
"""Where `=` means the whole name."""


class FilterField(NamedTuple):
    """One field of the language: its name, what it takes, what it means, an example; other names it may be given.

    `values` are all it can be, where these are few.
    """

    name: str
    takes: Takes
    meaning: str
    example: str
    values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[str, ...]:
        """What may stand between name and value, the usual one first."""
        return (">", "<", ">=", "<=", "=") if self.takes is Takes.NUMBER else (":", "=")

    @property
    def explanation(self) -> str:
        """What it means, its values and its other names, as the help and docs/filters.md have it."""
        values = f": {', '.join(self.values)}" if self.values else ""
        also = f"; also `{'`, `'.join(self.aliases)}`" if self.aliases else ""
        return f"{self.meaning}{values}{also}"


FIELDS = (
    FilterField("state", Takes.CHOICE, "what was decided", "state:open", tuple(state.value for state in State)),
    FilterField(
        "is",
        Takes.CHOICE,
        "marks of a pair",
        "is:starred",
        ("starred", "rewritten", "skipped", "flagged", "disputed", "reasoned", "commented", "draft", "new"),
    ),
    FilterField("flag", Takes.NAME, "a family of rules, or one rule", "flag:agent-speech", aliases=("rule",)),
    FilterField("tag", Takes.NAME, "your own tag", "tag:voice"),
    FilterField("kind", Takes.CHOICE, "how the pair came about", "kind:imported", get_args(PairKind)),
    FilterField("reason", Takes.PART, "part of the reason of a decision, or its code; `=` the whole", "reason:wrong"),
    FilterField("comment", Takes.WORDS, "part of your comment", "comment:later"),
    FilterField("model", Takes.PART, "part of the model's name; `=` the whole of it, or `unknown`", "model:opus"),
    FilterField("project", Takes.PART, "part of the project's name; `=` the whole of it", "project:crm"),
    FilterField("session", Takes.START, "the start of a session's id; `=` the whole of it", "session:0a1b"),
    FilterField("lang", Takes.CHOICE, "language of the answer", "lang:pt", LANGUAGES, ("language",)),
    FilterField("id", Takes.PAIR, "numbers of pairs", "id:12,15"),
    FilterField("len", Takes.NUMBER, "characters of the answer", "len>200", aliases=("length",)),
    FilterField("prompt", Takes.NUMBER, "characters of the prompt", "prompt<2000"),
    FilterField("after", Takes.DAY, "on or after this day", "after:2026-02-01"),
    FilterField("before", Takes.DAY, "before this day", "before:2026-03-01"),
    FilterField("decided", Takes.DAY, "kept or dropped on this day", "decided:2026-03-01"),
    FilterField("asked", Takes.CHOICE, "decided or rewritten before its answer changed", "asked:again", ("again",)),
    FilterField(
        "sort",
        Takes.ORDER,
        "the order of the list, a `-` turns it round (what has none stands last)",
        "sort:-len",
        ("time", "len", "prompt", "model", "flags", "project", "lang"),
    ),
)


class Term(NamedTuple):
    """One term. `field` is the name of a filter field (`TEXT` for plain words), `op` one of `: = > < >= <=`.

    A term with several values holds when any of them does; `negated` turns it round.
    """

    field: str
    op: str
    values: tuple[str, ...]
    negated: bool = False


class Order(NamedTuple):
    """What a list is sorted by (a value of the field `sort`), and whether the largest comes first."""

    by: str
    down: bool = False


class Filter(NamedTuple):
    """All terms must hold. `source` is what the person typed.

    `order` is how the pairs are listed, pairs that are alike by what follows it, in the end by their numbers; without
    one they stand in list order, by their numbers. It changes nothing where only which pairs match matters.
    """

    terms: tuple[Term, ...] = ()
    source: str = ""
    order: tuple[Order, ...] = ()
