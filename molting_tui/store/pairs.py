"""Reading pairs: lines for the list, everything about one, counts, and the texts for an export."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from molting_tui.records.filters import Filter
from molting_tui.records.pairs import Counts, Flag, Origin, Pair, PairLine, State, TagCount, rewritten_messages
from molting_tui.store import filters, meta, succession, texts
from molting_tui.store.connection import Row, Store

PREVIEW = 160
"""Characters of the instruction that a line carries."""

_PAIR = """select p.id, p.uid, p.kind, p.state, coalesce(n.reason, ''), p.rewritten, p.skipped, p.starred,
       coalesce(n.comment, ''), t.system, t.context, t.instruction, t.response,
       coalesce(s.key, ''), coalesce(s.project, ''), coalesce(m.name, ''), p.time, coalesce(p.language, '')
  from pair p join pair_text t on t.id = p.id
  left join pair_note n on n.pair_id = p.id left join session s on s.id = p.session_id
  left join model m on m.id = p.model_id"""


def lines(store: Store, ids: Sequence[int]) -> list[PairLine]:
    """The list lines of the pairs with these ids, in the order of the ids."""
    rows = store.rows(
        f"""select p.id, p.state, p.rewritten, p.skipped, p.starred, p.flagged, substr(c.instruction, 1, {PREVIEW})
            from pair p join pair_current c on c.id = p.id where p.id in (select value from json_each(?))""",
        (json.dumps(list(ids)),),
    )
    lines_by_id = {
        row[0]: PairLine(row[0], State(row[1]), bool(row[2]), bool(row[3]), bool(row[4]), bool(row[5]), row[6])
        for row in rows
    }
    return [lines_by_id[number] for number in ids if number in lines_by_id]


def pair(store: Store, number: int, actor: str) -> Pair | None:
    """Everything about one pair (with the actor's own draft), or None if there is no such pair."""
    row = store.row(f"{_PAIR} where p.id = ?", (number,))
    return None if row is None else _pair(store, row, actor)


def pair_id(store: Store, reference: str) -> int | None:
    """The number of a pair named by its number or by the start (6 characters or more) of its uid."""
    if reference.isascii() and reference.isdigit() and len(reference) < 16:
        number = store.value("select id from pair where id = ?", (int(reference),))
        if number is not None:
            return int(number)
    if len(reference) < 6:
        return None
    rows = store.rows("select id from pair where uid >= ? and uid < ? limit 2", (reference, reference + "g"))
    return int(rows[0][0]) if len(rows) == 1 else None


def counts(store: Store) -> Counts:
    """How many pairs of the current derivation are in each state."""
    rows = store.rows("select state, rewritten, pairs from pair_count where live = 1")
    by_state = {state: sum(n for row_state, _, n in rows if row_state == state) for state in State}
    return Counts(
        by_state[State.OPEN],
        by_state[State.KEEP],
        by_state[State.DROP],
        sum(n for _, rewritten, n in rows if rewritten),
    )


def chosen(store: Store, condition: Filter, actor: str, chunk: int = 200) -> Iterator[Pair]:
    """Everything about each pair that a filter matches, in its order, else in list order, read in chunks."""
    ids = filters.matching(store, condition)
    for start in range(0, len(ids), chunk):
        part = list(ids[start : start + chunk])
        rows = store.rows(f"{_PAIR} where p.id in (select value from json_each(?))", (json.dumps(part),))
        by_id = {row[0]: row for row in rows}
        for number in part:
            if number in by_id:
                yield _pair(store, by_id[number], actor)


def of_uids(store: Store, uids: Sequence[str], actor: str) -> list[Pair]:
    """Everything about the pairs with these uids, of whatever derivation; what isn't stored is left out."""
    rows = store.rows(f"{_PAIR} where p.uid in (select value from json_each(?)) order by p.id", (json.dumps(uids),))
    return [_pair(store, row, actor) for row in rows]


class Prompts(NamedTuple):
    """What a pair asks: its user turns as they are now, the last of them its prompt; the session log it is from
    (empty: a chat file, whose conversations have nothing to do with each other) and the language of its answer."""

    id: int
    uid: str
    session: str
    language: str
    turns: tuple[str, ...]
    answer: str


def prompts(store: Store, ids: Sequence[int], chunk: int = 500) -> Iterator[Prompts]:
    """What the pairs with these ids ask, without all else that is known of them."""
    for start in range(0, len(ids), chunk):
        wanted = json.dumps(list(ids[start : start + chunk]))
        rows = store.rows(
            """select p.id, p.uid, iif(p.kind = 'extracted', coalesce(s.key, ''), ''), coalesce(p.language, ''),
                 t.context, p.rewritten, c.instruction, c.response
               from pair p join pair_current c on c.id = p.id join pair_text t on t.id = p.id
                 left join session s on s.id = p.session_id
               where p.id in (select value from json_each(?)) order by p.id""",
            (wanted,),
        )
        for number, uid, session, language, context, rewritten, prompt, answer in rows:
            before: tuple[str, ...] = ()
            if context != "[]":
                messages = texts.messages(store.connection(), number) if rewritten else texts.read_context(context)
                before = tuple(said.text for said in messages if said.role == "user")
            turns = before if before and rewritten else (*before, prompt)
            yield Prompts(number, uid, session, language, turns, answer)


def tags(store: Store, condition: Filter) -> list[TagCount]:
    """The tags of the pairs that a filter matches, the most used first."""
    filters.make_searchable(store, condition)
    sql, parameters = filters.where(store, condition)
    rows = store.rows(
        f"""select g.name, count(*) from tag g join pair p on p.id = g.pair_id where {sql}
            group by g.name order by count(*) desc, g.name""",
        parameters,
    )
    return [TagCount(*row) for row in rows]


def siblings(store: Store, number: int) -> list[tuple[int, State]]:
    """Earlier texts of the same turn that somebody decided on: their ids and states."""
    rows = store.rows(
        """select o.id, o.state from pair p join pair o on o.turn_id = p.turn_id and o.id <> p.id
           where p.id = ? and o.live = 0 and o.state <> 'open' order by o.id""",
        (number,),
    )
    return [(row[0], State(row[1])) for row in rows]


def turn_of(store: Store, number: int) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The prompt and the steps (`text` or `tool`, and its value) of the turn that a pair came from."""
    row = store.row("select t.human, t.steps from pair p join turn t on t.id = p.turn_id where p.id = ?", (number,))
    return None if row is None else (row[0], tuple((kind, value) for kind, value in json.loads(row[1])))


def next_open(store: Store, ids: Sequence[int]) -> int | None:
    """The position in `ids` of the first pair that is open, or None."""
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        rows = store.rows(
            "select id from pair where state = 'open' and id in (select value from json_each(?))", (json.dumps(part),)
        )
        still_open = {row[0] for row in rows}
        for offset, number in enumerate(part):
            if number in still_open:
                return start + offset
    return None


def draft_count(store: Store, actor: str) -> int:
    """How many pairs have an unfinished rewrite of this person."""
    return int(
        store.value(
            "select count(*) from draft d join pair p on p.id = d.pair_id where p.live = 1 and d.actor = ?", (actor,)
        )
    )


def set_draft(store: Store, number: int, actor: str, text: str | None, time: str) -> None:
    """Keep the text of an unfinished rewrite, or forget it (None)."""
    if text is None and not store.value("select 1 from draft where pair_id = ? and actor = ?", (number, actor)):
        return
    with store.write() as connection:
        if text is None:
            connection.execute("delete from draft where pair_id = ? and actor = ?", (number, actor))
        else:
            connection.execute("insert or replace into draft values (?, ?, ?, ?)", (number, actor, text, time))


def _pair(store: Store, row: Row, actor: str) -> Pair:
    """A row of _PAIR as a record, its messages as they were rewritten. The draft is the actor's own."""
    number, rewritten = row[0], bool(row[5])
    rewrites: dict[int, str] = (
        dict(store.rows("select place, text from rewrite where pair_id = ?", (number,))) if rewritten else {}
    )
    messages = texts.read_messages(row[9:13], rewrites)
    draft = store.value("select text from draft where pair_id = ? and actor = ?", (number, actor))
    return Pair(
        id=number,
        uid=row[1],
        kind=row[2],
        state=State(row[3]),
        reason=row[4] or "",
        rewritten=rewritten,
        skipped=bool(row[6]),
        starred=bool(row[7]),
        tags=tuple(name for (name,) in store.rows("select name from tag where pair_id = ? order by name", (number,))),
        comment=row[8] or "",
        messages=messages,
        session=row[13],
        project=row[14],
        model=row[15],
        time=row[16],
        language=row[17],
        flags=_flags(store, number),
        origins=_origins(store, number),
        draft=None if draft is None else _draft(draft, len(messages) - 1),
        before=succession.before(store, number),
    )


def _draft(stored: str, last: int) -> dict[int, str]:
    messages = rewritten_messages(json.loads(stored), last)
    return {place: text for place, text in messages.items() if text is not None}


def _flags(store: Store, number: int) -> tuple[Flag, ...]:
    rows = store.rows(
        "select family, rule, place, start, end from flag where pair_id = ? order by place, start, end, rule",
        (number,),
    )
    return tuple(Flag(*row) for row in rows)


def _origins(store: Store, number: int) -> tuple[Origin, ...]:
    rows = store.rows(
        """select s.key, s.project, f.path, o.line, t.time, t.model
           from pair_origin po join turn t on t.id = po.turn_id join turn_origin o on o.turn_id = t.id
           join source_file f on f.id = o.file_id join session s on s.id = o.session_id
           where po.pair_id = ? and po.derivation = ? order by t.id, f.id, o.line limit 50""",
        (number, meta.derivation(store)),
    )
    return tuple(Origin(*row) for row in rows)


def kept_without_system(store: Store) -> tuple[int, int]:
    """How many pairs are kept, and how many of those have no system turn of their own."""
    row = store.row(
        """select count(*), coalesce(sum(t.system = ''), 0) from pair p join pair_text t on t.id = p.id
           where p.live = 1 and p.state = 'keep'"""
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)
