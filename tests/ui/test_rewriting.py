"""Promises of rewriting: nothing typed is lost, nothing is stored that was not asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.events import Paste
from workbench import HOSTILE, Fill, Open, again, chat, stored

from molting_tui.records.pairs import State
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.triage.rewrite import RewriteScreen, SafeTextArea
from molting_tui.ui.triage.stand_ins import with_stand_ins, without_stand_ins
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.ui.widgets.lines import Lines


async def test_saving_stores_the_words_and_the_difference_was_in_sight(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        await hand.type("Agora ")
        await hand.settle()
        difference = list(hand.app.screen.query_one("#difference", Lines).all_lines())
        added = [s.text for strip in difference for s in strip if s.style and s.style.underline and not s.style.strike]
        assert "".join(added).strip() == "Agora"
        await hand.press("ctrl+s")
        pair = stored(workspace)
        assert pair.response == "Agora " + chat(1)[1]
        assert (pair.state, pair.rewritten, pair.draft) == (State.KEEP, True, None)
        assert hand.status == "✎ rewritten and kept. u takes it back."
        assert "1 kept  0 dropped  1 rewritten  1 open" in hand.line("#top")
        assert "Resposta 2" in hand.text()  # it went on to the next one
        await hand.press("u")
        pair = stored(workspace)
        assert (pair.response, pair.state, pair.rewritten) == (chat(1)[1], State.OPEN, False)
        assert "0 kept  0 dropped  0 rewritten  2 open" in hand.line("#top")


async def test_a_draft_is_kept_on_leaving_and_is_back_on_coming(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        await hand.type("meio ")
        await hand.press("escape")
        pair = stored(workspace)
        assert pair.draft is not None
        assert (pair.state, pair.response) == (State.OPEN, chat(1)[1])
        assert "a draft waits" in hand.text()
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        assert hand.app.screen.query_one(SafeTextArea).text.startswith("meio Resposta")
        assert hand.status == "Your draft is back."
        await hand.press("ctrl+o", "escape")
        assert stored(workspace).draft is None, "what is as it was needs no draft"


async def test_f2_and_quitting_keep_the_draft_too(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        await hand.type("um ")
        await hand.press("f2")
        assert isinstance(hand.app.screen, TriageScreen)
        assert (stored(workspace).draft or {})[1].startswith("um ")
        await hand.press("e")
        assert hand.app.screen.query_one(SafeTextArea).text.startswith("um ")
        await hand.type("dois ")
        await hand.press("ctrl+q")
    assert (stored(workspace).draft or {})[1].startswith("dois um ")


async def test_ctrl_t_edits_the_other_side_and_both_are_stored(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        await hand.type("A")
        await hand.press("ctrl+t")
        assert "Rewrite the prompt" in hand.line("#top")
        await hand.type("B")
        await hand.press("ctrl+t")
        assert "Rewrite the answer" in hand.line("#top")
        assert hand.app.screen.query_one(SafeTextArea).text.startswith("AResposta")
        await hand.press("ctrl+s")
        pair = stored(workspace)
        assert (pair.instruction, pair.response) == ("B" + chat(1)[0], "A" + chat(1)[1])


async def test_an_empty_text_is_refused_and_stays_in_the_editor(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        hand.app.screen.query_one(SafeTextArea).text = "  \n"
        await hand.settle()
        await hand.press("ctrl+s")
        assert isinstance(hand.app.screen, RewriteScreen)
        assert "a pair needs a prompt and an answer" in hand.status
        assert stored(workspace).state is State.OPEN


async def test_looking_at_both_sides_changes_neither(fill: Fill, open_app: Open) -> None:
    hostile = f"antes {HOSTILE} depois, com um tanto de texto a mais\r\nfim"
    workspace = fill([chat(1, hostile, f"pergunta {HOSTILE} longa o bastante")])
    before = stored(workspace)
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e", "ctrl+t", "ctrl+t", "escape")
        pair = stored(workspace)
        assert (pair.draft, pair.response, pair.instruction) == (None, before.response, before.instruction)


async def test_saving_without_a_change_keeps_the_pair_as_it_is(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e", "ctrl+s")
        pair = stored(workspace)
        assert (pair.state, pair.rewritten) == (State.KEEP, False)
        assert hand.status == "✓ kept with its original words. u takes it back."


async def test_what_another_said_meanwhile_is_not_lost(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        await hand.type("Z")
        other = again(workspace)
        other.tag(other.pair(1), "voz")
        await hand.press("ctrl+s")
        pair = stored(workspace)
        assert (pair.tags, pair.response[0]) == (("voz",), "Z")
        assert "#voz" in hand.text()


async def test_letters_type_in_the_editor_and_help_is_not_among_them(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e", "q", "question_mark", "colon", "u")
        assert hand.app.screen.query_one(SafeTextArea).text.startswith("q?:uResposta")


async def test_a_text_too_long_to_compare_at_every_key_says_so(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1, "palavra " * 6_000)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e", "Z")
        assert "too long to compare while you type" in hand.text()
        await hand.press("ctrl+s")
        assert stored(workspace).response.startswith("Zpalavra")
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)


TURNS = {
    "conversations": [
        {"from": "system", "value": "Você é direto."},
        {"from": "human", "value": f"A chave é {'AKIA' + 'AB23' * 4}, guarda."},
        {"from": "function_call", "value": "guardar()"},
        {"from": "observation", "value": "guardada"},
        {"from": "gpt", "value": "Está guardada, e mais ninguém a vê."},
        {"from": "human", "value": "E o deploy, pode ir agora?"},
        {"from": "gpt", "value": "Pode ir: a fila está vazia e os testes passaram todos esta manhã."},
    ]
}


async def test_every_message_of_a_pair_can_be_edited(fill: Fill, open_app: Open) -> None:
    workspace = fill([TURNS])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("e")
        assert "Rewrite the answer" in hand.line("#top")
        assert "message 6 of 0–6" in hand.line("#top")
        await hand.press("ctrl+g")
        await hand.type("7")
        await hand.press("enter")
        assert "This pair has 7 messages: a number from 0 to 6." in hand.text()
        await hand.press("backspace")
        await hand.type("3")
        await hand.press("enter")
        assert "Rewrite message 3, a tool's result" in hand.line("#top")
        await hand.type("bem ")
        await hand.press("ctrl+t", "ctrl+t", "ctrl+t")
        assert "Rewrite the system turn" in hand.line("#top")
        await hand.type("Oi. ")
        await hand.press("ctrl+t")
        assert "Rewrite the answer" in hand.line("#top")
        await hand.press("ctrl+s")
        pair = stored(workspace)
        assert [message.text for message in pair.messages if message.text != message.original] == [
            "Oi. Você é direto.",
            "bem guardada",
        ]
        assert pair.state is State.KEEP
        await hand.press("u")
        assert not stored(workspace).rewritten


async def test_a_key_in_the_first_turn_is_underlined_and_masked(fill: Fill, open_app: Open) -> None:
    workspace = fill([TURNS])
    async with open_app(workspace) as hand:
        await hand.triage()
        assert '"AKIA' in hand.text()
        assert "(message 1)" in hand.text()
        await hand.press("m")
        assert hand.status == "Masked; what was decided stays. u takes it back."
        assert stored(workspace).messages[1].text == "A chave é [REDACTED:aws-key-id], guarda."


async def test_any_message_can_be_copied_by_its_number(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([TURNS])) as hand:
        await hand.triage()
        await hand.press("y")
        assert hand.app.clipboard == TURNS["conversations"][6]["value"]
        assert hand.status.startswith("The answer was sent")
        await hand.app.screen.run_action("screen.message('copy')")
        await hand.settle()
        await hand.type("3")
        await hand.press("enter")
        assert hand.app.clipboard == "guardada"
        assert hand.status.startswith("Message 3 was sent")
        await hand.app.screen.run_action("screen.message('copy')")
        await hand.settle()
        await hand.type("1")
        await hand.press("enter")
        assert hand.status.startswith("Message 1 holds a secret (aws-key-id) and was sent")


async def test_what_is_copied_holds_nothing_that_a_terminal_would_obey(fill: Fill, open_app: Open) -> None:
    answer = "one\x1b[201~rm -rf ~\r\n\ttwo\x9b31m\x07 and so on, long enough to be taken for an answer."
    async with open_app(fill([("Copy this, please?", answer)])) as hand:
        await hand.triage()
        await hand.press("y")
        assert hand.app.clipboard == "one[201~rm -rf ~\n\ttwo31m and so on, long enough to be taken for an answer."


async def test_without_colours_signs_tell_what_went_and_what_came(
    fill: Fill, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app(fill([chat(1, "Linha I de uma resposta que já é longa o bastante para ser um par.")])) as hand:
        await hand.triage()
        await hand.press("e", *["delete"] * len("Linha I"), *"Now", "space", *"um")
        assert "[-Linha I-]{+Now um+} de uma resposta" in hand.text()


FAMILY, THUMB, HEART = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\u2764\ufe0f"


async def test_joined_emoji_are_edited_as_their_parts_and_stored_as_they_were(fill: Fill, open_app: Open) -> None:
    answer = f"{FAMILY * 40} {THUMB}{HEART} e o fim da resposta, longa o bastante."
    workspace = fill([chat(1, answer), chat(2)])
    async with open_app(workspace, size=(80, 24)) as hand:
        await hand.triage()
        await hand.press("e")
        editor = hand.app.screen.query_one(SafeTextArea)
        _, y, _, height = editor.content_region
        painted = "".join(row for row in hand.lines()[y : y + height])
        assert painted.count("\U0001f468") == 40  # no line is cut
        assert "\U0001f44d\u203f\u2764\u203f e o fim" in painted
        assert all(cell_len(row) == sum(map(cell_len, row)) for row in hand.lines()[y : y + height])
        for steps in range(1, 6):
            await hand.press("right")
            row = hand.app.screen._compositor.render_strips()[y]
            cursor = next(part.text for part in row if part.style and part.style.reverse)
            assert cursor == f"{FAMILY}\U0001f468"[steps].replace("\u200d", "\u203f")
        editor.move_cursor((0, 0))
        await hand.press("shift+right", "shift+right", "shift+right", "ctrl+c")
        assert hand.app.clipboard == FAMILY[:3]
        editor.move_cursor(editor.document.end)
        hand.app.post_message(Paste(f" {FAMILY}"))
        await hand.settle()
        assert editor.text == f"{answer} {FAMILY}"
        await hand.press("ctrl+s")
        assert stored(workspace).response == f"{answer} {FAMILY}"


@given(st.text(st.characters(exclude_categories=["Co"])))
def test_stand_ins_lose_nothing(text: str) -> None:
    held = with_stand_ins(text)
    assert without_stand_ins(held) == text
    assert len(held) == len(text)
