"""Scoring by keys: nothing tells whose answer it is, each digit counts once, and every rating is stored on its key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from textual.widgets import Input
from workbench import HOSTILE, Fill, Hand, Open, obeyed

from molting_tui import workspace as workspaces
from molting_tui.evaluation.results.table import rated_answers, results
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.records.evaluation import Fact, Question, QuestionSet, Rating
from molting_tui.store import answers
from molting_tui.text import pasteable
from molting_tui.ui.dialogs.choose import ChooseScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.results.results import ResultsScreen
from molting_tui.ui.score.score import ScoreScreen
from molting_tui.ui.widgets.lines import Lines
from molting_tui.workspace import Workspace
from tests.answered import answered, answering_run, line, question, question_set
from tests.conftest import only_reading

EIGHT = question_set(*(question(f"q{number}", f"Pergunta {number}?", must="fila") for number in range(8)))
SIZES = [(80, 24), (120, 40)]
RUBRIC = "personality-v1"

MANY = """\
format: rubric/1
id: many
version: "1"
title: Many dimensions, long anchors
scale: {values: [0, 1, 2]}
missing: incomplete
normalise: {to: [0, 10]}
dimensions:
"""


def many_dimensions(workspace: Workspace, count: int, words: int = 14) -> None:
    """A rubric file with so many dimensions, each anchor so many words long."""
    said = MANY
    for number in range(1, count + 1):
        said += f"  - {{id: M{number}, name: Dimension number {number}, key: '{number}', description: of it, levels: {{"
        said += ", ".join(
            f"{level}: " + " ".join(f"m{number}l{level}w{word}" for word in range(words)) for level in range(3)
        )
        said += "}}\n"
    (workspace.folder / "rubrics" / "many.yaml").write_text(said, "utf-8")


def nobody_speaks(workspace: Workspace) -> None:
    """A rubric of the workspace's own, like the shipped one, whose first dimension may be not applicable."""
    text = Path(find_rubric(None, RUBRIC).source).read_text("utf-8")
    own = text.replace("  - id: D2\n", "    na_when: nobody speaks\n  - id: D2\n", 1)
    (workspace.folder / "rubrics" / "personality-v1.yaml").write_text(own, "utf-8")


async def begin(hand: Hand, *keys: str) -> ScoreScreen:
    """F5, and the choice as it stands (after these keys)."""
    await hand.press("f5")
    assert isinstance(hand.app.screen, ChooseScreen)
    await hand.press(*keys, "enter")
    screen = hand.app.screen
    assert isinstance(screen, ScoreScreen)
    return screen


def ratings(workspace: Workspace, rubric: str = RUBRIC) -> list[Rating]:
    """The stored ratings, read through a store of its own."""
    opened = workspaces.open_workspace(workspace.folder)
    try:
        found = rated_answers(opened, find_rubric(opened, rubric), unblind=True)
        return [rating for one in found for rating in one.ratings]
    finally:
        opened.close()


def levels(workspace: Workspace) -> list[tuple[str, int | None]]:
    """What was said of each dimension, in order of dimension."""
    return sorted(((one.dimension, one.level) for one in ratings(workspace)), key=str)


@pytest.fixture
def eight(fill: Fill) -> Workspace:
    """Eight answers of one contender."""
    workspace = fill()
    answered(workspace, EIGHT, ["hidden-one"])
    return workspace


# Forty digits


async def test_eight_answers_by_five_dimensions_take_forty_digits(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight, size=(80, 24)) as hand:
        await begin(hand)
        await hand.press(*"21021" * 7, *"2102")
        assert "1 left" in hand.status
        assert "All" not in hand.text()
        await hand.press("1")
        assert "All 8 answers are scored" in hand.text()
        assert "F7 shows the results" in hand.text()
        await hand.press("f7")
        assert isinstance(hand.app.screen, ResultsScreen)
        assert "hidden-one" in hand.text()
    stored = ratings(eight)
    assert len(stored) == 40
    assert all(one.blind for one in stored)
    assert {(one.dimension, one.level) for one in stored} == {("D1", 2), ("D2", 1), ("D3", 0), ("D4", 2), ("D5", 1)}


async def test_a_digit_too_many_rates_nothing(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"2" * 43)
        assert "All 8 answers are scored" in hand.text()
        assert "No answer is in sight" in hand.status
    assert len(ratings(eight)) == 40


async def test_each_rating_is_stored_on_its_key(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        for count, digit in enumerate("2102", 1):
            await hand.press(digit)
            assert results_open(eight) == 8
            assert len(levels_of_open_session(eight)) == count


def results_open(workspace: Workspace) -> int:
    return start(workspace, find_rubric(workspace, RUBRIC)).left


def levels_of_open_session(workspace: Workspace) -> dict[str, int | None]:
    opened = workspaces.open_workspace(workspace.folder)
    try:
        scoring = start(opened, find_rubric(opened, RUBRIC))
        return {name: level for place in scoring.places for name, level in scoring.item(place).levels.items()}
    finally:
        opened.close()


async def test_a_digit_that_is_not_on_the_scale_stores_nothing(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("7")
        assert hand.status == "7 is not on the scale: 0 1 2."
        assert levels_of_open_session(eight) == {}
        await hand.press("1")
        assert levels_of_open_session(eight) == {"D1": 1}


async def test_not_applicable_is_a_word_of_its_own_where_the_rubric_says_when(eight: Workspace, open_app: Open) -> None:
    nobody_speaks(eight)
    async with open_app(eight) as hand:
        await begin(hand)
        assert "- not applicable" in hand.line("#keys")
        await hand.press("minus", "2", "minus")
        assert hand.status.startswith("D3 always applies under personality-v1 (no `na_when`): give it 0, 1 or 2.")
        assert levels_of_open_session(eight) == {"D1": None, "D2": 2}
        assert any(one.split()[-1:] == ["-"] and "D1" in one for one in hand.lines())


async def test_not_applicable_is_refused_where_every_dimension_always_applies(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight, size=(80, 24)) as hand:
        await begin(hand)
        assert "not applicable" not in hand.line("#keys")
        await hand.press("minus")
        assert hand.status.startswith("D1 always applies under personality-v1 (no `na_when`): give it 0, 1 or 2.")
        assert levels_of_open_session(eight) == {}


async def test_the_digits_can_be_other_keys(fill: Fill, open_app: Open) -> None:
    workspace = fill(settings='"rate.level" = "Q,W,E,R,T,Y,U,I,O,P"')
    answered(workspace, EIGHT, ["hidden-one"])
    async with open_app(workspace) as hand:
        await begin(hand)
        await hand.press("E", "1", "W")
        assert levels_of_open_session(workspace) == {"D1": 2, "D2": 1}
        assert "Q W E level" in hand.line("#keys")


# Closing a session


async def test_an_abandoned_session_is_closed_by_a_key_and_a_yes(
    eight: Workspace, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    rui = workspaces.open_workspace(eight.folder)
    start(rui, find_rubric(rui, RUBRIC)).rate(0, "D1", 1)
    rui.close()
    monkeypatch.setenv("MOLTING_ACTOR", "ana")
    async with open_app(workspaces.open_workspace(eight.folder), size=(80, 24)) as hand:
        await hand.press("f7")
        assert "C there closes a session for good" in " ".join(hand.text().split())
        await hand.press("f5", "escape", "f5")
        await hand.press("enter", "2", "C")
        assert "Close which one?" in hand.text()
        assert re.search(r"your session since \S+, 8 left, personality-v1 +1 of 2", hand.text())
        await hand.press("right", "enter")
        assert "Close rui's session for good, with 8 left? It is logged." in hand.text()
        await hand.press("n", "C", "right", "enter", "y")
        assert hand.status == "Closed rui's session: 0 of 8 answers scored."
        await hand.press("1", "C")
        assert "Close your session for good, with 8 left?" in hand.text()
        await hand.press("y")
        assert "Closed your session: 0 of 8 answers scored." in " ".join(hand.text().split())
        await hand.press("2")
        assert hand.status == "There is no answer here to score."
        await hand.press("C")
        assert hand.status == "No session is open."
        await hand.press("f7", "G")
        told = " ".join(hand.text().split())
        assert "rui's session was closed early by ana: 8 of its 8 answers had no score." in told
    assert levels(eight) == [("D1", 1), ("D1", 2), ("D2", 1)]


async def test_what_was_seen_by_name_before_is_counted_when_a_session_begins(eight: Workspace, open_app: Open) -> None:
    rated_answers(eight, find_rubric(eight, RUBRIC))
    answered(eight, EIGHT, ["hidden-two"], run="0002-answers")
    async with open_app(eight, size=(80, 24)) as hand:
        await begin(hand)
        assert hand.status == "You saw 8 of these 16 by name or by score: not blind, and stored so."
        assert "contender hidden" in hand.line("#top")


# Words that changed


async def test_an_edited_rubric_is_told_before_anything_is_scored_by_it(eight: Workspace, open_app: Open) -> None:
    scoring = start(eight, find_rubric(eight, RUBRIC))
    scoring.rate(0, "D1", 1)
    nobody_speaks(eight)
    async with open_app(eight, size=(80, 24)) as hand:
        await hand.press("f5")
        assert hand.status == "personality-v1 was edited; this session goes on by its old words."
        await hand.press("C", "y", "f5", "enter")
        told = " ".join(hand.text().split())
        assert (
            "personality-v1 1.0 has other words than when it was rated by (1 rating): D1's `na_when` changed." in told
        )
        await hand.press("2")
        assert hand.status == "There is no answer here to score."
    assert eight.store.value("select count(*) from rating") == 1


# Dimensions and answers


async def test_dimensions_can_be_rated_in_any_order(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("right", "right", "0")
        assert levels_of_open_session(eight) == {"D3": 0}
        await hand.press("1", "1", "2")
        assert levels_of_open_session(eight) == {"D3": 0, "D4": 1, "D5": 1, "D1": 2}
        assert "answer 1 of 8" in hand.text()
        await hand.press("2")
        assert "answer 2 of 8" in hand.text()


async def test_the_left_of_the_first_dimension_is_the_last(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("left")
        assert "▸ D5" in hand.text()
        await hand.press("right")
        assert "▸ D1" in hand.text()


async def test_a_scored_answer_can_be_corrected_dimension_by_dimension(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"11111", "k")
        assert "answer 1 of 8" in hand.text()
        assert "✓ scored" in hand.status
        await hand.press("2", "2")
        assert "▸ D3" in hand.text()
        await hand.press("2", "2", "2")
        assert "answer 2 of 8" in hand.text()
    assert {level for _, level in levels(eight)} == {2}
    assert len(levels(eight)) == 5


async def test_skipped_answers_are_met_again_after_the_others(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        screen = await begin(hand)
        first = screen.answer
        assert first is not None
        await hand.press("space")
        assert "answer 2 of 8" in hand.text()
        await hand.press(*"2" * 35)
        assert "answer 1 of 8" in hand.text()
        assert "left open before" in hand.status
        await hand.press(*"2" * 5)
        assert "All 8 answers" in hand.text()


async def test_unscored_answers_are_found_forward_and_back(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"22222", "g")
        assert "answer 1 of 8" in hand.text()
        await hand.press("full_stop")
        assert "answer 2 of 8" in hand.text()
        await hand.press("comma")
        assert "answer 8 of 8" in hand.text()
        await hand.press("j")
        assert hand.status == "This is the last answer."
        await hand.press("g", "k")
        assert hand.status == "This is the first answer."
        await hand.press("G")
        assert "answer 8 of 8" in hand.text()


async def test_when_all_are_scored_one_can_go_back(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"2" * 40, "k")
        assert "answer 8 of 8" in hand.text()
        await hand.press("full_stop")
        assert "Every answer is scored" in hand.status


# Undo


async def test_undo_goes_to_the_answer_and_dimension_it_changed(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"2222", "1", *"j" * 4)
        assert "answer 6 of 8" in hand.text()
        await hand.press("u")
        assert "answer 1 of 8" in hand.text()
        assert "▸ D5" in hand.text()
        assert hand.status == "Taken back: D5 1 (answer 1)."
        await hand.press("u")
        assert "▸ D4" in hand.text()
        assert levels_of_open_session(eight) == {"D1": 2, "D2": 2, "D3": 2}
        await hand.press("ctrl+r", "ctrl+r")
        assert levels_of_open_session(eight) == {"D1": 2, "D2": 2, "D3": 2, "D4": 2, "D5": 1}
        await hand.press("ctrl+r")
        assert hand.status == "Nothing to redo."


async def test_undo_after_the_last_answer_opens_it_again(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"2" * 40, "u")
        assert "answer 8 of 8" in hand.text()
        assert "▸ D5" in hand.text()
        await hand.press("f7")
        assert "1 answer still waits" in hand.text()
        assert "hidden-one" not in hand.text()


async def test_undo_in_scoring_leaves_decisions_on_pairs_alone(fill: Fill, open_app: Open) -> None:
    workspace = fill(
        [("Como está a fila hoje?", "Vazia desde a manhã: o último trabalho saiu às nove horas em ponto.")]
    )
    answered(workspace, EIGHT, ["hidden-one"])
    async with open_app(workspace) as hand:
        await hand.triage()
        await hand.press("a", "f5", "enter", "u")
        assert "Nothing of yours is left to undo" in hand.status
        await hand.press("2", "f2")
        assert "1 kept" in hand.text()
        await hand.press("u")
        assert "0 kept" in hand.text()
        assert levels_of_open_session(workspace) == {"D1": 2}


# Notes, info, copy, zoom


async def test_a_note_is_kept_and_taken_away(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("c")
        await hand.ask("demasiado longo")
        assert "“demasiado longo”" in hand.status
        await hand.press("2", "c")
        assert hand.app.screen.query_one(Input).value == "demasiado longo"
        await hand.ask("")
        assert "demasiado" not in hand.status
        await hand.press("u")
        assert "▸ D2" in hand.text()
        await hand.press("j", "k")
        assert "“demasiado longo”" in hand.status


async def test_a_new_version_is_scored_mixed_with_its_baseline_from_the_keyboard(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    answered(workspace, question_set(*(question(f"q{number}") for number in range(16))), ("v2.1", "v2.5"))
    async with open_app(workspace) as hand:
        await hand.press("f5")
        assert "32 answers wait, 16 of them twice, 240 digits." in hand.text()
        await hand.press("k", "l")
        assert "v2.5 mixed with v2.1, its baseline" in hand.text()
        await hand.press("enter")
        assert "answer 1 of 48 · contender hidden" in hand.text()
        told = ""
        for _ in range(48):
            told += hand.text()
            await hand.press(*"11111")
        assert "All 48 answers are scored" in hand.text()
        assert not any(word in told for word in ("v2.1", "v2.5", "repeat", "twice", "second time"))
    assert workspace.store.rows("select json_extract(selection, '$.versus[0]') from blind_session") == [("v2.1",)]
    assert workspace.store.value("select count(*) from rating where session is not null and blind") == 240


async def test_digits_typed_into_a_note_rate_nothing(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("c", "2", "2", "escape")
        assert levels_of_open_session(eight) == {}


async def test_the_whole_rubric_is_a_page(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight, size=(120, 60)) as hand:
        await begin(hand)
        await hand.press("i")
        rubric = find_rubric(eight, RUBRIC)
        for dimension in rubric.dimensions:
            assert dimension.description in hand.text()
            for level, text in dimension.levels:
                assert f"{level} {text}" in hand.text()
        assert all(band.label in hand.text() for band in rubric.bands)
        await hand.press("q")
        assert "answer 1 of 8" in hand.text()


async def test_no_rating_is_given_while_the_anchors_are_out_of_sight(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("z")
        assert "D1" not in hand.text()
        await hand.press("2")
        assert levels_of_open_session(eight) == {}
        assert "▸ D1" in hand.text()
        await hand.press("2")
        assert levels_of_open_session(eight) == {"D1": 2}


async def test_the_answer_is_copied_as_it_is_but_for_what_a_terminal_would_obey(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    one = question_set(EIGHT.questions[0], id="one")
    answers.remember_questions(workspace.store, one)
    answers.add(workspace.store, "0001-a", [line("x", one.questions[0], text=f"  {HOSTILE}\n")])
    async with open_app(workspace) as hand:
        await begin(hand)
        await hand.press("y")
        assert hand.app.clipboard == f"  {pasteable(HOSTILE)}\n"
        assert "\x1b" not in hand.app.clipboard


async def test_a_long_answer_scrolls_and_says_so(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    one = question_set(EIGHT.questions[0], id="one")
    answers.remember_questions(workspace.store, one)
    text = "\n".join(f"linha {number}" for number in range(300))
    answers.add(workspace.store, "0001-a", [line("x", one.questions[0], text=text)])
    async with open_app(workspace, size=(80, 24)) as hand:
        await begin(hand)
        assert "J more below" in hand.status
        await hand.press("J")
        assert "linha 0 " not in hand.text()
        assert "linha 1 " in hand.text()
        await hand.press("2")  # what one reads stays where it is
        assert "linha 0 " not in hand.text()
        await hand.press(*["pagedown"] * 40)
        assert "linha 299" in hand.text()
        assert "J more below" not in hand.status


# Coming back


async def test_scoring_resumes_at_the_first_unscored_answer(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"22222", *"222")
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)
        await hand.press("f5")
        assert "answer 2 of 8" in hand.text()
        assert "▸ D4" in hand.text()
    again = workspaces.open_workspace(eight.folder)
    async with open_app(again) as hand:
        await hand.press("f5")
        assert "answer 2 of 8" in hand.text()
        assert "▸ D4" in hand.text()
    again.close()


async def test_the_rubric_of_an_open_session_is_as_it_was_when_it_began(eight: Workspace, open_app: Open) -> None:
    many_dimensions(eight, 2, 3)
    async with open_app(eight) as hand:
        await hand.press("f5", *_to("many", hand), "enter", "1")
        many_dimensions(eight, 3, 4)
        await hand.press("q", "f5")
        assert "Score · many" in hand.text()
        assert "▸ M2" in hand.text()
        assert "M3" not in hand.text()


def _to(rubric: str, hand: Hand) -> Sequence[str]:
    """The keys that choose a rubric: the last used or default one stands first, the others by file name."""
    return {"many": ["right", "right"], "four-criteria": ["right"]}[rubric]


async def test_f5_while_scoring_chooses_anew_and_escape_stays(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press("1", "f5")
        assert isinstance(hand.app.screen, ChooseScreen)
        await hand.press("escape")
        assert "answer 1 of 8" in hand.text()
        assert "▸ D2" in hand.text()
        await hand.press("f5", "right", "enter")
        assert "Score · four-criteria" in hand.text()
        assert "▸ Agent" in hand.text()


async def test_question_set_and_language_can_be_chosen(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    answered(workspace, EIGHT, ["x"])
    portuguese = question_set(*(question(f"p{n}", f"Em português {n}?", language="pt") for n in range(3)), id="pt-set")
    answered(workspace, portuguese, ["x"], run="0002-b")
    async with open_app(workspace) as hand:
        await hand.press("f5")
        assert "11 answers wait, 55 digits" in hand.text()
        await hand.press("down", "right", "right")
        assert "3 answers wait, 15 digits" in hand.text()
        await hand.press("down", "right", "right")
        assert "None waits" in hand.text()
        await hand.press("left", "enter")
        assert "answer 1 of 3" in hand.text()
        assert "Em português" in hand.text()


async def test_nothing_to_score_tells_the_next_step(fill: Fill, open_app: Open) -> None:
    async with open_app(fill(), size=(80, 24)) as hand:
        await hand.press("f5")
        assert "nobody was asked anything yet" in hand.text()
        assert "molting answer" in " ".join(hand.text().split())
        for key in ("2", "minus", "j", "full_stop", "u", "ctrl+r", "space", "c", "i", "y", "z", "z", "G", "right"):
            await hand.press(key)
            assert hand.alive
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_when_everything_is_scored_the_next_step_is_told(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"2" * 40, "q", "f5")
        assert "None waits" in hand.text()
        await hand.press("enter")
        assert "all 8 answers here are scored by you" in " ".join(hand.text().split())
        assert "F7 shows the results" in hand.text()


async def test_answers_of_a_run_are_taken_in_when_the_screen_opens(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    answers.remember_questions(workspace.store, EIGHT)
    async with open_app(workspace) as hand:
        await hand.press("f5", "q")
        answering_run(workspace, "0001-secret-run", [line("x", one) for one in EIGHT.questions], EIGHT)
        await begin(hand)
        assert "answer 1 of 8" in hand.text()


async def test_leaving_before_the_answers_are_there_is_no_accident(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        for screen, *keys in (("score", "q"), ("results", "q"), ("score", "f7", "q")):
            await hand.app.run_action(f"app.{screen}")
            await hand.pilot.press(*keys)
            await hand.settle()
            if isinstance(hand.app.screen, ChooseScreen):
                await hand.press("escape")
            assert isinstance(hand.app.screen, HomeScreen), keys
            assert hand.alive


async def test_a_question_over_the_screen_is_not_covered_by_the_choice(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await hand.app.run_action("app.score")
        await hand.app.run_action("app.help")
        await hand.settle()
        assert not isinstance(hand.app.screen, ChooseScreen)
        await hand.press("q")
        assert "F5 looks for answers" in hand.text()
        await begin(hand)
        assert "answer 1 of 8" in hand.text()


@pytest.mark.parametrize("key", ["f5", "f7"])
async def test_runs_that_cannot_be_read_are_told(fill: Fill, open_app: Open, key: str) -> None:
    workspace = fill()
    (workspace.folder / "runs").write_text("no folder")
    async with open_app(workspace) as hand:
        await hand.press(key)
        assert "can't be read" in hand.text()
        assert hand.alive


# Blindness


SECRETS = ("secret-contender", "other-contender", "0042-secret-run", "7777", "length", "2031", "4242", "secret-base")


def telling(workspace: Workspace, *, damaged: bool = True) -> QuestionSet:
    """Answers with everything in their records that could tell who gave them, and a file that is damaged."""
    answers.remember_questions(workspace.store, EIGHT)
    lines = [
        line(
            name, one, text=f"resposta {number} de alguém", tokens=7777, finish_reason="length", seed=4242,
            time="2031-01-01T00:00:00Z", settings={"base": "secret-base", "run": "0042-secret-run"},
            uuid=f"{8 * of + number:032x}",
        )
        for of, name in enumerate(("secret-contender", "other-contender"))
        for number, one in enumerate(EIGHT.questions)
    ]  # fmt: skip
    file = answering_run(workspace, "0042-secret-run", lines, EIGHT)
    if damaged:
        file.write_bytes(file.read_bytes() + b"{broken}\n")
    return EIGHT


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_painted_tells_whose_answer_it_is(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill()
    telling(workspace)
    async with open_app(workspace, size=size) as hand:
        await begin(hand)
        seen = [hand.text(), hand.app.title, hand.app.sub_title]
        keys = "9 2 u ctrl+r minus right space full_stop comma j k G g c escape i pagedown q question_mark pagedown q"
        for key in (*keys.split(), "colon", "escape", "z", "z", "y", *"2" * 9, "f7", "tab", "i", "r", "escape", "f5"):
            await hand.press(key)
            seen += [hand.text(), hand.app.title, hand.app.sub_title]
        seen.append(hand.app.clipboard)
        painted = "\n".join(seen)
        for secret in SECRETS:
            assert secret not in painted
        assert "could not be read whole" in painted  # of the damaged file its number, not its name


async def test_the_order_is_not_that_of_the_import(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    telling(workspace, damaged=False)
    async with open_app(workspace) as hand:
        screen = await begin(hand)
        order = []
        for _ in range(16):
            assert screen.answer is not None
            order.append(int(screen.answer.uuid, 16))
            await hand.press("j")
        assert sorted(order) == list(range(16))
        assert order != list(range(16))  # one draw in twenty million million would be


async def test_names_seen_before_the_end_are_said_to_be_seen(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        assert "contender hidden" in hand.text()
        results(eight, find_rubric(eight, RUBRIC), unblind=True)
        await hand.press("j")
        assert "not blind" in hand.text()
        assert "hidden-one" not in hand.text()


async def test_an_answer_cut_off_by_the_length_limit_does_not_say_so(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    telling(workspace, damaged=False)
    async with open_app(workspace) as hand:
        await begin(hand)
        assert "resposta" in hand.text()
        assert "limit" not in hand.text()
        assert "cut" not in hand.line("#status")


@pytest.mark.parametrize(("text", "said"), [("", "(an empty answer)"), (" \n\t", "(nothing but white space)")])
async def test_an_answer_without_words_is_told_as_such(fill: Fill, open_app: Open, text: str, said: str) -> None:
    workspace = fill()
    answers.remember_questions(workspace.store, question_set(EIGHT.questions[0]))
    one = line("x", EIGHT.questions[0], text="to be replaced")
    answers.add(workspace.store, "0001-a", [msgspec.structs.replace(one, text=text)])
    async with open_app(workspace) as hand:
        await begin(hand)
        assert said in hand.text()
        await hand.press(*"00000")
        assert "The one answer is scored" in hand.text()


# Layout


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [5, 7, 9])
async def test_the_current_anchors_are_wholly_in_sight(
    eight: Workspace, open_app: Open, size: tuple[int, int], count: int
) -> None:
    many_dimensions(eight, count)
    async with open_app(eight, size=size) as hand:
        await begin(hand, *_to("many", hand))
        tops = set()
        for number in range(1, count + 1):
            shown = " ".join(hand.text().split())
            for level in range(3):
                assert f"{level} " + " ".join(f"m{number}l{level}w{word}" for word in range(14)) in shown
            assert all(f"M{other}" in shown for other in range(1, count + 1))
            text = hand.app.screen.query_one("#text")
            assert text.size.height >= 6
            tops.add(text.region)
            await hand.press("right")
        assert len(tops) == 1  # nothing moves from one dimension to the next


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_question_with_many_facts_leaves_the_answer_its_place(
    fill: Fill, open_app: Open, size: tuple[int, int]
) -> None:
    workspace = fill()
    facts = tuple(Fact(f"f{number}", f"fact {number} " + "very long " * 9) for number in range(12))
    asked = Question("long", "Por que " * 120 + "fim?", "pt", (), None, facts, (), "ab" * 32)
    answers.remember_questions(workspace.store, question_set(asked, id="one"))
    answers.add(workspace.store, "0001-a", [line("x", asked)])
    async with open_app(workspace, size=size) as hand:
        await begin(hand)
        assert hand.app.screen.query_one("#text").size.height >= 6
        assert "facts: fact 0" in hand.text()
        await hand.press("i")
        page = hand.app.screen.query_one("#text", Lines)
        assert any("fact: fact 11" in row.text for row in page.all_lines())


async def test_a_resize_keeps_place_and_dimension(eight: Workspace, open_app: Open) -> None:
    async with open_app(eight) as hand:
        await begin(hand)
        await hand.press(*"22222", *"22")
        for size in ((80, 24), (40, 10), (200, 50)):
            await hand.pilot.resize_terminal(*size)
            await hand.settle()
            assert hand.alive
            assert "▸ D3" in hand.text()
        assert "answer 2 of 8" in hand.text()


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_answers_are_shown_never_obeyed(
    fill: Fill, open_app: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    workspace = fill()
    asked = Question("h", f"prompt {HOSTILE}", "pt", (), None, (Fact("f", f"fact {HOSTILE}"),), (), "cd" * 32)
    answers.remember_questions(workspace.store, question_set(asked, id="hostile"))
    answers.add(workspace.store, "0001-a", [line("x", asked, text=f"answer {HOSTILE}\n{HOSTILE * 40}")])
    many_dimensions(workspace, 3)
    file = workspace.folder / "rubrics" / "many.yaml"
    file.write_text(file.read_text("utf-8").replace("m1l0w0", r"[/INST] [b] \u202e \u200b").replace("of it", "[/i] $x"))
    async with open_app(workspace, size=size) as hand:
        for keys in (["f5"], ["right", "right", "enter"], ["J"], ["pagedown"], ["i"], ["pagedown"], ["q"], ["c"]):
            await hand.press(*keys)
            assert_shown(hand, size)
        hand.app.screen.query_one(Input).value = HOSTILE
        await hand.settle()
        assert_shown(hand, size)
        await hand.press("enter")
        assert_shown(hand, size)
        for key in ("1", "u", "ctrl+r", "z", "colon", "escape", "question_mark", "q", "q"):
            await hand.press(key)
            assert_shown(hand, size)


def assert_shown(hand: Hand, size: tuple[int, int]) -> None:
    for row in hand.lines():
        assert obeyed(row) == [], row
        assert cell_len(row) == size[0]
    assert hand.alive


async def test_answers_that_can_only_be_read_are_not_scored_and_a_sentence_says_so(
    eight: Workspace, open_app: Open
) -> None:
    eight.close()
    with only_reading(eight.folder):
        reading = workspaces.open_workspace(eight.folder)
        async with open_app(reading) as hand:
            for keys in (("f5", "enter"), ("2",), ("f7",), ("u",), ("f1",)):
                await hand.press(*keys)
                assert hand.alive
            await hand.press("f5", "enter")
            assert "this workspace can only be read, so nothing was stored" in " ".join(hand.text().split())
        reading.close()
    assert ratings(eight) == []


async def test_a_choice_is_left_by_another_screens_key(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    answered(workspace, EIGHT, ["one", "two"])
    async with open_app(workspace) as hand:
        for choice in ("f5", "f6"):
            await hand.press(choice)
            assert isinstance(hand.app.screen, ChooseScreen)
            await hand.press("f7")
            assert isinstance(hand.app.screen, ResultsScreen)
        await hand.press("f5", "f2", "q")
        assert isinstance(hand.app.screen, HomeScreen)
