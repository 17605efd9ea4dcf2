"""What is done with runs: one is started, stopped, asked questions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from molting_tui.curation.last_choices import remember_choice
from molting_tui.runs.folder import Run
from molting_tui.ui.dialogs.ask import ConfirmScreen, WorkScreen
from molting_tui.ui.sight import ScreenSight
from molting_tui.ui.train.shown_run import ShownRun
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.ui.train.asking import Questions
    from molting_tui.ui.train.starting import Plan

NO_RUN = "No run yet. s starts one; the pairs that are kept are its data."


class RunSight(ScreenSight, Protocol):
    """The screen, for whoever does something with its runs."""

    @property
    def shown(self) -> ShownRun | None:
        """The run that is looked at."""

    def go_to(self, run_id: str) -> None:
        """Look at another run."""


class RunSteps:
    """Starts, stops and asks, each after a question. A run goes on without the screen."""

    def __init__(self, workspace: Workspace, sight: RunSight) -> None:
        self._workspace = workspace
        self._sight = sight

    def start(self) -> None:
        """Show what a training run would do, and start it."""
        from molting_tui.ui.train.again import values_to_start_with
        from molting_tui.ui.train.starting import StartScreen

        def planned(plan: Plan | None) -> None:
            if plan is not None:
                remember_choice(self._workspace, "train", form.chosen)
                self._start(f"Starting {plan.shown}", plan)

        shown = self._sight.shown
        form = StartScreen(self._workspace, values_to_start_with(self._workspace, shown.run if shown else None))
        self._sight.app.push_screen(form, planned)

    def _start(self, title: str, plan: Plan | Questions) -> None:
        job = WorkScreen["Run"](title, partial(plan.start, self._workspace), failed=self._sight.say)
        self._sight.app.push_screen(job, self._started)

    def _started(self, run: Run | None) -> None:
        if run is not None:
            self._sight.say(f"Run {run.number} is started. It goes on without this screen.")
            self._sight.go_to(run.id)

    def stop(self, kill: bool = False) -> None:
        """Ask, then tell the run to save and leave; with `kill` end it at once."""
        shown = self._sight.shown
        if shown is None or not shown.now.active:
            self._sight.say(f"Run {shown.run.number} isn't running." if shown is not None else NO_RUN)
            return

        def answered(yes: bool | None) -> None:
            from molting_tui.runs.stopping import stop

            if yes:
                self._sight.in_background("stop", lambda: stop(shown.run, kill), self._sight.say)

        self._sight.app.push_screen(ConfirmScreen(stop_question(shown, kill)), answered)

    def ask_questions(self) -> None:
        """Ask which questions, and have the model of this run and its base answer them."""
        from molting_tui.ui.train.asking import QuestionsScreen

        shown = self._sight.shown
        if shown is None:
            self._sight.say(NO_RUN)
            return
        if shown.now.active or (shown.run.kind == "train" and shown.run.adapter is None):
            why = "is still at work" if shown.now.active else "has made no adapter"
            self._sight.say(f"Run {shown.run.number} {why}: there is no model to ask.")
            return

        def chosen(questions: Questions | None) -> None:
            if questions is not None:
                self._start(f"Starting {questions.shown}", questions)

        self._sight.app.push_screen(QuestionsScreen(self._workspace, shown.run), chosen)


def stop_question(shown: ShownRun, kill: bool = False) -> str:
    """What is asked before a run is stopped."""
    run, now = shown.run, shown.now
    at = f" at step {now.step.step:,} of {now.start.steps:,}" if now.step and now.start else ""
    if run.kind != "train":
        after = "The answers that it has given stay."
    elif kill:
        after = "What came after its last checkpoint is lost."
    else:
        after = "It saves a checkpoint first."
    return f"{'End' if kill else 'Stop'} run {run.number}{at}{' at once' if kill else ''}? {after}"
