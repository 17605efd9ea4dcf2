"""How events become the current states: of pairs, rewrites, tags, notes, ratings and questions.

The tables `pair` (state and marks), `rewrite`, `tag` and `pair_note` hold what follows from the events that are not
undone, and are brought up to date for the pairs that a batch touched in the transaction that stores it; so are the
ratings (`store/ratings.py`) and the question bank (`store/bank.py`). What each state is, as an expression over the
events, stands here once: the folds store it, and `store/audit.py` compares it with what is stored.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from molting_tui.records.events import EventKind
from molting_tui.records.pairs import rewritten_messages
from molting_tui.records.turns import Message
from molting_tui.store import meta, texts
from molting_tui.store.flags import Reflag, set_flags

EFFECTIVE = "not exists (select 1 from undone u where u.batch = e.batch)"
# A rewrite keeps its pair, unless it says that it doesn't (masking decides nothing); a skip leaves a decision standing.
_DECIDES = """e.kind in ('decide', 'rewrite') and coalesce(json_extract(e.payload, '$.keep'), 1)"""
_DECIDES_STATE = f"{_DECIDES} and coalesce(json_extract(e.payload, '$.state'), '') <> 'skip'"


def _latest(said: str, condition: str, without: str) -> str:
    """What the latest event that stands and fulfils a condition says of a pair `p`; `without` one, something else."""
    return f"""coalesce((select {said} from event e
        where e.subject = p.uid and {condition} and {EFFECTIVE} order by e.id desc limit 1), {without})"""


STATE = _latest("iif(e.kind = 'rewrite', 'keep', json_extract(e.payload, '$.state'))", _DECIDES_STATE, "'open'")
SKIPPED = _latest("json_extract(e.payload, '$.state') = 'skip'", _DECIDES, "0")
STARRED = _latest("json_extract(e.payload, '$.on')", "e.kind = 'star'", "0")
REASON = _latest("json_extract(e.payload, '$.reason')", _DECIDES_STATE, "''")
CODE = _latest("json_extract(e.payload, '$.code')", _DECIDES_STATE, "''")
COMMENT = _latest("json_extract(e.payload, '$.text')", "e.kind = 'comment'", "''")
TAGS = f"""select name, pair_id from (
    select json_extract(e.payload, '$.tag') as name, t.pair_id, json_extract(e.payload, '$.on') as wanted,
      row_number() over (partition by e.subject, json_extract(e.payload, '$.tag') order by e.id desc) as age
    from touched t join event e on e.subject = t.uid and e.kind = 'tag' where {EFFECTIVE})
  where age = 1 and wanted"""
"""The tags of the touched pairs."""

_TOUCHED = "(select pair_id as id, uid from touched) p"
Step = str | Callable[[sqlite3.Connection, str, Reflag], None]
"""One step of a fold: SQL over the touched pairs, or a function of the connection, the batch and the rules."""


class Fold(NamedTuple):
    """How events of a kind make the current state. `already` is the condition, with its parameters, by which a pair is
    what it would become (of the kinds that are said of many pairs at once)."""

    steps: tuple[Step, ...]
    already: Callable[[dict[str, Any]], tuple[str, list[object]]] | None = None


_DECISION: tuple[Step, ...] = (
    f"""update pair as p set state = {STATE}, skipped = {SKIPPED} where id in (select pair_id from touched)""",
    f"""insert into pair_note (pair_id, reason, code) select p.id, {REASON}, {CODE} from {_TOUCHED} where true
      on conflict (pair_id) do update set reason = excluded.reason, code = excluded.code""",
)


def _decided_already(payload: dict[str, Any]) -> tuple[str, list[object]]:
    state = payload["state"]
    return ("p.state = ?", [state]) if state in ("keep", "drop", "open") else ("false", [])


def _starred_already(payload: dict[str, Any]) -> tuple[str, list[object]]:
    return "p.starred = ?", [payload["on"]]


def _tagged_already(payload: dict[str, Any]) -> tuple[str, list[object]]:
    has_tag = "exists (select 1 from tag g where g.pair_id = p.id and g.name = ?)"
    return f"? = {has_tag}", [payload["on"], payload["tag"]]


def _refold_ratings(connection: sqlite3.Connection, batch: str, _: Reflag) -> None:
    from molting_tui.store import ratings  # brings the records of evaluation, which the first frame doesn't need

    ratings.refold(connection, batch)


def _refold_plans(connection: sqlite3.Connection, _: str, __: Reflag) -> None:
    from molting_tui.store import plans  # brings records that the first frame doesn't need

    plans.refold(connection)


def _refold_totals(connection: sqlite3.Connection, _: str, __: Reflag) -> None:
    from molting_tui.store import totals  # as above

    totals.refold(connection)


def _refold_bank(connection: sqlite3.Connection, batch: str, _: Reflag) -> None:
    from molting_tui.store import bank  # for the same reason

    bank.refold(connection, batch)


def _refold_votes(connection: sqlite3.Connection, batch: str, _: Reflag) -> None:
    from molting_tui.store import votes  # as above

    votes.refold(connection, batch)


def _refold_flags(connection: sqlite3.Connection, batch: str, _: Reflag) -> None:
    from molting_tui.store import answer_flags  # as above

    answer_flags.refold(connection, batch)


def _refold_texts(connection: sqlite3.Connection, _: str, reflag: Reflag) -> None:
    """Give the touched pairs the words that their standing rewrites make, and with them flags, lengths and search."""
    searchable = int(meta.read(connection, "searchable", "0"))
    for number, uid in connection.execute("select pair_id, uid from touched order by pair_id").fetchall():
        in_search = number <= searchable
        if in_search:
            texts.take_out_of_search(connection, number)
        texts.put_rewrites(connection, number, rewrites_said(connection, number, uid))
        if in_search:
            texts.put_into_search(connection, number)
        messages = texts.messages(connection, number)
        flags = reflag([Message(message.role, message.text) for message in messages])
        set_flags(connection, number, flags)
        connection.execute(
            "update pair set rewritten = ?, flagged = ?, instruction_length = ?, response_length = ? where id = ?",
            (
                any(message.text != message.original for message in messages),
                bool(flags),
                len(messages[-2].text),
                len(messages[-1].text),
                number,
            ),
        )


def rewrites_said(connection: sqlite3.Connection, number: int, uid: str) -> dict[int, texts.Rewrite]:
    """What the rewrites that stand make of a pair's messages: of each place, the latest that says something of it."""
    last = texts.last_place(connection, number)
    rewrites: dict[int, texts.Rewrite] = {}
    for payload, label in connection.execute(
        f"""select e.payload, e.label from event e
            where e.subject = ? and e.kind = 'rewrite' and {EFFECTIVE} order by e.id""",
        (uid,),
    ).fetchall():
        rewrite = json.loads(payload)
        for place, text in rewritten_messages(rewrite, last).items():
            rewrites[place] = texts.Rewrite(text, rewrite.get("cause") or _cause_by_label(label))
    return rewrites


def _cause_by_label(label: str) -> str | None:
    """Why words were changed, of a rewrite that doesn't say it: the older ones tell by the label of their step."""
    if label.startswith("rewrite pair "):
        return "style"
    return {"mask secrets": "mask", "repair mojibake": "repair"}.get(label)


FOLDS: dict[EventKind, Fold] = {
    "decide": Fold(_DECISION, _decided_already),
    "rewrite": Fold((_refold_texts, *_DECISION)),
    "star": Fold(
        (f"update pair as p set starred = {STARRED} where id in (select pair_id from touched)",), _starred_already
    ),
    "comment": Fold(
        (
            f"""insert into pair_note (pair_id, comment) select p.id, {COMMENT} from {_TOUCHED} where true
          on conflict (pair_id) do update set comment = excluded.comment""",
        )
    ),
    "tag": Fold(
        (
            "delete from tag where pair_id in (select pair_id from touched)",
            f"insert into tag (name, pair_id) {TAGS}",
        ),
        _tagged_already,
    ),
    "rate": Fold((_refold_ratings,)),
    "plan": Fold((_refold_plans,)),
    "total": Fold((_refold_totals,)),
    "question": Fold((_refold_bank,)),
    "vote": Fold((_refold_votes,)),
    "flag": Fold((_refold_flags,)),
}
"""How each kind is folded; a kind that isn't here changes no state."""


def touch_none(connection: sqlite3.Connection) -> None:
    """Begin to say which pairs are touched, in a table of this connection's own."""
    connection.execute("create temp table if not exists touched (pair_id integer primary key, uid text)")
    connection.execute("delete from touched")


def refold(connection: sqlite3.Connection, batch: str, reflag: Reflag) -> int:
    """Bring the states that a batch touches up to date, each kind by its fold; returns how many pairs it touched."""
    touch_none(connection)
    connection.execute(
        """insert or ignore into touched
           select p.id, p.uid from event e join pair p on p.uid = e.subject where e.batch = ?""",
        (batch,),
    )
    kinds = [kind for (kind,) in connection.execute("select distinct kind from event where batch = ?", (batch,))]
    fold(connection, kinds, batch, reflag)
    return int(connection.execute("select count(*) from touched").fetchone()[0])


def fold(connection: sqlite3.Connection, kinds: list[EventKind], batch: str, reflag: Reflag) -> None:
    """Bring what events of these kinds say of the touched pairs up to date."""
    steps = dict.fromkeys(step for kind in kinds if kind in FOLDS for step in FOLDS[kind].steps)
    # Functions first: a rewrite's new words stand before its decision is counted.
    for step in sorted(steps, key=lambda step: isinstance(step, str)):
        if isinstance(step, str):
            connection.execute(step)
        else:
            step(connection, batch, reflag)
