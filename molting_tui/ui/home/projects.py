"""The projects with what is open in each: typing narrows them, enter goes to the pairs of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from molting_tui.curation.projects import filter_of, projects
from molting_tui.records.imports import Project
from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.background import in_background
from molting_tui.ui.dialogs.ask import QUIT
from molting_tui.ui.dialogs.entry import Entry
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Workspace

_HEAD = ("pairs", "open", "kept", "flagged", "new", "newest")
_MOST_LINES = 20
"""Lines of the list: as many as there are projects, but for these, and what the screen has room for."""


class ProjectsScreen(ModalScreen[str | None]):
    """Asks for a project. Enter answers with the filter that chooses its pairs, escape with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False, id="ask.leave"),
        Binding("down,ctrl+n", "row(1)", "next", show=False, id="projects.next"),
        Binding("up", "row(-1)", "previous", show=False, id="projects.previous"),
        Binding("pagedown", "page(1)", "page down", show=False, id="projects.page_down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="projects.page_up"),
        QUIT,
    ]
    AUTO_FOCUS = "Input"
    listed = False
    """Whether the projects have been counted: until then the next key waits."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._all: Sequence[Project] = ()
        self._rows: Sequence[Project] = ()
        self._cursor = 0
        self._wrong = ""

    def compose(self) -> ComposeResult:
        """The question, the line to type into, the list."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            yield Entry(placeholder="type to narrow")
            yield Bar(id="head")
            yield Lines(id="rows")

    def on_mount(self) -> None:
        """Count."""
        in_background(self, "projects", lambda: projects(self._workspace), self._counted, self._failed)
        self._paint()

    def on_resize(self) -> None:
        """Paint at the new size."""
        self._paint()

    def _counted(self, listed: Sequence[Project]) -> None:
        self.listed = True
        self._all = listed
        self._narrow(self.query_one(Input).value)

    def _failed(self, sentence: str) -> None:
        self.listed, self._wrong = True, sentence
        self._paint()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def _narrow(self, typed: str) -> None:
        wanted = typed.strip().casefold()
        self._rows = [project for project in self._all if wanted in _name(project).casefold()]
        self._cursor = 0
        self._paint()

    def _paint(self) -> None:
        if not self.query("#rows"):  # left before it stood
            return
        width = self.size.width
        rows = self.query_one("#rows", Lines)
        room = max(min(len(self._all) or 1, _MOST_LINES, self.size.height - 6), 1)
        rows.styles.height = room
        many = f"{len(self._rows):,} of {len(self._all):,}" if self.listed else "counting…"
        self.query_one("#question", Bar).show(
            line((" Which project?", look.TITLE), (f"   {many} · enter: its pairs · ↑ ↓ · esc: no", look.DIM))
        )
        cells = [_HEAD, *(_figures(project) for project in self._rows)]
        widths = [max(cell_len(row[place]) for row in cells) for place in range(len(_HEAD))]
        self.query_one("#head", Bar).show(line((fit("   " + _joined(_HEAD, widths) + "  project", width), look.DIM)))
        top = min(max(self._cursor - room // 2, 0), max(len(self._rows) - room, 0))
        strips = [self._line(place, project, widths, width) for place, project in enumerate(self._rows)]
        nothing = self._wrong or ("No project is called so." if self._all else "There are no pairs yet.")
        rows.show_lines(strips or [line((f" {nothing if self.listed else ''}", look.DIM))], top=top)

    def _line(self, place: int, project: Project, widths: Sequence[int], width: int) -> Strip:
        here = place == self._cursor
        style = look.BOLD if here else look.PLAIN
        figures = _joined(_figures(project), widths)
        name = fit(_name(project), width - len(figures) - 6)
        sign = Segment(f" {look.HERE_SIGN} " if here else "   ", look.MESSAGE)
        return Strip([sign, Segment(f"{figures}  {name}", style)])

    def action_row(self, step: int) -> None:
        """Another project."""
        if self._rows:
            self._cursor = (self._cursor + step) % len(self._rows)
            self._paint()

    def action_page(self, pages: int) -> None:
        """A page of projects on."""
        if self._rows:
            step = pages * max(self.query_one("#rows", Lines).size.height - 1, 1)
            self._cursor = min(max(self._cursor + step, 0), len(self._rows) - 1)
            self._paint()

    @on(Input.Submitted)
    def _answered(self) -> None:
        if self._rows:
            self.dismiss(filter_of(self._rows[self._cursor]))

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)


def _name(project: Project) -> str:
    return show_line(project.name, 200) or "no project"


def _figures(project: Project) -> tuple[str, ...]:
    numbers = (project.pairs, project.open, project.keep, project.flagged, project.new)
    return (*(f"{number:,}" for number in numbers), project.day or "unknown")


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
