"""The verdict on two contenders: what their paired facts come to, by the paired t test over facts with the sign-flip
beside it, and which facts it hangs on.

The default claim is about questions like these: the fact asked is the unit, whatever its wordings, languages and
samples. Fewer than six facts, or differences that are all alike, have no interval, and no interval is never a pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance
from typing import NamedTuple

from molting_tui.evaluation.results.verdict_words import interval
from molting_tui.evaluation.statistics.paired import (
    FEWEST_CLUSTERS,
    clusters_needed,
    equivalence_power,
    equivalent,
    paired_t,
    sign_flip,
    smallest_effect,
)
from molting_tui.evaluation.statistics.student import critical_t
from molting_tui.records.verdicts import Claim, FactScores, Figures, LeftOut, Word

ALPHA = 0.05
WITHIN = 1.0
"""Points (0-10) within which two versions count as equal, unless another distance is asked for."""
THESE = "these questions"


class QuestionScores(NamedTuple):
    """Both contenders' scores (0-10) of one question, one a sample."""

    cluster: str
    question: str
    a: tuple[float, ...]
    b: tuple[float, ...]


class Judged(NamedTuple):
    """A word, the figures that it rests on, and the facts without which it would be another one."""

    word: Word
    figures: Figures | None
    without: tuple[LeftOut, ...]


def judged(
    facts: Sequence[FactScores], *, within: float = WITHIN, level: float = ALPHA, confidence: float = 1 - ALPHA
) -> Judged:
    """The verdict on paired facts: DIFFERENT where p is below `level`, EQUIVALENT where the difference lies `within`
    that many points by two one-sided tests; UNDERPOWERED without an interval. `confidence` is the interval's."""
    differences = [fact.difference for fact in facts]
    figures = figures_of(differences, within=within, confidence=confidence)
    word = _word(differences, within, level)
    # One fact fewer than the fewest has no interval whichever it is: that says nothing of the fact.
    others = words_without(differences, within, level) if len(facts) > FEWEST_CLUSTERS else []
    without = (LeftOut(fact.cluster, other) for fact, other in zip(facts, others, strict=False) if other != word)
    return Judged(word, figures, tuple(without))


def figures_of(differences: Sequence[float], *, within: float, confidence: float) -> Figures | None:
    """The figures of differences, a number a fact; None below six facts, and where all are alike."""
    test = paired_t(differences, confidence) if len(differences) >= FEWEST_CLUSTERS else None
    if test is None:
        return None
    needed = clusters_needed(abs(test.mean), test.sd, alpha=1 - confidence)
    return Figures(
        difference=test.mean,
        spread=test.sd,
        interval=(test.low, test.high),
        confidence=confidence,
        df=test.df,
        p=test.p,
        p_signflip=sign_flip(differences).mid_p,
        smallest=smallest_effect(test.sd, test.n, alpha=1 - confidence) or 0.0,
        ask_more=None if needed is None else max(needed - test.n, 0),
        equivalence_power=equivalence_power(within, test.sd, test.n),
    )


def _word(differences: Sequence[float], within: float, level: float) -> Word:
    test = paired_t(differences) if len(differences) >= FEWEST_CLUSTERS else None
    if test is None:
        return "UNDERPOWERED"
    if test.p < level:
        return "DIFFERENT"
    return "EQUIVALENT" if equivalent(differences, within) else "NOT DISTINGUISHABLE"


def words_without(differences: Sequence[float], within: float, level: float) -> list[Word]:
    """The word of the verdict without each difference in turn, as `judged` says it.

    Mean and sum of squares of the rest follow from those of all: with c the difference's distance from the mean of n,
    the mean without it is less by c / (n - 1), the squares by c² n / (n - 1).
    """
    n = len(differences)
    mean = fmean(differences)
    squares = math.fsum((each - mean) ** 2 for each in differences)
    different, equal = critical_t(1 - level, n - 2), critical_t(1 - 2 * ALPHA, n - 2)
    words: list[Word] = []
    for place, each in enumerate(differences):
        apart = each - mean
        rest = squares - apart**2 * n / (n - 1)
        if rest < 1e-9 * squares or not squares:  # what is left of a subtraction is no spread
            words.append(_word([*differences[:place], *differences[place + 1 :]], within, level))
            continue
        size = abs(mean - apart / (n - 1))
        error = (rest / (n - 2) / (n - 1)) ** 0.5
        if size > different * error:
            words.append("DIFFERENT")
        else:
            words.append("EQUIVALENT" if size + equal * error < within else "NOT DISTINGUISHABLE")
    return words


def claim_of_these(questions: Sequence[QuestionScores]) -> Claim:
    """What may be said of these very questions, from how samples of one question differ: the interval of the mean over
    these questions, by the variance within each. The degrees of freedom are Welch's (1947, Biometrika 34, 28-35),
    rounded down: questions scatter unequally, and all samples less their questions would hold .81 to .95 of cases."""
    sides = [side for each in questions for side in (each.a, each.b)]
    if not sides or min(map(len, sides)) < 2:
        return Claim(THESE, "each needs two samples or more of both.")
    parts = [variance(side) / len(side) for side in sides]
    if not any(parts):
        return Claim(THESE, "all samples of each got one score, so nothing is known of others.")
    of_parts = sum(part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True))
    df = int(sum(parts) ** 2 / of_parts + 1e-9)
    difference = fmean(fmean(each.a) - fmean(each.b) for each in questions)
    reach = critical_t(1 - ALPHA, df) * sum(parts) ** 0.5 / len(questions)
    ends = (difference - reach, difference + reach)
    return Claim(THESE, f"95 % interval {interval(ends)} ({df} degrees of freedom).", ends, df)
