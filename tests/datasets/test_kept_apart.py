"""Promises of what is kept out of training: questions of the bank, and whole sessions that are held out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conversations import Fill

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.datasets import catalogue
from molting_tui.datasets.export.export import export
from molting_tui.datasets.freezing import freeze, keep_copy
from molting_tui.datasets.frozen_manifest import manifest_of
from molting_tui.datasets.kept_apart import HeldOut, held_out_of, read_held_out
from molting_tui.errors import BadInput, MoltingError
from molting_tui.evaluation.bank.bank import Bank, Draft
from molting_tui.recipe.settings import TrainingSettings
from molting_tui.runs.preflight import look_before
from molting_tui.store.pairs import Prompts
from molting_tui.workspace import Workspace
from tests.conftest import asked as turn
from tests.conftest import new_workspace, write_session

JOAO = [("user", "Olá! Quem é o João?"), ("assistant", "O desenvolvedor da Softtor.")]
QUEUE = [("user", "Why is the queue slow?"), ("assistant", "A worker is stuck.")]
TWO = [("user", "quem é joao"), ("assistant", "Um dev."), ("user", "And the queue?"), ("assistant", "It is slow.")]


def rows(workspace: Workspace, name: str, file: str) -> list[str]:
    path = workspace.folder / "datasets" / name / file
    return [json.loads(line)["messages"][-1]["content"] for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def asked_in_training(workspace: Workspace, keep: Fill) -> Workspace:
    """Three kept pairs, two of which ask what a question of the bank asks."""
    keep(workspace, [JOAO, QUEUE, TWO])
    Bank(workspace).add([Draft("Quem é João?", cluster="joao")])
    return workspace


def test_what_asks_a_question_of_the_bank_goes_to_its_part_and_not_into_the_rows(asked_in_training: Workspace) -> None:
    dataset = freeze(asked_in_training, "v1").dataset
    assert dataset.parts == {"train": 1, "held_out": 0, "bank": 2}
    assert dataset.pairs == 3
    assert rows(asked_in_training, "v1", "dataset.jsonl") == ["A worker is stuck."]
    assert rows(asked_in_training, "v1", "bank.jsonl") == ["O desenvolvedor da Softtor.", "It is slow."]
    assert "2 kept pairs ask what a `generalise` question" in manifest_of(dataset).warnings[0]


@pytest.mark.parametrize("role", ["memory", "control"])
def test_what_may_be_trained_on_is(asked_in_training: Workspace, role: str) -> None:
    desk = Bank(asked_in_training)
    desk.take(desk.find("joao.pt"), role)  # type: ignore[arg-type]
    assert freeze(asked_in_training, "v1").dataset.parts == {"train": 3, "held_out": 0, "bank": 0}


def test_a_question_that_is_only_proposed_keeps_nothing_out(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [JOAO])
    Bank(workspace).add([Draft("Quem é João?")], "proposed")
    assert freeze(workspace, "v1").dataset.parts["bank"] == 0


def test_a_pair_that_a_question_was_made_from_stays_out_when_the_question_has_other_words(
    workspace: Workspace, keep: Fill
) -> None:
    number = keep(workspace, [QUEUE, JOAO])[0]
    uid = Desk(workspace).pair(number).uid
    Bank(workspace).add([Draft("What makes the worker of the CRM stop?", source=f"pair:{uid}")])
    freeze(workspace, "v1")
    assert rows(workspace, "v1", "bank.jsonl") == ["A worker is stuck."]


def test_an_export_leaves_them_out_and_says_so(asked_in_training: Workspace) -> None:
    report = export(asked_in_training, asked_in_training.exports / "out.jsonl", format="messages")
    assert report.pairs == 1
    assert [(left.reason, left.count) for left in report.left_out] == [("bank-question", 2)]


def test_nothing_is_frozen_where_only_questions_of_the_bank_were_kept(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [JOAO])
    Bank(workspace).add([Draft("Quem é João?")])
    with pytest.raises(BadInput, match="nothing is left to train on"):
        freeze(workspace, "v1")
    assert catalogue.names(workspace) == []


def test_preflight_says_what_is_not_trained_on_and_blocks_an_older_dataset_that_holds_it(
    workspace: Workspace, keep: Fill
) -> None:
    keep(workspace, [JOAO, QUEUE])
    freeze(workspace, "v1")
    Bank(workspace).add([Draft("Quem é João?")])
    settings = TrainingSettings(model_name="tiny")

    def check(dataset: str) -> tuple[str, int, int]:
        looked = look_before(workspace, settings, dataset=dataset)
        by_id = {check.id: check for check in looked.checks}
        return by_id["bank"].level, by_id["bank"].count, looked.pairs

    assert check("") == ("note", 1, 1)
    assert check("v1") == ("block", 1, 2)


# Held out


def test_whole_sessions_are_held_out_and_the_same_ones_again(workspace: Workspace, tmp_path: Path) -> None:
    logs = [
        write_session(tmp_path / "logs" / f"s{number}.jsonl", *(turn(10 * number + each) for each in range(3)))
        for number in range(6)
    ]
    for number, log in enumerate(logs):
        words = ("parser", "queue", "deploy", "index", "colour", "backup")[number]
        log.write_text(log.read_text().replace("Question number", f"The {words} question,"))
    import_paths(workspace, logs)
    Desk(workspace).decide_where("", "keep")
    frozen = freeze(workspace, "v1", held_out=read_held_out("40%"))
    assert frozen.dataset.parts == {"train": 12, "held_out": 6, "bank": 0}
    held = workspace.store.rows(
        """select distinct d.part, p.session_id from dataset_pair d join pair p on p.uid = d.pair_uid"""
    )
    assert len(held) == len({session for _, session in held}) == 6
    assert len(rows(workspace, "v1", "held_out.jsonl")) == 6
    again = freeze(workspace, "v2", held_out=HeldOut(7)).dataset
    diff = catalogue.compare(workspace, frozen.dataset, again).diff
    assert diff.none
    whole = freeze(workspace, "v3").dataset
    moved = catalogue.compare(workspace, again, whole).diff.moved
    assert len(moved) == 6
    assert len(catalogue.rows_at(workspace, again, [change.before for change in moved])) == 6


def asked(number: int, session: str, prompt: str) -> Prompts:
    return Prompts(number, f"uid{number}", session, "en", (prompt,), "")


def test_of_a_chat_file_conversations_are_held_out(workspace: Workspace, keep: Fill) -> None:
    words = ("parser", "queue", "deploy", "index", "colour", "backup", "cache", "folder", "socket", "window")
    keep(workspace, [[("user", f"What of the {word}?"), ("assistant", f"The {word} is well.")] for word in words])
    assert freeze(workspace, "v1", held_out=HeldOut(3)).dataset.parts == {"train": 7, "held_out": 3, "bank": 0}


def test_a_session_that_asks_what_stays_in_training_is_not_held_out() -> None:
    words = ("parser", "queue", "deploy", "index", "colour", "backup", "cache", "folder", "socket", "window")
    alone = [asked(number, f"s{number}", f"What of the {word}?") for number, word in enumerate(words)]
    twins = [asked(10 + number, f"t{number}", "Why is the screen blue?") for number in range(10)]
    held = held_out_of([*alone, *twins], HeldOut(9))
    assert held <= {each.uid for each in alone}
    assert held
    with pytest.raises(BadInput, match="what stays in training asks the same"):
        held_out_of(twins, HeldOut(3))
    with pytest.raises(BadInput, match="holds out none of the 4 kept pairs"):
        held_out_of(alone[:4], read_held_out("10%"))


@pytest.mark.parametrize("wrong", ["0", "60%", "-3", "many", "0%", ""])
def test_what_cannot_be_held_out_is_a_sentence(wrong: str) -> None:
    with pytest.raises(BadInput, match="can't be held out"):
        read_held_out(wrong)


# Read back


def test_a_dataset_of_three_parts_is_read_back_as_it_was(asked_in_training: Workspace, tmp_path: Path) -> None:
    frozen = freeze(asked_in_training, "v1").dataset
    place = asked_in_training.folder / "datasets" / "v1"
    other = new_workspace(tmp_path / "other")
    copied = keep_copy(other, "v1", place / "dataset.jsonl", place / "manifest.json")
    assert (copied.parts, copied.digest) == (frozen.parts, frozen.digest)
    third = new_workspace(tmp_path / "third")
    (place / "bank.jsonl").unlink()
    assert keep_copy(third, "v1", place / "dataset.jsonl", place / "manifest.json").parts["bank"] == 0
    (place / "bank.jsonl").write_text("{}\n")
    with pytest.raises(MoltingError, match="isn't what was frozen"):
        keep_copy(third, "v2", place / "dataset.jsonl", place / "manifest.json")
    for opened in (other, third):
        opened.close()
