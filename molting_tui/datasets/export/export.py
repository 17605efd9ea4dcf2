"""Export: what was kept, rewrites applied, as one file that other trainers load, and a manifest beside it.

The file and its manifest are complete and on the disk before they take their names. A secret never leaves: every
text that would be written is searched by the rules as it is now, whatever flags are stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from molting_tui.curation import importing
from molting_tui.curation.derive import Policy
from molting_tui.curation.filter_names import read_filter
from molting_tui.datasets.composition import Composition, Texts
from molting_tui.datasets.digests import dataset_digest
from molting_tui.datasets.export.destination import checked_format, destination
from molting_tui.datasets.export.formats import (
    BANK_QUESTION,
    WHY,
    Conversation,
    Format,
    Row,
    Unfit,
    conversation_of,
    row_of,
)
from molting_tui.datasets.export.manifest import Manifest, fields_of, manifest_path, written_out
from molting_tui.datasets.export.secrecy import FOR_A_FILE, Advice, Gate
from molting_tui.datasets.export.writing import Nowhere, Part, Rows, rows_into, sweep, sync_folder
from molting_tui.datasets.kept_apart import HeldOut, Parts, parts_of
from molting_tui.errors import BadInput
from molting_tui.records.datasets import Part as PartName
from molting_tui.records.filters import Filter, Term
from molting_tui.records.pairs import Pair, State
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.records.turns import LeftOut
from molting_tui.store import filters, pairs
from molting_tui.text import as_text, plural
from molting_tui.workspace import Workspace

_KEPT = Term("state", ":", (State.KEEP.value,))
_ASKED_AGAIN = (Term("state", ":", (State.OPEN.value,)), Term("asked", ":", ("again",)))
EXAMPLE = 80
"""Characters of a prompt that an example of what was left out shows."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    `pairs` were written; `left_out` were kept but don't fit the format, by reason. `masked` counts the signs that
    stand where secrets and personal data were. `digest` is the file's SHA-256, `dataset_digest` that of what it says
    (the same in every format that holds the same pairs). `warnings` are sentences.
    """

    path: Path
    manifest: Path
    format: Format
    pairs: int
    left_out: tuple[LeftOut, ...]
    masked: int
    digest: str
    dataset_digest: str
    warnings: tuple[str, ...]


class Foreseen(NamedTuple):
    """What an export would write if it were made now: how many pairs its filter matches, how many of them are kept, how
    many would be written, what would be left out, how many signs masked, and what to know of it."""

    matching: int
    kept: int
    pairs: int
    left_out: tuple[LeftOut, ...]
    masked: int
    warnings: tuple[str, ...]


class Beside(NamedTuple):
    """Where the pairs of one part of a dataset go that aren't trained on: their rows, and the count of them."""

    rows: Rows
    texts: Texts


class Purpose(NamedTuple):
    """What rows are written for, as progress and refusals say it: the work, what there is nothing to do where nothing
    is kept, what to do where nothing fits, what to do about secrets, where nothing is kept, and where the
    filter matches nothing of it; and whether they stand in the order that the filter says."""

    label: str
    nothing: str
    unfit: str
    advice: Advice
    keep_first: str = "Keep some first: `molting` opens the workbench, `molting decide PAIR keep` does it from here."
    no_match: str = "`molting pairs --where FILTER` shows what a filter matches."
    ordered: bool = False


EXPORTING = Purpose("exporting", "nothing to export", "Choose another --format.", FOR_A_FILE, ordered=True)


def export(
    workspace: Workspace,
    target: Path,
    *,
    format: str,
    where: str = "",
    mask: bool = False,
    replace: bool = False,
    purpose: Purpose = EXPORTING,
    report: Report = silent,
) -> ExportReport:
    """Write the kept pairs that the filter `where` matches into `target`, and `NAME.manifest.json` beside it.

    `format` is one of `FORMATS`; a text format is one JSON array in a `.json` file, one JSON value a line in `.jsonl`.
    With `mask`, secrets and personal data are masked in the file (and stay in the workspace). With `replace`, a file
    that no export of ours left is replaced too. `report` hears of the pairs done; `purpose` has the words of a refusal.

    The old file stays until the new one is complete: on any failure, when `report` raises Cancelled, when the process
    is killed. Raises BadFilter; BadInput where nothing is kept, nothing fits, or the target can't be written; Refused
    for a secret, WouldReplace for such a file; MoltingError when the disk is full.
    """
    kind = checked_format(format)
    path = destination(workspace, target, kind, replace=replace)
    refuse_nothing_kept(workspace, where, purpose)
    sweep(path.parent)
    with Part(path) as data, Part(manifest_path(path)) as beside:
        manifest, _ = write_kept(workspace, data, kind, where=where, mask=mask, purpose=purpose, report=report)
        beside.write(written_out(fields_of(manifest)))
        beside.finish()
        # The data goes first: where it can't take its name, nothing has changed.
        data.take_place()
        beside.take_place()
    sync_folder(path.parent)
    return ExportReport(
        path=path,
        manifest=beside.target,
        format=kind,
        pairs=manifest.written,
        left_out=manifest.left_out,
        masked=manifest.masked,
        digest=manifest.digest,
        dataset_digest=manifest.dataset_digest,
        warnings=manifest.warnings,
    )


def foresee(
    workspace: Workspace,
    format: str,
    *,
    where: str = "",
    mask: bool = False,
    purpose: Purpose = EXPORTING,
    report: Report = silent,
) -> Foreseen:
    """What `export` would write now: every pair passes the same way, but into no file. Raises what `export` raises of
    the filter, of secrets and of what fits."""
    kind = checked_format(format)
    refuse_nothing_kept(workspace, where, purpose)
    policy = importing.policy(workspace)
    work = _work(workspace, Gate(policy.rules, mask, purpose.advice), kind, where, purpose, Nowhere())
    work.write(report)
    composition, gate = work.composition, work.gate
    return Foreseen(
        matching=len(filters.matching(workspace.store, read_filter(workspace, where))),
        kept=composition.kept,
        pairs=composition.written,
        left_out=composition.left_out(),
        masked=gate.masked,
        warnings=_warnings(work, where),
    )


def _work(
    workspace: Workspace,
    gate: Gate,
    kind: Format,
    where: str,
    purpose: Purpose,
    rows: Rows,
    beside: Mapping[PartName, Beside] | None = None,
    held_out: HeldOut | None = None,
) -> _Work:
    """The way of the kept pairs that a filter matches into `rows`."""
    chosen = kept_filter(workspace, where, ordered=purpose.ordered)
    parts = parts_of(workspace, filters.matching(workspace.store, chosen), held_out)
    composition = Composition(system_prompt(workspace))
    return _Work(workspace, chosen, kind, purpose, gate, composition, rows, parts, beside or {})


def write_kept(
    workspace: Workspace,
    data: Part,
    kind: Format,
    *,
    where: str = "",
    mask: bool = False,
    purpose: Purpose = EXPORTING,
    report: Report = silent,
    beside: Mapping[PartName, Beside] | None = None,
    held_out: HeldOut | None = None,
) -> tuple[Manifest, Composition]:
    """Write the kept pairs that the filter `where` matches into a file under way, and bring it to the disk.

    Pairs that ask a question of the bank, and those that are `held_out`, go `beside`; where there is no such place
    they are left out. Returns what a manifest says of it, and the count. Raises BadFilter; Refused for a secret;
    BadInput where nothing fits, and where nothing can be held out."""
    policy = importing.policy(workspace)
    gate = Gate(policy.rules, mask, purpose.advice)
    work = _work(workspace, gate, kind, where, purpose, rows_into(data, kind), beside, held_out)
    work.write(report)
    data.finish()
    return _manifest(work, policy, where, data), work.composition


@dataclass(frozen=True, slots=True)
class _Work:
    """One export under way: which pairs, the way they go into the file, and the count of it."""

    workspace: Workspace
    chosen: Filter
    kind: Format
    purpose: Purpose
    gate: Gate
    composition: Composition
    rows: Rows
    parts: Parts
    beside: Mapping[PartName, Beside] = field(default_factory=dict)

    def write(self, report: Report) -> None:
        """Write every pair that fits. Raises Refused for a secret, BadInput if nothing fits."""
        prompt = system_prompt(self.workspace)
        total = len(filters.matching(self.workspace.store, self.chosen))
        for done, pair in enumerate(self._pairs(), 1):
            # Somebody may have changed their mind since the pairs were listed.
            if pair.state is State.KEEP:
                self._take(pair, prompt)
            report(Progress(min(done, total), total, "pairs", self.purpose.label))
        self.gate.refuse_secrets()
        if not self.composition.written:
            raise self._nothing_fits()
        self.rows.end()

    def _pairs(self) -> Iterator[Pair]:
        workspace = self.workspace
        if self.kind != "alpaca":
            yield from pairs.chosen(workspace.store, self.chosen, workspace.actor)
            return
        # Pairs with a history come first: `datasets` takes the type of a column from the start of a JSONL file, and
        # after 10 MB of empty histories it can't read one that has something in it.
        for with_history in (True, False):
            for pair in pairs.chosen(workspace.store, self.chosen, workspace.actor):
                if bool(pair.context) is with_history:
                    yield pair

    def _take(self, pair: Pair, prompt: str) -> None:
        """Write a pair where it belongs, or count why it isn't written."""
        conversation = conversation_of(pair, prompt)
        row = row_of(conversation, self.kind)
        part = self.parts.of(pair)
        reason = row.reason if isinstance(row, Unfit) else ""
        if not reason and part not in ("train", *self.beside):
            reason = BANK_QUESTION
        if reason:
            example = self.gate.masked_text(pair.instruction)[:EXAMPLE]
            self.composition.leave_out(reason, f"pair {pair.id}: {example}")
            return
        passed = self.gate.passed(pair.id, conversation, own_system=conversation.system == pair.system)
        if passed is None or self.gate.refuses:
            return  # nothing will be written any more, but every secret is to be named at once
        if passed is not conversation:
            row = row_of(passed, self.kind)
        assert not isinstance(row, Unfit), "masking changes texts, and no roles"
        self._put(pair, passed, row, part)

    def _put(self, pair: Pair, conversation: Conversation, row: Row, part: PartName) -> None:
        if part == "train":
            self.composition.add(pair, conversation)
            self.rows.add(row)
            return
        self.composition.kept += 1
        beside = self.beside[part]
        beside.texts.add(pair.uid, conversation)
        beside.rows.add(row)

    def _nothing_fits(self) -> BadInput:
        apart = sum(len(beside.texts.rows) for beside in self.beside.values())
        if apart and not self.composition.left_out():
            return BadInput(
                f"nothing is left to train on: {plural(apart, 'kept pair asks', 'kept pairs ask')} what a question of "
                "the bank asks, or would be held out. Nothing was written.",
                fix="Keep other pairs, or make the questions memory: molting questions edit ID --role memory",
            )
        return _nothing_fits(self.kind, self.composition.left_out(), self.purpose)


def system_prompt(workspace: Workspace) -> str:
    """The system turn of the pairs that have none of their own; empty for none."""
    return workspace.settings.persona.system_prompt.strip()


def _manifest(work: _Work, policy: Policy, where: str, data: Part) -> Manifest:
    """The manifest of an export whose file `data` is written. The prompt's digest is of what was written: masked."""
    composition, gate = work.composition, work.gate
    prompt = gate.masked_text(system_prompt(work.workspace)) if gate.masks else system_prompt(work.workspace)
    return Manifest(
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        workspace=work.workspace.name,
        filter=where,
        answer=policy.answer.value,
        rules_digest=policy.rules.digest,
        system_prompt_digest=hashlib.sha256(prompt.encode()).hexdigest() if prompt else "",
        file=as_text(Path(data.target.name)),
        kind=work.kind,
        bytes=data.size,
        digest=data.digest,
        dataset_digest=dataset_digest(composition.rows()),
        kept=composition.kept,
        written=composition.written,
        rewritten=composition.rewritten,
        with_system=composition.with_system,
        masked=gate.masked,
        masked_pairs=gate.masked_pairs,
        left_out=composition.left_out(),
        kinds=composition.kinds,
        models=composition.models,
        languages=composition.languages,
        warnings=_warnings(work, where),
        uids=composition.uids,
    )


def _warnings(work: _Work, where: str) -> tuple[str, ...]:
    """What would surprise whoever uses the file, as sentences."""
    asked_again = _asked_again(work.workspace, where)
    return (*work.composition.warnings(work.kind), *work.gate.warnings(), *asked_again)


def _asked_again(workspace: Workspace, where: str) -> tuple[str, ...]:
    """A sentence on the pairs of this filter that were decided on once and aren't in a file, since they have another
    answer now; none where there are none."""
    typed = read_filter(workspace, where)
    others = tuple(term for term in typed.terms if term.field != "state")
    count = len(filters.matching(workspace.store, Filter((*others, *_ASKED_AGAIN))))
    if not count:
        return ()
    have, are = ("has", "is") if count == 1 else ("have", "are")
    return (
        f"{plural(count, 'pair')} that somebody had decided on or rewritten {have} another answer now and {are} open,"
        " so not among these: the filter `state:open asked:again`.",
    )


def kept_filter(workspace: Workspace, where: str, *, ordered: bool = False) -> Filter:
    """The kept pairs that the filter `where` matches. Raises BadFilter.

    In its order only where they are to be `ordered`: what a dataset is doesn't hang on how a list was looked at.
    """
    typed = read_filter(workspace, where)
    return typed._replace(terms=(*typed.terms, _KEPT), order=typed.order if ordered else ())


def count_kept(workspace: Workspace, where: str) -> int:
    """How many kept pairs the filter `where` matches. Raises BadFilter."""
    return len(filters.matching(workspace.store, kept_filter(workspace, where)))


def refuse_nothing_kept(workspace: Workspace, where: str, purpose: Purpose) -> None:
    """Raise BadInput if the filter `where` matches no kept pair, or if none is kept at all. Raises BadFilter."""
    if count_kept(workspace, where):
        return
    kept = pairs.counts(workspace.store).keep
    if kept:
        raise BadInput(
            f"none of the {plural(kept, 'kept pair')} matches the filter. Nothing was written.",
            where=where,
            fix=purpose.no_match,
        )
    raise BadInput(
        f"no pair has been kept yet, so there is {purpose.nothing}.",
        fix=purpose.keep_first,
    )


def _nothing_fits(kind: Format, left_out: tuple[LeftOut, ...], purpose: Purpose) -> BadInput:
    reasons = "; ".join(f"{left.count:,} {left.reason} ({WHY[left.reason]})" for left in left_out)
    return BadInput(
        f"none of the kept pairs fits the format {kind}: {reasons}. Nothing was written.",
        fix=purpose.unfit,
    )
