"""The plan of a battle session: who meets on what, who stands on the left, in which order, and what comes again.

Everything is drawn from a secret, so that whoever knows it can draw the plan again.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from molting_tui.evaluation.battles.draw import Draw

LEAST_REPEATS = 16
"""Fewer hidden repeats say nothing: of 5, an agreement of .74 has a 95 % spread of .41 to .92."""
GAP = 5
"""A repeat comes at least so many places after what it repeats."""
_ATTEMPTS = 20
"""Orders that are tried before equal questions are left side by side."""

Seat = tuple[str, int]
"""A contender, and of one that meets itself which of the two it is."""


class Meeting(NamedTuple):
    """Two answers (uuids) to one question (digest) that are to meet, and who gave them; one contender meets itself in
    an A/A session, and then perhaps one answer itself."""

    question: str
    first: str
    second: str
    first_contender: str
    second_contender: str

    @property
    def seats(self) -> tuple[Seat, Seat]:
        """Who sits there, told apart where both are one contender."""
        return (self.first_contender, 0), (self.second_contender, int(self.first_contender == self.second_contender))


class PlannedBattle(NamedTuple):
    """What stands at one place: the meeting, whether its first answer stands on the right, and of a repeat the place of
    what it repeats."""

    meeting: Meeting
    swapped: bool
    repeat_of: int | None = None

    @property
    def left(self) -> str:
        """The answer on the left."""
        return self.meeting.second if self.swapped else self.meeting.first

    @property
    def right(self) -> str:
        """The answer on the right."""
        return self.meeting.first if self.swapped else self.meeting.second


Samples = Mapping[str, Mapping[int, str]]
"""One contender's answers: by question (digest) and sample, their uuids."""


def meetings_between(answers: Mapping[str, Samples]) -> list[Meeting]:
    """The meetings of each pair of contenders on every question and sample that both have, in a fixed order."""
    return [
        Meeting(question, answers[first][question][sample], answers[second][question][sample], first, second)
        for first, second in combinations(sorted(answers), 2)
        for question in sorted(answers[first].keys() & answers[second].keys())
        for sample in sorted(answers[first][question].keys() & answers[second][question].keys())
    ]


def meetings_of_itself(contender: str, answers: Samples) -> list[Meeting]:
    """The meetings of one contender with itself: two samples of a question each time, or its only answer twice."""
    meetings = []
    for question in sorted(answers):
        uuids = [answers[question][sample] for sample in sorted(answers[question])]
        twos = list(zip(uuids[::2], uuids[1::2], strict=False)) or [(uuids[0], uuids[0])]
        meetings += [Meeting(question, first, second, contender, contender) for first, second in twos]
    return meetings


def draw_plan(secret: bytes, meetings: Iterable[Meeting], repeats: int = 0) -> tuple[PlannedBattle, ...]:
    """The plan that a secret draws for these meetings, in whatever order they are given.

    Sides are balanced: each contender stands on the left as often as on the right (of an odd number one more), within
    each question too, and of two that meet twice on a question each stands on the left once. Equal questions aren't
    neighbours where that can be. `repeats` of the meetings come again with their sides swapped, GAP places later or
    more. Raises ValueError for more repeats than meetings, or so few meetings that none can come GAP places later.
    """
    ordered = sorted(meetings)
    if repeats > len(ordered) or (repeats and len(ordered) < GAP):
        raise ValueError(f"{repeats} repeats of {len(ordered)} meetings")
    swapped = _sides(Draw(secret, "sides"), ordered)
    numbers = list(range(len(ordered)))
    Draw(secret, "repeats").shuffle(numbers)
    again = frozenset(numbers[:repeats])
    places: dict[int, int] = {}
    plan = []
    for place, number in enumerate(_order(secret, [meeting.question for meeting in ordered], again)):
        earlier = places.setdefault(number, place)
        if earlier == place:
            plan.append(PlannedBattle(ordered[number], swapped[number]))
        else:
            plan.append(PlannedBattle(ordered[number], not swapped[number], earlier))
    return tuple(plan)


# Sides


def _sides(draw: Draw, meetings: Sequence[Meeting]) -> list[bool]:
    """Of each meeting whether its first answer stands on the right."""
    swapped = [False] * len(meetings)
    cells: dict[tuple[str, Seat, Seat], list[int]] = defaultdict(list)
    for number, meeting in enumerate(meetings):
        cells[meeting.question, *meeting.seats].append(number)
    single = []
    for numbers in cells.values():
        draw.shuffle(numbers)
        for one, other in zip(numbers[::2], numbers[1::2], strict=False):
            swapped[one] = draw.coin()
            swapped[other] = not swapped[one]
        if len(numbers) % 2:
            single.append(numbers[-1])
    between: Counter[tuple[Seat, Seat]] = Counter()
    for walk in _closed_walks(draw, meetings, single):
        sums: Counter[tuple[Seat, Seat]] = Counter()
        for number, backwards in walk:
            sums[meetings[number].seats] += -1 if backwards else 1
        # A closed walk is as balanced the other way round: the way is taken that evens out each pair of contenders.
        forth = sum((between[pair] + value) ** 2 for pair, value in sums.items())
        back = sum((between[pair] - value) ** 2 for pair, value in sums.items())
        turned = draw.coin() if forth == back else back < forth
        for number, backwards in walk:
            swapped[number] = backwards != turned
        for pair, value in sums.items():
            between[pair] += -value if turned else value
    return swapped


def _closed_walks(draw: Draw, meetings: Sequence[Meeting], numbers: Sequence[int]) -> list[list[tuple[int, bool]]]:
    """The meetings as walks that end where they began, with whether each is walked backwards (from its second seat).

    The points are a contender's seat in a question, the ways between them are meetings. Whoever walks leaves each point
    as often as they come to it: leaving is standing on the left. Points with an odd number of ways are joined by a way
    of no meaning, first those of one contender, so that what is left over evens out between its questions (Euler).
    """
    Point = tuple[str, Seat]
    ways: list[tuple[Point, Point, int]] = []
    for number in numbers:
        first, second = meetings[number].seats
        ways.append(((meetings[number].question, first), (meetings[number].question, second), number))
    often = Counter(point for way in ways for point in way[:2])
    odd: dict[Seat, list[Point]] = defaultdict(list)
    for point, count in often.items():
        if count % 2:
            odd[point[1]].append(point)
    over: list[Point] = []
    for points in odd.values():
        draw.shuffle(points)
        ways += [(one, other, -1) for one, other in zip(points[::2], points[1::2], strict=False)]
        over += points[len(points) // 2 * 2 :]
    draw.shuffle(over)
    ways += [(one, other, -1) for one, other in zip(over[::2], over[1::2], strict=True)]
    at: dict[Point, list[int]] = defaultdict(list)
    for index, way in enumerate(ways):
        at[way[0]].append(index)
        at[way[1]].append(index)
    for indexes in at.values():
        draw.shuffle(indexes)
    walked = [False] * len(ways)
    walks = []
    for start in at:
        walk: list[tuple[int, bool]] = []
        here = start
        while at[here]:
            index = at[here].pop()
            if walked[index]:
                continue
            walked[index] = True
            first_point, second_point, number = ways[index]
            backwards = here == second_point
            here = first_point if backwards else second_point
            if number >= 0:
                walk.append((number, backwards))
        walks.append(walk)
    return walks


# Order


def _order(secret: bytes, questions: Sequence[str], again: frozenset[int]) -> list[int]:
    """The numbers of the meetings as they come; those of `again` come twice."""
    total = len(questions) + len(again)
    counts = Counter(questions) + Counter(questions[number] for number in again)
    least = max(0, 2 * max(counts.values(), default=0) - total - 1)
    best: list[int] = []
    fewest = total + 1
    attempt = 0
    while (not best and total) or (attempt < _ATTEMPTS and fewest > least):
        order = _attempt(Draw(secret, f"order:{attempt}"), questions, again)
        attempt += 1
        neighbours = sum(questions[one] == questions[other] for one, other in pairwise(order))
        if len(order) == total and neighbours < fewest:
            best, fewest = order, neighbours
    return best


def _attempt(draw: Draw, questions: Sequence[str], again: frozenset[int]) -> list[int]:
    """One order; a shorter one where at its end only repeats were left that came too early."""
    fresh: dict[str, list[int]] = defaultdict(list)
    for number, question in enumerate(questions):
        fresh[question].append(number)
    for numbers in fresh.values():
        draw.shuffle(numbers)
    left = Counter(questions) + Counter(questions[number] for number in again)
    most = max(left.values(), default=0)
    total, to_repeat = left.total(), len(again)
    ready: dict[str, deque[int]] = defaultdict(deque)
    coming: deque[tuple[int, int]] = deque()
    order: list[int] = []
    placed: set[int] = set()
    before = ""
    for place in range(total):
        while coming and coming[0][0] <= place:
            ready[questions[coming[0][1]]].append(coming.popleft()[1])
        # What comes again mustn't come so late that its repeat finds no place any more.
        hurry = 0 < to_repeat >= total - GAP - place
        if hurry:
            there = [name for name, numbers in fresh.items() if any(number in again for number in numbers)]
        else:
            there = [name for name, count in left.items() if count and (fresh[name] or ready[name])]
        if not there:
            return order
        remaining = total - place
        if 2 * most > remaining:
            most = max(left.values())
        # A question with more than half of what is left must come now, or it would meet itself later.
        too_many = there if 2 * most > remaining else ()
        forced = [name for name in too_many if name != before and 2 * left[name] > remaining]
        choices = forced or [name for name in there if name != before] or there
        name = draw.weighted(choices, [left[choice] for choice in choices])
        number = _taken(draw, fresh[name], ready[name], again if hurry else None)
        if number in again and number not in placed:
            placed.add(number)
            coming.append((place + GAP, number))
            to_repeat -= 1
        order.append(number)
        left[name] -= 1
        before = name
    return order


def _taken(draw: Draw, fresh: list[int], ready: deque[int], hurried: frozenset[int] | None) -> int:
    """Take one of a question's meetings: a fresh one (of `hurried`), or the repeat that has waited longest."""
    if hurried is not None:
        return fresh.pop(next(at for at, number in enumerate(fresh) if number in hurried))
    if ready and (not fresh or draw.below(len(fresh) + len(ready)) < len(ready)):
        return ready.popleft()
    return fresh.pop()
