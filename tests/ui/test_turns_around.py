"""Promises of triage in context: the turn before stands above the pair, more of the session a key away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from workbench import Fill, Open

from molting_tui.curation.importing import import_paths
from molting_tui.ui.widgets.lines import Lines
from molting_tui.workspace import Workspace

ANSWER = "Drena a fila com queue:drain, troca o proxy e só então derruba a versão antiga."
TURNS = (
    ("Como faço o deploy do CRM?", f"{ANSWER}\n\nQuer que eu escreva o script?"),
    ("sim", f"O script está em deploy.sh.\n\n{ANSWER}\n\nPosso fazer o commit?"),
    ("sim, faz o commit agora", f"Commit feito: 4f2a. {ANSWER}"),
    ("e agora o PR, por favor", f"PR aberto, com a descrição que você pediu. {ANSWER}"),
)


def imported(workspace: Workspace, tmp_path: Path, turns: Sequence[tuple[str, str]]) -> Workspace:
    """Import one session with these prompts and answers."""
    folder = tmp_path / "crm"
    folder.mkdir()
    records = []
    for number, (prompt, answer) in enumerate(turns):
        time = f"2026-02-03T14:2{number}:00.000Z"
        blocks = [{"type": "text", "text": answer}]
        said = {"role": "assistant", "model": "claude-opus-4-6", "content": blocks}
        records.append({"type": "user", "uuid": f"u{number}", "timestamp": time, "message": {"content": prompt}})
        records.append({"type": "assistant", "uuid": f"a{number}", "timestamp": time, "message": said})
    (folder / "s1.jsonl").write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    import_paths(workspace, [folder])
    return workspace


@pytest.fixture
def crm(fill: Fill, tmp_path: Path) -> Workspace:
    """A workspace with one session of four turns, the second too short to be a pair."""
    return imported(fill(), tmp_path, TURNS)


async def test_the_turn_before_a_pair_stands_above_it_and_more_unfolds(crm: Workspace, open_app: Open) -> None:
    async with open_app(crm, size=(80, 24)) as hand:
        screen = await hand.triage()
        text = screen.query_one("#text", Lines)
        assert "turn 1 of 4" in hand.line("#title")
        assert "The session begins here." in hand.line("#text")
        first = [strip.text for strip in text.all_lines()].index(" JOÃO")
        await hand.press("j")
        assert "turn 3 of 4" in hand.line("#title")
        assert hand.line("#text") == "JOÃO     sim"  # it gave no pair, and is what the pair is judged by
        assert "Posso fazer o commit?" in hand.text()
        assert text.all_lines()[first].text == " JOÃO"
        await hand.press("left_square_bracket")
        assert hand.line("#text") == "JOÃO · turn 2 of 4"
        await hand.press("left_square_bracket")
        assert hand.line("#text") == "JOÃO · turn 1 of 4"
        await hand.press("left_square_bracket")
        assert hand.line("#text") == "JOÃO     sim"
        await hand.press("right_square_bracket")
        assert "JOÃO · turn 4 of 4" in hand.text()
        await hand.press("escape")
        assert (hand.app.screen, hand.line("#text")) == (screen, "JOÃO     sim")
        await hand.press("left_square_bracket", "j", "k")
        assert hand.line("#text") == "JOÃO     sim"
        await hand.press("j", "right_square_bracket")
        assert hand.status == "This is the last turn of its session."


async def test_the_turn_before_is_told_by_its_words_not_by_its_rules(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    turns = (("Revisa o CRM", f"---\n\n{ANSWER} ***\n\n|---|---|"), ("e agora a fila", f"Já vai. {ANSWER}"))
    async with open_app(imported(fill(), tmp_path, turns), size=(80, 24)) as hand:
        screen = await hand.triage()
        await hand.press("j")
        above = [strip.text.strip() for strip in screen.query_one("#text", Lines).lines_in_sight()[:5]]
        assert not any("---" in each for each in above)
        assert any(each.startswith("CLÁUDIO") or each.startswith("ASSISTANT") for each in above)


async def test_a_long_first_turn_has_the_whole_room_and_tells_the_next_prompt_below(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    turns = (("Escreve a lista das filas", "Uma fila do CRM.\n" * 40), ("e agora apaga a segunda", f"Já vai. {ANSWER}"))
    async with open_app(imported(fill(), tmp_path, turns), size=(80, 24)) as hand:
        screen = await hand.triage()
        shown = [strip.text.strip() for strip in screen.query_one("#text", Lines).lines_in_sight()]
        assert shown[0] == "The session begins here."
        assert shown[2] == "JOÃO"
        assert "next prompt: e agora apaga a segunda" in hand.text()
        await hand.press("j")
        assert "next prompt" not in hand.text()


async def test_what_came_after_a_very_long_answer_is_shown_at_once(fill: Fill, open_app: Open, tmp_path: Path) -> None:
    turns = (("Escreve o livro inteiro", "Uma linha do livro.\n" * 20_000), ("e o próximo?", f"Já vai. {ANSWER}"))
    async with open_app(imported(fill(), tmp_path, turns), size=(80, 24)) as hand:
        await hand.triage()
        await hand.press("right_square_bracket")
        assert "The text above is very long" in hand.text()
        assert "Já vai." in hand.text()
        await hand.press("escape")
        assert "The session begins here." in hand.line("#text")
