"""`molting train`: what was kept into an adapter, in a process of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from molting_tui.cli.checks import say_checks
from molting_tui.cli.following import end_fields, exit_code, follow, say_end
from molting_tui.cli.printing import say, say_json
from molting_tui.cli.recipe_options import DASHES, RecipeCommand, chosen_settings, training_options
from molting_tui.cli.running import NO, finish_flags, leave, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.recipe.preflight import Preflight
    from molting_tui.runs.folder import Run
    from molting_tui.workspace import Workspace


@click.command(
    cls=RecipeCommand,
    examples=(
        "molting train                         # what was kept, with the recipe's defaults",
        "molting train --base tiny --watch",
        "molting train --base microsoft/Phi-3-mini-4k-instruct --epochs 3 --where 'lang:pt'",
        "molting train --dataset v2.5          # a frozen dataset, whatever was decided since",
        "molting train --name v2.1 --learning_rate 1e-4 --lora_rank 8",
    ),
    context_settings=DASHES,
)
@training_options(
    name="What to call the run; else the base's name.",
    watch="Follow the run until it ends; Ctrl-C leaves it alone.",
)
def train(name: str, where: str, dataset: str, watch: bool, as_json: bool, **settings: Any) -> None:
    """Train an adapter on the kept pairs, in the background.

    What can be told before the base is loaded is told first (`molting preflight`), and what blocks it ends it with 1.
    Then the pairs are frozen under the run's name, so that what you decide meanwhile changes nothing; with --dataset
    the run takes what was frozen before. The run goes on when you log out; `molting runs` finds it from anywhere. With
    --watch the exit code is 0 if it is done, 1 if it was stopped, 2 if it failed.
    """
    from molting_tui.recipe.preflight import Blocked
    from molting_tui.runs.starting import start_training

    chosen = chosen_settings(settings)
    preflights: list[Preflight] = []
    with workspace_here() as workspace:
        finish_flags(workspace)
        try:
            with watched("Stopped. Nothing was started.") as progress:
                run = start_training(
                    workspace,
                    chosen,
                    name=name,
                    where=where,
                    dataset=dataset,
                    report=progress,
                    on_preflight=preflights.append,
                )
        except Blocked:
            if as_json:
                say_json(preflights[-1].fields())
                leave(NO)
            say_checks(preflights[-1].checks)
            raise
        if not as_json:
            say_checks(preflights[-1].checks)
            _say_started(workspace, run, watch)
        if not watch:
            if as_json:
                say_json(_fields(workspace, run, preflights[-1]))
            return
        run_end = follow(run, sys.stderr if as_json else sys.stdout)
        if as_json:
            say_json(_fields(workspace, run, preflights[-1]) | end_fields(workspace, run, run_end))
        else:
            say_end(workspace, run, run_end)
    leave(exit_code(run_end))


def _fields(workspace: Workspace, run: Run, preflight: Preflight) -> dict[str, object]:
    from molting_tui.recipe.runfolder import TrainConfig
    from molting_tui.runs.run_dataset import adopt_dataset

    assert isinstance(run.config, TrainConfig)
    return {
        "id": run.id,
        "folder": str(run.folder),
        "pairs": run.config.pairs,
        "dataset": adopt_dataset(workspace, run.folder),
        "dataset_digest": run.config.dataset_digest,
        "left_out": preflight.left_out,
        "warnings": preflight.warnings,
        **preflight.fields(),
    }


def _say_started(workspace: Workspace, run: Run, watch: bool) -> None:
    from molting_tui.recipe.runfolder import TrainConfig
    from molting_tui.runs.run_dataset import adopt_dataset

    assert isinstance(run.config, TrainConfig)
    name = adopt_dataset(workspace, run.folder)
    named = f"dataset {name}, " if name else ""
    frozen = f"{plural(run.config.pairs, 'pair')} ({named}digest {run.config.dataset_digest[:12]})"
    say()
    say(f"Run {show_line(run.id, 80)} is started on {frozen}.")
    if not watch:
        follow_it, end_it = f"`molting runs watch {run.number}`", f"`molting runs stop {run.number}`"
        say(f"It goes on by itself: {follow_it} follows it, {end_it} ends it.")
