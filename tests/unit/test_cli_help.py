"""Help, examples and completion of every command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli_workspaces import answer, environment, run

from molting_tui.cli import molting

NOWHERE = click.Context(molting)


def commands(command: click.Command = molting, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name in command.list_commands(NOWHERE):
            child = command.get_command(NOWHERE, name)
            assert child is not None
            yield from commands(child, (*path, name))


EVERY = list(commands())


def test_the_commands_of_the_first_version_are_there() -> None:
    wanted = {"init", "import", "stats", "pairs", "decide", "export", "rules", "doctor", "completion"}
    assert wanted <= set(molting.list_commands(NOWHERE))


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...]) -> None:
    said = answer(*path, "--help")
    usage, _, examples = said.partition("Examples:\n")
    assert " ".join(("Usage: molting", *path)) in usage
    first = examples.splitlines()[0].strip()
    assert "molting" in first
    if path:
        assert " ".join(path) in examples
    assert answer(*path, "-h") == said


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_no_option_is_without_a_word_of_help(path: tuple[str, ...]) -> None:
    command: click.Command = molting
    for name in path:
        assert isinstance(command, click.Group)
        child = command.get_command(NOWHERE, name)
        assert child is not None
        command = child
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert options
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", ["import", "stats", "pairs", "decide", "export", "rules", "preflight", "doctor"])
def test_commands_for_scripts_have_json(name: str) -> None:
    assert "--json" in answer(name, "--help")


def test_a_command_that_is_not_there_names_the_nearest() -> None:
    refused = run("trian")
    assert refused.exit_code == 2
    assert "No such command 'trian'. (Did you mean" in refused.stderr
    assert "'train'" in refused.stderr


def test_no_command_is_loaded_before_it_is_called() -> None:
    program = "import sys, molting_tui.cli; print(*sorted(m for m in sys.modules if m.startswith('molting_tui.cli.')))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["molting_tui.cli.printing", "molting_tui.cli.running", "molting_tui.cli.watching"]


def test_the_version_is_told() -> None:
    from molting_tui import __version__

    assert answer("--version") == f"molting {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_program(shell: str) -> None:
    assert "_MOLTING_COMPLETE" in answer("completion", shell)


def test_a_shell_is_offered_commands_and_fields_of_the_filter_language() -> None:
    def offered(*words: str) -> list[str]:
        line = environment({"_MOLTING_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("molting", *words))})
        line["COMP_CWORD"] = str(len(words))
        program = "from molting_tui.cli import main; main()"
        done = subprocess.run([sys.executable, "-c", program], env=line, capture_output=True, text=True)
        return [answer.partition(",")[2] for answer in done.stdout.splitlines()]

    assert "doctor" in offered("do")
    assert "state:open" in offered("pairs", "--where", "sta")


@pytest.mark.parametrize(
    "arguments", [("-w", "{}", "stats"), ("stats", "-w", "{}"), ("rules", "-w", "{}", "show", "secret")]
)
def test_the_workspace_may_be_named_before_and_after_the_command(arguments: tuple[str, ...], tmp_path: Path) -> None:
    answer("init", str(tmp_path / "w"))
    assert run(*(word.format(tmp_path / "w") for word in arguments)).exit_code == 0
