"""The turns around a pair in its session, each read by its place."""

from __future__ import annotations

import msgspec

from molting_tui.records.surroundings import Complaint, SessionTurn, Surroundings
from molting_tui.records.turns import Step
from molting_tui.store.connection import Row, Store

PROMPT_START = 400
"""Characters of the next prompt that are read where only its beginning is asked for."""

_STEPS = msgspec.json.Decoder(tuple[Step, ...])
_BEFORE = "o.file_id = ?1 and (o.line, o.turn_id) < (?2, ?3) order by o.line desc, o.turn_id desc limit ?4"
_AFTER = "o.file_id = ?1 and (o.line, o.turn_id) > (?2, ?3) order by o.line, o.turn_id limit ?4"
# Of a turn that stands in several files (resumed sessions copy their history) the one that goes on tells the most.
_PLACE = """select h.file_id, h.line, h.turn_id from pair p join turn t on t.id = p.turn_id
    join turn_origin h on h.turn_id = t.id
  where p.id = ? and t.source <> 'chat'
  order by not exists (select 1 from turn_origin o where o.file_id = h.file_id
                         and (o.line, o.turn_id) > (h.line, h.turn_id)),
           h.file_id <> t.file_id, h.file_id, h.line limit 1"""
_NUMBERS = "select count(*) filter (where (line, turn_id) <= (?2, ?3)), count(*) from turn_origin where file_id = ?1"
_TURNS = "select t.human, t.steps from turn_origin o join turn t on t.id = o.turn_id where "
_NEXT = f"""select substr(t.human, 1, {PROMPT_START}), c.rule, c.start, c.end
    from turn_origin o join turn t on t.id = o.turn_id left join complaint c on c.turn_id = t.id where """


def surroundings(store: Store, pair_id: int, before: int, after: int) -> Surroundings | None:
    """Where a pair stands in its session, with up to so many turns before and after it.

    None for a pair from a chat file (what went before is in its own messages) or one made by hand, and where nobody
    knows any more where its turn stood.
    """
    place = store.row(_PLACE, (pair_id,))
    if place is None:
        return None
    number, total = store.rows(_NUMBERS, place)[0]
    earlier = store.rows(_TURNS + _BEFORE, (*place, before)) if before else []
    later = store.rows(_TURNS + _AFTER, (*place, after)) if after else []
    following = store.row(_NEXT + _AFTER, (*place, 1))
    return Surroundings(
        number=number,
        total=total,
        before=tuple(_turn(number - away, row) for away, row in enumerate(earlier, 1))[::-1],
        after=tuple(_turn(number + away, row) for away, row in enumerate(later, 1)),
        next_prompt=following[0] if following else None,
        complaint=Complaint(*following[1:]) if following and following[1] is not None else None,
    )


def _turn(number: int, row: Row) -> SessionTurn:
    human, steps = row
    try:
        return SessionTurn(number, human, _STEPS.decode(steps))
    except (msgspec.MsgspecError, UnicodeError):  # a damaged database: `molting doctor` tells
        return SessionTurn(number, human, ())
