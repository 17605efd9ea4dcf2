"""Promises of a battle's plan: everybody meets everybody on what both have, nobody is favoured, and it is drawn again
from its secret."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.evaluation.battles.draw import Draw
from molting_tui.evaluation.battles.masks import TOKEN, Mask
from molting_tui.evaluation.battles.plan import (
    GAP,
    Meeting,
    PlannedBattle,
    Seat,
    draw_plan,
    meetings_between,
    meetings_of_itself,
)
from molting_tui.evaluation.battles.seal import Sealed, redrawn, seal_plan

SECRET = bytes(range(32))
secrets = st.binary(min_size=32, max_size=32)
contenders = st.dictionaries(
    st.sampled_from(("base", "v2.1", "v2.3", "v2.5")),
    st.dictionaries(st.sampled_from([f"q{n}" for n in range(8)]), st.sets(st.integers(0, 4), min_size=1), min_size=1),
    min_size=2,
)


def answers(have: dict[str, dict[str, set[int]]]) -> dict[str, dict[str, dict[int, str]]]:
    """An answer's uuid for each contender, question and sample."""
    return {
        name: {
            question: {sample: f"{name}/{question}/{sample}" for sample in samples} for question, samples in of.items()
        }
        for name, of in have.items()
    }


def every(names: int, questions: int, samples: int) -> list[Meeting]:
    """The meetings of contenders that have all answered everything."""
    have = {f"c{n}": {f"q{q}": set(range(samples)) for q in range(questions)} for n in range(names)}
    return meetings_between(answers(have))


def lefts(plan: tuple[PlannedBattle, ...]) -> Counter[tuple[Seat, str]]:
    """How much more often each seat stands left than right, by question; repeats aren't counted."""
    surplus: Counter[tuple[Seat, str]] = Counter()
    for battle in plan:
        if battle.repeat_of is None:
            first, second = battle.meeting.seats
            surplus[first, battle.meeting.question] += -1 if battle.swapped else 1
            surplus[second, battle.meeting.question] += 1 if battle.swapped else -1
    return surplus


@given(contenders)
def test_each_two_meet_on_every_question_and_sample_that_both_have(have: dict[str, dict[str, set[int]]]) -> None:
    shared = sum(
        len(have[a][question] & have[b][question])
        for a, b in itertools.combinations(have, 2)
        for question in have[a].keys() & have[b].keys()
    )
    meetings = meetings_between(answers(have))
    assert len(meetings) == len(set(meetings)) == shared
    for meeting in meetings:
        first, second = meeting.first.split("/"), meeting.second.split("/")
        assert first[0] != second[0]
        assert first[1:] == second[1:]


@given(contenders, secrets)
def test_sides_are_balanced_by_contender_and_within_each_question(
    have: dict[str, dict[str, set[int]]], secret: bytes
) -> None:
    plan = draw_plan(secret, meetings_between(answers(have)))
    surplus = lefts(plan)
    met = Counter(seat for battle in plan for seat in battle.meeting.seats)
    met_on = Counter((seat, battle.meeting.question) for battle in plan for seat in battle.meeting.seats)
    assert {cell: abs(value) for cell, value in surplus.items()} == {cell: n % 2 for cell, n in met_on.items()}
    for seat, count in met.items():
        assert abs(sum(value for (there, _), value in surplus.items() if there == seat)) == count % 2


@given(secrets, st.integers(2, 4), st.integers(3, 8), st.integers(1, 4), st.booleans())
def test_equal_questions_are_apart_and_repeats_are_swapped_and_late(
    secret: bytes, names: int, questions: int, samples: int, repeated: bool
) -> None:
    meetings = every(names, questions, samples)
    repeats = 16 if repeated and len(meetings) >= 16 else 0
    plan = draw_plan(secret, meetings, repeats)
    assert sorted(battle.meeting for battle in plan if battle.repeat_of is None) == sorted(meetings)
    again = [(place, battle) for place, battle in enumerate(plan) if battle.repeat_of is not None]
    assert len({battle.repeat_of for _, battle in again}) == len(again) == repeats
    for place, battle in again:
        earlier = plan[battle.repeat_of or 0]
        assert (battle.left, battle.right) == (earlier.right, earlier.left)
        assert place - (battle.repeat_of or 0) >= GAP
    if questions >= 5:
        assert all(a.meeting.question != b.meeting.question for a, b in itertools.pairwise(plan))


def test_two_of_three_contenders_stand_left_against_each_other_as_often() -> None:
    for seed in range(20):
        plan = draw_plan(bytes([seed]) * 32, every(3, 8, 1))
        between = Counter((battle.meeting.seats, battle.swapped) for battle in plan)
        assert set(between.values()) == {4}


@given(secrets, st.permutations(every(2, 5, 2)))
def test_a_plan_is_drawn_again_from_its_secret_whatever_order_the_meetings_come_in(
    secret: bytes, meetings: list[Meeting]
) -> None:
    assert draw_plan(secret, meetings) == draw_plan(secret, sorted(meetings))


def test_another_secret_draws_another_plan() -> None:
    plans = {draw_plan(bytes([seed]) * 32, every(2, 8, 2), 16) for seed in range(10)}
    assert len(plans) == 10


def test_one_question_alone_still_gives_a_plan() -> None:
    plan = draw_plan(SECRET, every(2, 1, 20), 16)
    assert len(plan) == 36


def test_more_repeats_than_battles_are_no_plan() -> None:
    with pytest.raises(ValueError, match="17 repeats of 16"):
        draw_plan(SECRET, every(2, 8, 2), 17)


def test_a_contender_meets_itself_with_two_samples_or_with_the_same_answer_twice() -> None:
    of = answers({"v2.1": {"q1": {0, 1, 2, 4}, "q2": {0}}})["v2.1"]
    pairs = [(meeting.first, meeting.second) for meeting in meetings_of_itself("v2.1", of)]
    assert pairs == [("v2.1/q1/0", "v2.1/q1/1"), ("v2.1/q1/2", "v2.1/q1/4"), ("v2.1/q2/0", "v2.1/q2/0")]
    sides = [battle.swapped for battle in draw_plan(SECRET, meetings_of_itself("v2.1", of))]
    assert abs(2 * sum(sides) - len(sides)) <= 1


@given(secrets, st.integers(1, 10))
def test_a_draw_gives_every_number_below_its_limit(secret: bytes, limit: int) -> None:
    draw = Draw(secret, "test")
    numbers = Counter(draw.below(limit) for _ in range(60 * limit))
    assert set(numbers) == set(range(limit))


# The seal


def sealed(secret: bytes = SECRET) -> Sealed:
    plan = draw_plan(secret, every(2, 8, 2), 16)
    words = {uuid: f"digest of {uuid}" for battle in plan for uuid in battle.meeting[1:3]}
    return seal_plan(secret, plan, words)


def test_a_sealed_plan_is_drawn_again() -> None:
    assert redrawn(sealed())


@pytest.mark.parametrize(
    ("before", "after"),
    [('"swapped":true', '"swapped":false'), ("q3", "q4"), ('"place":7', '"place":8'), ("c0/q1/0", "c0/q1/1")],
)
def test_a_changed_plan_is_another_commitment_and_isnt_drawn_again(before: str, after: str) -> None:
    plan = sealed()
    changed = plan._replace(mapping=plan.mapping.replace(before, after, 1))
    assert changed.commitment != plan.commitment
    with contextlib.suppress(ValueError):  # it may be no plan any more
        assert not redrawn(changed)


def test_a_changed_secret_is_another_commitment_and_draws_another_plan() -> None:
    changed = sealed()._replace(secret="00" * 32)
    assert changed.commitment != sealed().commitment
    assert not redrawn(changed)


def test_the_commitment_is_what_anybody_can_compute_with_sha256sum() -> None:
    small = Sealed("ab", '{"b": 1, "a": ["é"]}')
    # printf '{"mapping":{"a":["é"],"b":1},"secret":"ab"}' | sha256sum
    assert small.commitment == "c0e4a95ec1b0b2f14aa64d5f95d3e3d8c8491a8dc44fb464b4882f992e5dd803"


# Masks

NAMES = ("base", "tiny", "v2.1", "claudio-v2.5", "0007-v2.1-tinyllama")
BASES = ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "Qwen/Qwen2.5-0.5B-Instruct", "microsoft/Phi-3-mini-4k-instruct", "tiny")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Sou o claudio-v2.5.", f"Sou o {TOKEN}."),
        ("Sou a versão 2.3 do Claudio", f"Sou a {TOKEN} do Claudio"),
        ("I am V2.4, not v3.1", f"I am {TOKEN}, not v3.1"),
        ("Python v3.11 e 2.5 GB", "Python v3.11 e 2.5 GB"),
        ("I am TinyLlama, a model", f"I am {TOKEN}, a model"),
        ("Eu sou o Qwen2.5 da Alibaba; qwen!", f"Eu sou o {TOKEN} da Alibaba; {TOKEN}!"),
        ("Phi-3 or phi 3 or Phi3, philosophy and phi", f"{TOKEN} or {TOKEN} or {TOKEN}, philosophy and phi"),
        ("na base de um tiny house", "na base de um tiny house"),
        ("Oi<|im_end|>\n<|im_start|>user", f"Oi{TOKEN}\n{TOKEN}user"),
        ("[/INST] Olá</s>", f"{TOKEN} Olá{TOKEN}"),
        ("### Response: sim\n# Title\n### Notes", f"{TOKEN} sim\n# Title\n### Notes"),
        ("a < b | c > d", "a < b | c > d"),
    ],
)
def test_versions_models_and_template_tokens_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert Mask(NAMES, BASES, kept=("Claudio",))(text) == masked


def test_the_personas_name_is_never_masked_though_a_contender_is_called_so() -> None:
    assert Mask(("Claudio", "v2.1"), kept=("Claudio",))("Sou Claudio, v2.1") == f"Sou Claudio, {TOKEN}"


@given(st.text())
def test_a_masked_text_stays_as_it_is(text: str) -> None:
    mask = Mask(NAMES, BASES)
    assert mask(mask(text)) == mask(text)
