"""`molting runs`: the runs there are, one of them whole, watching and stopping."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from molting_tui.cli.following import end_fields, exit_code, follow, say_end
from molting_tui.cli.printing import say, say_heading, say_json, say_table, say_text
from molting_tui.cli.running import Group, json_option, leave, workspace_here
from molting_tui.errors import BadInput
from molting_tui.text import duration, plural, show_path

if TYPE_CHECKING:
    from molting_tui.recipe.runfolder import RunConfig
    from molting_tui.runs.folder import Run
    from molting_tui.runs.listing import RunLine
    from molting_tui.runs.run_state import Watched

_LOG_LINES = 10


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=("molting runs", "molting runs show 7", "molting runs watch latest", "molting runs --json"),
)
@json_option()
@click.pass_context
def runs(ctx: click.Context, as_json: bool) -> None:
    """List the training and answering runs, newest first.

    A run is named by its number, its id, its name, or `latest`.
    """
    if ctx.invoked_subcommand is None:
        _list(as_json)
    elif as_json:
        raise BadInput("--json goes after the last word.", fix="For example: molting runs list --json")


@runs.command(name="list", examples=("molting runs list", "molting runs list --json"))
@json_option()
def list_(as_json: bool) -> None:
    """List the runs, newest first."""
    _list(as_json)


@runs.command(name="show", examples=("molting runs show 7", "molting runs show latest --json"))
@click.argument("run")
@json_option()
def show_run(run: str, as_json: bool) -> None:
    """Show one RUN whole: what it was told, how far it is, its figures, warnings and files."""
    from molting_tui.runs.listing import find_run, line_of, look_at
    from molting_tui.runs.run_dataset import adopt_dataset

    with workspace_here() as workspace:
        shown = find_run(workspace, run)
        dataset = adopt_dataset(workspace, shown.folder)
    line, watched = line_of(shown.folder), look_at(shown.folder, whole=True)
    if as_json:
        say_json(_whole(shown, line, watched) | {"dataset": dataset or None})
    else:
        _say_whole(shown, line, watched, dataset)


@runs.command(examples=("molting runs watch 7", "molting runs watch latest"))
@click.argument("run")
@json_option()
def watch(run: str, as_json: bool) -> None:
    """Follow a RUN until it ends.

    Ctrl-C ends the watching and leaves the run alone. The exit code is 0 if it is done, 1 if it was stopped, 2
    if it failed or died.
    """
    from molting_tui.runs.listing import find_run

    with workspace_here() as workspace:
        followed = find_run(workspace, run)
        end = follow(followed, sys.stderr if as_json else sys.stdout)
        if as_json:
            say_json({"id": followed.id} | end_fields(workspace, followed, end))
        else:
            say_end(workspace, followed, end)
    leave(exit_code(end))


@runs.command(examples=("molting runs stop 7", "molting runs stop latest --kill"))
@click.argument("run")
@click.option("--kill", is_flag=True, help="End it at once; what came after its last checkpoint is lost.")
@json_option()
def stop(run: str, kill: bool, as_json: bool) -> None:
    """Ask a RUN to stop: it saves a checkpoint at the end of its step and leaves."""
    from molting_tui.runs.listing import find_run, line_of
    from molting_tui.runs.stopping import stop as ask_to_stop

    with workspace_here() as workspace:
        to_stop = find_run(workspace, run)
    sentence = ask_to_stop(to_stop, kill)
    if as_json:
        say_json({"id": to_stop.id, "state": line_of(to_stop.folder).state, "said": sentence})
    else:
        say(sentence)


def _list(as_json: bool) -> None:
    from molting_tui.runs.listing import list_runs

    with workspace_here() as workspace:
        lines = list_runs(workspace)
    if as_json:
        say_json([_fields(line) for line in lines])
    elif not lines:
        say("There is no run yet. Start one: molting train")
    else:
        _say_list(lines)


def _fields(line: RunLine) -> dict[str, object]:
    return line._asdict()


def _say_list(lines: list[RunLine]) -> None:
    rows = [
        (str(line.number or "-"), line.kind, line.state, _steps(line), _loss(line.loss), line.name, _end(line))
        for line in lines
    ]
    header = ("run", "kind", "state", "steps", "loss", "name", "")
    styles = {"failed": "red", "died": "red", "running": "green"}
    say_table(rows, header, right=(0, 3, 4), styles=styles)


def _steps(line: RunLine) -> str:
    return f"{line.step:,} of {line.steps:,}" if line.steps else "-"


def _loss(loss: float | None) -> str:
    return "-" if loss is None else f"{loss:.4f}"


def _end(line: RunLine) -> str:
    if line.problem:
        return line.problem
    if line.seconds_left is not None:
        return f"{duration(line.seconds_left)} left"
    return "adapter" if line.adapter else ""


def _whole(run: Run, line: RunLine, watched: Watched) -> dict[str, object]:
    import msgspec

    return {
        **_fields(line),
        "config": msgspec.to_builtins(run.config),
        "phase": watched.phase,
        "start": msgspec.to_builtins(watched.start),
        "last_step": msgspec.to_builtins(watched.step),
        "figures": watched.done.figures if watched.done else {},
        "warnings": [warning.message for warning in watched.warnings],
        "folder": str(run.folder),
    }


def _say_whole(run: Run, line: RunLine, watched: Watched, dataset: str) -> None:
    """Say everything about a run: state, settings, figures, notes, the end of its log, its files."""
    from molting_tui.runs.log import last_lines

    say_table(
        (
            ("run", run.id),
            ("state", line.state),
            ("begun", line.created),
            *((("dataset", dataset),) if dataset else ()),
            ("steps", _steps(line)),
            ("loss", _loss(line.loss)),
            *((("left", duration(line.seconds_left)),) if line.seconds_left is not None else ()),
        )
    )
    if line.problem:
        say()
        say_text(line.problem, "")
    say_heading("What it was told")
    say_table(_settings(run.config))
    if watched.done and watched.done.figures:
        say_heading("Figures")
        say_table((name, _figure(value)) for name, value in watched.done.figures.items())
    if watched.warnings:
        say_heading(plural(len(watched.warnings), "note"))
        for warning in watched.warnings:
            say_text(warning.message)
    lines = last_lines(run.log, _LOG_LINES)
    if lines:
        say_heading(f"The log's last {plural(len(lines), 'line')}")
        for text in lines:
            say(f"  {text}")
    say_heading("Files")
    adapter = (("adapter", str(run.adapter)),) if line.adapter else ()
    say_table((("folder", show_path(run.folder)), ("log", show_path(run.log)), *adapter))


def _settings(config: RunConfig) -> Iterator[tuple[str, object]]:
    import msgspec

    for name, value in msgspec.to_builtins(config).items():
        if isinstance(value, dict):
            yield from ((inner, _figure(of)) for inner, of in value.items())
        elif name == "questions":
            yield name, str(len(value))
        elif name == "contenders":
            yield name, ", ".join(contender["name"] for contender in value)
        elif name not in ("kind", "name", "created") and value not in ("", 0):
            yield name, _figure(value)


def _figure(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}" if isinstance(value, float) else str(value)
