"""Scoring blind: one person steps through shuffled answers, and nothing here tells them whose they are.

What a `Scoring` gives out (answers, sentences, errors) holds no contender, run, token count, time or order of import.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.edited_rubrics import refuse_edited
from molting_tui.evaluation.scoring.open_places import OpenPlaces
from molting_tui.evaluation.scoring.session_plans import NothingToScore, checked_choice, drawn, plan
from molting_tui.records.evaluation import BlindAnswer, Dimension, Rubric
from molting_tui.records.events import RATE_KINDS, Event, NewEvent, Undone
from molting_tui.store import answers, events, ratings, scoring
from molting_tui.text import show_line
from molting_tui.workspace import Workspace


class Retaken(NamedTuple):
    """What an undo or redo reached: the place of its answer, the dimension (empty: its note), and a sentence."""

    place: int
    dimension: str
    sentence: str


def waiting(workspace: Workspace) -> int:
    """How many stored answers wait for this rater: open in a session of theirs, or never rated by them."""
    return scoring.waiting(workspace.store, workspace.actor)


def start(
    workspace: Workspace,
    rubric: Rubric,
    *,
    sets: Sequence[str] = (),
    language: str = "",
    contenders: Sequence[str] = (),
    versus: Sequence[str] = (),
    again: bool = False,
    repeats: int | None = None,
) -> Scoring:
    """Go on with your open session of this rubric and selection, or begin one.

    A new session holds every answer of the selection that you haven't rated whole under this rubric; answers that come
    later wait for the next one. `again` makes another blind pass over those that you have rated. `versus` puts the
    contenders' answers together with those of a baseline (`session_plans.py`). `repeats` is how many answers come a
    second time, unseen as such (None: as many as make sense). Raises BadInput, saying why and what to do, where there
    is nothing to score, or the rubric's words were changed under one version.
    """
    store, actor = workspace.store, workspace.actor
    chosen = checked_choice(workspace, sets, language, contenders, versus)
    refuse_edited(workspace, rubric)
    ratings.remember_rubric(store, rubric)
    going = scoring.open_session(store, actor, rubric, chosen, again=again, versus=versus)
    if going is None:
        try:
            planned = plan(workspace, rubric, chosen, versus=versus, again=again, repeats=repeats)
        except NothingToScore:
            going = None if again or versus else scoring.open_session(store, actor, rubric, chosen, again=True)
            if going is None:
                raise
        else:
            places = drawn(workspace, rubric, planned)
            begun = scoring.begin(
                store, actor, rubric, planned.rating_pass, chosen, places, events.now(), versus=versus
            )
            return Scoring(workspace, rubric, begun.id)
    if repeats is not None:
        raise BadInput(
            "your session of this is open, and its repeats were drawn when it began.",
            fix="Go on with it without --repeats, or close it first (`molting score --close`).",
        )
    return Scoring(workspace, rubric, going.id)


class Scoring:
    """One person's pass over shuffled answers. Places count from 0.

    Everything said is stored at once; another program may change the store at the same time. Once the session is closed
    nothing more is said in it: whatever would, raises BadInput.
    """

    def __init__(self, workspace: Workspace, rubric: Rubric, session: int) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._number = session
        # A hidden repeat is the answer once more, with a pass of its own.
        self._open = OpenPlaces(self._store, session)
        self._order = self._open.order
        self._uuid = self._session().uuid
        self.rubric = rubric
        """What is scored by."""

    @property
    def total(self) -> int:
        """How many answers there are in this session."""
        return len(self._order)

    @property
    def places(self) -> range:
        """All places, in the order they are scored."""
        return range(self.total)

    @property
    def left(self) -> int:
        """How many answers have a dimension without a level."""
        return 0 if self._session().closed else len(self._open.now())

    @property
    def number(self) -> int:
        """What the session is called by `molting score --close`."""
        return self._number

    @property
    def rating_pass(self) -> int:
        """Which pass over these answers this is, from 1; that of a single place may be a later one."""
        return self._session().rating_pass

    @property
    def blind(self) -> bool:
        """Whether the names of this session's contenders have been shown to nobody yet."""
        session = self._session()
        return not (session.seen or session.unblinded_at)

    @property
    def seen(self) -> int:
        """How many of the answers you have seen by name, or others' scores of them: your ratings of these aren't stored
        as blind. Which ones they are isn't told."""
        return scoring.seen_in(self._store, self._number, self._workspace.actor)

    def item(self, place: int) -> BlindAnswer:
        """What you may see of the answer at a place, with what you have said of it. Facts are as the question has them.

        Raises BadInput for a place that isn't.
        """
        uuid, rating_pass = self._at(place)
        answer = answers.by_uuid(self._store, uuid)
        if answer is None:  # answers are never deleted; a restored backup may lack one
            raise BadInput("this answer is gone from the workspace.", fix="See `molting doctor`.")
        key = (uuid, self.rubric.digest, self._workspace.actor, rating_pass)
        return BlindAnswer(
            place=place,
            uuid=uuid,
            prompt="\n\n".join((answer.question.prompt, *answer.question.followups)),
            language=answer.question.language,
            facts=tuple(fact.text for fact in answer.question.facts),
            text=answer.text,
            levels=self.rubric.counted(ratings.levels(self._store, *key)),
            note=ratings.note(self._store, *key),
            skipped=scoring.skipped(self._store, self._number, place),
        )

    def rate(self, place: int, dimension: str, level: int | None) -> None:
        """Give the answer at a place a level on a dimension (None: not applicable). The same level again is no step.

        Raises BadInput, and stores nothing, for a level that isn't on the scale or a dimension that isn't the rubric's.
        """
        checked = checked_rating(self.rubric, dimension, level)
        answer = self.item(place)
        if checked.id in answer.levels and answer.levels[checked.id] == level:
            return
        self._say(
            place, f"rate {checked.id} {'-' if level is None else level}", {"dimension": checked.id, "level": level}
        )
        if answer.skipped:
            scoring.set_skipped(self._store, self._number, place, False)

    def note(self, place: int, text: str) -> None:
        """Note something on the answer at a place; an empty text takes the note away."""
        # SQLite's JSON functions would end the text at a NUL.
        new = text.strip().replace("\x00", "\ufffd")
        if new != self.item(place).note:
            self._say(place, "note on an answer", {"note": new})

    def skip(self, place: int) -> None:
        """Leave an answer for later: it stays open, and is met again after the others."""
        self._at(place)
        self._refuse_closed()
        scoring.set_skipped(self._store, self._number, place, True)

    def undo(self) -> Retaken | None:
        """Take back your latest rating or note in this session; None if there is none."""
        self._refuse_closed()
        step = events.undo(self._store, self._workspace.actor, kinds=RATE_KINDS, session=self._number)
        return self._retaken("Taken back", step)

    def redo(self) -> Retaken | None:
        """Bring back what was taken back last in this session; None if there is nothing."""
        self._refuse_closed()
        step = events.redo(self._store, self._workspace.actor, kinds=RATE_KINDS, session=self._number)
        return self._retaken("Done again", step)

    def next_open(self, place: int, step: int = 1) -> int | None:
        """The nearest place after (1) or before (-1) this one that isn't scored whole; None if there is none on that
        side. From -1 on, and back from `total`, all places are looked at."""
        return None if self._session().closed else self._open.next(place, step)

    def resume_place(self) -> int:
        """Where to go on: the first open answer that wasn't skipped, else the first open one, else the last."""
        places = [] if self._session().closed else scoring.places(self._store, self._number)
        still_open = [place for place in places if place.unrated]
        first = next((place for place in still_open if not place.skipped), still_open[0] if still_open else None)
        return first.place if first else self.total - 1

    def _at(self, place: int) -> tuple[str, int]:
        """The answer (uuid) at a place, and the pass of its ratings there."""
        if place not in self.places:
            raise BadInput(f"there is no answer {place + 1} here.", fix=f"There are {self.total:,}.")
        return self._order[place]

    def _session(self) -> scoring.Session:
        return scoring.session(self._store, self._number)

    def _say(self, place: int, label: str, payload: dict[str, object]) -> None:
        (uuid, rating_pass), actor = self._at(place), self._workspace.actor
        self._refuse_closed()
        digest = answers.question_of(self._store, uuid)
        seen = scoring.seen_before(self._store, self._number, uuid, actor)
        payload = payload | {"session": self._uuid} | ({"seen": seen} if seen else {})
        rating = NewEvent(uuid, "rate", payload, self.rubric.digest, digest, rating_pass, not seen)
        events.say(self._store, actor, label, [rating])

    def _refuse_closed(self) -> None:
        if (session := self._session()).closed:
            raise already_closed(session.closed_by, session.closed)

    def _retaken(self, done: str, step: Undone | None) -> Retaken | None:
        if step is None:
            return None
        step_events = events.said_in(self._store, step.batch)
        of = next(event for event in step_events if (event.subject, event.rating_pass) in self._order)
        place = self._order.index((of.subject, of.rating_pass or 1))
        # One step of a whole sheet, typed in meanwhile: who takes it back must be told how much that is.
        what = _rating_sentence(of) if len(step_events) == 1 else f"a sheet of {len(step_events):,} ratings"
        return Retaken(place, str(of.payload.get("dimension", "")), f"{done}: {what} (answer {place + 1}).")


def already_closed(by: str, time: str) -> BadInput:
    """That a session was closed."""
    return BadInput(
        f"this session was closed by {show_line(by, 40)} on {time[:16].replace('T', ' ')} (UTC).",
        fix="What was rated stays; what is left is scored in another session.",
    )


def checked_rating(rubric: Rubric, dimension: str, level: int | None) -> Dimension:
    """The dimension that is meant. Raises BadInput for one that isn't the rubric's, for a level off its scale, and for
    "not applicable" (None) where the rubric doesn't say when that is so."""
    rated_dimension = rubric.dimension(dimension)
    if rated_dimension is None:
        known = ", ".join(each.id for each in rubric.dimensions)
        raise BadInput(
            f"`{show_line(dimension, 40)}` isn't a dimension of {rubric.id}.",
            fix=f"They are {known}; nothing was stored.",
        )
    # True is 1 to Python, and no level.
    if level is not None and (isinstance(level, bool) or level not in rubric.scale):
        scale = ", ".join(map(str, rubric.scale))
        raise BadInput(
            f"level {level} isn't on the scale of {rubric.id}.",
            fix=f"It is {scale}{not_applicable_where(rubric)}; nothing was stored.",
        )
    if not rated_dimension.takes(level):
        raise BadInput(always_applies(rated_dimension, rubric), fix="Nothing was stored.")
    return rated_dimension


def always_applies(dimension: Dimension, rubric: Rubric) -> str:
    """Why a dimension has to have a level, and which."""
    *levels, highest = map(str, rubric.scale)
    scale = f"{', '.join(levels)} or {highest}"
    name = show_line(dimension.id, 40)
    return f"{name} always applies under {rubric.id} (no `na_when`): give it {scale}."


def not_applicable_where(rubric: Rubric) -> str:
    """What a rubric takes besides its levels, to stand behind them; empty where every dimension always applies."""
    names = [show_line(dimension.id, 40) for dimension in rubric.dimensions if dimension.na_when]
    if not names:
        return ""
    return ", or - for not applicable" + ("" if len(names) == len(rubric.dimensions) else f" (of {', '.join(names)})")


def _rating_sentence(event: Event) -> str:
    if "dimension" not in event.payload:
        return "the note"
    level = event.payload["level"]
    return f"{event.payload['dimension']} {'not applicable' if level is None else level}"
