"""How home and the train screen look with runs, at the least and at the usual size (`pytest --snapshot-update`)."""

from __future__ import annotations

import pytest
from runs_on_disk import begun, ended, four_runs, train_config, write_run
from test_screens import Look, look  # noqa: F401  (a fixture)
from workbench import HOSTILE, Fill, again, chat

from molting_tui.workspace import Workspace

SMALL = [(80, 24)]
SIZES = [*SMALL, (120, 40)]


@pytest.fixture
def runs(fill: Fill) -> Workspace:
    """A workspace with kept pairs and four runs."""
    workspace = fill([chat(number) for number in range(1, 13)])
    desk = again(workspace)
    for number in range(1, 10):
        desk.decide(desk.pair(number), "keep" if number % 3 else "drop")
    desk.workspace.close()
    four_runs(workspace)
    return workspace


@pytest.mark.parametrize("size", SIZES)
def test_home_with_a_run_at_work(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(runs, size, "until:Running:")


@pytest.mark.parametrize("size", SMALL)
def test_train_without_a_run(look: Look, fill: Fill, size: tuple[int, int]) -> None:  # noqa: F811
    look(fill([chat(1)]), size, "f4", "until:No run yet")


@pytest.mark.parametrize("size", SIZES)
def test_a_run_at_work(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(runs, size, "f4", "until:step 300:")


@pytest.mark.parametrize("size", SIZES)
def test_the_list_of_runs(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(runs, size, "f4", "until:step 300:", *(["tab"] if size[0] < 100 else []), "j", "until:personality-8 · done")


@pytest.mark.parametrize("size", SMALL)
def test_a_run_that_failed(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(runs, size, "f4", "until:step 300:", "j", "j", "j", "until:no memory left")


@pytest.mark.parametrize("size", SMALL)
def test_a_search_in_the_log(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(runs, size, "f4", "until:step 300:", "slash", "text:step 29", "enter", "until:of 11 lines", "N")


@pytest.mark.parametrize("size", SMALL)
def test_a_hostile_log(look: Look, fill: Fill, size: tuple[int, int]) -> None:  # noqa: F811
    workspace = fill([chat(1)])
    log = "".join(f"{number}: {HOSTILE.replace(chr(13), '')}\n" for number in range(20))
    write_run(workspace, 1, train_config("v1"), [*begun(done=114), ended()], log)
    look(workspace, size, "f4", "until:v1 · done", "K")


@pytest.mark.parametrize("size", SIZES)
def test_before_a_start(
    look: Look,  # noqa: F811
    runs: Workspace,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", "/hub")
    look(runs, size, "f4", "until:step 300:", "s", "until:pairs to learn")


@pytest.mark.parametrize("size", SMALL)
def test_a_mistake_before_a_start(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(
        runs,
        size,
        "f4",
        "until:step 300:",
        "s",
        "until:pairs to learn",
        "down",
        "down",
        "down",
        "text:epochs=0",
        "until:be 0:",
    )


@pytest.mark.parametrize("size", SMALL)
def test_before_a_stop(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(runs, size, "f4", "until:step 300:", "S", "until:Stop run 4")


@pytest.mark.parametrize("size", SMALL)
def test_before_questions_are_asked(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    adapter = runs.folder / "runs" / "0002-v2.0-tinyllama" / "adapter"
    adapter.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(b"weights")
    steps = ("f4", "until:step 300:", "j", "j", "until:v2.0-tinyllama · done", "Q", "until:32 answers")
    look(runs, size, *steps)


@pytest.mark.parametrize("size", SIZES)
def test_everything_about_a_run(look: Look, runs: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(runs, size, "f4", "until:step 300:", "j", "j", "until:v2.0-tinyllama · done", "i", "until:What it was told")
