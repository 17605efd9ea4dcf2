"""Blind sessions: which answers a person scores, in which order, and when the contenders' names were seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import uuid4

from molting_tui.records.evaluation import Rubric
from molting_tui.store.answers import Chosen
from molting_tui.store.connection import Row, Store

_SESSION = """select s.id, s.uuid, s.rubric_digest, s.actor, s.pass, s.opened, s.seen, s.unblinded_at, s.unblinded_by,
       s.closed, s.closed_by
  from blind_session s"""
_OPEN = "exists (select 1 from score_place p where p.session_id = s.id and p.open)"
_GATED = "s.unblinded_at is null and s.seen is null"
FIGURES = ("figures", "facts")
"""Places where contenders are shown with figures, not with their answers' words."""

# The plus keeps SQLite to the few events of the answer: it would look through all of the actor's.
SCORED_BLIND = """exists (
    select 1 from event e where e.kind = 'rate' and e.subject = a.uuid and +e.actor = ?1 and e.blind
      and ?2 in ('', e.rubric_digest) and json_extract(e.payload, '$.rater') is null
      and not exists (select 1 from undone u where u.batch = e.batch)
    group by e.rubric_digest, e.rating_pass
    having count(distinct json_extract(e.payload, '$.dimension')) >= (
      select r.dimensions from rubric r where r.digest = e.rubric_digest))"""
"""The actor (?1) has given answer `a` a level in every dimension, blind, in one pass under a rubric (?2; any: '')."""
# What `seen_before` says of the answer `a` to the actor (?1), under a rubric (?2) in a session (?3). After a look no
# rating is blind, so one that is blind came before it: no times are compared.
_SEEN = f"""coalesce(
    (select iif(s.unblinded_at is null, 'session', 'unblind') from blind_session s
     where s.id = ?3 and (s.seen is not null or s.unblinded_at is not null)),
    (select 'unblind' from score_item i join blind_session s on s.id = i.session_id
     where i.answer_id = a.id and s.unblinded_at is not null and ?1 in (s.actor, s.unblinded_by) limit 1),
    (select h.place from shown h where h.answer_id = a.id and h.actor = ?1
       and (h.place not in {FIGURES} or not {SCORED_BLIND}) order by h.place in {FIGURES}, h.time limit 1),
    '')"""


class Session(NamedTuple):
    """One person's blind pass over some answers. `seen` is when results were first shown after its last answer,
    `unblinded_at` and `unblinded_by` when and by whom they were asked for before it, `closed` and `closed_by` when and
    by whom it was ended before it; empty: not yet."""

    id: int
    uuid: str
    rubric_digest: str
    actor: str
    rating_pass: int
    started: str
    seen: str
    unblinded_at: str
    unblinded_by: str
    closed: str
    closed_by: str


class SessionCount(NamedTuple):
    """A session with the id of its rubric, how many answers it holds, and how many of them aren't rated whole."""

    session: Session
    rubric: str
    answers: int
    unrated: int

    @property
    def gated(self) -> bool:
        """Whether names are kept back for it while it is open: nobody was shown them yet."""
        return not (self.session.seen or self.session.unblinded_at)


class Place(NamedTuple):
    """One place in the shuffled order of a session: an answer (uuid), the pass that its ratings there belong to, and
    whether a dimension has no level there."""

    place: int
    answer: str
    rating_pass: int
    unrated: bool
    skipped: bool


class Item(NamedTuple):
    """A place of a session that is begun: an answer (id), the pass that its ratings there belong to, and of a hidden
    repeat the place where it is shown first."""

    answer: int
    rating_pass: int
    repeat_of: int | None = None


def begin(
    store: Store,
    actor: str,
    rubric: Rubric,
    rating_pass: int,
    chosen: Chosen,
    items: Sequence[Item],
    time: str,
    *,
    versus: Sequence[str] = (),
) -> Session:
    """Start a session over these answers in this order, or go on with the one that another molting has started
    meanwhile. The rubric must have been remembered."""
    with store.write() as connection:
        of_pass = "" if versus else f"and s.pass = {rating_pass:d}"
        row = connection.execute(_open_query(of_pass), _key(actor, rubric, chosen, versus)).fetchone()
        if row is not None:
            return _session(row)
        number = connection.execute(
            """insert into blind_session (uuid, rubric_digest, actor, pass, selection, opened)
               values (?, ?, ?, ?, ?, ?)""",
            (uuid4().hex, rubric.digest, actor, rating_pass, _selection(chosen, versus), time),
        ).lastrowid
        connection.executemany(
            "insert into score_item (session_id, place, answer_id, pass, repeat_of) values (?, ?, ?, ?, ?)",
            [(number, place, *item) for place, item in enumerate(items)],
        )
        return _session(connection.execute(f"{_SESSION} where s.id = ?", (number,)).fetchone())


def open_session(
    store: Store, actor: str, rubric: Rubric, chosen: Chosen, *, again: bool, versus: Sequence[str] = ()
) -> Session | None:
    """The actor's latest session of this selection (and, `versus` these, of the comparison) with an answer that isn't
    rated whole: of the first pass, or (`again`) of a later one; a comparison's is of either."""
    of_pass = "" if versus else "and s.pass > 1" if again else "and s.pass = 1"
    row = store.row(_open_query(of_pass), _key(actor, rubric, chosen, versus))
    return None if row is None else _session(row)


def latest_open(store: Store, actor: str) -> Session | None:
    """The actor's latest session with an answer that isn't rated whole, under whichever rubric."""
    row = store.row(f"{_SESSION} where s.actor = ? and {_OPEN} order by s.id desc limit 1", (actor,))
    return None if row is None else _session(row)


def session(store: Store, number: int) -> Session:
    """The session as it is now."""
    row = store.row(f"{_SESSION} where s.id = ?", (number,))
    if row is None:
        raise LookupError(number)
    return _session(row)


def places(store: Store, number: int) -> list[Place]:
    """Every place of a session, in order."""
    rows = store.rows(
        "select place, answer, pass, unrated, skipped from score_place where session_id = ? order by place", (number,)
    )
    return [
        Place(place, answer, rating_pass, bool(unrated), bool(skipped))
        for place, answer, rating_pass, unrated, skipped in rows
    ]


def unrated(store: Store, number: int, place: int) -> bool:
    """Whether the answer at a place isn't rated whole there."""
    return bool(store.value("select unrated from score_place where session_id = ? and place = ?", (number, place)))


def latest_passes(store: Store, actor: str, rubric_digest: str) -> dict[int, int]:
    """By answer (id) the latest pass in which the actor has rated it under a rubric, or a session of theirs asks for
    it; answers without any aren't there."""
    rows = store.rows(
        """select answer_id, max(pass) from (
             select a.id as answer_id, g.pass from rating g join answer a on a.uuid = g.answer
             where g.rater = ?1 and g.rubric_digest = ?2
             union all
             select i.answer_id, i.pass from blind_session s join score_item i on i.session_id = s.id
             where s.actor = ?1 and s.rubric_digest = ?2)
           group by answer_id""",
        (actor, rubric_digest),
    )
    return dict(rows)


def first_compared(store: Store, actor: str, rubric_digest: str) -> set[int]:
    """The answers (ids) whose first pass belongs to a session in which the actor compares contenders."""
    rows = store.rows(
        """select distinct i.answer_id from blind_session s join score_item i on i.session_id = s.id
           where s.actor = ? and s.rubric_digest = ? and i.pass = 1
             and json_extract(s.selection, '$.versus') is not null""",
        (actor, rubric_digest),
    )
    return {number for (number,) in rows}


def repeats(store: Store, rubric_digest: str) -> list[tuple[str, str, str, int, int]]:
    """The hidden repeats of all sessions under a rubric: session (uuid), whose it is, answer (uuid), the pass of the
    first showing, that of the repeat."""
    return store.rows(
        """select s.uuid, s.actor, a.uuid, first.pass, i.pass
           from score_item i join blind_session s on s.id = i.session_id join answer a on a.id = i.answer_id
             join score_item first on first.session_id = i.session_id and first.place = i.repeat_of
           where i.repeat_of is not null and s.rubric_digest = ? order by s.id, i.place""",
        (rubric_digest,),
    )


def skipped(store: Store, number: int, place: int) -> bool:
    """Whether a place is marked as skipped."""
    return bool(store.value("select skipped from score_item where session_id = ? and place = ?", (number, place)))


def set_skipped(store: Store, number: int, place: int, skipped: bool) -> None:
    """Mark a place as skipped, or no longer."""
    with store.write() as connection:
        connection.execute(
            "update score_item set skipped = ?3 where session_id = ?1 and place = ?2 and skipped <> ?3",
            (number, place, skipped),
        )


def mark_shown(
    store: Store, actor: str, given: Sequence[int], place: str, time: str, *, but_scored: str | None = None
) -> None:
    """Log that the actor is shown in this place who gave these answers (by id); what stands already stays as it is.

    With `but_scored` not those that they have scored blind under that rubric (any: ''): of figures (`FIGURES`) these
    tell them nothing that their own word didn't come before.
    """
    scored = f"and not {SCORED_BLIND}" if but_scored is not None else "and ?2 = ?2"
    fresh = f"""a.id in (select value from json_each(?3)) {scored}
        and not exists (select 1 from shown h where h.answer_id = a.id and h.actor = ?1 and h.place = ?4)"""
    parameters = (actor, but_scored or "", json.dumps(list(given)), place)
    if store.reads:  # nobody can rate here either
        return
    if given and store.value(f"select 1 from answer a where {fresh} limit 1", parameters):
        with store.write() as connection:
            connection.execute(
                f"insert into shown select a.id, ?1, ?4, ?5 from answer a where {fresh}", (*parameters, time)
            )


def mark_words_shown(
    store: Store, actor: str, contender: str, place: str, time: str, *, questions: Sequence[str] = ()
) -> None:
    """Log that the actor was shown, by its name, how a contender answers (samples of its training, a chat): all of its
    stored answers count as seen, or those to these questions (digests)."""
    rows = store.rows(
        """select id from answer where contender = ?1 and source <> 'sheet'
             and (?2 = '[]' or question_digest in (select value from json_each(?2)))""",
        (contender, json.dumps(list(questions))),
    )
    mark_shown(store, actor, [number for (number,) in rows], place, time)


def shown(store: Store, given: Sequence[int]) -> list[tuple[str, str, int]]:
    """Who was shown by name how many of these answers (ids): actor, place, count."""
    return [
        (actor, place, count)
        for actor, place, count in store.rows(
            """select actor, place, count(*) from shown where answer_id in (select value from json_each(?))
               group by actor, place order by actor, place""",
            (json.dumps(list(given)),),
        )
    ]


def shown_to(store: Store, actor: str, given: Sequence[int]) -> set[int]:
    """Those of these answers (ids) whose words the actor was shown by name."""
    rows = store.rows(
        f"""select distinct answer_id from shown
            where actor = ? and place not in {FIGURES} and answer_id in (select value from json_each(?))""",
        (actor, json.dumps(list(given))),
    )
    return {number for (number,) in rows}


def together_with(store: Store, actor: str, given: Sequence[int]) -> list[int]:
    """The answers (ids) of the actor's sessions with open answers that hold any of these."""
    known = ",".join(map(str, given))
    rows = store.rows(
        f"""select distinct i.answer_id from score_item i join blind_session s on s.id = i.session_id
            where s.actor = ?1 and {_OPEN} and exists (
              select 1 from score_item j where j.session_id = s.id and j.answer_id in ({known}))""",
        (actor,),
    )
    return [number for (number,) in rows]


def seen_before(store: Store, number: int, answer: str, actor: str) -> str:
    """What an actor who rates an answer (uuid) of this session now had seen of it: the rule of what is blind.

    A rating is blind where this is empty. It isn't, if before it

    - `session`: results were shown once this session had come to its end, or been closed; or
    - `unblind`: names were asked for while this or another session that holds the answer was open, by the actor, or
      by anybody where it is the actor's; or
    - the place: the actor was shown the answer's words together with its contender's name, wherever that was
      (`results`, `trace`, `sheet`, `samples`, `chat`, `battle`): names once seen stay seen, in every later pass and
      under every rubric; or
    - one of FIGURES: they were shown figures by contender that hold another rater's word on the answer, or its facts,
      and had not by then scored it blind themselves under this rubric, or under the one of the figures.

    Figures of what they scored themselves leave the next pass blind, so a baseline can be scored again. A rating that
    is typed in by hand (`molting rate`) is never blind; it neither spoils nor excuses another.
    """
    rubric = session(store, number).rubric_digest
    return str(store.value(f"select {_SEEN} from answer a where a.uuid = ?4", (actor, rubric, number, answer)))


def seen_in(store: Store, number: int, actor: str) -> int:
    """How many answers of a session the actor has seen, by the rule of `seen_before`."""
    return int(
        store.value(
            f"""select count(*) from score_item p join answer a on a.id = p.answer_id
                where p.session_id = ?3 and {_SEEN} <> ''""",
            (actor, session(store, number).rubric_digest, number),
        )
    )


def open_blind(store: Store, rubric_digest: str = "") -> int:
    """How many answers of blind sessions (under this rubric; any: '') wait for a rating, whoever's they are, before any
    name of theirs was shown. One that waits in several sessions counts once."""
    return int(
        store.value(
            f"""select count(distinct p.answer_id) from blind_session s join score_place p on p.session_id = s.id
                where p.open and {_GATED} and ?1 in ('', s.rubric_digest)""",
            (rubric_digest,),
        )
    )


def looked_at(store: Store, sessions: Iterable[str]) -> bool:
    """Whether results were shown, or names asked for, of any of these sessions (uuids)."""
    return bool(
        store.value(
            """select exists (select 1 from blind_session where uuid in (select value from json_each(?))
                 and (seen is not null or unblinded_at is not null))""",
            (json.dumps(sorted(sessions)),),
        )
    )


def open_counts(store: Store, rubric_digest: str = "") -> list[SessionCount]:
    """Every session (under this rubric; any: '') that isn't closed and has an answer that isn't rated whole, the oldest
    first."""
    return _counts(store, f"s.closed is null and {_OPEN}", rubric_digest)


def closed_early(store: Store, rubric_digest: str) -> list[SessionCount]:
    """The sessions under this rubric that were closed before their last answer, the oldest first."""
    of_scores = "s.id in (select id from blind_session where kind = 'score')"
    return _counts(store, f"s.closed is not null and {of_scores}", rubric_digest)


def _counts(store: Store, condition: str, rubric_digest: str) -> list[SessionCount]:
    rows = store.rows(
        f"""select s.*, r.id, (select count(*) from score_item i where i.session_id = s.id),
              (select count(*) from score_place p where p.session_id = s.id and p.unrated)
            from ({_SESSION} where s.kind = 'score') s join rubric r on r.digest = s.rubric_digest
            where {condition} and ?1 in ('', s.rubric_digest) order by s.id""",
        (rubric_digest,),
    )
    return [SessionCount(_session(row[:-3]), *row[-3:]) for row in rows]


def close(store: Store, number: int, actor: str, time: str) -> bool:
    """End a session with an open answer for good; False where there is none such, or another was quicker."""
    with store.write() as connection:
        cursor = connection.execute(
            f"update blind_session as s set closed = ?2, closed_by = ?3 where s.id = ?1 and {_OPEN}",
            (number, time, actor),
        )
        return cursor.rowcount == 1


def show_names(store: Store, rubric_digest: str, actor: str, time: str, *, unblind: bool) -> None:
    """Log that the contenders' names are being shown: on sessions at their end as seen; with `unblind` on those with
    open answers as unblinded by the actor. Nothing is written where nothing is new, or nothing can be; but names that
    were asked for early aren't told without a word: that raises Refused."""
    fresh = f"{_GATED} and s.kind = 'score' and ?1 in ('', s.rubric_digest)"
    if not store.value(f"select 1 from blind_session s where {fresh} limit 1", (rubric_digest,)):
        return
    if store.reads and not unblind:  # nobody can rate here either
        return
    with store.write() as connection:
        if unblind:
            connection.execute(
                f"update blind_session as s set unblinded_at = ?2, unblinded_by = ?3 where {fresh} and {_OPEN}",
                (rubric_digest, time, actor),
            )
        connection.execute(
            f"update blind_session as s set seen = ?2 where {fresh} and not {_OPEN}", (rubric_digest, time)
        )


def waiting(store: Store, actor: str) -> int:
    """How many answers wait for this rater: open in a session of theirs, or in none and never rated by them."""
    return int(
        store.value(
            """select count(*) from answer a where a.source <> 'sheet' and (
                  exists (select 1 from score_place p join blind_session s on s.id = p.session_id
                          where p.answer_id = a.id and p.open and s.actor = ?1)
                  or not exists (select 1 from rating g where g.answer = a.uuid and g.rater = ?1))""",
            (actor,),
        )
    )


def _open_query(condition: str) -> str:
    return f"""{_SESSION} where s.actor = ?1 and s.rubric_digest = ?2 and s.selection = ?3 {condition} and {_OPEN}
        order by s.id desc limit 1"""


def _key(actor: str, rubric: Rubric, chosen: Chosen, versus: Sequence[str]) -> tuple[str, str, str]:
    return actor, rubric.digest, _selection(chosen, versus)


def _selection(chosen: Chosen, versus: Sequence[str]) -> str:
    """What a session is of, as text. Older sessions compare nobody and say nothing of it."""
    selection = {"sets": sorted(chosen.sets), "language": chosen.language, "of": sorted(chosen.contenders)}
    return json.dumps(selection | ({"versus": sorted(versus)} if versus else {}))


def _session(row: Row) -> Session:
    return Session(*row[:6], *(value or "" for value in row[6:]))
