"""The `molting` command. Thin: parse, call curation and datasets, print; `molting` alone opens the workbench."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import NoReturn

import click

from molting_tui import __version__
from molting_tui.cli.running import COMPLETE, Root, leave, workspace_here

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "init": ("init", "init"),
        "persona": ("persona", "persona"),
        "import": ("importing", "import_"),
        "stats": ("stats", "stats"),
        "projects": ("projects", "projects"),
        "pairs": ("pairs", "pairs"),
        "decide": ("decide", "decide"),
        "tags": ("tags", "tags"),
        "dataset": ("dataset", "dataset"),
        "export": ("export", "export"),
        "rules": ("rules", "rules"),
        "preflight": ("preflight", "preflight"),
        "train": ("train", "train"),
        "runs": ("runs", "runs"),
        "answer": ("answer", "answer"),
        "questions": ("questions", "questions"),
        "rubric": ("rubric", "rubric"),
        "rate": ("rate", "rate"),
        "score": ("score", "score"),
        "flags": ("flags", "flags"),
        "battle": ("battle", "battle"),
        "results": ("results", "results"),
        "compare": ("compare", "compare"),
        "report": ("report", "report"),
        "trace": ("trace", "trace"),
        "backup": ("backup", "backup"),
        "restore": ("backup", "restore"),
        "doctor": ("doctor", "doctor"),
        "demo": ("demo", "demo"),
        "completion": ("completion", "completion"),
    }
)
"""Module and function of each command, in the order that help lists them: the order in which a person meets them."""


class _Molting(Root):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, loaded now: the workbench opens without loading any."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest names of the table for a name that isn't in it."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as unknown:
            raise click.NoSuchCommand(unknown.command_name, possibilities=COMMANDS, ctx=ctx) from None


@click.group(
    cls=_Molting,
    name="molting",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        "molting init claudio && cd claudio",
        "molting import                        # the logs that the assistants keep here, after asking once",
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


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    if COMPLETE in os.environ:
        import_module(f"{__name__}.completion")  # which makes our own way of answering bash known
    molting.main(prog_name="molting")
    raise AssertionError("the command line always leaves by sys.exit")


def _open_workbench() -> None:
    from molting_tui.ui.terminal import why_not

    wrong = why_not()
    if wrong is not None:
        raise wrong
    # What is loaded now stays: looking for garbage among it takes a tenth of the time to the first frame. The app lets
    # it begin once it is ready.
    gc.disable()
    with workspace_here() as workspace:
        from molting_tui.ui.app import run

        code = run(workspace)
    # What a process leaves behind needs no looking through, and msgspec's records crash in it where two threads met
    # them first: half of the ways out of the question bank ended in a segmentation fault.
    gc.freeze()
    leave(code)
