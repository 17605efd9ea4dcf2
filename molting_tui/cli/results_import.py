"""`molting results import`: the total of an old report, with what the checks say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json
from molting_tui.cli.running import NO, Command, ask_to_replace, json_option, leave, workspace_here
from molting_tui.errors import BadInput
from molting_tui.text import show, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.reports.totals import TotalTaken
    from molting_tui.records.evaluation import Rubric
    from molting_tui.records.totals import ReportedTotal
    from molting_tui.workspace import Workspace

_COUNT = click.IntRange(1, 1_000_000_000)
_USAGE = "For example: molting results import v2.0 7.4 --rubric four-criteria --answers 8"


@click.command(
    name="import",
    cls=Command,
    examples=(
        "molting results import v2.0 7.4 --rubric four-criteria --pairs 484 --kind raw --answers 8",
        "molting results import v2.1 8.2 --rubric four-criteria --pairs 153 --kind curated --epochs 5 \\",
        "    --loss 1.707 --answers 8 --count agent-like=2/8 --count factual=8/8 --date 2026-02-11",
        "molting results import v2.4 4.5 --rubric four-criteria --pairs 153 --steps 156 --loss 1.80",
        "molting results import personality-v1 2.9 --rubric personality-v1 --answers 8 --mean D2=0.6 …",
        "molting results import --undo",
    ),
)
@click.argument("version", default="")
@click.argument("score", default="")
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric it was scored by.")
@click.option("--answers", type=_COUNT, help="How many answers it is of: can whole points give it?")
@click.option("--mean", "means", multiple=True, metavar="DIM=MEAN", help="A dimension's mean; repeatable.")
@click.option(
    "--count", "--counts", "counts", multiple=True, metavar="NAME=N/M", help="Answers that are so; repeatable."
)
@click.option("--pairs", type=_COUNT, help="How many pairs it was trained on.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND[=N]", help="raw, curated, synthetic=48 …; repeatable.")
@click.option("--base", default="", metavar="NAME", help="The base model.")
@click.option("--epochs", type=float, help="How often every pair was seen.")
@click.option("--batch", type=_COUNT, help="Pairs in one forward pass.")
@click.option("--accumulation", type=_COUNT, help="Forward passes in one optimizer step.")
@click.option("--steps", type=_COUNT, help="Optimizer steps: can they come from the pairs?")
@click.option("--loss", type=float, help="The final loss.")
@click.option("--minutes", type=float, help="How long the training took.")
@click.option("--memory", type=float, help="Peak GPU memory in GB.")
@click.option("--max-new-tokens", "tokens", type=_COUNT, help="The most tokens that an answer could have.")
@click.option(
    "--date",
    default="",
    metavar="DAY",
    help="The report's day (2026-02-11): versions stand in this order, those without a day first.",
)
@click.option("--notes", default="", metavar="TEXT", help="What else there is to say of it.")
@click.option("--replace", is_flag=True, help="Though the version has a total with other figures.")
@click.option("--undo", "step_back", is_flag=True, help="Take back the last total that you took in.")
@click.option("--redo", "step_on", is_flag=True, help="Bring it back.")
@json_option()
def import_(
    version: str,
    score: str,
    rubric_name: str,
    means: tuple[str, ...],
    counts: tuple[str, ...],
    kinds: tuple[str, ...],
    replace: bool,
    step_back: bool,
    step_on: bool,
    as_json: bool,
    **figures: object,
) -> None:
    """Take in the total of an old report whose sheet is gone.

    SCORE is out of 10, as it was written: its digits count. Two checks are said and kept with it: whether whole points
    can give the score, and whether the steps can come from the pairs. Such a total stands in the table of versions
    (molting report) and is never compared as if it had been measured.
    """
    if step_back or step_on:
        if (step_back and step_on) or version or rubric_name or any(figures.values()):
            raise BadInput("--undo and --redo stand alone.", fix="Leave the rest away.")
        _step(step_back, as_json)
        return
    if not version or not score:
        raise BadInput("a total needs a version and a score.", fix=_USAGE)
    from molting_tui.evaluation.reports import totals
    from molting_tui.evaluation.results.table import chosen_rubric
    from molting_tui.records.totals import ReportedTotal

    with workspace_here() as workspace:
        rubric = chosen_rubric(workspace, rubric_name)
        told = ReportedTotal(
            version=version,
            score=score,
            rubric=rubric.id,
            means=tuple(_parted(mean) for mean in means),
            counts=totals.shares(counts),
            kinds=totals.kinds_of(kinds),
            **figures,  # type: ignore[arg-type]
        )
        taken = _taken(workspace, rubric, told, replace=replace, ask=not as_json)
    if as_json:
        import msgspec

        say_json(msgspec.to_builtins(taken.total) | {"replaced": taken.replaced, "unchanged": taken.unchanged})
    else:
        _say(taken)


def _taken(workspace: Workspace, rubric: Rubric, told: ReportedTotal, *, replace: bool, ask: bool) -> TotalTaken:
    """Take it in; where another stands, a person at a terminal is asked."""
    from molting_tui.evaluation.reports.totals import TotalStands, import_total

    try:
        return import_total(workspace, rubric, told, replace=replace)
    except TotalStands as stands:
        ask_to_replace(stands, ask=ask)
        return import_total(workspace, rubric, told, replace=True)


def _say(taken: TotalTaken) -> None:
    total = taken.total
    how = "stands already" if taken.unchanged else "replaced" if taken.replaced else "taken in"
    say(f"{show_line(total.version, 60)}: {total.score} of 10 by {total.rubric}, {how}.")
    for sentence in total.checks:
        say(f"  {show(sentence)}")
    say("It is told by a report: nothing is compared with it as if it had been measured here.")
    if not taken.unchanged:
        say("molting results import --undo takes it back.")


def _parted(mean: str) -> tuple[str, str]:
    name, sign, written = (part.strip() for part in mean.partition("="))
    if not sign or not name or not written:
        raise BadInput(f"`{show_line(mean, 60)}` isn't a mean.", fix="Write it like D2=0.6.")
    return name, written


def _step(back: bool, as_json: bool) -> None:
    from molting_tui.evaluation.reports import totals

    name = "undo" if back else "redo"
    with workspace_here() as workspace:
        step = totals.undo(workspace) if back else totals.redo(workspace)
    if as_json:
        say_json({name: step.label if step else None})
    elif step is None:
        say(f"There is nothing of yours to {name}.")
    else:
        say(f"{'Taken back' if back else 'Done again'}: {show_line(step.label)}.")
    if step is None:
        leave(NO)
