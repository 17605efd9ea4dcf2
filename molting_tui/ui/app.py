"""The workbench: one app, one workspace, the screens on top of each other."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import constants
from textual.actions import ActionParseResult
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.filter import LineFilter
from textual.reactive import Initialize, Reactive
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES

from molting_tui.errors import BadInput, MoltingError
from molting_tui.ui import keymap, look
from molting_tui.ui.erasing import erasing
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.palette import MoltingCommands, Palette
from molting_tui.ui.terminal import when_gone, why_not
from molting_tui.ui.typeahead import Typeahead
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.open_answers import Wanted

SETTLE_SECONDS = 5.0
"""After so long without a decision, what was stored is moved from the database's log into the database."""
_FONT_FACE = re.compile(r"\s*@font-face \{[^}]*\}")


def _theme(app: MoltingApp) -> str:
    if look.no_colour():
        return "ansi-dark"  # no theme's colours, not even its greys: sixteen colours would paint two of them as one
    theme = app.workspace.settings.theme
    return theme if theme in BUILTIN_THEMES else "ansi-dark"


class MoltingApp(App[int]):
    """The workbench over one workspace."""

    # From the start, not set once it runs: Textual would read every style a second time.
    theme: Reactive[str] = Reactive(Initialize(_theme))

    CSS_PATH = "styles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.EVERYWHERE)]
    COMMANDS = {MoltingCommands}  # noqa: RUF012 - Textual's own type
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "f24"  # ours stand in the keymap
    TITLE = "molting"

    def __init__(self, workspace: Workspace, to_score: Wanted | None = None, *, to_battle: bool = False) -> None:
        self.workspace = workspace  # asked for its theme already
        super().__init__()
        self.typeahead = Typeahead(self, super().on_event, self._quits)
        self._to_score = to_score
        self._to_battle = to_battle
        # Smooth scrolling sends 256 kB for one page; nothing here moves by itself.
        self.animation_level = "none"

    async def on_event(self, event: Event) -> None:
        """Take what the terminal sends: keys and pastes one at a time, each where the one before it has led."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self.typeahead.came(event)
        else:
            await super().on_event(event)

    def _quits(self, event: Event) -> bool:
        """Whether it is the key that leaves molting."""
        keys = self.workspace.settings.keys.get("app.quit", keymap.QUIT)
        return isinstance(event, Key) and event.key in keys.split(",")

    def on_mount(self) -> None:
        """Set the user's keys, and leave well when the line drops."""
        known = {action.id for action in keymap.ACTIONS}
        self.set_keymap({key: value for key, value in self.workspace.settings.keys.items() if key in known})
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            # Without these a dropped line ends the process before anything is put away.
            loop.add_signal_handler(number, self._end, number)
        if not self.is_headless:
            when_gone(partial(loop.call_soon_threadsafe, self._end, signal.SIGHUP))
        self.set_interval(SETTLE_SECONDS, self._settle)
        if self._to_score is not None:
            from molting_tui.ui.score.score import ScoreScreen

            self.push_screen(ScoreScreen(self.workspace, self._to_score))
        elif self._to_battle:
            self.action_battle()

    def get_default_screen(self) -> Screen[None]:
        """Home lies below all others."""
        return HomeScreen(self.workspace)

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, with fewer bytes for the same picture."""
        kind = super().get_driver_class()
        return kind if constants.DRIVER else erasing(kind)  # another was asked for, as a browser's

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every painted line passes: under NO_COLOR its colours are taken away."""
        return (look.NO_COLOUR,) if self.no_color else super().get_line_filters()

    def on_ready(self) -> None:
        """Let garbage be collected, which the command line put off until the first frame."""
        gc.enable()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: the palette holds molting's actions."""
        return ()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """The screen as SVG, without the addresses of fonts that Textual would have a viewer load from the network."""
        return _FONT_FACE.sub("", super().export_screenshot(title=title, simplify=simplify))

    def action_triage(self) -> None:
        """Show the pairs."""
        from molting_tui.curation.triage import Desk
        from molting_tui.ui.triage.triage import TriageScreen

        self._go_to(TriageScreen, lambda: TriageScreen(Desk(self.workspace)))

    def action_triage_where(self, filter_text: str) -> None:
        """Show the pairs that a filter matches."""
        from molting_tui.curation.triage import Desk
        from molting_tui.ui.triage.triage import TriageScreen

        below = any(isinstance(screen, TriageScreen) for screen in self.screen_stack)
        self._go_to(TriageScreen, lambda: TriageScreen(Desk(self.workspace), filter_text))
        if below and isinstance(self.screen, TriageScreen):
            self.screen.action_set_filter(filter_text)

    def action_projects(self) -> None:
        """Show the projects, and the pairs of the one that is chosen."""
        from molting_tui.ui.home.projects import ProjectsScreen

        def chosen(filter_text: str | None) -> None:
            if filter_text is not None:
                self.action_triage_where(filter_text)

        self.push_screen(ProjectsScreen(self.workspace), chosen)

    def action_home(self) -> None:
        """Show the home screen; what lies above is left well."""
        self._go_to(HomeScreen, self.get_default_screen)

    def action_persona(self) -> None:
        """Show names and system prompt, to be written."""
        from molting_tui.ui.persona.persona import PersonaScreen

        self.push_screen(PersonaScreen(self.workspace))

    def action_datasets(self) -> None:
        """Show what was frozen."""
        from molting_tui.ui.datasets.datasets import DatasetsScreen

        self._go_to(DatasetsScreen, lambda: DatasetsScreen(self.workspace))

    def action_train(self) -> None:
        """Show the runs."""
        from molting_tui.ui.train.train import TrainScreen

        self._go_to(TrainScreen, lambda: TrainScreen(self.workspace))

    def action_score(self) -> None:
        """Show the answers to score."""
        from molting_tui.ui.score.score import ScoreScreen

        if isinstance(self.screen, ScoreScreen):
            self.screen.again()
        else:
            self._go_to(ScoreScreen, lambda: ScoreScreen(self.workspace))

    def action_battle(self) -> None:
        """Show the battles."""
        from molting_tui.ui.battle.battle import BattleScreen

        if isinstance(self.screen, BattleScreen):
            self.screen.again()
        else:
            self._go_to(BattleScreen, lambda: BattleScreen(self.workspace))

    def action_results(self) -> None:
        """Show the scores."""
        from molting_tui.ui.results.results import ResultsScreen

        self._go_to(ResultsScreen, lambda: ResultsScreen(self.workspace))

    def action_questions(self) -> None:
        """Show the question bank."""
        from molting_tui.ui.questions.questions import QuestionsScreen

        self._go_to(QuestionsScreen, lambda: QuestionsScreen(self.workspace))

    def action_statistics(self) -> None:
        """Show the statistics: over triage those of its list, which stays below; from elsewhere those of all pairs."""
        from molting_tui.ui.statistics.statistics import StatisticsScreen
        from molting_tui.ui.triage.triage import TriageScreen

        while not isinstance(self.screen, HomeScreen | TriageScreen | StatisticsScreen):
            if not self._left():
                return
        if isinstance(self.screen, StatisticsScreen):
            return
        triage = self.screen
        filter_text = triage.filter_text if isinstance(triage, TriageScreen) else ""
        below = next((screen for screen in self.screen_stack if isinstance(screen, StatisticsScreen)), None)
        if below is None:
            self.push_screen(StatisticsScreen(self.workspace, filter_text))
            return
        self._go_to(StatisticsScreen, lambda: below)
        below.set_filter(filter_text)

    def _go_to(self, kind: type[Screen[None]], make: Callable[[], Screen[None]]) -> None:
        """Show the screen of this kind: the one that lies below, or a new one over the home screen.

        What lies above is left well: an editor keeps its draft, a list its place.
        """
        below = any(isinstance(screen, kind) for screen in self.screen_stack)
        while not isinstance(self.screen, kind if below else HomeScreen):
            if not self._left():
                return
        if not below:
            self.push_screen(make())

    def _left(self) -> bool:
        """Leave the screen that lies on top; False where it is the last."""
        if len(self.screen_stack) < 2:
            return False
        self._put_away_one(self.screen)
        leave = getattr(self.screen, "action_leave", self.pop_screen)
        leave()
        return True

    def action_command_palette(self) -> None:
        """Show every action by its name."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_help(self) -> None:
        """Show the keys of the screen one is on."""
        from molting_tui.ui.dialogs.help import HelpScreen, help_screen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(help_screen(getattr(self.screen, "KEYS", keymap.EVERYWHERE), self.workspace.settings.keys))

    async def action_quit(self) -> None:
        """Leave; what is on the way (a draft, the place in the list) is put away first."""
        self._put_away()
        self.exit(0)

    def action_suspend_process(self) -> None:
        """Give the terminal to the shell that started molting, until it says `fg`."""
        if os.getpgrp() == os.getsid(0):
            self._say("There is no shell to go back to. ctrl+q leaves molting; everything is stored.")
        else:
            super().action_suspend_process()

    def action_help_quit(self) -> None:
        """Say how to leave: ctrl+c is what one tries first."""
        self._say("ctrl+q leaves molting; everything is stored.")

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key or the palette says; if that fails, the screen says why and everything goes on."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except MoltingError as error:
            self._say(error.sentence())
            return True
        except Exception:
            from molting_tui.overview.doctor import wrong_value

            wrong = wrong_value(self.workspace.folder)
            if wrong is None:
                raise
            self._say(wrong.sentence())
            return True

    def _say(self, sentence: str) -> None:
        say = next((screen.say for screen in reversed(self.screen_stack) if hasattr(screen, "say")), None)
        if say is not None:
            say(sentence)

    def _settle(self) -> None:
        store = self.workspace.store
        if store.unsettled(SETTLE_SECONDS):
            # What fails here is tried again, and told where somebody asks for something.
            self.run_worker(store.settle, thread=True, exclusive=True, exit_on_error=False, group="settle")

    def _end(self, number: int) -> None:
        self._put_away()
        self.exit(128 + number)

    def _put_away(self) -> None:
        for screen in reversed(self.screen_stack):
            self._put_away_one(screen)

    def _put_away_one(self, screen: Screen[object]) -> None:
        put_away = getattr(screen, "put_away", None)
        if put_away is not None:
            try:
                put_away()
            except MoltingError as error:
                self.log.error(error.sentence())


def run(workspace: Workspace, to_score: Wanted | None = None, *, to_battle: bool = False) -> int:
    """Open the workbench on the terminal and return the exit code; with `to_score` on the answers that are wanted, with
    `to_battle` on the battles.

    Raises BadInput where there is no terminal that can show it.
    """
    no_terminal = why_not()
    if no_terminal is not None:
        raise no_terminal
    wrong = keymap.mistake(workspace.settings.keys)
    if wrong:
        raise BadInput(
            wrong,
            where=str(workspace.folder / "molting.toml"),
            fix="Change or take away its line; `?` in the workbench lists the actions, their ids and their keys.",
        )
    app = MoltingApp(workspace, to_score, to_battle=to_battle)
    app.run(mouse=False)
    workspace.close()
    return app.return_value or app.return_code or 0
