"""`molting train`: what was kept into an adapter, in a process of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from molting_tui.cli.following import end_fields, exit_code, follow, say_end
from molting_tui.cli.printing import say, say_json
from molting_tui.cli.running import Command, json_option, leave, where_option, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.recipe.settings import SettingField
    from molting_tui.runs.folder import Run
    from molting_tui.runs.frozen import Frozen

_BASE = "model_name"


class _Training(Command):
    """The command with an option for each setting of the recipe, which is loaded only when this command is used."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options, those of the settings after the command's own first ones."""
        from molting_tui.recipe.settings import FIELDS

        own = super().get_params(ctx)
        settings: list[click.Parameter] = [_option(field) for field in FIELDS if field.name != _BASE]
        return [*own[:3], *settings, *own[3:]]


def _option(field: SettingField) -> click.Option:
    from molting_tui.recipe.settings import TINY, defaults_for

    default = getattr(defaults_for(""), field.name)
    of_tiny = getattr(defaults_for(TINY), field.name)
    defaults = _written(default) + (f"; tiny: {_written(of_tiny)}" if of_tiny != default else "")
    limits = f" {field.limits}." if field.limits else ""
    kind: click.ParamType[Any] = click.STRING
    if field.choices:
        kind = click.Choice(field.choices)
    elif isinstance(default, int | float):
        kind = click.INT if isinstance(default, int) else click.FLOAT
    return click.Option(
        [f"--{field.name.replace('_', '-')}", field.name],
        type=kind,
        metavar="NAMES" if isinstance(default, tuple) else None,
        help=f"{field.meaning}{limits} [{defaults}]",
    )


def _written(value: object) -> str:
    return (
        ",".join(map(str, value))
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


@click.command(
    cls=_Training,
    examples=(
        "molting train                         # what was kept, with the recipe's defaults",
        "molting train --base tiny --watch",
        "molting train --base microsoft/Phi-3-mini-4k-instruct --epochs 3 --where 'lang:pt'",
        "molting train --name v2.1 --learning_rate 1e-4 --lora_rank 8",
    ),
    # The scripts that this recipe comes from write --learning_rate; both are the same option here.
    context_settings={"token_normalize_func": lambda word: word.replace("_", "-")},
)
@click.option(
    "--base",
    "--model-name",
    _BASE,
    metavar="BASE",
    help="The model to train on: `tiny` (made on the spot), a hub id, or a folder.",
)
@click.option("--name", default="", help="What to call the run; else the base's name.")
@where_option("Only those of the kept pairs that match.")
@click.option("--watch", is_flag=True, help="Follow the run until it ends; Ctrl-C leaves it alone.")
@json_option()
def train(name: str, where: str, watch: bool, as_json: bool, **settings: Any) -> None:
    """Train an adapter on the kept pairs, in the background.

    The pairs are frozen into the run's folder first, so that what you decide meanwhile changes nothing. The
    run goes on when you log out; `molting runs` finds it from anywhere. With --watch the exit code is 0 if it is
    done, 1 if it was stopped, 2 if it failed.
    """
    from molting_tui.recipe.settings import checked_settings
    from molting_tui.runs.frozen import frozen
    from molting_tui.runs.starting import start_training

    chosen = checked_settings(_given(settings))
    with workspace_here() as workspace:
        with watched("Stopped. Nothing was started.") as progress:
            run = start_training(workspace, chosen, name=name, where=where, report=progress)
        told = frozen(run)
        if not as_json:
            _say(run, told, watch)
        if not watch:
            if as_json:
                say_json(_fields(run, told))
            return
        seen = follow(run, sys.stderr if as_json else sys.stdout)
        if as_json:
            say_json(_fields(run, told) | end_fields(workspace, run, seen))
        else:
            say_end(workspace, run, seen)
    leave(exit_code(seen))


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given, as the recipe takes them."""
    given = {name: value for name, value in settings.items() if value is not None}
    if "target_modules" in given:
        given["target_modules"] = [name.strip() for name in given["target_modules"].split(",") if name.strip()]
    return given


def _fields(run: Run, told: Frozen) -> dict[str, object]:
    return {
        "id": run.id,
        "folder": str(run.folder),
        "pairs": told.pairs,
        "dataset_digest": told.digest,
        "left_out": told.left_out,
        "warnings": list(told.warnings),
    }


def _say(run: Run, told: Frozen, watch: bool) -> None:
    say(f"Run {show_line(run.id, 80)} is started on {plural(told.pairs, 'pair')} (digest {told.digest[:12]}).")
    for warning in told.warnings:
        say(f"Note: {show_line(warning, 400)}")
    if not watch:
        follow_it, end_it = f"`molting runs watch {run.number}`", f"`molting runs stop {run.number}`"
        say(f"It goes on by itself: {follow_it} follows it, {end_it} ends it.")
