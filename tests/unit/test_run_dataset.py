"""Promises about the dataset of a run: it has one, by name, and it holds what was trained on."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from molting_tui.curation.triage import Desk
from molting_tui.datasets import catalogue
from molting_tui.datasets.export.export import export
from molting_tui.datasets.freezing import freeze
from molting_tui.errors import BadInput, MoltingError
from molting_tui.overview.taking_in import take_in
from molting_tui.recipe.preflight import Blocked
from molting_tui.recipe.runfolder import CONFIG, DATASET, TrainConfig
from molting_tui.recipe.settings import TINY, checked_settings, defaults_for
from molting_tui.records.datasets import Dataset
from molting_tui.records.progress import Progress
from molting_tui.runs.folder import Run, run_folders, run_in, runs_folder
from molting_tui.runs.preflight import look_before
from molting_tui.runs.run_dataset import adopt_dataset
from molting_tui.runs.starting import start_training
from molting_tui.workspace import HeldSettings, Workspace
from tests.conftest import Start
from tests.runs_made import PROMPT, ended, nothing_left, on_disk, workspace_with
from tests.small_bases import write_base
from tests.stand_in import stand_in

START = """
import os, signal, sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.recipe.settings import defaults_for
from molting_tui.runs.starting import start_training

folder, when, *command = sys.argv[1:]

def before_system_call(event, arguments):
    # The run is at work by then; its dataset is about to be given a place.
    if event == when == "os.mkdir" and os.path.basename(os.fsdecode(arguments[0])) == "datasets":
        os.kill(os.getpid(), signal.SIGKILL)
    if event == when == "os.rename" and Path(os.fsdecode(arguments[1])).parent.name == "datasets":
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(before_system_call)
start_training(workspace.open_workspace(Path(folder)), defaults_for("tiny"), command=command)
"""


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with three kept pairs."""
    made = workspace_with(tmp_path / "ws", kept=3)
    with nothing_left(made):
        yield made
    made.close()


def trained(workspace: Workspace, *, name: str = "", where: str = "", dataset: str = "") -> Run:
    """A run of the stand-in that has ended."""
    run = start_training(
        workspace, defaults_for(TINY), name=name, where=where, dataset=dataset, command=stand_in("done")
    )
    ended(run)
    return run


def all_datasets(workspace: Workspace) -> tuple[Dataset, ...]:
    return catalogue.catalogue(workspace).datasets


def older_run(workspace: Workspace, number: int = 1) -> Path:
    """A run's folder as it was left before there were datasets: rows, an export's manifest, no name of a dataset."""
    folder = on_disk(workspace, number)
    report = export(workspace, folder / DATASET, format="messages")
    config = TrainConfig(
        name=f"run{number}", settings=defaults_for(TINY), pairs=3, dataset_digest=report.dataset_digest,
        system_prompt=PROMPT, created="2026-02-12T09:30:00Z",
    )  # fmt: skip
    fields = msgspec.to_builtins(config)
    del fields["dataset_name"]
    (folder / CONFIG).write_text(json.dumps(fields))
    return folder


# Without a dataset


def test_a_run_freezes_what_is_kept_under_its_name(ours: Workspace) -> None:
    run = trained(ours, name="v2.5", where="id:1,2")
    (dataset,) = all_datasets(ours)
    assert (dataset.name, dataset.made, dataset.pairs, dataset.filter) == ("0001-v2.5", "run", 2, "id:1,2")
    assert (dataset.runs, dataset.system_prompt) == ((run.id,), PROMPT)
    assert catalogue.checked_data(ours, dataset).read_bytes() == (run.folder / DATASET).read_bytes()
    assert isinstance(run.config, TrainConfig)
    assert (run.config.dataset_name, run.config.dataset_digest) == ("", dataset.digest)
    assert catalogue.since(ours, dataset) == (0, 0, 0, 0)


def test_two_runs_on_the_same_pairs_have_a_dataset_each_that_says_so(ours: Workspace) -> None:
    trained(ours)
    trained(ours)
    second, first = all_datasets(ours)
    assert (first.name, second.name) == ("0001-tiny", "0002-tiny")
    assert catalogue.same_as(ours, second) == (first.name,)


def test_a_run_that_cannot_start_leaves_no_dataset(ours: Workspace) -> None:
    with pytest.raises(Blocked):
        trained(ours, where="id:1")
    with pytest.raises(MoltingError, match="no-such-program"):
        start_training(ours, defaults_for(TINY), command=["/no-such-program"])
    assert all_datasets(ours) == ()
    assert not (ours.folder / "datasets").exists()


def test_a_run_whose_name_another_dataset_has_gets_one_like_it(ours: Workspace) -> None:
    freeze(ours, "0001-tiny", where="id:1")
    run = trained(ours)
    assert adopt_dataset(ours, run.folder) == "0001-tiny-2"
    long = trained(ours, name="x" * 60)
    assert adopt_dataset(ours, long.folder) == long.id[:64]


# With a dataset


def test_a_run_takes_a_frozen_dataset_whatever_was_decided_since(ours: Workspace) -> None:
    frozen = freeze(ours, "v1").dataset
    desk = Desk(ours)
    desk.decide(desk.pair(1), "drop")
    run = trained(ours, dataset="V1")
    assert (run.folder / DATASET).read_bytes() == catalogue.data_file(ours, frozen).read_bytes()
    assert isinstance(run.config, TrainConfig)
    assert (run.config.dataset_name, run.config.pairs, run.config.system_prompt) == ("v1", 3, PROMPT)
    assert run.config.dataset_digest == frozen.digest
    (dataset,) = all_datasets(ours)
    assert dataset.runs == (run.id,)
    assert oct((run.folder / DATASET).stat().st_mode)[-3:] == "600"


def test_preflight_looks_over_the_rows_of_the_dataset(ours: Workspace) -> None:
    freeze(ours, "v1", where="id:1,2")
    found = look_before(ours, defaults_for(TINY), dataset="v1")
    assert found.ok
    assert found.pairs == 2
    freeze(ours, "single", where="id:1")
    assert not look_before(ours, defaults_for(TINY), dataset="single").ok


def secret_from_now_on(workspace: Workspace, words: str) -> None:
    """Write a rule that takes these words for a secret."""
    rules = workspace.folder / "rubrics" / "curation" / "secrets.yaml"
    shipped = next(path for path in workspace.rule_files() if path.name == "secrets.yaml").read_text("utf-8")
    name, _, rest = shipped.partition("rules:\n")
    rule = f"  - id: own\n    pattern: '{words}'\n    example: {words}\n    counter_example: Others\n"
    rules.write_text(f"{name}rules:\n{rule}{rest}", "utf-8")


def test_a_secret_that_newer_rules_see_in_the_prompt_of_a_dataset_is_one_of_each_pair(ours: Workspace) -> None:
    freeze(ours, "v1")
    secret_from_now_on(ours, PROMPT)
    heard: list[Progress] = []
    checked = look_before(ours, defaults_for(TINY), dataset="v1", report=heard.append)
    (secrets,) = (check for check in checked.checks if check.id == "secrets")
    assert (secrets.level, secrets.count) == ("block", 3)
    assert [(progress.done, progress.total) for progress in heard] == [(1, 3), (2, 3), (3, 3)]


def test_a_row_of_a_dataset_that_is_left_out_is_named_by_its_place_in_the_file(ours: Workspace) -> None:
    freeze(ours, "v1", where="id:2,3")
    base = write_base(ours.folder / "base")
    settings = checked_settings({"model_name": str(base), "max_seq_len": 16})
    (pairs,) = (check for check in look_before(ours, settings, dataset="v1").checks if check.id == "pairs")
    assert "(first: row 1)" in pairs.why


def test_a_secret_that_newer_rules_see_in_a_dataset_blocks_the_run(ours: Workspace) -> None:
    freeze(ours, "v1")
    secret_from_now_on(ours, "Answer number 2")
    with pytest.raises(Blocked, match=r"holds a secret: 2 \(own\)") as blocked:
        trained(ours, dataset="v1")
    assert "freeze them under another name" in blocked.value.sentence()


def test_preflight_of_a_dataset_tells_what_the_rules_flag_in_it_now(ours: Workspace) -> None:
    desk = Desk(ours)
    desk.rewrite(desk.pair(1), response="Let me check the logs of the queue before I answer you, one moment, please.")
    desk.rewrite(desk.pair(2), response="Write to joao.silva@softtor.com.br about it, he answers within the day.")
    freeze(ours, "v1")
    desk.decide(desk.pair(1), "drop")
    checks = {check.id: check for check in look_before(ours, defaults_for(TINY), dataset="v1").checks}
    assert (checks["flags"].level, checks["flags"].count) == ("note", 1)
    assert checks["flags"].why == "1 kept pair is flagged: agent-speech 1"
    assert "`molting dataset show v1`" in checks["flags"].fix
    assert (checks["personal-data"].level, checks["personal-data"].count) == ("warn", 1)
    freeze(ours, "v2", where="id:2,3")
    checks = {check.id: check for check in look_before(ours, defaults_for(TINY), dataset="v2").checks}
    assert (checks["flags"].level, checks["flags"].fix) == ("pass", "")


def test_preflight_of_a_dataset_and_of_its_pairs_is_the_same_list_of_checks(ours: Workspace) -> None:
    freeze(ours, "v1")
    settings = defaults_for(TINY)
    of_pairs, of_dataset = look_before(ours, settings), look_before(ours, settings, dataset="v1")
    assert [check[:2] for check in of_dataset.checks] == [check[:2] for check in of_pairs.checks]


def test_a_flag_on_the_prompt_of_a_dataset_is_not_one_on_each_of_its_pairs(ours: Workspace) -> None:
    persona = msgspec.structs.replace(ours.settings.persona, system_prompt="VocÃª Ã© ClÃ¡udio, e vocÃª Ã© direto.")
    freeze(replace(ours, held=HeldSettings(msgspec.structs.replace(ours.settings, persona=persona))), "v1")
    (flags,) = (check for check in look_before(ours, defaults_for(TINY), dataset="v1").checks if check.id == "flags")
    assert flags.level == "pass"


def test_bytes_that_were_changed_by_hand_are_not_trained_on(ours: Workspace) -> None:
    data = catalogue.data_file(ours, freeze(ours, "v1").dataset)
    data.write_bytes(data.read_bytes().replace(b"number 1", b"number 9"))
    with pytest.raises(BadInput, match="isn't what was frozen any more"):
        trained(ours, dataset="v1")
    with pytest.raises(BadInput, match="isn't what was frozen any more"):
        look_before(ours, defaults_for(TINY), dataset="v1")
    assert not runs_folder(ours).exists()


@pytest.mark.parametrize(
    ("dataset", "where", "words"),
    [("v9", "", "there is no dataset `v9`"), ("../v1", "", "there is no dataset"), ("v1", "id:1", "trained on whole")],
)
def test_a_dataset_that_is_not_there_or_a_filter_beside_it_is_a_sentence(
    ours: Workspace, dataset: str, where: str, words: str
) -> None:
    freeze(ours, "v1")
    with pytest.raises(BadInput, match=words):
        trained(ours, dataset=dataset, where=where)
    assert not runs_folder(ours).exists()


# Taken in later


def test_an_older_run_gets_its_dataset_from_its_manifest(ours: Workspace) -> None:
    folder = older_run(ours)
    desk = Desk(ours)
    desk.decide(desk.pair(1), "drop")
    assert take_in(ours).problems == ()
    (dataset,) = all_datasets(ours)
    assert (dataset.name, dataset.made, dataset.pairs, dataset.runs) == (folder.name, "manifest", 3, (folder.name,))
    assert dataset.system_prompt == PROMPT
    assert catalogue.checked_data(ours, dataset).read_bytes() == (folder / DATASET).read_bytes()
    take_in(ours)
    assert adopt_dataset(ours, folder) == folder.name
    assert all_datasets(ours) == (dataset,)
    frozen = freeze(ours, "v2").dataset
    diff = catalogue.compare(ours, dataset, frozen).diff
    assert [change.uid for change in diff.went] == [desk.pair(1).uid]
    assert diff._replace(went=()).none


@pytest.mark.parametrize("damage", ["rows", "same size", "no manifest", "no rows", "manifest"])
def test_an_older_run_whose_manifest_does_not_fit_has_no_dataset(ours: Workspace, damage: str) -> None:
    folder = older_run(ours)
    data, manifest = folder / DATASET, folder / f"{DATASET}.manifest.json"
    if damage == "rows":
        data.write_bytes(data.read_bytes() + b"\n")
    elif damage == "same size":
        data.write_bytes(data.read_bytes().replace(b"number 1", b"number 9"))
    elif damage == "manifest":
        manifest.write_text("{}")
    else:
        (manifest if damage == "no manifest" else data).unlink()
    assert take_in(ours).problems == ()
    assert adopt_dataset(ours, folder) == ""
    assert all_datasets(ours) == ()


@pytest.mark.parametrize("when", ["os.mkdir", "os.rename"])
def test_a_kill_between_a_start_and_its_dataset_loses_neither(ours: Workspace, start: Start, when: str) -> None:
    killed = start(START, ours.folder, when, *stand_in("done"))
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    (run,) = map(run_in, run_folders(runs_folder(ours)))
    ended(run)
    assert ours.store.value("select count(*) from dataset") == 0
    take_in(ours)
    (dataset,) = all_datasets(ours)
    assert (dataset.name, dataset.made, dataset.runs) == (run.id, "run", (run.id,))
    assert catalogue.checked_data(ours, dataset).read_bytes() == (run.folder / DATASET).read_bytes()
    trained(ours)
    assert [name for name in os.listdir(ours.folder / "datasets") if name.startswith(".")] == [".freezing"]


def test_the_datasets_stay_when_the_runs_folder_goes(ours: Workspace) -> None:
    run = trained(ours)
    shutil.rmtree(run.folder)
    (dataset,) = all_datasets(ours)
    assert dataset.runs == (run.id,)
    assert catalogue.checked_data(ours, dataset).is_file()
    assert sorted(os.listdir(ours.folder / "datasets")) == [".freezing", run.id]
