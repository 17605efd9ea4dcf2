"""Promises about the keys: each stands once, means one thing, does something, and may be another."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from rich.cells import cell_len
from textual.widgets import Input
from workbench import Fill, Open, chat, stored

from molting_tui.errors import BadInput
from molting_tui.records.pairs import State
from molting_tui.ui import keymap
from molting_tui.ui.app import MoltingApp, run
from molting_tui.ui.battle.battle import BattleScreen
from molting_tui.ui.datasets.datasets import DatasetsScreen
from molting_tui.ui.dialogs.help import HelpScreen, key_columns
from molting_tui.ui.dialogs.reader import ReaderScreen
from molting_tui.ui.frame import keys_line
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.palette import MoltingCommands
from molting_tui.ui.persona.persona import PersonaScreen
from molting_tui.ui.questions.questions import QuestionsScreen
from molting_tui.ui.results.answers import AnswersScreen
from molting_tui.ui.results.results import ResultsScreen
from molting_tui.ui.score.flags import FlagsScreen
from molting_tui.ui.score.score import ScoreScreen
from molting_tui.ui.statistics.statistics import StatisticsScreen
from molting_tui.ui.train.train import TrainScreen
from molting_tui.ui.triage.rewrite import RewriteScreen
from molting_tui.ui.triage.triage import TriageScreen

SCREENS = {
    keymap.HOME: HomeScreen,
    keymap.TRIAGE: TriageScreen,
    keymap.DATASETS: DatasetsScreen,
    keymap.TRAIN: TrainScreen,
    keymap.SCORE: ScoreScreen,
    keymap.BATTLE: BattleScreen,
    keymap.RESULTS: ResultsScreen,
    keymap.QUESTIONS: QuestionsScreen,
    keymap.ANSWERS: AnswersScreen,
    keymap.READER: ReaderScreen,
    keymap.EDITOR: RewriteScreen,
    keymap.PERSONA: PersonaScreen,
    keymap.FLAGS: FlagsScreen,
    keymap.STATISTICS: StatisticsScreen,
}


@pytest.mark.parametrize("screen", [keymap.EVERYWHERE, *SCREENS])
def test_no_key_stands_twice_on_a_screen(screen: str) -> None:
    keys = Counter(key for action in keymap.actions(screen) for key in action.keys.split(","))
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_action_has_an_id_of_its_own_and_words_for_people() -> None:
    ids = Counter(action.id for action in keymap.ACTIONS)
    assert [name for name, times in ids.items() if times > 1] == []
    for action in keymap.ACTIONS:
        assert action.label
        assert action.meaning[0].isupper()
        assert not action.meaning.endswith(".")
        assert action.group in keymap.GROUPS


@pytest.mark.parametrize("action", keymap.ACTIONS, ids=lambda action: action.id)
def test_every_action_does_something(action: keymap.Action) -> None:
    name = action.name.partition("(")[0]
    namespace, _, method = name.rpartition(".")
    owner = MoltingApp if namespace == "app" or action.screen == keymap.EVERYWHERE else SCREENS[action.screen]
    assert callable(getattr(owner, f"action_{method}"))


@pytest.mark.parametrize("entry", TriageScreen.PALETTE, ids=lambda entry: entry[0])
def test_every_step_over_many_pairs_does_something(entry: tuple[str, str, str]) -> None:
    namespace, _, method = entry[2].partition("(")[0].rpartition(".")
    assert namespace == "screen"
    assert callable(getattr(TriageScreen, f"action_{method}"))


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_footer_fits_and_has_the_help(screen: str, width: int) -> None:
    strip = keys_line(screen, width)
    assert strip.cell_length <= width + 1  # a space may hang over
    assert ("? help" in strip.text) == any(action.id == "app.help" for action in keymap.actions(screen))


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("width", [80, 120])
def test_the_help_lists_every_action_whole(screen: str, width: int) -> None:
    lines = [strip.text for strip in HelpScreen(screen).write(width)]
    assert all(cell_len(line) <= width for line in lines)
    told = " ".join(" ".join(lines).split())
    for action in keymap.actions(screen):
        keys = " ".join(keymap.key_names(action.keys).split())
        assert f"{keys} {action.meaning} ({action.id})" in told, action.id


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("width", [80, 120, 200])
def test_help_begins_with_every_group_and_key_within_two_pages(screen: str, width: int) -> None:
    lines = [strip.text for strip in key_columns(keymap.groups(screen), width)]
    assert len(lines) <= 2 * 21
    assert all(cell_len(line) <= width for line in lines)
    told = " ".join(" ".join(lines).split())
    for group, actions in keymap.groups(screen):
        assert group in told
        for action in actions:
            assert keymap.key_names(action.keys).split()[0] in told
            assert (action.label if width == 80 else action.meaning[:30]) in told


async def test_the_help_is_there_on_every_screen_that_names_it(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.press("question_mark")
        assert "Import a folder" in hand.text()
        await hand.press("question_mark")  # already here
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)
        await hand.triage()
        await hand.press("i", "question_mark")
        assert isinstance(hand.app.screen, HelpScreen)
        assert "A page down" in hand.text()
        await hand.press("escape", "escape")
        assert isinstance(hand.app.screen, TriageScreen)


async def test_another_key_works_and_is_shown_everywhere(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)], settings='"pair.keep" = "f"\n"app.help" = "f1,h"')
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        assert " f keep" in hand.line("#keys") or hand.line("#keys").startswith("f keep")
        assert "f1 help" in hand.line("#keys")
        await hand.press("a")
        assert stored(workspace).state is State.OPEN
        await hand.press("f")
        assert stored(workspace).state is State.KEEP
        await hand.press("h")
        assert isinstance(hand.app.screen, HelpScreen)
        assert "f            Keep the pair" in hand.text()
        await hand.press("q")
        assert "keep  (f)" in [entry.label for entry in MoltingCommands(screen)._here()]


@pytest.mark.parametrize("key", ["?", "question_mark", "!"])
async def test_another_key_may_be_written_as_the_sign_it_is(fill: Fill, open_app: Open, key: str) -> None:
    settings = f'"pair.keep" = {json.dumps(key)}\n"app.help" = "f1"'
    workspace = fill([chat(1), chat(2)], settings=settings)
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("exclamation_mark" if key == "!" else "question_mark")
        assert stored(workspace).state is State.KEEP


def test_an_action_that_does_not_exist_is_named(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = fill(settings='"pair.keeep" = "f"')
    for stream in ("__stdin__", "__stdout__", "__stderr__"):
        monkeypatch.setattr(f"sys.{stream}", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(BadInput, match=r"pair\.keeep.*lists the actions"):
        run(workspace)


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_is_refused(
    fill: Fill, monkeypatch: pytest.MonkeyPatch, term: str
) -> None:
    for stream in ("__stdin__", "__stdout__", "__stderr__"):
        monkeypatch.setattr(f"sys.{stream}", Terminal())
    monkeypatch.setenv("TERM", term)
    with pytest.raises(BadInput, match="can't draw on this terminal"):
        run(fill())


def test_no_terminal_is_refused(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.__stdout__", None)
    with pytest.raises(BadInput, match="needs a terminal"):
        run(fill())


async def test_the_palette_is_one_and_its_cursor_stands_still(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.press("colon")
        palette = hand.app.screen
        assert not palette.query_one(Input).cursor_blink
        await hand.press("ctrl+p")
        assert hand.app.screen is palette
        await hand.press("escape")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_steps_over_a_filtered_list_come_first_with_their_count_else_after(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1), chat(2), chat(3)])) as hand:
        screen = await hand.triage()
        commands = MoltingCommands(screen)
        await hand.app.run_action("screen.set_filter('')", screen)
        await hand.settle()
        labels = [entry.label for entry in commands._here()]
        assert labels.index("keep  (a)") < labels.index("Drop all 3 in this list…")
        await hand.app.run_action("screen.set_filter('1')", screen)
        await hand.settle()
        first = [entry.label for entry in commands._here()][:2]
        assert first == ["Keep all 1 in this list…", "Drop all 1 in this list…"]
        groups = [entry.group for entry in commands._here() if entry.name.startswith("decide")]
        assert set(groups) == {keymap.DECIDE}


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("export", "export"),
        ("freeze", "freeze"),
        ("statistics", "statistics"),
        ("projects", "projects"),
        ("drop all", "Drop all 1 in this list…"),
        ("train start", "start"),
    ],
)
async def test_plain_words_find_what_is_meant_on_any_screen(fill: Fill, open_app: Open, typed: str, first: str) -> None:
    async with open_app(fill([chat(1)])) as hand:
        screen = await hand.triage()
        hits = [hit async for hit in MoltingCommands(screen).search(typed)]
        best = max(hits, key=lambda hit: hit.score)
        assert str(best.match_display).startswith(first)


async def test_what_is_begun_on_another_screen_is_begun_from_the_palette(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.triage()
        await hand.press("colon")
        await hand.type("import")
        await hand.until("home: I")
        await hand.press("enter")
        await hand.until("Import")
        assert isinstance(hand.app.screen_stack[0], HomeScreen)
        assert not any(isinstance(screen, TriageScreen) for screen in hand.app.screen_stack)


class Terminal:
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("key", ["F", "c", "i,q", "e"])
async def test_ctrl_q_leaves_from_everywhere(fill: Fill, open_app: Open, key: str) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.triage()
        await hand.press(*key.split(","))
        await hand.pilot.press("ctrl+q")
        await hand.pilot.pause()
        assert hand.app.return_value == 0


async def test_ctrl_q_leaves_from_a_yes_or_no(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        screen = await hand.triage()
        await hand.app.run_action("screen.bulk('keep')", screen)
        await hand.settle()
        await hand.pilot.press("ctrl+q")
        await hand.pilot.pause()
        assert hand.app.return_value == 0


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, ""),
        ({"pair.keep": "f"}, ""),
        ({"pair.keep": "x"}, "gives `x` to both pair.keep and pair.drop"),
        ({"pair.keep": "x", "pair.drop": "a"}, ""),
        ({"pair.keep": "?"}, "gives `question_mark` to both pair.keep and app.help"),
        ({"pair.kepp": "f"}, "names an action that doesn't exist: pair.kepp"),
    ],
)
def test_a_key_for_two_actions_and_an_unknown_action_are_said(keys: dict[str, str], said: str) -> None:
    found = keymap.mistake(keys)
    assert said in found
    assert bool(found) == bool(said)
