"""The gate before everything that tells contenders apart: it is shut while somebody's battle waits for a vote."""

from __future__ import annotations

from molting_tui.errors import Refused
from molting_tui.store import battles, events
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

NAMED = 3
"""Sessions that the sentence names."""


def refuse_while_battles_wait(workspace: Workspace) -> None:
    """Raise Refused while a battle waits for a vote, whoever's it is. No option opens it early: the session is ended,
    which is marked."""
    going = battles.open_sessions(workspace.store)
    if going:
        left = sum(session.battles - session.voted for session in going)
        verb = "waits" if left == 1 else "wait"
        whose = "; ".join(f"{show_line(each.actor, 40)}, since {each.opened[:10]}" for each in going[:NAMED])
        raise Refused(
            f"{plural(left, 'battle')} still {verb} for a vote ({whose}), so no contender is told yet.",
            fix=f"Vote first (`molting battle`), or end the session: molting battle end {going[0].id} --yes",
        )


def log_names_told(workspace: Workspace) -> None:
    """Log that names are being told: battle sessions with all their votes take no other from now on."""
    battles.mark_seen(workspace.store, events.now())
