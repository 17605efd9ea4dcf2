"""Where one stands on the whole way: pairs, runs, answers, scores; what is at work, what waits, what to do next."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from molting_tui.curation.triage import Desk
from molting_tui.overview.pairs import Overview, overview
from molting_tui.runs.listing import RunLine, list_runs
from molting_tui.runs.run_state import ACTIVE
from molting_tui.store import answers, bank, battles, datasets, scoring
from molting_tui.store import pairs as pairs_stored
from molting_tui.text import plural
from molting_tui.workspace import Workspace

ENDED = 3
"""Runs that have ended and are told of."""


class Way(NamedTuple):
    """How far the work is. `answers` are stored, `waiting` of them want a score from this person; `at_work` are the
    runs whose process lives. `next_steps` are sentences, the first is the one to take; `notes` want attention,
    `battles` a vote of this person."""

    pairs: Overview
    datasets: int
    runs: int
    answers: int
    waiting: int
    at_work: tuple[RunLine, ...]
    next_steps: tuple[str, ...]
    notes: tuple[str, ...]
    battles: int = 0
    ended: tuple[RunLine, ...] = ()
    """The newest runs that aren't at work, the newest first."""
    decided: tuple[datetime, ...] = ()
    """When your latest decisions were made, oldest first: your pace."""
    proposed: int = 0
    """Questions that wait in the bank to be taken or dropped."""
    drafts: int = 0
    """Your unfinished rewrites."""

    @property
    def scored(self) -> int:
        """Answers that don't wait."""
        return max(self.answers - self.waiting, 0)


def way(workspace: Workspace) -> Way:
    """Take in what runs have answered, and count everything (not for the UI thread)."""
    pairs = overview(workspace)
    runs = list_runs(workspace)
    problems: tuple[str, ...] = ()
    if runs:
        # Loaded here: the readers of question files take 10 ms that the first frame of a new workspace doesn't need.
        from molting_tui.overview.taking_in import take_in

        problems = take_in(workspace).problems
    stored = answers.count(workspace.store)
    left = scoring.waiting(workspace.store, workspace.actor) if stored else 0
    return Way(
        pairs=pairs,
        datasets=datasets.count(workspace.store),
        runs=len(runs),
        answers=stored,
        waiting=left,
        at_work=tuple(run for run in runs if run.state in ACTIVE),
        next_steps=_next_steps(pairs, runs, stored, left),
        ended=tuple(run for run in runs if run.state not in ACTIVE)[:ENDED],
        proposed=bank.count(workspace.store, "proposed"),
        drafts=pairs_stored.draft_count(workspace.store, workspace.actor),
        decided=tuple(Desk(workspace).decision_times()),
        battles=battles.waiting_for(workspace.store, workspace.actor) if stored else 0,
        notes=(*filter(None, (workspace.read_only,)), *_run_notes(runs), *problems, *pairs.notes),
    )


def _next_steps(pairs: Overview, runs: list[RunLine], stored: int, left: int) -> tuple[str, ...]:
    steps = list(pairs.next_steps)
    trained = next((run for run in runs if run.kind == "train" and run.adapter), None)
    asked = max((run.number for run in runs if run.kind == "answer"), default=0)
    if any(run.state in ACTIVE for run in runs):
        pass  # one at a time: it comes first
    elif trained is not None and trained.number > asked:
        steps.append(f"run {trained.number} {trained.name} is trained: F4, then Q asks it questions.")
    elif pairs.counts.keep and not any(run.kind == "train" for run in runs):
        steps.append(f"{plural(pairs.counts.keep, 'pair')} kept: F4 trains on them, w exports them.")
    elif pairs.counts.keep:
        steps.append(f"{plural(pairs.counts.keep, 'pair')} kept: F4 trains on them again, w exports them.")
    if stored and not left:
        steps.append(f"{plural(stored, 'answer')} scored: F7 shows the results.")
    return tuple(steps)


def _run_notes(runs: list[RunLine]) -> list[str]:
    """What became of the latest run, where that was nothing good."""
    latest = next(iter(runs), None)
    if latest is None or latest.state not in ("failed", "died"):
        return []
    return [f"Run {latest.number} {latest.name} {latest.state}. {latest.problem} F4 shows its log."]
