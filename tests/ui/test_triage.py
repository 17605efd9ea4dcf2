"""Promises of the triage screen: what a key says is stored at once, and one always knows where one is."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from workbench import Fill, Open, again, chat, stored

from molting_tui.curation.importing import import_paths
from molting_tui.records.pairs import State
from molting_tui.ui.dialogs.ask import AskScreen, ConfirmScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.triage.pair_list import PairList
from molting_tui.ui.triage.reason_question import REASONS
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.ui.widgets.lines import Lines

SECRET = "A chave é sk-ant-api03-" + "FAKEfakeFAKE0123456789abcdefFAKE" * 3 + " e fica no cofre, não no chat."


def cursor(screen: TriageScreen) -> int:
    return screen.query_one("#list", PairList).cursor


def ids(screen: TriageScreen) -> list[int]:
    return list(screen.query_one("#list", PairList).ids)


@pytest.mark.parametrize(
    ("key", "state", "skipped"), [("a", "keep", False), ("x", "drop", False), ("space", "open", True)]
)
async def test_a_decision_is_stored_at_once_and_goes_on(
    fill: Fill, open_app: Open, key: str, state: str, skipped: bool
) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press(key)
        pair = stored(workspace)
        assert (pair.state.value, pair.skipped) == (state, skipped)
        assert cursor(screen) == 1
        assert "Pergunta 2" in hand.text()


async def test_the_counts_follow_each_decision(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(n) for n in range(4)])) as hand:
        await hand.triage()
        await hand.press("a", "x", "space")
        assert "1 kept  1 dropped  0 rewritten  2 open" in hand.line("#top")
        await hand.press("u", "u", "u")
        assert "0 kept  0 dropped  0 rewritten  4 open" in hand.line("#top")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("1", REASONS[0]), ("5", REASONS[4]), ("not João's words", "not João's words"), ("6", "6"), ("", "")],
)
async def test_a_drop_has_its_reason_by_number_or_in_words(fill: Fill, open_app: Open, typed: str, reason: str) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("X")
        await hand.ask(typed)
        pair = stored(workspace)
        assert (pair.state, pair.reason) == (State.DROP, reason)
        assert "Pergunta 2" in hand.text()


async def test_a_reason_of_five_thousand_digits_is_words(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("X")
        await hand.ask("9" * 5_000)
        assert hand.alive
        assert stored(workspace).reason == "9" * 5_000


async def test_escape_drops_nothing(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("X", "escape")
        assert hand.app.screen is screen
        assert stored(workspace).state is State.OPEN


async def test_the_last_pair_of_the_list_says_so(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("G", "a")
        assert "last pair of the list" in hand.status
        assert cursor(screen) == 1
        assert "✓ kept" in hand.line("#title")
        await hand.press("j")
        assert hand.status == "This is the last pair."
        await hand.press("g", "k")
        assert hand.status == "This is the first pair."


async def test_undo_goes_to_the_pair_it_concerns(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(6)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("a", "G", "u")
        assert cursor(screen) == 0
        assert hand.status == "keep pair 1: undone."
        assert stored(workspace).state is State.OPEN
        await hand.press("u")
        assert hand.status == "Nothing of yours is left to undo."
        await hand.press("G", "ctrl+r")
        assert cursor(screen) == 0
        assert stored(workspace).state is State.KEEP
        await hand.press("ctrl+r")
        assert hand.status == "Nothing to redo."


async def test_undo_and_redo_survive_a_restart(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("a", "x")
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("u")
        assert stored(workspace, 2).state is State.OPEN
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("ctrl+r")
        assert stored(workspace, 2).state is State.DROP
        assert hand.status == "drop pair 2: done again."


async def test_next_and_previous_open_pass_over_the_decided(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(5)])
    desk = again(workspace)
    for number in (2, 3):
        desk.decide(desk.pair(number), "keep")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("full_stop")
        assert cursor(screen) == 3
        await hand.press("comma")
        assert cursor(screen) == 0
        await hand.press("comma")
        assert hand.status.startswith("No open pair before this one")
        await hand.press("G", "full_stop")
        assert hand.status.startswith("No open pair after this one")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("flagg:x", "there is no field `flagg`"),
        ("state:kept", "`state` can't be `kept`"),
        ("len:5", "`len` compares numbers"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_mistake_in_a_filter_is_said_in_the_question_and_nothing_changes(
    fill: Fill, open_app: Open, typed: str, said: str, size: tuple[int, int]
) -> None:
    async with open_app(fill([chat(1), chat(2)]), size=size) as hand:
        screen = await hand.triage()
        await hand.press("F")
        await hand.ask(typed)
        assert isinstance(hand.app.screen, AskScreen)
        shown = " ".join(hand.text().split())
        assert said in shown
        assert (
            "Quote it to search the words." in shown
            or "It is one of open, keep, drop." in shown
            or "For example" in shown
        )
        await hand.press("escape")
        assert hand.app.screen is screen
        assert ids(screen) == [1, 2]


async def test_a_filter_narrows_the_list_and_stands_in_the_status(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    desk = again(workspace)
    desk.decide(desk.pair(2), "keep")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("F")
        await hand.ask("state:keep")
        assert ids(screen) == [2]
        assert hand.status.startswith("1 of 1 · state:keep")
        await hand.press("F")
        await hand.ask("")
        assert ids(screen) == [1, 2, 3]
        assert cursor(screen) == 1, "the pair one was at"


async def test_a_filter_that_matches_nothing_says_so_and_harms_no_key(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("F")
        await hand.ask("zzz")
        assert ids(screen) == []
        assert "No pair matches zzz." in hand.text()
        assert "F changes the filter." in hand.text()
        for key in ("j", "k", "g", "G"):
            await hand.press(key)
            assert hand.status == "There is no pair in this list."
        await hand.press(
            "a",
            "x",
            "X",
            "space",
            "e",
            "E",
            "full_stop",
            "comma",
            "asterisk",
            "t",
            "c",
            "m",
            "i",
            "y",
            "n",
            "N",
            "z",
            "J",
        )
        assert hand.app.screen is screen
        assert hand.alive
        assert stored(workspace).state is State.OPEN


async def test_no_pairs_at_all_says_what_to_do(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        await hand.triage()
        assert "There are no pairs yet." in hand.text()
        assert "imports your sessions" in hand.text()


async def test_search_goes_from_hit_to_hit_and_marks_them_without_case_and_accents(fill: Fill, open_app: Open) -> None:
    workspace = fill(
        [
            chat(1),
            chat(2, "A AÇÃO é drenar a fila antes do deploy, sempre e sem pressa."),
            chat(3),
            chat(4, "Nenhuma ação aqui além de esperar a fila ficar vazia."),
        ]
    )
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("slash")
        await hand.ask("acao")
        assert cursor(screen) == 1
        assert "/acao in 2 pairs" in hand.status
        marked = [
            s.text
            for strip in screen.query_one("#text", Lines).all_lines()
            for s in strip
            if s.style and s.style.reverse
        ]
        assert marked == ["AÇÃO"]
        await hand.press("n")
        assert cursor(screen) == 3
        await hand.press("n")
        assert cursor(screen) == 1, "round the end"
        await hand.press("N")
        assert cursor(screen) == 3
        await hand.press("slash")
        await hand.ask("")
        marked = [
            s.text
            for strip in screen.query_one("#text", Lines).all_lines()
            for s in strip
            if s.style and s.style.reverse
        ]
        assert marked == []
        await hand.press("n")
        assert hand.status == "/ searches first."


async def test_a_search_without_hits_says_so_and_takes_the_old_marks_away(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        screen = await hand.triage()
        await hand.press("slash")
        await hand.ask("fila")
        await hand.press("slash")
        await hand.ask("zzz")
        assert hand.status == "No pair of this list has zzz."
        assert not [
            s for strip in screen.query_one("#text", Lines).all_lines() for s in strip if s.style and s.style.reverse
        ]


async def test_a_hit_far_down_is_brought_into_view(fill: Fill, open_app: Open) -> None:
    answer = "\n".join(f"linha {n} da resposta" for n in range(200)) + "\nagulha no fim"
    async with open_app(fill([chat(1), chat(2, answer)])) as hand:
        await hand.triage()
        await hand.press("slash")
        await hand.ask("agulha")
        assert "agulha no fim" in hand.text()


async def test_star_tag_and_comment_are_stored_and_taken_away(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("asterisk", "t")
        await hand.ask("#voz")
        await hand.press("c")
        await hand.ask("bom tom")
        pair = stored(workspace)
        assert (pair.starred, pair.tags, pair.comment) == (True, ("voz",), "bom tom")
        assert "#voz" in hand.text()
        assert "“bom tom”" in hand.text()
        await hand.press("asterisk", "t")
        await hand.ask("voz")
        await hand.press("c")
        await hand.ask("")
        pair = stored(workspace)
        assert (pair.starred, pair.tags, pair.comment) == (False, (), "")


async def test_a_tag_of_two_words_is_refused_with_a_sentence(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("t")
        await hand.ask("two words")
        assert "a tag is one word" in hand.text()
        assert stored(workspace).tags == ()


@pytest.mark.parametrize("before", ["open", "keep", "drop"])
async def test_masking_takes_the_secret_out_and_decides_nothing(fill: Fill, open_app: Open, before: str) -> None:
    workspace = fill([chat(1, SECRET)])
    desk = again(workspace)
    desk.decide(desk.pair(1), before)
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("m")
        pair = stored(workspace)
        assert "sk-ant-api03" not in pair.response
        assert pair.state.value == before
        assert hand.status.startswith("Masked")
        await hand.press("u")
        assert stored(workspace).response == SECRET


async def test_masking_a_pair_without_secrets_says_so(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.triage()
        await hand.press("m")
        assert hand.status.startswith("No rule finds a secret")


@pytest.mark.parametrize(("word", "states"), [("keep", "keep"), ("drop", "drop")])
async def test_a_bulk_asks_with_the_count_and_is_one_undo(fill: Fill, open_app: Open, word: str, states: str) -> None:
    workspace = fill([chat(n) for n in range(5)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("a")
        await hand.app.run_action(f"screen.bulk('{word}')", screen)
        await hand.settle()
        assert isinstance(hand.app.screen, ConfirmScreen)
        assert "5 pairs" in hand.text()
        await hand.press("n")
        assert stored(workspace, 5).state is State.OPEN
        await hand.app.run_action(f"screen.bulk('{word}')", screen)
        await hand.settle()
        await hand.press("y")
        assert {stored(workspace, number).state.value for number in range(1, 6)} == {states}
        await hand.press("u")
        assert [stored(workspace, number).state.value for number in (1, 2, 5)] == ["keep", "open", "open"]


async def test_a_bulk_counts_what_the_filter_matches_now(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(5)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("F")
        await hand.ask("state:open")
        await hand.press("a", "a")  # they stay in the list, but the filter matches them no more
        await hand.app.run_action("screen.bulk('drop')", screen)
        await hand.settle()
        assert "all 3 pairs" in hand.text()
        await hand.press("y")
        assert [stored(workspace, n).state.value for n in (1, 3)] == ["keep", "drop"]
        assert hand.status.startswith("3 pairs changed")


async def test_a_bulk_tag_is_one_undo(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(3)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.app.run_action("screen.bulk_tag", screen)
        await hand.settle()
        assert "3 pairs" in hand.text()
        await hand.ask("voz")
        assert [stored(workspace, n).tags for n in (1, 2, 3)] == [("voz",)] * 3
        await hand.press("u")
        assert [stored(workspace, n).tags for n in (1, 2, 3)] == [()] * 3


async def test_the_palette_runs_an_action(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("colon")
        await hand.type("drop the")
        await hand.pilot.pause(0.3)
        await hand.settle()
        await hand.press("enter")
        await hand.settle()
        assert stored(workspace).state is State.DROP


async def test_leaving_and_coming_back_finds_the_place(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(n) for n in range(5)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("F")
        await hand.ask("fila")
        await hand.press("j", "j", "q")
        assert isinstance(hand.app.screen, HomeScreen)
        assert "you were at pair 3, fila" in hand.text()
        screen = await hand.triage()
        assert (cursor(screen), ids(screen)) == (2, [1, 2, 3, 4, 5])
        await hand.press("j", "ctrl+q")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        assert cursor(screen) == 3
        assert hand.status.startswith("4 of 5 · fila")


async def test_a_list_that_is_done_is_left_for_the_whole(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("F")
        await hand.ask("state:open")
        await hand.press("a", "a", "q")
        screen = await hand.triage()
        assert ids(screen) == [1, 2]


async def test_what_another_process_says_appears(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        other = again(workspace)
        other.decide(other.pair(1), "drop")
        other.comment(other.pair(1), "seen elsewhere")
        for _ in range(100):
            await hand.pilot.pause(0.05)
            if "seen elsewhere" in hand.text():
                break
        await hand.settle()  # the pairs are counted by a worker
        assert "seen elsewhere" in hand.text()
        assert "1 dropped" in hand.line("#top")
        assert any("✗    Pergunta 1" in line for line in hand.lines())


async def test_pairs_that_another_process_imports_are_told(fill: Fill, open_app: Open, tmp_path: Path) -> None:
    workspace = fill([chat(1)])
    more = tmp_path / "more.json"
    turns = [{"from": role, "value": text} for role, text in zip(("human", "gpt"), chat(2), strict=True)]
    more.write_text(json.dumps([{"conversations": turns}]), "utf-8")
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        import_paths(again(workspace).workspace, [more])
        screen._look_again()
        await hand.settle()
        assert "F shows them anew" in hand.status
        assert "2 open" in hand.line("#top")


async def test_what_another_process_says_while_a_question_stands_appears_after_it(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    async with open_app(workspace) as hand:
        screen = await hand.triage()
        await hand.press("c")
        other = again(workspace)
        other.decide(other.pair(1), "drop")
        screen._look_again()
        await hand.press("escape")
        screen._look_again()
        await hand.settle()
        assert "✗ dropped" in hand.line("#title")


@pytest.mark.parametrize("key", ["", "tab", "z"])
async def test_a_resize_keeps_the_place(fill: Fill, open_app: Open, key: str) -> None:
    long = "\n".join(f"linha {n} " + "palavra " * 12 for n in range(60))
    async with open_app(fill([chat(n, f"{n} {long}") for n in range(60)]), size=(80, 24)) as hand:
        screen = await hand.triage()
        await hand.press(*["j"] * 3)
        await hand.press("pagedown", *([key] if key else []))
        for size in ((120, 40), (80, 24), (120, 40)):
            await hand.pilot.resize_terminal(*size)
            await hand.settle()
            assert cursor(screen) == 3
            assert hand.alive
            assert "linha" in hand.text() or (key == "tab" and size == (80, 24))
        assert screen.query_one("#text", Lines).top > 0


async def test_a_text_at_its_end_stays_on_the_screen_when_it_gets_wider(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1, "palavra " * 400)]), size=(80, 24)) as hand:
        await hand.triage()
        await hand.press(*["pagedown"] * 6)
        await hand.pilot.resize_terminal(200, 30)
        await hand.settle()
        assert "palavra" in "\n".join(hand.lines()[2:-8])


async def test_one_can_leave_after_a_resize_with_the_list_open(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)]), size=(80, 24)) as hand:
        await hand.triage()
        await hand.press("tab")
        await hand.pilot.resize_terminal(120, 40)
        await hand.settle()
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_on_a_narrow_screen_tab_shows_the_list_and_q_the_text_again(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1), chat(2)]), size=(80, 24)) as hand:
        screen = await hand.triage()
        assert "Resposta 1" in hand.text()
        await hand.press("tab")
        assert "Resposta 1" not in hand.text()
        assert hand.status == "1 of 2"
        assert "Pergunta 2" in hand.text()
        await hand.press("j", "q")
        assert hand.app.screen is screen
        assert "Resposta 2" in hand.text()


async def test_an_answer_of_two_megabytes_makes_only_the_lines_that_are_seen(fill: Fill, open_app: Open) -> None:
    answer = "\n".join(f"linha {n}: a fila é drenada antes" for n in range(60_000)) + "\no fim de tudo"
    async with open_app(fill([chat(1), chat(2, answer)])) as hand:
        screen = await hand.triage()
        await hand.press("j")
        text = screen.query_one("#text", Lines)
        assert len(text._made) <= 2 * text.size.height
        await hand.press("J", "pagedown")
        assert len(text._made) <= 4 * text.size.height
        assert "more below" in hand.status
        text.scroll_end_of_text()
        await hand.settle()
        assert "o fim de tudo" in hand.text()
        await hand.press("k", "G")
        assert cursor(screen) == 1
        assert text.top == 0


async def test_a_multi_turn_pair_shows_who_said_what(fill: Fill, open_app: Open) -> None:
    turns: dict[str, Any] = {
        "conversations": [
            {"from": "system", "value": "Você é direto."},
            {"from": "human", "value": "Como está a fila hoje?"},
            {"from": "gpt", "value": "Vazia desde a manhã, nenhum trabalho espera por ninguém agora."},
            {"from": "human", "value": "E o deploy, pode ir agora?"},
            {"from": "gpt", "value": "Pode ir: a fila está vazia e os testes passaram todos esta manhã."},
        ]
    }
    async with open_app(fill([turns])) as hand:
        await hand.triage()
        shown = [line.split("│")[-1].strip() for line in hand.lines()]
        speakers = [line for line in shown if line.startswith(("SYSTEM", "JOÃO", "CLÁUDIO"))]
        assert speakers == ["SYSTEM 0", "JOÃO 1", "CLÁUDIO 2", "JOÃO 3", "CLÁUDIO 4"]
        assert "turn 2" in hand.line("#title")


async def test_info_tells_where_a_pair_comes_from_and_what_was_said_of_it(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1, SECRET)])
    desk = again(workspace)
    desk.decide(desk.pair(1), "drop", "private")
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("i")
        assert "drop, because: private" in hand.text()
        assert "joao dropped it: private" in hand.text()
        assert "chats-0.json:1" in hand.text()
        assert "secret" in hand.text()
        await hand.press("q")
        assert isinstance(hand.app.screen, TriageScreen)


async def test_an_editor_that_cannot_be_shown_here_is_said(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await hand.triage()
        await hand.press("E")  # a driver without a terminal can't be suspended
        assert hand.alive
        assert "editor" in hand.status


async def test_a_text_from_the_editor_counts_once(
    fill: Fill, open_app: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from contextlib import contextmanager

    workspace = fill([chat(1), chat(2)])
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf 'Outra resposta, escrita no editor de sempre.' > \"$1\"\n")
    editor.chmod(0o700)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    async with open_app(workspace) as hand:
        await hand.triage()
        monkeypatch.setattr(
            hand.app, "suspend", contextmanager(lambda: iter([None]))
        )  # there is no terminal to give away
        await hand.press("E")
        assert stored(workspace).response == "Outra resposta, escrita no editor de sempre."
        assert "1 kept  0 dropped  1 rewritten  1 open" in hand.line("#top")


async def test_a_pair_of_four_hundred_messages_is_shown_and_searched_to_its_end(fill: Fill, open_app: Open) -> None:
    says = [{"from": "gpt" if n % 2 else "human", "value": f"Mensagem {n}, de quatrocentas."} for n in range(400)]
    async with open_app(fill([chat(1), {"conversations": says}]), (80, 24)) as hand:
        await hand.triage()
        await hand.press("/")
        await hand.type("mensagem 399")
        await hand.press("enter")
        await hand.settle()
        assert "CLÁUDIO 399" in hand.text()
        assert "Mensagem 399, de quatrocentas." in hand.text()
        await hand.press("e")
        assert "message 399 of 0–399" in hand.line("#top")


async def test_decisions_are_moved_out_of_the_log_while_nothing_is_decided(
    fill: Fill, open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("molting_tui.ui.app.SETTLE_SECONDS", 0.05)
    workspace = fill([chat(1), chat(2)])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("a")
        for _ in range(500):
            copy = shutil.copy(workspace.folder / "molting.db", tmp_path / "alone.db")  # without its log
            with closing(sqlite3.connect(copy)) as alone:
                if alone.execute("select 1 from pair where state = 'keep'").fetchone():
                    break
            await hand.pilot.pause(0.02)
        else:
            raise AssertionError("it stands in the log still")


async def test_escape_ends_a_search_before_it_leaves(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1), chat(2)])) as hand:
        screen = await hand.triage()
        await hand.press("slash")
        await hand.ask("fila")
        assert "/fila in 2 pairs" in hand.status
        await hand.press("escape")
        assert hand.app.screen is screen
        assert hand.status == "1 of 2"
        await hand.press("n")
        assert hand.status == "/ searches first."
        await hand.press("escape")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_star_flag_and_masking_each_show_in_the_list_and_the_headline(fill: Fill, open_app: Open) -> None:
    secret = "O token é ghp_FAKEfakeFAKE0123456789abcdefFAKEfake. Vou verificar a fila e guardo no cofre, João."
    async with open_app(fill([chat(1, secret), chat(2)])) as hand:
        await hand.triage()
        assert hand.line("#list").startswith("▌·  ⚑ Pergunta 1")
        await hand.press("asterisk")
        assert hand.line("#list").startswith("▌· *⚑ Pergunta 1")
        await hand.press("m")
        assert hand.line("#list").startswith("▌·✎*⚑ Pergunta 1")
        assert hand.line("#title").endswith("· open, masked * ⚑")
        await hand.press("a", "k")
        assert hand.line("#list").startswith("▌✎ *⚑ Pergunta 1")
        assert hand.line("#title").endswith("✎ kept, masked * ⚑")
