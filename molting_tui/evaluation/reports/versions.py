"""The versions of a model in the order in which they were made: runs with their contenders, sheets, totals of reports.

A report's total and a contender (or a run) of one name are one version: what was measured here stands, and what the
report tells of the training fills in what no run here knows. What is only told is never compared as measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from molting_tui import __version__
from molting_tui.datasets.catalogue import compare
from molting_tui.evaluation.reports.changes import changes_between
from molting_tui.evaluation.reports.comparing import compared
from molting_tui.evaluation.reports.made_of import asked_of, asked_told, training_of, training_told
from molting_tui.evaluation.results import table
from molting_tui.evaluation.statistics.paired import FEWEST_CLUSTERS, mean_interval
from molting_tui.records.contenders import Base, Contender, Endpoint
from molting_tui.records.evaluation import Answer, ContenderResult, Results, Rubric
from molting_tui.records.reports import Changes, Interval, Origin, Report, Spoken, Version
from molting_tui.records.totals import ReportedTotal
from molting_tui.store import answers, contenders, datasets, events, runs, totals
from molting_tui.store.answers import Chosen
from molting_tui.store.runs import StoredRun
from molting_tui.store.totals import StoredTotal
from molting_tui.workspace import Workspace

CONFIDENCE = 0.95


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

    Raises Refused while anybody scores blind, under whichever rubric, as `table.rated_answers` does. With
    `with_answers` their words are in it, and count as seen by you.
    """
    choice = {"sets": sets, "language": language, "unblind": unblind}
    table.open_gate(workspace, "", unblind=unblind)
    rated = table.rated_answers(workspace, rubric, **choice) if with_answers else []  # type: ignore[arg-type]
    results = table.results(workspace, rubric, **choice)  # type: ignore[arg-type]
    return Report(
        title=workspace.folder.name,
        results=results,
        versions=tuple(_in_order(workspace, rubric, _Known(workspace, rubric, results).versions())),
        notes=results.notes,
        created=events.now(),
        molting=__version__,
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
        self._clusters = _clusters(answer for given in self._answers.values() for answer in given)
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
        first = min((answer.time for answer in given), default="")
        return Version(
            name=name,
            origin=_origin(who, given, run),
            time=run.created if run and run.created else _day(total) or first,
            training=training or (training_told(told) if told else None),
            asked=asked_of(who) or (asked_told(told) if told else ()),
            result=result,
            interval=interval_of(result, self._clusters),
            reported=told,
            counts=told.counts if told else (),
        )

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
            interval=None,
            reported=told,
            counts=told.counts if told else (),
        )

    def _of_run(self, run: StoredRun | None) -> StoredTotal | None:
        return self._told.pop(_run_name(run).casefold(), None) if run else None


def interval_of(result: ContenderResult, clusters: Mapping[str, str]) -> Interval | None:
    """The t interval of a contender's score over the facts asked (`clusters`, by a question's name): the scores of
    all questions to one fact are averaged first. None below six facts, and where all score alike."""
    of_facts: dict[str, list[float]] = defaultdict(list)
    for question in result.questions:
        if question.score is not None:
            of_facts[clusters.get(question.question, question.question)].append(question.score)
    interval = mean_interval([fmean(scores) for scores in of_facts.values()], CONFIDENCE)
    if interval is None or len(of_facts) < FEWEST_CLUSTERS:
        return None
    return Interval(interval.low, interval.high, len(of_facts), CONFIDENCE)


def _in_order(workspace: Workspace, rubric: Rubric, versions: Iterable[Version]) -> list[Version]:
    """The versions by their time, each with what changed since the one before; what nobody made comes last."""
    ordered = sorted(versions, key=lambda version: (version.origin == "asked", version.time, version.name))
    before: Version | None = None
    done = []
    for version in ordered:
        if before is not None and version.origin != "asked":
            version = replace(
                version,
                changes=_changes(workspace, before, version),
                compared=compared(rubric, before, version),
            )
        done.append(version)
        before = version
    return done


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


def _told_alone(total: StoredTotal) -> Version:
    told: ReportedTotal = total.total
    return Version(
        name=told.version,
        origin="report",
        time=_day(total),
        training=training_told(told),
        asked=asked_told(told),
        result=None,
        interval=None,
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


def _clusters(given: Iterable[Answer]) -> dict[str, str]:
    """The fact that a question asks for, by the names that a table of results may give it."""
    clusters = {}
    for answer in given:
        question = answer.question
        clusters[question.id] = clusters[f"{question.id} ({question.digest[:6]})"] = question.fact_asked
    return clusters
