"""Rules: what is worth noticing in a pair, as data (`rubrics/curation/*.yaml`), and the engine that finds it.

A rule flags; it never decides. All rules of a side are searched in one pass (`re2.Set` tells which
of them match), and only for those are the places looked up. RE2 takes time linear in the text, so no
rule can run away.

A rule file (`format: rules/1`):

    id           the family its flags carry (agent-speech, secret …)
    where        response (what the assistant says), instruction (what the user says), both (every message, the
                 system turn, calls of tools and their results too), or next (the first words of the prompt after the
                 answer: `complaints.py`); a rule may differ
    at           anywhere (default), or sentence: only at the start of a line or a sentence
    parts        named fragments; `(?&name)` in a pattern stands for one of them
    unless       a pattern; what a rule found is let go where this is found in it
    rules        id, pattern (RE2), example, counter_example; optional language, source, hint, unless, check, where

A `hint` is a pattern that matches wherever its rule does, and costs less: the one pass looks for it instead, and for
the rule only where it is. Rules that may begin with anything want one, for they make the one automaton large.

Secrets and personal data are looked for behind encodings too (`decoding.py`): escapes, base64, line numbers.

Where a pattern has a group named `hit` or `secret`, that part alone is flagged (and checked, and
masked); where the pattern matches without it, nothing is. In examples `{Ab0*8}` stands for `Ab0` eight
times over, so that a file of rules about secrets holds nothing that looks like one.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

import re2

from molting_tui.curation.decoding import BASE64, DEPTH, ENCODED, Decoded, from_base64, unescaped
from molting_tui.curation.mojibake import SUSPECT, mojibake
from molting_tui.curation.secrets import CHECKS, LOOKS, Hit, mask_spans, masked
from molting_tui.records.pairs import Flag
from molting_tui.records.turns import Message
from molting_tui.yamlfile import Located, Source, parse_yaml, read_source, read_yaml

Where = Literal["response", "instruction", "both", "next"]
FORMAT = "rules/1"
MOJIBAKE = "mojibake"
SENSITIVE = ("secret", "personal")
"""The families that `RuleSet.mask` takes out by default."""

# A line's own start, past list signs and emphasis; or the end of a sentence, a colon or a dash, and white space.
# Quotation marks aren't in it: who quotes a phrase doesn't say it.
_LINE_START = r"(?m:^)[\s*_#\-•–—\d.)\p{So}\x{FE0F}]*"
_SENTENCE_START = r"[.!?:;…)\p{So}\x{FE0F}][)*_\]\x{FE0F}]*\s+[*_]*|\s[–—-]\s+"
_PART_GROUPS = ("secret", "hit")
_PART = re.compile(r"\(\?&([a-z][a-z0-9_-]*)\)")
_REPEAT = re.compile(r"\{([^{}*]+|\*)\*(\d{1,3})\}")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FILE_FIELDS = ("format", "id", "version", "title", "about", "where", "rules")
_FILE_OPTIONS = ("at", "parts", "unless")
_RULE_FIELDS = ("id", "pattern", "example", "counter_example")
_RULE_OPTIONS = ("language", "source", "hint", "unless", "check", "where")
# The default of 8 MiB would make the set of all rules forget and rebuild its states over and over.
_SET_MEMORY = 256 << 20
_MOJIBAKE, _ESCAPES = range(2)
"""Their indices in the automaton, counted from behind the rules; base64 comes next."""
_LOOKING = "behind encodings"
"""What the engine does beside the patterns: it changes the digest where it changes what is noticed."""

Wanted = Callable[[str, Where], bool]
"""Whether a rule of this family that looks there is wanted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its file says it.

    `pattern` is whole: parts filled in, the sentence start in front where the file asks for it.
    `unless` joins the file's and the rule's own; it and `hint` are empty where there is none.
    """

    family: str
    id: str
    language: str
    source: str
    where: Where
    pattern: str
    unless: str
    check: str
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    hint: str = ""


def _of_both(_family: str, where: Where) -> bool:
    return where == "both"


_WANTED: dict[str, Wanted] = {
    "user": lambda _, where: where != "response",
    "assistant": lambda _, where: where != "instruction",
}
"""Which rules look at what a role says; at what others say those for both."""


class _Finder(NamedTuple):
    """A rule made ready: the regular expression, the group to flag (0 for all), and what may let a find go."""

    rule: Rule
    regexp: Any
    group: int
    unless: Any
    check: Callable[[str], bool] | None

    def spans(self, encoded: bytes) -> Iterator[tuple[int, int]]:
        """Byte offsets of every place this rule flags, in order; they don't overlap."""
        for match in self.regexp.finditer(encoded):
            start, end = match.span(self.group)
            if start < end and self._stands(encoded[start:end]):
                yield start, end

    def _stands(self, hit: bytes) -> bool:
        if self.unless is not None and self.unless.search(hit):
            return False
        return self.check is None or self.check(hit.decode("utf-8", "replace"))


class _Index(NamedTuple):
    """All rules in one automaton, and the finders that its indices stand for; behind those come mojibake, escapes and
    base64."""

    automaton: Any
    finders: tuple[_Finder, ...]

    def flags(self, text: str, place: int, wanted: Wanted, depth: int = 0) -> Iterator[Flag]:
        """Every place that a wanted rule matches, in characters; secrets and the like behind encodings too.

        Where the text and what it encodes are both noticed, places of one rule may overlap.
        """
        encoded = _encoded(text)
        for index in self.automaton.Match(encoded) or ():
            kind = index - len(self.finders)
            if kind < 0:
                finder = self.finders[index]
                rule = finder.rule
                if wanted(rule.family, rule.where):
                    for start, end in _kept(finder, text, encoded):
                        yield Flag(rule.family, rule.id, place, start, end)
            elif kind != _MOJIBAKE:
                if depth < DEPTH:
                    views = unescaped(text) if kind == _ESCAPES else from_base64(text)
                    yield from self._behind(text, views, place, wanted, depth + 1)
            elif not depth and wanted(MOJIBAKE, "both"):
                yield from (Flag(MOJIBAKE, MOJIBAKE, place, start, end) for start, end in mojibake(text))

    def _behind(self, text: str, views: Iterable[Decoded], place: int, wanted: Wanted, depth: int) -> Iterator[Flag]:
        """What stands in decoded views of the text, by its place in it; nothing that touches a mask."""
        touches = _toucher(text)
        for view in views:
            for flag in self.flags(view.text, place, wanted, depth):
                if flag.family in SENSITIVE:
                    start, end = view.origin(flag.start, flag.end)
                    if touches is None or not touches(start, end):
                        yield flag._replace(start=start, end=end)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules ready to search with. Same rules in another order, or with other examples: same digest.

    `digest` (hex) covers what measures: the way of looking, and family, id, pattern, unless, check and where of each
    rule that flags messages; `next_digest` is that of the rules on the next prompt.
    """

    rules: tuple[Rule, ...]
    digest: str
    next_digest: str
    _index: _Index = field(repr=False, compare=False)
    _next_index: _Index = field(repr=False, compare=False)
    _by_looks: frozenset[str] = field(repr=False, compare=False)

    def flags(self, messages: Iterable[Message]) -> tuple[Flag, ...]:
        """What the rules notice in a pair's messages, and mojibake in any of them; in the order of the text.

        Offsets count characters. Flags of one rule never overlap; flags of two rules may.
        """
        flags: list[Flag] = []
        for place, message in enumerate(messages):
            flags += self._index.flags(message.text, place, _WANTED.get(message.role, _of_both))
        return _whole(flags, self._by_looks)

    def first_of_next(self, text: str) -> Flag | None:
        """The first thing that a rule on the next prompt notices in a text; at one place, what the first rule does."""
        found = self._next_index.flags(text, 0, lambda _, where: where == "next")
        return min(found, key=lambda flag: flag.start, default=None)

    def sensitive(self, text: str, families: Sequence[str] = SENSITIVE) -> tuple[Flag, ...]:
        """What rules of these families notice in a text, whoever says it; in its order, at place 0."""
        flags = list(self._index.flags(text, 0, lambda family, _: family in families))
        return _whole(flags, self._by_looks)

    def mask(self, text: str, families: Sequence[str] = SENSITIVE) -> tuple[str, int]:
        """The text with `[REDACTED:rule-id]` for each find of those families, and how many were put in.

        The result holds no find of them any more: taking one out may lay the next one bare, so
        it goes on until nothing is found. Masking a masked text changes nothing.
        """
        count = 0
        while flags := self.sensitive(text, families):
            text, put = masked(text, (Hit(flag.start, flag.end, flag.rule) for flag in flags))
            count += put
        return text, count


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """The rules of these files, ready to search with, in the order of the files.

    Raises BadInput with file and line for anything wrong in a file: a field missing or unknown, an id
    used twice (in any of the files), a pattern that RE2 refuses or that matches nothing at all, an
    example its rule doesn't match, a counter-example it does. A file is taken whole or not at all.
    """
    return _rules_of(tuple(read_source(path) for path in paths))


# Compiling takes 50 ms, and a workbench asks for its rules again and again. One set, for a set remembers much.
@lru_cache(maxsize=1)
def _rules_of(sources: tuple[Source, ...]) -> RuleSet:
    places: dict[str, str] = {MOJIBAKE: "molting itself"}
    finders = tuple(finder for source in sources for finder in _file_finders(parse_yaml(*source), places))
    flagging = tuple(finder for finder in finders if finder.rule.where != "next")
    on_next = tuple(finder for finder in finders if finder.rule.where == "next")
    return RuleSet(
        rules=tuple(finder.rule for finder in finders),
        digest=_digest(finder.rule for finder in flagging),
        next_digest=_digest(finder.rule for finder in on_next),
        _index=_index(flagging),
        _next_index=_index(on_next),
        _by_looks=frozenset(finder.rule.id for finder in finders if finder.rule.check in LOOKS),
    )


def rule_names(paths: Sequence[Path]) -> set[str]:
    """The families and rules that flag pairs by these files, and mojibake. Nothing is compiled: it takes a tenth of the
    time.

    Raises BadInput with file and line for a field that is missing or unknown; what else is wrong, `load_rules` finds.
    """
    names = {MOJIBAKE}
    for path in paths:
        fields = read_yaml(path).fields(_FILE_FIELDS, _FILE_OPTIONS)
        rules = (entry.fields(_RULE_FIELDS, _RULE_OPTIONS) for entry in fields["rules"].items())
        flagging = [rule["id"] for rule in rules if rule.get("where", fields["where"]).text() != "next"]
        names |= {name.text() for name in (fields["id"], *flagging) if flagging}
    return names


def _file_finders(root: Located, places: dict[str, str]) -> Iterator[_Finder]:
    fields = root.fields(_FILE_FIELDS, _FILE_OPTIONS)
    fields["format"].one_of(FORMAT)
    _identifier(fields["id"])
    for name in ("version", "title", "about"):
        fields[name].text()
    parts = _parts(fields.get("parts"))
    for entry in fields["rules"].items():
        finder = _finder(entry, fields, parts)
        _first_of_its_name(entry, finder.rule.id, places)
        _prove(finder, entry)
        yield finder


def _finder(entry: Located, file: dict[str, Located], parts: dict[str, str]) -> _Finder:
    """A rule of a file, compiled and ready to search, but not tried on its examples yet. Raises BadInput."""
    given = entry.fields(_RULE_FIELDS, _RULE_OPTIONS)
    name = _identifier(given["id"])
    where = given.get("where", file["where"]).one_of(*get_args(Where))
    check = given["check"].one_of(*CHECKS) if "check" in given else ""
    body = _filled(given["pattern"], parts)
    _compiled(body, given["pattern"], f"rule `{name}`")
    at = file["at"].one_of("anywhere", "sentence") if "at" in file else "anywhere"
    excuses = [(field, _filled(field, parts)) for field in (file.get("unless"), given.get("unless")) if field]
    for place, excuse in excuses:
        _compiled(excuse, place, f"`unless` of rule `{name}`")
    rule = Rule(
        family=file["id"].text(),
        id=name,
        language=given["language"].text() if "language" in given else "any",
        source=given["source"].one_of("seeds", "ours") if "source" in given else "ours",
        where=cast(Where, where),
        pattern=f"(?:{_LINE_START}|{_SENTENCE_START})(?P<hit>{body})" if at == "sentence" else body,
        unless="|".join(f"(?:{excuse})" for _, excuse in excuses),
        check=check,
        examples=tuple(map(_spelled, given["example"].texts())),
        counter_examples=tuple(map(_spelled, given["counter_example"].texts())),
        hint=_hint(given.get("hint"), parts, name),
    )
    return _ready(rule, given["pattern"])


def _hint(given: Located | None, parts: dict[str, str], rule: str) -> str:
    if given is None:
        return ""
    hint = _filled(given, parts)
    _compiled(hint, given, f"`hint` of rule `{rule}`")
    return hint


def _ready(rule: Rule, place: Located) -> _Finder:
    regexp = _compiled(rule.pattern, place, f"rule `{rule.id}`")
    groups = [regexp.groupindex[group] for group in _PART_GROUPS if group in regexp.groupindex]
    unless = re2.compile(rule.unless, _options()) if rule.unless else None
    return _Finder(rule, regexp, groups[0] if groups else 0, unless, CHECKS.get(rule.check))


def _compiled(pattern: str, place: Located, whose: str) -> Any:
    try:
        return re2.compile(pattern, _options())
    except re2.error as error:
        reason = error.args[0] if error.args else error
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        raise place.wrong(
            f"{whose} doesn't compile: {reason}.",
            "Patterns are RE2's: no look-around, no back-references.",
        ) from None


def _prove(finder: _Finder, entry: Located) -> None:
    """Hold the rule to its own examples: each must be found, no counter-example may be."""
    given, name = entry.mapping(), finder.rule.id
    if next(finder.regexp.finditer(b""), None):
        raise given["pattern"].wrong(f"rule `{name}` matches an empty text.", "Make part of its pattern required.")
    for example in finder.rule.examples:
        if not any(finder.spans(_encoded(example))):
            raise given["example"].wrong(f"rule `{name}` doesn't match its example.", "Change one of the two.")
        if finder.rule.hint and not re2.search(finder.rule.hint, _encoded(example), _options()):
            raise given["hint"].wrong(f"the hint of rule `{name}` isn't in its example.", "Make it wider.")
    for counter in finder.rule.counter_examples:
        if any(finder.spans(_encoded(counter))):
            raise given["counter_example"].wrong(
                f"rule `{name}` matches its counter-example `{counter[:60]}`.", "Make the pattern narrower."
            )


def _index(finders: tuple[_Finder, ...]) -> _Index:
    automaton = re2.Set.SearchSet(_options(_SET_MEMORY))
    for pattern in (*(finder.rule.hint or finder.rule.pattern for finder in finders), SUSPECT, ENCODED, BASE64):
        automaton.Add(pattern)
    automaton.Compile()
    return _Index(automaton, finders)


def _options(memory: int = 0) -> Any:
    options = re2.Options()
    options.log_errors = False  # RE2 would write to stderr, over the screen
    if memory:
        options.max_mem = memory
    return options


def _kept(finder: _Finder, text: str, encoded: bytes) -> Iterator[tuple[int, int]]:
    """The finder's places as character offsets, without those that touch a mask."""
    spans = finder.spans(encoded)
    places = spans if len(encoded) == len(text) else _characters(encoded, spans)
    touches = _toucher(text)
    return iter(places) if touches is None else (place for place in places if not touches(*place))


def _toucher(text: str) -> Callable[[int, int], bool] | None:
    """Tells whether a place touches a mask; None where the text has none."""
    masks = mask_spans(text)
    if not masks:
        return None
    starts = [start for start, _ in masks]

    def touches(start: int, end: int) -> bool:
        before = bisect_left(starts, end) - 1  # the last mask that starts before the place ends
        return before >= 0 and masks[before][1] > start

    return touches


def _whole(flags: list[Flag], by_looks: frozenset[str]) -> tuple[Flag, ...]:
    """The flags in the order of the text; those of one rule that overlap are one, and one that goes by looks gives way
    to another that covers it."""
    if len(flags) > 1:
        flags.sort(key=lambda flag: (flag.place, flag.rule, flag.start))
        whole = flags[:1]
        for flag in flags[1:]:
            last = whole[-1]
            if flag.rule == last.rule and flag.place == last.place and flag.start < last.end:
                whole[-1] = last._replace(end=max(last.end, flag.end))
            else:
                whole.append(flag)
        if any(flag.rule in by_looks for flag in whole):
            whole = _telling(whole, by_looks)
        flags = sorted(whole, key=lambda flag: (flag.place, flag.start, flag.end, flag.rule))
    return tuple(flags)


def _telling(flags: list[Flag], by_looks: frozenset[str]) -> list[Flag]:
    """The flags without those that go by looks alone where another of their family covers them."""
    flags.sort(key=lambda flag: (flag.family, flag.place, flag.start, -flag.end, flag.rule in by_looks, flag.rule))
    telling: list[Flag] = []
    covered = ("", 0, 0)  # family, place and how far the flags so far reach
    for flag in flags:
        reach = covered[2] if covered[:2] == (flag.family, flag.place) else 0
        if flag.rule not in by_looks or flag.end > reach:
            telling.append(flag)
            covered = (flag.family, flag.place, max(reach, flag.end))
    return telling


def _characters(encoded: bytes, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Byte offsets (rising) as character offsets, in one walk over the text."""
    at = characters = 0
    for start, end in spans:
        first = characters + len(encoded[at:start].decode("utf-8", "ignore"))
        characters = first + len(encoded[start:end].decode("utf-8", "ignore"))
        at = end
        yield first, characters


def _encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate becomes one `?`, so that offsets still count characters."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _parts(given: Located | None) -> dict[str, str]:
    """The named fragments; a later one may use an earlier one."""
    parts: dict[str, str] = {}
    for name, fragment in (given.mapping() if given else {}).items():
        parts[name] = f"(?:{_filled(fragment, parts)})"
    return parts


def _filled(pattern: Located, parts: dict[str, str]) -> str:
    def fragment(match: re.Match[str]) -> str:
        if match[1] not in parts:
            raise pattern.wrong(f"part `{match[1]}` isn't defined.", "Add it to `parts`, above where it is used.")
        return parts[match[1]]

    return _PART.sub(fragment, pattern.text())


def _spelled(example: str) -> str:
    return _REPEAT.sub(lambda match: match[1] * int(match[2]), example)


def _identifier(given: Located) -> str:
    name = given.text()
    if not _ID.fullmatch(name):
        raise given.wrong(f"id `{name}` can't be used.", "Use lower-case letters, digits and single hyphens.")
    return name


def _first_of_its_name(entry: Located, name: str, places: dict[str, str]) -> None:
    place = entry.mapping()["id"]
    if name in places:
        raise place.wrong(f"rule `{name}` exists already ({places[name]}).", "Give it another id.")
    places[name] = place.where


def _digest(rules: Iterable[Rule]) -> str:
    measures = sorted(
        (rule.family, rule.id, rule.where, rule.pattern, rule.hint, rule.unless, rule.check) for rule in rules
    )
    return hashlib.sha256(repr((_LOOKING, measures)).encode()).hexdigest()
