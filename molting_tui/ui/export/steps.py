"""An export from the workbench: the form, the question before a file is replaced, the writing, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from molting_tui.curation.filters import in_state
from molting_tui.curation.last_choices import last_choice, remember_choice
from molting_tui.datasets.export.destination import what_stands
from molting_tui.datasets.export.export import ExportReport
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.ask import ConfirmScreen, WorkScreen
from molting_tui.ui.dialogs.reader import PageScreen
from molting_tui.ui.export.form import ExportPlan, ExportScreen
from molting_tui.ui.home.report import export_lines
from molting_tui.ui.sight import ScreenSight
from molting_tui.workspace import Workspace


def ask_to_export(sight: ScreenSight, workspace: Workspace, listed: str | None = None) -> None:
    """Ask what to export, as it was exported last, and do it; with `listed`, the filter of a list, of what is kept
    there."""
    values = last_choice(workspace, "export")
    if listed is not None:
        values["where"] = in_state(listed, "keep")
    _Export(sight, workspace).ask(values)


class _Export:
    """One export on its way, from the form to the report."""

    def __init__(self, sight: ScreenSight, workspace: Workspace) -> None:
        self._sight = sight
        self._workspace = workspace
        self._values: Mapping[str, str] = {}

    def ask(self, values: Mapping[str, str]) -> None:
        """Show the form with these values."""
        self._sight.app.push_screen(ExportScreen(self._workspace, values), self._planned)

    def _planned(self, plan: ExportPlan | None) -> None:
        if plan is None:
            return
        remember_choice(self._workspace, "export", plan.values)
        what = partial(what_stands, self._workspace, plan.target(self._workspace), plan.format)
        self._sight.in_background("replacing", what, lambda stands: self._ask_to_replace(plan, stands))

    def _ask_to_replace(self, plan: ExportPlan, stands: str) -> None:
        if not stands:
            self._write(plan, replace=False)
            return
        question = f"{show_line(Path(plan.name).name, 60)}: {stands} Replace it?"
        self._sight.app.push_screen(
            ConfirmScreen(question), lambda yes: self._write(plan, replace=True) if yes else self.ask(plan.values)
        )

    def _write(self, plan: ExportPlan, *, replace: bool) -> None:
        title = f"Exporting {show_line(plan.name, 60)}"
        write = partial(plan.write, self._workspace, replace)
        self._sight.app.push_screen(WorkScreen["ExportReport"](title, write, failed=self._sight.say), self._written)

    def _written(self, report: ExportReport | None) -> None:
        if report is not None:
            self._sight.say(f"{plural(report.pairs, 'pair')} written to {report.path}")
            self._sight.app.push_screen(PageScreen("Export", partial(export_lines, report)))
