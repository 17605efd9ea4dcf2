"""What runs have made, taken into the store at one place: the runs themselves, their contenders, their answers.

Once, as far as it is written; what can't be taken is counted and said.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from molting_tui.errors import Cancelled, MoltingError
from molting_tui.evaluation.asking.questions import list_questions
from molting_tui.evaluation.noticing.hints import bring_up_to_date
from molting_tui.recipe.runfolder import ANSWERS, AnswerConfig, AnswerLine, RunConfig, read_config
from molting_tui.records.progress import Report, silent
from molting_tui.regular_files import read_regular
from molting_tui.runs.folder import run_folders, runs_folder
from molting_tui.runs.remembering import remember_run
from molting_tui.runs.run_dataset import adopt_datasets
from molting_tui.store import answers, contenders, events
from molting_tui.store import runs as run_rows
from molting_tui.store.answers import TakenRun
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

_LINE = msgspec.json.Decoder(AnswerLine)
_CONFIG = msgspec.json.Decoder(RunConfig)
_MOST = 1 << 30
"""Bytes of one run's answers: a hundred thousand long ones."""
_WHOLE = range(-(2**63), 2**63)
"""The whole numbers that the store can hold."""


class Taken(NamedTuple):
    """What was taken in: new answers, the runs they came from, and sentences about what couldn't be (of every run, new
    or not: they stand until somebody puts it right)."""

    answers: int
    runs: int
    problems: tuple[str, ...]


def take_in(workspace: Workspace, report: Report = silent) -> Taken:
    """Take what is new in the run folders into the store: what each run was told, its dataset, who answered, and
    their answers; and notice what there is to flag in answers that weren't looked at yet.

    A line is taken once it is whole; what follows the last newline waits. Lines that can't be read, and answers to
    questions that aren't known here, are left out and counted; the latter are taken as soon as their question set is
    known. Where no file has changed this costs one look at each run folder. A database that can't be written is a
    problem among the others: what stands in it can be read all the same. Into a workspace that can only be read nothing
    is taken, which is said where it is opened. `report` hears how far the flags are, and may cancel that: what was
    taken stays, and the next look goes on.
    """
    if workspace.read_only:
        return Taken(0, 0, ())
    folders = run_folders(runs_folder(workspace))
    try:
        if folders:
            _remember_runs(workspace, folders)
            adopt_datasets(workspace)
        taken = _take_answers(workspace)
        if problem := bring_up_to_date(workspace, report):
            return taken._replace(problems=(*taken.problems, problem))
        return taken
    except Cancelled:
        raise
    except MoltingError as error:
        return Taken(0, 0, (error.sentence(),))


def _remember_runs(workspace: Workspace, folders: Iterable[Path]) -> None:
    """Keep what each new run was told, and give the answers that are older than contenders what it says of them."""
    known = run_rows.runs_with_config(workspace.store)
    for folder in folders:
        if folder.name in known:
            continue
        try:
            config = read_config(folder)
        except MoltingError:  # a torn folder, or none of a run: the list of runs says so
            continue
        remember_run(workspace, folder.name, config)
        for name, settings in _contender_settings(config).items():
            with workspace.store.write() as connection:
                contenders.tell_prompt(connection, folder.name, name, settings["contender_prompt"])


def _contender_settings(config: RunConfig | None) -> Mapping[str, Mapping[str, str]]:
    """What an answering run was told of each contender, by the names that an answer's settings have for it."""
    if not isinstance(config, AnswerConfig):
        return {}
    return {
        asked.name: {
            "base": asked.base,
            "adapter_digest": asked.adapter_digest,
            "run": asked.run,
            "contender_prompt": asked.system_prompt,
        }
        for asked in config.contenders
    }


def _take_answers(workspace: Workspace) -> Taken:
    before, new, runs = answers.taken_runs(workspace.store), 0, 0
    problems: list[str] = []
    for file in _answer_files(runs_folder(workspace)):
        try:
            taken, count = _take(workspace, file, before.get(file.parent.name))
        except OSError as error:
            problems.append(f"{_where(file)}: its answers can't be read: {error.strerror or error}.")
            continue
        new, runs = new + count, runs + (count > 0)
        problems += _problems(taken, file)
    return Taken(new, runs, tuple(problems))


def _answer_files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        file = Path(entry.path) / ANSWERS
        if not entry.name.startswith(".") and file.is_file():
            yield file


def _take(workspace: Workspace, file: Path, before: TakenRun | None) -> tuple[TakenRun, int]:
    """Take the new lines of a run's answers into the store: how far the file is read now, and how many were new."""
    run, info = file.parent.name, file.stat()
    if before and not before.unknown and (before.size, before.mtime_ns) == (info.st_size, info.st_mtime_ns):
        return before, 0
    data = read_regular(file, _MOST)
    whole = data[: data.rfind(b"\n") + 1]
    known = before if before and not before.unknown and _goes_on(whole, before) else None
    start = known.offset if known else 0
    lines, damaged = _lines(whole[start:])
    unknown = _unknown(workspace, lines)
    count = answers.add(
        workspace.store,
        run,
        lines,
        contender_settings=_contender_settings(_remembered_config(workspace, run)) if lines else {},
    )
    taken = TakenRun(
        run=run,
        size=info.st_size,
        mtime_ns=info.st_mtime_ns,
        offset=len(whole),
        digest=hashlib.sha256(whole).hexdigest(),
        damaged=damaged + (known.damaged if known else 0),
        unknown=unknown,
    )
    if taken != before:
        answers.set_taken(workspace.store, taken, events.now())
    return taken, count


def _remembered_config(workspace: Workspace, run: str) -> RunConfig | None:
    """What a run was told, as it was remembered; None where nobody could read it."""
    remembered = run_rows.by_name(workspace.store, run)
    return _CONFIG.decode(remembered.config) if remembered and remembered.config else None


def _goes_on(whole: bytes, before: TakenRun) -> bool:
    """Whether the file still begins with what was taken: another file in its place is read from the start."""
    return len(whole) >= before.offset and hashlib.sha256(whole[: before.offset]).hexdigest() == before.digest


def _lines(data: bytes) -> tuple[list[AnswerLine], int]:
    lines, damaged = [], 0
    for line in data.split(b"\n"):
        if line.strip():
            try:
                answer = _LINE.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                damaged += 1
                continue
            if all(number in _WHOLE for number in (answer.sample, answer.tokens, answer.seed or 0)):
                lines.append(answer)
            else:
                damaged += 1
    return lines, damaged


def _unknown(workspace: Workspace, lines: Iterable[AnswerLine]) -> int:
    """How many of these answers are to questions that aren't known, after looking through the question files."""
    asked = [line.question_digest for line in lines]
    missing = set(asked) - answers.known_questions(workspace.store, set(asked))
    if missing:
        for shelved in list_questions(workspace):
            if shelved.record and any(question.digest in missing for question in shelved.record.questions):
                answers.remember_questions(workspace.store, shelved.record)
        missing -= answers.known_questions(workspace.store, missing)
    return sum(digest in missing for digest in asked)


def _problems(taken: TakenRun, file: Path) -> Iterator[str]:
    if taken.damaged:
        lines = plural(taken.damaged, "line")
        yield f"{_where(file)}: {lines} can't be read and {_are(taken.damaged)} left out; ask again for those answers."
    if taken.unknown:
        given = plural(taken.unknown, "answer")
        yield (
            f"{_where(file)}: {given} left out, to questions that aren't known here; "
            "put their question set into rubrics/questions."
        )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _where(file: Path) -> str:
    return show_line(f"runs/{file.parent.name}/{file.name}")
