"""Ratings that are typed in: one by command, or a whole score sheet as one step. They don't count as blind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.blind_session import checked_rating
from molting_tui.evaluation.scoring.edited_rubrics import refuse_edited
from molting_tui.evaluation.scoring.sheets import Sheet, SheetRow, read_sheet
from molting_tui.recipe.runfolder import AnswerLine
from molting_tui.records.evaluation import Answer, QuestionSet, Rubric
from molting_tui.records.events import RATE_KINDS, NewEvent, Undone
from molting_tui.regular_files import read_regular
from molting_tui.store import answers, events, ratings, scoring
from molting_tui.store.answers import Chosen
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

_PASS = 1


class Step(NamedTuple):
    """What an undo or redo of ratings did."""

    label: str
    ratings: int


class SheetTaken(NamedTuple):
    """What came of a sheet: `answers` were made (known by their ratings only), `ratings` and notes are new or changed,
    `unchanged` ones were so already; `left_out` are sentences."""

    contenders: tuple[str, ...]
    answers: int
    ratings: int
    unchanged: int
    left_out: tuple[str, ...]


def rate_answer(
    workspace: Workspace,
    rubric: Rubric,
    reference: str,
    dimension: str,
    level: int | None,
    *,
    rater: str = "",
    note: str = "",
) -> Answer:
    """Rate the answer with this number, uuid or start of one (6 characters or more), as one step.

    Raises BadInput, and stores nothing, if there isn't exactly one, and for a dimension or level that isn't the
    rubric's.
    """
    answer = answer_meant(workspace, reference)
    refuse_edited(workspace, rubric)
    name = checked_rating(rubric, dimension, level).id
    payload: dict[str, object] = {"dimension": name, "level": level}
    if note.strip():
        payload["note"] = _storable(note)
    ratings.remember_rubric(workspace.store, rubric)
    label = f"rate {name} {'-' if level is None else level} of answer {answer.id}"
    rating = _rating_event(workspace, rubric, answer.uuid, answer.question.digest, rater, payload)
    events.say(workspace.store, workspace.actor, label, [rating])
    return answer


def rate_sheet(
    workspace: Workspace,
    rubric: Rubric,
    questions: QuestionSet,
    path: Path,
    *,
    contender: str = "",
    language: str = "",
    rater: str = "",
) -> SheetTaken:
    """Enter a score sheet as one step. What it says already stands isn't said again.

    A line rates the contender's stored answer to that question and sample; where there is none, one is made that is
    known by its ratings only. Raises BadInput for a sheet with mistakes or without a contender, and stores nothing.
    """
    refuse_edited(workspace, rubric)
    sheet = read_sheet(path, rubric, questions, language=language)
    rater = rater.strip() or workspace.actor
    rows = [(_contender(sheet, row, contender), row) for row in sheet.rows]
    _refuse_twice(sheet, rows, rater)
    store = workspace.store
    ratings.remember_rubric(store, rubric)
    answers.remember_questions(store, questions)
    named = tuple(dict.fromkeys(name for name, _ in rows))
    run = f"sheet:{hashlib.sha256(read_regular(path)).hexdigest()[:16]}"
    there = _first_answers(workspace, named)
    missing = [_line(run, path.name, name, row) for name, row in rows if _key(name, row) not in there]
    made = answers.add(store, run, missing, source="sheet")
    there = _first_answers(workspace, named)
    # A sheet names its contender: where its answers stand in a blind session, the others there can be guessed as well.
    named_by_it = [answer.id for answer in there.values() if answer.read]
    known = {*named_by_it, *scoring.together_with(store, workspace.actor, named_by_it)}
    scoring.mark_shown(store, workspace.actor, sorted(known), "sheet", events.now())
    to_store, unchanged = [], 0
    for name, row in rows:
        new, same = _row_said(workspace, rubric, there[_key(name, row)], row, row.rater or rater)
        to_store += new
        unchanged += same
    if to_store:
        label = f"rate sheet {show_line(path.name, 40)} for {', '.join(show_line(name, 40) for name in named)}"
        events.say(store, workspace.actor, label, to_store)
    return SheetTaken(named, made, len(to_store), unchanged, sheet.left_out)


def undo(workspace: Workspace) -> Step | None:
    """Take back your latest step of ratings, on whichever screen or command it was said; None if there is none."""
    return _step(workspace, events.undo(workspace.store, workspace.actor, kinds=RATE_KINDS))


def redo(workspace: Workspace) -> Step | None:
    """Bring back the step of ratings that was taken back last; None if there is none."""
    return _step(workspace, events.redo(workspace.store, workspace.actor, kinds=RATE_KINDS))


def _step(workspace: Workspace, undone: Undone | None) -> Step | None:
    return undone and Step(undone.label, len(events.said_in(workspace.store, undone.batch)))


def answer_meant(workspace: Workspace, reference: str) -> Answer:
    """The answer that is meant by its number or the start of its uuid. Raises BadInput where it is none, or several."""
    matching = answers.referred(workspace.store, reference)
    if len(matching) == 1:
        return matching[0]
    where = f"answer {show_line(reference, 40)}"
    if matching:
        raise BadInput("several answers begin so.", where=where, fix="Write more of the uuid.")
    raise BadInput("there is no such answer.", where=where, fix="`molting results --answers` lists them.")


def _contender(sheet: Sheet, row: SheetRow, given: str) -> str:
    if row.contender and given and row.contender != given:
        raise BadInput(
            f"the sheet itself names a contender, `{show_line(row.contender, 40)}`.",
            where=f"{sheet.file}:{row.line}",
            fix="Leave --contender away.",
        )
    if not (row.contender or given):
        raise BadInput(
            "whose answers were these? No contender is named.",
            where=f"{sheet.file}:{row.line}",
            fix="Say --contender NAME, or add a column `contender`.",
        )
    return row.contender or given


def _refuse_twice(sheet: Sheet, rows: Iterable[tuple[str, SheetRow]], rater: str) -> None:
    """Refuse two lines of one rater on one answer, which only a name that is given beside the sheet makes the same."""
    lines: dict[tuple[_Key, str], int] = {}
    for name, row in rows:
        line = lines.setdefault((_key(name, row), row.rater or rater), row.line)
        if line != row.line:
            raise BadInput(
                f"`{show_line(row.question.id, 40)}` of {show_line(name, 40)} is rated on line {line} already.",
                where=f"{sheet.file}:{row.line}",
                fix="Keep one of the two, or tell them apart by a column `sample` or `rater`; nothing was stored.",
            )


_Key = tuple[str, str, int]


def _key(contender: str, row: SheetRow) -> _Key:
    return contender, row.question.digest, row.sample


def _first_answers(workspace: Workspace, contenders: Iterable[str]) -> dict[_Key, Answer]:
    """The contenders' answers by question and sample; of several the first that was stored, so that a sheet that is
    entered again meets the same ones."""
    first: dict[_Key, Answer] = {}
    for answer in answers.answers(workspace.store, Chosen(contenders=tuple(contenders))):
        key = (answer.contender, answer.question.digest, answer.sample)
        if key not in first or answer.id < first[key].id:
            first[key] = answer
    return first


def _line(run: str, file: str, contender: str, row: SheetRow) -> AnswerLine:
    """A row as an answer without text, known by run, contender, question and sample: read again, it is the same."""
    named = "\n".join((run, contender, row.question.digest, str(row.sample)))
    return AnswerLine(
        uuid=hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        contender=contender,
        question=row.question.id,
        question_digest=row.question.digest,
        sample=row.sample,
        raw="",
        text="",
        tokens=0,
        finish_reason="unknown",
        seed=None,
        settings={"sheet": file},
        time=events.now(),
    )


def _row_said(
    workspace: Workspace, rubric: Rubric, answer: Answer, row: SheetRow, rater: str
) -> tuple[list[NewEvent], int]:
    """What a line says that doesn't stand yet, and how much of it does."""
    key = (answer.uuid, rubric.digest, rater or workspace.actor, _PASS)
    standing = ratings.levels(workspace.store, *key)
    payloads: list[dict[str, object]] = [
        {"dimension": name, "level": level}
        for name, level in row.levels.items()
        if name not in standing or standing[name] != level
    ]
    same = len(row.levels) - len(payloads)
    if row.note and _storable(row.note) != ratings.note(workspace.store, *key):
        payloads.append({"note": _storable(row.note)})
    to_store = [
        _rating_event(workspace, rubric, answer.uuid, answer.question.digest, rater, payload) for payload in payloads
    ]
    return to_store, same


def _rating_event(
    workspace: Workspace, rubric: Rubric, answer: str, question: str, rater: str, payload: dict[str, object]
) -> NewEvent:
    by = {"rater": _storable(rater)} if rater.strip() and rater != workspace.actor else {}
    return NewEvent(answer, "rate", payload | by, rubric.digest, question, _PASS, False)


def _storable(text: str) -> str:
    # SQLite's JSON functions would end the text at a NUL.
    return text.strip().replace("\x00", "\ufffd")
