"""What the ratings of an answer come to: first a rater's passes are averaged, then the raters.

So who scores an answer twice has no more of a say than who scores it once, and each answer counts once in every figure:
its score and mean levels are means of means; its points, and its place among the answers at each level, are shared by
its raters alike, and a rater's share by their passes. Only sheets with a level for every dimension count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import fmean

from molting_tui.evaluation.scoring.points import points, score_of_levels
from molting_tui.records.evaluation import Answer, Rating, Rubric

Levels = dict[str, int | None]


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer with all its ratings under a rubric. `passes` are, for each rater, the sheets of their passes that have
    a level for every dimension; `score` (0-10) is the mean over raters of the mean over passes, None where there is
    none."""

    answer: Answer
    ratings: tuple[Rating, ...]
    passes: tuple[tuple[Levels, ...], ...]
    score: float | None

    @property
    def sheets(self) -> tuple[Levels, ...]:
        """All the sheets that count, whoever's they are."""
        return tuple(sheet for sheets in self.passes for sheet in sheets)

    @property
    def shares(self) -> tuple[tuple[Fraction, Levels], ...]:
        """Each sheet with its part of the answer's one; empty where there is no sheet."""
        return tuple((Fraction(1, len(self.passes) * len(sheets)), sheet) for sheets in self.passes for sheet in sheets)


def rated_answer(rubric: Rubric, answer: Answer, given: Iterable[Rating]) -> RatedAnswer:
    """An answer with what its ratings come to."""
    ratings = tuple(given)
    by_rater: dict[str, list[Levels]] = defaultdict(list)
    for (rater, _), sheet in sheets_of(ratings).items():
        if rubric.whole(sheet):
            by_rater[rater].append(sheet)
    passes = tuple(tuple(sheets) for sheets in by_rater.values())
    return RatedAnswer(answer, ratings, passes, _mean(_mean(_scores(rubric, sheets)) for sheets in passes))


def ratings_by_sheet(ratings: Iterable[Rating]) -> dict[tuple[str, int], list[Rating]]:
    """One answer's ratings by rater and pass."""
    by_sheet: dict[tuple[str, int], list[Rating]] = defaultdict(list)
    for rating in ratings:
        by_sheet[rating.rater, rating.rating_pass].append(rating)
    return by_sheet


def sheets_of(ratings: Iterable[Rating]) -> dict[tuple[str, int], Levels]:
    """The levels of one answer's sheets, whole or not, by rater and pass."""
    return {key: {each.dimension: each.level for each in sheet} for key, sheet in ratings_by_sheet(ratings).items()}


def mean_levels(rubric: Rubric, answer: RatedAnswer) -> dict[str, float]:
    """An answer's mean level on each dimension that anybody found applicable."""
    return means(rubric, [means(rubric, sheets) for sheets in answer.passes])


def means(rubric: Rubric, given: Sequence[Mapping[str, float | None]]) -> dict[str, float]:
    """The mean level of each dimension over those that have one."""
    by_dimension = {each.id: _mean(levels.get(each.id) for levels in given) for each in rubric.dimensions}
    return {name: mean for name, mean in by_dimension.items() if mean is not None}


def points_of(rubric: Rubric, given: Iterable[RatedAnswer]) -> tuple[float, float]:
    """Points given and points possible over these answers."""
    got = possible = Fraction(0)
    for share, sheet in _shares(given):
        sheet_got, sheet_possible = points(rubric, sheet)
        got += share * sheet_got
        possible += share * sheet_possible
    return _number(got), _number(possible)


def level_counts(given: Iterable[RatedAnswer]) -> dict[tuple[str, int | None], float]:
    """How many of these answers were given each level (None: not applicable), by dimension and level; those that none
    was given aren't there."""
    counts: dict[tuple[str, int | None], Fraction] = defaultdict(Fraction)
    for share, sheet in _shares(given):
        for pair in sheet.items():
            counts[pair] += share
    return {pair: _number(count) for pair, count in counts.items()}


def _shares(given: Iterable[RatedAnswer]) -> Iterable[tuple[Fraction, Levels]]:
    return (part for answer in given for part in answer.shares)


def _scores(rubric: Rubric, sheets: Iterable[Levels]) -> list[float | None]:
    return [score_of_levels(rubric, sheet) for sheet in sheets]


def _mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that are there; None where none is."""
    there = [value for value in values if value is not None]
    return fmean(there) if there else None


def _number(count: Fraction) -> float:
    # A whole number stays one: 29 of 64, not 29.0.
    return count.numerator if count.denominator == 1 else float(count)
