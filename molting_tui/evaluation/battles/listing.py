"""Battle sessions in figures: whose they are, how far they have come; who fights in open ones isn't told."""

from __future__ import annotations

from typing import Literal, NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.battles.battling import session_of
from molting_tui.store import battles
from molting_tui.workspace import Workspace


class BattleLine(NamedTuple):
    """A session: `open` waits for votes, `voted` has them all and nobody was told yet, `ended` can be told."""

    session: int
    actor: str
    yours: bool
    opened: str
    battles: int
    voted: int
    state: Literal["open", "voted", "ended"]
    early: bool
    contenders: tuple[str, ...]
    commitment: str


def battle_lines(workspace: Workspace) -> tuple[BattleLine, ...]:
    """Everybody's sessions, the oldest first; `contenders` is empty until names may be told."""
    return tuple(
        BattleLine(
            session=each.id,
            actor=each.actor,
            yours=each.actor == workspace.actor,
            opened=each.opened,
            battles=each.battles,
            voted=each.voted,
            state="ended" if each.ended else "open" if each.open else "voted",
            early=bool(each.closed),
            contenders=tuple(each.payload.get("contenders", ())) if each.ended else (),
            commitment=each.commitment,
        )
        for each in battles.sessions(workspace.store)
    )


def meant_session(workspace: Workspace, number: int | None) -> int:
    """The session of this number, else the latest. Raises BadInput where there is none."""
    if number is not None:
        return session_of(workspace, number).id
    sessions = battles.sessions(workspace.store)
    if not sessions:
        raise BadInput("there was no battle yet.", fix="molting battle v2.1 v2.5 begins one.")
    return sessions[-1].id
