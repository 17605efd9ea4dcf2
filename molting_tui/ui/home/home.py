"""Home: where one stands, and the next step."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip
from textual.worker import get_current_worker

from molting_tui.errors import Cancelled, MoltingError
from molting_tui.records.progress import Progress
from molting_tui.text import plural
from molting_tui.ui import keymap, look
from molting_tui.ui.frame import ReadingScreen
from molting_tui.ui.home.home_lines import home_lines
from molting_tui.ui.paragraphs import line
from molting_tui.ui.widgets.lines import Lines
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.curation.import_report import ImportReport
    from molting_tui.overview.standing import Standing
    from molting_tui.overview.way import Way
    from molting_tui.records.pairs import FlagChanges

FURTHER = ("app.datasets", "app.train", "app.score", "app.battle", "app.results", "app.statistics")
"""The actions of other screens that the keys line names here: home is where one learns of them."""
LOOK_AGAIN_SECONDS = 2.0
"""How often to look at the runs that are at work. Nothing is painted where nothing has changed."""
_IDLE_LOOKS = 5  # where none is, whether one is there now is looked at once in so many looks


class HomeScreen(ReadingScreen):
    """The way from sessions to a scored model, how far it is gone, and what to do next."""

    KEYS = keymap.HOME
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.HOME)]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.text = Lines(id="text")
        self._way: Way | None = None
        self._standing: Standing | None = None
        self._notes: tuple[str, ...] = ()
        self._looks = 0
        self._looking = False

    def body(self) -> ComposeResult:
        """The text."""
        yield self.text

    def on_mount(self) -> None:
        """Look again and again, while a run is at work; make the flags whole, where a migration left them half made."""
        self.set_interval(LOOK_AGAIN_SECONDS, self._look_again)
        self.call_after_refresh(self._finish_flags)  # the first frame doesn't wait for it

    @work(thread=True, exit_on_error=False, group="flags")
    def _finish_flags(self) -> None:
        """Go on with flags that are being made anew, and say what changed; leaving the workbench stops it."""
        # What the first frame doesn't need is loaded where it is used: rules, readers, writers, questions.
        from molting_tui.curation import flagging

        worker, painted = get_current_worker(), 0.0

        def report(progress: Progress) -> None:
            nonlocal painted
            if worker.is_cancelled:
                raise Cancelled("The workbench was left.")
            if time.monotonic() - painted >= LOOK_AGAIN_SECONDS:
                painted = time.monotonic()
                self.app.call_from_thread(self.say, flagging.progress_sentence(progress))

        try:
            changes = flagging.finish(self.workspace, report)
        except Cancelled:
            return  # the next molting goes on
        except MoltingError as error:
            self.app.call_from_thread(self.say, error.sentence())
            return
        if changes is not None:
            self.app.call_from_thread(self._flagged, changes)
        elif painted:
            self.app.call_from_thread(self._whole)

    def _whole(self) -> None:
        """Say no more how far it is: it is done, and changed no flag."""
        self.status.clear()
        self._count()

    def _flagged(self, changes: FlagChanges) -> None:
        from molting_tui.curation import flagging

        self._count()
        self.say(f"The flags were made anew by this version's rules. {flagging.changes_sentence(changes)}")

    def on_resize(self) -> None:
        """Paint at the new width."""
        self._paint()

    def on_screen_resume(self) -> None:
        """Count again: another screen may have changed everything."""
        self._keep_result_back()
        self._paint()
        self.call_after_refresh(self._count)  # it would take turns with the painting of the first frame

    def _keep_result_back(self) -> None:
        """Tell no result that was counted before somebody began to score blind; counting it again would be too late."""
        if self._standing is None or self._standing.result is None:
            return
        from molting_tui.evaluation.results.last_verdict import kept_back

        try:
            hidden = kept_back(self.workspace)
        except MoltingError:  # said by whoever counts
            hidden = True
        if hidden:
            self._standing = self._standing._replace(result=None)

    def _count(self) -> None:
        self.in_background("home", self._way_so_far, self._counted)

    def _way_so_far(self) -> Way:
        from molting_tui.overview.way import way

        return way(self.workspace)

    def _counted(self, way: Way) -> None:
        """Show what was counted, and count what takes longer."""
        self._recounted(way)
        if self.is_attached:
            self.in_background("standing", self._standing_now, self._told)

    def _recounted(self, way: Way) -> None:
        self._way = way
        self._paint()

    def _standing_now(self) -> Standing:
        from molting_tui.overview.standing import standing

        return standing(self.workspace)

    def _told(self, standing: Standing) -> None:
        """Show the rest, and look for what the rules tell."""
        self._standing = standing
        self._paint()
        if self.is_attached:
            self.in_background("notes", self._notes_now, self._noted)

    def _notes_now(self) -> tuple[str, ...]:
        from molting_tui.overview.pairs import notes_by_rules

        return notes_by_rules(self.workspace)

    def _noted(self, notes: tuple[str, ...]) -> None:
        if notes != self._notes:
            self._notes = notes
            self._paint()

    def _look_again(self) -> None:
        self._looks += 1
        if self.app.screen is not self or self._way is None or self._looking:
            return
        if self._way.at_work or self._looks % _IDLE_LOOKS == 0:
            self._looking = True
            self._look_at_runs(self._way)

    @work(thread=True, exit_on_error=False, group="runs")
    def _look_at_runs(self, before: Way) -> None:
        from molting_tui.runs.listing import runs_at_work

        try:
            at_work = tuple(runs_at_work(self.workspace))
        except MoltingError:
            return  # said by whoever counts
        finally:
            self._looking = False
        if [(run.id, run.state) for run in at_work] != [(run.id, run.state) for run in before.at_work]:
            self.app.call_from_thread(self._count)
        elif at_work != before.at_work:
            self.app.call_from_thread(self._recounted, before._replace(at_work=at_work))

    def _paint(self) -> None:
        self.text.show_lines(self._lines(self.size.width), top=self.text.top)
        self.paint_frame("Home", also=FURTHER)

    def _lines(self, width: int) -> Iterable[Strip]:
        if self._way is None:
            return [line("")]
        return home_lines(self._way, width, self._standing, self._notes, height=self.size.height)

    def where(self, width: int) -> Strip:
        """Whether the page goes on."""
        return line((" j more below" if self.text.more_below else "", look.DIM))

    def action_info(self) -> None:
        """What the workspace is: where it lies, how large it is, its versions and settings."""
        from molting_tui.overview.about import about
        from molting_tui.ui.dialogs.reader import PageScreen
        from molting_tui.ui.home.report import about_lines

        self.app.push_screen(PageScreen("Workspace", partial(about_lines, about(self.workspace))))

    async def action_go(self) -> None:
        """Go to the pairs: to those that the latest import brought, as long as some of them are open."""
        new = self._way is not None and self._way.pairs.new_wait
        await self.app.run_action("app.triage_where('is:new')" if new else "app.triage")

    def action_import_files(self) -> None:
        """Ask what to import, and import it."""
        from molting_tui.ui.home.importing import ask_and_import

        ask_and_import(self, self._imported)

    def _imported(self, report: ImportReport | None) -> None:
        self._count()
        if report is not None:
            self.say(f"{plural(report.pairs_new, 'new pair')}, {plural(report.files_known, 'file')} known already.")
            from molting_tui.ui.home.importing import imported_page

            self.app.push_screen(imported_page(self.app, report))

    def action_export_file(self) -> None:
        """Ask which of the kept pairs to write where, and write them."""
        from molting_tui.ui.export.steps import ask_to_export

        ask_to_export(self, self.workspace)
