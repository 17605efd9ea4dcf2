"""Promises about the list of runs: every folder has its line, and only the ends of files are read."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from molting_tui.errors import BadInput
from molting_tui.recipe.events import Checkpoint, Done, Failed, Phase, RunEvent, Start, Step, StopRequested, written
from molting_tui.recipe.runfolder import ADAPTER, CONFIG, EVENTS, LOG
from molting_tui.runs.folder import allot, runs_folder, safe_name
from molting_tui.runs.listing import find_run, line_of, list_runs
from molting_tui.workspace import Workspace
from tests.conftest import Start as StartProcess
from tests.conftest import finished
from tests.runs_made import gone, on_disk

BEGUN: tuple[RunEvent, ...] = (Phase(name="import"), Start(steps=20, time=10.0), Phase(name="train"))
ALLOT = """
import sys
from pathlib import Path
from molting_tui.runs.folder import allot
runs = Path(sys.argv[1])
for _ in range(25):
    number, folder = allot(runs)
    folder.rename(runs / f"{number:04}-{sys.argv[2]}")
"""


def steps(upto: int, **more: float) -> list[RunEvent]:
    return [Step(step=step, loss=3 - step / 1000, time=10.0 + step, **more) for step in range(1, upto + 1)]


def with_adapter(folder: Path) -> Path:
    (folder / ADAPTER).mkdir()
    (folder / ADAPTER / "adapter_model.safetensors").write_bytes(b"weights")
    return folder


@pytest.mark.parametrize(
    ("events", "state", "problem"),
    [
        ((*BEGUN, *steps(20), Done(reason="finished")), "done", ""),
        ((*BEGUN, *steps(9), Done(reason="early_stop")), "done", ""),
        ((*BEGUN, *steps(9), StopRequested(signal="SIGTERM"), Done(reason="stopped")), "stopped", ""),
        ((*BEGUN, Failed(kind="k", message="No such model.")), "failed", "No such model."),
        ((*BEGUN, *steps(9), Checkpoint(step=9, path="checkpoint-9")), "died", "The last checkpoint is checkpoint-9."),
        ((*BEGUN, *steps(9)), "died", "There is no checkpoint."),
        # It failed, and was started again in the same folder.
        ((*BEGUN, Failed(kind="k", message="m"), *BEGUN, *steps(20), Done(reason="finished")), "done", ""),
    ],
)  # fmt: skip
def test_a_run_without_a_process_is_what_its_last_word_says(
    workspace: Workspace, events: tuple[RunEvent, ...], state: str, problem: str
) -> None:
    folder = with_adapter(on_disk(workspace, 1, events))
    gone(folder)
    line = line_of(folder)
    assert line.state == state
    assert problem in line.problem
    assert bool(line.problem) is bool(problem)
    assert (line.id, line.number, line.kind, line.name, line.adapter) == ("0001-run1", 1, "train", "run1", True)
    assert line.seconds_left is None


def test_progress_is_the_last_steps(workspace: Workspace) -> None:
    line = line_of(on_disk(workspace, 1, (*BEGUN, *steps(9), Step(step=10, loss=None))))
    assert (line.step, line.steps, line.loss) == (10, 20, 3 - 9 / 1000)


def test_hostile_words_of_a_run_are_safe_to_show(workspace: Workspace) -> None:
    folder = on_disk(workspace, 1, [Failed(kind="k", message="gone\x1b]0;x\x07\u202e")], name="x\x1b[2J")
    line = line_of(folder)
    assert "\x1b" not in line.problem + line.name
    assert "\u202e" not in line.problem
    died = on_disk(workspace, 2, BEGUN)
    gone(died)
    (died / LOG).write_bytes(b"a\n\x1b]52;c;aGk=\x07\xff\xfe \x1b[31mKilled\x1b[0m\x9b\r\n\n")
    assert "The log ends: " in line_of(died).problem
    assert "Killed" in line_of(died).problem
    assert "\x1b" not in line_of(died).problem


def test_torn_and_foreign_folders_have_a_line_and_a_sentence(workspace: Workspace) -> None:
    runs = runs_folder(workspace)
    on_disk(workspace, 1, [*BEGUN, *steps(20), Done(reason="finished")])
    (runs / "0002-empty").mkdir()
    (runs / "0003-torn").mkdir()
    (runs / "0003-torn" / CONFIG).write_text('{"kind": "train", "na')
    (runs / "0004-folders").mkdir()
    for name in (CONFIG, EVENTS, LOG):
        (runs / "0004-folders" / name).mkdir()
    (runs / "notes").mkdir()
    (runs / "0009-file").write_text("no folder")
    (runs / ".hidden").mkdir()
    lines = {line.id: line for line in list_runs(workspace)}
    assert list(lines) == ["0004-folders", "0003-torn", "0002-empty", "0001-run1", "notes"]
    assert lines["0001-run1"].problem == ""
    for name in ("0002-empty", "0003-torn", "0004-folders", "notes"):
        assert lines[name].kind == "unknown"
        assert "config.json: " in lines[name].problem
        with pytest.raises(BadInput, match=r"config\.json"):
            find_run(workspace, name)
    assert find_run(workspace, "latest").id == "0001-run1"


def test_damaged_lines_between_events_are_counted_and_passed_over(workspace: Workspace) -> None:
    folder = on_disk(workspace, 1)
    whole = [written(event) for event in (*BEGUN, *steps(20), Done(reason="finished"))]
    torn = [*whole[:5], b'{"event": "step", "st\n', b"\0\0\0\0\n", b'{"event": "unheard"}\n', *whole[5:], b'{"event"']
    (folder / EVENTS).write_bytes(b"".join(torn))
    line = line_of(folder)
    assert (line.state, line.step) == ("done", 20)
    assert line.problem == "3 lines of its events can't be read."


def test_a_run_is_found_by_number_id_and_name(workspace: Workspace) -> None:
    for number in (1, 2, 3):
        on_disk(workspace, number, name="v2" if number < 3 else "7")
    for reference, number in (("1", 1), ("0002", 2), ("0001-v2", 1), ("v2", 2), ("3", 3), ("latest", 3), (" 2 ", 2)):
        assert find_run(workspace, reference).number == number
    assert find_run(workspace, "7").number == 3  # no number 7, but a name
    for unknown in ("9", "v", "", "../ws"):
        with pytest.raises(BadInput, match="there is no run"):
            find_run(workspace, unknown)


def test_no_run_yet_is_a_sentence(workspace: Workspace) -> None:
    assert list_runs(workspace) == []
    with pytest.raises(BadInput, match="no run in this workspace yet"):
        find_run(workspace, "latest")


def test_a_list_reads_only_the_ends_of_long_files(workspace: Workspace) -> None:
    folder = on_disk(workspace, 1, [*BEGUN, *steps(60_000, tok_s=812.3), Done(reason="finished")])
    (folder / LOG).write_bytes(b"a line of the log\n" * 500_000)
    died = on_disk(workspace, 2, [*BEGUN, *steps(60_000, tok_s=812.3)])
    gone(died)
    (died / LOG).write_bytes(b"a line of the log\n" * 500_000)
    size = (folder / EVENTS).stat().st_size + (died / EVENTS).stat().st_size
    assert size > 15_000_000
    list_runs(workspace)  # whatever is loaded once
    before = psutil.Process().io_counters().read_chars
    lines = list_runs(workspace)
    assert psutil.Process().io_counters().read_chars - before < size / 20
    assert [(line.state, line.step, line.steps) for line in lines] == [("died", 60_000, 20), ("done", 60_000, 20)]


def test_an_event_longer_than_the_end_that_is_read_is_still_found(workspace: Workspace) -> None:
    long = Failed(kind="k", message="It failed.", trace="x" * 300_000)
    folder = on_disk(workspace, 1, [*BEGUN, *steps(2_000), long])
    assert (line_of(folder).state, line_of(folder).step) == ("failed", 2_000)


def test_a_checkpoint_far_from_both_ends_of_the_events_is_told(workspace: Workspace) -> None:
    before, after = steps(2_000)[:1_000], steps(2_000)[1_000:]
    saved = [Checkpoint(step=step, path=f"checkpoint-{step}") for step in (10, 1_000)]
    folder = on_disk(workspace, 1, [*BEGUN, *before[:10], saved[0], *before[10:], saved[1], *after])
    gone(folder)
    for step in (10, 1_000, 2_000):
        (folder / f"checkpoint-{step}").mkdir()
    for step in (10, 1_000):  # it died while it wrote the last one
        (folder / f"checkpoint-{step}" / "trainer_state.json").write_text("{}")
    assert "The last checkpoint is checkpoint-1000." in line_of(folder).problem


def test_numbers_are_never_given_twice(tmp_path: Path, start: StartProcess) -> None:
    for process in [start(ALLOT, tmp_path, name) for name in ("a", "b", "c", "d")]:
        finished(process)
    numbers = sorted(int(name[:4]) for name in os.listdir(tmp_path))
    assert numbers == list(range(1, 101))


def test_numbers_go_on_after_9999_and_after_what_was_deleted(tmp_path: Path) -> None:
    (tmp_path / "9999-x").mkdir()
    (tmp_path / "0003-x").mkdir()
    assert allot(tmp_path)[0] == 10_000
    assert (tmp_path / ".10000").is_dir()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("v2.1", "v2.1"),
        ("Cláudio é bom", "Claudio-e-bom"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("a\x1b[2Jb\n", "a-2Jb"),
        ("日本", "run"),
        ("-" * 9, "run"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_becomes_a_safe_folder_name(text: str, name: str) -> None:
    assert safe_name(text) == name
