"""In what two contenders differ: base, template, system prompt, retrieval, ways of drawing. And whether one name stands
for several models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from molting_tui.records.contenders import Adapter, Base, Checkpoint, Contender, Endpoint, Imported
from molting_tui.text import show_line

NAME = 40
"""Cells of a base's name in a sentence."""
_DRAWN = {"top_p": "top-p", "max_new_tokens": "most tokens"}
"""Generation settings in words; the others stand for themselves."""


def differing(a: Iterable[Contender], b: Iterable[Contender]) -> tuple[str, ...]:
    """In what all that one was asked as differs from the other, besides what was trained: `base tiny / smollm2`,
    `temperature 0.7 / 0.2`, `system prompt`. What isn't known of either isn't told."""
    return tuple(_differing(frozenset(a), frozenset(b)))


def _differing(a: frozenset[Contender], b: frozenset[Contender]) -> Iterator[str]:
    bases = [{base for each in side if (base := base_of(each))} for side in (a, b)]
    if all(bases) and bases[0] != bases[1]:
        yield f"base {_named(bases[0])} / {_named(bases[1])}"
    for words, field in (("template", "template"), ("system prompt", "system_prompt"), ("retrieval", "retrieval")):
        values = [{getattr(each, field) for each in side} - {None} for side in (a, b)]
        if values[0] != values[1] and (all(values) or field == "retrieval"):
            yield words
    yield from _drawing([[_settings(each) for each in side if each.generation] for side in (a, b)])


def _drawing(sides: list[list[dict[str, object]]]) -> Iterator[str]:
    """The generation settings that differ, with both values."""
    names = dict.fromkeys(name for side in sides for each in side for name in each)
    for name in names:
        values = [{str(each[name]) for each in side if name in each} for side in sides]
        if all(values) and values[0] != values[1]:
            yield f"{_DRAWN.get(name, name)} {_named(values[0])} / {_named(values[1])}"


def base_of(contender: Contender) -> str:
    """The base, or the model behind an endpoint; empty where nothing is known."""
    match contender.model:
        case Base(base) | Adapter(base) | Checkpoint(base):
            return base
        case Endpoint(url, model):
            return f"{model} at {url}"
        case Imported():
            return ""


def _settings(contender: Contender) -> dict[str, object]:
    settings = json.loads(contender.generation or "{}")
    return settings if isinstance(settings, dict) else {}


def _named(values: set[str]) -> str:
    return " and ".join(show_line(value, NAME) for value in sorted(values))
