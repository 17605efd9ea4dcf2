"""Promises about a real training run: kept pairs become an adapter, and whatever happens to the process is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from molting_tui.recipe.settings import checked_settings
from molting_tui.runs import stopping
from molting_tui.runs.folder import Run
from molting_tui.runs.listing import find_run, list_runs
from molting_tui.runs.run_state import Watched
from molting_tui.runs.starting import start_training
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.conftest import ROOT, needs
from tests.runs_made import ended, killed, nothing_left, seen, workspace_with

pytestmark = needs("trl")


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def ours(tmp_path: Path, tiny_base: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=3)
    with nothing_left(made):
        yield made
    made.close()


def begin(workspace: Workspace, base: str = "tiny", **more: object) -> Run:
    told: dict[str, object] = {"model_name": base, "epochs": 4, "quantisation": "none", "lora_rank": 4}
    return start_training(workspace, checked_settings(told | more))


def command(workspace: Workspace, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, which is gone when this returns."""
    line = [sys.executable, "-m", "molting_tui", "-w", str(workspace.folder), *words]
    return subprocess.run(
        line, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}, capture_output=True, text=True
    )


def test_the_loop_from_the_command_line_kept_pairs_an_adapter_answers(ours: Workspace) -> None:
    settings = ("--base", "tiny", "--epochs", "4", "--quantisation", "none", "--lora_rank", "4")
    done = command(ours, "train", *settings, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["id"], told["pairs"], told["left_out"]) == ("0001-tiny", 3, {})
    watched = command(ours, "runs", "watch", "1")
    assert watched.returncode == 0, watched.stdout + watched.stderr
    assert "step 4 of 4 (100%)" in watched.stdout
    assert watched.stdout.endswith("Next: molting answer\n")
    (line,) = list_runs(ours)
    assert (line.state, line.step, line.steps, line.adapter, line.problem) == ("done", 4, 4, True, "")
    metrics = json.loads(find_run(ours, "1").metrics.read_text())
    assert line.loss == pytest.approx(metrics["final_loss"], rel=1e-3)

    done = command(ours, "answer", "--language", "pt", "--max-new-tokens", "8", "--watch", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["state"], told["answers"], told["problems"]) == ("done", 16, [])
    assert told["contenders"] == ["tiny", "0001-tiny"]
    stored = answers.answers(ours.store)
    assert {(one.contender, one.run) for one in stored} == {("tiny", "0002-answers-personality-8"),
                                                            ("0001-tiny", "0002-answers-personality-8")}  # fmt: skip
    assert max(one.tokens for one in stored) <= 8


def test_an_unknown_model_is_the_sentence_in_the_list(ours: Workspace) -> None:
    run = begin(ours, "no-such/model-at-all")
    now = ended(run)
    assert now.state == "failed"
    (line,) = list_runs(ours)
    assert line.problem == now.problem
    assert "model" in line.problem
    assert "\n" not in line.problem
    assert not line.adapter


def test_a_stopped_training_saves_what_it_learned(ours: Workspace) -> None:
    run = begin(ours, epochs=10_000)
    seen(run, lambda now: now.step and now.step.step >= 2, "two steps")
    stopping.stop(run)
    now = ended(run)
    assert (now.state, now.problem) == ("stopped", "")
    assert now.checkpoint
    assert (run.folder / now.checkpoint.path / "adapter_model.safetensors").is_file()
    (line,) = list_runs(ours)
    assert (line.state, line.adapter) == ("stopped", True)
    assert line.steps == 10_000


@pytest.mark.parametrize(
    ("reached", "said"),
    [
        (lambda now: now.phase == "import", "while its libraries were loaded"),
        (lambda now: now.phase in ("prepare_data", "load_model"), "while the "),
        (lambda now: now.step, "in training"),
    ],
    ids=["import", "load", "train"],
)
def test_a_training_killed_at_any_phase_is_told_and_the_next_one_starts(
    ours: Workspace, reached: Callable[[Watched], object], said: str
) -> None:
    run = begin(ours, epochs=10_000)
    seen(run, reached)
    killed(run)
    (line,) = list_runs(ours)
    assert line.state == "died"
    assert said in line.problem
    again = begin(ours, epochs=10_000)
    assert again.number == 2
    killed(again)
