"""What waits for a score: your open session, and what another one could be of. Counts, never contenders."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, islice
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.results import remarks
from molting_tui.evaluation.results.table import chosen_rubric
from molting_tui.evaluation.scoring.blind_session import Scoring, start
from molting_tui.evaluation.scoring.edited_rubrics import edited_sentence
from molting_tui.evaluation.scoring.open_sessions import OpenSession, open_sessions
from molting_tui.evaluation.scoring.rubrics import list_rubrics
from molting_tui.evaluation.scoring.session_plans import NothingToScore, Plan, checked_choice, plan
from molting_tui.records.evaluation import Rubric
from molting_tui.store import answers, events, meta, ratings, scoring
from molting_tui.workspace import Workspace

_SAID = "not-applicable-said"
MOST_PAIRS = 12
"""Pairs of contenders that are offered; the others can be named in a command."""
LANGUAGES = ("", "pt", "en")
"""What one can choose from; empty: all."""


class Wanted(NamedTuple):
    """What somebody wants to score: a rubric by name (empty: the one used last, else the default), question sets and a
    language (empty: all), and whether answers that they have scored are scored again; whose answers (empty:
    everybody's) and together with those of which baselines; how many come a second time (None: as many as make sense).
    """

    rubric: str = ""
    sets: tuple[str, ...] = ()
    language: str = ""
    again: bool = False
    contenders: tuple[str, ...] = ()
    versus: tuple[str, ...] = ()
    repeats: int | None = None


class Choices(NamedTuple):
    """What there is to choose from: rubrics (the one used last, else the default, first), question sets with answers,
    languages with answers, a sentence for each rubric file that can't be read, and pairs of contenders (a new one, its
    baseline) that can be scored together."""

    rubrics: tuple[Rubric, ...]
    sets: tuple[str, ...]
    languages: tuple[str, ...]
    problems: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = ()


class Session(NamedTuple):
    """Your open session in figures: the rubric's id, its answers, and how many of them are left."""

    rubric: str
    answers: int
    left: int


class Waits(NamedTuple):
    """How many answers of a selection wait, by rubric id; a sentence for each rubric whose words were changed under one
    version; your open session, whatever it is of; everybody's; and how many files of answers can't be read whole."""

    rubrics: tuple[tuple[str, int], ...]
    edited: tuple[str, ...]
    session: Session | None
    sessions: tuple[OpenSession, ...]
    unread: int


def waits(workspace: Workspace, wanted: Wanted, unread: int) -> Waits:
    """What waits, in figures, beside `unread` files. Raises BadInput for a rubric or question set that isn't known."""
    rubrics = (chosen_rubric(workspace, wanted.rubric),) if wanted.rubric else choices(workspace).rubrics
    counts = tuple((rubric.id, waiting_for(workspace, rubric, wanted)) for rubric in rubrics)
    going = going_on(workspace)
    yours = Session(going.rubric.id, going.total, going.left) if going else None
    changed = (edited_sentence(workspace, rubric) for rubric in rubrics)
    return Waits(counts, tuple(sentence for sentence in changed if sentence), yours, open_sessions(workspace), unread)


def going_on(workspace: Workspace) -> Scoring | None:
    """Your latest session with an open answer, under the rubric as it was when it began; None if there is none."""
    store = workspace.store
    session = scoring.latest_open(store, workspace.actor)
    rubric = ratings.remembered_rubric(store, session.rubric_digest) if session else None
    return Scoring(workspace, rubric, session.id) if session and rubric else None


def choices(workspace: Workspace) -> Choices:
    """What another session could be of."""
    store = workspace.store
    shelf = list_rubrics(workspace)
    try:
        first = chosen_rubric(workspace).id
    except BadInput:  # its file has a mistake, which stands among the problems
        first = ""
    return Choices(
        rubrics=tuple(
            sorted((shelved.record for shelved in shelf if shelved.record), key=lambda rubric: rubric.id != first)
        ),
        sets=tuple(name for name in answers.set_ids(store) if _there(workspace, (name,), "")),
        languages=tuple(name for name in LANGUAGES if not name or _there(workspace, (), name)),
        problems=tuple(shelved.problem for shelved in shelf if shelved.problem),
        pairs=_pairs(workspace),
    )


def _pairs(workspace: Workspace) -> tuple[tuple[str, str], ...]:
    """Two contenders each that have answered the same question, the one that answered last as the new one."""
    asked: dict[str, set[str]] = {}
    for name in sorted(answers.names(workspace.store), reverse=True):
        if name.source != "sheet":
            asked.setdefault(name.contender, set()).add(name.question_digest)
    pairs = combinations(asked, 2)
    return tuple(islice((pair for pair in pairs if asked[pair[0]] & asked[pair[1]]), MOST_PAIRS))


def waiting_for(workspace: Workspace, rubric: Rubric, wanted: Wanted) -> int:
    """How many answers a session of this would hold, each counted once. Raises BadInput for a question set or contender
    that isn't known, and for contenders that share no question."""
    planned = planned_for(workspace, rubric, wanted)
    return 0 if planned is None else len(planned.answers)


def planned_for(workspace: Workspace, rubric: Rubric, wanted: Wanted) -> Plan | None:
    """The session that this would begin; None where nothing waits. Raises BadInput as `waiting_for` does."""
    chosen = checked_choice(workspace, wanted.sets, wanted.language, wanted.contenders, wanted.versus)
    try:
        return plan(workspace, rubric, chosen, versus=wanted.versus, again=wanted.again, repeats=wanted.repeats)
    except NothingToScore:
        return None


def begin(workspace: Workspace, wanted: Wanted) -> Scoring:
    """The session of what is wanted: your open one of it, or a new one. Raises BadInput as `start` does."""
    rubric = chosen_rubric(workspace, wanted.rubric)
    return start(
        workspace,
        rubric,
        sets=wanted.sets,
        language=wanted.language,
        contenders=wanted.contenders,
        versus=wanted.versus,
        again=wanted.again,
        repeats=wanted.repeats,
    )


def changed_since(workspace: Workspace) -> tuple[str, ...]:
    """What ratings of an earlier version count for now, as sentences; each is given out once in a workspace."""
    store = workspace.store
    count = 0 if meta.get(store, _SAID) else ratings.without_level(store)
    if count and not workspace.read_only:
        with store.write() as connection:
            meta.put(connection, _SAID, events.now())
    return tuple(remarks.of_not_applicable(count))


def _there(workspace: Workspace, sets: Sequence[str], language: str) -> list[str]:
    chosen = checked_choice(workspace, sets, language, ())
    return [name.uuid for name in answers.names(workspace.store, chosen) if name.source != "sheet"]
