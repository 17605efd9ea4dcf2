"""`molting completion`: what a shell needs to complete commands, options and filters."""

from __future__ import annotations

import os

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class
from click.shell_completion import split_arg_string as words_of

from molting_tui.cli.printing import say
from molting_tui.cli.running import COMPLETE, Command

_HANDS_OVER = 'COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD'


@add_completion_class
class Bash(BashComplete):
    """Bash takes `flag:agent` for three words, and puts what it is offered in the last one's place.

    So it hands over the line up to the cursor instead of its words, and of a filter without quotes is offered what
    follows the last colon.
    """

    source_template = BashComplete.source_template.replace(_HANDS_OVER, 'COMP_WORDS="${COMP_LINE:0:$COMP_POINT}"')

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that was begun, and that one."""
        line = os.environ["COMP_WORDS"]
        *words, last = words_of(f"{line}.")  # a dot, so that there is a last word after a space too
        last = last.removesuffix(".")
        self._stays = _before_the_break(line, last)
        return words[1:], last

    def format_completion(self, item: CompletionItem) -> str:
        """The item as the script reads it."""
        item.value = item.value.removeprefix(self._stays)
        return super().format_completion(item)


def _before_the_break(line: str, word: str) -> str:
    """What of the last word bash leaves as it is: all up to the last colon, unless there are quotes round it."""
    if " " in word or not line.endswith(f" {word}"):
        return ""
    value = word.partition("=")[2] if word.startswith("--") else word
    return value[: value.rfind(":") + 1]


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
    shell_class = get_completion_class(shell)
    if shell_class is None:  # the choices above are click's own shells
        raise AssertionError(shell)
    root = ctx.find_root()
    say(shell_class(root.command, {}, "molting", COMPLETE).source().strip())
