"""`molting demo`: a ready workspace of sample sessions, half triaged.

On a terminal it is made and opened. Without one the same steps run as commands, each printed with its result and its
seconds, and go on to the end: a tiny model is made, trained on what was kept, asked, and its answers are checked.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click

from molting_tui.cli.printing import say
from molting_tui.cli.running import Command, leave
from molting_tui.errors import MoltingError
from molting_tui.text import show, show_path

FOLDER = "demo-workspace"
PERSONA = "Você é Cláudio, IA assistente do João na Softtor. Responda direto, com honestidade, em português ou inglês."


class Step(NamedTuple):
    """One command of the demo, and what it is for. `text` goes to its standard input."""

    purpose: str
    words: tuple[str, ...]
    text: str = ""


def steps(data: Path) -> tuple[Step, ...]:
    """The commands that make the demo's workspace from the sample data: import, look, decide about half."""
    sure = "--yes"
    return (
        Step("Read the sample sessions and chat files", ("import", str(data / "sessions"), str(data / "chats"))),
        Step("Importing again adds nothing", ("import", str(data / "sessions"), str(data / "chats"))),
        Step(
            "Drop what only tells what it is about to do",
            ("decide", "--where", "flag:agent-speech", "drop", "--reason", "agent talk", sure),
        ),
        Step("Mask the secrets", ("decide", "--where", "flag:secret", "mask", sure)),
        Step(
            "Keep the notes: they have the voice",
            ("decide", "--where", "state:open project:notas -is:flagged", "keep", sure),
        ),
        Step(
            "Keep the short Portuguese chats",
            ("decide", "--where", "state:open kind:imported lang:pt len<400", "keep", sure),
        ),
        Step(
            "Drop the answer that speaks as somebody else",
            ("decide", "--where", "state:open Gabriel", "drop", "--reason", "not the voice", sure),
        ),
        Step("Tag what tells who somebody is", ("decide", "--where", '"Quem é"', "tag", "--tag", "identity", sure)),
        Step(
            "Drop a whole project, which is too much …", ("decide", "--where", "state:open project:crm", "drop", sure)
        ),
        Step("… and take that back", ("decide", "--undo")),
    )


def shown_steps(exported: Path) -> tuple[Step, ...]:
    """The commands that show the result when nobody looks at a screen."""
    return (
        Step("Where one stands", ("stats",)),
        Step("The share of agent talk by which text is the answer", ("stats", "--answers")),
        Step("The last pairs that were kept", ("pairs", "--where", "state:keep", "--limit", "5")),
        Step("Write the kept pairs", ("export", str(exported), "--format", "sharegpt")),
        Step("Look everything over", ("doctor",)),
    )


def model_steps(data: Path) -> tuple[Step, ...]:
    """The commands that train a model on what was kept and say what came of it."""
    sheet = str(data / "sheets" / "v2.3.csv")
    return (
        Step("Make a tiny base model, train it on the kept pairs", ("train", "--base", "tiny", "--watch")),
        Step("Ask it and its base the eight questions, in two languages", ("answer", "--watch")),
        Step("Ask what the base knew and should keep", ("answer", "--questions", "control", "--watch")),
        Step("What they said", ("results", "--texts", "--questions", "personality-8")),
        Step(
            "How many answers hold the facts: asked as in the training, in other words, and what the base knew",
            ("results", "--facts"),
        ),
        Step(
            "A score sheet of the past, typed in",
            ("rate", "--sheet", sheet, "--contender", "v2.3", "--rubric", "four-criteria", "--language", "en"),
        ),
        Step("What it comes to", ("results", "--rubric", "four-criteria")),
        Step("What waits for a blind score", ("score",)),
    )


@click.command(
    cls=Command,
    examples=(
        "molting demo",
        "molting demo ~/try-molting",
        "molting demo | less   # no terminal: the same by commands",
    ),
)
@click.argument("folder", required=False, default="")
def demo(folder: str) -> None:
    """Open a ready workspace of sample sessions, half triaged.

    It is made in FOLDER (demo-workspace here, if none is named) the first time, and opened as you left it after that.
    Without a terminal the same steps run as commands, in a temporary folder unless one is named.
    """
    from molting_tui.ui.terminal import why_not

    # A name that begins with a dash would be taken for an option by the commands that follow.
    target = Path(f"{os.curdir}/{folder}").absolute() if folder.startswith("-") else Path(folder or FOLDER)
    if why_not() is None:
        _open(target)
    elif folder:
        _print_all(target)
    else:
        with tempfile.TemporaryDirectory(prefix="molting-demo-") as scratch:
            _print_all(Path(scratch) / "demo")


def make_demo(target: Path, *, aloud: bool) -> None:
    """Make the demo's workspace in `target` by the commands themselves. `aloud` prints each with its result.

    Raises MoltingError with the command's own words if one fails.
    """
    from molting_tui.workspace import shipped

    _run(
        target,
        Step(
            "Make a workspace", ("init", str(target), "--name", "Cláudio", "--user", "João", "--system-prompt", PERSONA)
        ),
        aloud,
    )
    for step in steps(shipped("data")):
        _run(target, step, aloud)


def train_demo(target: Path, *, aloud: bool) -> None:
    """Train a tiny model on what the demo's workspace has kept, and ask it. Raises MoltingError as `make_demo` does."""
    from molting_tui.workspace import shipped

    for step in model_steps(shipped("data")):
        _run(target, step, aloud)


def _open(target: Path) -> None:
    from molting_tui.ui.app import run
    from molting_tui.workspace import SETTINGS_FILE, open_workspace

    if not (target / SETTINGS_FILE).is_file():
        say(f"Making a workspace of sample sessions in {show_path(target)} …")
        make_demo(target, aloud=False)
    leave(run(open_workspace(target)))


def _print_all(target: Path) -> None:
    from molting_tui.recipe.libraries import missing_libraries

    make_demo(target, aloud=True)
    for step in shown_steps(target / "exports" / "claudio.json"):
        _run(target, step, aloud=True)
    missing = missing_libraries()
    if missing:
        say(f"\nWithout {missing[0]} nothing can be trained here: pip install 'molting[train]' brings it.")
    else:
        train_demo(target, aloud=True)
    say("\nOn a terminal this opens the workbench: a keeps, x drops, e rewrites, u takes back, ? tells the rest.")


def _run(target: Path, step: Step, aloud: bool) -> None:
    """Run one step of the demo as a command of its own, printing it if `aloud`. Raises MoltingError when it fails."""
    named = step.words if step.words[0] == "init" else ("-w", str(target), *step.words)
    if aloud:
        # Said before it runs: training takes a minute.
        say(f"\n# {step.purpose}\n$ molting {show_path(shlex.join(step.words))}")
    begun = time.monotonic()
    # A process of its own: what is printed is what a person would see who typed the command.
    done = subprocess.run(
        [sys.executable, "-m", "molting_tui", *named],
        input=step.text,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    if aloud:
        for printed in (done.stdout, done.stderr):
            if printed.strip():
                say(show(printed.rstrip()))
        say(f"({time.monotonic() - begun:.1f} s)")
    if done.returncode != 0:
        raise MoltingError(f"the demo stopped at `molting {step.words[0]}`: {done.stderr.strip()}")
