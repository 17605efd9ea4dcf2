"""`molting rate`: a rating typed in, or a whole score sheet; undo and redo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json
from molting_tui.cli.running import NO, Command, json_option, leave, workspace_here, workspace_with_results
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.sheet_rows import SheetTaken
    from molting_tui.records.evaluation import Rubric
    from molting_tui.workspace import Workspace

QUESTIONS = "personality-8"
_USAGE = "For example: molting rate 12 D1 2, or molting rate --sheet v2.3.csv --contender v2.3."


@click.command(
    cls=Command,
    examples=(
        "molting rate 12 D1 2",
        "molting rate 12 D3 1 --note 'its voice in the last line only'",
        "molting rate --sheet v2.3.csv --contender v2.3 --rubric four-criteria --language en",
        "molting rate --sheet report.md --contender v2.3 --rubric four-criteria --language en",
        "molting rate --undo",
    ),
)
@click.argument("words", nargs=-1, metavar="[ANSWER DIMENSION LEVEL]")
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric; else the one last rated by.")
@click.option("--rater", default="", metavar="NAME", help="Whose judgement it is, if not yours.")
@click.option("--note", default="", metavar="TEXT", help="What there is to say of the answer.")
@click.option("--sheet", default="", metavar="FILE", help="A score sheet (CSV, or a table in Markdown).")
@click.option("--contender", default="", metavar="NAME", help="Whose answers the sheet is about.")
@click.option(
    "--questions", default="", metavar="SET", help=f"The question set that the sheet is about; else {QUESTIONS}."
)
@click.option("--language", default="", metavar="CODE", help="The language that the sheet's questions were asked in.")
@click.option("--undo", is_flag=True, help="Take back your latest rating or sheet.")
@click.option("--redo", is_flag=True, help="Bring back what was taken back last.")
@json_option()
def rate(
    words: tuple[str, ...],
    rubric_name: str,
    rater: str,
    note: str,
    sheet: str,
    contender: str,
    questions: str,
    language: str,
    undo: bool,
    redo: bool,
    as_json: bool,
) -> None:
    """Rate an answer on one dimension, or enter a score sheet.

    ANSWER is a number or the start of a uuid, LEVEL one of the rubric's levels, or - (not applicable) for a dimension
    whose rubric says when that is so. What is typed here doesn't count as blind: molting score does. A sheet is one
    step; the same sheet again adds nothing.
    """
    of_sheet = bool(contender or questions or language)
    if undo or redo:
        if (undo and redo) or words or sheet or note or rater or rubric_name or of_sheet:
            raise BadInput("--undo and --redo stand alone.", fix="Leave the rest away.")
        _step_back(undo, as_json)
    elif sheet:
        if words or note:
            raise BadInput("a sheet holds its own levels and notes.", fix="Leave the rest away.")
        with workspace_here() as workspace:
            _rate_sheet(workspace, rubric_name, Path(sheet), contender, questions, language, rater, as_json)
    elif of_sheet or len(words) != 3:
        raise BadInput("a rating needs an answer, a dimension and a level.", fix=_USAGE)
    else:
        with workspace_with_results() as (workspace, _):
            _rate_one(workspace, rubric_name, words, rater, note, as_json)


def _rate_one(
    workspace: Workspace, rubric_name: str, words: tuple[str, ...], rater: str, note: str, as_json: bool
) -> None:
    """Store one rating. `words` are answer, dimension and level; a level of `-` means not applicable."""
    from molting_tui.evaluation.results.table import chosen_rubric
    from molting_tui.evaluation.scoring.sheet_rows import rate_answer

    rubric = chosen_rubric(workspace, rubric_name)
    reference, dimension, level = words
    answer = rate_answer(workspace, rubric, reference, dimension, _level(level, rubric), rater=rater, note=note)
    by = rater.strip() or workspace.actor
    if as_json:
        fields = {"id": answer.id, "answer": answer.uuid, "rubric": rubric.id, "dimension": dimension, "rater": by}
        say_json(fields | {"level": _level(level, rubric)})
        return
    word = "not applicable" if level == "-" else level
    say(f"Answer {answer.id}: {show_line(dimension)} is {word} ({rubric.id}, {show_line(by)}). --undo takes it back.")


def _level(word: str, rubric: Rubric) -> int | None:
    if word == "-":
        return None
    if word.isascii() and word.isdigit() and len(word) < 4:
        return int(word)
    from molting_tui.evaluation.scoring.blind_session import not_applicable_where

    scale = ", ".join(map(str, rubric.scale)) + not_applicable_where(rubric)
    raise BadInput(f"`{show_line(word, 40)}` is no level.", fix=f"It is {scale}.")


def _rate_sheet(
    workspace: Workspace,
    rubric_name: str,
    sheet: Path,
    contender: str,
    questions: str,
    language: str,
    rater: str,
    as_json: bool,
) -> None:
    """Store the ratings of a whole sheet, and say what was taken and what was left out."""
    from molting_tui.evaluation.asking.questions import find_questions
    from molting_tui.evaluation.results.table import chosen_rubric
    from molting_tui.evaluation.scoring.sheet_rows import rate_sheet

    rubric = chosen_rubric(workspace, rubric_name)
    asked = find_questions(workspace, questions or QUESTIONS)
    taken = rate_sheet(workspace, rubric, asked, sheet, contender=contender, language=language, rater=rater)
    if as_json:
        say_json(taken._asdict() | {"contenders": list(taken.contenders), "left_out": list(taken.left_out)})
        return
    _say_sheet(taken, rubric)


def _say_sheet(taken: SheetTaken, rubric: Rubric) -> None:
    of = ", ".join(show_line(name, 40) for name in taken.contenders)
    same = f", {taken.unchanged:,} stood already" if taken.unchanged else ""
    say(f"{of}: {plural(taken.ratings, 'rating')} entered by {rubric.id}{same}.")
    if taken.answers:
        say(f"{plural(taken.answers, 'answer')} made for it: known by the sheet only, without words.")
    for sentence in taken.left_out:
        say(show_line(sentence, 400))
    if taken.ratings:
        say("It is one step: molting rate --undo takes it back.")


def _step_back(undo: bool, as_json: bool) -> None:
    from molting_tui.evaluation.scoring import sheet_rows

    name = "undo" if undo else "redo"
    with workspace_here() as workspace:
        step = sheet_rows.undo(workspace) if undo else sheet_rows.redo(workspace)
    if as_json:
        say_json({name: step.label if step else None, "ratings": step.ratings if step else 0})
    elif step is None:
        say(f"There is nothing of yours to {name}.")
    else:
        done = "Taken back" if undo else "Done again"
        say(f"{done}: {show_line(step.label)} ({plural(step.ratings, 'rating')}).")
    if step is None:
        leave(NO)
