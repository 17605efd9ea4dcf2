"""The question what to import, the import itself, and the page that tells what it brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

from molting_tui.curation.import_report import ImportReport
from molting_tui.curation.log_places import agree, folders, held, places_here
from molting_tui.curation.news import NEW
from molting_tui.errors import BadInput
from molting_tui.records.progress import Report
from molting_tui.text import show_line
from molting_tui.ui.dialogs.ask import AskScreen, WorkScreen
from molting_tui.ui.dialogs.completion import path_completion
from molting_tui.ui.dialogs.reader import PageScreen
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.home.report import import_lines
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.sources.places import Place

_JOINT = " + "
"""Between the assistants' places, where there are several: as they are suggested, and as nobody types a path."""
_MOST = 4
"""Places that are described under the question."""
_WHAT = "A folder of sessions, or a chat file (ShareGPT, Alpaca, messages). Nothing there is changed."


def ask_and_import(screen: FrameScreen[Any], then: Callable[[ImportReport | None], None]) -> None:
    """Ask what to import, the assistants' own logs suggested, and import it; `then` is told what came of it."""
    screen.in_background("import", _places, partial(_ask, screen, then))


def imported_page(app: App[Any], report: ImportReport) -> PageScreen:
    """What an import did, as a page; enter goes to the pairs that it brought."""
    brought = any(project.pairs for project in report.projects)
    go = partial(app.call_next, app.run_action, f"app.triage_where({NEW!r})") if brought else None
    return PageScreen("Import", partial(import_lines, report), go)


def _places() -> tuple[Sequence[Place], str]:
    """The assistants' places that hold anything, or the sentence that tells where they were looked for."""
    try:
        return places_here(), ""
    except BadInput as error:
        return (), f"{error.what[:1].upper()}{error.what[1:]}"


def _ask(
    screen: FrameScreen[Any],
    then: Callable[[ImportReport | None], None],
    looked: tuple[Sequence[Place], str],
) -> None:
    places, nothing = looked
    suggestion = _JOINT.join(place.shown for place in places)
    hints = [f"{place.assistant}: {show_line(place.shown, 60)}, {held(place)}." for place in places[:_MOST]]

    def chosen(path: str | None) -> None:
        if not path:
            return
        taken = folders(places) if places and path == suggestion else [Path(path).expanduser()]

        def job(report: Report) -> ImportReport:
            return _import(screen.workspace, taken, places if path == suggestion else (), report)

        screen.app.push_screen(
            WorkScreen[ImportReport](f"Importing {show_line(path, 60)}", job, failed=screen.say), then
        )

    screen.app.push_screen(
        AskScreen(
            "Import what?",
            suggestion=suggestion,
            complete=path_completion(),
            hints=(*hints, *([nothing] if nothing else []), _WHAT),
            check=lambda path: "" if places and path == suggestion else _missing(path),
        ),
        chosen,
    )


def _import(workspace: Workspace, paths: Sequence[Path], places: Sequence[Place], report: Report) -> ImportReport:
    from molting_tui.curation.importing import import_paths

    if places:
        agree(workspace, places)  # they were shown, and entered
    return import_paths(workspace, paths, report=report)


def _missing(path: str) -> str:
    try:
        there = bool(path.strip()) and Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):  # a name too long, a folder one may not look into, a `~user` that isn't
        there = False
    return "" if there else "There is no such file or folder."
