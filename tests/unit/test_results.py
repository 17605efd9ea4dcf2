"""Promises of results: the arithmetic by hand, nobody unblinded unasked, and what limits the figures said with them."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from molting_tui import workspace as workspaces
from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.evaluation.asking.training_prompts import memory_clusters
from molting_tui.evaluation.bank.bank import Bank, Draft
from molting_tui.evaluation.results.intervals import score_interval
from molting_tui.evaluation.results.table import (
    FactsLine,
    chosen_rubric,
    facts_table,
    rated_answers,
    results,
    rubrics_in_use,
)
from molting_tui.evaluation.scoring import sheet_rows
from molting_tui.evaluation.scoring.blind_session import Scoring, start
from molting_tui.evaluation.scoring.edited_rubrics import differences
from molting_tui.evaluation.scoring.open_sessions import close_session
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.recipe.runfolder import AskedContender
from molting_tui.records.evaluation import Gate, QuestionResult, Rubric
from molting_tui.store import answers
from molting_tui.workspace import Workspace, shipped
from tests.answered import answered, answering_run, line, question, question_set, rubric, training_run

TWO = question_set(question("joao", must="joao"), question("molting"))
RUBRIC = rubric()
Levels = dict[tuple[str, str, int], tuple[int | None, int | None]]


def score(workspace: Workspace, levels: Levels, by: Rubric = RUBRIC, *, again: bool = False) -> Scoring:
    """Score blind: (tone, truth) for each (contender, question, sample); answers that aren't named stay open."""
    scoring = start(workspace, by, again=again)
    for place in scoring.places:
        answer = answers.by_uuid(workspace.store, scoring.item(place).uuid)
        assert answer is not None
        given = levels.get((answer.contender, answer.question.id, answer.sample))
        if given is not None:
            for dimension, level in zip(by.dimensions, given, strict=True):
                scoring.rate(place, dimension.id, level)
    return scoring


def scored(*contenders: str) -> Levels:
    return {(name, one.id, 0): (1, 1) for name in contenders for one in TWO.questions}


def test_a_score_is_the_mean_over_questions_of_the_mean_over_samples(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",), samples=3)
    score(workspace, {
        ("v1", "joao", 0): (2, 2), ("v1", "joao", 1): (2, 0), ("v1", "joao", 2): (0, 1),
        ("v1", "molting", 0): (0, 0), ("v1", "molting", 1): (0, 0), ("v1", "molting", 2): (1, 0),
    })  # fmt: skip
    [one] = results(workspace, RUBRIC).contenders
    # joao: (10 + 5 + 2.5) / 3; molting: (0 + 0 + 2.5) / 3
    assert one.score == pytest.approx((17.5 / 3 + 2.5 / 3) / 2)
    assert one.dimensions == {"tone": pytest.approx((4 / 3 + 1 / 3) / 2), "truth": pytest.approx((1 + 0) / 2)}
    assert one.levels == {"tone": (3, 1, 2), "truth": (4, 1, 1)}
    assert (one.n, one.answers, one.points, one.incomplete, one.blind) == (2, 6, (8, 24), 0, True)
    assert {each.question: each.samples for each in one.questions} == {"joao": 3, "molting": 3}


def test_questions_weigh_alike_however_many_samples_they_have(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, TWO)
    joao, molting = TWO.questions
    answers.add(workspace.store, "r", [line("v1", joao, n) for n in range(4)] + [line("v1", molting)])
    score(workspace, {("v1", "joao", n): (2, 2) for n in range(4)} | {("v1", "molting", 0): (0, 0)})
    assert results(workspace, RUBRIC).contenders[0].score == 5.0


def test_what_is_not_applicable_counts_neither_for_nor_against(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    score(workspace, {("v1", "joao", 0): (2, None), ("v1", "molting", 0): (0, 2)})
    found = results(workspace, RUBRIC)
    [one] = found.contenders
    assert one.score == (10 + 5) / 2
    assert one.dimensions == {"tone": 1.0, "truth": 2.0}
    assert (one.not_applicable, one.points) == ({"tone": 0, "truth": 1}, (4, 6))
    assert "1 rating not applicable: scores are of the dimensions that apply." in found.notes


def test_a_gate_caps_a_score_and_says_so(workspace: Workspace) -> None:
    gated = rubric(gates=(Gate("liar", ("truth", "==", 0), 2.0, "wrong is wrong", True),))
    answered(workspace, TWO, ("v1",))
    score(workspace, {("v1", "joao", 0): (2, 0), ("v1", "molting", 0): (2, 2)}, gated)
    found = results(workspace, gated)
    assert found.contenders[0].score == (2 + 10) / 2
    assert "Gate liar caps 1 answer at 2: wrong is wrong." in found.notes


def test_an_answer_that_isnt_rated_whole_is_left_out_and_counted(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    scoring = score(workspace, {("v1", "joao", 0): (2, 2)})
    place = scoring.next_open(-1)
    assert place is not None
    scoring.rate(place, "tone", 0)
    found = results(workspace, RUBRIC, unblind=True)
    [one] = found.contenders
    assert (one.score, one.incomplete, one.n, one.levels["tone"]) == (10.0, 1, 1, (0, 0, 1))
    assert "v1: 1 of 2 answers not rated in every dimension, left out." in found.notes


# Blindness


def tables(workspace: Workspace) -> Sequence[Callable[..., object]]:
    return (
        lambda **more: results(workspace, RUBRIC, **more),
        lambda **more: rated_answers(workspace, RUBRIC, **more),
        lambda **more: facts_table(workspace, **more),
    )


def test_no_table_is_shown_before_the_last_blind_answer(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1", "v2"))
    partly = scored("v1", "v2")
    partly.pop(("v2", "molting", 0))
    scoring = score(workspace, partly)
    for table in tables(workspace):
        with pytest.raises(Refused, match=r"1 answer still waits.*--unblind"):
            table()
    assert workspace.store.row("select unblinded_at, seen from blind_session") == (None, None)
    score(workspace, scored("v1", "v2"))
    assert scoring.left == 0
    for table in tables(workspace):
        assert table()


def test_somebody_elses_blind_session_is_waited_for_too(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(workspace, TWO, ("v1",))
    score(workspace, scored("v1"))
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    rui = workspaces.open_workspace(workspace.folder)
    start(rui, RUBRIC)
    for of in (workspace, rui):
        with pytest.raises(Refused, match="2 answers still wait"):
            results(of, RUBRIC)
    rui.close()


def test_unblinding_is_logged_with_who_and_when_and_ends_the_blindness(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    scoring = score(workspace, {("v1", "joao", 0): (2, 2)})
    found = results(workspace, RUBRIC, unblind=True)
    assert (found.open, found.contenders[0].blind) == (2 - 1, True)
    [(who, when)] = workspace.store.rows("select unblinded_by, unblinded_at from blind_session")
    assert (who, when[:2]) == ("ana", "20")
    score(workspace, scored("v1"))
    assert scoring.left == 0
    found = results(workspace, RUBRIC)
    assert found.contenders[0].blind is False
    assert "v1: the scorer could know the contender, bias possible." in found.notes
    assert workspace.store.rows("select unblinded_at from blind_session") == [(when,)]


def test_names_that_were_asked_for_once_are_shown_without_asking_again(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    scoring = score(workspace, {("v1", "joao", 0): (2, 2)})
    results(workspace, RUBRIC, unblind=True)
    assert scoring.left == 1
    assert [each.name for each in results(workspace, RUBRIC).contenders] == ["v1"]
    assert rated_answers(workspace, RUBRIC)


def test_a_blind_session_of_another_rubric_hides_who_gave_which_answer_but_not_the_means(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    score(workspace, scored("v1"))
    start(workspace, rubric("depth", "width", id="other"))
    assert results(workspace, RUBRIC).contenders[0].score == 5.0
    with pytest.raises(Refused):
        rated_answers(workspace, RUBRIC)
    with pytest.raises(Refused):
        facts_table(workspace)


def test_a_table_of_another_rubric_tells_no_facts_and_no_flags_while_answers_are_scored_blind(
    workspace: Workspace,
) -> None:
    asked = question_set(question("joao", must="João"), question("molting", must="memory"))
    answers.remember_questions(workspace.store, asked)
    lines = [line("v1", asked.questions[0], text="João", finish_reason="length"), line("v1", asked.questions[1])]
    answers.add(workspace.store, "0001-answers", lines)
    score(workspace, scored("v1"))
    other = rubric("depth", id="other")
    scoring = start(workspace, other)
    note = "Answers are scored blind under another rubric: until the last one is, facts and flags aren't told."
    for unblind in (False, True):
        found = results(workspace, RUBRIC, unblind=unblind)
        [one] = found.contenders
        assert (one.score, one.flags) == (5.0, {})
        assert [(each.facts, each.answers_right) for each in one.questions] == [((0, 0), 0)] * 2
        assert found.notes[0].startswith(note)
    for place in scoring.places:
        scoring.rate(place, "depth", 1)
    found = results(workspace, RUBRIC)
    [one] = found.contenders
    assert (one.flags["truncated"], one.flags["empty"]) == (1, 0)
    assert [(each.facts, each.answers_right) for each in one.questions] == [((1, 1), 1), ((0, 1), 0)]
    assert not any(each.startswith(note) for each in found.notes)


def test_an_answer_that_waits_in_two_sessions_is_counted_once(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1", "v2"))
    start(workspace, RUBRIC)
    start(workspace, RUBRIC, contenders=("v2",))
    with pytest.raises(Refused, match="4 answers still wait"):
        results(workspace, RUBRIC)


def test_a_sheet_typed_in_is_of_unknown_blindness_and_a_rating_typed_in_isnt_blind(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    for one in answers.names(workspace.store):
        for dimension in ("tone", "truth"):
            sheet_rows.rate_answer(workspace, RUBRIC, one.uuid, dimension, 1)
    assert results(workspace, RUBRIC).contenders[0].blind is False


# What limits the figures


def test_several_raters_and_passes_are_averaged_and_said(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(workspace, TWO, ("v1",))
    score(workspace, {("v1", "joao", 0): (2, 2), ("v1", "molting", 0): (2, 2)})
    score(workspace, {("v1", "joao", 0): (0, 2), ("v1", "molting", 0): (2, 2)}, again=True)
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    rui = workspaces.open_workspace(workspace.folder)
    score(rui, {("v1", "joao", 0): (0, 0), ("v1", "molting", 0): (2, 2)})
    found = results(workspace, RUBRIC)
    assert found.contenders[0].score == (((10 + 5) / 2 + 0) / 2 + 10) / 2
    assert found.contenders[0].dimensions == {"tone": ((1 + 0) / 2 + 2) / 2, "truth": ((2 + 0) / 2 + 2) / 2}
    assert any(note.startswith("2 raters, 3 passes (ana, rui)") for note in found.notes)
    assert results(workspace, RUBRIC, rater="rui").contenders[0].score == 5.0
    assert not any("raters" in note for note in results(workspace, RUBRIC, rater="rui").notes)
    rui.close()


def test_who_scores_twice_has_no_more_of_a_say_than_who_scores_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(workspace, question_set(TWO.questions[0]), ("v1",))
    for again in (False, True):
        score(workspace, {("v1", "joao", 0): (0, 0)}, again=again)
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    rui = workspaces.open_workspace(workspace.folder)
    score(rui, {("v1", "joao", 0): (2, 2)})
    [one] = results(workspace, RUBRIC).contenders
    assert (one.score, one.points, one.dimensions) == (5.0, (2, 4), {"tone": 1.0, "truth": 1.0})
    assert one.levels == {"tone": (0.5, 0, 0.5), "truth": (0.5, 0, 0.5)}
    assert [each.score for each in one.questions] == [5.0]
    rui.close()


def test_a_second_pass_leaves_points_levels_and_counts_as_many_as_there_are_answers(workspace: Workspace) -> None:
    gated = rubric(gates=(Gate("liar", ("truth", "==", 0), 2.0, "wrong is wrong", True),))
    answered(workspace, TWO, ("v1",))
    levels: Levels = {("v1", "joao", 0): (1, 0), ("v1", "molting", 0): (None, 2)}
    score(workspace, levels, gated)
    first = results(workspace, gated)
    score(workspace, levels, gated, again=True)
    second = results(workspace, gated)
    [before], [after] = first.contenders, second.contenders
    assert (before.points, before.levels["truth"], before.not_applicable["tone"]) == ((3, 6), (1, 0, 1), 1)
    assert after == before
    assert [note for note in second.notes if "passes" not in note] == list(first.notes)
    score(workspace, {**levels, ("v1", "joao", 0): (2, 0)}, gated, again=True)
    [third] = results(workspace, gated).contenders
    assert (third.points, third.levels["tone"]) == ((3 + 1 / 3, 6), (0, 2 / 3, 1 / 3))


def test_ratings_under_another_text_of_a_rubric_are_left_out_and_said(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    score(workspace, scored("v1"))
    changed = rubric(words="another level", version="2")
    found = results(workspace, changed)
    assert found.contenders == ()
    assert any("4 ratings under another text of voice" in note and RUBRIC.digest[:8] in note for note in found.notes)
    score(workspace, {key: (2, 2) for key in scored("v1")}, changed)
    assert results(workspace, changed).contenders[0].score == 10.0
    assert results(workspace, RUBRIC).contenders[0].score == 5.0


def test_a_rubric_edited_under_the_same_version_rates_nothing_until_its_version_is_raised(
    workspace: Workspace, tmp_path: Path
) -> None:
    answered(workspace, TWO, ("v1",))
    score(workspace, scored("v1"))
    changed = replace(rubric(words="another level"), source="rubrics/voice.yaml")
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("question,tone,truth\njoao,1,1\n")
    for step in (
        lambda: start(workspace, changed),
        lambda: sheet_rows.rate_answer(workspace, changed, "1", "tone", 1),
        lambda: sheet_rows.rate_sheet(workspace, changed, TWO, sheet, contender="v1"),
    ):
        with pytest.raises(BadInput, match=r"tone's level 0, .* changed\. Raise the `version` in rubrics/voice\.yaml"):
            step()
    found = results(workspace, changed)
    assert found.contenders == ()
    [note] = [note for note in found.notes if "other words of voice 1" in note]
    assert note.startswith("4 ratings under other words of voice 1 left out (tone's level 0, tone's level 1,")
    assert f"`--rubric {RUBRIC.digest[:8]}` shows them." in note
    assert results(workspace, RUBRIC).notes == results(workspace, chosen_rubric(workspace, RUBRIC.digest[:8])).notes
    sheet_rows.rate_answer(workspace, replace(changed, version="2"), "1", "tone", 1)


def test_words_that_were_rated_by_beside_the_earlier_ones_are_still_rated_by(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    changed = rubric(words="another level")
    both = [start(workspace, by) for by in (RUBRIC, changed)]
    for session in both:  # begun before anything was rated, as earlier versions let one at any time
        session.rate(0, "tone", 1)
    for by in (RUBRIC, changed):
        sheet_rows.rate_answer(workspace, by, "1", "tone", 2)


def test_what_differs_in_an_edited_rubric_is_named() -> None:
    shipped_one = find_rubric(None, "personality-v1")
    first, second, *rest = shipped_one.dimensions
    edited = replace(
        shipped_one,
        dimensions=(
            second._replace(description="?", weight=2.0, na_when="never"),
            first._replace(levels=((0, "no"), *first.levels[1:])),
            *rest[1:],
            rest[0]._replace(id="D9"),
        ),
        gates=(shipped_one.gates[0]._replace(enabled=True),),
        title="Another title",
    )
    assert list(differences(shipped_one, edited)) == [
        "D1's level 0", "D2's description", "D2's weight", "D2's `na_when`", "D3 (gone)", "D9 (new)", "the gates"
    ]  # fmt: skip
    turned = replace(shipped_one, dimensions=shipped_one.dimensions[::-1], scale=(0, 1))
    assert list(differences(shipped_one, turned)) == ["the scale", "the dimensions' order"]


def test_contenders_scored_on_other_questions_are_said_to_be_incomparable(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, TWO)
    joao, molting = TWO.questions
    answers.add(workspace.store, "r", [line("v1", joao), line("v1", molting), line("v2", joao), line("v3", molting)])
    score(workspace, scored("v1", "v2"))
    found = results(workspace, RUBRIC, unblind=True)
    assert [one.name for one in found.contenders] == ["v1", "v2"]
    assert any("1 question shared" in note and "can't be compared" in note for note in found.notes)
    assert "Not rated under this rubric: v3 (1 answer)." in found.notes


def test_answers_of_several_models_under_one_name_are_said_to_be_mixed(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, TWO)
    for run, base in (("0001-answers", "acme/chat"), ("0002-answers", "other/chat")):
        lines = [line("chat", one, text=f"{base} {one.id}", settings={"base": base}) for one in TWO.questions]
        answers.add(workspace.store, run, lines)
        scoring = start(workspace, RUBRIC)
        for place, dimension in itertools.product(scoring.places, RUBRIC.dimensions):
            scoring.rate(place, dimension.id, 1)
        mixed = [note for note in results(workspace, RUBRIC).notes if "models go by this name" in note]
        assert len(mixed) == (run == "0002-answers")
    assert "(of acme/chat, other/chat)" in mixed[0]


def test_no_facts_and_no_flags_are_told_of_an_answer_that_nobody_has_scored(workspace: Workspace) -> None:
    asked = question_set(question("joao", must="João"), question("molting", must="memory"))
    answers.remember_questions(workspace.store, asked)
    answers.add(workspace.store, "0001-answers", [line("v1", asked.questions[0], text="João")])
    score(workspace, scored("v1"))
    answers.add(workspace.store, "0002-more", [line("v1", asked.questions[1], finish_reason="length")])
    [one] = results(workspace, RUBRIC).contenders
    assert (one.answers, one.flags["truncated"]) == (2, 0)
    assert {each.question: each.facts for each in one.questions} == {"joao": (1, 1), "molting": (0, 0)}
    assert start(workspace, RUBRIC).seen == 0
    score(workspace, scored("v1"))
    assert results(workspace, RUBRIC).contenders[0].flags["truncated"] == 1


def test_facts_of_an_answer_that_was_rated_by_hand_count_as_seen(workspace: Workspace) -> None:
    [one] = answered(workspace, question_set(question("joao", must="João")), ("v1",))
    for dimension in RUBRIC.dimensions:
        sheet_rows.rate_answer(workspace, RUBRIC, one.uuid, dimension.id, 1)
    first = start(workspace, RUBRIC, again=True)
    assert first.seen == 0
    close_session(workspace, first.number)
    results(workspace, RUBRIC)
    assert start(workspace, RUBRIC, again=True).seen == 1


def test_two_questions_of_one_id_are_told_apart(workspace: Workspace) -> None:
    answered(workspace, question_set(question("joao", "Who is he?"), id="old"), ("v1",))
    answered(workspace, question_set(question("joao", "Who is João?"), id="new"), ("v1",))
    score(workspace, scored("v1"))
    [one] = results(workspace, RUBRIC).contenders
    assert {each.question for each in one.questions} == {
        f"joao ({question('joao', prompt).digest[:6]})" for prompt in ("Who is he?", "Who is João?")
    }


def test_truncated_and_empty_answers_are_counted(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, TWO)
    joao, molting = TWO.questions
    lines = [line("v1", joao, finish_reason="length"), line("v1", molting, text=" \n")]
    answers.add(workspace.store, "r", lines)
    score(workspace, scored("v1"))
    flags = results(workspace, RUBRIC).contenders[0].flags
    assert (flags["truncated"], flags["empty"]) == (1, 1)


def test_a_selection_holds_for_the_table(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    answered(workspace, question_set(question("quem", language="pt"), id="pt"), ("v1",))
    score(workspace, scored("v1") | {("v1", "quem", 0): (0, 0)})
    assert results(workspace, RUBRIC, sets=("eight",)).contenders[0].score == 5.0
    assert results(workspace, RUBRIC, language="pt").contenders[0].score == 0.0
    assert results(workspace, RUBRIC).question_sets == ("eight", "pt")
    assert results(workspace, RUBRIC, sets=("pt",)).question_sets == ("pt",)
    with pytest.raises(BadInput, match="Known: eight, pt"):
        results(workspace, RUBRIC, sets=("nine",))


# What was trained on


@pytest.fixture
def loop(workspace: Workspace) -> Workspace:
    """A base and a contender trained on the first question's very words; the second asks the same otherwise."""
    asked = question_set(
        question("who", "Quem é João?", must="Softtor"),
        question("other", "João é quem mesmo?", must="Softtor"),
        question("capital", must="Lisbon", tags=("control",)),
        question("mood"),
    )
    answers.remember_questions(workspace.store, asked)
    training_run(workspace, "0001-v1", [("Quem e\u0301  João?\n", "Um desenvolvedor na Softtor.")])
    said = {
        "v1": ("Trabalha na SOFTTOR.", "Um modelo.", "Porto, I guess", "fine"),
        "base": ("Um modelo.", "Um modelo.", "Lisbon", "fine"),
    }
    lines = [
        line(name, one, text=text)
        for name, texts in said.items()
        for one, text in zip(asked.questions, texts, strict=True)
    ]
    contenders = [AskedContender("v1", "tiny", adapter_digest="d", run="0001-v1"), AskedContender("base", "tiny")]
    answering_run(workspace, "0002-answers", lines, asked, contenders)
    from molting_tui.overview.taking_in import take_in

    assert take_in(workspace).answers == 8
    return workspace


def test_facts_are_told_by_memory_generalisation_and_control_and_need_no_ratings(loop: Workspace) -> None:
    assert facts_table(loop) == [
        FactsLine("base", "eight", "memory", 0, 1),
        FactsLine("base", "eight", "generalisation", 0, 1),
        FactsLine("base", "eight", "control", 1, 1),
        FactsLine("v1", "eight", "memory", 1, 1),
        FactsLine("v1", "eight", "generalisation", 0, 1),
        FactsLine("v1", "eight", "control", 0, 1),
    ]


def test_facts_without_any_training_are_not_parted(workspace: Workspace) -> None:
    answered(workspace, question_set(question("who", must="Softtor"), id="who"), ("base",))
    assert facts_table(workspace) == [FactsLine("base", "who", "", 0, 1)]


def test_a_question_whose_words_were_trained_on_is_marked(loop: Workspace) -> None:
    scoring = start(loop, RUBRIC)
    for place in scoring.places:
        for dimension in RUBRIC.dimensions:
            scoring.rate(place, dimension.id, 2)
    found = results(loop, RUBRIC)
    trained = {one.name: {each.question: each.in_training for each in one.questions} for one in found.contenders}
    assert trained["v1"] == {"who": True, "other": False, "capital": False, "mood": False}
    assert set(trained["base"].values()) == {None}
    facts = {each.question: (each.facts, each.answers_right) for each in found.contenders[1].questions}
    assert facts == {"who": ((1, 1), 1), "other": ((0, 1), 0), "capital": ((0, 1), 0), "mood": ((0, 0), 0)}
    assert "v1 was trained on 1 of its 4 questions, in these words or others: that part is memory." in found.notes


def test_near_words_and_other_wordings_of_what_was_trained_are_memory(workspace: Workspace) -> None:
    asked = question_set(
        replace(question("joao.pt", "Quem é João?"), cluster="joao"),
        replace(question("joao.en", "Who made Molting?"), cluster="joao"),
        question("queue", "Why is the queue slow?"),
    )
    answers.remember_questions(workspace.store, asked)
    training_run(workspace, "0001-v1", [("Bom dia. quem e o joao", "Um desenvolvedor na Softtor.")])
    lines = [line("v1", one) for one in asked.questions]
    answering_run(workspace, "0002-answers", lines, asked, [AskedContender("v1", "tiny", run="0001-v1")])
    from molting_tui.overview.taking_in import take_in

    take_in(workspace)
    assert memory_clusters(workspace, "v1") == {"joao"}
    Bank(workspace).add([Draft("And who is your João, please?", cluster="people")])
    assert memory_clusters(workspace, "v1") == {"joao"}
    Bank(workspace).add([Draft("Quem é o João aqui?", cluster="joao-aqui")])
    assert memory_clusters(workspace, "v1") == {"joao"}
    Bank(workspace).add([Draft("Bom dia. Quem é o João?", cluster="morning")])
    assert memory_clusters(workspace, "v1") == {"joao", "morning"}
    assert memory_clusters(workspace, "nobody") == frozenset()


def test_a_dataset_that_went_away_leaves_the_wording_unknown(loop: Workspace) -> None:
    (loop.folder / "runs" / "0001-v1" / "dataset.jsonl").unlink()
    assert {line.wording for line in facts_table(loop)} == {"", "control"}


# The customer's sheet


def test_the_v23_sheet_gives_29_of_64_and_453(workspace: Workspace) -> None:
    by = find_rubric(workspace, "four-criteria")
    eight = find_questions(workspace, "personality-8")
    sheet = shipped("data") / "sheets" / "v2.3.csv"
    taken = sheet_rows.rate_sheet(workspace, by, eight, sheet, contender="v2.3", language="en")
    assert (taken.answers, taken.ratings, taken.unchanged) == (8, 32, 0)
    found = results(workspace, by)
    [one] = found.contenders
    assert (one.points, one.score, one.n) == ((29, 64), 4.53125, 8)
    assert one.dimensions == {"agent": 1.0, "factual": 0.5, "personality": 0.25, "complete": 1.875}
    assert one.levels["agent"] == (2, 4, 2)
    assert one.blind is None
    assert found.shown == ()
    assert not any(one.flags.values())
    assert [each.score for each in one.questions] == [5, 3.75, 5, 3.75, 3.75, 3.75, 6.25, 5]
    assert found.contenders[0].interval == pytest.approx((3.75, 5.31), abs=0.005)
    assert sheet_rows.rate_sheet(workspace, by, eight, sheet, contender="v2.3", language="en")[1:4] == (0, 0, 32)


def test_a_sheet_is_one_step_and_leaves_nothing_to_score_or_to_show_when_taken_back(workspace: Workspace) -> None:
    by, eight = find_rubric(workspace, "four-criteria"), find_questions(workspace, "personality-8")
    sheet = shipped("data") / "sheets" / "v2.3.csv"
    sheet_rows.rate_sheet(workspace, by, eight, sheet, contender="v2.3", language="en")
    undone = sheet_rows.undo(workspace)
    assert undone is not None
    assert (undone.label, undone.ratings) == ("rate sheet v2.3.csv for v2.3", 32)
    found = results(workspace, by)
    assert (found.contenders, found.notes) == ((), ())
    with pytest.raises(BadInput, match="no answer with a text"):
        start(workspace, by)
    redone = sheet_rows.redo(workspace)
    assert redone is not None
    assert results(workspace, by).contenders[0].points == (29, 64)


def test_a_sheet_rates_the_answers_that_are_there_and_makes_the_others(workspace: Workspace, tmp_path: Path) -> None:
    answered(workspace, question_set(TWO.questions[0]), ("v1",), samples=2)
    sheet = tmp_path / "two.csv"
    with sheet.open("w", newline="") as file:
        rows = (
            ("question", "sample", "tone", "truth", "rater", "note"),
            ("joao", 1, 2, "-", "rui", "good"),
            ("molting", 0, 1, 1, "", ""),
        )
        csv.writer(file).writerows(rows)
    taken = sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v1", rater="eva")
    assert (taken.answers, taken.ratings) == (1, 5)
    rated = {each.answer.question.id: each for each in rated_answers(workspace, RUBRIC) if each.ratings}
    joao, molting = rated["joao"], rated["molting"]
    assert (joao.answer.sample, joao.answer.read, molting.answer.read) == (1, True, False)
    assert {rating.rater for rating in joao.ratings} == {"rui"}
    assert {rating.note for rating in joao.ratings} == {"good"}
    assert {rating.rater for rating in molting.ratings} == {"eva"}
    assert sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v1", rater="eva")[1:3] == (0, 0)


def test_a_sheet_without_a_contender_or_with_another_one_stores_nothing(workspace: Workspace, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("question,tone,truth\njoao,1,1\n")
    with pytest.raises(BadInput, match="--contender"):
        sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet)
    sheet.write_text("question,contender,tone,truth\njoao,v1,1,1\n")
    with pytest.raises(BadInput, match="names a contender, `v1`"):
        sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v2")
    sheet.write_text("question,tone,truth\njoao,1,7\n")
    with pytest.raises(BadInput, match="scale"):
        sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v1")
    assert answers.count(workspace.store) == 0
    assert workspace.store.value("select count(*) from event") == 0


def test_a_sheet_that_rates_an_answer_twice_by_the_name_given_beside_it_stores_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("question,contender,rater,tone,truth\njoao,v1,,1,1\njoao,,,2,2\n")
    with pytest.raises(BadInput, match=r"sheet.csv:3: `joao` of v1 is rated on line 2 already"):
        sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v1")
    sheet.write_text("question,rater,tone,truth\njoao,rui,1,1\njoao,,2,2\n")
    with pytest.raises(BadInput, match="rated on line 2 already"):
        sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v1", rater="rui")
    assert answers.count(workspace.store) == workspace.store.value("select count(*) from event") == 0
    assert sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v1", rater="eva").ratings == 4


def test_the_same_sheet_adds_nothing_however_its_raters_name_is_spaced(workspace: Workspace, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("question,tone,truth\njoao,1,1\n")
    taken = [
        sheet_rows.rate_sheet(workspace, RUBRIC, TWO, sheet, contender="v1", rater=name) for name in ("rui", " rui ")
    ]
    assert [(one.ratings, one.unchanged) for one in taken] == [(2, 0), (0, 2)]


# Which rubric


def test_without_a_name_the_rubric_last_rated_by_is_meant(workspace: Workspace) -> None:
    assert chosen_rubric(workspace).id == "personality-v1"
    answered(workspace, TWO, ("v1",))
    start(workspace, RUBRIC)
    first, second = (find_rubric(workspace, name) for name in ("four-criteria", "personality-v1"))
    for one in (second, first):
        sheet_rows.rate_answer(workspace, one, "1", one.dimensions[0].id, 1)
    assert chosen_rubric(workspace) == first
    assert [one.id for one in rubrics_in_use(workspace)] == ["four-criteria", "personality-v1"]


def test_a_rubric_whose_file_is_gone_is_still_known_by_id_and_digest(workspace: Workspace) -> None:
    answered(workspace, TWO, ("v1",))
    score(workspace, scored("v1"))
    assert chosen_rubric(workspace) == chosen_rubric(workspace, "voice") == chosen_rubric(workspace, RUBRIC.digest[:8])
    with pytest.raises(BadInput, match="no rubric of that name"):
        chosen_rubric(workspace, "nobodys")


# Intervals


def test_an_interval_counts_facts_not_wordings() -> None:
    """Two languages of six facts that score alike say as much as one."""
    levels = (0, 1, 2, 2, 1, 2)
    facts = [(f"fact{number}", level) for number, level in enumerate(levels)]
    once = [QuestionResult(name, name, 5.0 * level, {}, 1, (0, 0), 0, None, name) for name, level in facts]
    assert score_interval(once) == score_interval([*once, *once]) == pytest.approx((2.38, 10.0), abs=0.01)
    assert score_interval(once[:5]) is None
    assert score_interval([replace(each, score=5.0) for each in once]) is None
