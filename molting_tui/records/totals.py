"""A total out of a report whose sheet is gone: what it says, and what the checks say of it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Kinds(NamedTuple):
    """How many of a version's pairs are of one kind, in the report's own word (`raw`, `curated`, `synthetic`); None: it
    doesn't say."""

    kind: str
    pairs: int | None


class Share(NamedTuple):
    """How many of a report's answers are so: `agent-like` 6 of 8."""

    name: str
    hits: int
    of: int


class ReportedTotal(msgspec.Struct, frozen=True, kw_only=True):
    """A version's total as a report states it. `score` (out of 10) and `means` of dimensions are as they were written,
    since their digits count; None is what the report doesn't say. `tokens` is the most that an answer could have,
    `date` (YYYY-MM-DD) the day of the report. `checks` are the sentences that were said of it when it was taken in."""

    version: str
    score: str
    rubric: str
    answers: int | None = None
    means: tuple[tuple[str, str], ...] = ()
    counts: tuple[Share, ...] = ()
    pairs: int | None = None
    kinds: tuple[Kinds, ...] = ()
    base: str = ""
    epochs: float | None = None
    batch: int | None = None
    accumulation: int | None = None
    steps: int | None = None
    loss: float | None = None
    minutes: float | None = None
    memory: float | None = None
    tokens: int | None = None
    date: str = ""
    notes: str = ""
    checks: tuple[str, ...] = ()
