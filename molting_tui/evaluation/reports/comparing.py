"""What may be said of a version against the one before, and what may not be compared, and why."""

from __future__ import annotations

from collections.abc import Iterator

from molting_tui.evaluation.scoring.points import fit_of_score, possible_points
from molting_tui.records.evaluation import Rubric
from molting_tui.records.reports import Compared, Version
from molting_tui.text import show_line

NOT_COMPARABLE = "NOT COMPARABLE"
_NAME = 40


def compared(rubric: Rubric, before: Version, after: Version) -> Compared | None:
    """Why two versions can't be compared; None where nothing stands against it."""
    why = (*_unmeasured(rubric, before), *_unmeasured(rubric, after), *_asked_otherwise(before, after))
    measured = all(version.result is not None and version.result.score is not None for version in (before, after))
    if measured:
        return None
    names = f"{show_line(after.name, _NAME)} against {show_line(before.name, _NAME)}"
    return Compared(before.name, NOT_COMPARABLE, f"{names}: {NOT_COMPARABLE}. {' '.join(why)}", why)


def _unmeasured(rubric: Rubric, version: Version) -> Iterator[str]:
    """Why a version's score can't be compared with one that was measured."""
    name = show_line(version.name, _NAME)
    if version.result is not None and version.result.score is not None:
        return
    told = version.reported
    if told is None:
        yield f"{name} isn't scored."
        return
    yield f"{name}'s {told.score} is told by a report; no sheet of it is here."
    if told.rubric != rubric.id:
        yield f"It was scored by another rubric ({show_line(told.rubric, _NAME)}), whose levels mean something else."
    elif told.answers is not None and len({dimension.weight for dimension in rubric.dimensions}) == 1:
        possible = possible_points(rubric, told.answers)
        if fit_of_score(told.score, possible).kind not in ("exact", "rounded"):
            yield f"{told.score} can't be whole points of {possible}: it may be of another sheet."


def _asked_otherwise(before: Version, after: Version) -> Iterator[str]:
    old, new = dict(before.asked), dict(after.asked)
    differing = [f"{name} {old[name]} and {new[name]}" for name in old if name in new and old[name] != new[name]]
    if differing:
        yield f"They were asked with {', '.join(differing)}."
