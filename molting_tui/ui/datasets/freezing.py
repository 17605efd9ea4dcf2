"""The question before a freeze: which pairs, under which name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip

from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, MoltingError
from molting_tui.records.progress import Report
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.background import in_background
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.datasets.freezing import Frozen

FIRST_NAME = "v1"
_COUNTED = re.compile(r"(.*?)(\d+)")


class FreezePlan(NamedTuple):
    """A freeze as it was asked for; `where` narrows the kept pairs."""

    name: str
    where: str

    def freeze(self, workspace: Workspace, report: Report) -> Frozen:
        """Do it."""
        from molting_tui.datasets.freezing import freeze

        return freeze(workspace, self.name, where=self.where, report=report)


class _Matching(NamedTuple):
    """How many kept pairs a filter leaves, in how many of them there is a secret, or what is wrong with it."""

    where: str
    pairs: int
    secrets: int
    wrong: str = ""


class FreezeScreen(EntriesScreen):
    """Which pairs, which name. Dismisses with a plan, or None."""

    TITLE_TEXT = "Freeze what is kept"
    ENTRIES = (("name", "name", "v2.5, for example"), ("where", "pairs", "all that are kept, or a filter"))

    def __init__(self, workspace: Workspace, taken: Collection[str]) -> None:
        super().__init__(workspace, {"name": next_name(taken)})
        self._desk = Desk(workspace)
        self._taken = {name.lower() for name in taken}
        self._matching: _Matching | None = None

    def changed(self) -> None:
        """Count anew, if other pairs are meant."""
        where = self.value("where")
        if self._matching is None or self._matching.where != where:
            in_background(self, "matching", lambda: self._count(where), self._counted, self.notify)
        self.paint()

    def _count(self, where: str) -> _Matching:
        try:
            pairs = len(self._desk.matching(f"state:keep {where}"))
            return _Matching(where, pairs, len(self._desk.matching(f"state:keep flag:secret {where}")))
        except MoltingError as error:
            return _Matching(where, 0, 0, error.sentence())

    def _counted(self, matching: _Matching) -> None:
        if self.is_attached and matching.where == self.value("where"):
            self._matching = matching
            self.paint()

    def answer(self) -> FreezePlan:
        """The plan. Raises BadInput for a name that can't be, and where there is no pair."""
        from molting_tui.datasets.freezing import checked_name

        name, where, matching = checked_name(self.value("name")), self.value("where"), self._matching
        if name.lower() in self._taken:
            raise BadInput(f"there is a dataset `{name}` already.", fix="Choose another name.")
        if matching is not None and matching.where == where:
            _refuse_none(matching)
        return FreezePlan(name, where)

    def outcome(self, width: int) -> Iterator[Strip]:
        """What would be frozen."""
        plan, matching = self.answer(), self._matching
        if matching is None:
            yield line((" counting…", look.DIM))
            return
        words = f" {plural(matching.pairs, 'pair')} kept{' and in this filter' if plan.where else ''}"
        yield line((fit(f"{words} ─▸ datasets/{plan.name}/, which never changes", width - 1), look.BOLD))
        prompt = show_line(self.workspace.settings.persona.system_prompt, width)
        yield line((fit(f" system prompt: {prompt or 'none in molting.toml'}", width - 1), look.PLAIN))
        if matching.secrets:
            warning = (
                f"{plural(matching.secrets, 'of these pairs holds', 'of these pairs hold')} a secret: molting won't"
                " freeze it. In triage the filter `state:keep flag:secret` shows them, m masks."
            )
            yield from hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, warning, width - 1)


def _refuse_none(matching: _Matching) -> None:
    if matching.wrong:
        raise BadInput(matching.wrong)
    if matching.pairs:
        return
    if matching.where:
        raise BadInput("no kept pair matches this filter.", fix="Empty it to freeze all that are kept.")
    raise BadInput("nothing is kept yet.", fix="F2 shows the pairs; a keeps one.")


def next_name(taken: Collection[str]) -> str:
    """A name for the next dataset: the newest name with a number at its end counted on, or the first."""
    known = {name.lower() for name in taken}
    for name in taken:
        counted = _COUNTED.fullmatch(name)
        if counted is not None:
            number = int(counted[2]) + 1
            while f"{counted[1]}{number}".lower() in known:
                number += 1
            return f"{counted[1]}{number}"
    return FIRST_NAME
