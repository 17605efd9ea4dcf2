"""`molting preflight`: what can be said of a training before it is started."""

from __future__ import annotations

from typing import Any

import click

from molting_tui.cli.checks import say_checks
from molting_tui.cli.dataset import dataset_option
from molting_tui.cli.printing import say, say_json, styled
from molting_tui.cli.recipe_options import DASHES, RecipeCommand, base_option, chosen_settings
from molting_tui.cli.running import NO, json_option, leave, where_option, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.text import plural


@click.command(
    cls=RecipeCommand,
    examples=(
        "molting preflight                     # what `molting train` would do, and what is in its way",
        "molting preflight --base tiny --epochs 10",
        "molting preflight --base microsoft/Phi-3-mini-4k-instruct --where 'lang:pt' --json",
    ),
    context_settings=DASHES,
)
@base_option()
@click.option("--name", default="", help="Unused: a line of `molting train` can be checked as it stands.")
@where_option("Only those of the kept pairs that match.")
@dataset_option()
@click.option("--watch", is_flag=True, help="Unused, as --name.")
@json_option()
def preflight(name: str, where: str, dataset: str, watch: bool, as_json: bool, **settings: Any) -> None:
    """Check a training on the kept pairs without starting it.

    Each check passes, notes, warns or blocks; what to do stands below. It reads the pairs, the settings and the base's
    files, and loads no model; what is said of tokens needs the base's tokenizer on this machine. Exits with 1 when
    something blocks.
    """
    from molting_tui.runs.preflight import look_before

    chosen = chosen_settings(settings)
    with workspace_here() as workspace, watched("Stopped. Nothing was started.") as progress:
        found = look_before(workspace, chosen, where=where, dataset=dataset, report=progress)
    if as_json:
        say_json(found.fields())
    else:
        say_checks(found.checks)
        say()
        ends = "nothing is in its way" if found.ok else f"{plural(len(found.blocking), 'check')} in its way"
        say(styled(f"{plural(found.pairs, 'pair')}, {plural(found.steps, 'optimizer step')}: {ends}.", "bold"))
    if not found.ok:
        leave(NO)
