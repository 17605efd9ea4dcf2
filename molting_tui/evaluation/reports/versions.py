"""The versions of a model in the order in which they were made: runs with their contenders, sheets, totals of reports.

A report's total and a contender (or a run) of one name are one version: what was measured here stands, and what the
report tells of the training fills in what no run here knows. What is only told is never compared as measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from molting_tui import __version__
from molting_tui.datasets.catalogue import compare
from molting_tui.evaluation.battles.strengths import contender_strengths
from molting_tui.evaluation.noticing.hints import hints_of
from molting_tui.evaluation.reports.changes import changes_between
from molting_tui.evaluation.reports.comparing import (
    Judged,
    battles_between,
    compared,
    every_verdict,
    judged,
    unsaid,
)
from molting_tui.evaluation.reports.made_of import asked_of, asked_told, training_of, training_told
from molting_tui.evaluation.results import table
from molting_tui.evaluation.results.flag_counts import contender_flags
from molting_tui.evaluation.results.verdict_words import best_of
from molting_tui.records.contenders import Base, Contender, Endpoint
from molting_tui.records.evaluation import Answer, ContenderResult, Results, Rubric
from molting_tui.records.flags import ContenderFlags
from molting_tui.records.reports import Changes, Origin, Report, Spoken, Version
from molting_tui.records.totals import ReportedTotal, Share
from molting_tui.store import answers, contenders, datasets, events, runs, scoring, totals
from molting_tui.store.answers import Chosen
from molting_tui.store.runs import StoredRun
from molting_tui.store.totals import StoredTotal
from molting_tui.workspace import Workspace


def report(
    workspace: Workspace,
    rubric: Rubric,
    *,
    sets: Sequence[str] = (),
    language: str = "",
    unblind: bool = False,
    with_answers: bool = False,
) -> Report:
    """Everything that is known of every version, under one rubric.

    Raises Refused while anybody scores blind, under whichever rubric, as `table.rated_answers` does. Flags and facts of
    all answers of scored contenders are counted, which is logged; with `with_answers` their words are in it, and count
    as seen by you.
    """
    choice = {"sets": sets, "language": language, "unblind": unblind}
    table.open_gate(workspace, "", unblind=unblind)
    rated = table.rated_answers(workspace, rubric, **choice) if with_answers else []  # type: ignore[arg-type]
    results = table.results(workspace, rubric, **choice)  # type: ignore[arg-type]
    ordered = sorted(
        _Known(workspace, rubric, results).versions(),
        key=lambda version: (version.origin == "asked", version.time, version.name),
    )
    verdicts = judged(workspace, results, ordered, sets, language)
    versions = tuple(_with_changes(workspace, rubric, ordered, verdicts))
    fought = battles_between(workspace, versions)
    return Report(
        title=workspace.folder.name,
        results=results,
        versions=versions,
        notes=(*results.notes, *(() if results.verdicts else best_of(every_verdict(verdicts)))),
        created=events.now(),
        molting=__version__,
        verdicts=unsaid(verdicts, versions),
        battles=fought,
        strengths=contender_strengths([each.result for each in fought if each.result.a != each.result.b]),
        answers=tuple(
            Spoken(each.contender, each.question.id, each.question.prompt, each.sample, each.text, of.score)
            for of in rated
            if (each := of.answer).read
        ),
    )


class _Known:
    """What the workspace knows of versions, under whichever names."""

    def __init__(self, workspace: Workspace, rubric: Rubric, results: Results) -> None:
        store = workspace.store
        self._workspace = workspace
        self._results = {result.name: result for result in results.contenders}
        self._answers: dict[str, list[Answer]] = defaultdict(list)
        for answer in answers.answers(store, Chosen(contenders=tuple(self._results))) if self._results else ():
            self._answers[answer.contender].append(answer)
        # Their flags and facts are counted, also of answers that you could still score blind.
        read = [answer.id for given in self._answers.values() for answer in given if answer.read]
        scoring.mark_shown(store, workspace.actor, read, "facts", events.now(), but_scored="")
        self._contenders = contenders.every(store)
        self._runs = {run.name: run for run in runs.trained(store)}
        self._told = _totals_by_name(totals.every(store), rubric.id)

    def versions(self) -> list[Version]:
        """Those that were scored, those that were trained and weren't, and those that a report alone tells of."""
        scored = [self._scored(name, result) for name, result in self._results.items()]
        of_runs = {version.training.run for version in scored if version.training}
        trained = [self._trained(run) for name, run in self._runs.items() if name not in of_runs]
        return [*scored, *trained, *map(_told_alone, self._told.values())]

    def _scored(self, name: str, result: ContenderResult) -> Version:
        given = self._answers[name]
        who = [self._contenders[number] for number in dict.fromkeys(answer.contender_id for answer in given)]
        run = next((self._runs[each.run] for each in who if each.run in self._runs), None)
        training = training_of(self._workspace, run, who) if run else None
        total = self._told.pop(name.casefold(), None) or self._of_run(run)
        told = total.total if total else None
        flags = self._flags(name, given)
        first = min((answer.time for answer in given), default="")
        return Version(
            name=name,
            origin=_origin(who, given, run),
            time=run.created if run and run.created else _day(total) or first,
            training=training or (training_told(told) if told else None),
            asked=asked_of(who) or (asked_told(told) if told else ()),
            result=result,
            reported=told,
            counts=_counts(flags) if flags else told.counts if told else (),
            flags=flags,
        )

    def _flags(self, name: str, given: Sequence[Answer]) -> ContenderFlags | None:
        """How many of a contender's answers have which flags; None where none of them was read here."""
        read = [answer for answer in given if answer.read]
        if not read:
            return None
        hints = hints_of(self._workspace, read)
        return contender_flags(name, [hints[answer.id] for answer in read])

    def _trained(self, run: StoredRun) -> Version:
        total = self._of_run(run)
        told = total.total if total else None
        return Version(
            name=_run_name(run),
            origin="run",
            time=run.created or _day(total),
            training=training_of(self._workspace, run),
            asked=asked_told(told) if told else (),
            result=None,
            reported=told,
            counts=told.counts if told else (),
        )

    def _of_run(self, run: StoredRun | None) -> StoredTotal | None:
        return self._told.pop(_run_name(run).casefold(), None) if run else None


def _with_changes(
    workspace: Workspace, rubric: Rubric, ordered: Iterable[Version], verdicts: Judged
) -> Iterator[Version]:
    """The versions, each with what changed since the one before and what may be said of the two; what nobody made here
    comes last and has no changes."""
    before: Version | None = None
    for version in ordered:
        made = version
        if before is not None and version.origin != "asked":
            changes = _changes(workspace, before, version)
            made = replace(version, changes=changes, compared=compared(rubric, before, version, verdicts))
        yield made
        before = version


def _changes(workspace: Workspace, before: Version, after: Version) -> Changes:
    """What changed, with the difference of the two datasets where both are here."""
    old, new = (
        datasets.by_name(workspace.store, each.training.dataset) if each.training and each.training.dataset else None
        for each in (before, after)
    )
    diff = compare(workspace, old, new).diff if old and new else None
    prompts = [each.training.system_prompt if each.training else None for each in (before, after)]
    return changes_between(before, after, diff, other_prompt=None not in prompts and prompts[0] != prompts[1])


def _totals_by_name(stored: Iterable[StoredTotal], rubric_id: str) -> dict[str, StoredTotal]:
    """The totals by their versions' names; of several by different rubrics the one that this report is under."""
    by_name: dict[str, StoredTotal] = {}
    for total in sorted(stored, key=lambda each: each.total.rubric == rubric_id):
        by_name[total.total.version.casefold()] = total
    return by_name


def _counts(flags: ContenderFlags) -> tuple[Share, ...]:
    """What reports have always counted, of a contender's answers."""
    counted = {"agent-like": flags.flags["agent_like"], "factual": flags.factual, "coherent": flags.coherent}
    return tuple(Share(name, share.hits, share.trials) for name, share in counted.items() if share.trials)


def _told_alone(total: StoredTotal) -> Version:
    told: ReportedTotal = total.total
    return Version(
        name=told.version,
        origin="report",
        # Of no known day: it is older than what was made here, whenever somebody wrote it down.
        time=told.date or "",
        training=training_told(told),
        asked=asked_told(told),
        result=None,
        reported=told,
        counts=told.counts,
    )


def _day(total: StoredTotal | None) -> str:
    return (total.total.date or total.time) if total else ""


def _run_name(run: StoredRun) -> str:
    """What a run was named: its folder's name without the number."""
    number, _, name = run.name.partition("-")
    return name if number.isdigit() and name else run.name


def _origin(who: Sequence[Contender], given: Sequence[Answer], run: StoredRun | None) -> Origin:
    if run is not None:
        return "run"
    if given and all(not answer.read for answer in given):
        return "sheet"
    if any(isinstance(each.model, (Base, Endpoint)) for each in who):
        return "asked"
    return "file"
