"""A rubric whose words were changed under the same version: noticed, and told by which of its texts differ.

Ratings belong to the exact words (the digest), so nothing is ever mixed; but two texts under one name and version can't
be told apart by people.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.records.evaluation import Dimension, Rubric
from molting_tui.store import ratings
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

NAMED = 6
"""Differences that a sentence names."""


class Edited(NamedTuple):
    """What was rated by under this id and version in other words: its digest, how many ratings, and what differs."""

    digest: str
    ratings: int
    differences: tuple[str, ...]

    @property
    def differing(self) -> str:
        """What differs, for a sentence."""
        more = len(self.differences) - NAMED
        return ", ".join(self.differences[:NAMED]) + (f" and {more} more" if more > 0 else "")


def edited(workspace: Workspace, rubric: Rubric) -> tuple[Edited, ...]:
    """The other texts of this rubric's id and version that answers were rated by, the latest rated first."""
    others = [
        (other, ratings.remembered_rubric(workspace.store, other.digest))
        for other in ratings.rubrics_rated(workspace.store, rubric.id)
        if other.version == rubric.version and other.digest != rubric.digest
    ]
    return tuple(
        Edited(other.digest, other.ratings, tuple(differences(before, rubric))) for other, before in others if before
    )


def edited_sentence(workspace: Workspace, rubric: Rubric) -> str:
    """That a rubric's words were changed after answers were rated by it, and what to do; empty where they weren't."""
    for other in edited(workspace, rubric):
        return f"{_changed(rubric, other)} {_what_to_do(rubric)}"
    return ""


def refuse_edited(workspace: Workspace, rubric: Rubric) -> None:
    """Raise BadInput before the first rating by other words under a version that was rated by already."""
    others = edited(workspace, rubric)
    rated = any(known.digest == rubric.digest for known in ratings.rubrics_rated(workspace.store, rubric.id))
    if others and not rated:
        raise BadInput(_changed(rubric, others[0]), fix=f"{_what_to_do(rubric)} Nothing was stored.")


def file_changed(workspace: Workspace, rubric: Rubric) -> bool:
    """Whether the file of a rubric that is being scored by has other words by now."""
    try:
        return find_rubric(workspace, rubric.id).digest != rubric.digest
    except BadInput:
        return False


def differences(before: Rubric, after: Rubric) -> Iterator[str]:
    """What measures otherwise: `the scale`, `D2's description`, `D3's level 1`, `D6 (new)` …"""
    if before.scale != after.scale:
        yield "the scale"
    here = {dimension.id: dimension for dimension in after.dimensions}
    for dimension in before.dimensions:
        if dimension.id not in here:
            yield f"{show_line(dimension.id, 40)} (gone)"
        else:
            yield from _of_dimension(dimension, here[dimension.id])
    known = {dimension.id for dimension in before.dimensions}
    yield from (f"{show_line(name, 40)} (new)" for name in here if name not in known)
    if known == set(here) and [each.id for each in before.dimensions] != list(here):
        yield "the dimensions' order"
    if _gates(before) != _gates(after):
        yield "the gates"


def _of_dimension(before: Dimension, after: Dimension) -> Iterator[str]:
    name = show_line(before.id, 40)
    for field in ("name", "description", "weight"):
        if getattr(before, field) != getattr(after, field):
            yield f"{name}'s {field}"
    if before.na_when != after.na_when:
        yield f"{name}'s `na_when`"
    levels, now = dict(before.levels), dict(after.levels)
    yield from (f"{name}'s level {level}" for level, text in levels.items() if level in now and now[level] != text)


def _gates(rubric: Rubric) -> list[tuple[object, ...]]:
    return sorted((*gate.when, gate.cap) for gate in rubric.gates if gate.enabled)


def _changed(rubric: Rubric, other: Edited) -> str:
    name = f"{show_line(rubric.id, 40)} {show_line(rubric.version, 20)}"
    given = plural(other.ratings, "rating")
    return f"{name} has other words than when it was rated by ({given}): {other.differing} changed."


def _what_to_do(rubric: Rubric) -> str:
    return f"Raise the `version` in {show_line(rubric.source, 200)}, or put the old words back."
