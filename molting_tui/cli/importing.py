"""`molting import`: files into turns into pairs, and pairs anew from the stored turns."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import (
    colours_wanted,
    cut,
    say,
    say_heading,
    say_json,
    say_table,
    say_wrapped,
    styled,
    tell,
    terminal_width,
)
from molting_tui.cli.running import NO, Command, finish_flags, json_option, leave, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line, show_path

if TYPE_CHECKING:
    from molting_tui.curation.import_report import ImportReport
    from molting_tui.records.turns import LeftOut
    from molting_tui.workspace import Workspace

_MOST = 15
"""Projects that the report of an import lists."""
_STOPPED = "Stopped. What was read up to here is stored; the same command goes on from there."
_STOPPED_DERIVING = "Stopped. Pairs and decisions are safe; the same command does it anew."


@click.command(
    cls=Command,
    name="import",
    examples=(
        "molting import                        # where the assistants keep their logs, after asking once",
        "molting import ~/.claude/projects",
        "molting import handwritten.json old-export.jsonl",
        "molting import --answer last          # the imported turns again, by another answer",
        "molting import --again ~/.claude/projects",
        "molting import --json ~/.claude/projects | jq .left_out",
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATH...]", type=click.Path(path_type=Path))
@click.option(
    "--answer",
    type=click.Choice(["final", "last", "first", "all"]),
    help="Which text of a turn is its answer: the last with no tool after it (final), the last, the first, or all.",
)
@click.option("--again", is_flag=True, help="Read every file, those too that haven't changed.")
@click.option("--yes", is_flag=True, help="Without a PATH: take the assistants' logs, and don't ask whether.")
@click.option("--ask", is_flag=True, help="Without a PATH: ask again, though it was agreed to.")
@json_option()
def import_(paths: tuple[Path, ...], answer: str | None, again: bool, yes: bool, ask: bool, as_json: bool) -> None:
    """Read session logs and chat files into the workspace.

    PATH is a folder of Claude Code sessions, or a ShareGPT, Alpaca or messages file (JSON or JSONL);
    what it is, is told by its content. Files that haven't changed are not read again, unless a better reader has
    come with a new version of molting, or --again asks for it. Nothing there is ever changed.

    Without a PATH, the places are taken where the assistants keep their logs; whether they may be read is asked once,
    and remembered in the workspace. With --answer and no PATH, the pairs are made anew from the turns that are stored:
    decisions stay with their texts.
    """
    if paths and (yes or ask):
        raise BadInput("--yes and --ask are for an import without a PATH.", fix="Leave them away.")
    with workspace_here() as workspace:
        derived = answer is not None and not (paths or again or yes or ask)
        taken = paths if paths or derived else _assistants_logs(workspace, yes=yes, ask=ask)
        report = _run(workspace, taken, answer, again=again)
        finish_flags(workspace)
        if as_json:
            say_json(_fields(report))
        else:
            _say_report(report, workspace, derived=derived)


def _assistants_logs(workspace: Workspace, *, yes: bool, ask: bool) -> tuple[Path, ...]:
    """The places where assistants keep their logs, once somebody has agreed. Raises BadInput where there is none or
    nobody to ask; a no ends the command."""
    from molting_tui.curation.log_places import agree, agreed, folders, held, places_here

    places = places_here()
    known = agreed(workspace, places) and not ask
    if not known and not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise BadInput(
                f"{places[0].shown} may only be read once you have agreed, and there is no terminal to ask you on.",
                fix="`molting import --yes` agrees; or name what to import: molting import PATH.",
            )
        tell("The logs that assistants keep on this machine:")
        for place in places:
            tell(f"  {place.assistant:<12}  {show_path(place.shown)}  {held(place)}")
        tell("They are only read; the workspace keeps a copy of its own.")
        if not click.confirm("Read them into this workspace, now and whenever no path is named?", err=True):
            tell("Nothing was imported.")
            leave(NO)
    if not known:
        agree(workspace, places)
        tell("Remembered for this workspace; `molting import --ask` asks again.")
    return tuple(folders(places))


def _run(workspace: Workspace, paths: tuple[Path, ...], answer: str | None, *, again: bool) -> ImportReport:
    from molting_tui.curation.importing import derive_again, import_paths
    from molting_tui.records.pairs import AnswerMode

    mode = AnswerMode(answer) if answer else None
    with watched(_STOPPED if paths else _STOPPED_DERIVING) as progress:
        if paths:
            return import_paths(workspace, paths, answer=mode, again=again, report=progress)
        return derive_again(workspace, mode, report=progress)


def _fields(report: ImportReport) -> dict[str, object]:
    return {
        "files": report.files,
        "files_known": report.files_known,
        "files_better_reader": report.files_better_reader,
        "files_again": report.files_again,
        "files_empty": report.files_empty,
        "files_without_turns": report.files_without_turns,
        "files_unreadable": report.files_unreadable,
        "sessions": report.sessions,
        "records": report.records,
        "turns": report.turns,
        "turns_new": report.turns_new,
        "turns_grown": report.turns_grown,
        "pairs_new": report.pairs_new,
        "pairs_known": report.pairs_known,
        "asked_again": report.asked_again,
        "answers_gone": report.answers_gone,
        "answer": report.answer.value,
        "since": report.since or None,
        "projects": {project.name: {"turns": project.turns, "pairs": project.pairs} for project in report.projects},
        "sources": {file.path: file.turns for file in report.sources},
        "left_out": {left.reason: left.count for left in report.left_out},
        "examples": {left.reason: left.example for left in report.left_out},
    }


def _say_report(report: ImportReport, workspace: Workspace, *, derived: bool) -> None:
    """Print what was read, what became of it and what was left out; `derived` when no file was read, only turns."""
    from molting_tui.curation.triage import Desk

    counts = Desk(workspace).counts()
    grown = f", {report.turns_grown:,} changed" if report.turns_grown else ""
    rows: list[tuple[str, int, str]] = [
        ("turns", report.turns, "" if derived else f"{report.turns_new:,} new{grown}"),
        ("pairs", report.pairs_new + report.pairs_known, f"{report.pairs_new:,} new, {report.pairs_known:,} known"),
    ]
    if not derived and report.files_known == report.files:
        rows = [("files", report.files, report.file_notes)]
    elif not derived:
        rows = [
            ("files", report.files, report.file_notes),
            ("sessions", report.sessions, ""),
            ("records", report.records, ""),
            *rows,
        ]
    say_table(rows, right=(1,))
    _say_news(report)
    if report.left_out:
        say_heading("Left out")
        say_left_out(report.left_out)
    say()
    for sentence in report.sentences:
        say(sentence)
    total = plural(counts.total, "pair")
    say(f"The workspace has {total} by the {report.answer.value} answer, {counts.open:,} of them open.")


def _say_news(report: ImportReport) -> None:
    """Print what came to each project, and, where there was an import before, from which files."""
    if not report.projects:
        return
    from molting_tui.curation.news import NEW, new_since, source_words

    say_heading(new_since(report))
    rows = [(project.name or "no project", project.turns, project.pairs) for project in report.projects]
    rest = rows[_MOST:] if len(rows) > _MOST + 1 else []
    if rest:
        many = f"{len(rest)} others"
        rows = [*rows[:_MOST], (many, sum(turns for _, turns, _ in rest), sum(pairs for _, _, pairs in rest))]
    say_table(rows, ("project", "turns", "pairs"), right=(1, 2))
    if report.since:
        say_wrapped(source_words(report))
        say(f"They are `{NEW}`: molting pairs --where {NEW}")


def say_left_out(left_out: Iterable[LeftOut]) -> None:
    """Print each reason with its count, what it means, and an example below it."""
    from molting_tui.curation.reasons import meaning

    rows = tuple(left_out)
    wide = max((len(f"{left.count:,}") for left in rows), default=0)
    name = max((len(left.reason) for left in rows), default=0)
    for left in rows:
        say(_fitted(f"{left.count:>{wide},}  {left.reason:<{name}}  {meaning(left.reason)}"))
        if left.example:
            example = _fitted(f"{'':>{wide}}  {'':<{name}}  e.g. {show_line(left.example, 300)}")
            say(styled(example, "dim") if colours_wanted() else example)


def _fitted(line: str) -> str:
    width = terminal_width()
    return cut(line, width) if width else line
