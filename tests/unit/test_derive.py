"""Promises about pairs: which text is the answer, what is too little, and what a pair is known by."""

from __future__ import annotations

import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation.derive import NotAPair, Policy, answer_of, derive, pair_uid, reason_against
from molting_tui.curation.rules import load_rules
from molting_tui.records.pairs import AnswerMode, NewPair
from molting_tui.records.turns import Message, Step, Turn
from molting_tui.workspace import ImportSettings
from tests.conftest import FILLER

RULES = load_rules([workspaces.shipped("rubrics") / "curation" / "agent-speech.yaml"])


def turn(*steps: str | None, human: str = "Why is the queue slow?", source: str = "claude-code") -> Turn:
    said = tuple(Step("tool", "Bash") if step is None else Step("text", step) for step in steps)
    return Turn("k", "s", "p", "chat" if source == "chat" else "claude-code", human, said)


def made(of: Turn, answer: AnswerMode = AnswerMode.FINAL, filters: ImportSettings | None = None) -> NewPair | str:
    found = derive(of, Policy(answer, filters or ImportSettings(), RULES))
    assert reason_against(of, answer, filters or ImportSettings()) == (
        found.reason if isinstance(found, NotAPair) else ""
    )
    return found.reason if isinstance(found, NotAPair) else found


@pytest.mark.parametrize(
    ("steps", "final", "last", "first", "whole"),
    [
        (("one", None, "two", None, "three"), "three", "three", "one", "one\n\ntwo\n\nthree"),
        (("one", None, "two", None), "", "two", "one", "one\n\ntwo"),
        ((None, "one"), "one", "one", "one", "one"),
        (("one", "two"), "two", "two", "one", "one\n\ntwo"),
        ((None,), "", "", "", ""),
        ((), "", "", "", ""),
    ],
)
def test_the_answer_is_the_text_that_the_mode_names(
    steps: tuple[str | None, ...], final: str, last: str, first: str, whole: str
) -> None:
    answers = {mode.value: answer_of(turn(*steps), mode) for mode in AnswerMode}
    assert answers == {"final": final, "last": last, "first": first, "all": whole}


@pytest.mark.parametrize(
    ("of", "mode", "reason"),
    [
        (turn(FILLER, None), AnswerMode.FINAL, "incomplete"),
        (turn(None), AnswerMode.LAST, "no-answer"),
        (turn(" \n ", human="Why is it?"), AnswerMode.FINAL, "incomplete"),
        (turn(FILLER, human="  commit   \n"), AnswerMode.FINAL, "short-prompt"),
        (turn("x" * 49), AnswerMode.FINAL, "short-answer"),
        (turn("a\nb\nc\nd\ne\nf\n" + "g" * 50), AnswerMode.FINAL, "tool-only"),
    ],
)
def test_a_turn_that_gives_no_pair_says_why(of: Turn, mode: AnswerMode, reason: str) -> None:
    assert made(of, mode) == reason


@pytest.mark.parametrize(
    "of",
    [
        turn("x" * 50),
        turn(FILLER, human="y" * 10),
        turn("a\nb\nc\nd\ne\nf" + "g" * 50),
        turn("a\nb\nc\nd\ne\nf\n" + "g" * 88),
    ],
)
def test_lengths_at_the_border_are_enough(of: Turn) -> None:
    assert isinstance(made(of), NewPair)


def test_the_filters_are_those_of_the_settings() -> None:
    short = turn("Yes.", human="Ok?")
    assert made(short) == "short-prompt"
    assert isinstance(made(short, filters=ImportSettings(min_prompt=0, min_answer=0)), NewPair)
    assert made(turn(FILLER), filters=ImportSettings(min_answer=500)) == "short-answer"


def test_conversations_of_a_chat_file_arent_filtered_by_length() -> None:
    pair = made(turn("Oi.", human="Oi", source="chat"))
    assert isinstance(pair, NewPair)
    assert pair.kind == "imported"


def test_a_pair_has_no_space_around_its_texts_and_flags_at_their_places() -> None:
    pair = made(turn(f"\n  Let me check the logs. {FILLER}\n", human="\tWhy is it slow?  "))
    assert isinstance(pair, NewPair)
    assert (pair.instruction, pair.kind) == ("Why is it slow?", "extracted")
    assert pair.response == f"Let me check the logs. {FILLER}"
    assert [(flag.family, flag.start) for flag in pair.flags] == [("agent-speech", 0)]


def test_the_same_words_are_the_same_pair_wherever_they_are_from() -> None:
    one, two = made(turn(FILLER)), made(turn("something before", None, f" {FILLER} "))
    assert isinstance(one, NewPair)
    assert isinstance(two, NewPair)
    assert one.uid == two.uid
    assert len(one.uid) == 32


def test_other_words_in_any_part_are_another_pair() -> None:
    uids = {
        pair_uid("", (), "a", "b"),
        pair_uid("s", (), "a", "b"),
        pair_uid("", (Message("user", "x"),), "a", "b"),
        pair_uid("", (Message("assistant", "x"),), "a", "b"),
        pair_uid("", (), "ab", ""),
        pair_uid("", (), "a", "b "),
    }
    assert len(uids) == 6


def test_the_uid_of_a_pair_stays_what_it_was_in_the_first_release() -> None:
    assert pair_uid("", (), "Quem é você?", "Sou Cláudio.") == pair_uid("", [], "Quem é você?", "Sou Cláudio.")
    assert pair_uid("", (), "Quem é você?", "Sou Cláudio.") == "118ebd2652bb9ede551c9a0e838c01fe"
