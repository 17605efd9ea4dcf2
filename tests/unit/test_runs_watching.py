"""Promises about watching: only what is new is read, memory doesn't grow, and nothing in a log can harm."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.recipe.events import Done, Phase, RunEvent, Start, Step, StopRequested, Warned, written
from molting_tui.recipe.runfolder import EVENTS, LOG
from molting_tui.runs.folder import run_in
from molting_tui.runs.log import LONGEST_LINE, LogFile, last_lines
from molting_tui.runs.run_state import Watched
from molting_tui.runs.watching import Watch
from molting_tui.text import show
from molting_tui.workspace import Workspace
from tests.runs_made import ended, nothing_left, on_disk, seen, started, workspace_with
from tests.stand_in import BEGUN


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_a_watch_sees_each_event_once(tmp_path: Path) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    with nothing_left(ours):
        run = started(ours, "print:hello", *BEGUN, "warn:2 pairs left out", "print:bye", "done")
        watch, events = Watch(run), []
        while True:
            now = watch.poll()
            events += now.events
            if not now.active:
                break
        assert [type(event).__name__ for event in events] == (
            ["Phase"] * 4 + ["Start", "Step", "Step", "Warned", "Done"]
        )
        assert last_lines(run.log, 9) == ["hello", "bye"]
        assert (now.state, now.phase, now.first_loss, now.last_loss) == ("done", "train", 2.9, 2.8)
        assert [warning.message for warning in now.warnings] == ["2 pairs left out"]
        assert now.start
        assert now.start.steps == 20
        again = watch.poll()
        assert (again.events, again.state) == ((), "done")
    ours.close()


def test_time_left_is_told_by_the_pace_of_the_last_steps(tmp_path: Path) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    with nothing_left(ours):
        run = started(ours, "phase:import", "wait")
        far = 4e9  # later than any clock: nothing has passed since
        append(run.events, written(Start(steps=100, time=far)))
        for step in range(1, 51):
            append(run.events, written(Step(step=step, time=far + step * (1 if step < 10 else 2))))
        assert seen(run, lambda now: now.step).seconds_left == pytest.approx(100)
        append(run.events, written(StopRequested(signal="SIGTERM")))
        assert seen(run, lambda now: now.stop_requested).seconds_left is None
    ours.close()


def test_loading_a_base_does_not_count_as_time_of_its_answers(workspace: Workspace) -> None:
    events = [Start(steps=30, time=1e3), Phase(name="load_model", time=1e3), Phase(name="answer", time=2e3)]
    run = Watched().after([*events, Step(step=10, time=2e3 + 20)])
    assert run.time_left(now=2e3 + 20) == 40
    again = [Phase(name="load_model", time=3e3), Phase(name="answer", time=4e3), Step(step=20, time=4e3 + 30)]
    run = run.after(again)
    assert run.time_left(now=4e3 + 40) == 20
    anew = [Phase(name="import"), Start(steps=30, time=5e3), Step(step=1, time=5e3 + 1), Step(step=2, time=5e3 + 2)]
    assert run.after(anew).time_left(now=5e3 + 2) == 28
    assert run.time_left(now=4e3 + 40) == 20  # a look that was given out stays what it was


def test_a_run_that_dies_while_watched_is_seen_to_die(tmp_path: Path) -> None:
    ours = workspace_with(tmp_path / "ws", kept=2)
    with nothing_left(ours):
        run = started(ours, *BEGUN, "print:about to go", "torn")
        now = ended(run)
        assert (now.state, now.damaged) == ("died", 0)  # the torn line has no end: it was being written
        assert "The log ends: about to go" in now.problem
    ours.close()


def test_an_event_file_that_is_begun_anew_is_read_from_its_start(workspace: Workspace) -> None:
    folder = on_disk(
        workspace, 1, [Start(steps=9), *(Step(step=step) for step in range(1, 10)), Done(reason="finished")]
    )
    watch = Watch(run_in(folder))
    assert watch.poll().state == "done"
    (folder / EVENTS).write_bytes(written(Start(steps=5)))
    now = watch.poll()
    assert now.start == Start(steps=5)
    assert (now.step, now.done, now.state) == (None, None, "died")


def test_a_long_watch_takes_no_more_memory(workspace: Workspace) -> None:
    folder = on_disk(workspace, 1, [Start(steps=200_000)])
    many: list[RunEvent] = [Step(step=step, loss=1.0) for step in range(20_000)]
    many += [Warned(kind="k", message=f"warning {number}") for number in range(1_000)]
    data = b"".join(map(written, many))
    watch = Watch(run_in(folder))
    watch.poll()
    tracemalloc.start()
    for _ in range(3):
        append(folder / EVENTS, data)
        now = watch.poll()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000
    assert len(now.events) == 1_000
    assert len(now.warnings) == 200


def test_a_look_reads_only_what_is_new(workspace: Workspace) -> None:
    folder = on_disk(workspace, 1, [Start(steps=9), *(Step(step=step) for step in range(20_000))])
    append(folder / LOG, b"a line of the log\n" * 100_000)
    watch, log = Watch(run_in(folder)), LogFile(folder / LOG)
    watch.poll()
    log.read_on()
    before = psutil.Process().io_counters().read_chars
    for number in range(20):
        append(folder / EVENTS, written(Step(step=number)))
        append(folder / LOG, b"one more\n")
        assert len(watch.poll().events) == 1
        assert log.read_on()
        assert log.lines(len(log) - 1, 1) == ["one more"]
    assert psutil.Process().io_counters().read_chars - before < 1_000_000


# The log


def tail(tmp_path: Path, data: bytes, **more: int) -> list[str]:
    path = tmp_path / "log.txt"
    path.write_bytes(data)
    return last_lines(path, 99, **more)


def test_a_progress_bar_is_what_a_terminal_would_show_last(tmp_path: Path) -> None:
    lines = tail(tmp_path, b"loading\r 10%|#   |\r 50%|##  |\r100%|####|\nnext\r\n  1%\r  2%\r")
    assert lines == ["100%|####|", "next", "  2%"]
    append(tmp_path / "log.txt", b"  3%")
    assert last_lines(tmp_path / "log.txt", 1) == ["  3%"]
    append(tmp_path / "log.txt", b"\r\nend\n")
    assert last_lines(tmp_path / "log.txt", 2) == ["  3%", "end"]


def test_colours_are_taken_out_and_other_controls_are_signs(tmp_path: Path) -> None:
    (line,) = tail(
        tmp_path, b"\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \x1b]52;c;aGk= \x07\xff\xfe\t|\n"
    )
    assert line == "red link \ufffd\ufffd    |"
    (unfinished,) = tail(tmp_path, b"\x1b]0;title without end\n")
    assert unfinished == "\u241b]0;title without end"


def test_a_line_of_a_megabyte_is_cut(tmp_path: Path) -> None:
    lines = tail(tmp_path, b"first\n" + b"x" * (1 << 20) + b"\nlast\n", window=4 << 20)
    assert [len(line) for line in lines] == [5, LONGEST_LINE, 4]
    assert lines[1].endswith("x…")


def test_a_line_of_a_megabyte_at_the_end_of_a_long_log_is_passed_over_whole(tmp_path: Path) -> None:
    assert tail(tmp_path, b"y" * 50 + b"x" * (3 << 20) + b"\nlast\n", window=1 << 20) == ["last"]
    assert tail(tmp_path, b"y" * 50 + b"x" * (3 << 20), window=1 << 20) == []


def test_of_a_long_log_the_last_lines_are_read_wherever_its_last_part_begins(tmp_path: Path) -> None:
    data = b"".join(b"line %d\n" % number for number in range(90)) + b"the end"
    whole = data.decode().splitlines()
    for window in range(1, 200):
        lines = tail(tmp_path, data, window=window)
        assert lines == whole[len(whole) - len(lines) :]
        assert len("\n".join(lines)) <= window <= len("\n".join(lines)) + len("line 89\n")


def test_a_log_that_is_not_there_or_no_file_has_no_last_lines(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none", 9) == []
    assert last_lines(tmp_path, 9) == []


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"\n", b"\r", b"\r\n", "é".encode(), b"\x1b[3", b"1m"])))
def test_a_log_read_in_pieces_is_the_log_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("log") / "log.txt"
    path.touch()
    pieces = LogFile(path)
    for part in parts:
        append(path, part)
        pieces.read_on()
    whole = LogFile(path)
    whole.read_on()
    assert whole.lines(0, 99) == pieces.lines(0, 99)
    shown = last_lines(path, 99)
    assert len(shown) == len(whole)
    assert all(show(line) == line and "\n" not in line for line in shown)


def test_phases_of_a_run_are_told(workspace: Workspace) -> None:
    folder = on_disk(workspace, 1)
    watch = Watch(run_in(folder))
    assert watch.poll().phase == ""
    for name in ("import", "prepare_data", "load_model", "train", "save"):
        append(folder / EVENTS, written(Phase(name=name)))  # type: ignore[arg-type]
        assert watch.poll().phase == name
