"""`molting preflight`: what can be said of a training before it is started."""

from __future__ import annotations

from typing import Any

import click

from molting_tui.cli.checks import say_checks
from molting_tui.cli.printing import say, say_json, styled
from molting_tui.cli.recipe_options import DASHES, RecipeCommand, chosen_settings, training_options
from molting_tui.cli.running import NO, leave, workspace_with_flags
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
@training_options(
    name="Unused: a line of `molting train` can be checked as it stands.",
    watch="Unused, as --name.",
)
def preflight(name: str, where: str, dataset: str, watch: bool, as_json: bool, **settings: Any) -> None:
    """Check a training on the kept pairs without starting it.

    Each check passes, notes, warns or blocks; what to do stands below. It reads the pairs, the settings and the base's
    files, and loads no model; what is said of tokens needs the base's tokenizer on this machine. Exits with 1 when
    something blocks.
    """
    from molting_tui.runs.preflight import look_before

    chosen = chosen_settings(settings)
    with workspace_with_flags() as workspace, watched("Stopped. Nothing was started.") as progress:
        checked = look_before(workspace, chosen, where=where, dataset=dataset, report=progress)
    if as_json:
        say_json(checked.fields())
    else:
        say_checks(checked.checks)
        say()
        ends = "nothing is in its way" if checked.ok else f"{plural(len(checked.blocking), 'check')} in its way"
        say(styled(f"{plural(checked.pairs, 'pair')}, {plural(checked.steps, 'optimizer step')}: {ends}.", "bold"))
    if not checked.ok:
        leave(NO)
