"""Promises of the order of a session: contenders and questions shared out over its halves, neighbours apart, repeats
far behind what they repeat."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from statistics import pstdev

from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.scoring.session_order import (
    LEAST_APART,
    LEAST_REPEATS,
    Item,
    Showing,
    blocked_order,
    order_with_repeats,
)

EIGHT_BY_TWO = [(contender, f"q{number}") for number in range(8) for contender in ("new", "base")]
ITEMS = st.lists(st.tuples(st.sampled_from(("a", "b", "c")), st.sampled_from(("q", "r", "s", "t", "u"))), min_size=1)
SEEDS = st.integers(0, 2**32)


def neighbours(items: list[Item], order: list[int]) -> int:
    return sum(items[one][1] == items[other][1] for one, other in itertools.pairwise(order))


def assert_halves_alike(items: list[Item], order: list[int]) -> None:
    """Both halves hold each contender and each question as often, or one differs by one."""
    middle = (len(order) + 1) // 2
    for part in (0, 1):
        counts = [Counter(items[number][part] for number in half) for half in (order[:middle], order[middle:])]
        for name in counts[0] | counts[1]:
            assert abs(counts[0][name] - counts[1][name]) <= 1


@given(ITEMS, SEEDS)
def test_every_answer_is_shown_once_and_each_half_holds_each_contender_equally_often(
    items: list[Item], seed: int
) -> None:
    order = blocked_order(items, random.Random(seed))
    assert sorted(order) == list(range(len(items)))
    if len({contender for contender, _ in items}) > 1:
        assert_halves_alike(items, order)


@given(ITEMS, SEEDS)
def test_answers_to_one_question_are_no_neighbours_unless_it_has_half_of_all(items: list[Item], seed: int) -> None:
    order = blocked_order(items, random.Random(seed))
    most = max(Counter(question for _, question in items).values())
    if 2 * most <= len(items) - 2:
        assert neighbours(items, order) == 0


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), SEEDS)
def test_one_contenders_answers_to_a_question_are_neighbours_only_where_they_must_be(
    counts: list[int], seed: int
) -> None:
    items = [("v1", f"q{question}") for question, count in enumerate(counts) for _ in range(count)]
    order = blocked_order(items, random.Random(seed))
    assert sorted(order) == list(range(len(items)))
    # One question more often than all others and the gaps between them: the rest must touch.
    assert neighbours(items, order) == max(0, max(counts) - (sum(counts) - max(counts)) - 1)


def showings(items: list[Item], repeats: int, seed: int) -> list[Showing]:
    return order_with_repeats(items, repeats, random.Random(seed))


@given(st.integers(LEAST_REPEATS, 40), st.integers(1, 3), st.data(), SEEDS)
def test_a_repeat_comes_well_after_the_first_showing_and_tells_its_place(
    questions: int, samples: int, data: st.DataObject, seed: int
) -> None:
    items = [(who, f"q{q}") for q in range(questions) for who in ("new", "base") for _ in range(samples)]
    repeats = data.draw(st.integers(LEAST_REPEATS, len(items)))
    order = showings(items, repeats, seed)
    of = {place: showing.repeat_of for place, showing in enumerate(order) if showing.repeat_of is not None}
    assert len(of) == repeats
    assert all(place - first >= LEAST_APART and order[place].item == order[first].item for place, first in of.items())
    assert sorted(showing.item for showing in order if showing.repeat_of is None) == list(range(len(items)))
    assert_halves_alike(items, [showing.item for showing in order])
    of_contender = Counter(items[order[place].item][0] for place in of)
    assert abs(of_contender["new"] - of_contender["base"]) <= 1


@given(SEEDS)
def test_most_repeats_are_further_away_than_they_must_be(seed: int) -> None:
    items = [(who, f"q{q}") for q in range(24) for who in ("new", "base")]
    order = showings(items, 16, seed)
    gaps = [place - showing.repeat_of for place, showing in enumerate(order) if showing.repeat_of is not None]
    assert sum(gap >= 16 for gap in gaps) >= 15
    assert neighbours(items, [showing.item for showing in order]) == 0


def test_no_contender_gets_the_better_places() -> None:
    draw = random.Random(11)

    def bias(order: list[int]) -> float:
        places = {who: [at for at, item in enumerate(order) if EIGHT_BY_TWO[item][0] == who] for who in ("new", "base")}
        return (sum(places["new"]) - sum(places["base"])) / (8 * (len(order) - 1))

    blocked = [bias(blocked_order(EIGHT_BY_TWO, draw)) for _ in range(2000)]
    plain = [bias(draw.sample(range(16), 16)) for _ in range(2000)]
    assert pstdev(blocked) < 0.09 < 0.14 < pstdev(plain)
    assert abs(sum(blocked) / len(blocked)) < 0.01


def test_the_order_is_another_one_with_every_draw() -> None:
    orders = {tuple(blocked_order(EIGHT_BY_TWO, random.Random(seed))) for seed in range(200)}
    assert len(orders) > 190
    firsts = Counter(order[0] for order in orders)
    assert len(firsts) == 16


def test_ten_times_the_answers_take_about_ten_times_as_long() -> None:
    def seconds(questions: int) -> float:
        items = [(who, f"q{q}") for q in range(questions) for who in ("new", "base")]
        began = time.perf_counter()
        blocked_order(items, random.Random(1))
        return time.perf_counter() - began

    small = min(seconds(500) for _ in range(3))
    # A hundredfold would be quadratic.
    assert min(seconds(5000) for _ in range(3)) < 40 * small
