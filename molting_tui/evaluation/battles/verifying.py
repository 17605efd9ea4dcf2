"""Making sure that a session was played as it was sealed."""

from __future__ import annotations

import json
from typing import Any

from molting_tui.evaluation.battles.seal import Sealed, redrawn
from molting_tui.evaluation.battles.telling import session_to_tell
from molting_tui.records.battles import Check, Verification
from molting_tui.store import battles
from molting_tui.store.battles import BattleSession, StoredPlace
from molting_tui.workspace import Workspace


def verify(workspace: Workspace, number: int) -> Verification:
    """Recompute a session's commitment, draw its plan again from the secret, and compare both with what is stored: its
    places, the words of its answers, its votes and when they were given.

    From now on it takes no vote, for the check tells the secret and who was who. Raises as `session_to_tell`.
    """
    session = session_to_tell(workspace, number)
    store = workspace.store
    sealed = Sealed(*battles.seal(store, number))
    mapping = _read(sealed)
    first, _ = battles.vote_times(store, number)
    return Verification(
        number,
        session.commitment,
        (
            Check(
                "the secret and the plan are those of the commitment", mapping is not None and _commits(session, sealed)
            ),
            Check("the secret draws this very plan", mapping is not None and _draws(sealed)),
            Check(
                "the battles are those of the plan", _places(battles.stored_places(store, number)) == _planned(mapping)
            ),
            Check("the answers say what they said at the start", _words(workspace, number) == _sealed_words(mapping)),
            Check("the votes are what was said", not battles.unlike_votes(store, number)),
            Check("everything was said after the start", not first or first >= session.opened),
        ),
        sealed.secret,
        sealed.mapping,
    )


def _read(sealed: Sealed) -> dict[str, Any] | None:
    try:
        mapping = json.loads(sealed.mapping)
        bytes.fromhex(sealed.secret)
    except ValueError:
        return None
    return mapping if isinstance(mapping, dict) else None


def _commits(session: BattleSession, sealed: Sealed) -> bool:
    return sealed.commitment == session.commitment


def _draws(sealed: Sealed) -> bool:
    try:
        return redrawn(sealed)
    except ValueError:
        return False


def _places(stored: list[StoredPlace]) -> list[tuple[object, ...]]:
    return [place[:5] for place in stored]


def _planned(mapping: dict[str, Any] | None) -> list[tuple[object, ...]]:
    keys = ("place", "battle", "left", "right", "repeat_of")
    return [tuple(battle.get(key) for key in keys) for battle in (mapping or {}).get("battles", [])]


def _words(workspace: Workspace, number: int) -> dict[str, str]:
    words: dict[str, str] = {}
    for place in battles.stored_places(workspace.store, number):
        words |= {place.left: place.left_words, place.right: place.right_words}
    return words


def _sealed_words(mapping: dict[str, Any] | None) -> dict[str, str]:
    return {uuid: answer.get("words", "") for uuid, answer in (mapping or {}).get("answers", {}).items()}
