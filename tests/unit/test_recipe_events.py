"""Events: every one comes back as it was written, and no state of the file loses those that are whole."""

from __future__ import annotations

import json
import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.recipe import events
from molting_tui.recipe.events import EventsRead, RunEvent, read_events, written

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=30)
EVENTS: st.SearchStrategy[RunEvent] = st.one_of(
    st.builds(events.Phase, name=st.sampled_from(["import", "train", "save"]), time=NUMBERS),
    st.builds(
        events.Start, steps=st.integers(0, 10**6), device=TEXTS, versions=st.dictionaries(TEXTS, TEXTS, max_size=2)
    ),
    st.builds(events.Step, step=st.integers(0, 10**6), loss=st.none() | NUMBERS, lr=st.none() | NUMBERS, time=NUMBERS),
    st.builds(events.Checkpoint, step=st.integers(0, 10**6), path=TEXTS),
    st.builds(events.Warned, kind=TEXTS, message=TEXTS),
    st.builds(events.StopRequested, signal=TEXTS),
    st.builds(events.Done, reason=st.sampled_from(["finished", "stopped"]), figures=st.dictionaries(TEXTS, NUMBERS)),
    st.builds(events.Failed, kind=TEXTS, message=TEXTS, trace=TEXTS),
)
MANY = st.lists(EVENTS, max_size=8)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "events.jsonl"


@given(told=MANY)
def test_what_was_written_is_read(told: list[RunEvent], path: Path) -> None:
    data = b"".join(map(written, told))
    path.write_bytes(data)
    assert read_events(path) == EventsRead(tuple(told), len(data), 0)


@given(event=EVENTS)
def test_an_event_is_one_line_whatever_it_holds(event: RunEvent) -> None:
    line = written(event)
    assert line.endswith(b"\n")
    assert len(line.splitlines()) == line.count(b"\n") == 1
    assert json.loads(line)["event"]


@settings(max_examples=150)
@given(told=MANY, cuts=st.lists(st.integers(min_value=0), max_size=5))
def test_a_growing_file_gives_each_event_once_wherever_the_readings_fall(
    told: list[RunEvent], cuts: list[int], path: Path
) -> None:
    data = b"".join(map(written, told))
    seen: list[RunEvent] = []
    offset = 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        path.write_bytes(data[:end])
        read = read_events(path, offset)
        assert read.damaged == 0
        assert read.offset <= end
        seen += read.events
        offset = read.offset
    assert seen == told


@settings(max_examples=150)
@given(before=MANY, torn=EVENTS, after=MANY, data=st.data())
def test_a_line_torn_in_the_middle_loses_no_other(
    before: list[RunEvent], torn: RunEvent, after: list[RunEvent], data: st.DataObject, path: Path
) -> None:
    line = written(torn)
    part = line[: data.draw(st.integers(1, len(line) - 2))]
    path.write_bytes(b"".join((*map(written, before), part, b"\n", *map(written, after))))
    read = read_events(path)
    assert read.events == (*before, *after)
    assert read.damaged == 1


@given(noise=st.binary(max_size=200), told=MANY)
def test_whatever_else_is_in_the_file_the_events_after_it_are_read(
    noise: bytes, told: list[RunEvent], path: Path
) -> None:
    path.write_bytes(noise + b"\n" + b"".join(map(written, told)))
    read = read_events(path)
    assert read.events[len(read.events) - len(told) :] == tuple(told)


def test_a_loss_that_is_no_number_is_read_as_none(path: Path) -> None:
    path.write_bytes(written(events.Step(step=1, loss=math.nan, grad_norm=math.inf)))
    (step,) = read_events(path).events
    assert isinstance(step, events.Step)
    assert (step.loss, step.grad_norm) == (None, None)


def test_a_file_that_is_not_there_yet_has_no_events(tmp_path: Path) -> None:
    assert read_events(tmp_path / "events.jsonl", 7) == EventsRead((), 0, 0)


def test_a_file_that_became_shorter_is_read_from_its_start(path: Path) -> None:
    one = events.StopRequested(signal="SIGTERM")
    path.write_bytes(written(one))
    assert read_events(path, 10_000).events == (one,)


def test_fields_of_a_later_version_are_passed_over(path: Path) -> None:
    path.write_bytes(b'{"event":"step","step":3,"temperature":71}\n{"event":"rewound","to":1}\n')
    read = read_events(path)
    assert [msgspec.to_builtins(event)["step"] for event in read.events] == [3]
    assert read.damaged == 1
