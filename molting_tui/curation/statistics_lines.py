"""Statistics as sections of lines, for the screen and the command alike: each line a name, its pairs, and the filter
term that finds them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from molting_tui.curation.filters import whole_name
from molting_tui.curation.statistics import LENGTHS, UNKNOWN, Statistics, share
from molting_tui.records.pairs import LANGUAGES

MOST_SESSIONS = 20
"""Sessions that have a line of their own."""
MOST_DAYS = 14
"""Days of decisions that have one."""
_KEY, _SHORT_KEY = 18, 8
"""Characters of a session's key in a line: all of them, or the first few of a long one."""
_WORDS = {"open": "open", "keep": "kept", "drop": "dropped"}


class Line(NamedTuple):
    """Some of the pairs: under which name (as it is stored), how many, and the term that, added to the filter, finds
    them (empty: no filter says it). `hits` are the places that a rule found in them; `indent` stands under the line
    before it."""

    name: str
    pairs: int
    term: str = ""
    hits: int | None = None
    indent: bool = False


class Section(NamedTuple):
    """Lines of one kind. `scale` is what the longest bar stands for; `note` says more of all of them. `of_pairs`: they
    count pairs, so that each is a share of all."""

    title: str
    lines: tuple[Line, ...]
    scale: int
    note: str = ""
    of_pairs: bool = True


def sections(figures: Statistics) -> list[Section]:
    """The sections that have something to say, in their order; none where there are no pairs."""
    if not figures.pairs:
        return []
    return [section for section in _sections(figures) if section.lines]


def with_left_out(figures: Statistics, listed: Sequence[Section]) -> tuple[Section, ...]:
    """The sections, and after them what was left out of the whole workspace, by reason."""
    lines = tuple(Line(left.reason, left.count) for left in figures.left_out)
    if not lines or not listed:
        return tuple(listed)
    return (*listed, Section("Left out", lines, figures.left_out[0].count, "of the whole workspace", of_pairs=False))


def narrowed(filter_text: str, line: Line) -> str:
    """The filter that finds the pairs of a line among those of a filter; the same one, where it says that already."""
    return filter_text if f" {line.term} " in f" {filter_text} " else f"{filter_text} {line.term}".strip()


def percent(pairs: int, whole: int) -> str:
    """A part of the whole: `63 %`; what is less than half a per cent, and something, is `< 1 %`."""
    part = share(pairs, whole)
    return "< 1 %" if 0 < part < 0.5 else f"{part:.0f} %"


def _sections(figures: Statistics) -> Iterator[Section]:
    whole = figures.pairs
    states = tuple(Line(_WORDS[state], getattr(figures, state), f"state:{state}") for state in ("keep", "drop", "open"))
    marks = [
        Line(mark, getattr(figures, mark), f"is:{mark}")
        for mark in ("rewritten", "starred", "skipped", "disputed")
        if getattr(figures, mark)
    ]
    yield Section("States", (*states, *marks), whole)
    yield Section("Kinds", _counted("kind", figures.kinds), whole)
    yield Section("Flags", tuple(_flags(figures)), figures.flagged["any"])
    for title, field, spread, counts in (
        ("Prompts by length", "prompt", figures.instruction, figures.prompt_lengths),
        ("Answers by length", "len", figures.response, figures.answer_lengths),
    ):
        note = f"mean {spread.mean or 0:,.0f}, median {spread.median or 0:,.0f} characters"
        yield Section(title, tuple(_lengths(field, counts)), max(counts), note)
    yield _named_section("Languages", figures.languages, tuple(_languages(figures.languages)))
    yield _named_section("Models", figures.models, _exact("model", figures.models))
    yield _named_section("Projects", figures.projects, _exact("project", figures.projects))
    yield _named_section("Tags", figures.tags, _counted("tag", figures.tags))
    yield _sessions(figures)
    yield _days(figures)


def _named_section(title: str, counts: Mapping[str, int], lines: tuple[Line, ...]) -> Section:
    return Section(title, lines, max(counts.values(), default=0))


def _counted(field: str, counts: Mapping[str, int]) -> tuple[Line, ...]:
    return tuple(Line(name, pairs, f"{field}:{name}") for name, pairs in counts.items())


def _exact(field: str, counts: Mapping[str, int]) -> tuple[Line, ...]:
    return tuple(Line(name, pairs, _term(field, name)) for name, pairs in counts.items())


def _languages(counts: Mapping[str, int]) -> Iterator[Line]:
    for name, pairs in counts.items():
        yield Line(name, pairs, f"-lang:{','.join(LANGUAGES)}" if name == UNKNOWN else f"lang:{name}")


def _term(field: str, name: str) -> str:
    """The term for a whole name."""
    return whole_name(field, name) if name else ""


def _flags(figures: Statistics) -> Iterator[Line]:
    hits = {family: sum(rule.hits for rule in figures.rules if rule.family == family) for family in figures.flagged}
    yield Line("any flag", figures.flagged["any"], "is:flagged", sum(rule.hits for rule in figures.rules))
    families = [(family, pairs) for family, pairs in figures.flagged.items() if family != "any"]
    for family, pairs in sorted(families, key=lambda item: -item[1]):
        yield Line(family, pairs, f"flag:{family}", hits[family])
        for rule in figures.rules:
            if rule.family == family:
                yield Line(rule.rule, rule.pairs, f"flag:{rule.rule}", rule.hits, indent=True)


def _lengths(field: str, counts: Sequence[int]) -> Iterator[Line]:
    yield Line(f"below {LENGTHS[0]:,}", counts[0], f"{field}<{LENGTHS[0]}")
    for (low, high), pairs in zip(itertools.pairwise(LENGTHS), counts[1:-1], strict=True):
        yield Line(f"{low:,} to {high - 1:,}", pairs, f"{field}>={low} {field}<{high}")
    yield Line(f"{LENGTHS[-1]:,} and more", counts[-1], f"{field}>={LENGTHS[-1]}")


def _sessions(figures: Statistics) -> Section:
    most = figures.by_session[:MOST_SESSIONS]
    lines = [Line(_session_name(*each[:2]), each.pairs, _of_session(*each[:2])) for each in most]
    more = len(figures.by_session) - len(most)
    note = f"the {len(most)} with the most pairs, of {len(figures.by_session):,}" if more else ""
    return Section("Sessions", tuple(lines), most[0].pairs if most else 0, note)


def _session_name(session: str, project: str) -> str:
    return f"{project} {session if len(session) <= _KEY else session[:_SHORT_KEY]}".strip()


def _of_session(session: str, project: str) -> str:
    terms = [_term("session", session), _term("project", project or UNKNOWN)]
    return " ".join(terms) if all(terms) else ""


def _days(figures: Statistics) -> Section:
    days = list(figures.days.items())[:MOST_DAYS]
    lines = tuple(Line(day, pairs, f"decided:{day}") for day, pairs in days)
    more = len(figures.days) - len(days)
    note = f"the last {len(days)} days of {len(figures.days):,} on which something was decided" if more else ""
    return Section("Decided by day", lines, max((pairs for _, pairs in days), default=0), note)
