"""Train: the runs, and the one that is watched. A run is a process of its own: nothing here keeps it alive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget

from molting_tui.errors import MoltingError
from molting_tui.runs.run_state import ACTIVE
from molting_tui.text import plural
from molting_tui.ui import keymap, look
from molting_tui.ui.background import in_background
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.list_screen import ListScreen, TextSide
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.train.log_pane import LogPane
from molting_tui.ui.train.log_search import LogSearch
from molting_tui.ui.train.run_lines import run_lines, top_figure
from molting_tui.ui.train.run_list import RunList
from molting_tui.ui.train.run_steps import NO_RUN, RunSteps
from molting_tui.ui.train.shown_run import ShownRun, first_look, next_look
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.runs.listing import RunLine

LOOK_SECONDS = 0.25
"""How often a living run is looked at."""
_IDLE_LOOKS = 4  # a run that has ended is looked at once in so many looks
_LIST_LOOKS = 8  # and the list is read
_CELLS_A_LOOK = 8_000


class TrainScreen(ListScreen):
    """The list of runs; of one of them state, progress, figures and log; what is done with them."""

    KEYS = keymap.TRAIN
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TRAIN)]
    THING = "run"
    NOTHING = NO_RUN
    ENDS = ("This is the first run.", "This is the last run.")
    PALETTE = (
        ("End this run at once…", "Asked first; what came after its last checkpoint is lost", "screen.stop(True)"),
    )

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._list = RunList(id="runs")
        self._head = Lines(id="run")
        self._rule = Bar(id="rule")
        self.text = self._log = LogPane(id="log")
        self._steps = RunSteps(workspace, self)
        self._chosen = ""  # the id of the run that is to be looked at
        self._shown: ShownRun | None = None
        self._trouble = ""  # why there is none, where one was chosen
        self._search: LogSearch | None = None
        self._looking = self._again = False
        self._looks = 0

    def sides(self) -> tuple[Widget, TextSide]:
        """The list, and the run with its log."""
        return self._list, TextSide(self._head, self._rule, self._log)

    def cursor_of(self) -> tuple[int, int]:
        """Which run is looked at, and how many there are."""
        return self._list.cursor, len(self._list.items)

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(LOOK_SECONDS, self._tick)

    def on_screen_resume(self) -> None:
        """Look at once: something may have happened meanwhile."""
        self._look(listing=True)

    @property
    def shown(self) -> ShownRun | None:
        """The run that is looked at."""
        return self._shown

    def go_to(self, run_id: str) -> None:
        """Look at another run, one that the list may not have yet."""
        self._chosen = run_id
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
        if self._shown is None or not self._shown.now.active:
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
            runs = list_runs(self.workspace)
            if runs != self._list.items or not self.listed:
                self.app.call_from_thread(self._listed, runs)
        try:
            now = self._look_at_chosen()
        except MoltingError as error:  # a folder that is no run, or a torn one: the others are there all the same
            self.app.call_from_thread(self._saw_nothing, error.sentence())
            return
        if now is not None and now != self._shown:
            self.app.call_from_thread(self._saw, now)

    def _look_at_chosen(self) -> ShownRun | None:
        """What there is to be seen of the chosen run."""
        from molting_tui.runs.listing import find_run

        chosen, before, search = self._chosen, self._shown, self._search
        if not chosen:
            return None
        if before is None or before.run.id != chosen:
            return first_look(find_run(self.workspace, chosen))
        now = next_look(before)
        if search is not None and search.log is now.log:
            search.read_on()
        return now

    def _listed(self, runs: list[RunLine]) -> None:
        self.list_came()
        if self._chosen not in [run.id for run in runs]:
            living = [run for run in runs if run.state in ACTIVE]
            self._chosen = next((run.id for run in living or runs), "")
        self.paint(runs)

    def _saw(self, now: ShownRun) -> None:
        if not self.is_attached or now.run.id != self._chosen:
            return
        before, self._shown, self._trouble = self._shown, now, ""
        if before is None or before.log is not now.log:
            self.end_search()
            self._log.show_log(now.log)
        else:
            self._log.grew()
        if before is not None and before.now.state != now.now.state:
            self._again = True  # the list says it too
        self.paint()

    def _saw_nothing(self, trouble: str) -> None:
        if not self.is_attached or trouble == self._trouble:
            return
        self._shown, self._trouble = None, trouble
        self.end_search()
        self._log.show_log(None)
        self.paint()

    # Painting

    def paint(self, runs: Sequence[RunLine] | None = None) -> None:
        """Paint list and run as they are now, or with other runs in the list."""
        if not self.is_attached:
            return
        listed = self._list.items if runs is None else runs
        self._list.show_items(listed, next((place for place, run in enumerate(listed) if run.id == self._chosen), 0))
        width = self._head.size.width
        lines = self._head_lines(width) if width else []
        if lines:
            self._head.styles.height = len(lines)
            self._head.show_lines(lines)
        self._paint_bars()

    def _head_lines(self, width: int) -> list[Strip]:
        shown = self._shown
        if shown is not None:
            most = 1 if self.size.height < 30 else 3
            return run_lines(shown.run, shown.now, shown.warnings, width, most)
        if self._trouble:
            return list(paragraphs(self._trouble, width - 1, indent=1, base=look.WRONG))
        if self.listed and not self._list.items:
            return list(paragraphs(NO_RUN, width - 1, indent=1))
        return [line("")]

    def _paint_bars(self) -> None:
        shown = self._shown
        self._rule.show(self._rule_line(self._rule.size.width))
        self.paint_frame("Train", top_figure(shown.run, shown.now, self.size.width) if shown is not None else "")

    def _rule_line(self, width: int) -> Strip:
        """The line above the log: which part of it is seen, and how much is new below."""
        log, total = self._log, len(self._shown.log) if self._shown is not None else 0
        if log.following:
            ended = self._shown is not None and not self._shown.now.active
            words = f"{'the end' if ended else 'following'} · {plural(total, 'line')}"
        else:
            new = f" · {log.unread:,} new below" if log.unread else ""
            words = f"line {min(log.first_line + 1, total):,} of {total:,}{new} · G follows"
        text = fit(f" log · {words} ", width - 4)
        return line((look.RULE * (width - len(text) - 2) + text + look.RULE * 2, look.DIM))

    def where(self, width: int) -> Strip:
        """The place in the list, and in the hits of a search."""
        parts = self.place_words()
        if self._search is not None:
            parts.append(self._search.sentence())
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    def choose(self, place: int) -> None:
        """Look at another run."""
        self._chosen = self._list.items[place].id
        self.paint()
        self._look(listing=False)

    # The log

    def action_follow(self) -> None:
        """To the end of the log, and on with it."""
        self.status.clear()
        self._log.follow()
        self._paint_bars()

    def scrolled(self) -> None:
        """Paint which part of the log is seen."""
        self._paint_bars()

    def action_search(self) -> None:
        """Ask for words."""
        shown = self._shown
        if shown is None:
            self.say(NO_RUN)
            return

        def answered(words: str | None) -> None:
            if words is not None:
                self.status.clear()
                self.end_search()
                if words.strip():
                    self._begin_search(LogSearch(words.strip(), shown.log))
                self._paint_bars()

        hints = ("Words of one line, in any case. n and N go to the next and previous hit. Empty ends the search.",)
        value = self._search.words if self._search is not None else ""
        self.app.push_screen(AskScreen("Search the log for", suggestion=value, hints=hints), answered)

    def _begin_search(self, search: LogSearch) -> None:
        """Search the log in the background, then go to a hit; nothing happens if another log is shown by then."""

        def other_log() -> bool:
            return self._shown is None or self._shown.log is not search.log

        def searched(_: None) -> None:
            if other_log():
                return
            if not search.hits:
                self.say(f"No line of the log has {search.words}.")
                return
            self._search = search
            self._log.mark(search.pattern)
            # From the end one looks back, from anywhere else on.
            self._go_to_line(search.begin(self._log.first_line, backwards=self._log.following))

        in_background(self, "search", lambda: search.read(other_log), searched, self.say)

    def end_search(self) -> bool:
        """Forget the searched words; False where none are searched for."""
        searching = self._search is not None
        self._search = None
        self._log.mark(None)
        if searching:
            self._paint_bars()
        return searching

    def action_hit(self, step: int) -> None:
        """Next or previous line of the log with a hit."""
        if self._search is None:
            self.say("/ searches first.")
            return
        self.status.clear()
        self._go_to_line(self._search.step(step))

    def _go_to_line(self, number: int) -> None:
        self._log.go_to(number)
        self._paint_bars()

    def action_info(self) -> None:
        """Everything about the run."""
        from molting_tui.ui.train.run_info import RunInfoScreen

        shown = self._shown
        if shown is None:
            self.say(NO_RUN)
        else:
            self.app.push_screen(RunInfoScreen(shown.run, shown.now, shown.warnings))

    # What is done

    def action_start(self) -> None:
        """Show what a training run would do, and start it."""
        self._steps.start()

    def action_stop(self, kill: bool = False) -> None:
        """Ask, then tell the run to save and leave; with `kill` end it at once."""
        self._steps.stop(kill)

    def action_answer(self) -> None:
        """Ask which questions, and have the model of this run and its base answer them."""
        self._steps.ask_questions()
