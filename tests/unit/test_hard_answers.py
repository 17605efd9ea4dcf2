"""Answers that deny, ask back or say a fact in other words, and what may be made of them."""

from __future__ import annotations

from collections import Counter

from tests.hard_answers import hard_answers

HARD = hard_answers()


def test_there_are_48_hard_answers_and_every_fact_of_each_has_its_true_state() -> None:
    assert Counter(answer.question.language for answer in HARD) == {"en": 24, "pt": 24}
    assert Counter(answer.kind for answer in HARD) == {"false": 16, "denial": 16, "words": 16}
    for answer in HARD:
        assert set(answer.facts) == {fact.id for fact in answer.question.facts if fact.checkable}, answer.id
        assert ("said" in answer.facts.values()) is (answer.kind != "false"), answer.id
