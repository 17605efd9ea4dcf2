"""Results: nobody is named before the last answer; then scores, levels, questions, facts, and what limits them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len
from test_score import EIGHT, RUBRIC, SIZES, assert_shown, begin, many_dimensions, nobody_speaks
from textual.strip import Strip
from workbench import HOSTILE, Fill, Hand, Open, chat

from molting_tui.evaluation.results import comparison
from molting_tui.evaluation.results.table import results
from molting_tui.evaluation.scoring.blind_session import Scoring, start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.records.evaluation import Fact, Question
from molting_tui.store import answers
from molting_tui.ui import look
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.results.results import ResultsScreen
from molting_tui.ui.results.tables import contender
from molting_tui.ui.score.score import ScoreScreen
from molting_tui.ui.widgets.lines import Lines
from molting_tui.workspace import Workspace
from tests.answered import answered, answering_run, line, question, question_set, training_run
from tests.compared import FIVE, scored_together


def scored(workspace: Workspace, levels: dict[str, int | None], rubric: str = RUBRIC) -> Scoring:
    """Every answer scored: all dimensions of a contender's answers at one level (None: the first not applicable)."""
    scoring = start(workspace, find_rubric(workspace, rubric))
    for place in scoring.places:
        found = answers.by_uuid(workspace.store, scoring.item(place).uuid)
        assert found is not None
        level = levels[found.contender]
        for number, dimension in enumerate(scoring.rubric.dimensions):
            scoring.rate(place, dimension.id, level if level is not None else None if not number else 1)
    return scoring


async def page(hand: Hand) -> str:
    """The whole page of results, spaces folded."""
    if not isinstance(hand.app.screen, ResultsScreen):
        await hand.press("f7")
    rows = [row.text for row in hand.app.screen.query_one("#text", Lines).all_lines()]
    return "\n".join(" ".join(row.split()) for row in rows)


# Before the last answer


@pytest.mark.parametrize("size", SIZES)
async def test_no_contender_is_told_before_the_last_answer(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill()
    answered(workspace, EIGHT, ["secret-one", "secret-two"])
    async with open_app(workspace, size=size) as hand:
        await begin(hand)
        await hand.press(*"22222", "f7")
        assert "15 answers still wait" in hand.text()
        assert "F5 goes on scoring" in " ".join(hand.text().split())
        for key in ("tab", "j", "pagedown", "r", "escape", "question_mark", "q", "colon", "escape"):
            await hand.press(key)
            assert "secret" not in hand.text()
        await hand.press("f5")
        assert isinstance(hand.app.screen, ScoreScreen)
        assert "answer 2 of 16" in hand.text()


async def test_answers_stay_nameless_while_another_rubric_is_scored_blind(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    answered(workspace, EIGHT, ["one"])
    scored(workspace, {"one": 2})
    start(workspace, find_rubric(workspace, "four-criteria"))
    async with open_app(workspace) as hand:
        assert "one 10.00" in await page(hand)
        await hand.press("tab")
        assert hand.status.startswith("F5 goes on scoring: 8 answers still wait")
        assert "one 10.00" in await page(hand)
        await hand.press("r", "enter")
        assert "F5 goes on scoring" not in hand.status


async def test_nothing_scored_yet_tells_the_next_step(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        assert "Nothing is scored under this rubric yet. F5 scores answers" in await page(hand)
        await hand.press("tab")
        assert "There are no answers" in hand.text()


# The figures


@pytest.fixture
def two(fill: Fill) -> Workspace:
    """Two contenders, all answers scored: one at level 2, one at level 1."""
    workspace = fill()
    answered(workspace, EIGHT, ["above", "below"])
    scored(workspace, {"above": 2, "below": 1})
    return workspace


@pytest.mark.parametrize("size", SIZES)
async def test_scores_levels_and_questions_are_told(two: Workspace, open_app: Open, size: tuple[int, int]) -> None:
    async with open_app(two, size=size) as hand:
        told = await page(hand)
        assert "10.00" in next(row for row in told.split("\n") if row.startswith("above"))
        assert "5.00" in next(row for row in told.split("\n") if row.startswith("below"))
        assert "above 0·0·8 0·0·8 0·0·8 0·0·8 0·0·8" in told
        assert "below 0·8·0 0·8·0 0·8·0 0·8·0 0·8·0" in told
        for one in EIGHT.questions:
            assert f"{one.prompt}\nabove 10.00 2 2 2 2 2 0/1 1\nbelow 5.00 1 1 1 1 1 0/1 1" in told
        assert "above has no interval: all its facts have one score" in told


@pytest.mark.parametrize(("level", "score"), [(0, 0.0), (1, 5.0), (2, 10.0)])
async def test_the_bar_stands_where_the_score_is(fill: Fill, open_app: Open, level: int, score: float) -> None:
    workspace = fill()
    answered(workspace, EIGHT, ["one"])
    scored(workspace, {"one": level})
    async with open_app(workspace) as hand:
        await hand.press("f7")
        rows = hand.lines()
        head = next(number for number, row in enumerate(rows) if row.strip().startswith("contender"))
        ruler, bar = rows[head], next(row for row in rows[head:] if "●" in row)
        start_of, end_of = ruler.index(" 0 ") + 1, ruler.index("10 ") + 1
        assert bar.index("●") == round(start_of + (end_of - start_of) * score / 10)


async def test_not_applicable_is_counted_apart(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    nobody_speaks(workspace)
    answered(workspace, EIGHT, ["one"])
    scored(workspace, {"one": None})
    async with open_app(workspace) as hand:
        told = await page(hand)
        assert "Answers at each level 0 · 1 · 2 - not applicable" in told
        assert "one 0·0·0 -8 0·8·0 -0" in told
        assert "one 5.00 · 1 1 1 1" in told
        assert "8 ratings not applicable" in told


async def test_memory_generalisation_and_control_stand_apart(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    trained, control = EIGHT.questions[:4], question("capital", "Capital?", tags=["control"], must="Paris")
    asked = question_set(*EIGHT.questions, control, id="all")
    training_run(workspace, "0001-train", [(one.prompt, "x") for one in trained])
    lines = [
        line(name, one, text="a fila em Paris" if name == "after" else "não sei", settings=settings)
        for name, settings in (("before", {}), ("after", {"run": "0001-train"}))
        for one in asked.questions
    ]
    answers.remember_questions(workspace.store, asked)
    answering_run(workspace, "0002-answers", lines, asked)
    async with open_app(workspace) as hand:
        # Who has the facts right would tell whose an answer is, and it can still be scored blind.
        told = await page(hand)
        assert "memory" not in told
        assert "can still be scored blind (F5)" in told
        scored(workspace, {"before": 0, "after": 2})
        await hand.press("q")
        told = await page(hand)
        assert "after before\nmemory · all 4 of 4 0 of 4\ngeneralisation · all 4 of 4 0 of 4" in told
        assert "control · all 1 of 1 0 of 1" in told
        assert "trained on, in these words or others" in told


async def test_another_rubric_can_be_chosen(two: Workspace, open_app: Open) -> None:
    scored(two, {"above": 0, "below": 0}, "four-criteria")
    async with open_app(two) as hand:
        await hand.press("f7")
        assert "Results · four-criteria" in hand.text()  # the one that was scored by last
        await hand.press("r", "enter")
        assert f"Results · {RUBRIC}" in hand.text()
        assert "above" in hand.text()
        await hand.press("r", "escape")
        assert f"Results · {RUBRIC}" in hand.text()


async def test_the_answers_are_told_with_names_and_words(two: Workspace, open_app: Open) -> None:
    scoring = start(two, find_rubric(two, "four-criteria"))
    scoring.note(0, "uma nota")
    for place in scoring.places:
        for dimension in scoring.rubric.dimensions:
            scoring.rate(place, dimension.id, 1)
    async with open_app(two, size=(120, 40)) as hand:
        await hand.press("f7", "tab")
        rows = hand.text().split("\n")
        for one in EIGHT.questions:
            assert sum(one.prompt in row for row in rows) == 2
        assert sum("above" in row for row in rows) == sum("below" in row for row in rows) == 8
        assert "answered, sample 0" not in hand.text()
        assert "uma nota" not in hand.text()
        assert "0 answers of 16 seen by you." in hand.text()
        words = ""
        for _ in range(16):
            await hand.press("enter")
            words += hand.text()
            await hand.press("q", "j")
        for one in EIGHT.questions:
            assert words.count(f"{one.id} answered, sample 0") == 2
        assert "“uma nota”" in words
        assert "agent 1" in words
        assert "16 answers of 16 seen by you." in hand.text()
        await hand.press("q")
        assert isinstance(hand.app.screen, ResultsScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_only_an_answer_that_is_opened_from_the_list_counts_as_seen(
    two: Workspace, open_app: Open, size: tuple[int, int]
) -> None:
    seen = "select count(*) from shown where place = 'results'"
    async with open_app(two, size=size) as hand:
        await hand.press("f7", "tab", "G", "k", "g", "pagedown", "pageup")
        assert two.store.value(seen) == 0
        await hand.press("j", "enter")
        assert hand.text().count("answered, sample 0") == 1
        assert two.store.value(seen) == 1
        await hand.press("escape")
        assert sum("  seen  " in row for row in hand.text().split("\n")) == 1
        await hand.press("j", "enter", "q", "q", "tab")
        assert "2 answers of 16 seen by you." in hand.text()


async def test_results_are_added_up_anew_when_one_comes_back(two: Workspace, open_app: Open) -> None:
    async with open_app(two) as hand:
        await hand.press("f7")
        assert "5.00" in hand.text()
        await hand.press("q")
        answered(two, question_set(question("ninth"), id="more"), ["below"], run="0002-more")
        await hand.press("f5", "enter", *"22222", "f7")
        assert "5.56" in hand.text()


async def test_the_status_line_tells_whether_the_page_goes_on(two: Workspace, open_app: Open) -> None:
    async with open_app(two, size=(80, 24)) as hand:
        await hand.press("f7")
        assert hand.status == "row 1 of 16 · enter opens both answers to this fact · J more below"
        await hand.press("G")
        assert "more below" not in hand.status
        await hand.press("K")
        assert hand.status.endswith("J more below")


# The verdict


HANGS = {"v2.5": [3, 2, 3, 2, 3, 2, 3, 1], "v2.1": [2] * 8}
"""NOT DISTINGUISHABLE, and DIFFERENT without *strengths*."""


@pytest.mark.parametrize("size", SIZES)
async def test_the_verdict_comes_first_with_the_fact_it_hangs_on(
    fill: Fill, open_app: Open, size: tuple[int, int]
) -> None:
    workspace = fill()
    scored_together(workspace, HANGS)
    async with open_app(workspace, size=size) as hand:
        await hand.press("f7")
        rows = [row.strip() for row in hand.lines()]
        assert rows[0].endswith("v2.5 against v2.1 · 8 facts")
        first = 1 if size == (80, 24) else 2
        assert rows[first].startswith("NOT DISTINGUISHABLE (")
        assert rows[first + 1].startswith("v2.5 − v2.1 = +0.94, 95 % interval ")
        assert "⚑ without *strengths* the verdict is DIFFERENT; h opens both answers" in rows
        assert "h hangs on" in rows[-1]
        assert f"▌ {'strengths':<11}" in hand.text()
        assert hand.text().index("strengths  ") < hand.text().index("contender") < hand.text().index("95 % 4.")
        told = await page(hand)
        assert "strengths 2.50 5.00 −2.50" in told
        assert "tone Tone 2.38 2.00 +0.38" in told
        assert "by the paired t test (7 degrees of freedom)" in told


@pytest.mark.parametrize("size", SIZES)
async def test_an_interval_is_a_bar_round_the_score(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill()
    scored_together(workspace, {"one": [0, 1, 2, 2, 3, 4, 2, 2]})
    (result,) = results(workspace, FIVE).contenders
    assert result.interval is not None
    async with open_app(workspace, size=size) as hand:
        await hand.press("f7")
        rows = hand.lines()
        head = next(number for number, row in enumerate(rows) if row.strip().startswith("contender"))
        ruler, bar = rows[head], next(row for row in rows[head:] if "●" in row)
        first, last = ruler.index(" 0 ") + 1, ruler.index("10 ") + 1
        ends = [round((bar.index(sign) - first) / (last - first) * 10, 1) for sign in "├●┤"]
        assert ends == pytest.approx([result.interval[0], 5.0, result.interval[1]], abs=0.3)
        assert "─●─" in bar


async def test_two_of_many_are_chosen_and_compared(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    scored_together(workspace, {**HANGS, "v2.3": [2] * 8, "v2.0": [4, 4, 4, 4, 3, 4, 4, 4]})
    async with open_app(workspace) as hand:
        assert "compare two of these 4" in await page(hand)
        assert "4 contenders" in hand.text()
        await hand.press("d", "enter")
        assert "v2.0 against v2.5 · 8 facts" in hand.text()
        assert "DIFFERENT" in hand.text()
        await hand.press("d", "l", "j", "l", "l", "l", "enter")
        assert "v2.1 against v2.3 · 8 facts" in hand.text()
        assert "UNDERPOWERED" in hand.text()
        await hand.press("d", "escape", "d", "l", "l", "enter")
        assert "not one with itself" in hand.status


async def test_a_planned_look_that_isnt_due_leaves_the_scores_in_sight(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    scored_together(workspace, {**HANGS, "v2.3": [2] * 8, "v2.0": [4, 4, 4, 4, 3, 4, 4, 4]})
    comparison.plan(workspace, FIVE, "v2.0", "v2.5", (12, 24))
    async with open_app(workspace) as hand:
        await hand.press("f7", "d", "enter")
        told = " ".join((await page(hand)).split())
        assert "looks at 12 and 24 facts; 8 can be compared so far" in told
        assert "v2.5 5.94" in told
        assert "DIFFERENT" not in told


async def test_only_the_answers_that_were_opened_count_as_seen(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    scored_together(workspace, HANGS)
    seen = "select count(*) from shown where place = 'results'"
    async with open_app(workspace) as hand:
        await hand.press("f7", "G")
        assert workspace.store.value(seen) == 0
        await hand.press("h")
        assert hand.text().count("strengths answered, sample 0") == 2
        assert workspace.store.value(seen) == 2
        await hand.press("q", "G", "enter")  # the cursor was out of sight: it is brought back, nothing is opened
        assert "▌" in hand.text()
        assert workspace.store.value(seen) == 2
        await hand.press("j", "enter")
        assert hand.text().count("answered, sample 0") == 2
        assert "strengths answered" not in hand.text()
        assert workspace.store.value(seen) == 4


async def test_without_a_verdict_its_keys_say_so(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    scored_together(workspace, {"one": HANGS["v2.1"]})
    async with open_app(workspace) as hand:
        await hand.press("f7", "d")
        assert hand.status == "There is nobody to compare: the scores are of one contender."
        await hand.press("h")
        assert hand.status == "There is no verdict that hangs on a fact."
        assert "h hangs on" not in hand.line("#keys")
        assert "d compare" not in hand.line("#keys")


async def test_a_question_opens_everybodys_answers_to_it_and_no_other(two: Workspace, open_app: Open) -> None:
    three = question_set(*EIGHT.questions[:2], id="two")
    answered(two, three, ["third"], run="0003-third")
    scored(two, {"third": 0})
    seen = "select count(*) from shown where place = 'results'"
    async with open_app(two, size=(80, 24)) as hand:
        await page(hand)
        while "this question" not in hand.status:
            await hand.press("j")
        assert two.store.value(seen) == 0
        await hand.press("enter")
        opened = hand.text()
        assert all(name in opened for name in ("above", "below", "third"))
        assert opened.count("answered, sample 0") == 3 == two.store.value(seen)


async def test_the_cursor_goes_on_from_where_one_reads(two: Workspace, open_app: Open) -> None:
    async with open_app(two, size=(80, 24)) as hand:
        await hand.press("f7", "pagedown", "j")
        assert "▌" in hand.text()
        assert not hand.status.startswith(("row 1 of", "row 2 of"))


async def test_a_page_without_a_row_scrolls_by_the_same_keys(fill: Fill, open_app: Open) -> None:
    async with open_app(fill(), size=(40, 8)) as hand:
        await hand.press("f7", "enter")
        assert hand.status.startswith("There is no fact and no question")
        await hand.press("j", "i")
        assert "Rubric" in hand.lines()[0]


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_screen_tells_verdict_facts_dimensions_by_name_and_flags(
    two: Workspace, open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(two, size=size) as hand:
        await hand.press("f7")
        told = " ".join(hand.text().split())
        parts = ("below − above", "Facts the largest", "▌", "contender score", "Response", "band", look.FLAG_SIGN)
        places = [told.index(part) for part in parts]
        assert places == sorted(places)
        named = ("D1", "Identity Coherence", "Factual Accuracy", "Personality Voice", "Behavioral Cleanliness")
        assert all(word in told for name in named for word in name.split())
        parts_of_a_line = [part.strip() for shown in hand.lines() for part in shown.split(" · ")]
        assert look.FLAG_SIGN not in parts_of_a_line, "a sign stands on the line of its words"


async def test_what_was_trained_on_is_marked_as_the_command_line_marks_it(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    training_run(workspace, "0001-train", [(one.prompt, "x") for one in EIGHT.questions[:4]])
    lines = [
        line(name, one, settings=settings)
        for name, settings in (("before", {}), ("after", {"run": "0001-train"}))
        for one in EIGHT.questions
    ]
    answers.remember_questions(workspace.store, EIGHT)
    answering_run(workspace, "0002-answers", lines, EIGHT)
    async with open_app(workspace) as hand:
        await hand.press("f7", "q")  # what the run has answered is taken in
        scored(workspace, {"before": 0, "after": 2})
        told = await page(hand)
        assert "* trained on 4 of 8 questions" in next(row for row in told.split("\n") if row.startswith("after: "))
        assert told.count("10.00* ") == 4
        assert "before: " in told
        assert "0.00*" not in told.replace("10.00*", "")


# Layout


@pytest.mark.parametrize("size", [(60, 20), *SIZES])
async def test_no_dimension_is_lost_for_want_of_width(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill()
    many_dimensions(workspace, 9)
    answered(workspace, EIGHT, ["one", "another contender"])
    scored(workspace, {"one": 2, "another contender": 1}, "many")
    async with open_app(workspace, size=size) as hand:
        told = await page(hand)
        for part in told.split("Answers at each level"):
            assert all(f"M{number}" in part for number in range(1, 10))
        rows = hand.app.screen.query_one("#text", Lines).all_lines()
        assert [row.text for row in rows if row.cell_length > size[0]] == []


def test_long_names_are_told_apart_by_their_ends() -> None:
    names = [f"0007-v2.1-tinyllama-with-all-pairs-{seed}" for seed in (1, 2)]
    shown = [contender(name) for name in names]
    assert len(set(shown)) == 2
    assert all(cell_len(one) <= 28 for one in shown)
    assert cell_len(contender("漢" * 40)) <= 28


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_and_texts_are_shown_never_obeyed(
    fill: Fill, open_app: Open, size: tuple[int, int], tmp_path: Path
) -> None:
    workspace = fill()
    asked = Question(
        "h", f"prompt {HOSTILE}", "pt", (), None, (Fact("f", f"fact {HOSTILE}", (("x",),)),), (), "cd" * 32
    )
    answers.remember_questions(workspace.store, question_set(asked, id=f"set {HOSTILE}"))
    name = f"contender {HOSTILE}"
    answers.add(workspace.store, "0001-a", [line(name, asked, text=HOSTILE * 9)])
    scoring = start(workspace, find_rubric(workspace, RUBRIC))
    scoring.note(0, HOSTILE)
    for dimension in scoring.rubric.dimensions:
        scoring.rate(0, dimension.id, 0)
    async with open_app(workspace, size=size) as hand:
        for keys in (["f7"], ["pagedown"], ["G"], ["r"], ["escape"], ["tab"], ["pagedown"], ["G"], ["q"], ["colon"]):
            await hand.press(*keys)
            assert_shown(hand, size)


async def test_home_tells_no_result_at_any_moment_once_a_blind_session_has_begun(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    scored_together(workspace, {"v1": (1, 2, 1, 2, 1, 2, 1, 2), "v2": (4, 4, 3, 4, 4, 3, 4, 4)})
    async with open_app(workspace, size=(120, 40)) as hand:
        home = hand.app.screen
        assert isinstance(home, HomeScreen)
        await hand.press("f7", "q")
        assert "v2 against v1" in hand.text()
        await hand.press("f3")
        start(workspace, FIVE, contenders=("v1", "v2"), again=True)
        painted: list[str] = []
        show = home.text.show_lines

        def watched(lines: Sequence[Strip], top: int = 0) -> None:
            show(lines, top=top)
            painted.append("\n".join(strip.text for strip in home.text.all_lines()))

        home.text.show_lines = watched  # type: ignore[assignment]
        await hand.press("q")
        assert painted
        assert not [text for text in painted if "against" in text]
