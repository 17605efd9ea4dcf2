"""What a rewrite changed, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_WORD = re.compile(r"\w")
_PARTS_NOTHING = re.compile(r"[^\w\n]+")


class Change(NamedTuple):
    """A run of text that is in both versions, only in the old one, or only in the new one."""

    kind: Literal["same", "removed", "added"]
    text: str


def word_diff(old: str, new: str) -> tuple[Change, ...]:
    """A short way from `old` to `new` in whole words, as runs in reading order; words that were replaced side by side
    are one change, with the spaces and signs between them.

    Joining the same and removed runs gives `old`; joining the same and added runs gives `new`.
    """
    from rapidfuzz.distance import Indel

    before, after = _WORDS.findall(old), _WORDS.findall(new)
    steps: list[_Step] = []
    for step in Indel.opcodes(before, after):
        gone, come = "".join(before[step.src_start : step.src_end]), "".join(after[step.dest_start : step.dest_end])
        if step.tag == "equal":
            steps.append(_Step(gone, "", ""))
        elif steps and not steps[-1].same:
            # What took the place of something stands after it, in whatever order the steps come.
            steps[-1] = _Step("", steps[-1].removed + gone, steps[-1].added + come)
        else:
            steps.append(_Step("", gone, come))
    return tuple(change for step in _joined(steps) for change in step.changes())


class _Step(NamedTuple):
    """Text that stayed, or text that went and text that came in its place."""

    same: str
    removed: str
    added: str

    def changes(self) -> Iterator[Change]:
        if self.same:
            yield Change("same", self.same)
        if self.removed:
            yield Change("removed", self.removed)
        if self.added:
            yield Change("added", self.added)


def _joined(steps: Iterable[_Step]) -> list[_Step]:
    """The steps with two replacements that only spaces or signs of a line part joined into one."""
    joined: list[_Step] = []
    for step in steps:
        if not step.same and len(joined) > 1 and _PARTS_NOTHING.fullmatch(joined[-1].same):
            between, first = joined[-1].same, joined[-2]
            whole = _Step("", first.removed + between + step.removed, first.added + between + step.added)
            if _WORD.search(first.removed + step.removed) and _WORD.search(first.added + step.added):
                joined[-2:] = [whole]
                continue
        joined.append(step)
    return joined
