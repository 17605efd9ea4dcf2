"""Promises about a run's process: it outlives whoever started it, is found again, is stopped, and never mistaken."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from molting_tui import workspace as workspaces
from molting_tui.errors import BadInput
from molting_tui.recipe.runfolder import PROCESS
from molting_tui.runs import stopping
from molting_tui.runs.listing import find_run, list_runs
from molting_tui.runs.process import alive, identity, process_file
from molting_tui.runs.watching import Watch
from molting_tui.workspace import Workspace
from tests.conftest import ROOT
from tests.runs_made import ended, killed, nothing_left, on_disk, seen, started, until, workspace_with
from tests.stand_in import BEGUN, stand_in

STARTER = """
import sys, time
from molting_tui import workspace as workspaces
from molting_tui.recipe.settings import defaults_for
from molting_tui.runs.starting import start_training
ours = workspaces.open_workspace(workspaces.find(sys.argv[1]))
open(sys.argv[2], "w").write(start_training(ours, defaults_for("tiny"), command=sys.argv[3:]).id)
while True:
    time.sleep(1)
"""


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=2)
    with nothing_left(made):
        yield made
    made.close()


def own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def lose_by_kill(starter: subprocess.Popen[bytes], _: int) -> None:
    starter.kill()


def lose_by_hangup(starter: subprocess.Popen[bytes], line: int) -> None:
    os.close(line)  # the terminal goes, and SIGHUP comes to all that have it


@pytest.mark.parametrize("lose", [lose_by_kill, lose_by_hangup])
def test_a_run_outlives_the_one_who_started_it(ours: Workspace, tmp_path: Path, lose: object) -> None:
    line, theirs = os.openpty()
    told = tmp_path / "id"
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(ours.folder), str(told), *stand_in(*BEGUN, "wait")],
        stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=own_terminal,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(theirs)
    until(lambda: told.exists() and told.read_text(), "the start")
    lose(starter, line)  # type: ignore[operator]
    assert starter.wait(60) < 0
    with contextlib.suppress(OSError):
        os.close(line)
    # Another workbench, later, elsewhere: it knows the folder and nothing else.
    other = workspaces.open_workspace(ours.folder)
    run = find_run(other, "latest")
    now = seen(run, lambda now: now.step and now.step.step == 2, "the second step")
    assert now.state == "running"
    assert stopping.stop(run).startswith("Run 0001-tiny is asked to stop")
    assert ended(run).state == "stopped"
    other.close()


def test_a_stopped_run_leaves_no_zombie_and_stop_says_so_again(ours: Workspace) -> None:
    run = started(ours, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    told = process_file(run.folder)
    assert told
    stopping.stop(run)
    assert ended(run).state == "stopped"
    until(lambda: alive(run.folder) is False, "the end of the process")
    until(lambda: not psutil.pid_exists(told.pid), "the process to be reaped")
    assert stopping.stop(run) == "Run 0001-tiny isn't running: it has stopped."


def test_a_zombie_that_another_does_not_reap_is_not_alive(ours: Workspace) -> None:
    folder = on_disk(ours, 1)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (folder / PROCESS).write_bytes(msgspec.json.encode(identity(child.pid)))
    assert alive(folder) is True
    child.kill()
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE, "the zombie")
    assert alive(folder) is False
    assert list_runs(ours)[0].state == "died"
    child.wait()


def test_a_recycled_pid_is_not_taken_for_the_run_and_never_signalled(ours: Workspace) -> None:
    folder = on_disk(ours, 1)
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    real = identity(bystander.pid)
    (folder / PROCESS).write_bytes(msgspec.json.encode(real))
    assert alive(folder) is True
    (folder / PROCESS).write_bytes(msgspec.json.encode(msgspec.structs.replace(real, started=real.started - 3600)))
    assert alive(folder) is False
    assert list_runs(ours)[0].state == "died"
    assert "isn't running" in stopping.stop(find_run(ours, "1"), kill=True)
    assert bystander.poll() is None
    bystander.communicate(b"\n")
    assert bystander.returncode == 0


def test_a_clock_that_was_set_meanwhile_does_not_make_a_run_die(ours: Workspace) -> None:
    run = started(ours, *BEGUN, "wait")
    told = process_file(run.folder)
    assert told
    (run.folder / PROCESS).write_bytes(msgspec.json.encode(msgspec.structs.replace(told, started=told.started - 3600)))
    assert seen(run, lambda now: now.step).state == "running"
    (run.folder / PROCESS).write_bytes(msgspec.json.encode(told))


def test_a_run_of_another_machine_is_told_by_its_events_and_not_stopped_from_here(ours: Workspace) -> None:
    run = started(ours, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    told = process_file(run.folder)
    assert told
    (run.folder / PROCESS).write_bytes(msgspec.json.encode(msgspec.structs.replace(told, host="gpu-box")))
    line = list_runs(ours)[0]
    assert (line.state, line.seconds_left) == ("running", None)
    assert "started on gpu-box" in line.problem
    with pytest.raises(BadInput, match=r"started on gpu-box\. Stop it there"):
        stopping.stop(run)
    (run.folder / PROCESS).write_bytes(msgspec.json.encode(told))


def test_a_run_that_does_not_obey_is_told_how_long_and_can_be_ended(ours: Workspace) -> None:
    run = started(ours, *BEGUN, "checkpoint:2", "deaf", "wait")
    seen(run, lambda now: now.checkpoint)
    assert "asked to stop: it saves" in stopping.stop(run)
    assert seen(run, lambda now: now.stop_requested).state == "stopping"
    again = stopping.stop(run)
    assert "was asked to stop 0 s ago" in again
    assert "molting runs stop 1 --kill" in again
    assert stopping.stop(run, kill=True) == "Run 0001-tiny is ended; the last checkpoint is checkpoint-2."
    now = ended(run)
    assert now.state == "died"
    assert "The last checkpoint is checkpoint-2." in now.problem


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "before it said anything"),
        (("phase:import",), "while its libraries were loaded"),
        (("phase:import", "phase:load_model"), "while the model was loaded"),
        (("phase:import", "phase:prepare_data"), "while the data were prepared"),
        ((*BEGUN, "checkpoint:2"), "in training without saying why: it was killed, or the memory was full. The last"),
        ((*BEGUN, "phase:save"), "while it saved"),
    ],
)
def test_a_kill_in_any_phase_is_a_sentence(ours: Workspace, words: tuple[str, ...], said: str) -> None:
    run = started(ours, *words, "print:here I am", "wait")
    until(lambda: run.log.read_text() == "here I am\n", "the log")
    killed(run)
    line = list_runs(ours)[0]
    assert line.state == "died"
    assert said in line.problem
    assert line.problem.endswith("The log ends: here I am")
    assert Watch(run).poll().problem == line.problem
    ended(started(ours, "done"))  # it stands in nobody's way


def test_a_process_file_that_is_no_process_is_a_dead_run(ours: Workspace) -> None:
    for number, told in enumerate((b"", b"{", b'{"pid": "x"}', b'{"pid": -1, "started": 0, "host": "HOST"}',
                                   b'{"pid": 99999999999999999999, "started": 0, "host": "HOST"}'), 1):  # fmt: skip
        folder = on_disk(ours, number)
        (folder / PROCESS).write_bytes(told.replace(b"HOST", os.uname().nodename.encode()))
    lines = list_runs(ours)
    assert [line.state for line in lines] == ["died"] * 5
    for line in lines:
        assert "isn't running" in stopping.stop(find_run(ours, line.id), kill=True)
