"""`molting report`: the versions of a model in one table, and the page to publish."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import harmless, say, say_json, tell
from molting_tui.cli.running import Command, ask_to_replace, json_option, workspace_with_results
from molting_tui.errors import BadInput
from molting_tui.text import plural, show, show_path

if TYPE_CHECKING:
    from molting_tui.evaluation.reports.writing import PageFormat
    from molting_tui.records.reports import Report

_SEEN = "You are shown whose answers these are: from now on your ratings of them aren't stored as blind."
_FORMATS = ("markdown", "html", "json")


@click.command(
    cls=Command,
    examples=(
        "molting report                        # Markdown, to read here",
        "molting report -o report.html         # one page that stands alone, charts in it",
        "molting report --rubric four-criteria --format markdown -o report.md",
        "molting report --json | jq '.versions[] | {name, changes: .changes.sentence}'",
    ),
)
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric; else the one last scored by.")
@click.option(
    "--questions", "sets", multiple=True, metavar="SET", help="Only answers to this question set; repeatable."
)
@click.option("--language", default="", metavar="CODE", help="Only answers to questions in this language (pt, en).")
@click.option("--format", "form", type=click.Choice(_FORMATS), help="Default: what FILE's ending says, else markdown.")
@click.option("-o", "--output", "file", type=click.Path(path_type=Path), metavar="FILE", help="Write it into FILE.")
@click.option("--answers", is_flag=True, help="With the answers' words; they count as seen by you.")
@click.option("--unblind", is_flag=True, help="Though blind scoring goes on: logged, and what follows isn't blind.")
@click.option("--force", is_flag=True, help="Replace FILE if it stands there.")
@json_option()
def report(
    rubric_name: str,
    sets: tuple[str, ...],
    language: str,
    form: str | None,
    file: Path | None,
    answers: bool,
    unblind: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Put every version into one table: what it was made of, what changed, how it scored.

    Versions are training runs with their contenders, score sheets, and totals of old reports (molting results import),
    which are told apart and never compared as measured. Every figure comes from what is stored. Nothing is told while
    blind scoring has open answers.
    """
    from molting_tui.evaluation.reports.versions import report as everything
    from molting_tui.evaluation.results.table import chosen_rubric

    chosen = _format(form, file, as_json)
    with workspace_with_results() as (workspace, taken):
        rubric = chosen_rubric(workspace, rubric_name)
        made = everything(workspace, rubric, sets=sets, language=language, unblind=unblind, with_answers=answers)
        for problem in taken.problems:
            tell(f"molting: {show(problem)}")
        if answers:
            tell(f"molting: {_SEEN}")
        if file is not None:
            _write(file, chosen, _page(made, chosen), force=force, ask=not as_json, versions=len(made.versions))
            return
    if chosen == "json":
        from molting_tui.evaluation.reports.fields import report_fields

        say_json(report_fields(made))
    else:
        sys.stdout.write(_page(made, chosen))


def _format(form: str | None, file: Path | None, as_json: bool) -> PageFormat:
    """The format that was asked for, or that the file's name says."""
    from molting_tui.evaluation.reports.writing import format_of_name

    if as_json and form not in (None, "json"):
        raise BadInput("--json and --format name two formats.", fix="Leave one away.")
    named = format_of_name(file.name) if file is not None else None
    chosen = "json" if as_json else form or named or "markdown"
    if chosen == "html":
        return "html"
    return "json" if chosen == "json" else "markdown"


def _page(made: Report, form: PageFormat) -> str:
    """The report as a text in a format."""
    if form == "json":
        import json

        from molting_tui.evaluation.reports.fields import report_fields

        return harmless(json.dumps(report_fields(made), ensure_ascii=False, indent=2)) + "\n"
    from molting_tui.evaluation.reports.page import blocks_of

    if form == "html":
        from molting_tui.evaluation.reports.html_page import html_page

        return html_page(blocks_of(made))
    from molting_tui.evaluation.reports.markdown import markdown

    return markdown(blocks_of(made))


def _write(file: Path, form: PageFormat, text: str, *, force: bool, ask: bool, versions: int) -> None:
    """Write the page; where a file stands, a person at a terminal is asked."""
    from molting_tui.datasets.export.destination import WouldReplace
    from molting_tui.evaluation.reports.writing import write_page

    try:
        path = write_page(file, form, text, replace=force)
    except WouldReplace as error:
        ask_to_replace(error, ask=ask)
        path = write_page(file, form, text, replace=True)
    say(f"{plural(versions, 'version')} as {form} in {show_path(path)}")
