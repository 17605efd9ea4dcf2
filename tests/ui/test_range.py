"""Promises of the range: what is said of it is one step over all of its pairs, and one always sees what is marked."""

from __future__ import annotations

import pytest
from workbench import Fill, Hand, Open, again, chat, stored

from molting_tui.records.pairs import State
from molting_tui.ui.dialogs.ask import ConfirmScreen
from molting_tui.ui.triage import range_words
from molting_tui.ui.triage.pair_list import PairList
from molting_tui.ui.triage.tag_question import TagScreen
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.workspace import Workspace

SECRET = "A chave é sk-ant-api03-" + "FAKEfakeFAKE0123456789abcdefFAKE" * 3 + " e fica no cofre, não no chat."


def states(workspace: Workspace, count: int) -> str:
    """The first letters of the states of the pairs, `s` for a skipped one."""
    desk = again(workspace)
    pairs = [desk.pair(number) for number in range(1, count + 1)]
    desk.workspace.close()
    return "".join("s" if pair.skipped and pair.state is State.OPEN else pair.state.value[0] for pair in pairs)


def marked(screen: TriageScreen) -> list[int]:
    return list(screen.marked)


def signs(hand: Hand, rows: int) -> str:
    """The first column of the list."""
    pairs = hand.app.screen.query_one("#list", PairList)
    return "".join(pairs.render_line(y).text[0] for y in range(rows))


@pytest.mark.parametrize(("key", "after"), [("a", "kkkkoo"), ("x", "ddddoo"), ("space", "ssssoo")])
async def test_keys_typed_ahead_in_one_burst_decide_the_whole_range_and_one_undo_takes_it_back(
    fill: Fill, open_app: Open, key: str, after: str
) -> None:
    workspace = fill([chat(n) for n in range(6)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("v", "j", "j", "j", key)
        assert states(workspace, 6) == after
        assert marked(screen) == []
        assert screen.query_one("#list", PairList).cursor == 4, "the pair after the range"
        assert hand.status.startswith("4 pairs ")
        await hand.press("u")
        assert states(workspace, 6) == "oooooo"
        assert screen.query_one("#list", PairList).cursor == 0, "back where the step was said"
        assert hand.status.endswith("4 pairs: undone.")
        await hand.press("ctrl+r")
        assert states(workspace, 6) == after


async def test_every_key_that_moves_extends_the_range_and_signs_and_the_count_tell_it(
    fill: Fill, open_app: Open
) -> None:
    workspace = fill([chat(n) for n in range(6)])
    desk = again(workspace)
    desk.decide(desk.pair(4), "keep")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("j", "v")
        assert (signs(hand, 6), marked(screen)) == (" ▌    ", [2])
        await hand.press("j")
        assert (signs(hand, 6), marked(screen)) == (" ┃▌   ", [2, 3])
        await hand.press("full_stop")
        assert marked(screen) == [2, 3, 4, 5]
        assert "4 marked" in hand.status
        await hand.press("g")
        assert (signs(hand, 6), marked(screen)) == ("▌┃    ", [1, 2])
        await hand.press("G", "k")
        assert (signs(hand, 6), marked(screen)) == (" ┃┃┃▌ ", [2, 3, 4, 5])
        painted = [line for line in hand.lines() if "┃" in line]
        assert len(painted) == 3, "the rows between are painted too"


@pytest.mark.parametrize("key", ["v", "escape"])
async def test_v_and_escape_end_the_range_and_stay(fill: Fill, open_app: Open, key: str) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("v", "j", key)
        assert hand.app.screen is screen
        assert marked(screen) == []
        assert "┃" not in hand.text()
        await hand.press("x")
        assert states(workspace, 3) == "odo"


async def test_a_reason_is_asked_once_for_the_whole_range(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("v", "j", "X")
        assert "Drop 2 pairs, because…" in hand.text()
        await hand.ask("2")
        assert [stored(workspace, n).reason for n in (1, 2, 3)] == ["wrong", "wrong", ""]
        assert states(workspace, 3) == "ddo"


async def test_a_star_is_given_to_all_and_taken_only_where_all_have_it(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("asterisk", "v", "G", "asterisk")
        assert [stored(workspace, n).starred for n in (1, 2, 3)] == [True] * 3
        assert "2 pairs starred (1 stay as they were)" in hand.status
        assert marked(screen) == []
        await hand.press("v", "g", "asterisk")
        assert [stored(workspace, n).starred for n in (1, 2, 3)] == [False] * 3
        await hand.press("u", "u")
        assert [stored(workspace, n).starred for n in (1, 2, 3)] == [True, False, False]


async def test_secrets_are_masked_in_the_whole_range_as_one_step(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1, SECRET), chat(2), chat(3, f"{SECRET} Outra vez.")])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("v", "G", "m")
        assert [("FAKE" in stored(workspace, n).response) for n in (1, 3)] == [False, False]
        await hand.press("u")
        assert [("FAKE" in stored(workspace, n).response) for n in (1, 3)] == [True, True]


async def test_a_step_over_many_pairs_is_asked_first_with_the_count(
    fill: Fill, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(range_words, "MANY", 2)
    workspace = fill([chat(n) for n in range(4)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("v", "G", "x")
        assert isinstance(hand.app.screen, ConfirmScreen)
        assert "Drop 4 pairs? One undo takes it back." in hand.text()
        await hand.press("n")
        assert (states(workspace, 4), marked(screen)) == ("oooo", [1, 2, 3, 4])
        await hand.press("x", "y")
        assert (states(workspace, 4), marked(screen)) == ("dddd", [])
        await hand.press("u")
        assert states(workspace, 4) == "oooo"


async def test_in_a_narrow_terminal_the_range_brings_the_list_and_takes_it_away_again(
    fill: Fill, open_app: Open
) -> None:
    workspace = fill([chat(n) for n in range(4)])
    async with open_app(workspace, size=(80, 24)) as hand:
        screen = await hand.triage()
        await hand.press("v", "j")
        assert screen.has_class("-list")
        assert len([line for line in hand.lines() if line.startswith("┃")]) == 1
        await hand.press("tab")
        assert "2 marked" in hand.status, "the status line tells it where the list is hidden"
        await hand.press("tab", "x")
        assert not screen.has_class("-list")
        assert states(workspace, 4) == "ddoo"


async def test_another_list_has_no_range(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("v", "G", "F")
        await hand.ask("state:open")
        assert marked(screen) == []
        await hand.press("x")
        assert states(workspace, 3).count("d") == 1


async def test_a_range_of_a_sorted_list_is_what_one_sees(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n, "Resposta " + "longa " * (10 + n * 7 % 5) + f"{n}.") for n in range(5)])
    longest = again(workspace).matching("sort:-len")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("F")
        await hand.ask("sort:-len")
        await hand.press("g", "v", "j", "x")
        assert {n for n in range(1, 6) if stored(workspace, n).state is State.DROP} == set(longest[:2])
        assert list(screen.query_one("#list", PairList).ids) == list(longest)


async def test_the_last_tag_comes_again_on_a_pair_and_on_a_range_and_after_a_restart(
    fill: Fill, open_app: Open
) -> None:
    workspace = fill([chat(n) for n in range(4)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("T")
        assert hand.status == "No tag was given yet: t asks for one."
        await hand.press("t")
        await hand.ask("voz")
        await hand.press("j", "T")
        assert stored(workspace, 2).tags == ("voz",)
        await hand.press("T")
        assert stored(workspace, 2).tags == (), "said again it is taken away"
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("g", "v", "G", "T")
        assert [stored(workspace, n).tags for n in range(1, 5)] == [("voz",)] * 4
        await hand.press("u")
        assert [stored(workspace, n).tags for n in range(1, 5)] == [("voz",), (), (), ()]


async def test_the_tags_in_use_are_chosen_by_number_by_arrow_or_by_typing(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    desk = again(workspace)
    for number, name in ((1, "voz"), (2, "voz"), (2, "volume"), (3, "later")):
        desk.tag(desk.pair(number), name)
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("t")
        assert isinstance(hand.app.screen, TagScreen)
        listed = [line.split() for line in hand.lines() if line.rstrip().endswith(("pair", "pairs"))]
        assert ["1", "✓", "voz", "2", "pairs"] in listed, "marked: the pair has it"
        assert ["2", "later", "1", "pair"] in listed
        await hand.press("2", "enter")
        assert stored(workspace).tags == ("later", "voz")
        await hand.press("t", "v", "o", "l", "tab", "enter")
        assert stored(workspace).tags == ("later", "volume", "voz")
        await hand.press("t", "down", "down", "up", "enter")
        assert stored(workspace).tags == ("volume", "voz"), "the first of the list, which it had, is taken away"
        await hand.press("t", "escape")
        assert isinstance(hand.app.screen, TriageScreen)


async def test_a_range_shows_which_tags_all_or_some_of_it_have(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    desk = again(workspace)
    for number, name in ((1, "voz"), (2, "voz"), (2, "later")):
        desk.tag(desk.pair(number), name)
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("v", "j", "t")
        listed = [line.split() for line in hand.lines() if line.rstrip().endswith(("pair", "pairs"))]
        assert ["1", "✓", "voz", "2", "pairs"] in listed
        assert ["2", "~", "later", "1", "pair"] in listed
        await hand.press("1", "enter")
        assert [stored(workspace, n).tags for n in (1, 2)] == [(), ("later",)], "all had it: it is taken away"
        await hand.press("u")
        assert stored(workspace).tags == ("voz",)
