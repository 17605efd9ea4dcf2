"""The interval of a contender's score: over the facts asked, for wordings and languages of one fact hang together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from molting_tui.evaluation.scoring.rubrics import TOP
from molting_tui.evaluation.statistics.paired import FEWEST_CLUSTERS, mean_interval
from molting_tui.records.evaluation import QuestionResult
from molting_tui.records.verdicts import Interval


def score_interval(questions: Iterable[QuestionResult]) -> Interval | None:
    """The 95 % t interval of the score over questions: as wide as that of the means of the facts asked, around the
    score (they are one where every fact has as many questions), cut at the ends of the scale. None below six facts, and
    where all are alike."""
    by_fact: dict[str, list[float]] = defaultdict(list)
    for each in questions:
        if each.score is not None:
            by_fact[each.cluster or each.question].append(each.score)
    over_facts = mean_interval([fmean(scores) for scores in by_fact.values()]) if by_fact else None
    if over_facts is None or over_facts.n < FEWEST_CLUSTERS:
        return None
    score = fmean(score for scores in by_fact.values() for score in scores)
    reach = over_facts.high - over_facts.mean
    return max(0.0, score - reach), min(float(TOP), score + reach)
