"""The question before an export: which pairs, to which file, in which format, and what will come of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from textual.strip import Strip
from textual.worker import get_current_worker

from molting_tui.curation.triage import Desk
from molting_tui.datasets.export.destination import (
    PARQUET_ENDINGS,
    TEXT_ENDINGS,
    checked_format,
    destination,
    format_of_name,
)
from molting_tui.datasets.export.export import EXPORTING, ExportReport, Foreseen, count_kept, export, foresee
from molting_tui.datasets.export.formats import FORMATS, WHY, Format
from molting_tui.datasets.export.secrecy import Advice
from molting_tui.errors import BadInput, Cancelled, MoltingError
from molting_tui.records.progress import Progress, Report
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.background import in_background
from molting_tui.ui.dialogs.completion import Completion, completed_word, path_completion
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.triage.filter_question import filter_offer
from molting_tui.workspace import Workspace

FIRST_FILTER, FIRST_FILE = "state:keep", "sharegpt.json"
MASK = "mask"
FROM_HERE = EXPORTING._replace(
    keep_first="Keep some first: F2 shows the pairs, a keeps one.",
    no_match="Only what is kept is written; F2 shows the pairs, a keeps one.",
    unfit="Choose another format.",
    advice=Advice(
        secret="Write mask at secrets, or F2 shows them under the filter `state:keep flag:secret` (F): m masks, e"
        " rewrites, x drops one.",
        prompt="Take it out there, or write mask at secrets.",
        personal=" mask at secrets takes it out of the file.",
    ),
)
"""What to do about a refusal, by keys instead of commands."""
_BETWEEN_LETTERS = 0.1
"""Seconds that a change waits for the next one before pairs are counted."""
_SOON = 1_000
"""Pairs that are looked through at once; more of them are counted first."""
_MOST_REASONS = 3


class ExportPlan(NamedTuple):
    """An export as it was asked for; of the kept pairs `where` chooses."""

    where: str
    name: str
    format: Format
    mask: bool

    @property
    def values(self) -> dict[str, str]:
        """What stood in the form's lines, to fill in the next one; whether secrets are masked is asked each time."""
        named = format_of_name(Path(self.name).name) == self.format
        return {"where": self.where, "file": self.name, "format": "" if named else self.format}

    def target(self, workspace: Workspace) -> Path:
        """The file that is meant: in the workspace's exports, where no folder is named."""
        return workspace.exports / Path(self.name).expanduser()

    def write(self, workspace: Workspace, replace: bool, report: Report) -> ExportReport:
        """Do it; with `replace` a file that stands there was said to be replaced. Raises what `export` raises, Refused
        for another's file that has come there unasked."""
        return export(
            workspace,
            self.target(workspace),
            format=self.format,
            where=self.where,
            mask=self.mask,
            replace=replace,
            purpose=FROM_HERE,
            report=report,
        )


class _Asked(NamedTuple):
    """What the pairs that would be written depend on."""

    where: str
    format: Format
    mask: bool


class _Seen(NamedTuple):
    """What was seen of it: how many kept pairs there are, what would be written of them (None: not looked through yet),
    or what is wrong."""

    asked: _Asked
    kept: int = 0
    foreseen: Foreseen | None = None
    wrong: str = ""


class ExportScreen(EntriesScreen):
    """Which pairs, which file, which format. Dismisses with a plan, or None."""

    TITLE_TEXT = "Export what is kept"
    ENTRIES = (
        ("where", "filter", "every pair that is kept"),
        ("file", "file", "a name, or a path of your own"),
        ("format", "format", f"what the name says, or {', '.join(FORMATS)}"),
        ("secrets", "secrets", "refused; mask: masked in the file, and personal data too"),
    )
    SUGGESTED = frozenset({"file", "format"})

    def __init__(self, workspace: Workspace, values: Mapping[str, str]) -> None:
        self._desk = Desk(workspace)
        super().__init__(workspace, {"where": FIRST_FILTER, "file": FIRST_FILE, **values})
        self._asked: _Asked | None = None
        self._seen: _Seen | None = None

    def offers(self) -> Mapping[str, Completion]:
        """Terms of the filter, the formats, the one word that there is for secrets."""
        return {
            "where": filter_offer(self._desk),
            "format": lambda text: completed_word(text, text.lower(), FORMATS, ""),
            "secrets": lambda text: completed_word(text, text.lower(), (MASK,), ""),
        }

    def completions(self) -> Mapping[str, Completion]:
        """Paths."""
        return {"file": path_completion(self.workspace.exports, endings=(*TEXT_ENDINGS, *PARQUET_ENDINGS))}

    def changed(self) -> None:
        """Look anew, if other pairs are meant; a suggested name goes with the format."""
        try:
            asked = self._what()
        except MoltingError:
            asked = None
        if asked is not None:
            self._name_for(asked.format)
            if asked != self._asked:
                first, self._asked = self._asked is None, asked
                in_background(self, "matching", lambda: self._count(asked, first), self._counted, self.notify)
        self.paint()

    def _name_for(self, format: Format) -> None:
        entry = self.entry("file")
        if entry.suggested and self.value("format") and format_of_name(entry.value) != format:
            entry.suggest({"messages": "messages.jsonl", "parquet": "pairs.parquet"}.get(format, f"{format}.json"))

    # What would be written

    def _what(self) -> _Asked:
        return _Asked(self.value("where"), self._format(), self._mask())

    def _format(self) -> Format:
        typed = self.value("format").lower()
        if not typed:
            return checked_format(format_of_name(Path(self.value("file")).name))
        begun = [name for name in FORMATS if name.startswith(typed)]
        return checked_format(begun[0] if len(begun) == 1 else typed)

    def _mask(self) -> bool:
        typed = self.value("secrets").lower()
        if typed and not MASK.startswith(typed):
            raise BadInput(f"`{show_line(typed, 20)}` is nothing to do with secrets.", fix="Write mask, or nothing.")
        return bool(typed)

    def _count(self, asked: _Asked, first: bool) -> _Seen:
        if not first:
            time.sleep(_BETWEEN_LETTERS)
            _unless_cancelled()
        try:
            kept = count_kept(self.workspace, asked.where)
        except MoltingError as error:
            return _Seen(asked, wrong=error.sentence())
        return self._look_through(asked) if kept <= _SOON else _Seen(asked, kept)

    def _look_through(self, asked: _Asked) -> _Seen:
        def report(_: Progress) -> None:
            _unless_cancelled()

        try:
            foreseen = foresee(
                self.workspace, asked.format, where=asked.where, mask=asked.mask, purpose=FROM_HERE, report=report
            )
        except Cancelled:
            raise
        except MoltingError as error:
            return _Seen(asked, wrong=error.sentence())
        return _Seen(asked, foreseen.kept, foreseen)

    def _counted(self, seen: _Seen) -> None:
        if not self.is_attached or seen.asked != self._asked:
            return
        self._seen = seen
        if seen.foreseen is None and not seen.wrong:
            in_background(self, "foreseen", lambda: self._look_through(seen.asked), self._counted, self.notify)
        self.paint()

    # The answer

    def answer(self) -> ExportPlan:
        """The plan. Raises BadInput for a name or a format that can't be, and for what would be refused."""
        asked = self._what()
        plan = ExportPlan(asked.where, self._checked_name(asked.format), asked.format, asked.mask)
        if self._seen is not None and self._seen.asked == asked and self._seen.wrong:
            raise BadInput(self._seen.wrong)
        return plan

    def _checked_name(self, format: Format) -> str:
        name = self.value("file")
        if not name:
            raise BadInput("Type a name, for example sharegpt.json.")
        try:
            destination(self.workspace, self.workspace.exports / Path(name).expanduser(), format, replace=True)
        except RuntimeError:
            raise BadInput("There is no such home folder.") from None
        return name

    def outcome(self, width: int) -> Iterator[Strip]:
        """What would be written where, and what would not."""
        asked, seen = self._what(), self._seen
        if seen is None or seen.asked != asked:
            yield line((" counting…", look.DIM))
        elif seen.wrong:
            raise BadInput(seen.wrong)
        else:
            yield from self._seen_lines(seen, width)
        try:
            name = self._checked_name(asked.format)
        except BadInput as error:
            yield from paragraphs(error.sentence(), width - 1, indent=1, base=look.WRONG)
            return
        if ExportPlan(asked.where, name, asked.format, asked.mask).target(self.workspace).exists():
            yield line((" There is a file of this name: enter asks before it is replaced.", look.DIM))

    def _seen_lines(self, seen: _Seen, width: int) -> Iterator[Strip]:
        name = self.value("file")
        where = name if "/" in name else f"exports/{name}"
        count = seen.kept if seen.foreseen is None else seen.foreseen.pairs
        words = f" {plural(count, 'pair')} ─▸ {show_line(where, width)}, as {seen.asked.format}"
        yield line((fit(words, width - 1), look.BOLD))
        if seen.foreseen is None:
            yield line((" looking through them for what doesn't fit, and for secrets…", look.DIM))
        else:
            yield from foreseen_lines(seen.foreseen, width)


def foreseen_lines(foreseen: Foreseen, width: int) -> Iterator[Strip]:
    """What would be left out and why, and what to know of the rest."""
    if foreseen.matching > foreseen.kept:
        words = (
            f" {plural(foreseen.matching, 'pair matches', 'pairs match')} the filter, {foreseen.kept:,} of them kept."
        )
        yield line((fit(words, width - 1), look.PLAIN))
    if foreseen.masked:
        yield line(
            (
                f" {plural(foreseen.masked, 'secret or personal detail', 'secrets and personal details')} masked",
                look.PLAIN,
            )
        )
    for left in foreseen.left_out[:_MOST_REASONS]:
        yield from hanging(
            f" {left.count:,} left out: ", look.BOLD, f"{left.reason} ({WHY[left.reason]})", width - 1, 2
        )
    for warning in foreseen.warnings[:_MOST_REASONS]:
        yield from hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, warning, width - 1, 3)


def _unless_cancelled() -> None:
    """Raise Cancelled where something else is asked for by now."""
    if get_current_worker().is_cancelled:
        raise Cancelled("Something else is asked for.")
