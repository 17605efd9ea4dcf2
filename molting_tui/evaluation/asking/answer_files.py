"""Answers that somebody else's model gave, from a file: stored whole or not at all, what can't be taken is counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.recipe.runfolder import AnswerLine
from molting_tui.records.evaluation import Question, QuestionSet
from molting_tui.regular_files import read_regular
from molting_tui.store import answers, events
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

_SHAPE = '{"question": …, "contender": …, "text": …}'
_NAMESPACE = uuid.UUID("4f0f5a0e-6f5e-5c0a-9b59-6d6f6c74696e")
_EXAMPLES = 3


class Entered(NamedTuple):
    """What was taken from a file: new answers, those that were known already, and sentences about what was left
    out."""

    answers: int
    known: int
    contenders: tuple[str, ...]
    problems: tuple[str, ...]


class _Line(msgspec.Struct):
    question: Annotated[str, msgspec.Meta(min_length=1)]
    text: str
    contender: str = ""
    sample: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    finish_reason: str = ""


_DECODER = msgspec.json.Decoder(_Line)


def enter_answers(workspace: Workspace, path: Path, questions: str, contender: str = "") -> Entered:
    """Store the answers of a JSONL file: one `{"question", "contender", "text", "sample"?, "finish_reason"?}` a line.

    `question` is an id or the prompt of a question of the set `questions`; `contender` is who answered where a line
    doesn't say so. The same answer again is known, and not stored twice. Raises BadInput for a file that can't be
    read, and where none of its lines can be taken.
    """
    asked = find_questions(workspace, questions)
    data = _read(path)
    left = _LeftOut()
    lines = list(_lines(data, path, asked, contender, left))
    new, known = _unlike_stored(workspace, lines, left)
    if not new and not known:
        raise BadInput(
            f"no answer can be taken from it: {' '.join(left.sentences()) or 'it is empty.'}",
            where=str(path),
            fix=f"A line is {_SHAPE}, with a question of {asked.id}.",
        )
    answers.remember_questions(workspace.store, asked)
    count = answers.add(workspace.store, f"file:{show_line(path.name, 200)}", new, source="file")
    contenders = tuple(sorted({line.contender for line in (*new, *known)}))
    return Entered(count, len(known) + len(new) - count, contenders, tuple(left.sentences()))


class _LeftOut:
    """What was left out, by what is wrong with it, with the first few places."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}

    def add(self, what: str, place: str) -> None:
        self._places.setdefault(what, []).append(place)

    def sentences(self) -> Iterator[str]:
        for what, places in self._places.items():
            more = f" and {len(places) - _EXAMPLES:,} more" if len(places) > _EXAMPLES else ""
            yield f"{plural(len(places), 'line')} left out: {what} ({', '.join(places[:_EXAMPLES])}{more})."


def _read(path: Path) -> bytes:
    try:
        return read_regular(path).removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=str(path), fix="Check the path.") from error


def _lines(data: bytes, path: Path, asked: QuestionSet, contender: str, left: _LeftOut) -> Iterator[AnswerLine]:
    """The answers that can be taken from a file; each other line is counted in `left`, with its reason and place."""
    by_name = _by_name(asked.questions)
    taken: set[tuple[str, str, int]] = set()
    now = events.now()
    for number, raw in enumerate(data.split(b"\n"), 1):
        if not raw.strip():
            continue
        place = f"line {number}"
        try:
            line = _DECODER.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            left.add("it can't be read", f"{place}: {show_line(str(error), 80)}")
            continue
        question = by_name.get(line.question.strip().casefold())
        name = (line.contender or contender).strip()
        if question is None:
            left.add(f"no such question in {asked.id}", f"{place}: {show_line(line.question, 40)}")
        elif not name:
            left.add("it doesn't say who answered; --contender NAME does", place)
        elif (name, question.digest, line.sample) in taken:
            left.add(
                "that contender's answer to that question stands in the file already; number them with `sample`",
                f"{place}: {show_line(name, 30)}, {question.id}, sample {line.sample}",
            )
        else:
            taken.add((name, question.digest, line.sample))
            yield _answer(line, name, question, path, now)


def _answer(line: _Line, name: str, question: Question, path: Path, now: str) -> AnswerLine:
    """A line as an answer. Its uuid follows from its content, so the same line again is the same answer."""
    known_by = "\0".join((name, question.digest, str(line.sample), line.text))
    return AnswerLine(
        uuid=str(uuid.uuid5(_NAMESPACE, known_by)),
        contender=name,
        question=question.id,
        question_digest=question.digest,
        sample=line.sample,
        raw=line.text,
        text=line.text,
        tokens=0,
        finish_reason=line.finish_reason,
        seed=None,
        settings={"file": show_line(path.name, 200)},
        time=now,
    )


def _by_name(questions: Iterable[Question]) -> dict[str, Question]:
    """The questions by prompt and by id, ids first."""
    by_name = {question.prompt.strip().casefold(): question for question in questions}
    return by_name | {question.id.casefold(): question for question in questions}


def _unlike_stored(
    workspace: Workspace, lines: list[AnswerLine], left: _LeftOut
) -> tuple[list[AnswerLine], list[AnswerLine]]:
    """The lines that are new, and those that are stored already; an answer that is stored with other words is left
    out: a contender answers a question once a sample."""
    names = tuple({line.contender for line in lines})
    stored = {
        (answer.contender, answer.question.digest, answer.sample): answer.text
        for answer in answers.answers(workspace.store, answers.Chosen(contenders=names))
    } if names else {}  # fmt: skip
    new, known = [], []
    for line in lines:
        text = stored.get((line.contender, line.question_digest, line.sample))
        if text is None:
            new.append(line)
        elif text == line.text:
            known.append(line)
        else:
            left.add(
                "that contender's answer to that question is stored with other words; give it another --contender name",
                f"{show_line(line.contender, 30)}, {line.question}, sample {line.sample}",
            )
    return new, known
