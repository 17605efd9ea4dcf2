"""Totals of old reports: taken in with what two checks say of them, and never compared as if they were measured.

Whether a total can come from whole points is the granularity check (`evaluation/results/granularity.py`), whether the
steps can come from the pairs the arithmetic check (`arithmetic.py`). What they say is kept with the total.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.reports.arithmetic import steps_sentence
from molting_tui.evaluation.results.granularity import absent_sentence, read_reported
from molting_tui.evaluation.scoring.points import decimal, fit_of_score, possible_points, shown
from molting_tui.evaluation.scoring.rubrics import TOP, list_rubrics
from molting_tui.records.evaluation import Rubric
from molting_tui.records.events import TOTAL_KINDS, NewEvent, Undone
from molting_tui.records.totals import Kinds, ReportedTotal, Share
from molting_tui.store import events, totals
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

LONGEST_NAME = 80
LONGEST_NOTE = 4_000
_SHARE = re.compile(r"([^=]{1,60})=(\d{1,7})/(\d{1,7})", re.ASCII)
_KIND = re.compile(r"([^=]{1,60})(?:=(\d{1,9}))?", re.ASCII)


class TotalStands(Refused):
    """There is a total of this version under this rubric already, and it says something else."""


class TotalTaken(NamedTuple):
    """What came of an import: the total with what the checks say of it; whether one was replaced, or stood already."""

    total: ReportedTotal
    replaced: bool
    unchanged: bool


def shares(texts: Sequence[str]) -> tuple[Share, ...]:
    """Counts as they are written, `agent-like=6/8`. Raises BadInput for anything else, and for a name given twice."""
    given = []
    for text in texts:
        match = _SHARE.fullmatch(text.strip())
        if match is None or not 0 <= int(match[2]) <= int(match[3]) or not int(match[3]):
            raise BadInput(f"`{show_line(text, 60)}` isn't a count.", fix="Write it like agent-like=6/8.")
        given.append(Share(match[1].strip(), int(match[2]), int(match[3])))
    _refuse_twice([share.name for share in given])
    return tuple(given)


def kinds_of(texts: Sequence[str]) -> tuple[Kinds, ...]:
    """Kinds of pairs as they are written, `raw` or `synthetic=48`. Raises BadInput as `shares` does."""
    given = []
    for text in texts:
        match = _KIND.fullmatch(text.strip())
        if match is None:
            raise BadInput(f"`{show_line(text, 60)}` is no kind of pairs.", fix="Write it like raw, or synthetic=48.")
        given.append(Kinds(match[1].strip(), None if match[2] is None else int(match[2])))
    _refuse_twice([kind.kind for kind in given])
    return tuple(given)


def import_total(workspace: Workspace, rubric: Rubric, told: ReportedTotal, *, replace: bool = False) -> TotalTaken:
    """Take in a total as one step that can be undone.

    Raises BadInput for figures that can't be (a score that isn't a number between 0 and 10, a mean outside the scale,
    a day that isn't one), and TotalStands where the version has another total under this rubric, unless `replace`.
    """
    total = _checked(rubric, told)
    total = msgspec.structs.replace(total, checks=tuple(_checks(workspace, rubric, total)))
    before = next(
        (each.total for each in totals.every(workspace.store, rubric.id) if _same_name(each.total, total)), None
    )
    if before is not None:
        total = msgspec.structs.replace(total, version=before.version)
    if before is not None and _figures(before) == _figures(total):
        return TotalTaken(before, replaced=False, unchanged=True)
    if before is not None and not replace:
        raise TotalStands(
            f"a report's total of {before.score} stands for it under {rubric.id}, with other figures.",
            where=show_line(total.version, 60),
            fix="Say --replace to put this in its place.",
        )
    payload = msgspec.to_builtins(total)
    events.say(
        workspace.store,
        workspace.actor,
        f"total {total.score} of {show_line(total.version, 40)}",
        [NewEvent(total.version, "total", payload)],
    )
    return TotalTaken(total, replaced=before is not None, unchanged=False)


def undo(workspace: Workspace) -> Undone | None:
    """Take back the last total that you took in; None if there is none."""
    return events.undo(workspace.store, workspace.actor, kinds=TOTAL_KINDS)


def redo(workspace: Workspace) -> Undone | None:
    """Bring back the total that was taken back last; None if there is none."""
    return events.redo(workspace.store, workspace.actor, kinds=TOTAL_KINDS)


def _checked(rubric: Rubric, told: ReportedTotal) -> ReportedTotal:
    """The total with tidy texts. Raises BadInput for what can't be."""
    version, score = _text(told.version), told.score.strip()
    if not version or len(version) > LONGEST_NAME:
        raise BadInput(f"a version's name has 1 to {LONGEST_NAME} characters.", fix="For example v2.0.")
    if not 0 <= decimal(score) <= int(TOP):
        raise BadInput(f"`{score}` isn't a score out of {TOP:g}.", fix=f"It goes from 0 to {TOP:g}.")
    for name in ("epochs", "loss", "minutes", "memory"):
        figure = getattr(told, name)
        if figure is not None and not (math.isfinite(figure) and figure >= 0 and (figure or name == "loss")):
            raise BadInput(f"{name} can't be {figure:g}.", fix="Write a number above 0.")
    if told.date:
        try:
            date.fromisoformat(told.date)
        except ValueError:
            raise BadInput(f"`{show_line(told.date, 40)}` isn't a day.", fix="Write it like 2026-02-11.") from None
    return msgspec.structs.replace(
        told,
        version=version,
        score=score,
        rubric=rubric.id,
        base=_text(told.base),
        notes=_text(told.notes, LONGEST_NOTE),
    )


def _checks(workspace: Workspace, rubric: Rubric, total: ReportedTotal) -> Iterator[str]:
    """What the figures say of each other, as sentences."""
    if total.answers is None:
        yield "How many answers it is of isn't told: whether whole points give it can't be checked."
    elif len({dimension.weight for dimension in rubric.dimensions}) == 1:
        yield read_reported(rubric, (), total.answers, total.score).stated_sentence
        if absent := absent_sentence(rubric, total.answers, total.score):
            yield absent
        yield from _of_other_sheets(workspace, rubric, total.answers, total.score)
    yield from _of_means(rubric, total)
    yield from _of_pairs(total)
    for share in total.counts:
        if total.answers is not None and share.of != total.answers:
            yield f"{show_line(share.name, 40)} is of {share.of} answers, the score of {total.answers}."
    if steps := steps_sentence(
        total.pairs, total.steps, epochs=total.epochs, batch=total.batch, accumulation=total.accumulation
    ):
        yield steps


def _of_other_sheets(workspace: Workspace, rubric: Rubric, answers: int, score: str) -> Iterator[str]:
    """Where this rubric's whole points can't give it: which other rubric's can."""
    possible = possible_points(rubric, answers)
    if fit_of_score(score, possible).kind in ("exact", "rounded"):
        return
    for shelved in list_rubrics(workspace):
        other = shelved.record
        if other is None or len({dimension.weight for dimension in other.dimensions}) > 1:
            continue
        points = possible_points(other, answers)
        if points != possible and (fit := fit_of_score(score, points)).kind != "no":
            sentence = read_reported(other, (), answers, score).stated_sentence
            yield f"By the sheet of {show_line(other.id, 40)}: {sentence}"
            possible = points if fit.kind in ("exact", "rounded") else possible


def _of_means(rubric: Rubric, total: ReportedTotal) -> Iterator[str]:
    """Whether the means of the dimensions give the total."""
    if not total.means:
        return
    reported = read_reported(rubric, [f"{name}={mean}" for name, mean in total.means], total.answers)
    for mean in reported.means:
        if mean.fit is not None and mean.fit.kind == "no":
            yield f"{mean.dimension.id} {mean.written} {mean.sentence}."
    if reported.whole is not None:
        score, points, possible = reported.whole
        yield f"The means are {points} of {possible} points: {shown(score)}."
    elif reported.score is not None:
        yield f"The means give {shown(reported.score)}."


def _of_pairs(total: ReportedTotal) -> Iterator[str]:
    known = [kind.pairs for kind in total.kinds if kind.pairs is not None]
    if total.pairs is not None and known and len(known) == len(total.kinds) and sum(known) != total.pairs:
        yield f"Its kinds are {sum(known):,} pairs together, and {plural(total.pairs, 'pair')} are stated."


def _same_name(total: ReportedTotal, other: ReportedTotal) -> bool:
    return total.version.casefold() == other.version.casefold()


def _figures(total: ReportedTotal) -> ReportedTotal:
    # Another shelf of rubrics may word the checks otherwise; the figures are the same.
    return msgspec.structs.replace(total, checks=())


def _text(text: str, most: int = 1_000) -> str:
    # SQLite's JSON functions would end the text at a NUL.
    return text.strip().replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[:most]


def _refuse_twice(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"`{show_line(name, 60)}` is given twice.", fix="Give it once.")
