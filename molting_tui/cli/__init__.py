"""The `molting` command. Thin: parse, call curation and datasets, print; `molting` alone opens the workbench."""

from __future__ import annotations

from typing import NoReturn

import click

from molting_tui import __version__
from molting_tui.cli.answer import answer
from molting_tui.cli.completion import completion
from molting_tui.cli.dataset import dataset
from molting_tui.cli.decide import decide
from molting_tui.cli.demo import demo
from molting_tui.cli.doctor import doctor
from molting_tui.cli.export import export
from molting_tui.cli.importing import import_
from molting_tui.cli.init import init
from molting_tui.cli.pairs import pairs
from molting_tui.cli.preflight import preflight
from molting_tui.cli.rate import rate
from molting_tui.cli.results import results
from molting_tui.cli.rubric import rubric
from molting_tui.cli.rules import rules
from molting_tui.cli.running import Root, leave, workspace_here
from molting_tui.cli.runs import runs
from molting_tui.cli.score import score
from molting_tui.cli.stats import stats
from molting_tui.cli.trace import trace
from molting_tui.cli.train import train

COMMANDS: tuple[click.Command, ...] = (
    init,
    import_,
    stats,
    pairs,
    decide,
    dataset,
    export,
    rules,
    preflight,
    train,
    runs,
    answer,
    rubric,
    rate,
    score,
    results,
    trace,
    doctor,
    demo,
    completion,
)
"""The commands, in the order that help lists them: the order in which a person meets them."""


class _Molting(Root):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order they were added."""
        return list(self.commands)


@click.group(
    cls=_Molting,
    name="molting",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        "molting init claudio && cd claudio",
        "molting import ~/.claude/projects",
        "molting                               # opens the workbench: keep, drop, rewrite",
        "molting export claudio.json --format sharegpt",
    ),
)
@click.version_option(__version__, prog_name="molting", message="%(prog)s %(version)s")
@click.pass_context
def molting(ctx: click.Context) -> None:
    """From assistant session logs to a curated dataset, by keyboard.

    Without a command, the workbench opens on the workspace.
    """
    if ctx.invoked_subcommand is None:
        _open_workbench()


for _command in COMMANDS:
    molting.add_command(_command)


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    molting.main(prog_name="molting")
    raise AssertionError("the command line always leaves by sys.exit")


def _open_workbench() -> None:
    from molting_tui.ui.terminal import why_not

    wrong = why_not()
    if wrong is not None:
        raise wrong
    with workspace_here() as workspace:
        from molting_tui.ui.app import run

        code = run(workspace)
    leave(code)
