"""Train: start a run, watch it, stop it, read its log, ask its model questions."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType

from molting_tui.errors import MoltingError
from molting_tui.recipe.runfolder import TrainConfig
from molting_tui.ui import keymap
from molting_tui.ui.dialogs.ask import AskScreen, ConfirmScreen, WorkScreen
from molting_tui.ui.train.runs import NO_RUN, RunsScreen, Watched

if TYPE_CHECKING:
    from molting_tui.runs.folder import Run
    from molting_tui.ui.train.asking import Questions
    from molting_tui.ui.train.starting import Plan


class TrainScreen(RunsScreen):
    """The runs, and what is done with them."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TRAIN)]
    PALETTE = (
        ("End this run at once…", "Asked first; what came after its last checkpoint is lost", "screen.stop(True)"),
    )

    # Which run

    def action_move(self, step: int) -> None:
        """Next or previous run."""
        self._choose(self._cursor + step)

    def action_end(self, last: int) -> None:
        """First or last run."""
        self._choose(len(self._lines) - 1 if last else 0)

    def _choose(self, place: int) -> None:
        self._message = ""
        if not self._lines:
            self.say(NO_RUN)
        elif not 0 <= place < len(self._lines):
            self.say("This is the first run." if place < 0 else "This is the last run.")
        else:
            self._chosen = self._lines[place].id
            self._paint()
            self._look(listing=False)

    # The log

    def action_follow(self) -> None:
        """To the end of the log, and on with it."""
        self._message = ""
        self._log.follow()
        self._paint_bars()

    def action_scroll(self, lines: int) -> None:
        """Scroll the log."""
        self._log.scroll_by(lines)
        self._paint_bars()

    def action_page(self, pages: float) -> None:
        """Scroll the log by pages."""
        self._log.scroll_page(pages)
        self._paint_bars()

    def action_search(self) -> None:
        """Ask for words."""
        watched = self._watched
        if watched is None:
            self.say(NO_RUN)
            return

        def answered(words: str | None) -> None:
            if words is not None:
                self._message = ""
                self._end_search()
                if words.strip():
                    self._find(watched, words.strip())
                self._paint_bars()

        hints = ("Words of one line, in any case. n and N go to the next and previous hit. Empty ends the search.",)
        self.app.push_screen(AskScreen("Search the log for", value=self._search, hints=hints), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="search")
    def _find(self, watched: Watched, words: str) -> None:
        pattern = re.compile(re.escape(words), re.IGNORECASE)
        searched = watched.log.finished
        hits = watched.log.find(pattern, 0, lambda: self._watched is None or self._watched.log is not watched.log)
        self.app.call_from_thread(self._found, watched, words, pattern, hits, searched)

    def _found(self, watched: Watched, words: str, pattern: re.Pattern[str], hits: array[int], searched: int) -> None:
        if self._watched is None or self._watched.log is not watched.log:
            return
        if not hits:
            self.say(f"No line of the log has {words}.")
            return
        self._search, self._pattern, self._hits, self._searched = words, pattern, hits, searched
        self._log.mark(pattern)
        # From the end one looks back, from anywhere else on.
        here = self._log.first_line
        self._go_to_hit(
            len(hits) - 1 if self._log.following else next((n for n, hit in enumerate(hits) if hit >= here), 0)
        )

    def action_hit(self, step: int) -> None:
        """Next or previous line of the log with a hit."""
        if self._pattern is None or not self._hits:
            self.say("/ searches first.")
            return
        self._message = ""
        here = bisect_left(self._hits, max(self._hit, 0))
        self._go_to_hit((here + step) % len(self._hits))

    def _go_to_hit(self, place: int) -> None:
        self._hit = self._hits[place]
        self._log.go_to(self._hit)
        self._paint_bars()

    # The screen

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        self.toggle_class("-list" if self.has_class("-narrow") else "-nolist")
        self.call_after_refresh(self._paint)

    def action_zoom(self) -> None:
        """The log alone."""
        self.toggle_class("-zoom")
        self.call_after_refresh(self._paint)

    def action_info(self) -> None:
        """Everything about the run."""
        from molting_tui.ui.train.run_info import RunInfoScreen

        watched = self._watched
        if watched is None:
            self.say(NO_RUN)
        else:
            self.app.push_screen(RunInfoScreen(watched.run, watched.seen, watched.warnings))

    def action_back(self) -> None:
        """Home; the run goes on."""
        if self.has_class("-narrow") and self.has_class("-list"):
            self.action_toggle_list()
        else:
            self.app.pop_screen()

    # What is done

    def action_start(self) -> None:
        """Show what a training run would do, and start it."""
        from molting_tui.ui.train.starting import StartScreen

        def planned(plan: Plan | None) -> None:
            if plan is not None:
                job = WorkScreen["Run"](f"Starting {plan.shown}", partial(plan.start, self._workspace), failed=self.say)
                self.app.push_screen(job, self._started)

        self.app.push_screen(StartScreen(self._workspace, base=self._last_base()), planned)

    def _last_base(self) -> str:
        """The base of the run that is looked at, or of none."""
        if self._watched is None or not isinstance(self._watched.run.config, TrainConfig):
            return ""
        return self._watched.run.config.settings.model_name

    def _started(self, run: Run | None) -> None:
        if run is not None:
            self._chosen = run.id
            self._message = ""
            self.say(f"Run {run.number} is started. It goes on without this screen.")
            self._look(listing=True)

    def action_stop(self, kill: bool = False) -> None:
        """Ask, then tell the run to save and leave; with `kill` end it at once."""
        watched = self._watched
        if watched is None or not watched.seen.active:
            self.say(f"Run {watched.run.number} isn't running." if watched is not None else NO_RUN)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._stop(watched.run, kill)

        self.app.push_screen(ConfirmScreen(stop_question(watched, kill)), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="stop")
    def _stop(self, run: Run, kill: bool) -> None:
        from molting_tui.runs.stopping import stop

        try:
            said = stop(run, kill)
        except MoltingError as error:
            said = error.sentence()
        self.app.call_from_thread(self.say, said)

    def action_answer(self) -> None:
        """Ask which questions, and have the model of this run and its base answer them."""
        from molting_tui.ui.train.asking import QuestionsScreen

        watched = self._watched
        if watched is None:
            self.say(NO_RUN)
            return
        if watched.seen.active or (watched.run.kind == "train" and watched.run.adapter is None):
            why = "is still at work" if watched.seen.active else "has made no adapter"
            self.say(f"Run {watched.run.number} {why}: there is no model to ask.")
            return

        def chosen(questions: Questions | None) -> None:
            if questions is not None:
                start = partial(questions.start, self._workspace)
                job = WorkScreen["Run"](f"Starting {questions.shown}", start, failed=self.say)
                self.app.push_screen(job, self._started)

        self.app.push_screen(QuestionsScreen(self._workspace, watched.run), chosen)


def stop_question(watched: Watched, kill: bool = False) -> str:
    """What is asked before a run is stopped."""
    run, seen = watched.run, watched.seen
    at = f" at step {seen.step.step:,} of {seen.start.steps:,}" if seen.step and seen.start else ""
    if run.kind != "train":
        after = "The answers that it has given stay."
    elif kill:
        after = "What came after its last checkpoint is lost."
    else:
        after = "It saves a checkpoint first."
    return f"{'End' if kill else 'Stop'} run {run.number}{at}{' at once' if kill else ''}? {after}"
