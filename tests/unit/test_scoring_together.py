"""Promises of scoring a new version together with a baseline, and of hidden repeats: one session, mixed, nothing told,
and no rating that stood is written over."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import fields

import pytest

from molting_tui import workspace as workspaces
from molting_tui.errors import BadInput
from molting_tui.evaluation.results.agreement_sheets import repeated_sheets
from molting_tui.evaluation.results.comparable import comparable
from molting_tui.evaluation.results.table import rated_answers, results
from molting_tui.evaluation.scoring.blind_session import Scoring, start, waiting
from molting_tui.evaluation.scoring.open_sessions import close_session, open_sessions
from molting_tui.evaluation.scoring.sheet_rows import rate_answer
from molting_tui.records.evaluation import Rating
from molting_tui.store import answers, ratings
from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set, rubric

RUBRIC = rubric()
EIGHT = question_set(*(question(f"q{number}") for number in range(8)))
SIXTEEN = question_set(*(question(f"s{number}") for number in range(16)), id="sixteen")
NEW = {"contenders": ("v2.5",), "versus": ("v2.1",)}


def score(scoring: Scoring, level: int = 1) -> None:
    for place in scoring.places:
        for dimension in scoring.rubric.dimensions:
            scoring.rate(place, dimension.id, level)


def whose(workspace: Workspace, scoring: Scoring) -> list[tuple[str, str]]:
    """Contender and question of every place."""
    of = {each.uuid: (each.contender, each.question.id) for each in answers.answers(workspace.store)}
    return [of[scoring.item(place).uuid] for place in scoring.places]


def standing(workspace: Workspace) -> list[Rating]:
    return ratings.ratings(workspace.store, RUBRIC.digest, [each.uuid for each in answers.names(workspace.store)])


@pytest.fixture
def baseline(workspace: Workspace) -> Workspace:
    """v2.1, scored in a session of its own; then v2.5 answers the same questions."""
    answered(workspace, EIGHT, ("v2.1",))
    score(start(workspace, RUBRIC), 2)
    answered(workspace, EIGHT, ("v2.5",), run="0002-answers")
    return workspace


# Together with a baseline


def test_a_new_version_comes_mixed_with_the_baselines_stored_answers(baseline: Workspace) -> None:
    scoring = start(baseline, RUBRIC, **NEW)
    places = whose(baseline, scoring)
    assert sorted(places) == sorted((name, one.id) for name in ("v2.1", "v2.5") for one in EIGHT.questions)
    assert Counter(name for name, _ in places[:8]) == {"v2.1": 4, "v2.5": 4}
    assert all(one[1] != other[1] for one, other in itertools.pairwise(places))
    assert scoring.left == 16
    assert scoring.blind
    assert scoring.seen == 0


def test_what_was_scored_of_the_baseline_stands_and_gets_a_second_pass(baseline: Workspace) -> None:
    before = standing(baseline)
    score(start(baseline, RUBRIC, **NEW), 0)
    after = standing(baseline)
    assert [rating for rating in after if rating in before] == before
    passes = Counter((rating.rating_pass, rating.level) for rating in after)
    assert passes == {(1, 2): 16, (2, 0): 16, (1, 0): 16}
    assert all(rating.blind for rating in after)


def test_only_what_was_scored_together_is_compared(baseline: Workspace) -> None:
    score(start(baseline, RUBRIC, contenders=("v2.5",)), 1)
    score(start(baseline, RUBRIC, **NEW), 0)
    given = rated_answers(baseline, RUBRIC)
    sides = [[each for each in given if each.answer.contender == name] for name in ("v2.1", "v2.5")]
    assert [(fact.a, fact.b) for fact in comparable(RUBRIC, *sides).facts] == [(0, 0)] * 8


def test_a_comparison_is_gone_on_with_and_is_no_session_of_another_choice(baseline: Workspace) -> None:
    scoring = start(baseline, RUBRIC, **NEW)
    scoring.rate(3, "tone", 1)
    assert start(baseline, RUBRIC, **NEW).number == scoring.number
    assert start(baseline, RUBRIC, contenders=("v2.5",)).number != scoring.number
    score(scoring)
    with pytest.raises(BadInput, match=r"you scored all that v2\.5 and v2\.1 share in one session already.*--again"):
        start(baseline, RUBRIC, **NEW)
    again = start(baseline, RUBRIC, **NEW, again=True)
    assert (again.total, again.left) == (16, 16)


def test_the_same_answers_open_in_two_sessions_have_two_sheets(workspace: Workspace) -> None:
    answered(workspace, EIGHT, ("v2.1", "v2.5"))
    together = start(workspace, RUBRIC, **NEW)
    score(start(workspace, RUBRIC), 2)
    assert together.left == 16
    score(together, 0)
    assert {(rating.rating_pass, rating.level) for rating in standing(workspace)} == {(1, 0), (2, 2)}


def test_what_is_asked_later_is_scored_together_in_another_session(baseline: Workspace) -> None:
    score(start(baseline, RUBRIC, **NEW))
    answered(baseline, SIXTEEN, ("v2.1", "v2.5"), run="0003-answers")
    assert {asked for _, asked in whose(baseline, start(baseline, RUBRIC, repeats=0, **NEW))} == {
        one.id for one in SIXTEEN.questions
    }


def test_a_session_that_was_closed_half_way_leaves_the_rest_to_the_next(baseline: Workspace) -> None:
    scoring = start(baseline, RUBRIC, **NEW)
    chosen = {"q1", "q2"}
    for place, (_, asked) in enumerate(whose(baseline, scoring)):
        if asked in chosen:
            scoring.rate(place, "tone", 1)
            scoring.rate(place, "truth", 1)
    close_session(baseline, open_sessions(baseline)[0].number)
    rest = start(baseline, RUBRIC, **NEW)
    assert {asked for _, asked in whose(baseline, rest)} == {one.id for one in EIGHT.questions} - chosen
    assert all(not rest.item(place).levels for place in rest.places)


def test_a_sheet_that_two_sessions_filled_in_is_of_neither(workspace: Workspace) -> None:
    answered(workspace, question_set(*EIGHT.questions[:2]), ("v2.1", "v2.5"))

    def rate(scoring: Scoring, *said: tuple[str, str, str]) -> None:
        for place, (name, asked) in enumerate(whose(workspace, scoring)):
            for dimension in ("tone", "truth"):
                if (name, asked, dimension) in said:
                    scoring.rate(place, dimension, 1)

    first = start(workspace, RUBRIC)
    halves = (("v2.1", "q0", "tone"), ("v2.1", "q1", "tone"))
    rate(first, *halves, ("v2.5", "q0", "tone"), ("v2.5", "q0", "truth"))
    close_session(workspace, first.number)
    score(start(workspace, RUBRIC))
    together = start(workspace, RUBRIC, **NEW)
    assert {asked for _, asked in whose(workspace, together)} == {"q0", "q1"}


def test_answers_without_a_counterpart_are_left_out(workspace: Workspace) -> None:
    answered(workspace, EIGHT, ("v2.1",))
    answered(workspace, EIGHT, ("v2.5",), samples=2, run="2")
    answered(workspace, SIXTEEN, ("v2.5",), run="3")
    assert Counter(name for name, _ in whose(workspace, start(workspace, RUBRIC, **NEW))) == {"v2.1": 8, "v2.5": 8}


def test_two_baselines_are_mixed_in_alike(workspace: Workspace) -> None:
    answered(workspace, EIGHT, ("v2.0", "v2.1", "v2.5"))
    places = whose(workspace, start(workspace, RUBRIC, contenders=("v2.5",), versus=("v2.1", "v2.0")))
    assert Counter(name for name, _ in places[:12]) == dict.fromkeys(("v2.0", "v2.1", "v2.5"), 4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"contenders": ("v2.5",), "versus": ("v9",)}, r"no answer is known of this contender.*: base, v2\.1, v2\.5"),
        ({"versus": ("v2.1",)}, "a baseline alone is no comparison.*--of NAME"),
        ({"contenders": ("v2.1",), "versus": ("v2.1",)}, r"`v2\.1` can't be scored together with itself"),
        ({"contenders": ("v2.5",), "versus": ("base",)}, r"v2\.5 and base have no stored answer to the same question"),
        ({**NEW, "repeats": 20}, "of 16 answers 20 can't come a second time.*0, or 16 to 16"),
        ({**NEW, "repeats": 3}, "fewer than 16 repeats tell nothing of agreement"),
        ({**NEW, "language": "pt"}, r"v2\.5 and v2\.1 have no stored answer to the same question"),
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_session_is_told_why(
    baseline: Workspace, options: dict[str, object], sentence: str
) -> None:
    answered(baseline, SIXTEEN, ("base",), run="4")
    before = baseline.store.value("select count(*) from score_item")
    with pytest.raises(BadInput, match=sentence):
        start(baseline, RUBRIC, **options)  # type: ignore[arg-type]
    assert baseline.store.value("select count(*) from score_item") == before


# Hidden repeats


@pytest.fixture
def repeated(workspace: Workspace) -> Scoring:
    """A session of 32 answers, 16 of which come a second time."""
    answered(workspace, SIXTEEN, ("v2.1", "v2.5"))
    return start(workspace, RUBRIC)


def twice(scoring: Scoring) -> dict[int, int]:
    """By the place of a repeat, the place of what it repeats."""
    first: dict[str, int] = {}
    repeats = {}
    for place in scoring.places:
        uuid = scoring.item(place).uuid
        if uuid in first:
            repeats[place] = first[uuid]
        first.setdefault(uuid, place)
    return repeats


def test_from_32_answers_on_16_come_a_second_time_well_behind_the_first(repeated: Scoring) -> None:
    assert (repeated.total, repeated.left) == (48, 48)
    assert len(twice(repeated)) == 16
    assert all(again - first >= 5 for again, first in twice(repeated).items())


def test_sessions_of_fewer_answers_have_none_unless_they_are_asked_for(workspace: Workspace) -> None:
    answered(workspace, SIXTEEN, ("v2.1",))
    assert start(workspace, RUBRIC).total == 16
    assert start(workspace, RUBRIC, contenders=("v2.1",), repeats=16).total == 32
    with pytest.raises(BadInput, match="its repeats were drawn when it began"):
        start(workspace, RUBRIC, repeats=16)


def test_a_repeat_shows_nothing_of_what_was_said_the_first_time(repeated: Scoring) -> None:
    again, first = next(iter(twice(repeated).items()))
    repeated.rate(first, "tone", 2)
    repeated.note(first, "vague")
    there, here = repeated.item(first), repeated.item(again)
    assert (there.levels, there.note) == ({"tone": 2}, "vague")
    assert (here.levels, here.note) == ({}, "")
    differing = {one.name for one in fields(here) if getattr(here, one.name) != getattr(there, one.name)}
    assert differing == {"place", "levels", "note"}
    assert repeated.left == 48


def test_undo_redo_and_what_is_left_go_by_the_place(repeated: Scoring) -> None:
    again, first = next(iter(twice(repeated).items()))
    for place in (first, again):
        repeated.rate(place, "tone", 1)
        repeated.rate(place, "truth", 1)
    assert repeated.left == 46
    undone = repeated.undo()
    assert undone is not None
    assert (undone.place, undone.sentence) == (again, f"Taken back: truth 1 (answer {again + 1}).")
    assert (repeated.left, repeated.item(again).levels) == (47, {"tone": 1})
    redone = repeated.redo()
    assert redone is not None
    assert (redone.place, repeated.left) == (again, 46)
    repeated.undo()
    repeated.undo()
    undone = repeated.undo()
    assert undone is not None
    assert undone.place == first


def test_repeats_keep_their_own_passes_whatever_is_scored_besides(workspace: Workspace, repeated: Scoring) -> None:
    rate_answer(workspace, RUBRIC, repeated.item(0).uuid, "tone", 2)
    other = start(workspace, RUBRIC, contenders=("v2.1",), repeats=16)
    together = start(workspace, RUBRIC, **NEW)
    for number, scoring in enumerate((repeated, other, together)):
        score(scoring, number)
    of = Counter((rating.answer, rating.rating_pass, rating.dimension) for rating in standing(workspace))
    assert set(of.values()) == {1}
    # The firsts of two plain sessions are one sheet; every other showing has a sheet of its own.
    assert len(of) == 2 * (48 + 16 + 48)
    assert waiting(workspace) == 0


def test_what_is_left_follows_what_is_said_elsewhere(workspace: Workspace, repeated: Scoring) -> None:
    opened = workspaces.open_workspace(workspace.folder)
    elsewhere = start(opened, RUBRIC)
    for place in (0, 1, 5, 47):
        elsewhere.rate(place, "tone", 1)
        elsewhere.rate(place, "truth", 1)
    assert (repeated.left, repeated.next_open(-1), repeated.next_open(4), repeated.next_open(48, -1)) == (44, 2, 6, 46)
    elsewhere.undo()
    assert (repeated.left, repeated.next_open(46), repeated.next_open(6, -1)) == (45, 47, 4)
    elsewhere.redo()
    assert (repeated.left, repeated.next_open(46)) == (44, None)
    close_session(opened, elsewhere.number)
    assert (repeated.left, repeated.next_open(-1), repeated.resume_place()) == (0, None, 47)
    opened.close()


def test_repeats_that_were_scored_both_times_tell_how_far_a_rater_agrees(
    workspace: Workspace, repeated: Scoring
) -> None:
    repeats = twice(repeated)
    for place in repeated.places:
        level = 2 if place in repeats else 1
        repeated.rate(place, "tone", level)
        repeated.rate(place, "truth", 0)
    given = rated_answers(workspace, RUBRIC)
    pairs = repeated_sheets(workspace, RUBRIC, given)
    assert len(pairs) == 16
    assert {(pair.rater, pair.first["tone"], pair.again["tone"]) for pair in pairs} == {("ana", 1, 2)}
    assert {pair.answer for pair in pairs} == {repeated.item(place).uuid for place in repeats}


def test_a_repeat_without_a_score_is_no_pair_and_closing_goes_by_places(
    workspace: Workspace, repeated: Scoring
) -> None:
    repeats = twice(repeated)
    for place in repeated.places:
        if place not in repeats:
            repeated.rate(place, "tone", 1)
            repeated.rate(place, "truth", 1)
    assert (repeated.left, open_sessions(workspace)[0].left) == (16, 16)
    assert waiting(workspace) == 16
    assert start(workspace, RUBRIC).number == repeated.number
    assert repeated.resume_place() == min(repeats)
    closed = close_session(workspace, repeated.number)
    assert (closed.answers, closed.unrated) == (48, 16)
    assert repeated_sheets(workspace, RUBRIC, rated_answers(workspace, RUBRIC)) == ()
    # Every answer has a score: nothing waits but what a repeat would have told.
    with pytest.raises(BadInput, match="all 32 answers here are scored"):
        start(workspace, RUBRIC)
    assert results(workspace, RUBRIC).contenders[0].score == 5
