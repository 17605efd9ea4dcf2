"""Sheets that say how far scores can be relied on: hidden repeats of one person, and the same answer by several people.

Only the data: what it comes to is reckoned elsewhere, and of fewer than `LEAST_REPEATS` repeats nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from molting_tui.evaluation.results.averages import Levels, RatedAnswer, sheets_of
from molting_tui.records.evaluation import Rubric
from molting_tui.store import scoring
from molting_tui.workspace import Workspace


class RepeatedSheet(NamedTuple):
    """A hidden repeat: one rater's whole sheets of an answer (uuid) in one session, the first and the second time."""

    rater: str
    session: str
    answer: str
    first: Levels
    again: Levels


class SharedAnswer(NamedTuple):
    """An answer (uuid) that several people have scored whole: by rater, the earliest sheet of theirs that is."""

    answer: str
    sheets: dict[str, Levels]


def repeated_sheets(workspace: Workspace, rubric: Rubric, given: Sequence[RatedAnswer]) -> tuple[RepeatedSheet, ...]:
    """The hidden repeats among these answers that were scored whole both times, in the order of their sessions."""
    sheets = {each.answer.uuid: sheets_of(each.ratings) for each in given}
    pairs = []
    for session, rater, answer, first_pass, repeat_pass in scoring.repeats(workspace.store, rubric.digest):
        of = sheets.get(answer, {})
        first, again = of.get((rater, first_pass), {}), of.get((rater, repeat_pass), {})
        if rubric.whole(first) and rubric.whole(again):
            pairs.append(RepeatedSheet(rater, session, answer, first, again))
    return tuple(pairs)


def shared_answers(rubric: Rubric, given: Iterable[RatedAnswer]) -> tuple[SharedAnswer, ...]:
    """The answers that two raters or more have scored whole."""
    shared = []
    for each in given:
        first: dict[str, Levels] = {}
        for (rater, _), sheet in sorted(sheets_of(each.ratings).items()):
            if rubric.whole(sheet):
                first.setdefault(rater, sheet)
        if len(first) > 1:
            shared.append(SharedAnswer(each.answer.uuid, first))
    return tuple(shared)
