"""Answers that deny, ask back or say a fact in other words, and what may be made of them."""

from __future__ import annotations

from collections import Counter

from molting_tui.evaluation.noticing.fact_states import fact_states
from tests.hard_answers import hard_answers

HARD = hard_answers()


def test_there_are_48_hard_answers_and_every_fact_of_each_has_its_true_state() -> None:
    assert Counter(answer.question.language for answer in HARD) == {"en": 24, "pt": 24}
    assert Counter(answer.kind for answer in HARD) == {"false": 16, "denial": 16, "words": 16}
    for answer in HARD:
        assert set(answer.facts) == {fact.id for fact in answer.question.facts if fact.checkable}, answer.id
        assert ("said" in answer.facts.values()) is (answer.kind != "false"), answer.id


def _states(kind: str) -> dict[str, list[tuple[str, str]]]:
    """Of the answers of a kind, by id, the true state of each fact and the one that the machine tells."""
    return {
        answer.id: [(answer.facts[fact.fact], fact.state) for fact in fact_states(answer.question, answer.text)]
        for answer in HARD
        if answer.kind == kind
    }


def test_at_most_two_of_the_false_answers_count_as_said() -> None:
    said = [name for name, states in _states("false").items() if any(machine == "said" for _, machine in states)]
    assert len(said) <= 2, said


def test_no_true_answer_that_holds_a_denial_loses_a_fact() -> None:
    machine = [state for states in _states("denial").values() for true, state in states if true == "said"]
    assert set(machine) <= {"said", "denied"}


def test_most_of_what_is_said_is_found_and_what_is_found_is_said() -> None:
    every = [pair for kind in ("false", "denial", "words") for states in _states(kind).values() for pair in states]
    hits = sum(pair == ("said", "said") for pair in every)
    assert hits / sum(true == "said" for true, _ in every) > 0.8
    assert hits / sum(machine == "said" for _, machine in every) > 0.9
