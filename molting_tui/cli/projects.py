"""`molting projects`: the projects of the workspace, and what is to be decided in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json, say_table
from molting_tui.cli.running import Command, finish_flags, json_option, where_option, workspace_here

if TYPE_CHECKING:
    from molting_tui.records.imports import Project


@click.command(
    cls=Command,
    examples=(
        "molting projects",
        "molting projects --where 'state:open is:flagged'",
        "molting projects --json | jq '.[] | select(.open > 0) | .filter'",
    ),
)
@where_option("Count only the pairs that match.")
@json_option()
def projects(where: str, as_json: bool) -> None:
    """List the projects: pairs, open, kept, flagged, new with the latest import, and the day of the newest.

    Those with the most open pairs come first. `project=NAME` in a filter is exactly one of them, `project:NAME` all
    whose names have that in them.
    """
    from molting_tui.curation.projects import filter_of, projects

    with workspace_here() as workspace:
        finish_flags(workspace)
        listed = projects(workspace, where)
    if as_json:
        say_json([_fields(project, filter_of(project)) for project in listed])
    elif not listed:
        say("No pair matches." if where else "There are no pairs yet: molting import")
    else:
        say_table(
            [(p.pairs, p.open, p.keep, p.flagged, p.new, p.day or "unknown", p.name or "no project") for p in listed],
            ("pairs", "open", "kept", "flagged", "new", "newest", "project"),
            right=range(5),
        )


def _fields(project: Project, filter_text: str) -> dict[str, object]:
    return {
        "project": project.name,
        "pairs": project.pairs,
        "state": {"open": project.open, "keep": project.keep, "drop": project.drop},
        "flagged": project.flagged,
        "new": project.new,
        "newest": project.newest or None,
        "filter": filter_text,
    }
