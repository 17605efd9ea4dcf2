"""The way in to everything that tells an ended session: who was who, who won, what its plan was drawn from."""

from __future__ import annotations

from molting_tui.errors import Refused
from molting_tui.evaluation.battles.battling import session_of
from molting_tui.evaluation.battles.gate import refuse_while_battles_wait
from molting_tui.evaluation.battles.starting import refuse_while_scored
from molting_tui.store import battles, events
from molting_tui.store.battles import BattleSession
from molting_tui.text import plural
from molting_tui.workspace import Workspace


def session_to_tell(workspace: Workspace, number: int) -> BattleSession:
    """The session with this number, to be told now: from now on it takes no vote. Raises BadInput where there is none;
    Refused while it waits for votes, another one does, or its contenders wait for a blind score."""
    session = session_of(workspace, number)
    if session.open:
        raise Refused(
            f"battle session {number} waits for {plural(session.battles - session.voted, 'vote')}: its plan is sealed.",
            fix=f"Vote first (`molting battle`), or end it before its last vote: molting battle end {number} --yes",
        )
    refuse_while_battles_wait(workspace)
    refuse_while_scored(workspace, session.payload.get("contenders", []))
    battles.mark_seen(workspace.store, events.now(), number)
    return session_of(workspace, number)
