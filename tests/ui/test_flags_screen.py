"""Flags by keys: nothing is told before an answer is scored; then the machine's are shown, overruled and confirmed."""

from __future__ import annotations

import pytest
from workbench import Fill, Hand, Open

from molting_tui.evaluation.noticing import hints
from molting_tui.store import answers
from molting_tui.ui.score.flags import FlagsScreen
from molting_tui.ui.score.score import ScoreScreen
from molting_tui.workspace import Workspace, open_workspace
from tests.answered import answering_run, line, question, question_set

TWO = question_set(*(question(f"q{number}", f"Pergunta {number}?", must="fila") for number in range(2)))
TEXT = "I'll start by reading the notes. I don't know of any fila."


@pytest.fixture
def two(fill: Fill) -> Workspace:
    """Two answers of one contender, with the same words."""
    workspace = fill()
    answers.remember_questions(workspace.store, TWO)
    lines = [line("hidden-one", asked, text=TEXT, finish_reason="length") for asked in TWO.questions]
    answering_run(workspace, "0001-a", lines, TWO)
    return workspace


async def scored(hand: Hand) -> None:
    """The first answer scored whole, and in sight again."""
    await hand.press("f5", "enter", *"21021", "k")
    assert isinstance(hand.app.screen, ScoreScreen)


def stands(workspace: Workspace) -> list[tuple[frozenset[str], dict[str, str], bool]]:
    """Flags, facts and confirmation of each answer as they are stored."""
    opened = open_workspace(workspace.folder)
    try:
        given = answers.answers(opened.store)
        every = hints.hints_of(opened, given)
        return [(every[one.id].flags, every[one.id].facts, every[one.id].confirmed) for one in given]
    finally:
        opened.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_flag_is_told_before_the_answer_is_scored_whole(
    two: Workspace, open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(two, size=size) as hand:
        await hand.press("f5", "enter", *"2102", "f")
        assert hand.status == "Score the answer first: its flags are told after it."
        assert "truncated" not in hand.text()
        await hand.press("1", "k")
        assert "flags  truncated · agent_like" in hand.text()
        assert "facts  f denied?" in hand.text()
        await hand.press("j")
        assert "truncated" not in hand.text()
        assert "hidden-one" not in hand.text()


async def test_keys_typed_ahead_overrule_add_and_confirm(two: Workspace, open_app: Open) -> None:
    async with open_app(two, size=(80, 24)) as hand:
        await scored(hand)
        await hand.press("f", "j", "j", "j", "n", "j", "j", "y", "G", "n", "enter")
        assert isinstance(hand.app.screen, ScoreScreen)
        assert "flags  truncated · refusal · fact_missing · ✓ confirmed" in hand.text()
        assert "facts  f missing" in hand.text()
    states = stands(two)
    assert ({"truncated", "refusal", "fact_missing"}, {"f": "missing"}, True) in states
    assert ({"truncated", "agent_like"}, {"f": "denied"}, False) in states


async def test_every_flag_and_fact_stands_with_what_the_machine_goes_by(two: Workspace, open_app: Open) -> None:
    async with open_app(two, size=(80, 24)) as hand:
        await scored(hand)
        await hand.press("f")
        assert isinstance(hand.app.screen, FlagsScreen)
        rows = [" ".join(row.split()) for row in hand.lines()]
        assert "▸ truncated yes “after 7 tokens”" in rows
        assert "agent_like yes “I'll start by”" in rows
        assert any(row.startswith("template_bleed · special tokens or the words") for row in rows)
        assert any(row.startswith("fact f denied? says fila “don't … fila”") for row in rows)
        assert "hidden-one" not in hand.text()
        await hand.press("x")
        assert hand.status.startswith("A flag is right or wrong")
        await hand.press("enter")
        assert hand.status.startswith("f: denied or said? That is left to you.")
        assert isinstance(hand.app.screen, FlagsScreen)


async def test_a_word_on_a_flag_is_taken_back_and_brought_back(two: Workspace, open_app: Open) -> None:
    async with open_app(two, size=(80, 24)) as hand:
        await scored(hand)
        await hand.press("f", "n")
        assert "▸ truncated no you" in " ".join(hand.text().split())
        await hand.press("u")
        assert hand.status == "Taken back: truncated no."
        assert "▸ truncated yes" in " ".join(hand.text().split())
        await hand.press("ctrl+r", "q")
        assert "flags  agent_like" in hand.text()
        await hand.press("u")  # in scoring it takes back ratings, and no flags
    assert (frozenset({"agent_like"}), {"f": "denied"}, False) in stands(two)
