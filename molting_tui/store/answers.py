"""What was asked, what was answered, and how far the answers of runs were read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from molting_tui.recipe.runfolder import AnswerLine
from molting_tui.records.contenders import Contender, Source, contender_of
from molting_tui.records.evaluation import Answer, Question, QuestionSet
from molting_tui.store import contenders as contender_rows
from molting_tui.store.connection import Connection, Row, Store
from molting_tui.store.digests import ANSWER_WORDS, answer_digest

_QUESTION = msgspec.json.Decoder(Question)
_FIELDS = (
    "id", "uuid", "contender", "contender_id", "source", "run", "question", "sample", "text", "raw", "tokens",
    "finish_reason", "seed", "settings", "time", "seconds",
)  # fmt: skip
_ANSWER = """select a.id, a.uuid, a.contender, a.contender_id, a.source, a.run, q.content, a.sample, a.text, a.raw,
       a.tokens, a.finish_reason, a.seed, a.settings, a.time, a.seconds
  from answer a join question q on q.digest = a.question_digest"""


class Chosen(NamedTuple):
    """Which answers are meant: of these question sets (ids), in this language, of these contenders. Empty: all."""

    sets: tuple[str, ...] = ()
    language: str = ""
    contenders: tuple[str, ...] = ()


class TakenRun(NamedTuple):
    """How far a run's answers were read: `offset` bytes with this SHA-256. Of them `damaged` lines couldn't be read,
    and `unknown` ones answer a question that isn't known."""

    run: str
    size: int
    mtime_ns: int
    offset: int
    digest: str
    damaged: int
    unknown: int


class AnswerName(NamedTuple):
    """What tells an answer, without its words."""

    id: int
    uuid: str
    contender: str
    run: str
    question_digest: str
    source: Source = "asked"
    sample: int = 0


# Questions


def remember_questions(store: Store, question_set: QuestionSet) -> None:
    """Keep a question set and its questions whole, so that their answers can be scored whatever becomes of the file."""
    contents = {question.digest: msgspec.json.encode(question).decode() for question in question_set.questions}
    if set_known(store, question_set.digest) and contents == _contents(store, contents):
        return
    with store.write() as connection:
        connection.execute(
            """insert into question_set (digest, id, version, title) values (?, ?, ?, ?)
               on conflict (digest) do update set (id, version, title) = (excluded.id, excluded.version, excluded.title)
            """,
            (question_set.digest, question_set.id, question_set.version, question_set.title),
        )
        # What measures is in the digest; name, language and tags are as they were last read.
        connection.executemany(
            """insert into question (digest, id, language, cluster, role, content) values (?, ?, ?, ?, ?, ?)
               on conflict (digest) do update set (id, language, cluster, role, content) =
                 (excluded.id, excluded.language, excluded.cluster, excluded.role, excluded.content)""",
            [
                (
                    question.digest,
                    question.id,
                    question.language,
                    question.cluster,
                    question.role,
                    contents[question.digest],
                )
                for question in question_set.questions
            ],
        )
        connection.executemany(
            """insert into question_of_set (set_digest, question_digest, place) values (?, ?, ?)
               on conflict do nothing""",
            [(question_set.digest, question.digest, place) for place, question in enumerate(question_set.questions)],
        )


def set_known(store: Store, digest: str) -> bool:
    """Whether this question set was remembered."""
    return bool(store.value("select 1 from question_set where digest = ?", (digest,)))


def set_ids(store: Store) -> list[str]:
    """The ids of the question sets that were remembered."""
    return [name for (name,) in store.rows("select distinct id from question_set order by id")]


def sets_of_questions(store: Store) -> dict[str, tuple[str, ...]]:
    """For each question's digest, the ids of the sets that hold it."""
    rows = store.rows(
        """select distinct o.question_digest, s.id from question_of_set o join question_set s on s.digest = o.set_digest
           order by s.id"""
    )
    set_names: dict[str, tuple[str, ...]] = {}
    for digest, name in rows:
        set_names[digest] = (*set_names.get(digest, ()), name)
    return set_names


def questions(store: Store) -> list[Question]:
    """Every question that was remembered, as it was last read."""
    return [_QUESTION.decode(content) for (content,) in store.rows("select content from question order by digest")]


def known_questions(store: Store, digests: Iterable[str]) -> set[str]:
    """Those of these question digests that were remembered."""
    return set(_contents(store, digests))


def _contents(store: Store, digests: Iterable[str]) -> dict[str, str]:
    rows = store.rows(
        "select digest, content from question where digest in (select value from json_each(?))",
        (json.dumps(list(digests)),),
    )
    return dict(rows)


# Answers


def add(
    store: Store,
    run: str,
    lines: Sequence[AnswerLine],
    *,
    source: Source = "asked",
    contender_settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> int:
    """Store the answers of a run that aren't stored yet, and who gave them; returns how many were new.

    An answer is known by its uuid, and by contender, question, sample and run. Answers to questions that weren't
    remembered are left out: `known_questions` tells which those are. `contender_settings` is what the run was told of
    each contender, by name, in the words of an answer's settings: it stands in for what the lines don't say themselves.
    """
    known = known_questions(store, {line.question_digest for line in lines})
    taken = [line for line in lines if line.question_digest in known]
    if not taken:
        return 0
    given_by = [
        contender_of(line.contender, source, {**contender_settings.get(line.contender, {}), **line.settings})
        for line in taken
    ]
    with store.write() as connection:
        numbers: dict[Contender, int] = {
            contender: contender_rows.put(connection, contender) for contender in dict.fromkeys(given_by)
        }
        before = connection.total_changes
        connection.executemany(
            """insert or ignore into answer (contender_id, source, uuid, contender, run, question_digest, sample, raw,
                                             text, tokens, finish_reason, seed, settings, time, digest, seconds)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                (numbers[contender], source, *_columns(run, line))
                for line, contender in zip(taken, given_by, strict=True)
            ],
        )
        return connection.total_changes - before


def answers(store: Store, chosen: Chosen = Chosen()) -> list[Answer]:  # noqa: B008 - a frozen record
    """The answers that are chosen, by contender, question (in the order of its set) and sample."""
    condition, parameters = _where(chosen)
    place = "(select min(o.place) from question_of_set o where o.question_digest = q.digest)"
    order = f"order by a.contender, {place}, q.id, a.question_digest, a.sample, a.id"
    return [_answer(row) for row in store.rows(f"{_ANSWER} where {condition} {order}", parameters)]


def names(store: Store, chosen: Chosen = Chosen()) -> list[AnswerName]:  # noqa: B008 - a frozen record
    """What tells the answers that are chosen, without their words."""
    condition, parameters = _where(chosen)
    rows = store.rows(
        f"""select a.id, a.uuid, a.contender, a.run, a.question_digest, a.source, a.sample
            from answer a join question q on q.digest = a.question_digest where {condition} order by a.id""",
        parameters,
    )
    return [AnswerName(*row) for row in rows]


def by_uuid(store: Store, uuid: str) -> Answer | None:
    """The answer with this uuid."""
    row = store.row(f"{_ANSWER} where a.uuid = ?", (uuid,))
    return None if row is None else _answer(row)


def by_ids(store: Store, given: Iterable[int]) -> dict[int, Answer]:
    """The answers with these numbers, by them; one that is gone is missing."""
    rows = store.rows(f"{_ANSWER} where a.id in (select value from json_each(?))", (json.dumps(list(given)),))
    return {answer.id: answer for answer in map(_answer, rows)}


def by_numbers(store: Store, numbers: Sequence[int]) -> list[Answer]:
    """The answers with these numbers, by number."""
    rows = store.rows(
        f"{_ANSWER} where a.id in (select value from json_each(?)) order by a.id", (json.dumps(list(numbers)),)
    )
    return [_answer(row) for row in rows]


def question_of(store: Store, uuid: str) -> str:
    """The digest of the question that an answer is to."""
    return str(store.value("select question_digest from answer where uuid = ?", (uuid,)))


def referred(store: Store, reference: str) -> list[Answer]:
    """The answers meant by a number, a uuid or the start of one (6 characters or more); at most two."""
    if reference.isascii() and reference.isdigit() and len(reference) < 16:
        rows = store.rows(f"{_ANSWER} where a.id = ?", (int(reference),))
        if rows:
            return [_answer(row) for row in rows]
    if len(reference) < 6:
        return []
    end = reference + chr(0x10FFFF)
    rows = store.rows(f"{_ANSWER} where a.uuid >= ? and a.uuid < ? order by a.uuid limit 2", (reference, end))
    return [_answer(row) for row in rows]


def changed_answers(connection: Connection) -> tuple[int, list[int]]:
    """How many answers were hashed, and the numbers of those that aren't what they were when they were stored."""
    rows = connection.execute(f"select id, digest, {ANSWER_WORDS} from answer where digest <> ''").fetchall()
    return len(rows), [number for number, digest, *words in rows if _digest_of(words) != digest]


def _digest_of(words: Sequence[object]) -> str:
    try:
        return answer_digest(words)
    except (TypeError, UnicodeError):  # bytes, where a text should be
        return ""


def contender_names(store: Store) -> list[str]:
    """Who has answered anything."""
    return [name for (name,) in store.rows("select distinct contender from answer order by contender")]


def count(store: Store) -> int:
    """How many answers are stored."""
    return int(store.value("select count(*) from answer"))


# What was read of the runs


def taken_runs(store: Store) -> dict[str, TakenRun]:
    """How far the answers of each run were read."""
    rows = store.rows("select run, size, mtime_ns, offset, digest, damaged, unknown from taken")
    return {row[0]: TakenRun(*row) for row in rows}


def set_taken(store: Store, taken: TakenRun, time: str) -> None:
    """Remember how far a run's answers were read."""
    with store.write() as connection:
        connection.execute(
            """insert or replace into taken (run, size, mtime_ns, offset, digest, damaged, unknown, time)
               values (?, ?, ?, ?, ?, ?, ?, ?)""",
            (*taken, time),
        )


def _columns(run: str, line: AnswerLine) -> tuple[object, ...]:
    settings = json.dumps(line.settings, ensure_ascii=False)
    which = (line.contender, run, line.question_digest, line.sample)
    words = (*which, line.raw, line.text, line.tokens, line.finish_reason, line.seed, settings)
    return (line.uuid, *words, line.time, answer_digest(words), line.seconds)


def _where(chosen: Chosen) -> tuple[str, list[str]]:
    conditions, parameters = ["true"], []
    if chosen.sets:
        conditions.append(
            """exists (select 1 from question_of_set o join question_set s on s.digest = o.set_digest
                 where o.question_digest = q.digest and s.id in (select value from json_each(?)))"""
        )
        parameters.append(json.dumps(chosen.sets))
    if chosen.language:
        conditions.append("q.language = ?")
        parameters.append(chosen.language)
    if chosen.contenders:
        conditions.append("a.contender in (select value from json_each(?))")
        parameters.append(json.dumps(chosen.contenders))
    return " and ".join(conditions), parameters


def _answer(row: Row) -> Answer:
    fields = dict(zip(_FIELDS, row, strict=True))
    question, settings = _QUESTION.decode(fields.pop("question")), json.loads(fields.pop("settings"))
    return Answer(question=question, settings=settings, **fields)
