"""`molting train` and `molting runs`: what they say, what they print as JSON, what they exit with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_workspaces import ROOT, answer, command_line, environment, process, run, value
from test_cli_process import HEAVY, loaded

from molting_tui.recipe.events import Checkpoint, Done, Failed, Phase, Start, Step, StopRequested, Warned
from molting_tui.recipe.runfolder import ADAPTER, LOG
from molting_tui.recipe.settings import FIELDS
from molting_tui.runs.process import alive
from molting_tui.workspace import Workspace
from tests.runs_made import at_work, ended, gone, nothing_left, on_disk, seen, started, until, workspace_with
from tests.stand_in import BEGUN

STEPS = [Step(step=step, loss=3 - step / 10, lr=2e-4, time=20.0 + step) for step in range(1, 21)]
WHOLE = (Phase(name="import"), Start(steps=20, n_train=3, epochs=2, device="cpu", time=20.0), *STEPS)


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=2)
    with nothing_left(made):
        yield made
    made.close()


def finished_run(workspace: Workspace, number: int = 1) -> Path:
    folder = on_disk(workspace, number, (*WHOLE, Done(reason="finished", figures={"final_loss": 1.0, "steps": 20})))
    (folder / ADAPTER).mkdir()
    (folder / ADAPTER / "adapter_model.safetensors").write_bytes(b"weights")
    return folder


# train


def test_every_setting_of_the_recipe_is_an_option_with_meaning_range_and_default() -> None:
    said = " ".join(answer("train", "--help").split())
    assert "--base, --model-name" in said
    for field in FIELDS[1:]:
        assert f"--{field.name.replace('_', '-')}" in said
        assert field.meaning.split(":")[0].split(";")[0] in said
        if field.limits:
            assert field.limits in said
    assert "[0.0002; tiny: 0.005]" in said


@pytest.mark.parametrize("written", ["--learning-rate 3", "--learning_rate 3", "--batch_size 0", "--lora-dropout 1"])
def test_a_setting_out_of_its_range_is_a_sentence_and_starts_nothing(ours: Workspace, written: str) -> None:
    done = process("train", "--base", "tiny", *written.split(), workspace=ours.folder)
    assert done.returncode == 2
    assert written.split()[0].strip("-").replace("-", "_") in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (ours.folder / "runs").exists()


def test_a_training_without_kept_pairs_is_refused_in_a_sentence(tmp_path: Path) -> None:
    empty = workspace_with(tmp_path / "empty", kept=0)
    done = process("train", "--base", "tiny", "--watch", workspace=empty.folder)
    assert done.returncode == 1
    assert done.stderr.startswith("molting: no pair has been kept yet")
    assert done.stderr.count("\n") == 1
    assert done.stdout.startswith("block  pairs")
    told = process("train", "--base", "tiny", "--json", workspace=empty.folder)
    assert (told.returncode, told.stderr) == (1, "")
    assert json.loads(told.stdout)["ok"] is False
    assert not (empty.folder / "runs").exists()
    empty.close()


# runs


def test_no_run_is_said(ours: Workspace) -> None:
    assert answer("runs", workspace=ours.folder) == "There is no run yet. Start one: molting train\n"
    assert value("runs", workspace=ours.folder) == value("runs", "list", workspace=ours.folder) == []


def test_the_list_has_the_fields_that_scripts_lean_on(ours: Workspace) -> None:
    finished_run(ours)
    gone(on_disk(ours, 2, WHOLE[:9]))
    on_disk(ours, 3, [*WHOLE[:2], Failed(kind="unknown-model", message="No such model. Check the name.")])
    rows = value("runs", workspace=ours.folder)
    wanted = [
        ("0003-run3", "train", "failed", 0, 20, None, False),
        ("0002-run2", "train", "died", 7, 20, 2.3, False),
        ("0001-run1", "train", "done", 20, 20, 1.0, True),
    ]
    fields = ("id", "kind", "state", "step", "steps", "loss", "adapter")
    assert [tuple(row[name] for name in fields) for row in rows] == wanted
    said = answer("runs", workspace=ours.folder)
    assert [line.split()[:3] for line in said.splitlines()] == [
        ["run", "kind", "state"], ["3", "train", "failed"], ["2", "train", "died"], ["1", "train", "done"],
    ]  # fmt: skip
    assert "No such model. Check the name." in said
    assert answer("runs", "list", workspace=ours.folder) == said


def test_a_run_is_shown_whole(ours: Workspace) -> None:
    folder = finished_run(ours)
    warned = on_disk(ours, 2, [*WHOLE, Warned(kind="k", message="2 pairs left out\x1b[2J"), *STEPS])
    (warned / LOG).write_bytes(b"".join(b"line %d\n" % number for number in range(40)) + b"\x1b[31mred\x1b[0m\n 99%")
    said = answer("runs", "show", "1", workspace=ours.folder)
    for part in ("0001-run1", "done", "20 of 20", "learning_rate", "final_loss", str(folder), str(folder / ADAPTER)):
        assert part in said
    said = answer("runs", "show", "latest", workspace=ours.folder)
    assert "\x1b" not in said
    assert "2 pairs left out␛[2J" in said
    assert "  line 39\n  red\n   99%\n" in said
    assert "line 31" not in said
    told = value("runs", "show", "1", workspace=ours.folder)
    assert set(told["config"]["settings"]) == {field.name for field in FIELDS}
    assert (told["figures"], told["warnings"]) == ({"final_loss": 1.0, "steps": 20}, [])


@pytest.mark.parametrize("words", [("runs",), ("runs", "show", "1"), ("runs", "watch", "1"), ("train", "--help")])
def test_nothing_heavy_is_loaded_for_runs(ours: Workspace, words: tuple[str, ...]) -> None:
    finished_run(ours)
    assert loaded(*words, workspace=ours.folder) & (HEAVY | {"transformers", "trl", "peft", "training"}) == set()


def test_an_unknown_run_is_a_sentence(ours: Workspace) -> None:
    finished_run(ours)
    for command in ("show", "watch", "stop"):
        done = run("runs", command, "77", workspace=ours.folder)
        assert done.exit_code == 2
        assert done.stderr.startswith("molting: there is no run `77`")


def test_json_before_the_command_of_runs_says_where_it_goes(ours: Workspace) -> None:
    done = process("runs", "--json", "show", "1", workspace=ours.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--json goes after the last word" in done.stderr


# watching


def test_watching_prints_a_line_for_what_happens(ours: Workspace) -> None:
    events = (*WHOLE, Checkpoint(step=20, path="checkpoint-20"), Warned(kind="k", message="Low on memory."))
    on_disk(ours, 1, (*events, Done(reason="finished")))
    done = process("runs", "watch", "1", workspace=ours.folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == ["loading the libraries", "20 steps, 3 pairs, 2 epochs, on cpu",
                         "step 1 of 20 (5%)  loss 2.9000  lr 2.0e-4"]  # fmt: skip
    assert lines[-3:] == ["step 20 of 20 (100%)  loss 1.0000  lr 2.0e-4", "Note: Low on memory.", "done"]


def test_watching_many_steps_in_a_pipe_prints_a_twentieth_of_them_at_a_time(ours: Workspace) -> None:
    steps = [Step(step=number, loss=1.0, lr=1e-4) for number in range(1, 401)]
    on_disk(ours, 1, (Phase(name="train"), Start(steps=400), *steps, Done(reason="finished")))
    told = [line for line in process("runs", "watch", "1", workspace=ours.folder).stdout.splitlines() if "loss" in line]
    assert len(told) == 20
    assert told[0].startswith("step 20 of 400 (5%)")
    assert told[-1].startswith("step 400 of 400 (100%)")


@pytest.mark.parametrize(
    ("last", "code", "said"),
    [
        ([Done(reason="finished")], 0, "done"),
        ([StopRequested(signal="SIGTERM"), Done(reason="stopped")], 1, "stopped"),
        ([Failed(kind="k", message="No such model.")], 2, "failed: No such model."),
        ([], 2, "without saying why"),
    ],
)
def test_watching_exits_with_how_the_run_ended(ours: Workspace, last: list[Any], code: int, said: str) -> None:
    gone(on_disk(ours, 1, (*WHOLE[:4], *last)))
    done = process("runs", "watch", "1", workspace=ours.folder)
    assert done.returncode == code
    assert said in done.stdout
    told = process("runs", "watch", "1", "--json", workspace=ours.folder)
    assert told.returncode == code
    assert json.loads(told.stdout)["step"] == 2
    assert said in told.stderr


def test_ctrl_c_while_watching_leaves_the_run_alone_and_says_so(ours: Workspace) -> None:
    made = started(ours, *BEGUN, "wait")
    watching = subprocess.Popen(
        command_line(["runs", "watch", "1"], ours.folder), env=environment({"PYTHONUNBUFFERED": "1"}), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert watching.stdout
    for line in watching.stdout:
        if line.startswith("step 2"):
            break
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert said == "molting: Not watching any more. Run 0001-tiny goes on: molting runs watch 1\n"
    assert alive(made.folder) is True


def test_on_a_terminal_the_steps_are_one_line_that_is_painted_again(ours: Workspace) -> None:
    made = started(ours, *BEGUN, "wait")
    seen(made, lambda now: now.step and now.step.step == 2)
    ours_end, theirs = os.openpty()
    watching = subprocess.Popen(
        command_line(["runs", "watch", "1"], ours.folder),
        env=environment({"TERM": "xterm"}), cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while b"step 2 of 20" not in said:
        said += os.read(ours_end, 4096)
    assert answer("runs", "stop", "1", workspace=ours.folder).startswith("Run 0001-tiny is asked to stop")
    while b"stopped\r\n" not in said:
        said += os.read(ours_end, 4096)
    assert watching.wait(60) == 1
    os.close(ours_end)
    assert b"\r\x1b[Kstep 2 of 20 (10%)  loss 2.8000  lr 1.0e-4" in said
    assert b"step 1 of 20" not in said


# stopping


def test_a_run_is_stopped_from_another_process(ours: Workspace) -> None:
    made = started(ours, *BEGUN, "wait")
    seen(made, lambda now: now.step)
    done = process("runs", "stop", "latest", workspace=ours.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Run 0001-tiny is asked to stop: it saves a checkpoint at the end of its step, and leaves.\n"
    assert ended(made).state == "stopped"
    told = value("runs", "stop", "1", workspace=ours.folder)
    assert (told["state"], told["said"]) == ("stopped", "Run 0001-tiny isn't running: it has stopped.")


def test_a_run_that_does_not_obey_is_ended_with_kill(ours: Workspace) -> None:
    made = started(ours, *BEGUN, "deaf", "wait")
    seen(made, lambda now: now.step)
    answer("runs", "stop", "1", workspace=ours.folder)
    seen(made, lambda now: now.stop_requested)
    assert "--kill" in answer("runs", "stop", "1", workspace=ours.folder)
    assert answer("runs", "stop", "1", "--kill", workspace=ours.folder) == "Run 0001-tiny is ended; no checkpoint.\n"
    until(lambda: alive(made.folder) is False, "the end of the process")
    assert value("runs", workspace=ours.folder)[0]["state"] == "died"


def test_the_list_names_the_time_left_of_a_run_at_work(ours: Workspace) -> None:
    folder = on_disk(ours, 1, (Start(steps=100, time=4e9), *(Step(step=n, time=4e9 + 3 * n) for n in range(1, 11))))
    process = at_work(folder)
    try:
        assert "4 min 30 s left" in answer("runs", workspace=ours.folder)
        assert value("runs", workspace=ours.folder)[0]["seconds_left"] == pytest.approx(270)
    finally:
        process.kill()
        process.communicate()


# The dataset of a run


def test_a_run_is_shown_with_its_dataset(ours: Workspace) -> None:
    run_made = started(ours, "done")
    ended(run_made)
    assert value("runs", "show", "1", workspace=ours.folder)["dataset"] == run_made.id
    assert f"dataset  {run_made.id}" in answer("runs", "show", "1", workspace=ours.folder)
    assert value("dataset", "list", workspace=ours.folder)[0]["runs"] == [run_made.id]
    shown = answer("dataset", "show", run_made.id, workspace=ours.folder)
    assert "frozen for a run by" in shown


def test_a_run_without_pairs_of_its_own_shows_no_dataset(ours: Workspace) -> None:
    on_disk(ours, 1)
    assert value("runs", "show", "1", workspace=ours.folder)["dataset"] is None


def test_preflight_and_training_take_a_dataset_by_its_name(ours: Workspace) -> None:
    answer("dataset", "freeze", "v1", workspace=ours.folder)
    found = run("preflight", "--base", "tiny", "--dataset", "v1", "--json", workspace=ours.folder)
    assert json.loads(found.stdout)["steps"] > 0
    for command in ("train", "preflight"):
        both = run(command, "--base", "tiny", "--dataset", "v1", "--where", "id:1", workspace=ours.folder)
        assert (both.exit_code, "a filter can't choose among its pairs" in both.stderr) == (2, True)
        unknown = run(command, "--base", "tiny", "--dataset", "v9", workspace=ours.folder)
        assert (unknown.exit_code, "there is no dataset `v9`. There is v1." in unknown.stderr) == (2, True)
