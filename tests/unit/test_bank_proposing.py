"""Promises of proposals: each says why, none is made twice, and a person decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

from molting_tui.evaluation.bank.other_words import other_wordings
from molting_tui.evaluation.bank.proposing import askable
from molting_tui.store.pairs import Prompts

EXCHANGES = (
    ("Who reviews the proposals of the CRM?", ("At the firm Ventura, Ana Souza reviews them each Friday morning.",)),
    ("Why did this test fail again?", ("It needs what Ventura calls the long queue, which was stopped at night.",)),
    ("Quando a fila é drenada?", ("Toda noite, como pediu a Ana Souza, antes do backup que a Ventura guarda.",)),
    ("Quando é que a fila é drenada?", ("Toda noite, como sempre, e quem pediu isso foi a Ventura em fevereiro.",)),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made(tmp_path / "claudio", EXCHANGES)
    answer("decide", "--where", "state:open", "keep", "--yes", workspace=tmp_path / "claudio")
    return tmp_path / "claudio"


def proposed(folder: Path, number: int = 60) -> dict[str, dict[str, str]]:
    return {each["prompt"]: each for each in value("questions", "propose", str(number), workspace=folder)}


def test_pairs_other_words_and_gaps_are_proposed_each_with_its_reason(folder: Path) -> None:
    proposals = proposed(folder)
    of_pair = proposals["Who reviews the proposals of the CRM?"]
    assert of_pair["source"].startswith("pair:")
    assert of_pair["reference"] == EXCHANGES[0][1][0]
    assert of_pair["why"].startswith("kept pair 1 asks it by itself")
    assert "Why did this test fail again?" not in proposals
    # Of two that ask the same the shorter one.
    assert {prompt for prompt in proposals if "drenada" in prompt} == {"Quando a fila é drenada?"}
    wording = proposals["What can you tell me about João?"]
    assert (wording["cluster"], wording["source"], wording["role"]) == ("joao", "fact:joao", "generalise")
    assert wording["facts"]
    assert proposals["What is Ventura?"]["why"] == "4 kept answers name Ventura, and no question or fact does."
    assert {each["status"] for each in proposals.values()} == {"proposed"}


def test_a_dropped_proposal_is_not_made_again_and_one_undone_is(folder: Path) -> None:
    first = proposed(folder, 3)
    assert len(first) == 3
    for each in first.values():
        answer("questions", "drop", each["id"], workspace=folder)
    second = proposed(folder)
    assert second
    assert not set(first) & set(second)
    answer("questions", "--undo", workspace=folder)
    assert proposed(folder) == second


def test_a_proposal_that_nobody_took_contaminates_nothing(folder: Path) -> None:
    answer("dataset", "freeze", "before", workspace=folder)
    question = proposed(folder)["Who reviews the proposals of the CRM?"]["id"]
    looked = run("questions", "check", "--json", workspace=folder)
    assert (looked.exit_code, json.loads(looked.stdout)["contaminated"]) == (0, [])
    answer("questions", "take", question, workspace=folder)
    assert json.loads(run("questions", "check", "--json", workspace=folder).stdout)["contaminated"] == [question]


def test_a_pair_that_is_taken_goes_out_of_training(folder: Path) -> None:
    question = proposed(folder)["Who reviews the proposals of the CRM?"]["id"]
    assert value("dataset", "freeze", "before", workspace=folder)["parts"]["bank"] == 0
    taken = value("questions", "take", question, workspace=folder)
    assert taken["status"] == "open"
    assert any("It stands in before" in note for note in taken["notes"])
    assert value("dataset", "freeze", "after", workspace=folder)["parts"] == {"train": 3, "held_out": 0, "bank": 1}


@pytest.mark.parametrize(
    ("prompt", "self_contained"),
    [
        ("What is the queue of the CRM?", True),
        ("Explique a fila do CRM", True),
        ("Quem revisa as propostas", True),
        ("And what about that?", False),
        ("What does src/parser.py do?", False),
        ("Como arrumo esse erro?", False),
        ("Go on", False),
        ("Fix the queue and commit", False),
        ("What?\nTraceback follows", False),
    ],
)
def test_only_what_a_person_could_ask_out_of_nowhere_is_taken_from_pairs(prompt: str, self_contained: bool) -> None:
    assert askable(Prompts(1, "u", "s", "en", (prompt,), "yes")) is self_contained
    assert not askable(Prompts(1, "u", "s", "en", ("Before.", prompt), "yes"))


@pytest.mark.parametrize(
    ("prompt", "other"),
    [
        ("Who is João?", "O que você pode me contar sobre João?"),
        ("Quem é o João?", "What can you tell me about João?"),
        ("Tell me about the CRM project.", "How would you explain the CRM project to somebody new?"),
        ("What's Molting?", "Para que serve Molting?"),
        ("quem é você", "How would you introduce yourself?"),
    ],
)
def test_a_question_is_put_in_other_words_and_languages(prompt: str, other: str) -> None:
    assert other in [wording.prompt for wording in other_wordings(prompt)]


def test_what_the_templates_do_not_know_stays_as_it_is() -> None:
    assert list(other_wordings("Why does the queue stop {} at night?")) == []
    # Only a name means the same in both languages.
    assert {wording.language for wording in other_wordings("O que é o projeto do CRM?")} == {"pt"}


def test_nothing_to_propose_is_said(folder: Path) -> None:
    for _ in range(4):
        proposed(folder)
    assert "There is nothing to propose" in answer("questions", "propose", workspace=folder)
    assert run("questions", "propose", "0", workspace=folder).exit_code == 2
