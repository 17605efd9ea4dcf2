"""Who shall meet: the question for contenders, questions and repeats, with how many battles that makes."""

from __future__ import annotations

from itertools import combinations

from molting_tui.errors import MoltingError
from molting_tui.evaluation.battles.plan import LEAST_REPEATS
from molting_tui.evaluation.battles.starting import contenders_with_words, offered, question_sets
from molting_tui.records.battles import BattleWanted
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.choose import ChooseScreen, Row
from molting_tui.workspace import Workspace

NAME = 30
"""Cells of a contender's name."""
_MOST = 12
"""Contenders that are offered two by two: those that answered last."""


class BattleChoice:
    """What one can choose from, and what a choice (a number for each row) means."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        names = contenders_with_words(workspace)[:_MOST]
        every = [names] if len(names) > 2 else []
        self._contenders = [*combinations(names, 2), *every, *((name,) for name in names)]
        sets = question_sets(workspace)
        self._sets: list[tuple[str, ...]] = [(), *((name,) for name in sets)] if len(sets) > 1 else [()]
        self._repeats = (0, LEAST_REPEATS)

    @property
    def nothing(self) -> bool:
        """Whether nobody has answered anything."""
        return not self._contenders

    def screen(self) -> ChooseScreen:
        """The question."""
        rows = [
            Row("who meets", tuple(map(_meeting, self._contenders))),
            Row("questions", tuple(show_line(name[0], 60) if name else "all of them" for name in self._sets)),
            Row("repeats", ("none", f"{LEAST_REPEATS}, hidden: how well you agree with yourself")),
        ]
        return ChooseScreen("Battle of whom?", rows, self._sentence)

    def chosen(self, numbers: tuple[int, ...]) -> BattleWanted:
        """What these numbers of values stand for."""
        who, asked, repeats = numbers
        return BattleWanted(self._contenders[who], self._sets[asked], self._repeats[repeats])

    def _sentence(self, numbers: tuple[int, ...]) -> str:
        wanted = self.chosen(numbers)
        try:
            offer = offered(self._workspace, wanted)
        except MoltingError as error:
            return error.sentence()
        battles = plural(len(offer.meetings) + wanted.repeats, "battle")
        return f"{battles} over {plural(offer.clusters, 'fact')}. Who is who is told after the last vote."


def _meeting(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return f"{show_line(names[0], NAME)} against itself: what is noise"
    if len(names) > 2:
        return f"all {len(names)}, each two"
    return " against ".join(show_line(name, NAME) for name in names)
