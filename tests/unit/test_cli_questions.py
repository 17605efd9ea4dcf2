"""`molting questions`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

from molting_tui.evaluation.asking.questions import find_questions, list_questions
from molting_tui.workspace import open_workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def ids(folder: Path, *options: str) -> list[str]:
    return [question["id"] for question in value("questions", "list", *options, workspace=folder)]


def test_a_question_is_added_listed_and_shown(folder: Path) -> None:
    said = answer(
        "questions", "add", "Who is João?", "--fact", "developer at Softtor", "--mention", "Softtor; developer|dev",
        workspace=folder,
    )  # fmt: skip
    assert "joao.en is in the bank, generalise, open" in said
    assert value("questions", "list", workspace=folder) == [
        {
            "id": "joao.en",
            "cluster": "joao",
            "role": "generalise",
            "language": "en",
            "prompt": "Who is João?",
            "status": "open",
        }
    ]
    whole = value("questions", "show", "JOAO.EN", workspace=folder)
    assert whole["facts"][0]["must_mention"] == [["Softtor"], ["developer", "dev"]]
    assert "developer at Softtor (mentions Softtor; developer|dev)" in answer("questions", "show", "joao.en",
                                                                             workspace=folder)  # fmt: skip


def test_questions_are_taken_dropped_and_edited_and_each_step_is_undone(folder: Path) -> None:
    answer("questions", "add", "Who is João?", workspace=folder)
    answer("questions", "add", "What is Molting?", "--role", "control", workspace=folder)
    answer("questions", "drop", "molting.en", workspace=folder)
    assert ids(folder) == ["joao.en"]
    assert ids(folder, "--status", "dropped") == ["molting.en"]
    assert ids(folder, "--status", "any", "--role", "control") == ["molting.en"]
    assert value("questions", "take", "molting.en", "--role", "memory", workspace=folder)["role"] == "memory"
    assert value("questions", "edit", "joao.en", "--cluster", "people", workspace=folder)["cluster"] == "people"
    assert ids(folder, "--cluster", "PEOPLE") == ["joao.en"]
    assert "Taken back: rewrite question joao.en" in answer("questions", "--undo", workspace=folder)
    assert ids(folder, "--cluster", "joao") == ["joao.en"]
    answer("questions", "--redo", workspace=folder)
    assert ids(folder, "--cluster", "people") == ["joao.en"]
    assert run("questions", "--redo", workspace=folder).exit_code == 1


def test_a_sets_questions_are_listed_too(folder: Path) -> None:
    listed = value("questions", "list", "--set", "personality-8", "--cluster", "joao", workspace=folder)
    assert [(each["id"], each["status"]) for each in listed] == [("joao.en", "set"), ("joao.pt", "set")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("list", "--role", "judge"), "there is no role `judge`"),
        (("list", "--cluster", "joa"), "Did you mean `joao`?"),
        (("list", "--status", "gone"), "proposed, open, dropped, any"),
        (("show", "joao.n"), "Did you mean `joao.en`?"),
        (("add", " "), "a question needs words"),
        (("add", "who is joao"), "asks the same already"),
        (("add", "Why?", "--mention", "x"), "--mention says what a --fact mentions"),
        (("edit", "joao.en"), "nothing is to change"),
    ],
)
def test_what_is_no_question_is_a_sentence(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    answer("questions", "add", "Who is João?", workspace=folder)
    result = run("questions", *arguments, workspace=folder)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_the_open_questions_are_the_set_bank_that_no_file_hides(folder: Path) -> None:
    own = folder / "rubrics" / "questions"
    own.mkdir(parents=True)
    house = "format: questions/1\nid: house\nversion: '1'\nlanguage: en\nquestions:\n  - {id: a, prompt: Why?}\n"
    (own / "bank.yaml").write_text(house)
    (own / "mine.yaml").write_text(house.replace("id: house", "id: Bank"))
    workspace = open_workspace(folder)
    assert "no open question yet" in run("answer", "--questions", "bank", workspace=folder).stderr
    answer("questions", "add", "Who is João?", workspace=folder)
    answer("questions", "add", "What is Molting?", workspace=folder)
    answer("questions", "drop", "molting.en", workspace=folder)
    asked = find_questions(workspace, "BANK")
    assert [question.id for question in asked.questions] == ["joao.en"]
    assert asked.generation == find_questions(None, "personality-8").generation
    listed = {each.path.name: each for each in list_questions(workspace)}
    assert listed["bank"].record == asked
    assert "the question bank's own" in listed["mine.yaml"].problem
    workspace.close()
