"""The verdict that a person was shown last, remembered for them so that Home can repeat it.

Home adds nothing up by itself: that would show names and figures to who may want to score blind. What it repeats,
`results` or `compare` have shown to this person and logged; and even that is kept back while somebody scores or votes.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from molting_tui.records.evaluation import Rubric
from molting_tui.records.verdicts import Verdict
from molting_tui.store import battles, events, meta, scoring
from molting_tui.workspace import Workspace


class LastVerdict(NamedTuple):
    """A verdict in words: `title` is what it is called, `figures` the difference with its interval (empty where there
    is none). `time` is when it was shown (UTC, ISO 8601); `outdated` tells that ratings were said since."""

    a: str
    b: str
    title: str
    figures: str
    rubric: str
    time: str
    outdated: bool


class _Shown(msgspec.Struct, frozen=True):
    """The same as it is stored; `event` is the newest event when it was shown."""

    a: str
    b: str
    title: str
    figures: str
    rubric: str
    event: int
    time: str


def remember(workspace: Workspace, rubric: Rubric, verdict: Verdict) -> None:
    """Note that the verdict is shown to this person now; nothing is written where nothing is new, or nothing can be."""
    from molting_tui.evaluation.results.verdict_words import interval, signed, title

    if workspace.store.reads:
        return
    figures = "" if verdict.difference is None else signed(verdict.difference)
    if verdict.figures is not None:
        figures += f" ({interval(verdict.figures.interval)})"
    shown = _Shown(
        a=verdict.a,
        b=verdict.b,
        title=title(verdict),
        figures=figures if verdict.word != "NOT COMPARABLE" else "",
        rubric=rubric.id,
        event=events.latest(workspace.store),
        time=events.now(),
    )
    before = _stored(workspace)
    if before is None or msgspec.structs.replace(before, time=shown.time) != shown:
        with workspace.store.write() as connection:
            meta.put(connection, _key(workspace), msgspec.json.encode(shown).decode())


def last_verdict(workspace: Workspace) -> LastVerdict | None:
    """What this person was shown last; None where they weren't shown any, and while an answer waits in somebody's blind
    session, or a battle for a vote."""
    stored = _stored(workspace)
    if stored is None or kept_back(workspace):
        return None
    since = events.rated_between(workspace.store, stored.event, events.latest(workspace.store))
    return LastVerdict(
        stored.a, stored.b, stored.title, stored.figures, stored.rubric, stored.time, outdated=bool(since)
    )


def kept_back(workspace: Workspace) -> bool:
    """Whether no verdict may be told now: an answer waits in somebody's blind session, or a battle for a vote."""
    return bool(scoring.open_blind(workspace.store) or battles.open_battles(workspace.store))


def _key(workspace: Workspace) -> str:
    return f"last-verdict:{workspace.actor}"


def _stored(workspace: Workspace) -> _Shown | None:
    stored = meta.get(workspace.store, _key(workspace))
    try:
        return msgspec.json.decode(stored, type=_Shown) if stored else None
    except msgspec.MsgspecError:  # torn, or another version's: as if nothing was shown yet
        return None
