"""The places where assistants keep their logs, and which of them somebody has said may be read into this workspace.

What was agreed to is remembered by folder, as this machine names it: a workspace that came from another one, or was
made to look as if it had been asked, reads nothing but the places of the table in `sources/places.py`, and another
assistant's are asked for when they appear. A no is not remembered: who imports again is asked again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from molting_tui.errors import BadInput
from molting_tui.sources.places import Place, look
from molting_tui.store import meta
from molting_tui.text import plural
from molting_tui.workspace import Workspace

_AGREED = "log-places"


def places_here() -> tuple[Place, ...]:
    """The places on this machine that hold what may be logs. Raises BadInput, naming where it looked, if none does."""
    looked = look()
    held = tuple(place for place in looked if place.files)
    if not held:
        where = ", ".join(f"{place.shown} ({place.assistant})" for place in looked)
        raise BadInput(
            f"no assistant keeps logs here; looked in {where or 'no place, as there is no home folder'}.",
            fix="Name a folder of sessions or a chat file: molting import PATH.",
        )
    return held


def agreed(workspace: Workspace, places: Sequence[Place]) -> bool:
    """Whether somebody has said of each of these places that it may be read into this workspace."""
    stored = meta.get(workspace.store, _AGREED)
    try:
        known = json.loads(stored) if stored else []
    except ValueError:  # torn: nobody can tell what was agreed to
        return False
    return isinstance(known, list) and all(str(place.folder) in known for place in places)


def agree(workspace: Workspace, places: Sequence[Place]) -> None:
    """Remember that these places may be read into this workspace, and no others."""
    with workspace.store.write() as connection:
        meta.put(connection, _AGREED, json.dumps([str(place.folder) for place in places]))


def folders(places: Sequence[Place]) -> list[Path]:
    """What to import."""
    return [place.folder for place in places]


def held(place: Place) -> str:
    """What a place holds, in a few words: `343 files, 151.2 MB`."""
    return f"{plural(place.files, 'file')}, {megabytes(place.bytes)}"


def megabytes(count: int) -> str:
    """Bytes as megabytes, small ones as kilobytes: `151.2 MB`, `12 kB`."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{-(-count // 1000):,} kB"
