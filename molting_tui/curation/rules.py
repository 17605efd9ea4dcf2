"""Rules: what is worth noticing in a pair, as data (`rubrics/curation/*.yaml`), and the engine that finds it.

A rule flags; it never decides. All rules of a side are searched in one pass (`re2.Set` tells which
of them match), and only for those are the places looked up. RE2 takes time linear in the text, so no
rule can run away.

A rule file (`format: rules/1`):

    id           the family its flags carry (agent-speech, secret …)
    where        response (what the assistant says), instruction (what the user says) or both (every message, the
                 system turn, calls of tools and their results too); a rule may differ
    at           anywhere (default), or sentence: only at the start of a line or a sentence
    parts        named fragments; `(?&name)` in a pattern stands for one of them
    unless       a pattern; what a rule found is let go where this is found in it
    rules        id, pattern (RE2), example, counter_example; optional language, source, unless, check, where

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
from typing import Any, Literal, NamedTuple, cast

import re2

from molting_tui.curation.mojibake import SUSPECT, mojibake
from molting_tui.curation.secrets import CHECKS, Hit, mask_spans, masked
from molting_tui.records.pairs import Flag
from molting_tui.records.turns import Message, Role
from molting_tui.yamlfile import Located, Source, parse_yaml, read_source, read_yaml

Where = Literal["response", "instruction", "both"]
_SPEAKER: dict[Where, Role] = {"response": "assistant", "instruction": "user"}
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
_RULE_OPTIONS = ("language", "source", "unless", "check", "where")
# The default of 8 MiB would make the set of all rules forget and rebuild its states over and over.
_SET_MEMORY = 256 << 20


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its file says it.

    `pattern` is whole: parts filled in, the sentence start in front where the file asks for it.
    `unless` joins the file's and the rule's own; both are empty where there is none.
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


class _Side(NamedTuple):
    """All rules for what one role says, in one automaton, and the finders its indices stand for (the last index is
    mojibake's)."""

    automaton: Any
    finders: tuple[_Finder, ...]

    def hits(self, text: str, families: Sequence[str] = ()) -> Iterator[tuple[Rule, int, int]]:
        """Every rule that matches, with character offsets; of all families, or of those named."""
        encoded = _encoded(text)
        indices = self.automaton.Match(encoded)
        for index in indices or ():
            if index == len(self.finders):
                continue
            finder = self.finders[index]
            if not families or finder.rule.family in families:
                yield from ((finder.rule, *span) for span in _kept(finder, text, encoded))

    def flags(self, message: Message, place: int) -> Iterator[Flag]:
        """The flags of one message, mojibake's among them, unsorted."""
        text = message.text
        encoded = _encoded(text)
        for index in self.automaton.Match(encoded) or ():
            if index == len(self.finders):
                yield from (Flag(MOJIBAKE, MOJIBAKE, place, start, end) for start, end in mojibake(text))
                continue
            finder = self.finders[index]
            if _SPEAKER.get(finder.rule.where, message.role) == message.role:
                for start, end in _kept(finder, text, encoded):
                    yield Flag(finder.rule.family, finder.rule.id, place, start, end)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules ready to search with. Same rules in another order, or with other examples: same digest.

    `digest` (hex) covers what measures: family, id, pattern, unless, check and where of each rule.
    """

    rules: tuple[Rule, ...]
    digest: str
    _instruction: _Side = field(repr=False, compare=False)
    _response: _Side = field(repr=False, compare=False)

    def flags(self, messages: Iterable[Message]) -> tuple[Flag, ...]:
        """What the rules notice in a pair's messages, and mojibake in any of them; in the order of the text.

        Offsets count characters. Flags of one rule never overlap; flags of two rules may.
        """
        flags = [
            flag for place, message in enumerate(messages) for flag in self._side_of(message).flags(message, place)
        ]
        if len(flags) > 1:
            flags.sort(key=lambda flag: (flag.place, flag.start, flag.end, flag.rule))
        return tuple(flags)

    def _side_of(self, message: Message) -> _Side:
        return self._response if message.role == "assistant" else self._instruction

    def mask(self, text: str, families: Sequence[str] = SENSITIVE) -> tuple[str, int]:
        """The text with `[REDACTED:rule-id]` for each find of those families, and how many were put in.

        The result holds no find of them any more: taking one out may lay the next one bare, so
        it goes on until nothing is found. Masking a masked text changes nothing.
        """
        count = 0
        if not families:
            return text, count
        while hits := self._hits(text, families):
            text, put = masked(text, hits)
            count += put
        return text, count

    def _hits(self, text: str, families: Sequence[str]) -> set[Hit]:
        sides = (self._instruction, self._response)
        return {Hit(start, end, rule.id) for side in sides for rule, start, end in side.hits(text, families)}


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
    return RuleSet(
        rules=tuple(finder.rule for finder in finders),
        digest=_digest(finder.rule for finder in finders),
        _instruction=_side(finders, "instruction"),
        _response=_side(finders, "response"),
    )


def rule_names(paths: Sequence[Path]) -> set[str]:
    """The families and rules that these files name, and mojibake. Nothing is compiled: it takes a tenth of the time.

    Raises BadInput with file and line for a field that is missing or unknown; what else is wrong, `load_rules` finds.
    """
    names = {MOJIBAKE}
    for path in paths:
        fields = read_yaml(path).fields(_FILE_FIELDS, _FILE_OPTIONS)
        rules = (entry.fields(_RULE_FIELDS, _RULE_OPTIONS)["id"] for entry in fields["rules"].items())
        names |= {name.text() for name in (fields["id"], *rules)}
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
    where = given.get("where", file["where"]).one_of("response", "instruction", "both")
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
    )
    return _ready(rule, given["pattern"])


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
    for counter in finder.rule.counter_examples:
        if any(finder.spans(_encoded(counter))):
            raise given["counter_example"].wrong(
                f"rule `{name}` matches its counter-example `{counter[:60]}`.", "Make the pattern narrower."
            )


def _side(finders: Iterable[_Finder], side: Where) -> _Side:
    of_side = tuple(finder for finder in finders if finder.rule.where in (side, "both"))
    automaton = re2.Set.SearchSet(_options(_SET_MEMORY))
    for finder in of_side:
        automaton.Add(finder.rule.pattern)
    automaton.Add(SUSPECT)
    automaton.Compile()
    return _Side(automaton, of_side)


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
    masks = mask_spans(text)
    if not masks:
        return iter(places)
    starts = [start for start, _ in masks]

    def touches(start: int, end: int) -> bool:
        before = bisect_left(starts, end) - 1  # the last mask that starts before the place ends
        return before >= 0 and masks[before][1] > start

    return (place for place in places if not touches(*place))


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
    measures = sorted((rule.family, rule.id, rule.where, rule.pattern, rule.unless, rule.check) for rule in rules)
    return hashlib.sha256(repr(measures).encode()).hexdigest()
