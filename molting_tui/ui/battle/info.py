"""What there is to read beside a battle: the question whole, the rubric as guidance, the seal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.strip import Strip

from molting_tui.records.battles import BlindBattle
from molting_tui.ui import look
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.score.rating_sheet import asked_lines, rubric_lines

if TYPE_CHECKING:
    from molting_tui.evaluation.battles.battling import Battling


def info_lines(battling: Battling, battle: BlindBattle | None, width: int) -> Iterator[Strip]:
    """The lines."""
    if battle is not None:
        yield from asked_lines(battle, width)
    yield line("")
    yield line(("  The plan is sealed", look.BOLD))
    for sentence in (battling.commitment, str(battling.session.payload.get("capacity", ""))):
        yield from paragraphs(sentence, width - 1, indent=4)
    if battling.rubric is not None:
        yield from rubric_lines(battling.rubric, None, width)
