"""`molting init`: make a workspace."""

from __future__ import annotations

from pathlib import Path

import click

from molting_tui.cli.printing import say
from molting_tui.cli.running import Command, named_workspace
from molting_tui.text import show_path


@click.command(
    cls=Command,
    examples=(
        "molting init",
        'molting init claudio --name Cláudio --user João --system-prompt "Você é Cláudio, assistente do João."',
    ),
)
@click.argument("folder", required=False)
@click.option("--name", default="", help="Whose voice the model is to learn.")
@click.option("--user", default="", help="Who talks to it.")
@click.option("--system-prompt", default="", help="The system turn of every exported pair that has none of its own.")
def init(folder: str | None, name: str, user: str, system_prompt: str) -> None:
    """Make a workspace in FOLDER (here, if none is named).

    It holds molting.toml (every setting, explained), the database, and folders for rules and
    exports. Only you can read it.
    """
    from molting_tui import workspace

    target = Path(folder or named_workspace() or ".").expanduser()
    workspace.make(target, name=name, user=user, system_prompt=system_prompt).close()
    say(f"There is a workspace in {show_path(target.resolve())} now.")
    if target.stat().st_mode & 0o077:
        say(f"Others may look into the folder, and see the names of what is in it: chmod go= {show_path(target)}")
    option = "" if target.resolve() == Path.cwd() else f" -w {show_path(target)}"
    say(f"Next: molting{option} import")
