"""The question bank, folded from the events of kind `question`.

Each event has a question whole, and the latest that stands says what it is. A question's uid follows from its id, so
whoever speaks of one id speaks of one question, and no two can have it.
"""

from __future__ import annotations

import sqlite3
import uuid

import msgspec

from molting_tui.records.bank import BankQuestion, Status
from molting_tui.records.evaluation import Question
from molting_tui.store.connection import Store

_NAMESPACE = uuid.UUID("8f0d3a52-0c1e-5b0b-9a3c-6d6f6c74696e")
_COLUMNS = "uid, id, cluster, role, language, status, digest, content, reference, source, event_id, time"
QUESTIONS = """select uid, json_extract(content, '$.question.id'), json_extract(content, '$.question.cluster'),
    json_extract(content, '$.question.role'), json_extract(content, '$.question.language'),
    json_extract(content, '$.status'), json_extract(content, '$.question.digest'), content,
    json_extract(content, '$.reference'), json_extract(content, '$.source'), event, time from (
    select t.uid, e.payload as content, e.id as event, e.time,
      row_number() over (partition by t.uid order by e.id desc) as age
    from touched_question t cross join event e on e.subject = t.uid and e.kind = 'question'
      and not exists (select 1 from undone u where u.batch = e.batch))
  where age = 1"""
"""The questions that the table `touched_question` names, as the events say them."""
_FOLD = (
    "delete from bank_question where uid in (select uid from touched_question)",
    f"insert into bank_question ({_COLUMNS}) {QUESTIONS}",
)
_SAID = "insert into touched_question select distinct e.subject from event e where e.kind = 'question'"
_UNLIKE = f"""select uid from (select {_COLUMNS} from bank_question except {QUESTIONS})
    union select uid from ({QUESTIONS} except select {_COLUMNS} from bank_question)"""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What an event of kind `question` says."""

    question: Question
    status: Status
    reference: str = ""
    source: str = ""
    why: str = ""


_PAYLOAD = msgspec.json.Decoder(Payload)


def uid_of(question_id: str) -> str:
    """The uid of the question with this id, in any case."""
    return uuid.uuid5(_NAMESPACE, question_id.casefold()).hex


def refold(connection: sqlite3.Connection, batch: str) -> None:
    """Bring the questions that a step touched up to date, in the transaction that stored it."""
    _touch_none(connection)
    connection.execute(f"{_SAID} and e.batch = ?", (batch,))
    for statement in _FOLD:
        connection.execute(statement)


def differing(connection: sqlite3.Connection) -> list[str]:
    """The uids of questions that nobody said so, and of those that were said and aren't in the table."""
    _touch_all(connection)
    return [uid for (uid,) in connection.execute(_UNLIKE)]


def refold_all(connection: sqlite3.Connection) -> None:
    """Make the bank anew from the events."""
    _touch_all(connection)
    connection.execute("delete from bank_question")
    connection.execute(_FOLD[1])


def every(store: Store) -> list[BankQuestion]:
    """Every question, dropped ones too, by cluster and id."""
    rows = store.rows("select uid, content, time from bank_question order by cluster, id")
    return [_question(uid, content, time) for uid, content, time in rows]


def of_uid(store: Store, uid: str) -> BankQuestion | None:
    """The question with this uid, or None."""
    row = store.row("select uid, content, time from bank_question where uid = ?", (uid,))
    return None if row is None else _question(*row)


def kept_out(store: Store) -> list[BankQuestion]:
    """The open questions that mayn't be trained on."""
    return [entry for entry in every(store) if entry.status == "open" and entry.question.role == "generalise"]


def count(store: Store, status: Status) -> int:
    """How many questions have this status."""
    return int(store.value("select count(*) from bank_question where status = ?", (status,)))


def _question(uid: str, content: str, time: str) -> BankQuestion:
    payload = _PAYLOAD.decode(content)
    return BankQuestion(uid, payload.question, payload.status, payload.reference, payload.source, payload.why, time)


def _touch_all(connection: sqlite3.Connection) -> None:
    _touch_none(connection)
    connection.execute(_SAID)


def _touch_none(connection: sqlite3.Connection) -> None:
    connection.execute("create temp table if not exists touched_question (uid text)")
    connection.execute("delete from touched_question")
