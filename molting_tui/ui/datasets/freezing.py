"""The question before a freeze: which pairs, under which name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip

from molting_tui.curation.triage import Desk
from molting_tui.datasets.kept_apart import HeldOut, read_held_out
from molting_tui.errors import BadInput, MoltingError
from molting_tui.records.datasets import Part
from molting_tui.records.progress import Report
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.background import in_background
from molting_tui.ui.dialogs.completion import Completion
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.triage.filter_question import filter_offer
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.datasets.freezing import Frozen

FIRST_NAME = "v1"
_SOON = 1_000
"""Pairs whose parts are told at once; of more the number is told first."""
_COUNTED = re.compile(r"(.*?)(\d+)")


class FreezePlan(NamedTuple):
    """A freeze as it was asked for; `where` narrows the kept pairs, `held_out` says how many of them aren't trained on
    (None: all are)."""

    name: str
    where: str
    held_out: HeldOut | None = None

    def freeze(self, workspace: Workspace, report: Report) -> Frozen:
        """Do it."""
        from molting_tui.datasets.freezing import freeze

        return freeze(workspace, self.name, where=self.where, report=report, held_out=self.held_out)


class _Asked(NamedTuple):
    """What the pairs depend on that would be frozen."""

    where: str
    held_out: HeldOut | None


class _Matching(NamedTuple):
    """How many kept pairs a filter leaves, in how many of them there is a secret, how many go into which part (None:
    not counted yet), or what is wrong with it."""

    asked: _Asked
    pairs: int
    secrets: int
    parts: Counter[Part] | None = None
    wrong: str = ""


class FreezeScreen(EntriesScreen):
    """Which pairs, which name (`name` is suggested, those `taken` are refused), how many to hold out. Dismisses with a
    plan, or None."""

    TITLE_TEXT = "Freeze what is kept"
    ENTRIES = (
        ("name", "name", "v2.5, for example"),
        ("where", "pairs", "all that are kept, or a filter"),
        ("held_out", "held out", "none, or so many: 10% or 16; whole sessions, never trained on"),
    )
    SUGGESTED = frozenset({"name"})

    def __init__(self, workspace: Workspace, taken: Collection[str], name: str) -> None:
        self._desk = Desk(workspace)
        super().__init__(workspace, {"name": name})
        self._taken = {name.lower() for name in taken}
        self._asked: _Asked | None = None
        self._matching: _Matching | None = None

    def offers(self) -> Mapping[str, Completion]:
        """Terms of the filter."""
        return {"where": filter_offer(self._desk)}

    def changed(self) -> None:
        """Count anew, if other pairs are meant."""
        try:
            asked = self._what()
        except BadInput:
            asked = None
        if asked is not None and asked != self._asked:
            self._asked = asked
            in_background(self, "matching", lambda: self._count(asked), self._counted, self.notify)
        self.paint()

    def _what(self) -> _Asked:
        typed = self.value("held_out")
        return _Asked(self.value("where"), read_held_out(typed, "held out") if typed else None)

    def _count(self, asked: _Asked) -> _Matching:
        where = asked.where
        try:
            ids = self._desk.matching(f"state:keep {where}")
            matching = _Matching(asked, len(ids), len(self._desk.matching(f"state:keep flag:secret {where}")))
            return self._parted(matching, ids) if len(ids) <= _SOON else matching
        except MoltingError as error:
            return _Matching(asked, 0, 0, wrong=error.sentence())

    def _parted(self, matching: _Matching, ids: Sequence[int]) -> _Matching:
        """The same with how many go into which part."""
        from molting_tui.datasets.kept_apart import count_parts

        try:
            return matching._replace(parts=count_parts(self.workspace, ids, matching.asked.held_out))
        except MoltingError as error:
            return matching._replace(wrong=error.sentence())

    def _counted(self, matching: _Matching) -> None:
        if not self.is_attached or matching.asked != self._asked:
            return
        self._matching = matching
        if matching.parts is None and not matching.wrong:

            def parted() -> _Matching:
                return self._parted(matching, self._desk.matching(f"state:keep {matching.asked.where}"))

            in_background(self, "parts", parted, self._counted, self.notify)
        self.paint()

    def answer(self) -> FreezePlan:
        """The plan. Raises BadInput for a name that can't be, where there is no pair, and where so many can't be held
        out."""
        from molting_tui.datasets.freezing import checked_name

        name, asked, matching = checked_name(self.value("name")), self._what(), self._matching
        if name.lower() in self._taken:
            raise BadInput(f"there is a dataset `{name}` already.", fix="Choose another name.")
        if matching is not None and matching.asked == asked:
            _refuse_none(matching)
        return FreezePlan(name, asked.where, asked.held_out)

    def outcome(self, width: int) -> Iterator[Strip]:
        """What would be frozen."""
        plan, matching = self.answer(), self._matching
        if matching is None:
            yield line((" counting…", look.DIM))
            return
        words = f" {plural(matching.pairs, 'pair')} kept{' and in this filter' if plan.where else ''}"
        yield line((fit(f"{words} ─▸ datasets/{plan.name}/, which never changes", width - 1), look.BOLD))
        if matching.asked == (plan.where, plan.held_out):
            yield line((fit(_parts_words(matching.parts), width - 1), look.PLAIN))
        prompt = show_line(self.workspace.settings.persona.system_prompt, width)
        yield line((fit(f" system prompt: {prompt or 'none in molting.toml'}", width - 1), look.PLAIN))
        if matching.secrets:
            warning = (
                f"{plural(matching.secrets, 'of these pairs holds', 'of these pairs hold')} a secret: molting won't"
                " freeze it. In triage the filter `state:keep flag:secret` shows them, m masks."
            )
            yield from hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, warning, width - 1)


def _parts_words(parts: Counter[Part] | None) -> str:
    """How many pairs are trained on, and how many aren't."""
    if parts is None:
        return " parting them…"
    apart: dict[Part, str] = {"held_out": "held out", "bank": "asking what the bank asks"}
    return " " + " · ".join(
        [f"{parts['train']:,} to train on", *(f"{parts[part]:,} {name}" for part, name in apart.items() if parts[part])]
    )


def _refuse_none(matching: _Matching) -> None:
    if matching.wrong:
        raise BadInput(matching.wrong)
    if matching.pairs:
        return
    if matching.asked.where:
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
