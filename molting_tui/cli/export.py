"""`molting export`: what was kept, as a file that other trainers load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_heading, say_json, say_table
from molting_tui.cli.running import Command, json_option, where_option, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.text import plural, show, show_line

if TYPE_CHECKING:
    from molting_tui.datasets.export.export import ExportReport

FORMATS = ("sharegpt", "alpaca", "messages", "parquet")


@click.command(
    cls=Command,
    examples=(
        "molting export claudio.json",
        "molting export train.jsonl --format messages --where 'lang:pt -tag:test'",
        "molting export claudio.parquet        # the name says the format",
        "molting export shared.json --mask     # with secrets and personal data masked",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: sharegpt; parquet for a name in .parquet.")
@where_option("Only those of the kept pairs that match.")
@click.option("--mask", is_flag=True, help="Mask secrets and personal data in the file; the workspace keeps them.")
@json_option()
def export(file: Path, form: str | None, where: str, mask: bool, as_json: bool) -> None:
    """Write the kept pairs into FILE, rewrites applied.

    A .json file is one array, a .jsonl file has one value a line. Beside FILE stands a manifest with counts, filter and
    digests. The old FILE stays until the new one is complete. A secret that isn't masked refuses
    the export (exit code 1).
    """
    from molting_tui.datasets.export.export import export as write

    chosen = form or ("parquet" if file.suffix.lower() == ".parquet" else "sharegpt")
    with (
        workspace_here() as workspace,
        watched("Stopped. Nothing was written; an older file is as it was.") as progress,
    ):
        report = write(workspace, file, format=chosen, where=where, mask=mask, report=progress)
    if as_json:
        say_json(_fields(report))
    else:
        _say(report)


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
    from molting_tui.datasets.export.formats import WHY

    say(f"{plural(report.pairs, 'pair')} as {report.format} in {show(str(report.path))}")
    if report.masked:
        say(f"{plural(report.masked, 'secret or personal detail', 'secrets and personal details')} masked")
    say(f"manifest: {show(str(report.manifest))}")
    if report.left_out:
        say_heading("Kept, but not in the file")
        say_table(
            ((left.count, left.reason, WHY.get(left.reason, ""), f"e.g. {left.example}") for left in report.left_out),
            right=(0,),
        )
    for warning in report.warnings:
        say(f"Note: {show_line(warning, 400)}")
