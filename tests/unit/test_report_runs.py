"""Promises of the report about what was trained and measured here: variables out of configs, verdicts, battles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from molting_tui.curation.triage import Desk
from molting_tui.datasets.freezing import freeze
from molting_tui.evaluation.battles.battling import Battling
from molting_tui.evaluation.battles.starting import start as start_battles
from molting_tui.recipe.events import Done, Start
from molting_tui.recipe.runfolder import TrainConfig, read_config
from molting_tui.recipe.settings import TINY, checked_settings
from molting_tui.records.battles import BattleWanted
from molting_tui.runs.remembering import remember_run
from molting_tui.store import answers, battles, runs
from molting_tui.workspace import Workspace
from tests.answered import line, question, question_set
from tests.compared import FACTS, scored_together
from tests.runs_made import on_disk, workspace_with
from tests.unit.cli_workspaces import answer, run, value

LEVELS = {"v2.5": [3, 4, 3, 4, 3, 3, 4, 4], "v2.1": [2, 2, 2, 3, 2, 1, 2, 3], "tiny": [0, 0, 1, 0, 1, 0, 0, 0]}


def trained(workspace: Workspace, number: int, name: str, **settings: Any) -> Path:
    """A training run that has ended."""
    data = {"dataset_digest": "d" * 64} | {key: settings.pop(key) for key in list(settings) if key.startswith("data")}
    told = checked_settings({"model_name": TINY, **settings})
    figures = {"final_loss": 1.5 + number / 8, "steps": 40 * number, "training_seconds": 90.0, "peak_vram_gb": 2.05}
    folder = on_disk(
        workspace,
        number,
        [Start(steps=40 * number), Done(reason="finished", figures=figures)],
        name=name,
        settings=told,
        pairs=100,
        created=f"2026-02-{number:02}T10:00:00Z",
        **data,
    )
    config = read_config(folder)
    assert isinstance(config, TrainConfig)
    remember_run(workspace, folder.name, config)
    return folder


@pytest.fixture
def measured(workspace: Workspace) -> Workspace:
    """Two runs and their base, scored together."""
    asked = question_set(*map(question, FACTS))
    answers.remember_questions(workspace.store, asked)
    for number, name in enumerate(("v2.1", "v2.5"), 1):
        folder = trained(workspace, number, name, epochs=4.0 + number)
        told = {"base": TINY, "run": folder.name, "adapter_digest": name * 8}
        lines = [line(name, each, settings=told) for each in asked.questions]
        answers.add(workspace.store, "0003-a", lines)
    base = [
        line("tiny", each, settings={"base": TINY}, finish_reason="length", time="2026-01-01")
        for each in asked.questions
    ]
    answers.add(workspace.store, "0003-a", base)
    scored_together(workspace, LEVELS, store=False)
    return workspace


def test_one_variable_between_two_runs_is_named_with_the_verdict_on_them(measured: Workspace) -> None:
    report = value("report", workspace=measured.folder)
    assert [(each["name"], each["origin"]) for each in report["versions"]] == [
        ("v2.1", "run"), ("v2.5", "run"), ("tiny", "asked")
    ]  # fmt: skip
    v25 = report["versions"][1]
    assert v25["changes"]["sentence"] == "One variable: epochs 5 → 6."
    assert v25["compared"]["word"] == "DIFFERENT"
    assert v25["compared"]["sentence"].startswith("v2.5 against v2.1: DIFFERENT. v2.5 − v2.1 = +3.44, 95 % interval")
    assert "One training run each: nothing is said of the recipe." in v25["compared"]["sentence"]
    training = v25["training"]
    assert (training["steps"], training["loss"], training["minutes"], training["memory"]) == (80, 1.75, 1.5, 2.05)
    assert report["versions"][2]["changes"] is None
    assert {(each["verdict"]["a"], each["verdict"]["b"]) for each in report["verdicts"]} == {
        ("v2.5", "tiny"), ("v2.1", "tiny")
    }  # fmt: skip
    assert v25["counts"] == [{"name": "agent-like", "hits": 0, "of": 8}, {"name": "coherent", "hits": 8, "of": 8}]
    assert v25["flags"]["flags"]["truncated"] == {"hits": 0, "trials": 8, "interval": [0.0, pytest.approx(0.369417)]}
    page = answer("report", workspace=measured.folder)
    assert "| v2.1 | a run here | 0001-v2.1 | dddddddddddd | tiny |" in page
    assert "| truncated | 0/8 (0–37 %) | 0/8 (0–37 %) | 8/8 (63–100 %) |" in page


def test_a_run_that_nobody_scored_stands_in_the_table_and_a_total_of_its_name_is_its_own(workspace: Workspace) -> None:
    trained(workspace, 1, "v2.4")
    words = ("v2.4", "4.5", "--rubric", "four-criteria", "--steps", "156", "--count", "agent-like=3/8")
    answer("results", "import", *words, workspace=workspace.folder)
    (version,) = value("report", "--rubric", "four-criteria", workspace=workspace.folder)["versions"]
    assert (version["name"], version["origin"], version["result"]) == ("v2.4", "run", None)
    assert (version["training"]["steps"], version["reported"]["steps"]) == (40, 156)
    assert "| v2.4 | 4.5 (told) | 3/8 |" in answer("report", "--rubric", "four-criteria", workspace=workspace.folder)


def test_battles_stand_in_the_report_and_keep_it_back_while_they_wait(measured: Workspace) -> None:
    battling = start_battles(measured, BattleWanted(("v2.5", "v2.1")))
    assert isinstance(battling, Battling)
    rows = battles.fought(measured.store, battling.number)
    refused = run("report", workspace=measured.folder)
    assert (refused.exit_code, refused.stdout) == (1, "")
    for place in range(battling.total):
        battling.vote(place, "left" if rows[place].left == "v2.5" else "right")
    page = answer("report", workspace=measured.folder)
    assert "| v2.5 | v2.1 | 8 | 0 | 0 | 0 | 100 % | 63 .. 100 |" in page
    (fought,) = value("report", workspace=measured.folder)["battles"]
    assert fought["sentence"] == "v2.5 won 8, lost 0, tied 0 against v2.1: 100 % (63 .. 100). DIFFERENT."


def test_other_pairs_between_two_runs_are_told_by_their_difference(tmp_path: Path) -> None:
    made = workspace_with(tmp_path / "ws", 4)
    desk = Desk(made)
    for number, name in enumerate(("v2.1", "v2.5"), 1):
        frozen = freeze(made, name).dataset
        folder = trained(made, number, name, dataset_name=name, dataset_digest=frozen.digest)
        with made.store.write() as connection:
            runs.set_dataset(connection, folder.name, frozen.id)
        desk.decide(desk.pair(1), "drop")
        desk.decide(desk.pair(5), "keep")
    before, after = value("report", workspace=made.folder)["versions"]
    assert before["training"]["kinds"] == [{"kind": "extracted", "pairs": 4}]
    assert after["changes"]["sentence"] == "One variable: pairs 4 extracted → 4 extracted (1 came, 1 went)."
    assert after["training"]["digest"] != before["training"]["digest"]
    assert after["compared"]["sentence"] == "v2.5 against v2.1: NOT COMPARABLE. v2.1 isn't scored. v2.5 isn't scored."
    made.close()


def test_three_that_fought_each_other_have_a_strength_each(measured: Workspace) -> None:
    battling = start_battles(measured, BattleWanted(("v2.5", "v2.1", "tiny")))
    assert isinstance(battling, Battling)
    order = ("tiny", "v2.1", "v2.5")
    for place, row in enumerate(battles.fought(measured.store, battling.number)):
        left, right = order.index(row.left), order.index(row.right)
        battling.vote(place, "tie" if place % 4 == 0 else "left" if left > right else "right")
    strengths = value("report", workspace=measured.folder)["strengths"]
    assert [each["contender"] for each in strengths] == ["v2.5", "v2.1", "tiny"]
    page = answer("report", workspace=measured.folder)
    assert "## Strength of each" in page
    assert "| v2.5 | +" in page
