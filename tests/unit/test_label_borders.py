"""Where an answer begins and ends in tokens, by hand-made tokens: what may lie across a border, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from molting_tui.errors import BadInput
from molting_tui.recipe.labels import IGNORED, ShiftingTemplate, labelled
from molting_tui.recipe.templates import ChatMessage

TALK: list[ChatMessage] = [
    {"role": "user", "content": "Oi"},
    {"role": "assistant", "content": "Olá"},
    {"role": "user", "content": "E aí?"},
    {"role": "assistant", "content": "Tudo."},
]
Written = dict[tuple[int, bool], list[int]]
"""The tokens of so many messages of the talk, with or without the prompt for an answer."""


def written(tokens: Written) -> Callable[[Sequence[ChatMessage], bool], list[int]]:
    return lambda messages, asked: tokens[len(messages), asked]


def up_to(last: int) -> list[int]:
    return list(range(1, last + 1))


@pytest.mark.parametrize("across", [0, 1, 2])
def test_up_to_two_tokens_may_lie_across_the_border_before_an_answer(across: int) -> None:
    whole = [*up_to(10 - across), 90, 91, 92, 93]
    row = labelled(TALK[:2], written({(1, False): up_to(10), (1, True): up_to(10), (2, False): whole}))
    assert row.spans == ((10 - across, len(whole)),)
    assert row.labels == [IGNORED] * (10 - across) + [90, 91, 92, 93]


def test_three_tokens_that_change_before_an_answer_are_refused() -> None:
    whole = [*up_to(7), 90, 91, 92, 93]
    with pytest.raises(ShiftingTemplate, match="writes message 2 otherwise"):
        labelled(TALK[:2], written({(1, False): up_to(10), (1, True): up_to(10), (2, False): whole}))


def two_answers(whole: list[int], asked_again: list[int]) -> Written:
    """A talk of two answers: the first is the tokens 5 to 10, and `asked_again` is the talk up to the second."""
    return {
        (1, False): up_to(4),
        (1, True): up_to(4),
        (2, False): up_to(10),
        (2, True): [*up_to(10), 70],
        (3, False): asked_again,
        (3, True): asked_again,
        (4, False): whole,
    }


@pytest.mark.parametrize("across", [0, 1, 2])
def test_up_to_two_tokens_may_lie_across_the_border_after_an_answer(across: int) -> None:
    asked_again = [*up_to(10 - across), 80, 81]
    row = labelled(TALK, written(two_answers([*asked_again, 95, 96], asked_again)))
    assert row.spans == ((4, 10 - across), (12 - across, 14 - across))


def test_three_tokens_that_change_after_an_answer_are_refused() -> None:
    asked_again = [*up_to(7), 80, 81, 82]
    with pytest.raises(ShiftingTemplate, match="writes message 2 otherwise"):
        labelled(TALK, written(two_answers([*asked_again, 95, 96], asked_again)))


def test_an_answer_that_would_begin_within_the_one_before_is_refused() -> None:
    # What asks for the second answer shares nine tokens with the whole, and the first answer ends after ten.
    with pytest.raises(ShiftingTemplate, match="writes message 4 otherwise"):
        labelled(TALK, written(two_answers([*up_to(10), 80, 81], [*up_to(9), 88])))


def test_an_answer_of_which_nothing_is_written_is_refused() -> None:
    with pytest.raises(BadInput, match="writes message 2 otherwise"):
        labelled(TALK[:2], written({(1, False): up_to(10), (1, True): up_to(10), (2, False): up_to(10)}))


def test_what_only_asks_for_an_answer_need_not_stand_in_the_whole() -> None:
    tokens = {(1, False): up_to(5), (1, True): [*up_to(5), 50, 51, 52, 53], (2, False): [*up_to(5), 60, 61]}
    assert labelled(TALK[:2], written(tokens)).spans == ((5, 7),)
