"""Where one stands with the pairs: their counts, what is to be decided, what wants attention."""

from __future__ import annotations

from typing import NamedTuple

from molting_tui.curation import flagging
from molting_tui.curation.news import NEW, new_pairs, news_sentence
from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.records.imports import NewPairs
from molting_tui.records.pairs import Counts
from molting_tui.store import pairs, turns
from molting_tui.text import plural
from molting_tui.workspace import Workspace


class Overview(NamedTuple):
    """How far the work is. `next_steps` are sentences, the first is the one to take; `notes` want attention.
    `new` are the pairs of the latest import, where it is known which."""

    sessions: int
    turns: int
    counts: Counts
    exports: int
    next_steps: tuple[str, ...]
    notes: tuple[str, ...]
    new: NewPairs | None = None

    @property
    def new_wait(self) -> bool:
        """Whether pairs that came since one began here wait for a decision."""
        return self.new is not None and not self.new.first and self.new.open > 0


def overview(workspace: Workspace) -> Overview:
    """Count everything (up to 0.1 s at a million pairs: not for the UI thread)."""
    store = workspace.store
    counts = pairs.counts(store)
    new = new_pairs(store)
    exports = len(list(workspace.exports.glob("*.manifest.json"))) if workspace.exports.is_dir() else 0
    return Overview(
        sessions=turns.session_count(store),
        turns=turns.turn_count(store),
        counts=counts,
        exports=exports,
        next_steps=_next_steps(workspace, counts, new),
        notes=_notes(workspace),
        new=new,
    )


def _next_steps(workspace: Workspace, counts: Counts, new: NewPairs | None) -> tuple[str, ...]:
    if not counts.total:
        return ("import your sessions: press I, or run `molting import`.",)
    if not counts.open:
        kept = f", {counts.keep:,} kept" if counts.keep else ", none kept: F2 shows them"
        return (f"all {plural(counts.total, 'pair')} are decided{kept}.",)
    filter_text, ids, number = Desk(workspace).left_list()
    places = [f"you were at pair {number}"] if number in ids else []
    places += [filter_text] if filter_text else []
    where = f" ({', '.join(places)})" if places else ""
    go_on = f"{plural(counts.open, 'pair is', 'pairs are')} open. F2 to go on{where}."
    if new is None or new.first or not new.open:
        return (go_on,)
    return (f"{news_sentence(new)}: enter goes to them ({NEW}).", go_on)


def _notes(workspace: Workspace) -> tuple[str, ...]:
    """Sentences on what deserves a look before an export, as far as no rule has to be read for them."""
    notes = []
    making = flagging.being_made(workspace)
    if making is not None:
        notes.append(flagging.progress_sentence(making))
    if not workspace.settings.persona.system_prompt.strip():
        notes.append(
            "No system prompt: exported pairs carry none, and a model trained without one has no identity."
            " e writes one."
        )
    return tuple(notes)


def notes_by_rules(workspace: Workspace) -> tuple[str, ...]:
    """The same of what the rules tell: reading and proving them takes a quarter of a second, for which the figures of
    Home don't wait."""
    notes = []
    desk = Desk(workspace)
    try:
        kept_secrets = 0 if flagging.being_made(workspace) else len(desk.matching("state:keep flag:secret"))
        if kept_secrets:
            notes.append(
                f"{plural(kept_secrets, 'kept pair holds', 'kept pairs hold')} a secret: an export will refuse them"
                " until they are masked (filter `state:keep flag:secret`, then m)."
            )
        if desk.rules_changed():
            notes.append("The rule files have changed since the pairs were flagged: molting rules apply.")
    except MoltingError as error:
        notes.append(error.sentence())
    return tuple(notes)
