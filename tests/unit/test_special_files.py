"""Promises about pipes, devices, sockets and links where a file is expected: refused, never waited for or written."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_workspaces import made, run

from molting_tui import workspace as workspaces
from molting_tui.datasets.freezing import freeze
from molting_tui.errors import MoltingError, Refused
from molting_tui.overview.taking_in import take_in
from molting_tui.recipe.events import LONGEST_LINE, read_events
from molting_tui.recipe.runfolder import ANSWERS, CONFIG, EVENTS, LOG, METRICS, PREFLIGHT, PROCESS
from molting_tui.regular_files import open_regular, read_regular
from molting_tui.runs.listing import list_runs
from tests.runs_made import ended, nothing_left, on_disk, started, workspace_with
from training import arguments
from training.reporting import Reporter


@pytest.fixture(autouse=True)
def _never_waits() -> Iterator[None]:
    """Whatever waits for a pipe's writer, or reads a device to its end, is a failure."""

    def waited(*_: object) -> None:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, waited)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def pipe(path: Path) -> Path:
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return path


def bound_socket(path: Path) -> Path:
    place = os.getcwd()
    os.chdir(path.parent)  # the address of a socket has 107 bytes at most
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(place)
    return path


@pytest.mark.parametrize(
    ("make", "kind"),
    [(pipe, "a named pipe"), (bound_socket, "a socket"), (lambda _: Path("/dev/zero"), "a device")],
)
def test_what_is_no_file_is_refused_by_what_it_is(tmp_path: Path, make: Callable[[Path], Path], kind: str) -> None:
    for opened in (open_regular, read_regular):
        with pytest.raises(OSError, match=f"it is {kind}, not a file"):
            opened(make(tmp_path / "x"))
        (tmp_path / "x").unlink(missing_ok=True)


def test_a_link_to_a_file_is_a_file_and_a_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_regular(tmp_path / "link", 4)
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


COMMANDS = (
    ("import", "{}"),
    ("decide", "1", "--text", "{}"),
    ("decide", "1", "--prompt", "{}"),
    ("answer", "--from", "{}", "--contender", "x"),
    ("rate", "--sheet", "{}", "--contender", "x", "--rubric", "personality-v1"),
    ("rubric", "check", "{}"),
    ("rules", "check", "{}"),
)


@pytest.mark.parametrize("special", ["pipe.json", "/dev/zero"])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_no_command_reads_what_is_no_file(tmp_path: Path, words: tuple[str, ...], special: str) -> None:
    folder = made(tmp_path / "ws")
    path = pipe(tmp_path / special) if special == "pipe.json" else Path(special)
    result = run(*(word.format(path) for word in words), workspace=folder)
    said = result.stdout + result.stderr
    assert "mistake in molting" not in said
    assert result.exit_code == 2 or "unreadable" in said, said
    assert "not a file" in said or "not a regular file" in said or "no " in said, said


def test_a_folder_with_a_pipe_and_a_socket_in_it_is_imported_without_them(tmp_path: Path) -> None:
    folder = made(tmp_path / "ws")
    logs = tmp_path / "ws-logs"
    pipe(logs / "a.jsonl")
    bound_socket(logs / "b.json")
    result = run("import", str(logs), workspace=folder)
    assert result.exit_code == 0
    assert "unreadable" in result.stdout


@pytest.mark.parametrize("name", [CONFIG, EVENTS, LOG, METRICS, PREFLIGHT, PROCESS, ANSWERS])
def test_a_pipe_in_a_run_folder_keeps_nobody_waiting(tmp_path: Path, name: str) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    pipe(on_disk(ours, 1) / name)
    ours.close()
    for words in (("runs",), ("runs", "show", "1"), ("runs", "stop", "1"), ("results",), ("doctor",)):
        result = run(*words, workspace=ours.folder)
        assert "mistake in molting" not in result.stderr, words


@pytest.mark.parametrize(
    "name", [CONFIG, EVENTS, METRICS, PREFLIGHT, PROCESS, ANSWERS, "dataset.jsonl", "dataset.jsonl.manifest.json"]
)
def test_a_file_of_a_run_that_is_nested_without_end_is_a_torn_one(tmp_path: Path, name: str) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    folder = on_disk(ours, 1)
    ours.close()
    head = {
        CONFIG: b'{"kind": "train", "settings": ',
        ANSWERS: b'{"settings": ',
        EVENTS: b'{"event": "done", "figures": ',
    }
    (folder / name).write_bytes(head.get(name, b"") + b'{"a": ' * 10_000 + b"\n")
    for words in (("runs",), ("runs", "show", "1"), ("results",), ("trace", "run", "1"), ("answer", "1")):
        result = run(*words, workspace=ours.folder)
        assert "mistake in molting" not in result.stderr, words


def test_a_file_of_a_run_without_an_end_fills_no_memory(tmp_path: Path) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    folder = on_disk(ours, 1)
    for name in (CONFIG, EVENTS, PROCESS, PREFLIGHT, ANSWERS):
        (folder / name).touch()
        os.truncate(folder / name, 1 << 34)
    (line,) = list_runs(ours)
    assert (line.kind, line.state) == ("unknown", "died")
    assert "it is larger than" in line.problem
    read = read_events(folder / EVENTS, 0, 1 << 16)
    assert (read.events, read.damaged) == ((), 1)
    assert read.offset > LONGEST_LINE  # and the next reading goes on behind it
    assert take_in(ours).problems[0].endswith("it is larger than 1,073,741,824 bytes.")
    ours.close()


def test_a_pipe_beside_an_export_and_in_the_place_of_the_settings_is_a_sentence(tmp_path: Path) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    (tmp_path / "out.json").write_text("mine")
    pipe(tmp_path / "out.json.manifest.json")
    assert run("export", str(tmp_path / "out.json"), workspace=ours.folder).exit_code == 2
    assert (tmp_path / "out.json").read_text() == "mine"
    ours.close()
    pipe(ours.folder / "molting.toml")
    with pytest.raises(MoltingError, match="it is a named pipe, not a file"):
        workspaces.open_workspace(ours.folder)


def test_molting_train_reads_no_pipe(tmp_path: Path) -> None:
    words = ["--dataset", str(pipe(tmp_path / "d.json")), "--output", str(tmp_path / "o"), "--model_name", "tiny"]
    with pytest.raises(MoltingError, match="it is a named pipe, not a file"):
        arguments.run_folder(words)


# Links


def test_nothing_outside_a_workspace_is_removed_by_a_start_or_a_freeze(tmp_path: Path) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    outside = {name: tmp_path / f"outside-{name}" for name in ("runs", "datasets")}
    for name, folder in outside.items():
        for mine in (".0001", ".0002", ".freezing-x", ".under-way-x"):
            (folder / mine).mkdir(parents=True)
            (folder / mine / "work").write_text("mine")
        (ours.folder / name).symlink_to(folder)
    freeze(ours, "v1")
    with nothing_left(ours):
        ended(started(ours, "done"))
    for folder in outside.values():
        assert len(list(folder.glob(".*/work"))) == 4
    ours.close()


@pytest.mark.parametrize("name", [EVENTS, ANSWERS, "checkpoint-1", "adapter", ".adapter.7", LOG])
def test_a_run_writes_nowhere_that_a_link_in_its_folder_leads_to(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(tmp_path / "mine")
    with pytest.raises(Refused, match=f"{name}: is a link, and a run would write where it leads"):
        Reporter(tmp_path / "run")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_lock_is_not_made_where_a_link_leads(tmp_path: Path) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    (ours.folder / "runs").mkdir()
    (ours.folder / "runs" / ".starting").symlink_to(tmp_path / "made")
    with pytest.raises(MoltingError, match="can't be started"):
        started(ours, "done")
    assert not (tmp_path / "made").exists()
    ours.close()
