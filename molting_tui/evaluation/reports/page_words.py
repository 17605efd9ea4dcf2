"""How a report writes its figures down: scores, intervals, points, rates, what a version was made of."""

from __future__ import annotations

from collections.abc import Sequence

from molting_tui.evaluation.reports.blocks import ABSENT
from molting_tui.evaluation.reports.changes import kinds_words
from molting_tui.evaluation.scoring.points import counted, shown
from molting_tui.records import flags
from molting_tui.records.evaluation import ContenderResult, QuestionResult, Rubric
from molting_tui.records.reports import Training, Version
from molting_tui.records.totals import ReportedTotal
from molting_tui.text import duration

TOLD = "told"
"""How a figure is marked that a report alone states."""
KNOWN_FROM = {
    "run": "a run here",
    "asked": "asked, not trained here",
    "sheet": "a score sheet",
    "file": "answers from a file",
    "report": "a report alone",
}
"""Where a version is known from."""


def interval_words(result: ContenderResult | None) -> str:
    """The interval of a score in words: `3.75 .. 5.31`; empty for none."""
    return " .. ".join(map(shown, result.interval)) if result and result.interval else ""


def score_words(rubric: Rubric, version: Version) -> str:
    """A version's score in words: what was measured, else what a report tells; empty for neither."""
    if version.score is not None:
        return score_shown(rubric, version.score)
    return told_words(rubric, version.reported) if version.reported else ""


def told_words(rubric: Rubric, told: ReportedTotal) -> str:
    """A told score in words: `7.4 (told)`, with the rubric where it is another than this."""
    other = "" if told.rubric == rubric.id else f", {told.rubric}"
    return f"{told.score} ({TOLD}{other})"


def made_words(training: Training | None) -> tuple[str, ...]:
    """Pairs, steps, loss, time and memory of a training, and how its run is where it hasn't come to its end."""
    if training is None:
        return ("",) * 6
    return (
        kinds_words(training),
        "" if training.steps is None else str(training.steps),
        "" if training.loss is None else f"{training.loss:.5g}",
        "" if training.minutes is None else duration(training.minutes * 60),
        "" if training.memory is None else f"{training.memory:g} GB",
        "" if training.state == "done" else training.state,
    )


def share_words(version: Version, name: str) -> str:
    """How many of a version's answers are so: `2/8`; empty where nobody counted."""
    share = next((each for each in version.counts if each.name == name), None)
    return f"{share.hits}/{share.of}" if share else ""


def mean_words(result: ContenderResult, dimension: str) -> str:
    """The mean level of a dimension."""
    return shown(result.dimensions[dimension]) if dimension in result.dimensions else ABSENT


def level_words(question: QuestionResult, dimension: str) -> str:
    """A question's level on a dimension."""
    return counted(question.levels[dimension]) if dimension in question.levels else ABSENT


def points_words(rubric: Rubric, questions: Sequence[QuestionResult]) -> str:
    """Points of these questions, of those that the dimensions which applied could give."""
    given = sum(sum(question.levels.values()) for question in questions)
    return f"{counted(given)}/{counted(sum(len(question.levels) for question in questions) * rubric.scale[-1])}"


def score_shown(rubric: Rubric, score: float | None) -> str:
    """A score with the rubric's digits."""
    return ABSENT if score is None else shown(score, rubric.round)


def rate_words(share: flags.Share) -> str:
    """A rate in words: `2/8 (3–65 %)`; empty where there is nothing to count."""
    if share.interval is None:
        return ""
    low, high = (f"{100 * end:.0f}" for end in share.interval)
    return f"{share.hits}/{share.trials} ({low}–{high} %)"
