"""`molting persona`: who the model is to speak as, shown and set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_heading, say_json, say_table, say_text, say_wrapped, tell
from molting_tui.cli.running import Command, json_option, text_of, workspace_here
from molting_tui.errors import BadInput

if TYPE_CHECKING:
    from molting_tui.workspace import Persona, Workspace


@click.command(
    cls=Command,
    examples=(
        "molting persona",
        "molting persona --name Cláudio --user João",
        "molting persona --system-prompt-file prompt.txt",
        "molting persona --alias Claudinho --foreign-name Claude --word Softtor",
        "molting persona --json | jq -r .system_prompt",
    ),
)
@click.option("--name", help="Whose voice the model is to learn.")
@click.option("--user", help="Who talks to it.")
@click.option("--alias", "aliases", multiple=True, help="Another name of its own; these take the place of all before.")
@click.option("--foreign-name", "foreign_names", multiple=True, help="A name that it must not introduce itself by.")
@click.option("--word", "words", multiple=True, help="A word that only it speaks of.")
@click.option("--system-prompt", help="The system turn of every exported pair that has none of its own.")
@click.option("--system-prompt-file", metavar="FILE", help="The same, from a file (- for stdin).")
@json_option()
def persona(
    name: str | None,
    user: str | None,
    aliases: tuple[str, ...],
    foreign_names: tuple[str, ...],
    words: tuple[str, ...],
    system_prompt: str | None,
    system_prompt_file: str | None,
    as_json: bool,
) -> None:
    """Show who the model is to speak as, and what its system prompt is used for; with options, write it.

    What is written goes into molting.toml, whose comments and other settings stay. A list is written whole: `--alias
    ''` leaves none. Runs keep what they were frozen with.
    """
    import msgspec

    if system_prompt is not None and system_prompt_file is not None:
        raise BadInput("--system-prompt and --system-prompt-file say the same.", fix="Leave one of the two away.")
    if system_prompt_file is not None:
        system_prompt = text_of(system_prompt_file)
    given = {"name": name, "user": user, "system_prompt": system_prompt}
    changes: dict[str, object] = {field: value for field, value in given.items() if value is not None}
    lists = {"aliases": aliases, "foreign_names": foreign_names, "words": words}
    changes |= {field: values for field, values in lists.items() if values}
    with workspace_here() as workspace:
        if changes:
            _write(workspace, msgspec.structs.replace(workspace.settings.persona, **changes))
        if as_json:
            say_json(_fields(workspace))
        else:
            _say(workspace)


def _write(workspace: Workspace, wanted: Persona) -> None:
    from molting_tui.curation.persona import save

    before = workspace.settings.persona
    saved = save(workspace, wanted)
    tell("Written into molting.toml." if saved.persona != before else "Nothing to write: it says so already.")


def _fields(workspace: Workspace) -> dict[str, object]:
    import msgspec

    from molting_tui.overview.persona_use import persona_use

    use = persona_use(workspace)
    return msgspec.structs.asdict(workspace.settings.persona) | {
        "used": {
            "kept": use.kept,
            "kept_without_own": use.without_own,
            **{
                name: {"same": same, "other": other}
                for name, (same, other) in (
                    ("datasets", use.datasets),
                    ("exports", use.exports),
                    ("contenders", use.contenders),
                )
            },
        }
    }


def _say(workspace: Workspace) -> None:
    from molting_tui.curation.persona import FIELDS
    from molting_tui.overview.persona_use import length_words, persona_use, use_sentences

    persona = workspace.settings.persona
    rows = []
    for field in FIELDS[:-1]:
        value = getattr(persona, field)
        rows.append((field.replace("_", " "), value if isinstance(value, str) else ", ".join(value)))
    say_table([(name, value or "none") for name, value in rows])
    prompt = persona.system_prompt
    say_heading(f"System prompt: {length_words(prompt)}" if prompt else "System prompt: none")
    if prompt:
        say_text(prompt)
    say()
    for sentence in use_sentences(persona_use(workspace)):
        say_wrapped(sentence)
