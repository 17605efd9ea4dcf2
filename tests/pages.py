"""The parts of the pages in `docs/` that are made from the program: `python -m tests.pages --write` puts them in."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from molting_tui.cli import molting
from molting_tui.records.filters import FIELDS
from molting_tui.ui import keymap

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
_TITLES = {
    keymap.EVERYWHERE: "Everywhere",
    keymap.QUESTIONS: "Question bank",
    keymap.ANSWERS: "Answers, from the results",
    keymap.READER: "A page to read",
    keymap.EDITOR: "Rewriting",
    keymap.PERSONA: "Names and system prompt",
    keymap.FLAGS: "Flags of an answer",
    keymap.STATISTICS: "Statistics",
}
"""Headings of screens whose name in the keymap isn't one."""


def key_tables() -> str:
    """A heading and a table for every screen of the keymap, in its order, and for the keys that work everywhere."""
    screens = dict.fromkeys(action.screen for action in keymap.ACTIONS)
    return "\n\n".join(f"## {_TITLES.get(screen, screen.capitalize())}\n\n{_key_table(screen)}" for screen in screens)


def filter_table() -> str:
    """The terms of the filter language, made from its fields."""
    rows = (f"| `{field.example}` | {field.explanation} |" for field in FIELDS)
    return "\n".join(("| term | means |", "|---|---|", *rows))


def command_table() -> str:
    """Every command and what its help says first."""
    rows = (f"| `{_usage(path, command)}` | {_first_sentence(command)} |" for path, command in commands())
    return "\n".join(("| command | does |", "|---|---|", *rows))


def commands(command: click.Command = molting, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command with its name as it is typed, groups before what is in them."""
    yield " ".join(("molting", *path)), command
    if isinstance(command, click.Group):
        context = click.Context(command, help_option_names=["-h", "--help"])
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))


MADE: Mapping[str, tuple[str, Callable[[], str]]] = MappingProxyType(
    {
        "keys.md": ("keys", key_tables),
        "filters.md": ("filters", filter_table),
        "commands.md": ("commands", command_table),
    }
)
"""The pages with a made part: its name, and what makes it."""


def with_made_part(page: str, text: str) -> str:
    """The text of a page with its made part as the program is now."""
    name, make = MADE[page]
    begin, end = f"<!-- {name}: made by `make docs`, checked by a test -->", f"<!-- /{name} -->"
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"docs/{page} has no part that begins with {begin} and ends with {end}.")
    made = f"{begin}\n{make()}\n{end}"
    return pattern.sub(lambda _: made, text, count=1)


def _key_table(screen: str) -> str:
    rows = ["| | key | action | id |", "|---|---|---|---|"]
    for group, listed in keymap.groups(screen):
        actions = [action for action in listed if action.screen == screen]
        heads = (group, *[""] * len(actions))
        rows += [
            f"| {head} | {_keys(action)} | {action.meaning} | {action.id} |"
            for head, action in zip(heads, actions, strict=False)
        ]
    return "\n".join(rows)


def _keys(action: keymap.Action) -> str:
    return " ".join(f"`{keymap.key_name(key)}`" for key in action.keys.split(","))


def _usage(name: str, command: click.Command) -> str:
    pieces = [
        piece
        for piece in command.collect_usage_pieces(click.Context(command, help_option_names=["-h", "--help"]))
        if piece != "[OPTIONS]"
    ]
    if isinstance(command, click.Group):
        pieces = []
    return " ".join((name, *pieces)).replace("...", "…").replace("|", "\\|")


def _first_sentence(command: click.Command) -> str:
    paragraph = (command.help or "").replace("\f", "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())


def main() -> None:
    """With `--write` put the made parts into their pages; without, print them."""
    for page in MADE:
        path = DOCS / page
        text = with_made_part(page, path.read_text("utf-8"))
        if "--write" in sys.argv[1:]:
            path.write_text(text, "utf-8")
        else:
            print(MADE[page][1]())


if __name__ == "__main__":
    main()
