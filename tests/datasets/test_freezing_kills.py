"""A dataset is there whole or not at all, whenever its process is killed: every kill is a real one."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from conversations import Fill, Python, asked

from molting_tui.curation.triage import Desk
from molting_tui.datasets import catalogue
from molting_tui.datasets.freezing import freeze
from molting_tui.workspace import Workspace

FREEZE = """
import os, signal, sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.datasets.freezing import freeze

folder, when = sys.argv[1:]
shown = []

def report(progress):
    if when == "pairs" and progress.done == 2:
        os.kill(os.getpid(), signal.SIGKILL)

def before_system_call(event, arguments):
    # The last rename gives the folder its name; what is opened after it is for the disk, before the row is stored.
    if event == "os.rename":
        target = os.path.basename(str(arguments[1]))
        if when == target:
            os.kill(os.getpid(), signal.SIGKILL)
        shown.extend([target] if target == "v1" else [])
    elif event == "open" and shown and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(before_system_call)
freeze(workspace.open_workspace(Path(folder)), "v1", report=report)
"""


@pytest.fixture
def three(workspace: Workspace, keep: Fill) -> Workspace:
    keep(workspace, [asked(number) for number in (1, 2, 3)])
    return workspace


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("when", ["pairs", "dataset.jsonl", "manifest.json", "v1"])
def test_a_kill_before_the_folder_has_its_name_leaves_no_dataset(three: Workspace, python: Python, when: str) -> None:
    assert python(FREEZE, three.folder, when).returncode == -signal.SIGKILL
    folder = three.folder / "datasets"
    assert [name.startswith(".freezing") for name in names(folder)] == [True, True]
    assert catalogue.catalogue(three) == ((), ())
    dataset = freeze(three, "v1").dataset
    assert dataset.pairs == 3
    assert names(folder) == [".freezing", "v1"]  # what the kill left is cleared away


def test_a_kill_before_the_row_leaves_a_whole_dataset(three: Workspace, python: Python) -> None:
    assert python(FREEZE, three.folder, "after").returncode == -signal.SIGKILL
    assert three.store.value("select count(*) from dataset") == 0
    assert names(three.folder / "datasets") == [".freezing", "v1"]
    (dataset,) = catalogue.catalogue(three).datasets
    assert (dataset.name, dataset.made, dataset.pairs, dataset.actor) == ("v1", "frozen", 3, three.actor)
    whole = freeze(three, "v2").dataset
    assert catalogue.compare(three, dataset, whole).diff.none
    assert (dataset.digest, dataset.system_prompt) == (whole.digest, whole.system_prompt)
    assert catalogue.since(three, dataset) == (0, 0, 0, 0)
    desk = Desk(three)
    desk.decide(desk.pair(1), "drop")
    assert catalogue.since(three, dataset).unkept == 1
    assert catalogue.checked_data(three, dataset).is_file()


def test_a_freeze_of_the_same_name_after_such_a_kill_says_that_it_is_there(three: Workspace, python: Python) -> None:
    python(FREEZE, three.folder, "after")
    with pytest.raises(Exception, match="there is a dataset `v1` already"):
        freeze(three, "v1")
    assert [dataset.name for dataset in catalogue.catalogue(three).datasets] == ["v1"]
