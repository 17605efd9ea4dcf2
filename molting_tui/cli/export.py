"""`molting export`: what was kept, as a file that other trainers load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_heading, say_json, say_table
from molting_tui.cli.running import (
    Command,
    ask_to_replace,
    finish_flags,
    json_option,
    where_option,
    workspace_here,
    workspace_with_flags,
)
from molting_tui.cli.watching import watched
from molting_tui.text import plural, show_line, show_path

if TYPE_CHECKING:
    from molting_tui.datasets.export.export import ExportReport, Foreseen
    from molting_tui.datasets.export.formats import Format
    from molting_tui.workspace import Workspace

FORMATS = ("sharegpt", "alpaca", "messages", "parquet")


@click.command(
    cls=Command,
    examples=(
        "molting export claudio.json",
        "molting export train.jsonl --format messages --where 'lang:pt -tag:test'",
        "molting export claudio.parquet        # the name says the format, as alpaca.json does",
        "molting export shared.json --mask     # with secrets and personal data masked",
        "molting export starred.json --where is:starred --dry-run",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: what the name says (alpaca.json), else sharegpt."
)
@where_option("Only those of the kept pairs that match.")
@click.option("--mask", is_flag=True, help="Mask secrets and personal data in the file; the workspace keeps them.")
@click.option("--dry-run", is_flag=True, help="Say what would be written and what not, and write nothing.")
@click.option("--force", is_flag=True, help="Replace a file that isn't an export, or was changed since.")
@json_option()
def export(file: Path, form: str | None, where: str, mask: bool, dry_run: bool, force: bool, as_json: bool) -> None:
    """Write the kept pairs into FILE, rewrites applied.

    A .json file is one array, a .jsonl file has one value a line. Beside FILE stands a manifest with counts, filter and
    digests. The old FILE stays until the new one is complete; one that isn't an export as it was written is replaced
    only with --force, or after a question. A secret that isn't masked refuses the export (exit code 1).
    """
    from molting_tui.datasets.export.destination import checked_format, format_of_name
    from molting_tui.datasets.export.export import export as write

    chosen = checked_format(form or format_of_name(file.name))
    if dry_run:
        _foresee(chosen, where, mask, as_json)
        return
    with workspace_here() as workspace:
        finish_flags(workspace)
        replace = force or _may_replace(workspace, file, chosen, ask=not as_json)
        with watched("Stopped. Nothing was written; an older file is as it was.") as progress:
            report = write(workspace, file, format=chosen, where=where, mask=mask, replace=replace, report=progress)
    if as_json:
        say_json(_fields(report))
    else:
        _say(report)


def _foresee(kind: Format, where: str, mask: bool, as_json: bool) -> None:
    """Print what would be written now."""
    from molting_tui.datasets.export.export import foresee

    with workspace_with_flags() as workspace, watched("Stopped.") as progress:
        foreseen = foresee(workspace, kind, where=where, mask=mask, report=progress)
    if as_json:
        left_out = {left.reason: left.count for left in foreseen.left_out}
        say_json(foreseen._asdict() | {"format": kind, "left_out": left_out, "warnings": list(foreseen.warnings)})
        return
    say(f"{plural(foreseen.pairs, 'pair')} would be written as {kind}")
    if foreseen.matching > foreseen.kept:
        say(f"{plural(foreseen.matching, 'pair matches', 'pairs match')} the filter, {foreseen.kept:,} of them kept")
    _say_rest(foreseen)


def _may_replace(workspace: Workspace, file: Path, kind: Format, *, ask: bool) -> bool:
    """Whether a person at a terminal lets the file be replaced that stands there; False where none has to be. Raises
    WouldReplace where there is nobody to ask, and for a no."""
    from molting_tui.datasets.export.destination import WouldReplace, destination

    try:
        destination(workspace, file, kind)
    except WouldReplace as error:
        ask_to_replace(error, ask=ask)
        return True
    return False


def _fields(report: ExportReport) -> dict[str, object]:
    return {
        "file": str(report.path),
        "manifest": str(report.manifest),
        "format": report.format,
        "pairs": report.pairs,
        "left_out": {left.reason: left.count for left in report.left_out},
        "masked": report.masked,
        "digest": report.digest,
        "dataset_digest": report.dataset_digest,
        "warnings": list(report.warnings),
    }


def _say(report: ExportReport) -> None:
    say(f"{plural(report.pairs, 'pair')} as {report.format} in {show_path(report.path)}")
    say(f"manifest: {show_path(report.manifest)}")
    _say_rest(report)


def _say_rest(report: ExportReport | Foreseen) -> None:
    """Print what was masked, left out, and what to know of it."""
    from molting_tui.datasets.export.formats import WHY

    if report.masked:
        say(f"{plural(report.masked, 'secret or personal detail', 'secrets and personal details')} masked")
    if report.left_out:
        say_heading("Kept, but not in the file")
        say_table(
            ((left.count, left.reason, WHY.get(left.reason, ""), f"e.g. {left.example}") for left in report.left_out),
            right=(0,),
        )
    for warning in report.warnings:
        say(f"Note: {show_line(warning, 400)}")
