"""Whatever stands in a log or a chat file is read, counted or refused in a sentence; no good line is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from molting_tui.errors import MoltingError
from molting_tui.records.turns import FileRead
from molting_tui.sources import read

RECORDS: list[dict[str, Any]] = [
    {"type": "user", "uuid": "u1", "sessionId": "s", "message": {"role": "user", "content": "Qual é a fila?"}},
    {
        "type": "assistant",
        "uuid": "a1",
        "message": {"model": "m", "content": [{"type": "text", "text": "A de antes."}]},
    },
    {"type": "user", "uuid": "u2", "message": {"content": [{"type": "text", "text": "E <system-reminder>x</"}]}},
    {"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "t", "name": "Bash", "input": {}}]}},
    {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}]}},
    {"type": "queue-operation", "operation": "enqueue", "content": "depois"},
    {"type": "queue-operation", "operation": "popAll"},
    {"type": "user", "message": {"content": "<command-name>/model</command-name><command-args>x</command-args>"}},
    {"type": "user", "message": {"content": "<local-command-stdout>ok</local-command-stdout>"}},
    {"type": "summary", "summary": "x"},
]
LINES = [json.dumps(record).encode() for record in RECORDS]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["conversations", "messages", "from", "value", "role", "content", "instruction", "input"])
            | st.sampled_from(["output", "history", "system", "prompt", "completion", "type", "text", "message"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def changed(line: bytes, place: int, gone: int, put: bytes) -> bytes:
    """A line with some bytes gone and others in their place."""
    at = place % (len(line) + 1)
    return line[:at] + put + line[at + gone :]


BROKEN = st.builds(
    changed, st.sampled_from(LINES), st.integers(0, 300), st.integers(0, 40), st.binary(max_size=6)
) | st.binary(max_size=60)


def read_or_refused(folder: Path, name: str, data: bytes) -> FileRead | str:
    path = folder / name
    path.write_bytes(data)
    try:
        return read(path)
    except MoltingError as error:
        return error.sentence()


def judged(given: FileRead | str) -> None:
    """Either a sentence, or turns that can be stored and reasons that were counted."""
    if isinstance(given, str):
        assert "\n" not in given
        return
    for turn in given.turns:
        "".join((turn.human, turn.key, turn.model, turn.system, *(step.value for step in turn.steps))).encode()
    assert all(row.count > 0 and row.reason for row in given.left_out)


@given(data=st.binary(max_size=300), name=st.sampled_from(["a.jsonl", "a.json", "a.csv", "a"]))
def test_bytes_of_any_kind_are_read_counted_or_refused(data: bytes, name: str, fuzz_folder: Path) -> None:
    found = read_or_refused(fuzz_folder, name, data)
    judged(found)
    assert isinstance(found, str) or not data.strip() or found.turns or found.left_out or found.records


@given(lines=st.lists(BROKEN | st.sampled_from(LINES), max_size=12))
def test_a_damaged_log_is_read_and_what_is_lost_is_counted(lines: list[bytes], fuzz_folder: Path) -> None:
    found = read_or_refused(fuzz_folder, "s.jsonl", b"\n".join([LINES[0], *lines]))
    judged(found)
    assert not isinstance(found, str)
    assert found.turns[0].human == "Qual é a fila?"


@given(noise=st.lists(st.binary(max_size=40).map(lambda line: b"{" + line.replace(b"\n", b"").replace(b"}", b""))))
def test_no_good_line_is_lost_beside_a_bad_one(noise: list[bytes], fuzz_folder: Path) -> None:
    lines: list[bytes] = []
    for number in range(max(len(noise), 3)):
        human = {"type": "user", "uuid": f"u{number}", "message": {"content": f"ask {number}"}}
        answer = {"type": "assistant", "uuid": f"a{number}", "message": {"content": [{"type": "text", "text": "Yes."}]}}
        lines += [json.dumps(human).encode(), *noise[number : number + 1], json.dumps(answer).encode()]
    found = read_or_refused(fuzz_folder, "s.jsonl", b"\n".join(lines))
    assert not isinstance(found, str)
    assert [turn.human for turn in found.turns] == [f"ask {number}" for number in range(max(len(noise), 3))]
    assert all(turn.complete for turn in found.turns)
    assert sum(row.count for row in found.left_out) >= len(noise)


@given(value=JSON, lines=st.booleans())
def test_chats_of_any_shape_are_read_counted_or_refused(value: object, lines: bool, fuzz_folder: Path) -> None:
    good = {"conversations": [{"from": "human", "value": "Oi, tudo?"}, {"from": "gpt", "value": "Tudo, e aí?"}]}
    if lines:
        data = "\n".join(json.dumps(item) for item in (good, value)).encode()
    else:
        data = json.dumps([good, value]).encode()
    found = read_or_refused(fuzz_folder, "c.jsonl" if lines else "c.json", data)
    judged(found)
    assert not isinstance(found, str)
    assert found.turns[0].human == "Oi, tudo?"
    assert len(found.turns) > 1 or found.left_out


# Every known shape once: in each of them any value may be another than it should.
SHAPES: list[list[Any]] = [
    RECORDS,
    [{"type": "user", "isMeta": False, "isSidechain": False, "origin": {"kind": "human"}, "planContent": "x",
      "cwd": "/a/b", "message": {"content": [{"type": "text", "text": "Oi"}, {"type": "image", "source": {}}, "E"]}}],
    [{"type": "queue-operation", "operation": "enqueue", "content": [{"type": "text", "text": "b"}, "c"]}],
    [{"type": "assistant", "isApiErrorMessage": False, "message": {"model": "m", "content": "Oi"}}],
    [{"conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": '{"name": "f"}'},
                        {"from": "gpt", "value": "b"}], "system": "s", "tools": "t", "images": []}],
    [{"instruction": "a", "input": "b", "output": "c", "system": "s", "history": [["d", "e"]]}],
    [{"messages": [{"role": "developer", "content": "s"},
                   {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "thinking"}, "z"]},
                   {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "f"}}]},
                   {"role": "tool", "content": "ok"}, {"role": "assistant", "content": "b"}]}],
    [[{"role": "user", "content": "a"}, {"role": "assistant", "content": [{"type": "tool_call", "value": {}}]},
      {"role": "assistant", "content": "b"}]],
    [{"timestamp": "t", "type": "session_meta", "payload": {"id": "x"}}],
    [{"sessionId": "s", "projectHash": "h", "messages": [{"type": "user", "content": "x"}]}],
]  # fmt: skip
ANY = JSON | st.sampled_from([{}, [], [{}], {"type": {}}, "\ud800", -1, 2**70, 1e308, True, ""])


def places(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value within a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(way for key, item in inner for way in places(item, (*here, key)))]


def replaced(value: Any, way: tuple[Any, ...], put: object) -> Any:
    """The value with another one at the end of a way into it."""
    if not way:
        return put
    items = value.items() if isinstance(value, dict) else enumerate(value)
    changed_items = {key: replaced(item, way[1:], put) if key == way[0] else item for key, item in items}
    return changed_items if isinstance(value, dict) else list(changed_items.values())


@st.composite
def replacements(draw: st.DrawFn) -> list[Any]:
    """The items of a shape, with one to three values in them replaced by any JSON value."""
    items: Any = draw(st.sampled_from(SHAPES))
    for _ in range(draw(st.integers(1, 3))):
        ways = [way for way in places(items) if way]
        if not ways:
            break
        items = replaced(items, draw(st.sampled_from(ways)), draw(ANY))
    return list(items)


@given(items=replacements(), lines=st.booleans())
def test_any_value_may_stand_in_any_field(items: list[Any], lines: bool, fuzz_folder: Path) -> None:
    data = "\n".join(map(json.dumps, items)) if lines else json.dumps(items)
    file_read = read_or_refused(fuzz_folder, "x.json", data.encode())
    judged(file_read)
    assert not isinstance(file_read, str)
    assert not [left for left in file_read.left_out if left.reason == "unreadable"], file_read.left_out
