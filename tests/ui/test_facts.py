"""Promises about what is told of a pair: each flag by its rule and words, in the room there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from workbench import HOSTILE, obeyed

from molting_tui.records.events import Event
from molting_tui.records.pairs import Before, Flag, Pair, PairMessage, State
from molting_tui.ui.triage.conversation import title_line
from molting_tui.ui.triage.facts import event_sentence, facts_lines, flags_sentence

TEXT = "Vou verificar a fila. Deixa eu ver os logs. Vou verificar de novo."
PAIR = Pair(
    id=7,
    uid="ab" * 16,
    kind="extracted",
    state=State.OPEN,
    reason="",
    rewritten=False,
    skipped=False,
    starred=False,
    tags=(),
    comment="",
    messages=(PairMessage(0, "user", "E a fila?", "E a fila?"), PairMessage(1, "assistant", TEXT, TEXT)),
    session="4a20eae3-72b7-4e36-91bb-16098711cb44",
    project="crm-api",
    model="claude-opus-4-6",
    time="2026-02-03T14:22:00Z",
    language="pt",
    flags=(
        Flag("agent-speech", "vou-verbo", 1, 0, 13),
        Flag("agent-speech", "deixa-eu", 1, 22, 34),
        Flag("agent-speech", "vou-verbo", 1, 44, 57),
        Flag("secret", "secret", 0, 0, 9),
    ),
    origins=(),
    draft=None,
)


def said(kind: str, **payload: object) -> Event:
    return Event(1, "u", "b", "joao", "2026-02-12T09:30:00.000Z", PAIR.uid, kind, payload, False)  # type: ignore[arg-type]


def test_flags_are_told_by_rule_with_their_words_and_how_often() -> None:
    assert flags_sentence(PAIR).split("   ") == [
        'agent-speech · vou-verbo "Vou verificar" ×2',
        'agent-speech · deixa-eu "Deixa eu ver"',
        'secret "E a fila?"',
    ]


def test_flags_take_the_lines_that_nothing_else_needs() -> None:
    shown = [strip.text for strip in facts_lines(PAIR, [], 66, 4)]
    assert len(shown) == 3
    assert 'secret "E a fila?"' in shown[2]
    shown = [strip.text for strip in facts_lines(PAIR, [said("star", on=True)], 66, 3)]
    assert shown[1].endswith("…")
    assert "joao starred it" in shown[2]


def test_a_pair_that_is_asked_again_says_what_was_decided_before() -> None:
    pair = replace(PAIR, before=Before(3, State.KEEP, "good\x1b[2J", True, "grown"))
    shown = [strip.text.strip() for strip in facts_lines(pair, [], 120, 3)]
    assert shown[1].startswith("asked again: rewritten and kept before its answer grew (pair 3), because: good␛[2J")
    assert "agent-speech" in shown[2]
    decided = [strip.text for strip in facts_lines(replace(pair, state=State.DROP), [], 80, 3)]
    assert "asked again" not in "".join(decided)


def test_what_was_carried_over_is_said_by_nobody() -> None:
    carried = replace(said("star", on=True, carried="grown"), actor="")
    assert event_sentence(carried).endswith("molting starred it (carried over)")


def test_on_a_small_panel_the_flags_are_told_before_the_history() -> None:
    shown = [strip.text for strip in facts_lines(replace(PAIR, comment="x"), [said("star", on=True)], 80, 2)]
    assert len(shown) == 2
    assert "agent-speech" in shown[1]


@given(st.integers(10, 140), st.integers(0, 6), st.text(max_size=60), st.text(max_size=60))
def test_the_facts_never_exceed_their_room(width: int, height: int, comment: str, tag: str) -> None:
    hostile = (PAIR.messages[0], PAIR.messages[1]._replace(text=HOSTILE + TEXT))
    pair = replace(PAIR, comment=comment + HOSTILE, tags=(tag, HOSTILE), session=HOSTILE, messages=hostile)
    lines = facts_lines(
        pair, [said("comment", text=comment), said("decide", state="drop", reason=HOSTILE)], width, height
    )
    assert len(lines) <= max(height, 1)
    for strip in [*lines, title_line(replace(pair, project=HOSTILE, model=HOSTILE, time=HOSTILE), width)]:
        assert cell_len(strip.text) <= max(width, 12)
        assert "\n" not in strip.text
        assert "\x1b" not in strip.text


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (said("decide", state="drop", reason="agent talk"), "joao dropped it: agent talk"),
        (said("decide", state="keep"), "joao kept it"),
        (said("decide", state="skip"), "joao skipped it"),
        (said("decide", state="open"), "joao reopened it"),
        (said("rewrite", instruction=None, response="x"), "joao rewrote it"),
        (said("rewrite", messages={"0": "x"}, cause="mask"), "joao rewrote it"),
        (said("rewrite", messages={"0": None}), "joao put the original words back"),
        (said("rewrite", messages={}), "joao kept it as it was"),
        (said("rewrite", instruction=None, response=None), "joao put the original words back"),
        (said("star", on=False), "joao took its star away"),
        (said("tag", tag="voz", on=True), "joao tagged it voz"),
        (said("comment", text=""), "joao took the comment away"),
        (replace(said("star", on=True), undone=True), "joao starred it (undone)"),
    ],
)
def test_every_word_of_a_person_has_a_sentence(event: Event, sentence: str) -> None:
    assert event_sentence(event) == f"12 Feb 2026 09:30 {sentence}"


def test_what_a_person_wrote_is_not_obeyed() -> None:
    assert obeyed(event_sentence(said("comment", text=HOSTILE))) == []
    assert (
        obeyed(flags_sentence(replace(PAIR, messages=(PAIR.messages[0]._replace(text=HOSTILE), PAIR.messages[1]))))
        == []
    )


def test_a_chat_is_known_by_its_name_and_a_session_by_the_start_of_its_id() -> None:
    assert "session 4a20eae3" in facts_lines(PAIR, [], 120, 4)[0].text
    assert "72b7" not in facts_lines(PAIR, [], 120, 4)[0].text
    assert "session claudio-sharegpt" in facts_lines(replace(PAIR, session="claudio-sharegpt"), [], 120, 4)[0].text
