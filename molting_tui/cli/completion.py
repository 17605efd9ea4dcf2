"""`molting completion`: what a shell needs to complete commands, options and filters."""

from __future__ import annotations

import click

from molting_tui.cli.printing import say
from molting_tui.cli.running import Command


@click.command(
    cls=Command,
    examples=(
        'eval "$(molting completion bash)"     # in ~/.bashrc',
        'eval "$(molting completion zsh)"      # in ~/.zshrc',
        "molting completion fish > ~/.config/fish/completions/molting.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:  # the choices above are click's own shells
        raise AssertionError(shell)
    root = ctx.find_root()
    say(found(root.command, {}, "molting", "_MOLTING_COMPLETE").source().strip())
