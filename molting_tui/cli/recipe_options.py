"""The options of `molting train` and of `molting preflight`, which are the same: pairs, base, the recipe's settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from molting_tui.cli.dataset import dataset_names
from molting_tui.cli.running import Command, json_option, where_option

if TYPE_CHECKING:
    from molting_tui.recipe.settings import SettingField, TrainingSettings

F = TypeVar("F", bound=Callable[..., Any])
_BASE = "model_name"
_FIRST = 4
"""Options that stand before the settings in the help: the base, the name, and which pairs."""
DASHES = {"token_normalize_func": lambda word: word.replace("_", "-")}
"""Scripts that this recipe comes from write --learning_rate; both are the same option here."""


class RecipeCommand(Command):
    """A command with an option for each setting of the recipe, which is loaded only when this command is used."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options, those of the settings after the command's own first ones."""
        from molting_tui.recipe.settings import FIELDS

        own = super().get_params(ctx)
        settings: list[click.Parameter] = [_option(field) for field in FIELDS if field.name != _BASE]
        return [*own[:_FIRST], *settings, *own[_FIRST:]]


def _option(field: SettingField) -> click.Option:
    """A setting as an option. Its default is in the help only: the value is None where it wasn't given."""
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


def training_options(*, name: str, watch: str) -> Callable[[F], F]:
    """What a command about a training run takes beside the recipe's settings: base, name, which pairs, `--watch` and
    `--json`. `name` and `watch` say what these two are good for there."""
    options: tuple[Callable[[F], F], ...] = (
        click.option(
            "--base",
            "--model-name",
            _BASE,
            metavar="BASE",
            help="The model to train on: `tiny` (made on the spot), a hub id, or a folder.",
        ),
        click.option("--name", default="", help=name),
        where_option("Only those of the kept pairs that match."),
        click.option(
            "--dataset",
            metavar="NAME",
            default="",
            shell_complete=dataset_names,
            help="A frozen dataset, whole, in place of what is kept now (molting dataset list).",
        ),
        click.option("--watch", is_flag=True, help=watch),
        json_option(),
    )

    def with_options(command: F) -> F:
        for option in reversed(options):  # as decorators one below the other: the first stands first in the help
            command = option(command)
        return command

    return with_options


def chosen_settings(options: dict[str, Any]) -> TrainingSettings:
    """The settings that the options say, over the base's defaults. Raises BadInput, naming the one that can't be."""
    from molting_tui.recipe.settings import checked_settings

    given = {name: value for name, value in options.items() if value is not None}
    if "target_modules" in given:
        given["target_modules"] = [name.strip() for name in given["target_modules"].split(",") if name.strip()]
    return checked_settings(given)
