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
    changes = []
    for step in Indel.opcodes(before, after):
        if step.tag == "equal":
            changes.append(Change("same", "".join(before[step.src_start : step.src_end])))
            continue
        if step.src_end > step.src_start:
            changes.append(Change("removed", "".join(before[step.src_start : step.src_end])))
        if step.dest_end > step.dest_start:
            changes.append(Change("added", "".join(after[step.dest_start : step.dest_end])))
    return tuple(changes)
