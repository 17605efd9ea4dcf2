"""Promises about code in texts on the screens: it unfolds and moves sideways by the same keys, and nobody gets lost."""

from __future__ import annotations

import pytest
from workbench import Fill, Hand, Open, chat

from molting_tui.evaluation.battles.starting import start
from molting_tui.records.battles import BattleWanted
from molting_tui.store import answers
from tests.answered import line, question, question_set

WIDE = "".join(f"{n:4d}" for n in range(25))
CODE = "```python\n" + "\n".join(f"line {n} = [{WIDE}, {n}]" for n in range(40)) + "\n```"


async def unfolds_and_moves(hand: Hand, tail: str) -> None:
    """Unfold the code in sight and fold it again, move it to its right part and back."""
    folded = hand.text()
    assert "28 more lines of python (enter)" in folded
    assert f"{tail}]" not in folded
    await hand.press("enter")
    assert "more lines of" not in hand.text()
    assert "line 12 =" in hand.text()
    await hand.press("enter")
    assert hand.text() == folded
    while f"{tail}]" not in hand.text():
        before = hand.text()
        await hand.press("greater_than_sign")
        assert hand.text() != before
    await hand.press("less_than_sign")
    assert f"{tail}]" not in hand.text()


async def test_code_of_a_pair_unfolds_and_moves_sideways(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1, answer=CODE), chat(2)]), size=(80, 30)) as hand:
        await hand.triage()
        await unfolds_and_moves(hand, "1")
        await hand.press("j", "k")
        assert "▏line 0 = [" in hand.text()  # another pair: the code stands at its beginning again
        await hand.press("less_than_sign")
        assert hand.status == "Code stands at its beginning."
        await hand.press("j", "enter")
        assert hand.status == "No code here is long enough to fold."
        await hand.press("greater_than_sign")
        assert hand.status == "No code in sight goes on to the right."


async def test_a_hit_in_folded_code_is_in_sight(fill: Fill, open_app: Open) -> None:
    hidden = CODE.replace("line 35", "needle")
    async with open_app(fill([chat(1, answer=hidden)]), size=(80, 30)) as hand:
        await hand.triage()
        assert "needle" not in hand.text()
        await hand.press("slash")
        await hand.ask("needle")
        assert "needle = [" in hand.text()


@pytest.mark.parametrize("size", [(80, 40), (120, 40)])
async def test_code_of_both_answers_of_a_battle_unfolds_and_moves_sideways(
    fill: Fill, open_app: Open, size: tuple[int, int]
) -> None:
    workspace = fill()
    asked = question_set(question("q1", "Pergunta?", must="fila"))
    answers.remember_questions(workspace.store, asked)
    answers.add(workspace.store, "0001-answers", [line(name, asked.questions[0], text=CODE) for name in ("one", "two")])
    start(workspace, BattleWanted(("one", "two")))
    async with open_app(workspace, size=size) as hand:
        await hand.press("f6", "j")
        await unfolds_and_moves(hand, "1")
