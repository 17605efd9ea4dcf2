"""Promises about a run's process: it outlives whoever started it, is found again, is stopped, and never mistaken."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from molting_tui import workspace as workspaces
from molting_tui.errors import BadInput, Refused
from molting_tui.recipe.run_process import noted_process
from molting_tui.recipe.runfolder import PROCESS
from molting_tui.runs import stopping
from molting_tui.runs.listing import find_run, list_runs
from molting_tui.runs.process import alive, launch, send
from molting_tui.runs.watching import Watch
from molting_tui.workspace import Workspace
from tests.conftest import ROOT, new_workspace
from tests.runs_made import (
    at_work,
    bystander,
    ended,
    killed,
    nothing_left,
    on_disk,
    seen,
    started,
    until,
    workspace_with,
)
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
    told = noted_process(run.folder)
    assert told
    stopping.stop(run)
    assert ended(run).state == "stopped"
    until(lambda: alive(run.folder) is False, "the end of the process")
    until(lambda: not psutil.pid_exists(told.pid), "the process to be reaped")
    assert stopping.stop(run) == "Run 0001-tiny isn't running: it has stopped."


def test_a_zombie_that_another_does_not_reap_is_not_alive(ours: Workspace) -> None:
    folder = on_disk(ours, 1)
    child = at_work(folder)
    assert alive(folder) is True
    child.kill()
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE, "the zombie")
    assert alive(folder) is False
    assert list_runs(ours)[0].state == "died"
    child.communicate()


def name_process(folder: Path, pid: int, started: float | None = None, **fields: object) -> None:
    """Write the `process.json` that somebody makes up who knows a process of this machine."""
    begun = psutil.Process(pid).create_time() if started is None else started
    told = {"pid": pid, "started": begun, "host": os.uname().nodename, "token": "made up"} | fields
    (folder / PROCESS).write_bytes(msgspec.json.encode(told))


@pytest.mark.parametrize("token", ["", "made up"])
def test_a_process_that_is_only_named_is_never_ended(ours: Workspace, tmp_path: Path, token: str) -> None:
    folder = on_disk(ours, 1)
    with bystander(tmp_path) as other:
        name_process(folder, other.pid, token=token)
        assert alive(folder) is False
        for kill in (False, True):
            assert stopping.stop(find_run(ours, "1"), kill) == "Run 0001-run1 isn't running: its process died."
        assert list_runs(ours)[0].state == "died"


def test_in_doubt_nothing_is_sent_and_it_is_said_how_to_look(ours: Workspace) -> None:
    folder = on_disk(ours, 1)
    with bystander(folder) as shell:  # as a shell in which somebody looks at the run's files
        name_process(folder, shell.pid)
        assert alive(folder) is None
        for kill in (False, True):
            with pytest.raises(Refused, match=rf"isn't sure .* `ps -o pid,lstart,args -p {shell.pid}`"):
                stopping.stop(find_run(ours, "1"), kill)
        assert f"`ps -o pid,lstart,args -p {shell.pid}` shows it" in list_runs(ours)[0].problem


@pytest.mark.parametrize("number", [0, -1, -2, 1, 2**31 - 1, 2**31, 2**63 - 1, 2**64])
def test_no_number_in_a_process_file_reaches_another_process(ours: Workspace, number: int) -> None:
    folder = on_disk(ours, 1)
    for pid in (number, os.getpid(), os.getppid()):
        name_process(folder, pid, started=psutil.Process(1 if pid == number else pid).create_time())
        assert alive(folder) is False
        assert send(folder, signal.SIGKILL) is False
        assert "isn't running" in stopping.stop(find_run(ours, "1"), kill=True)


def test_a_copied_workspace_does_not_stop_the_originals_run(ours: Workspace, tmp_path: Path) -> None:
    run = started(ours, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    ours.close()
    shutil.copytree(ours.folder, tmp_path / "copy")
    copy = workspaces.open_workspace(tmp_path / "copy")
    assert list_runs(copy)[0].state == "died"
    assert "isn't running" in stopping.stop(find_run(copy, "1"), kill=True)
    copy.close()
    assert alive(run.folder) is True


@pytest.mark.parametrize("linked", ["runs", "runs/0001-tiny"])
def test_a_link_to_the_run_of_another_workspace_does_not_stop_it(ours: Workspace, tmp_path: Path, linked: str) -> None:
    run = started(ours, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    other = new_workspace(tmp_path / "other")
    (other.folder / linked).parent.mkdir(exist_ok=True)
    (other.folder / linked).symlink_to(ours.folder / linked)
    with pytest.raises(Refused, match="isn't sure"):
        stopping.stop(find_run(other, "1"), kill=True)
    other.close()
    assert alive(run.folder) is True


def test_a_run_whose_folder_is_linked_to_another_disk_is_stopped(ours: Workspace, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (ours.folder / "runs").symlink_to(tmp_path / "disk")
    run = started(ours, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    assert stopping.stop(run).startswith("Run 0001-tiny is asked to stop")
    assert ended(run).state == "stopped"


def test_the_run_of_a_workspace_that_was_moved_is_found_and_stopped(tmp_path: Path) -> None:
    made = workspace_with(tmp_path / "before", kept=2)
    run = started(made, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    made.close()
    made.folder.rename(tmp_path / "after")
    moved = workspaces.open_workspace(tmp_path / "after")
    with nothing_left(moved):
        assert stopping.stop(find_run(moved, "1")).startswith("Run 0001-tiny is asked to stop")
        assert ended(find_run(moved, "1")).state == "stopped"
    moved.close()


@pytest.mark.parametrize(
    ("command", "own"),
    [
        ((sys.executable, "-m", "training.qlora", "--run", "{folder}"), True),
        ((sys.executable, "-m", "training.answer", "--run={folder}"), True),
        ((sys.executable, "{here}/molting-train", "--output", "runs/0001-run1"), True),
        ((sys.executable, "-m", "training.qlora", "--run", "{folder}-other"), False),
        ((sys.executable, "-m", "training.qlora", "--run", "{here}"), False),
        ((sys.executable, "{here}/other", "--run", "{folder}"), False),
        ((sys.executable, "{here}/other", "molting-train", "--run {folder}"), False),
    ],
)
def test_a_run_without_a_token_is_known_by_its_exact_command_line(
    ours: Workspace, tmp_path: Path, command: tuple[str, ...], own: bool
) -> None:
    folder = on_disk(ours, 1)
    (tmp_path / "training").mkdir()
    for program in ("training/__init__.py", "training/qlora.py", "training/answer.py", "molting-train", "other"):
        text = "" if "__init__" in program else "print(flush=True)\nimport signal\nsignal.pause()\n"
        (tmp_path / program).write_text(text)
    words = [word.format(folder=folder, here=tmp_path) for word in command]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, cwd=ours.folder, env={**os.environ, "PYTHONPATH": str(tmp_path)}
    )
    assert process.stdout
    try:
        process.stdout.readline()
        name_process(folder, process.pid, token="")
        assert alive(folder) is own
        name_process(folder, process.pid, token="made up")
        assert alive(folder) is False
        name_process(folder, process.pid, token="", started=1.0)
        assert send(folder, signal.SIGTERM) is own
        assert (process.wait(20) == -signal.SIGTERM) if own else (process.poll() is None)
    finally:
        process.kill()
        process.communicate()


def test_only_a_group_that_the_run_leads_is_ended_with_it(ours: Workspace) -> None:
    folder = on_disk(ours, 1)
    process = at_work(folder)  # in the group of these tests
    assert send(folder, signal.SIGKILL) is True
    assert process.wait(20) == -signal.SIGKILL
    process.communicate()


def test_a_number_that_was_given_to_another_process_is_not_the_run(ours: Workspace, tmp_path: Path) -> None:
    run = started(ours, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    noted = noted_process(run.folder)
    assert noted
    killed(run)
    with bystander(tmp_path) as other:
        name_process(run.folder, other.pid, token=noted.token)
        assert alive(run.folder) is False
        assert send(run.folder, signal.SIGKILL) is False


def test_a_clock_that_was_set_meanwhile_does_not_make_a_run_die(ours: Workspace) -> None:
    run = started(ours, *BEGUN, "wait")
    told = noted_process(run.folder)
    assert told
    (run.folder / PROCESS).write_bytes(msgspec.json.encode(msgspec.structs.replace(told, started=told.started - 3600)))
    assert seen(run, lambda now: now.step).state == "running"
    (run.folder / PROCESS).write_bytes(msgspec.json.encode(told))


def test_a_run_of_another_machine_is_told_by_its_events_and_not_stopped_from_here(ours: Workspace) -> None:
    run = started(ours, *BEGUN, "wait")
    seen(run, lambda now: now.step)
    told = noted_process(run.folder)
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


def test_the_name_of_another_machine_sends_nothing_to_the_terminal(ours: Workspace) -> None:
    folder = on_disk(ours, 1)
    name_process(folder, os.getpid(), host="gpu\x1b]0;owned\x07\n\u202ebox" + "x" * 300)
    with pytest.raises(BadInput) as refused:
        stopping.stop(find_run(ours, "1"))
    for text in (refused.value.sentence(), list_runs(ours)[0].problem):
        assert "gpu␛]0;owned␇ ⟨U+202E⟩box" in text
        assert text.isprintable()


LEADER_ENDS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).pthread_exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="how a process ends while it still has threads is Linux's")
def test_a_run_that_was_killed_is_dead_before_the_last_of_its_threads_has_gone(tmp_path: Path) -> None:
    launch([sys.executable, "-c", LEADER_ENDS], tmp_path)
    noted = noted_process(tmp_path)
    assert noted is not None
    process = psutil.Process(noted.pid)
    try:
        until(lambda: process.status() == psutil.STATUS_ZOMBIE, "the end of its first thread")
        assert alive(tmp_path) is False
    finally:
        os.killpg(noted.pid, signal.SIGKILL)
        os.waitpid(noted.pid, 0)
