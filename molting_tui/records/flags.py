"""How often answers are flagged, and how far the flags can be trusted."""

from __future__ import annotations

from typing import NamedTuple


class Share(NamedTuple):
    """`hits` of `trials`, with the exact interval of the rate (95 %, Clopper-Pearson); None where there are none."""

    hits: int
    trials: int
    interval: tuple[float, float] | None


class ContenderFlags(NamedTuple):
    """One contender's answers that were read: how many have each flag; `factual`, all facts of those whose facts can be
    looked for; `coherent`, none of the flags that say an answer is broken. A person's word stands over the machine's.
    `waiting` counts answers that may deny a fact ("denied?"), `confirmed` those whose flags a person confirmed."""

    contender: str
    answers: int
    flags: dict[str, Share]
    factual: Share
    coherent: Share
    waiting: int
    confirmed: int


class FlagTrust(NamedTuple):
    """How far a flag can be trusted: `precision`, those that were right among the machine's that a person judged;
    `recall`, those that the machine gave among all that are so in confirmed answers (None: none is confirmed)."""

    flag: str
    precision: Share
    recall: Share | None


class FlagTable(NamedTuple):
    """Flags by contender, and by flag how far they can be trusted."""

    contenders: tuple[ContenderFlags, ...]
    trust: tuple[FlagTrust, ...]
