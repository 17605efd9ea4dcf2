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
from molting_tui.text import duration, plural, show

if TYPE_CHECKING:
    from molting_tui.recipe.runfolder import RunConfig
    from molting_tui.runs.folder import Run
    from molting_tui.runs.listing import RunLine
    from molting_tui.runs.run_state import Told

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
    from molting_tui.runs.listing import find_run, line_of, told_by

    with workspace_here() as workspace:
        found = find_run(workspace, run)
    line, told = line_of(found.folder), told_by(found.folder, whole=True)
    if as_json:
        say_json(_whole(found, line, told))
    else:
        _say(found, line, told)


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
        found = find_run(workspace, run)
        seen = follow(found, sys.stderr if as_json else sys.stdout)
        if as_json:
            say_json({"id": found.id} | end_fields(workspace, found, seen))
        else:
            say_end(workspace, found, seen)
    leave(exit_code(seen))


@runs.command(examples=("molting runs stop 7", "molting runs stop latest --kill"))
@click.argument("run")
@click.option("--kill", is_flag=True, help="End it at once; what came after its last checkpoint is lost.")
@json_option()
def stop(run: str, kill: bool, as_json: bool) -> None:
    """Ask a RUN to stop: it saves a checkpoint at the end of its step and leaves."""
    from molting_tui.runs.listing import find_run, line_of
    from molting_tui.runs.stopping import stop as ask_to_stop

    with workspace_here() as workspace:
        found = find_run(workspace, run)
    said = ask_to_stop(found, kill)
    if as_json:
        say_json({"id": found.id, "state": line_of(found.folder).state, "said": said})
    else:
        say(said)


def _list(as_json: bool) -> None:
    from molting_tui.runs.listing import list_runs

    with workspace_here() as workspace:
        found = list_runs(workspace)
    if as_json:
        say_json([_fields(line) for line in found])
    elif not found:
        say("There is no run yet. Start one: molting train")
    else:
        _say_list(found)


def _fields(line: RunLine) -> dict[str, object]:
    return line._asdict()


def _say_list(found: list[RunLine]) -> None:
    rows = [
        (str(line.number or "-"), line.kind, line.state, _steps(line), _loss(line.loss), line.name, _end(line))
        for line in found
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


def _whole(run: Run, line: RunLine, told: Told) -> dict[str, object]:
    import msgspec

    return {
        **_fields(line),
        "config": msgspec.to_builtins(run.config),
        "phase": told.phase.name if told.phase else "",
        "start": msgspec.to_builtins(told.start),
        "last_step": msgspec.to_builtins(told.step),
        "figures": told.done.figures if told.done else {},
        "warnings": [warning.message for warning in told.warnings],
        "folder": str(run.folder),
    }


def _say(run: Run, line: RunLine, told: Told) -> None:
    from molting_tui.runs.log import LogTail

    say_table(
        (
            ("run", run.id),
            ("state", line.state),
            ("begun", line.created),
            ("steps", _steps(line)),
            ("loss", _loss(line.loss)),
            *((("left", duration(line.seconds_left)),) if line.seconds_left is not None else ()),
        )
    )
    if line.problem:
        say()
        say_text(line.problem, "")
    say_heading("What it was told")
    say_table(_told(run.config))
    if told.done and told.done.figures:
        say_heading("Figures")
        say_table((name, _figure(value)) for name, value in told.done.figures.items())
    if told.warnings:
        say_heading(plural(len(told.warnings), "note"))
        for warning in told.warnings:
            say_text(warning.message)
    tail = LogTail(run.log, keep=_LOG_LINES)
    lines = [*tail.poll(), *([tail.partial] if tail.partial else [])][-_LOG_LINES:]
    if lines:
        say_heading(f"The log's last {plural(len(lines), 'line')}")
        for text in lines:
            say(f"  {text}")
    say_heading("Files")
    adapter = (("adapter", str(run.adapter)),) if line.adapter else ()
    say_table((("folder", show(str(run.folder))), ("log", show(str(run.log))), *adapter))


def _told(config: RunConfig) -> Iterator[tuple[str, object]]:
    import msgspec

    for name, value in msgspec.to_builtins(config).items():
        if isinstance(value, dict):
            yield from ((inner, _figure(of)) for inner, of in value.items())
        elif name == "questions":
            yield name, str(len(value))
        elif name == "contenders":
            yield name, ", ".join(one["name"] for one in value)
        elif name not in ("kind", "name", "created") and value not in ("", 0):
            yield name, _figure(value)


def _figure(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}" if isinstance(value, float) else str(value)
