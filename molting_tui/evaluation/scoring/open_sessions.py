"""Blind sessions that somebody has open: whose they are and since when, and closing one that nobody goes on with."""

from __future__ import annotations

from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.blind_session import already_closed
from molting_tui.records.evaluation import ClosedSession
from molting_tui.store import events, scoring
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

NAMED = 3
"""Sessions that a sentence names."""


class OpenSession(NamedTuple):
    """A session with answers that aren't rated whole: its number, whose it is and since when (UTC, ISO 8601), its
    rubric's id, how many answers it holds and how many are left. `gated`: names are kept back until it ends."""

    number: int
    actor: str
    yours: bool
    rubric: str
    answers: int
    left: int
    since: str
    gated: bool


def open_sessions(workspace: Workspace, rubric_digest: str = "") -> tuple[OpenSession, ...]:
    """Everybody's open sessions (under this rubric; any: ''), the oldest first."""
    return tuple(
        OpenSession(
            number=count.session.id,
            actor=count.session.actor,
            yours=count.session.actor == workspace.actor,
            rubric=count.rubric,
            answers=count.answers,
            left=count.unrated,
            since=count.session.started,
            gated=count.gated,
        )
        for count in scoring.open_counts(workspace.store, rubric_digest)
    )


def close_session(workspace: Workspace, number: int) -> ClosedSession:
    """Close a session, yours or another's, before its last answer: who did it is logged, and it can't be opened again.

    What was rated in it stays; what is left waits for another session. Raises BadInput where there is no such open
    session.
    """
    before = next((each for each in open_sessions(workspace) if each.number == number), None)
    time = events.now()
    if before is None or not scoring.close(workspace.store, number, workspace.actor, time):
        raise _not_open(workspace, number)
    return ClosedSession(before.actor, workspace.actor, time, before.answers, before.left)


def whose(sessions: tuple[OpenSession, ...]) -> str:
    """Whose these sessions are and since when, for a sentence: `rui, since 2026-02-11`."""
    names = [f"{show_line(each.actor, 40)}, since {each.since[:10]}" for each in sessions[:NAMED]]
    return "; ".join(names) + (f"; {plural(len(sessions) - NAMED, 'more session')}" if len(sessions) > NAMED else "")


def _not_open(workspace: Workspace, number: int) -> BadInput:
    """Why a session can't be closed."""
    try:
        session = scoring.session(workspace.store, number)
    except LookupError:
        return BadInput(f"there is no session {number}.", fix="`molting score` lists the open ones.")
    if session.closed:
        return already_closed(session.closed_by, session.closed)
    return BadInput(f"session {number} is scored to its end.", fix="There is nothing to close.")
