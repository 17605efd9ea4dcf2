"""Promises of the look both ways between the question bank and what is trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

from molting_tui.recipe.runfolder import read_config
from molting_tui.runs.remembering import remember_run
from molting_tui.workspace import open_workspace
from tests.answered import training_run

EXCHANGES = (
    ("Quem é o João?", ("O João desenvolve na Softtor e criou o Molting, que dá memória a um assistente.",)),
    ("Why is the queue so slow today?", ("A worker waits for a lock that nobody lets go; restart the worker.",)),
    ("Pois. quem e joao?", ("Um desenvolvedor da Softtor, como já te disse, que gosta de commits pequenos.",)),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three kept pairs, two of which ask who João is."""
    made(tmp_path / "claudio", EXCHANGES)
    answer("decide", "--where", "state:open", "keep", "--yes", workspace=tmp_path / "claudio")
    return tmp_path / "claudio"


def trained(folder: Path, name: str, *prompts: str) -> None:
    """A run that was trained on these prompts, and whose dataset nobody took in."""
    workspace = open_workspace(folder)
    training_run(workspace, name, [(prompt, "Sim.") for prompt in prompts])
    remember_run(workspace, name, read_config(folder / "runs" / name))
    workspace.close()


def test_a_question_that_is_kept_for_training_is_refused_and_can_be_memory_or_promote(folder: Path) -> None:
    refused = run("questions", "add", "Quem é João?", workspace=folder)
    assert refused.exit_code == 1
    assert "pair 1 (`Quem é o João?`), pair 3 (`Pois. quem e joao?`)" in refused.stderr
    assert "--role memory" in refused.stderr
    assert value("questions", "list", workspace=folder) == []
    promoted = value("questions", "add", "Quem é João?", "--promote", workspace=folder)
    assert promoted["notes"] == ["2 kept pairs ask it: from now on in a dataset's part `bank`, and never trained on."]
    assert value("dataset", "freeze", "v1", workspace=folder)["parts"] == {"train": 1, "held_out": 0, "bank": 2}
    answer("questions", "--undo", workspace=folder)
    assert value("questions", "add", "Quem é João?", "--role", "memory", workspace=folder)["notes"] == []
    assert value("dataset", "freeze", "v2", workspace=folder)["parts"]["train"] == 3


def test_what_is_taken_or_edited_is_looked_at_too(folder: Path) -> None:
    answer("questions", "add", "Quem é João?", "--role", "memory", workspace=folder)
    answer("questions", "add", "What is Softtor?", workspace=folder)
    assert run("questions", "edit", "joao.pt", "--role", "generalise", workspace=folder).exit_code == 1
    assert run("questions", "edit", "softtor.en", "--prompt", "quem é o joao", "--language", "en",
               workspace=folder).exit_code == 1  # fmt: skip
    # Another wording of its cluster stands in training.
    assert run("questions", "edit", "softtor.en", "--cluster", "joao", workspace=folder).exit_code == 1
    assert value("questions", "edit", "softtor.en", "--reference", "A firm.", workspace=folder)["notes"] == []
    answer("questions", "drop", "joao.pt", workspace=folder)
    assert run("questions", "take", "joao.pt", "--role", "generalise", workspace=folder).exit_code == 1
    assert value("questions", "list", workspace=folder)[0]["prompt"] == "What is Softtor?"


def test_check_names_what_was_frozen_or_trained_and_says_no(folder: Path) -> None:
    answer("dataset", "freeze", "v1", workspace=folder)
    trained(folder, "0001-old", "What is Softtor, please?", "Quem é João?")
    answer("questions", "add", "Quem é João?", "--promote", workspace=folder)
    answer("questions", "add", "Who made Molting?", workspace=folder)
    answer("questions", "add", "Quem fez o Molting?", "--cluster", "made-molting", workspace=folder)
    looked = run("questions", "check", "--json", workspace=folder)
    assert looked.exit_code == 1
    checked = json.loads(looked.stdout)
    assert checked["contaminated"] == ["joao.pt"]
    by_id = {each["id"]: each for each in checked["questions"]}
    assert [(place["kind"], place["name"], place["rows"]) for place in by_id["joao.pt"]["places"]] == [
        ("pair", "1", 1),
        ("pair", "3", 1),
        ("dataset", "v1", 2),
        ("run", "0001-old", 1),
    ]
    assert by_id["made-molting.en"]["places"] == []
    assert checked["one_wording"] == ["joao"]
    assert [each["id"] for each in checked["sets"] if each["set"] == "personality-8"] == ["joao.pt"]
    assert "dataset v1 (2 rows: `Quem é o João?`)" in run("questions", "check", workspace=folder).stdout


def test_a_clean_bank_says_so_and_twins_are_named(folder: Path) -> None:
    answer("questions", "add", "What is Softtor?", "--cluster", "softtor", workspace=folder)
    answer("questions", "add", "What is our Softtor?", "--cluster", "firm", workspace=folder)
    checked = value("questions", "check", workspace=folder)
    assert checked["contaminated"] == []
    assert checked["twins"] == [["firm.en", "softtor.en"]]
    said = answer("questions", "check", workspace=folder)
    assert "2 questions of the bank: none that is to generalise" in said
    assert "firm.en and softtor.en ask nearly the same" in said
