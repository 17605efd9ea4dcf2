"""`molting score`: the workbench on the answers that wait; without a terminal, how many wait and how to score them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json, say_table
from molting_tui.cli.running import Command, json_option, leave, workspace_with_results
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.open_answers import Waits, Wanted
    from molting_tui.workspace import Workspace


@click.command(
    cls=Command,
    examples=(
        "molting score",
        "molting score --rubric four-criteria --questions personality-8 --language pt",
        "molting score --json                  # how many answers wait, without a screen",
    ),
)
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric; else you are asked.")
@click.option(
    "--questions", "sets", multiple=True, metavar="SET", help="Only answers to this question set; repeatable."
)
@click.option("--language", default="", metavar="CODE", help="Only answers to questions in this language (pt, en).")
@click.option("--again", is_flag=True, help="Score answers that you have scored a second time, as blind as the first.")
@json_option()
def score(rubric_name: str, sets: tuple[str, ...], language: str, again: bool, as_json: bool) -> None:
    """Score answers blind: shuffled, without the contenders' names, one digit a dimension.

    Opens the workbench on them; every rating is stored on its key, and you can leave and go on. Where there is no
    terminal it prints how many answers wait, and tells no contender.
    """
    from molting_tui.evaluation.scoring.open_answers import Wanted, waits
    from molting_tui.ui.terminal import why_not

    wanted = Wanted(rubric_name, sets, language, again)
    with workspace_with_results() as (workspace, taken):
        # Also before the screen opens: a name that isn't known is told here, where one can correct it.
        waiting = waits(workspace, wanted, len(taken.problems))
        if as_json:
            say_json(_fields(waiting))
        elif why_not() is not None:
            _say(waiting, wanted)
        else:
            leave(_opened(workspace, wanted))


def _opened(workspace: Workspace, wanted: Wanted) -> int:
    from molting_tui.ui.app import run

    return run(workspace, wanted)


def _fields(waits: Waits) -> dict[str, object]:
    session = waits.session
    return {
        "waiting": {rubric: count for rubric, count in waits.rubrics},
        "session": session and {"rubric": session.rubric, "answers": session.answers, "left": session.left},
        "unread": waits.unread,
    }


def _say(waits: Waits, wanted: Wanted) -> None:
    if waits.session:
        rubric, answers, left = waits.session
        say(f"{plural(left, 'answer')} of {answers:,} left to score under {show_line(rubric, 40)}.")
    what = "to score again" if wanted.again else "not scored by you"
    say_table([(rubric, count) for rubric, count in waits.rubrics], ("rubric", f"answers {what}"), right=(1,))
    say()
    if waits.session or any(count for _, count in waits.rubrics):
        say("`molting score` on a terminal shows them; `molting rate ANSWER DIMENSION LEVEL` enters one rating.")
    else:
        say("Nothing waits. `molting answer` asks a model the questions; `molting results` shows the scores.")
    if waits.unread:
        say(f"{plural(waits.unread, 'file')} of answers can't be read whole; `molting results` says which.")
