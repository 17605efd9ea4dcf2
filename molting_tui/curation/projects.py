"""The projects of a workspace: how many pairs each has, what is to be decided there, and how to name exactly one."""

from __future__ import annotations

from molting_tui.curation.filter_names import read_filter
from molting_tui.curation.filters import whole_name
from molting_tui.records.imports import Project
from molting_tui.store import statistics
from molting_tui.store.filters import UNNAMED
from molting_tui.workspace import Workspace


def projects(workspace: Workspace, filter_text: str = "") -> tuple[Project, ...]:
    """The projects of the pairs that a filter matches, those with the most open pairs first (up to a second at a
    million pairs: not for the UI thread). Raises BadFilter."""
    return tuple(statistics.projects(workspace.store, read_filter(workspace, filter_text)))


def filter_of(project: Project) -> str:
    """The filter that chooses this project and no other, or the pairs that are in none."""
    return whole_name("project", project.name or UNNAMED)
