"""Whatever a run left in its folder is read, or told in a sentence; no event is lost beside a bad line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.recipe.events import Done, Phase, RunEvent, Start, Step, read_events, written
from molting_tui.recipe.runfolder import CONFIG, EVENTS, PROCESS
from molting_tui.runs.folder import run_in
from molting_tui.runs.listing import list_runs
from molting_tui.runs.watching import Watch
from molting_tui.workspace import Workspace
from tests.conftest import new_workspace
from tests.fuzz.test_readers import changed
from tests.runs_made import on_disk

GOOD: list[RunEvent] = [
    Phase("train", time=1.0),
    Start(steps=3, n_train=3, device="cpu", time=2.0),
    Step(step=1, loss=2.5, lr=1e-4, time=3.0),
    Done("finished", time=4.0),
]
NOISE = (
    st.binary(max_size=60)
    | st.builds(
        changed,
        st.sampled_from([written(event).rstrip() for event in GOOD]),
        st.integers(0, 200),
        st.integers(0, 30),
        st.binary(max_size=6),
    )
).map(lambda line: line.replace(b"\n", b""))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = new_workspace(tmp_path_factory.mktemp("runs") / "ws")
    on_disk(made, 1)
    yield made
    made.close()


@given(noise=st.lists(NOISE, max_size=8))
def test_no_event_is_lost_beside_a_bad_line(noise: list[bytes], fuzz_folder: Path) -> None:
    path = fuzz_folder / EVENTS
    lines = [
        line for event, bad in zip(GOOD, [*noise, *[b""] * 4], strict=False) for line in (bad, written(event)[:-1])
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    told = list(read_events(path).events)
    for event in GOOD:
        assert event in told


@given(
    events=st.lists(NOISE, max_size=6).map(b"\n".join), config=st.binary(max_size=40), process=st.binary(max_size=40)
)
def test_any_bytes_in_a_run_folder_are_listed_and_watched(
    events: bytes, config: bytes, process: bytes, ours: Workspace
) -> None:
    (folder,) = (ours.folder / "runs").iterdir()
    good = (folder / CONFIG).read_bytes()
    (folder / EVENTS).write_bytes(events)
    (folder / PROCESS).write_bytes(process)
    (line,) = list_runs(ours)
    assert line.id == "0001-run1"
    assert Watch(run_in(folder)).poll().state
    (folder / CONFIG).write_bytes(config)
    assert len(list_runs(ours)) <= 1
    (folder / CONFIG).write_bytes(good)
