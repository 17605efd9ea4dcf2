"""What a rewrite changed, word by word."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Change(NamedTuple):
    """A run of text that is in both versions, only in the old one, or only in the new one."""

    kind: Literal["same", "removed", "added"]
    text: str


def word_diff(old: str, new: str) -> tuple[Change, ...]:
    """The shortest way from `old` to `new` in whole words, as runs in reading order.

    Joining the same and removed runs gives `old`; joining the same and added runs gives `new`.
    """
    from rapidfuzz.distance import Indel

    before, after = _WORDS.findall(old), _WORDS.findall(new)
    changes: list[Change] = []
    removed = added = ""
    for step in Indel.opcodes(before, after):
        gone = "".join(before[step.src_start : step.src_end])
        if step.tag != "equal":
            # What took the place of something stands after it, in whatever order the steps come.
            removed += gone
            added += "".join(after[step.dest_start : step.dest_end])
            continue
        changes += _replaced(removed, added)
        removed = added = ""
        changes.append(Change("same", gone))
    return (*changes, *_replaced(removed, added))


def _replaced(removed: str, added: str) -> list[Change]:
    changes = []
    if removed:
        changes.append(Change("removed", removed))
    if added:
        changes.append(Change("added", added))
    return changes
