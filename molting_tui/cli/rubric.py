"""`molting rubric`: what answers are scored by and which questions are asked; such files checked; scores from means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from molting_tui.cli.printing import say, say_json, say_table, tell
from molting_tui.cli.rubric_pages import (
    extent,
    question_fields,
    question_summary,
    reported_fields,
    rubric_fields,
    rubric_summary,
    say_questions,
    say_reported,
    say_rubric,
)
from molting_tui.cli.running import FAILED, Group, json_option, leave, named_workspace, workspace_here
from molting_tui.errors import BadInput, MoltingError
from molting_tui.regular_files import read_regular
from molting_tui.text import plural, show, show_line, show_path

if TYPE_CHECKING:
    from molting_tui.evaluation.shelf import Shelved
    from molting_tui.records.evaluation import Rubric
    from molting_tui.workspace import Workspace

_DIGEST = 12
"""Signs of a digest that a person compares by eye; `--json` has all 64."""


class _Checked(NamedTuple):
    """A file that was checked: what it holds, in words, or the sentence that says what is wrong; and notes."""

    file: str
    holds: str
    error: str | None
    notes: tuple[str, ...]


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=(
        "molting rubric",
        "molting rubric show personality-v1",
        "molting rubric score personality-v1 D1=0 D2=0.6 D3=0.25 D4=1.6 D5=0.4 --answers 8",
        "molting rubric copy personality-8",
    ),
)
@json_option()
@click.pass_context
def rubric(ctx: click.Context, as_json: bool) -> None:
    """List the rubrics and the sets of questions, with versions and digests.

    A rubric says what each level of each dimension means; a set of questions holds prompts and the facts of a right
    answer. Your own files go into rubrics/ and rubrics/questions/ of the workspace; one with the name of a shipped
    file stands in its place.
    """
    if ctx.invoked_subcommand is None:
        _list(as_json)
    elif as_json:
        raise BadInput("--json goes after the last word.", fix="For example: molting rubric show four-criteria --json")


@rubric.command(name="list", examples=("molting rubric list", "molting rubric list --json"))
@json_option()
def list_(as_json: bool) -> None:
    """List the rubrics and the sets of questions, with versions and digests."""
    _list(as_json)


@rubric.command(name="show", examples=("molting rubric show personality-v1", "molting rubric show control --json"))
@click.argument("name")
@json_option()
def show_one(name: str, as_json: bool) -> None:
    """Show one rubric or set of questions whole. NAME is its id, or a file."""
    from molting_tui.evaluation.asking.questions import load_questions
    from molting_tui.evaluation.scoring.rubrics import load_rubric

    with _workspace_if_any() as workspace:
        path = _file_of(name, workspace)
    if _is_questions(path):
        questions = load_questions(path)
        if as_json:
            say_json(question_fields(questions))
        else:
            say_questions(questions)
        return
    shown = load_rubric(path)
    if as_json:
        say_json(rubric_fields(shown))
    else:
        say_rubric(shown)


@rubric.command(examples=("molting rubric check", "molting rubric check my-rubric.yaml"))
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path(path_type=Path))
@json_option()
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Check rubric and question files.

    Without FILE, those within reach are checked: the shipped ones and the workspace's own. Every file with a mistake
    is named with the line (exit code 2). A rubric whose words were changed after answers were rated by its version is
    told, with what differs.
    """
    with _workspace_if_any() as workspace:
        files_checked = [_checked(path, workspace) for path in files or _every_file(workspace)]
    if as_json:
        say_json([checked._asdict() for checked in files_checked])
    else:
        for checked in files_checked:
            if checked.error is None:
                say(f"{show(checked.file)}: {show(checked.holds)}, all right")
            for note in checked.notes:
                say(f"  {show(note)}")
    for checked in files_checked:
        if checked.error is not None:
            tell(f"molting: {show_line(checked.error, 1000)}")
    if any(checked.error is not None for checked in files_checked):
        leave(FAILED)


@rubric.command(
    name="score",
    examples=(
        "molting rubric score personality-v1 D1=0 D2=0.6 D3=0.25 D4=1.6 D5=0.4 --answers 8",
        "molting rubric score four-criteria agent=8/8 factual=4/8 personality=2/8 complete=15/8",
        "molting rubric score four-criteria --stated 7.4 --answers 8",
    ),
)
@click.argument("name")
@click.argument("means", nargs=-1, metavar="[DIMENSION=MEAN...]")
@click.option("--answers", type=click.IntRange(1, 1_000_000), help="How many answers: are the figures possible?")
@click.option("--stated", metavar="SCORE", default="", help="A score out of 10: can so many answers have it?")
@json_option()
def score_means(name: str, means: tuple[str, ...], answers: int | None, stated: str, as_json: bool) -> None:
    """Turn means of the dimensions into a score, and say which figures can't be of whole levels.

    A mean is written as a report has it (0.6) or as points and answers (5/8). Digits count: 0.6 can be 5 of 8
    (0.625), 0.60 can't.
    """
    from molting_tui.evaluation.results.granularity import read_reported
    from molting_tui.evaluation.scoring.rubrics import find_rubric

    if not means and not stated:
        raise BadInput(
            "there is nothing to score.", fix="Give a mean for each dimension, like D1=0.5, or --stated 7.4."
        )
    if stated and answers is None:
        raise BadInput("--stated needs --answers.", fix="Say how many answers that score is of.")
    with _workspace_if_any() as workspace:
        measured = find_rubric(workspace, name)
    reported = read_reported(measured, means, answers, stated)
    if as_json:
        say_json(reported_fields(reported))
    else:
        say_reported(reported)


@rubric.command(name="copy", examples=("molting rubric copy personality-8", "molting rubric copy four-criteria"))
@click.argument("name")
def copy_one(name: str) -> None:
    """Copy a shipped rubric or set of questions into the workspace, to edit it there.

    The copy stands in the place of the shipped one. Change what measures, and answers must be scored anew.
    """
    with workspace_here() as workspace:
        source = _file_of(name, None)
        room = workspace.folder / "rubrics" / ("questions" if _is_questions(source) else "")
        copy = room / source.name
        room.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with copy.open("xb") as file:
                file.write(read_regular(source))
        except FileExistsError:
            raise BadInput("the workspace has that file already.", where=str(copy), fix="Edit it there.") from None
    say(f"{show_path(copy)} stands in the place of the shipped file now.")


# Listing


def _list(as_json: bool) -> None:
    """Print rubrics and question sets, ours and the workspace's. A file that can't be read is told on stderr."""
    from molting_tui.evaluation.asking.questions import list_questions
    from molting_tui.evaluation.scoring.rubrics import list_rubrics

    with _workspace_if_any() as workspace:
        rubrics, sets = list_rubrics(workspace), list_questions(workspace)
        folder = workspace.folder if workspace else None
    if as_json:
        say_json(
            {
                "rubrics": [_listed(shelved, folder, rubric_summary) for shelved in rubrics],
                "questions": [_listed(shelved, folder, question_summary) for shelved in sets],
            }
        )
        return
    say_table(
        [
            (
                rubric.id,
                rubric.version,
                rubric.digest[:_DIGEST],
                _whose(shelved.path, folder),
                _dimensions(rubric),
                rubric.title,
            )
            for shelved in rubrics
            if (rubric := shelved.record)
        ],
        ("rubric", "version", "digest", "from", "dimensions", "title"),
    )
    say()
    say_table(
        [
            (asked.id, asked.version, asked.digest[:_DIGEST], _whose(shelved.path, folder), extent(asked), asked.title)
            for shelved in sets
            if (asked := shelved.record)
        ],
        ("questions", "version", "digest", "from", "holds", "title"),
    )
    for problem in [*(shelved.problem for shelved in rubrics), *(shelved.problem for shelved in sets)]:
        if problem:
            tell(f"molting: {show_line(problem, 1000)}")


def _listed(shelved: Shelved[Any], folder: Path | None, summary: Any) -> dict[str, object]:
    held = summary(shelved.record) if shelved.record is not None else {"id": None}
    return held | {"file": str(shelved.path), "from": _whose(shelved.path, folder), "problem": shelved.problem or None}


def _whose(path: Path, folder: Path | None) -> str:
    return "workspace" if folder is not None and path.is_relative_to(folder) else "molting"


def _dimensions(rubric: Rubric) -> str:
    return " ".join(dimension.id for dimension in rubric.dimensions)


# Checking


def _checked(path: Path, workspace: Workspace | None) -> _Checked:
    from molting_tui.evaluation.asking.questions import load_questions
    from molting_tui.evaluation.scoring.edited_rubrics import edited_sentence
    from molting_tui.evaluation.scoring.rubrics import load_rubric

    try:
        if _is_questions(path):
            asked = load_questions(path)
            return _Checked(str(path), f"{asked.id} {asked.version}, {extent(asked)}", None, asked.notes)
        rubric = load_rubric(path)
    except MoltingError as error:
        return _Checked(str(path), "", error.sentence(), ())
    changed = edited_sentence(workspace, rubric) if workspace else ""
    holds = f"{rubric.id} {rubric.version}, {plural(len(rubric.dimensions), 'dimension')}"
    return _Checked(str(path), holds, None, (changed,) if changed else ())


def _is_questions(path: Path) -> bool:
    """Whether a file says that it holds questions. Raises BadInput if it is neither that nor a rubric."""
    from molting_tui.evaluation.asking import questions
    from molting_tui.evaluation.scoring import rubrics
    from molting_tui.yamlfile import read_yaml

    root = read_yaml(path)
    given = root.mapping().get("format")
    if given is None:
        raise root.wrong("field `format` is missing.", f"Add `format: {rubrics.FORMAT}` or `{questions.FORMAT}`.")
    return given.one_of(rubrics.FORMAT, questions.FORMAT) == questions.FORMAT


def _file_of(name: str, workspace: Workspace | None) -> Path:
    from molting_tui.evaluation.shelf import find_file

    return find_file(name, _every_file(workspace), "rubric or question set")


def _every_file(workspace: Workspace | None) -> list[Path]:
    from molting_tui.workspace import question_files, rubric_files

    return [*rubric_files(workspace), *question_files(workspace)]


@contextmanager
def _workspace_if_any() -> Iterator[Workspace | None]:
    """The workspace where there is one: shipped files can be read without."""
    from molting_tui import workspace

    try:
        workspace.find(named_workspace())
    except BadInput:
        if named_workspace() or os.environ.get("MOLTING_WORKSPACE"):
            raise
        yield None
        return
    with workspace_here() as opened:
        yield opened
