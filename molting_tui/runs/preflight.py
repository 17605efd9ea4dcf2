"""Preflight of a training run in a workspace: the rows that would be frozen, and what else could stand in its way."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from molting_tui.curation import importing
from molting_tui.datasets.catalogue import checked_data, find
from molting_tui.datasets.export.export import kept_filter, system_prompt
from molting_tui.datasets.export.formats import Conversation as Whole
from molting_tui.datasets.export.formats import conversation_of
from molting_tui.datasets.export.secrecy import Gate
from molting_tui.datasets.frozen_manifest import conversations
from molting_tui.datasets.kept_apart import BankGuard, bank_guard
from molting_tui.errors import BadInput, Refused
from molting_tui.recipe.bases import look_over
from molting_tui.recipe.libraries import FOR_TRAINING, libraries_check
from molting_tui.recipe.preflight import Preflight, preflight
from molting_tui.recipe.rows import Conversation, RowReader
from molting_tui.recipe.runfolder import AnswerConfig, read_config
from molting_tui.recipe.settings import TrainingSettings
from molting_tui.recipe.templates import ChatMessage
from molting_tui.records.checks import Check, Level
from molting_tui.records.datasets import Dataset
from molting_tui.records.pairs import Flag, Pair
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.runs.folder import runs_folder
from molting_tui.runs.listing import RunLine, runs_at_work
from molting_tui.runs.room import room_check, room_for_training
from molting_tui.store import filters, pairs
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

_MASK = "Mask it (`molting decide --where 'state:keep flag:secret' mask`, m in triage), rewrite or drop the pair."

_FLAGGED_THEN = "The rules say so as they are now; `molting dataset show {}` tells what was flagged when it was frozen."

_FREEZE_AGAIN = "A frozen dataset is never changed: mask the pairs, and freeze them under another name."

_FREEZE_WITHOUT = (
    "Freeze the pairs anew: these go to its part `bank`. Or let the questions be memory:"
    " molting questions edit ID --role memory"
)

_HEARD_AFTER = 50
"""Beginnings of a long pair that are encoded before whoever watches is heard again."""


def look_before(
    workspace: Workspace,
    settings: TrainingSettings,
    *,
    where: str = "",
    dataset: str = "",
    report: Report = silent,
) -> Preflight:
    """Everything that is checked before a training on the kept pairs that the filter `where` matches, or on those of a
    frozen `dataset`.

    Nothing is written, and no library is loaded. `report` hears of the pairs read, and again and again within a long
    one; it may raise Cancelled. Raises BadFilter; BadInput for rules that can't be read, a filter beside a dataset, a
    dataset that isn't there, or whose bytes were changed.
    """
    if dataset and where:
        raise BadInput(
            "a frozen dataset is trained on whole: a filter can't choose among its pairs.",
            where=where,
            fix="Leave out the filter, or the dataset.",
        )
    frozen = find(workspace, dataset) if dataset else None
    base = look_over(settings.model_name, settings.target_modules)
    reader = RowReader(base.chat, settings.max_seq_len, lambda number, _: f"{'row' if frozen else 'pair'} {number}")
    others = [
        libraries_check(FOR_TRAINING, settings.quantisation),
        other_run_check(workspace),
        room_check(_standing(runs_folder(workspace)), *room_for_training(settings)),
        *base.checks,
        *(_read_frozen(workspace, reader, frozen, report) if frozen else _read_rows(workspace, reader, where, report)),
    ]
    checked = preflight(reader, settings, others)
    return checked if reader.read else _nothing_kept(workspace, checked, where)


def other_run_check(workspace: Workspace) -> Check:
    """Whether another run is at work: two would share the memory."""
    busy = next((line for line in runs_at_work(workspace) if not _asks_endpoint(workspace, line)), None)
    if busy is None:
        return Check("other-run", "pass", "no other run is at work")
    of = f", step {busy.step:,} of {busy.steps:,}" if busy.steps else ""
    problem = f" ({busy.problem.rstrip('.')})" if busy.problem else ""
    reference = busy.number or busy.id
    return Check(
        "other-run",
        "block",
        f"run {show_line(busy.id, 80)} is {busy.state}{of}{problem}; one at a time, since they would share the memory",
        f"Wait for it (`molting runs watch {reference}`) or stop it (`molting runs stop {reference}`).",
        1,
    )


def _asks_endpoint(workspace: Workspace, line: RunLine) -> bool:
    """Whether a run only waits for another machine's or process's answers."""
    try:
        config = read_config(runs_folder(workspace) / line.id)
    except BadInput:
        return False
    return isinstance(config, AnswerConfig) and config.served is not None


class _Row(NamedTuple):
    """A kept pair, its conversation as it would be frozen, and how far the work is before it."""

    pair: Pair
    whole: Whole
    before: Progress


def _rows_to_freeze(workspace: Workspace, where: str, report: Report) -> Iterator[_Row]:
    """Each kept pair that the filter matches."""
    chosen = kept_filter(workspace, where)
    prompt = system_prompt(workspace)
    before = Progress(0, len(filters.matching(workspace.store, chosen)), "pairs", "looking over")
    for pair in pairs.chosen(workspace.store, chosen, workspace.actor):
        yield _Row(pair, conversation_of(pair, prompt), before)
        before = before._replace(done=min(before.done + 1, before.total))
        report(before)


class _OfTheBank:
    """Counts the rows that ask a question of the bank."""

    def __init__(self, guard: BankGuard) -> None:
        self._guard = guard
        self._rows: list[str] = []
        self._questions: dict[str, None] = {}

    def take(self, uid: str, row: str, whole: Whole) -> bool:
        """Whether a row asks such a question; it is counted then."""
        turns = [message.text for message in whole.messages if message.role == "user"]
        question = self._guard.question_of(uid, turns)
        if question:
            self._rows.append(row)
            self._questions[question] = None
        return bool(question)

    def check(self, level: Level, what: str, fix: str) -> Check:
        """What preflight says of them, at this level; `what` is said of them."""
        if not self._rows:
            return Check("bank", "pass", "no row asks a question of the bank that isn't trained on")
        number = len(self._rows)
        named = ", ".join([*self._rows[:3], *(["…"] if number > 3 else [])])
        questions = ", ".join([*list(self._questions)[:3], *(["…"] if len(self._questions) > 3 else [])])
        asks = plural(number, "row asks", "rows ask")
        return Check("bank", level, f"{asks} what the bank's {questions} ask ({named}): {what}", fix, number)


class _Flagged:
    """Pairs that rules have flagged, by the families that have no check of their own."""

    def __init__(self) -> None:
        self._pairs = 0
        self._families: Counter[str] = Counter()

    def add(self, flags: Sequence[Flag]) -> None:
        """Count a pair with these flags."""
        families = {flag.family for flag in flags} - {"secret", "personal"}
        self._families.update(families)
        self._pairs += bool(families)

    def check(self) -> Check:
        """What preflight says of them, the most frequent family first."""
        if not self._pairs:
            return Check("flags", "pass", "no kept pair is flagged")
        named = ", ".join(f"{show_line(family, 40)} {number:,}" for family, number in self._families.most_common())
        why = f"{plural(self._pairs, 'kept pair is', 'kept pairs are')} flagged: {named}"
        return Check("flags", "note", why, "`molting pairs --where 'state:keep is:flagged'` lists them.", self._pairs)


def _still(report: Report, before: Progress) -> Callable[[], None]:
    """What tells now and then that the work is where it was, so that it can be cancelled within a long pair."""
    encoded = itertools.count(1)

    def still() -> None:
        if next(encoded) % _HEARD_AFTER == 0:
            report(before)

    return still


def _read_rows(workspace: Workspace, reader: RowReader, where: str, report: Report) -> Iterator[Check]:
    """Let every row pass the reader, and look for what only the workspace knows of it: secrets, flags."""
    rules = importing.policy(workspace).rules
    gate, of_prompt = Gate(rules, mask=False), Gate(rules, mask=False)
    in_prompt = _secret_in_prompt(of_prompt, system_prompt(workspace))
    flagged, of_the_bank = _Flagged(), _OfTheBank(bank_guard(workspace))
    for pair, whole, before in _rows_to_freeze(workspace, where, report):
        if of_the_bank.take(pair.uid, f"pair {pair.id}", whole):
            continue
        # The workspace's own prompt was looked at already, once for all.
        gate.passed(pair.id, whole._replace(system=pair.system), own_system=True)
        flagged.add(pair.flags)
        reader.take(Conversation(pair.id, _chat_messages(whole)), _still(report, before))
    yield in_prompt or _secrets(*gate.secrets)
    yield _personal(*gate.personal, in_prompt=of_prompt.personal[0] > 0)
    yield flagged.check()
    yield of_the_bank.check("note", "they aren't trained on", "`molting questions check` tells which.")


def _read_frozen(workspace: Workspace, reader: RowReader, dataset: Dataset, report: Report) -> Iterator[Check]:
    """The same for the rows of a frozen dataset: they may hold what the rules of its day didn't know."""
    rules = importing.policy(workspace).rules
    gate = Gate(rules, mask=False)
    flagged, of_the_bank = _Flagged(), _OfTheBank(bank_guard(workspace))
    before = Progress(0, dataset.parts["train"], "pairs", "looking over")
    for number, whole in enumerate(conversations(checked_data(workspace, dataset)), 1):
        gate.passed(number, whole, own_system=True)
        of_the_bank.take("", f"row {number}", whole)
        # What the rules notice in the dataset's prompt would flag every pair.
        flagged.add(rules.flags(whole.messages if whole.system == dataset.system_prompt else whole.whole()))
        reader.take(Conversation(number, _chat_messages(whole)), _still(report, before))
        before = before._replace(done=number)
        report(before)
    secrets = _secrets(*gate.secrets)
    yield secrets._replace(fix=_FREEZE_AGAIN) if secrets.level == "block" else secrets
    yield _personal(*gate.personal)
    flags = flagged.check()
    yield flags._replace(fix=_FLAGGED_THEN.format(dataset.name)) if flags.level == "note" else flags
    yield of_the_bank.check("block", "a question that enters verdicts is never trained on", _FREEZE_WITHOUT)


def _secret_in_prompt(gate: Gate, prompt: str) -> Check | None:
    try:
        gate.passed(0, Whole(prompt, ()), own_system=False)
    except Refused as error:
        why = f"{error.where}: it holds a secret, and would be the system turn of the pairs"
        return Check("secrets", "block", why, "Take it out there.")
    return None


def _secrets(count: int, named: str) -> Check:
    if not count:
        return Check("secrets", "pass", "no pair holds a secret")
    why = f"{plural(count, 'kept pair holds', 'kept pairs hold')} a secret: {show_line(named, 300)}"
    return Check("secrets", "block", why, _MASK, count)


def _personal(count: int, named: str, in_prompt: bool = False) -> Check:
    if not count and not in_prompt:
        return Check("personal-data", "pass", "no personal data was found in them")
    places = ["molting.toml, [persona] system_prompt"] if in_prompt else []
    if count:
        places.append(f"{plural(count, 'pair')}: {show_line(named, 300)}")
    why = f"personal data is in {', and in '.join(places)}"
    return Check("personal-data", "warn", why, "A model may say it to anybody: mask what it needn't know.", count)


def _chat_messages(whole: Whole) -> list[ChatMessage]:
    """A conversation as templates take it."""
    return [{"role": message.role, "content": message.text} for message in whole.whole()]


def _nothing_kept(workspace: Workspace, checked: Preflight, where: str) -> Preflight:
    """The same, with the reason why there is no row."""
    number = pairs.counts(workspace.store).keep
    if number:
        why = f"none of the {plural(number, 'kept pair')} matches the filter {show_line(where, 120)}"
        check = Check("pairs", "block", why, "`molting pairs --where FILTER` shows what a filter matches.")
    else:
        why = "no pair has been kept yet, so there is nothing to train on"
        fix = "Keep some first: `molting` opens the workbench, `molting decide PAIR keep` does it from here."
        check = Check("pairs", "block", why, fix)
    return checked._replace(checks=tuple(check if other.id == "pairs" else other for other in checked.checks))


def _standing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())
