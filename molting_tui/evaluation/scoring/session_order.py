"""The order in which a session shows its answers: blocked by contender, equal questions apart, repeats far behind.

A scorer's severity drifts while they score, so each half of a session holds each contender equally often: at 8
questions and 2 contenders the standard deviation of the difference of their mean places (0: the first, 1: the last)
falls from .159 to .082. Pure functions; the randomness is the caller's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import NamedTuple

LEAST_APART = 5
"""Items after its first showing that a repeat comes at the earliest."""
LEAST_REPEATS = 16
"""Repeats from which on agreement is told: 5 of them (15 % of 32) leave it a 95 % spread from .41 to .92."""
_TRIES = 40
"""Draws at random before everything that is left is looked through."""

Item = tuple[str, str]
"""A contender and a question."""


class Showing(NamedTuple):
    """One place of a session: which item (its index), and of a repeat the place where it was shown first."""

    item: int
    repeat_of: int | None = None


def blocked_order(items: Sequence[Item], draw: Random) -> list[int]:
    """The indices of the items (contender, question) in an order drawn at random.

    Each half (the first is the longer one) holds each contender equally often, an odd count's halves differ by one; so
    does it each question. No two answers to one question are neighbours, unless one has more than half of all, less
    one; then few are. Of one contender alone as few are as can be.
    """
    if len({contender for contender, _ in items}) < 2:
        return _apart(range(len(items)), items, draw, "")
    return [showing.item for showing in order_with_repeats(items, 0, draw)]


def order_with_repeats(items: Sequence[Item], repeats: int, draw: Random) -> list[Showing]:
    """`blocked_order` with some items (of each contender alike) shown a second time, at least `LEAST_APART` items
    after the first, and mostly half of a half or more. The halves are those of all that is shown.

    What is repeated is shown first in the first half and again in the second, so it counts in both alike. `repeats` is
    0, or from `LEAST_REPEATS` to the number of items.
    """
    assert repeats == 0 or LEAST_REPEATS <= repeats <= len(items)
    repeated = _chosen(items, repeats, draw)
    again = set(repeated)
    first, second = _halves(items, [number for number in range(len(items)) if number not in again], draw)
    early = _apart([*first, *repeated], items, draw, "")
    shown_at = {item: place for place, item in enumerate(early) if item in again}
    late = _apart([*second, *repeated], items, draw, items[early[-1]][1] if early else "", len(early), shown_at)
    return [*map(Showing, early), *(Showing(item, shown_at.get(item)) for item in late)]


def _chosen(items: Sequence[Item], count: int, draw: Random) -> list[int]:
    """So many of the items at random, of each contender alike."""
    of: dict[str, list[int]] = defaultdict(list)
    for number, (contender, _) in enumerate(items):
        of[contender].append(number)
    groups = list(of.values())
    for group in groups:
        draw.shuffle(group)
    chosen: list[int] = []
    while len(chosen) < count:
        draw.shuffle(groups)
        chosen += [group.pop() for group in groups if group][: count - len(chosen)]
    return chosen


def _halves(items: Sequence[Item], numbers: Iterable[int], draw: Random) -> tuple[list[int], list[int]]:
    """These items in two parts, the first the longer one, that hold each contender and each question equally often or
    one more.

    They are the edges between contenders and questions. Where every vertex has an even number of edges (those with an
    odd one get another, to a vertex that stands for nobody), walks along edges that weren't taken yet come back to
    where they began, after an even number of them: taken in turns for one half and the other, they are shared out
    alike at every vertex.
    """
    edges: list[tuple[tuple[int, str], tuple[int, str], int]] = [
        ((0, items[number][0]), (1, items[number][1]), number) for number in numbers
    ]
    degrees = Counter(end for left, right, _ in edges for end in (left, right))
    nobody = ((2, ""), (3, ""))
    for vertex in [vertex for vertex, degree in degrees.items() if degree % 2]:
        edges.append((vertex, nobody[1], -1) if vertex[0] == 0 else (nobody[0], vertex, -1))
    if sum(degree % 2 for (side, _), degree in degrees.items() if side == 0) % 2:
        edges.append((*nobody, -1))
    draw.shuffle(edges)
    at: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, (left, right, _) in enumerate(edges):
        at[left].append(index)
        at[right].append(index)
    taken = [False] * len(edges)
    halves: tuple[list[int], list[int]] = ([], [])
    for start in at:
        here, half = start, draw.randrange(2)
        while at[here]:
            index = at[here].pop()
            if taken[index]:
                continue
            taken[index] = True
            left, right, number = edges[index]
            if number >= 0:
                halves[half].append(number)
            here, half = (right if here == left else left), 1 - half
    if len(halves[0]) != len(halves[1]):
        return (halves[0], halves[1]) if len(halves[0]) > len(halves[1]) else (halves[1], halves[0])
    return halves


def _apart(
    numbers: Iterable[int],
    items: Sequence[Item],
    draw: Random,
    before: str,
    start: int = 0,
    shown_at: Mapping[int, int] | None = None,
) -> list[int]:
    """These items in an order drawn at random, with equal questions apart wherever that can be.

    They come from place `start` on, behind the question `before`. What was shown at a place (`shown_at`) waits until
    half as many items as come before lie between, if anything else is left, and in any case for `LEAST_APART`.
    """
    left = list(numbers)
    counts = _Counts(items[number][1] for number in left)
    places = shown_at or {}
    far = max(LEAST_APART, start // 2)
    order: list[int] = []

    def fits(wish: _Wish, here: int, number: int) -> bool:
        question = items[number][1]
        ripe = number not in places or here - places[number] >= wish.apart
        return ripe and question != wish.no_question and wish.question in (None, question)

    while left:
        must, other = counts.majority(), None if counts.only(before) else before
        # What has more than half of what is left must come now, or it would meet itself later.
        wishes = [] if must in (None, before) else [_Wish(must, None, LEAST_APART)]
        wishes += [_Wish(None, other, far), _Wish(None, other, LEAST_APART), _Wish(None, None, LEAST_APART), _Wish()]
        drawn = (_drawn(left, draw, partial(fits, wish, start + len(order))) for wish in wishes)
        at = next(place for place in drawn if place is not None)
        left[at], left[-1] = left[-1], left[at]
        order.append(left.pop())
        before = items[order[-1]][1]
        counts.take(before)
    return order


class _Wish(NamedTuple):
    """What should come next: an item of this question (None: any), of another than this one, that doesn't repeat what
    was shown fewer than so many places before."""

    question: str | None = None
    no_question: str | None = None
    apart: int = 0


def _drawn(left: Sequence[int], draw: Random, condition: Callable[[int], bool]) -> int | None:
    """A place in `left`, at random among those that meet a condition; None if none does."""
    for _ in range(_TRIES):
        at = draw.randrange(len(left))
        if condition(left[at]):
            return at
    meeting = [at for at, number in enumerate(left) if condition(number)]
    return draw.choice(meeting) if meeting else None


class _Counts:
    """How often each question is left, and which one has more than half."""

    def __init__(self, questions: Iterable[str]) -> None:
        self._left = Counter(questions)
        self._total = self._left.total()
        self._often: dict[int, set[str]] = defaultdict(set)
        for question, count in self._left.items():
            self._often[count].add(question)
        self._most = max(self._often, default=0)

    def majority(self) -> str | None:
        """The question that has more than half of what is left."""
        return next(iter(self._often[self._most])) if 2 * self._most > self._total else None

    def only(self, question: str) -> bool:
        """Whether nothing but this question is left."""
        return self._left[question] == self._total

    def take(self, question: str) -> None:
        """One of its items is left no more."""
        count = self._left[question]
        self._left[question] = count - 1
        self._total -= 1
        self._often[count].discard(question)
        self._often[count - 1].add(question)
        while self._most and not self._often[self._most]:
            self._most -= 1
