"""One person's battles: two answers at a time, and nothing here tells them whose they are.

What a `Battling` gives out (texts, sentences, errors) holds no contender, run, token count, time or order of import;
which battles are hidden repeats isn't told either.
"""

from __future__ import annotations

from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.battles.masks import Mask
from molting_tui.records.battles import OUTCOMES, BlindBattle
from molting_tui.records.contenders import Endpoint, Imported
from molting_tui.records.evaluation import Rubric
from molting_tui.records.events import VOTE_KINDS, Event, Undone
from molting_tui.store import answers, battles, contenders, events, ratings, votes
from molting_tui.store.battles import BattlePlace, BattleSession
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

SIDES = ("left", "right")
_WORDS = {"left": "left is better", "right": "right is better", "tie": "a tie", "both_bad": "both bad"}


class Retaken(NamedTuple):
    """What an undo or redo reached: the place of its battle, and a sentence."""

    place: int
    sentence: str


def going_on(workspace: Workspace) -> Battling | None:
    """Your open session; None if there is none."""
    own = [each for each in battles.open_sessions(workspace.store) if each.actor == workspace.actor]
    return Battling(workspace, own[-1].id) if own else None


def latest_unended(workspace: Workspace) -> Battling | None:
    """Your latest session that hasn't ended: an open one, or one with all its votes; None if there is none."""
    own = [each for each in battles.sessions(workspace.store) if each.actor == workspace.actor and not each.ended]
    waiting = [each for each in own if each.open] or own
    return Battling(workspace, waiting[-1].id) if waiting else None


class Battling:
    """One person's pass over the battles of a session. Places count from 0.

    Everything said is stored at once; another program may change the store at the same time. Once names may have been
    told nothing more is said in it: whatever would, raises BadInput.
    """

    def __init__(self, workspace: Workspace, session: int) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._number = session
        # Read once: a plan never changes.
        self._places = battles.places(self._store, session)
        self._mask = mask_of(workspace)
        began = self.session
        self.commitment = began.commitment
        """What seals the plan."""
        self.rubric: Rubric | None = ratings.remembered_rubric(self._store, began.rubric_digest)
        """What is shown as guidance."""

    @property
    def session(self) -> BattleSession:
        """The session as it is now."""
        return session_of(self._workspace, self._number)

    @property
    def number(self) -> int:
        """What the session is called by commands."""
        return self._number

    @property
    def total(self) -> int:
        """How many battles there are."""
        return len(self._places)

    @property
    def left(self) -> int:
        """How many have no vote."""
        session = self.session
        return session.battles - session.voted

    def item(self, place: int) -> BlindBattle:
        """What you may see of the battle at a place, with what you have said of it.

        Raises BadInput for a place that isn't, or where an answer is gone.
        """
        there = self._place(place)
        stored = answers.by_ids(self._store, (there.left, there.right))
        if len(stored) < len({there.left, there.right}):
            raise BadInput(
                f"an answer of battle {place + 1} is gone from the workspace.",
                fix="See `molting doctor`; `molting battle end` ends a session that can't be voted to its end.",
            )
        question = stored[there.left].question
        said = votes.said_of(self._store, there.uuid)
        return BlindBattle(
            place=place,
            uuid=there.uuid,
            prompt="\n\n".join((question.prompt, *question.followups)),
            language=question.language,
            facts=tuple(fact.text for fact in question.facts),
            left=self._mask(stored[there.left].text),
            right=self._mask(stored[there.right].text),
            outcome=said.outcome,  # type: ignore[arg-type]  # the table holds no other words
            guess=said.guess,  # type: ignore[arg-type]
            note=said.note,
            skipped=battles.skipped(self._store, self._number, place),
        )

    def place_of(self, reference: str) -> int:
        """The place of a battle by the start (6 characters or more) of its uuid. Raises BadInput where that means
        none, or several."""
        meant = [place.place for place in self._places if len(reference) >= 6 and place.uuid.startswith(reference)]
        if len(meant) != 1:
            raise BadInput(
                "this means no battle of your open session.",
                where=f"`{show_line(reference, 40)}`",
                fix="`molting battle next --json` gives the next one's id.",
            )
        return meant[0]

    def vote(self, place: int, outcome: str) -> None:
        """Say which answer is better (`left`, `right`, `tie`, `both_bad`). The same word again is no step.

        Raises BadInput, and stores nothing, for any other word.
        """
        if outcome not in OUTCOMES:
            raise BadInput(
                f"`{show_line(outcome, 40)}` is no outcome of a battle.",
                fix="It is left, right, tie or both_bad; nothing was stored.",
            )
        if self._said(place).outcome != outcome:
            self._say(place, f"vote {outcome}", {"outcome": outcome})

    def guess(self, place: int, side: str) -> None:
        """Say which side you take for the newer version; an empty one takes the guess back."""
        if side not in (*SIDES, ""):
            raise BadInput(f"`{show_line(side, 40)}` is no side.", fix="It is left or right; nothing was stored.")
        if self._said(place).guess != side:
            self._say(place, f"guess {side or 'nothing'}", {"guess": side})

    def note(self, place: int, text: str) -> None:
        """Note something on a battle; an empty text takes the note away."""
        # SQLite's JSON functions would end the text at a NUL.
        new = text.strip().replace("\x00", "\ufffd")
        if self._said(place).note != new:
            self._say(place, "note on a battle", {"note": new})

    def skip(self, place: int) -> None:
        """Leave a battle for later: it stays open, and is met again after the others."""
        self._place(place)
        self._refuse_ended()
        battles.set_skipped(self._store, self._number, place, True)

    def undo(self) -> Retaken | None:
        """Take back your latest vote, guess or note in this session; None if there is none."""
        self._refuse_ended()
        step = events.undo(self._store, self._workspace.actor, kinds=VOTE_KINDS, session=self._number)
        return self._retaken("Taken back", step)

    def redo(self) -> Retaken | None:
        """Bring back what was taken back last in this session; None if there is nothing."""
        self._refuse_ended()
        step = events.redo(self._store, self._workspace.actor, kinds=VOTE_KINDS, session=self._number)
        return self._retaken("Done again", step)

    def next_open(self, place: int, step: int = 1) -> int | None:
        """The nearest place after (1) or before (-1) this one without a vote; None if there is none on that side. From
        -1 on, and back from `total`, all places are looked at."""
        return battles.next_open(self._store, self._number, place, step)

    def resume_place(self) -> int | None:
        """Where to go on: the first place without a vote that wasn't skipped, else the first without one; None where
        all have one."""
        return battles.resume_place(self._store, self._number)

    def _place(self, place: int) -> BattlePlace:
        if not 0 <= place < self.total:
            raise BadInput(f"there is no battle {place + 1} here.", fix=f"There are {self.total:,}.")
        return self._places[place]

    def _said(self, place: int) -> votes.Said:
        return votes.said_of(self._store, self._place(place).uuid)

    def _say(self, place: int, label: str, payload: dict[str, object]) -> None:
        there = self._place(place)
        if not battles.say(self._store, self._workspace.actor, self._number, there, label, payload):
            raise has_ended(self.session)

    def _refuse_ended(self) -> None:
        session = self.session
        if session.ended:
            raise has_ended(session)

    def _retaken(self, done: str, step: Undone | None) -> Retaken | None:
        if step is None:
            return None
        event = events.said_in(self._store, step.batch)[0]
        place = next(place.place for place in self._places if place.uuid == event.subject)
        return Retaken(place, f"{done}: {_step_words(event)} (battle {place + 1}).")


def session_of(workspace: Workspace, number: int) -> BattleSession:
    """The battle session with this number. Raises BadInput where there is none."""
    session = battles.session(workspace.store, number)
    if session is None:
        raise BadInput(f"there is no battle session {number}.", fix="`molting battle list` lists them.")
    return session


def has_ended(session: BattleSession) -> BadInput:
    """That nothing more is said in a session."""
    if session.closed:
        when = session.closed[:16].replace("T", " ")
        return BadInput(
            f"battle session {session.id} was ended by {show_line(session.closed_by, 40)} on {when} (UTC).",
            fix=f"Its votes stay: molting battle show {session.id}",
        )
    when = session.seen[:16].replace("T", " ")
    return BadInput(
        f"battle session {session.id} has ended: who was who has been told since {when} (UTC).",
        fix=f"Its votes stay: molting battle show {session.id}",
    )


def mask_of(workspace: Workspace) -> Mask:
    """What takes the marks of everybody who ever answered here out of a text."""
    names, bases = set(answers.contender_names(workspace.store)), set()
    for contender in contenders.every(workspace.store).values():
        if contender.run:
            names.add(contender.run)
        if isinstance(contender.model, Endpoint):
            bases.add(contender.model.model)
        elif not isinstance(contender.model, Imported):
            bases.add(contender.model.base)
    return Mask(names, bases, kept=(workspace.settings.persona.name,))


def _step_words(event: Event) -> str:
    payload = event.payload
    if "outcome" in payload:
        return _WORDS[payload["outcome"]]
    return "the guess" if "guess" in payload else "the note"
