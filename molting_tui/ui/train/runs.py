"""The runs, and the one that is watched: looking and painting. What is done with them is elsewhere.

A run is a process of its own: nothing here keeps it alive.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.strip import Strip

from molting_tui.errors import MoltingError
from molting_tui.runs.run_state import ACTIVE
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.frame import keys_line, top_line
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.train.log_file import LogFile
from molting_tui.ui.train.log_pane import LogPane
from molting_tui.ui.train.run_lines import run_lines, top_figure
from molting_tui.ui.train.run_list import RunList
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.ui.widgets.status import status_text
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.runs.folder import Run
    from molting_tui.runs.listing import RunLine
    from molting_tui.runs.watching import Seen, Watch

NARROW = 100
"""Below this width the log has the screen, and the list comes and goes."""
LOOK_SECONDS = 0.25
"""How often a living run is looked at."""
_IDLE_LOOKS = 4  # a run that has ended is looked at once in so many looks
_LIST_LOOKS = 8  # and the list is read
_CELLS_A_LOOK = 8_000
NO_RUN = "No run yet. s starts one; the pairs that are kept are its data."


class Watched(NamedTuple):
    """The run that is looked at, and what was seen of it last; `frozen` are warnings from before it began."""

    run: Run
    watch: Watch
    log: LogFile
    seen: Seen
    log_bytes: int
    frozen: tuple[str, ...]

    @property
    def warnings(self) -> list[str]:
        """Everything that was warned of, as sentences (not safe to show)."""
        return [*self.frozen, *(warning.message for warning in self.seen.warnings)]


class RunsScreen(Screen[None]):
    """The list of runs; of one of them state, progress, figures and log."""

    KEYS = keymap.TRAIN
    AUTO_FOCUS = ""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._lines: list[RunLine] = []
        self._chosen = ""  # the id of the run that is to be looked at
        self._watched: Watched | None = None
        self._trouble = ""  # why there is none, where one was chosen
        self._message = ""
        self._listed_once = False
        self._looking = self._again = False
        self._looks = 0
        self._pattern: re.Pattern[str] | None = None
        self._hits: array[int] = array("Q")
        self._search = ""
        self._searched = 0
        self._hit = -1

    def compose(self) -> ComposeResult:
        """The frame."""
        yield Bar(id="top")
        with Horizontal(id="body"):
            with Vertical(id="list-side"):
                yield RunList(id="runs")
            with Vertical(id="text-side"):
                yield Lines(id="run")
                yield Bar(id="rule")
                yield LogPane(id="log")
        yield Bar(id="status")
        yield Bar(id="keys")

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.set_interval(LOOK_SECONDS, self._tick)

    def on_resize(self) -> None:
        """Choose the layout, and paint at the new size."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.call_after_refresh(self._paint)

    def on_screen_resume(self) -> None:
        """Look at once: something may have happened meanwhile."""
        self._look(listing=True)

    # Looking

    def _tick(self) -> None:
        if self.app.screen is not self or self._looking:
            return
        self._looks += 1
        listing = self._again or self._looks % _LIST_LOOKS == 0
        if listing or self._looks % self._looks_apart == 0:
            self._look(listing=listing)

    @property
    def _looks_apart(self) -> int:
        if self._watched is None or not self._watched.seen.active:
            return _IDLE_LOOKS
        # A log that streams is painted whole at each look: on a very large screen less often, for the line's sake.
        return 1 + self._log.size.area // _CELLS_A_LOOK

    def _look(self, *, listing: bool) -> None:
        if self._looking:
            self._again = True  # what is being read may be what was wanted before
            return
        self._looking, self._again = True, False
        self._read(listing)

    @work(thread=True, exit_on_error=False, group="look")
    def _read(self, listing: bool) -> None:
        """Read what is new, away from the screen; that hears of it only if there is something."""
        try:
            self._read_once(listing)
            while self._again:
                self._again = False
                self._read_once(True)
        except MoltingError as error:
            self.app.call_from_thread(self.say, error.sentence())
        finally:
            self._looking = False

    def _read_once(self, listing: bool) -> None:
        from molting_tui.runs.listing import list_runs

        if listing:
            lines = list_runs(self._workspace)
            if lines != self._lines or not self._listed_once:
                self.app.call_from_thread(self._listed, lines)
        try:
            now = self._now()
        except MoltingError as error:  # a folder that is no run, or a torn one: the others are there all the same
            self.app.call_from_thread(self._saw_nothing, error.sentence())
            return
        if now is not None and now != self._watched:
            self.app.call_from_thread(self._saw, now)

    def _now(self) -> Watched | None:
        """What there is to be seen of the chosen run."""
        from molting_tui.runs.frozen import frozen
        from molting_tui.runs.listing import find_run
        from molting_tui.runs.watching import Watch

        chosen, before = self._chosen, self._watched
        if not chosen:
            return None
        if before is not None and before.run.id == chosen:
            before.log.read_on()
            self._search_on(before.log)
            return before._replace(seen=before.watch.poll(), log_bytes=before.log.size)
        run = find_run(self._workspace, chosen)
        log, watch = LogFile(run.log), Watch(run)
        log.read_on()
        warnings = frozen(run).warnings if run.kind == "train" else ()
        return Watched(run, watch, log, watch.poll(), log.size, warnings)

    def _listed(self, lines: list[RunLine]) -> None:
        self._lines, self._listed_once = lines, True
        if self._chosen not in [run.id for run in lines]:
            living = [run for run in lines if run.state in ACTIVE]
            self._chosen = next((run.id for run in living or lines), "")
        self._paint()

    def _saw(self, now: Watched) -> None:
        if not self.is_attached or now.run.id != self._chosen:
            return
        before, self._watched, self._trouble = self._watched, now, ""
        if before is None or before.log is not now.log:
            self._end_search()
            self._log.show_log(now.log)
        else:
            self._log.grew()
        if before is not None and before.seen.state != now.seen.state:
            self._again = True  # the list says it too
        self._paint()

    def _saw_nothing(self, trouble: str) -> None:
        if not self.is_attached or trouble == self._trouble:
            return
        self._watched, self._trouble = None, trouble
        self._end_search()
        self._log.show_log(None)
        self._paint()

    @property
    def _log(self) -> LogPane:
        return self.query_one("#log", LogPane)

    @property
    def _cursor(self) -> int:
        return next((place for place, run in enumerate(self._lines) if run.id == self._chosen), 0)

    def _search_on(self, log: LogFile) -> None:
        """Search what came since the last search."""
        pattern, first = self._pattern, self._searched
        if pattern is None or log.finished <= first:
            return
        found = log.find(pattern, first)
        if pattern is self._pattern:
            last = self._hits[-1] if self._hits else -1
            self._hits.extend(number for number in found if number > last)
            self._searched = log.finished

    def _end_search(self) -> None:
        self._pattern, self._search, self._hits, self._searched, self._hit = None, "", array("Q"), 0, -1
        self._log.mark(None)

    # Painting

    def _paint(self) -> None:
        if not self.is_attached:
            return
        self.query_one("#runs", RunList).show_runs(self._lines, self._cursor)
        self._paint_head()
        self._paint_bars()

    def _paint_head(self) -> None:
        head = self.query_one("#run", Lines)
        width = head.size.width
        lines = self._head(width) if width else []
        if lines:
            head.styles.height = len(lines)
            head.show_lines(lines)

    def _head(self, width: int) -> list[Strip]:
        watched = self._watched
        if watched is not None:
            most = 1 if self.size.height < 30 else 3
            return run_lines(watched.run, watched.seen, watched.warnings, width, most)
        if self._trouble:
            return list(paragraphs(self._trouble, width - 1, indent=1, base=look.WRONG))
        if self._listed_once and not self._lines:
            return list(paragraphs(NO_RUN, width - 1, indent=1))
        return [line("")]

    def _paint_bars(self) -> None:
        width, watched = self.size.width, self._watched
        figure = top_figure(watched.run, watched.seen, width) if watched is not None else ""
        self.query_one("#top", Bar).show(top_line(self._workspace.name, "Train", figure, width))
        rule = self.query_one("#rule", Bar)
        rule.show(self._rule(rule.size.width))
        self.query_one("#status", Bar).show(self._status(width))
        self.query_one("#keys", Bar).show(keys_line(self.KEYS, width, self._workspace.settings.keys))

    def _rule(self, width: int) -> Strip:
        log, total = self._log, len(self._watched.log) if self._watched is not None else 0
        if log.following:
            ended = self._watched is not None and not self._watched.seen.active
            words = f"{'the end' if ended else 'following'} · {plural(total, 'line')}"
        else:
            new = f" · {log.unread:,} new below" if log.unread else ""
            words = f"line {min(log.first_line + 1, total):,} of {total:,}{new} · G follows"
        text = fit(f" log · {words} ", width - 4)
        return line((look.RULE * (width - len(text) - 2) + text + look.RULE * 2, look.DIM))

    def _status(self, width: int) -> Strip:
        if self._message:
            return line((fit(f" {self._message}", width), look.MESSAGE))
        parts = [f"run {self._cursor + 1:,} of {len(self._lines):,}"] if self._lines else []
        if len(self._lines) > 1 and self.has_class("-narrow"):
            parts.append("tab goes back" if self.has_class("-list") else "tab lists them")
        if self._pattern is not None:
            at = f"{bisect_left(self._hits, self._hit) + 1:,} of " if self._hit >= 0 else ""
            parts.append(f"/{show_line(self._search, 30)}: {at}{plural(len(self._hits), 'line')}")
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    def say(self, message: str) -> None:
        """Put a sentence into the status line."""
        self._message = status_text(message, self._workspace.folder)
        if self.is_attached:
            self.query_one("#status", Bar).show(self._status(self.size.width))
