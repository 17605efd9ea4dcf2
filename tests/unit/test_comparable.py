"""Promises of what two contenders' scores can be compared on: facts that one person scored of both in one session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from molting_tui import workspace as workspaces
from molting_tui.evaluation.asking.training_prompts import TrainingPrompts
from molting_tui.evaluation.results.agreement_sheets import shared_answers
from molting_tui.evaluation.results.comparable import Comparable, comparable, trained_on
from molting_tui.evaluation.results.table import rated_answers
from molting_tui.evaluation.scoring.blind_session import Scoring, start
from molting_tui.evaluation.scoring.open_sessions import close_session, open_sessions
from molting_tui.evaluation.scoring.sheet_rows import rate_answer
from molting_tui.records.evaluation import Question, Role
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import answered, question, question_set, rubric

RUBRIC = rubric()
JOAO, MOLTING, CRM = question("joao"), question("molting"), question("crm")
THREE = question_set(JOAO, MOLTING, CRM)
PT = replace(question("joao.pt", "Quem é o João?", language="pt"), cluster="joao")
EN = replace(question("joao.en", "Who is João?"), cluster="joao")


def asked_of(workspace: Workspace) -> dict[str, tuple[str, Question]]:
    """Who gave each answer, and to what."""
    return {each.uuid: (each.contender, each.question) for each in answers.answers(workspace.store)}


def score(scoring: Scoring, workspace: Workspace, **levels: int) -> None:
    """Score everything in a session: by contender, the level in every dimension."""
    of = asked_of(workspace)
    for place in scoring.places:
        for dimension in scoring.rubric.dimensions:
            scoring.rate(place, dimension.id, levels[of[scoring.item(place).uuid][0]])


def compared(workspace: Workspace, *, learned: set[str] | None = None, role: Role = "generalise") -> Comparable:
    given = rated_answers(workspace, RUBRIC)
    sides = [[each for each in given if each.answer.contender == name] for name in ("v1", "v2")]
    return comparable(RUBRIC, *sides, learned=learned or (), role=role)


@pytest.fixture
def rui(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace as a second person has it open."""
    monkeypatch.setenv("MOLTING_ACTOR", "rui")
    opened = workspaces.open_workspace(workspace.folder)
    yield opened
    opened.close()


def test_facts_scored_of_both_in_one_session_count(workspace: Workspace) -> None:
    answered(workspace, THREE, ("v1", "v2"), samples=2)
    score(start(workspace, RUBRIC), workspace, v1=1, v2=2)
    found = compared(workspace)
    assert [(fact.cluster, fact.a, fact.b, fact.difference) for fact in found.facts] == [
        ("joao", 5, 10, -5), ("molting", 5, 10, -5), ("crm", 5, 10, -5)
    ]  # fmt: skip
    assert {(fact.raters, fact.sessions, fact.blind) for fact in found.facts} == {(("ana",), 1, True)}
    assert [len(fact.answers_a) for fact in found.facts] == [len(fact.answers_b) for fact in found.facts] == [2] * 3
    assert found.left_out == ()


def test_the_same_answers_scored_in_two_sessions_are_scored_apart(workspace: Workspace) -> None:
    answered(workspace, THREE, ("v1", "v2"))
    for name in ("v1", "v2"):
        score(start(workspace, RUBRIC, contenders=(name,)), workspace, v1=1, v2=2)
    found = compared(workspace)
    assert found.facts == ()
    assert found.because("apart") == ("joao", "molting", "crm")


def test_what_two_people_scored_or_somebody_typed_in_is_scored_apart(workspace: Workspace, rui: Workspace) -> None:
    answered(workspace, THREE, ("v1", "v2"))
    score(start(workspace, RUBRIC, contenders=("v1",)), workspace, v1=1)
    score(start(rui, RUBRIC, contenders=("v2",)), workspace, v2=2)
    assert compared(workspace).because("apart") == ("joao", "molting", "crm")
    by = {of: uuid for uuid, of in asked_of(workspace).items()}
    for dimension in ("tone", "truth"):
        rate_answer(workspace, RUBRIC, by["v2", JOAO], dimension, 2)
    assert compared(workspace).because("apart") == ("joao", "molting", "crm")


def test_what_one_person_typed_in_of_both_is_scored_apart(workspace: Workspace) -> None:
    answered(workspace, THREE, ("v1", "v2"))
    for uuid in asked_of(workspace):
        for dimension in ("tone", "truth"):
            rate_answer(workspace, RUBRIC, uuid, dimension, 2)
    assert compared(workspace).because("apart") == ("joao", "molting", "crm")


def test_a_fact_is_one_whatever_languages_and_samples_it_was_asked_in(workspace: Workspace) -> None:
    answered(workspace, question_set(PT, EN, MOLTING), ("v1", "v2"), samples=2)
    scoring = start(workspace, RUBRIC)
    of = asked_of(workspace)
    # v1: Portuguese 0 and 2, English 2 and 2; v2: 1 throughout.
    levels = {("v1", "joao.pt"): [0, 2], ("v1", "joao.en"): [2, 2], ("v1", "molting"): [0, 0]}
    for place in scoring.places:
        name, asked = of[scoring.item(place).uuid]
        level = levels[name, asked.id].pop() if name == "v1" else 1
        for dimension in ("tone", "truth"):
            scoring.rate(place, dimension, level)
    assert [(fact.cluster, fact.a, fact.b) for fact in compared(workspace).facts] == [
        ("joao", 7.5, 5), ("molting", 0, 5)
    ]  # fmt: skip


def test_each_rater_counts_once_however_many_sessions_they_scored(workspace: Workspace, rui: Workspace) -> None:
    answered(workspace, THREE, ("v1", "v2"))
    score(start(workspace, RUBRIC), workspace, v1=0, v2=2)
    score(start(workspace, RUBRIC, again=True), workspace, v1=2, v2=2)
    score(start(rui, RUBRIC), workspace, v1=2, v2=0)
    [first, *_] = compared(workspace).facts
    # ana: (0 + 10) / 2 and 10; rui: 10 and 0.
    assert (first.a, first.b, first.raters, first.sessions) == (7.5, 5, ("ana", "rui"), 3)
    shared = shared_answers(RUBRIC, rated_answers(workspace, RUBRIC))
    assert len(shared) == 6
    of = asked_of(workspace)
    sheets = {of[each.answer][0]: {name: sheet["tone"] for name, sheet in each.sheets.items()} for each in shared}
    assert sheets == {"v1": {"ana": 0, "rui": 2}, "v2": {"ana": 2, "rui": 0}}


def test_a_session_of_one_rater_lends_no_other_session_a_rival(workspace: Workspace) -> None:
    answered(workspace, THREE, ("v1", "v2"))
    score(start(workspace, RUBRIC, contenders=("v1",)), workspace, v1=0)
    score(start(workspace, RUBRIC, contenders=("v2",)), workspace, v2=1)
    score(start(workspace, RUBRIC, again=True), workspace, v1=2, v2=2)
    assert [(fact.a, fact.b, fact.sessions) for fact in compared(workspace).facts] == [(10, 10, 1)] * 3


def test_what_is_left_out_says_why(workspace: Workspace) -> None:
    extra = replace(question("control", "What is 2 + 2?", tags=["control"]), role="control")
    taught = replace(question("taught"), role="memory")
    answered(workspace, question_set(JOAO, MOLTING, CRM, extra, taught), ("v1", "v2"))
    answered(workspace, question_set(question("only"), PT, id="more"), ("v1",), run="2")
    answered(workspace, question_set(replace(EN, cluster="joao"), id="en"), ("v2",), run="3")
    scoring = start(workspace, RUBRIC)
    of = asked_of(workspace)
    for place in scoring.places:
        name, asked = of[scoring.item(place).uuid]
        scoring.rate(place, "tone", 1)
        if (name, asked.id) != ("v2", "molting"):
            scoring.rate(place, "truth", 1)
    close_session(workspace, open_sessions(workspace)[0].number)
    found = compared(workspace, learned={CRM.digest})
    assert [fact.cluster for fact in found.facts] == ["joao"]
    assert {fact.cluster: fact.why for fact in found.left_out} == {
        "molting": "unscored", "crm": "memory", "control": "control", "taught": "memory", "only": "one answered"
    }  # fmt: skip
    assert [fact.cluster for fact in compared(workspace, learned={CRM.digest}, role="memory").facts] == [
        "crm", "taught"
    ]  # fmt: skip


def test_other_wordings_of_a_fact_are_no_pair(workspace: Workspace) -> None:
    answered(workspace, question_set(PT, id="pt"), ("v1",))
    answered(workspace, question_set(EN, id="en"), ("v2",), run="2")
    score(start(workspace, RUBRIC), workspace, v1=1, v2=2)
    assert compared(workspace).because("other questions") == ("joao",)


def test_one_wording_in_training_makes_the_whole_fact_memory(workspace: Workspace) -> None:
    answered(workspace, question_set(PT, EN), ("v1", "v2"))
    score(start(workspace, RUBRIC), workspace, v1=1, v2=2)
    assert compared(workspace, learned={PT.digest}).because("memory") == ("joao",)
    assert trained_on(TrainingPrompts(workspace), rated_answers(workspace, RUBRIC)) == set()


def test_ratings_after_a_look_are_no_blind_ones(workspace: Workspace) -> None:
    answered(workspace, THREE, ("v1", "v2"))
    scoring = start(workspace, RUBRIC)
    score(scoring, workspace, v1=1, v2=2)
    compared(workspace)
    [place] = [place for place in scoring.places if asked_of(workspace)[scoring.item(place).uuid] == ("v1", JOAO)]
    scoring.rate(place, "tone", 0)
    assert {fact.cluster: (fact.a, fact.blind) for fact in compared(workspace).facts} == {
        "joao": (2.5, False), "molting": (5, True), "crm": (5, True)
    }  # fmt: skip
