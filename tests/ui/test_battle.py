"""Battles by keys: both answers are in sight, nothing tells whose they are, and every vote is stored on its key."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.widgets import Input
from workbench import HOSTILE, Fill, Hand, Open, obeyed

from molting_tui import workspace as workspaces
from molting_tui.evaluation.battles.starting import start
from molting_tui.records.battles import BattleWanted
from molting_tui.store import answers, battles
from molting_tui.ui.battle.battle import BattleScreen
from molting_tui.ui.battle.ending import end_sentences
from molting_tui.ui.dialogs.choose import ChooseScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.results.results import ResultsScreen
from molting_tui.workspace import Workspace
from tests.answered import answered, line, question, question_set

EIGHT = question_set(*(question(f"q{number}", f"Pergunta {number}?", must="fila") for number in range(8)))
NAMES = ("hidden-v2.1", "hidden-v2.5")
SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def eight(fill: Fill) -> Workspace:
    """Eight questions, answered by two contenders; what they say begins with their names."""
    workspace = fill()
    answers.remember_questions(workspace.store, EIGHT)
    lines = [
        line(name, asked, text=f"{name} fala.\n" + "\n".join(f"{asked.id} linha {n}" for n in range(60)))
        for name in NAMES
        for asked in EIGHT.questions
    ]
    answers.add(workspace.store, "0001-answers", lines)
    return workspace


async def begin(hand: Hand, *keys: str) -> BattleScreen:
    """F6, the choice as it stands (after these keys), and past the page before the first battle."""
    await hand.press("f6")
    assert isinstance(hand.app.screen, ChooseScreen)
    await hand.press(*keys, "enter", "j")
    screen = hand.app.screen
    assert isinstance(screen, BattleScreen)
    assert screen.battle is not None
    return screen


def outcomes(workspace: Workspace) -> list[str]:
    """The votes by place, read through a store of its own; a battle without one is empty."""
    opened = workspaces.open_workspace(workspace.folder)
    try:
        return [row.outcome for row in battles.fought(opened.store, battles.sessions(opened.store)[-1].id)]
    finally:
        opened.close()


@pytest.mark.parametrize("size", SIZES)
async def test_a_whole_battle_from_the_keyboard(eight: Workspace, open_app: Open, size: tuple[int, int]) -> None:
    async with open_app(eight, size=size) as hand:
        await hand.press("f6")
        await hand.press("enter")
        assert "8 battles over 8 facts: a true 80 % win rate is found with" in " ".join(hand.text().split())
        assert "The plan is sealed: " in hand.text()
        assert not any(name in hand.text() for name in NAMES)
        await hand.press("enter")
        assert "battle 1 of 8 · names hidden" in hand.text()
        assert hand.text().count("⟦token⟧ fala.") == 2
        assert "LEFT" in hand.text()
        await hand.press(*"1230", "left", "right", "equals_sign")
        assert not any(name in hand.text() for name in NAMES)
        assert "1 left" in hand.status
        await hand.press("1")
        assert "Every battle has its vote." in hand.text()
        assert not any(name in hand.text() for name in NAMES)
        await hand.press("C", "y")
        told = " ".join(hand.text().split())
        assert "8 of 8 battles voted." in told
        assert all(name in told for name in NAMES)
        assert "verified, nothing was changed since the start" in told
        await hand.press("f7")
        assert isinstance(hand.app.screen, ResultsScreen)
    assert outcomes(eight) == ["left", "right", "tie", "both_bad", "left", "right", "tie", "left"]


def shown_lines(hand: Hand) -> tuple[set[int], set[int]]:
    """Which lines of the left and of the right answer are in sight."""
    sides: tuple[set[int], set[int]] = (set(), set())
    right = False
    for row in hand.lines():
        halves = row.split("│")
        right = right or ("RIGHT" in row and len(halves) == 1 and "LEFT" not in row)
        for number, half in enumerate(halves):
            if "linha" in half:
                sides[int(right) or number].add(int(half.split("linha ")[1]))
    return sides


@pytest.mark.parametrize("size", SIZES)
async def test_both_answers_are_in_sight_and_scroll_together(
    eight: Workspace, open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(eight, size=size) as hand:
        await begin(hand)
        left, right = shown_lines(hand)
        assert left == right >= set(range(5))
        await hand.press("J")
        for key in ("J", "pagedown", "pagedown", "ctrl+d", "pagedown", "pagedown", "pagedown", "pagedown"):
            await hand.press(key)
            left, right = shown_lines(hand)
            assert left == right
            assert 0 not in left
        assert 59 in left
        await hand.press("K")
        left, right = shown_lines(hand)
        assert left == right
        assert 59 not in left
        heads = [row for row in hand.lines() if "LEFT" in row]
        assert ("RIGHT" in heads[0]) == (size[0] == 120)


@pytest.mark.parametrize("size", SIZES)
async def test_a_short_answer_beside_a_long_one_stays_beside_its_lines(
    fill: Fill, open_app: Open, size: tuple[int, int]
) -> None:
    workspace = fill()
    one = question_set(question("q1"))
    answers.remember_questions(workspace.store, one)
    texts = {"v1": "\n".join(f"linha {n}" for n in range(60)), "v2": "linha 0\nlinha 1"}
    answers.add(workspace.store, "r", [line(name, one.questions[0], text=text) for name, text in texts.items()])
    async with open_app(workspace, size=size) as hand:
        await begin(hand)
        await hand.press(*["pagedown"] * 9, *["pageup"] * 9)
        assert [len(side & {0, 1}) for side in shown_lines(hand)] == [2, 2]
        await hand.press("J")
        assert all(min(side) == 1 for side in shown_lines(hand))


@pytest.mark.parametrize("size", SIZES)
async def test_more_below_is_said_only_where_there_is_more(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill()
    asked = question_set(*(question(f"q{n}", f"Pergunta {n}? " * (1 + 30 * (n % 2))) for n in range(6)))
    answered(workspace, asked, ("v1", "v2"))
    async with open_app(workspace, size=size) as hand:
        await begin(hand)
        for _ in range(6):
            await hand.pilot.pause(0.01)
            assert "more below" not in hand.status
            await hand.press("1")


async def test_keys_typed_ahead_in_one_burst_each_vote_once(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.pilot.press("1", "2", "u", "3", "space", "0", "comma", "2")
        await hand.settle()
    assert outcomes(eight) == ["left", "tie", "right", "both_bad", "", "", "", ""]


async def test_keys_typed_ahead_from_home_reach_the_first_battle_and_the_end(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await hand.pilot.press("f6", "enter", "enter", *"12301230", "C", "y", "q", "f7")
        await hand.settle()
        assert isinstance(hand.app.screen, ResultsScreen)
    assert outcomes(eight) == ["left", "right", "tie", "both_bad"] * 2


async def test_skip_undo_redo_note_and_guess(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight, size=(120, 40)) as hand:
        screen = await begin(hand)
        await hand.press("space")
        assert screen.battle is not None
        assert screen.battle.place == 1
        await hand.press("2", "u")
        assert "Taken back: right is better (battle 2)." in hand.status
        assert screen.battle.place == 1
        assert screen.battle.outcome == ""
        await hand.press("ctrl+r")
        assert "Done again: right is better (battle 2)." in hand.status
        await hand.press("j", "k")
        assert "✓ right is better" in hand.status
        await hand.press("c")
        await hand.ask("nem uma nem outra")
        await hand.press("W", "right", "enter")
        assert "guess: left is newer" in hand.status
        assert "“nem uma nem outra”" in hand.status
        await hand.press("W", "enter")
        assert "guess: left is newer" in hand.status
        await hand.press("comma")
        assert screen.battle.place == 0
        assert "↷ skipped" in hand.status
        await hand.press("k")
        assert "This is the first battle." in hand.status
        await hand.press("G", "j")
        assert "This is the last battle." in hand.status


async def test_a_vote_on_the_page_before_the_first_battle_stores_nothing(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await hand.press("f6", "enter", "1", "2", "0")
        assert "No battle is in sight" in hand.status
    assert outcomes(eight) == [""] * 8


async def test_it_goes_on_where_one_was_and_home_says_what_waits(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("1", "q")
        assert isinstance(hand.app.screen, HomeScreen)
        assert "7 battles wait for a vote. F6." in hand.text()
        await hand.press("f6")
        assert "battle 2 of 8" in hand.text()
        await hand.press("f7")
        assert "7 battles still wait for a vote" in " ".join(hand.text().split())
        assert not any(name in hand.text() for name in NAMES)


async def test_an_early_end_asks_and_is_marked(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight, size=(120, 40)) as hand:
        await begin(hand)
        await hand.press("1", "C")
        assert "with 7 battles left" in hand.text()
        await hand.press("n")
        assert "battle 2 of 8" in hand.text()
        await hand.press("C", "y")
        assert "1 of 8 battles voted." in hand.text()
        assert "1 session ended before the last vote." in hand.text()
        await hand.press("1")
        assert "There is no battle here." in hand.status
    assert outcomes(eight).count("left") == 1


async def test_what_another_program_ends_meanwhile_takes_no_vote(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        opened = workspaces.open_workspace(eight.folder)
        battles.end(opened.store, 1, "rui", "2026-02-12T09:30:00.000Z")
        opened.close()
        await hand.press("1")
        assert "ended by rui" in hand.status
    assert outcomes(eight) == [""] * 8


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_texts_are_shown_and_not_obeyed(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill()
    hostile = question_set(question("q1", HOSTILE), question("q2", "x" * 3000))
    answers.remember_questions(workspace.store, hostile)
    for name in ("v1", "v2"):
        lines = [line(name, asked, text=f"{HOSTILE}\n" * 3) for asked in hostile.questions]
        answers.add(workspace.store, "r", lines)
    async with open_app(workspace, size=size) as hand:
        await begin(hand)
        for key in ("z", "z", "i", "q", "J", "ctrl+d", "j"):
            await hand.press(key)
            assert not obeyed("".join(hand.lines()))
            assert {cell_len(row) for row in hand.lines()} == {size[0]}
        assert "LEFT" in hand.text()
        assert hand.alive


async def test_three_contenders_sets_and_repeats_can_be_chosen(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    answered(workspace, EIGHT, ("v1", "v2", "v3"))
    answered(workspace, question_set(question("more"), id="more"), ("v1", "v2"), run="0002")
    async with open_app(workspace, size=(120, 40)) as hand:
        await hand.press("f6")
        assert "9 battles over 9 facts" in hand.text()
        await hand.press("right", "right", "right")
        assert "all 3, each two" in hand.text()
        assert "25 battles over 9 facts" in hand.text()
        await hand.press("j", "right", "j", "right")
        assert "40 battles over 8 facts" in hand.text()
        await hand.press("enter")
        assert "40 battles." in hand.text()
    assert len(outcomes(workspace)) == 40


async def test_repeats_that_cant_be_drawn_are_said_in_the_question(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight, size=(120, 40)) as hand:
        await hand.press("f6", "j", "j", "right")
        assert "16 hidden repeats can't be drawn from 8 battles." in hand.text()
        await hand.press("enter")
        assert "can't be drawn" in hand.text()
        assert hand.alive
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_without_answers_it_says_what_is_next(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        await hand.press("f6")
        assert "There are no answers to put side by side yet." in hand.text()
        assert "`molting answer`" in hand.text()


async def test_an_answer_that_is_gone_is_said_and_the_others_go_on(eight: Workspace, open_app: Open) -> None:
    battling = start(eight, BattleWanted(NAMES))
    gone = battles.places(eight.store, battling.number)[1].left
    eight.store.connection().execute("pragma foreign_keys = off")
    with eight.store.write() as connection:
        connection.execute("drop trigger answer_never_goes")
        connection.execute("delete from answer where id = ?", (gone,))
    async with open_app(eight) as hand:
        await hand.press("f6", "j", "1")
        assert "an answer of battle 2 is gone from the workspace." in " ".join(hand.text().split())
        await hand.press("1")
        assert "No battle is in sight" in hand.status
        await hand.press("j")
        assert "battle 3 of 8" in hand.text()
        await hand.press("2")
    assert outcomes(eight).count("right") == 1


async def test_an_answer_can_be_annotated_with_an_empty_note(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("c")
        assert isinstance(hand.app.screen.query_one(Input), Input)
        await hand.press("escape")
        assert "battle 1 of 8" in hand.text()


def test_the_end_of_three_contenders_tells_how_strong_each_is(fill: Fill) -> None:
    workspace = fill()
    answered(workspace, EIGHT, ("v1", "v2", "v3"))
    battling = start(workspace, BattleWanted(("v1", "v2", "v3")))
    for place in range(battling.total):
        battling.vote(place, "left")
    sentences = end_sentences(workspace, battling.number)
    assert sum(sentence.startswith("Strength among the 3 (log odds, 95 %): v") for sentence in sentences) == 1
