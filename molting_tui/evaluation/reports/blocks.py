"""What a page is made of, before it is Markdown or HTML. Texts in it are as they were given: not safe to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

ABSENT = "·"
"""What stands in a cell of which nothing is known."""


class Heading(NamedTuple):
    """A heading; 1 is the page's own."""

    level: int
    text: str


class Paragraph(NamedTuple):
    """A few sentences."""

    text: str


class Bullets(NamedTuple):
    """A list of sentences."""

    items: tuple[str, ...]


class Table(NamedTuple):
    """Rows under a head; `words` are the numbers of the columns that hold words, all others are figures. The first
    column names its row. `total` tells whether the last row is the sum of the others."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})
    total: bool = False


class Verbatim(NamedTuple):
    """A text word for word, as an answer is."""

    text: str


class ScoreMark(NamedTuple):
    """One version in a chart of scores (0-10): its interval, None where there is none; `told` by a report alone."""

    name: str
    score: float
    low: float | None
    high: float | None
    told: bool
    words: str


class ScoreChart(NamedTuple):
    """Scores beside each other on one scale; `top` is its end."""

    marks: tuple[ScoreMark, ...]
    top: float = 10.0


class LevelBar(NamedTuple):
    """How many answers got each level of a scale, the lowest first; `absent` are those it didn't apply to."""

    name: str
    counts: tuple[float, ...]
    absent: float = 0


class LevelChart(NamedTuple):
    """Answers at each level, a bar a dimension, in groups by version."""

    scale: tuple[int, ...]
    groups: tuple[tuple[str, tuple[LevelBar, ...]], ...]


class GridChart(NamedTuple):
    """Scores (0-10) question by question (`rows`) and version by version (`columns`); None: not asked or not scored."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]


Block = Heading | Paragraph | Bullets | Table | Verbatim | ScoreChart | LevelChart | GridChart


def with_columns_known(
    head: Sequence[str], rows: Sequence[Sequence[str]], words: frozenset[int] = frozenset({0})
) -> Table:
    """A table without the columns of which nothing is known in any row."""
    kept = [place for place in range(len(head)) if place == 0 or any(row[place] not in ("", ABSENT) for row in rows)]
    return Table(
        tuple(head[place] for place in kept),
        tuple(tuple(row[place] or ABSENT for place in kept) for row in rows),
        frozenset(new for new, place in enumerate(kept) if place in words),
    )
