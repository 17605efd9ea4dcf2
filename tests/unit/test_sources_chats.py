"""Promises about chat files: every shape becomes the same turn, one bad item doesn't lose the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from molting_tui.records.turns import FileRead, Message, Step
from molting_tui.sources import read

SHAREGPT = {
    "conversations": [
        {"from": "system", "value": "Be brief."},
        {"from": "human", "value": "Hi"},
        {"from": "gpt", "value": "Hello {{name}}"},
        {"from": "human", "value": "Who?"},
        {"from": "gpt", "value": "Me."},
    ]
}
MESSAGES = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {
            "role": "assistant",
            "content": [{"type": "reasoning", "value": "?"}, {"type": "text", "value": "Hello {{name}}"}],
        },
        {"role": "user", "content": "Who?"},
        {"role": "assistant", "content": "Me."},
    ]
}
ALPACA = {
    "instruction": "Who?",
    "input": "",
    "output": "Me.",
    "system": "Be brief.",
    "history": [["Hi", "Hello {{name}}"]],
}
SHAPES = [SHAREGPT, MESSAGES, ALPACA]


def chat(tmp_path: Path, content: object, name: str = "chats.json") -> FileRead:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read(path)


def counts(found: FileRead) -> dict[str, int]:
    return {row.reason: row.count for row in found.left_out}


def exchange(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"conversations": [{"from": who, "value": value} for who, value in pairs]}


@pytest.mark.parametrize("item", SHAPES)
@pytest.mark.parametrize("form", ["array", "pretty", "object", "pretty object", "lines"])
def test_every_shape_and_form_becomes_the_same_turn(tmp_path: Path, item: dict[str, Any], form: str) -> None:
    text = {
        "array": json.dumps([item]),
        "pretty": json.dumps([item], indent=2),
        "object": json.dumps(item),
        "pretty object": json.dumps(item, indent=2),
        "lines": json.dumps(item) + "\n\n" + json.dumps(item),
    }[form]
    found = chat(tmp_path, text.encode())
    turn = found.turns[0]
    assert turn.system == "Be brief."
    assert turn.context == (Message("user", "Hi"), Message("assistant", "Hello {{name}}"))
    assert (turn.human, turn.steps, turn.complete) == ("Who?", (Step("text", "Me."),), True)
    assert (turn.session, turn.project, turn.source, turn.line) == ("chats", tmp_path.name, "chat", 1)
    assert turn.key == chat(tmp_path, SHAREGPT).turns[0].key
    assert (found.sessions, found.left_out) == (0, ())
    assert [turn.line for turn in found.turns] == ([1, 3] if form == "lines" else [1])


def test_a_bare_list_of_messages_is_one_conversation(tmp_path: Path) -> None:
    assert chat(tmp_path, MESSAGES["messages"]).turns[0].human == "Who?"


def test_the_input_of_an_instruction_follows_it_after_a_blank_line(tmp_path: Path) -> None:
    found = chat(tmp_path, [{"instruction": "Sum up.", "input": "A text.", "output": "T."}])
    assert found.turns[0].human == "Sum up.\n\nA text."


def test_tools_between_prompt_and_answer_are_steps_and_earlier_ones_context(tmp_path: Path) -> None:
    call = '{"name": "search", "arguments": {}}'
    pairs = [("human", "a"), ("function_call", call), ("observation", "[]"), ("gpt", "none"), ("human", "b")]
    found = chat(tmp_path, [exchange(*pairs, ("function_call", call), ("observation", "[1]"), ("gpt", "one"))])
    turn = found.turns[0]
    assert turn.context[1:3] == (Message("tool_call", call), Message("tool", "[]"))
    assert turn.steps == (Step("tool", "search"), Step("text", "one"))


def test_tool_calls_of_messages_are_steps(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "list"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "a b"},
        {"role": "assistant", "content": "a and b"},
    ]
    found = chat(tmp_path, [{"messages": messages, "tools": [{"name": "ls"}]}])
    assert found.turns[0].steps == (Step("tool", "ls"), Step("text", "a and b"))
    assert counts(found) == {"tool-definitions": 1}


@pytest.mark.parametrize(
    "item",
    [
        exchange(("human", "a"), ("gpt", "b"), ("human", "c")),
        exchange(("human", "a"), ("gpt", " ")),
        exchange(("gpt", "a")),
        exchange(),
        {"instruction": "a", "output": ""},
    ],
)
def test_a_conversation_without_a_last_answer_is_incomplete(tmp_path: Path, item: dict[str, Any]) -> None:
    found = chat(tmp_path, [item, SHAREGPT])
    assert len(found.turns) == 1
    assert counts(found) == {"incomplete-conversation": 1}


def test_a_blank_answer_in_the_middle_is_dropped_and_counted(tmp_path: Path) -> None:
    found = chat(tmp_path, [exchange(("human", "a"), ("gpt", ""), ("human", "b"), ("gpt", "c"))])
    assert found.turns[0].context == (Message("user", "a"),)
    assert counts(found) == {"blank-message": 1}


@pytest.mark.parametrize(
    "item",
    [
        SHAREGPT | {"images": ["a.png"]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
    ],
)
def test_a_conversation_with_images_is_left_out(tmp_path: Path, item: dict[str, Any]) -> None:
    found = chat(tmp_path, [item, ALPACA])
    assert len(found.turns) == 1
    assert counts(found) == {"has-image": 1}


@pytest.mark.parametrize(
    "item",
    [
        7,
        {"conversations": [3]},
        {"conversations": [{"from": "alien", "value": "x"}]},
        {"conversations": [{"from": "human", "value": 3}]},
        {"messages": [{"role": "user", "content": [{"type": "hologram"}]}]},
        {"instruction": ["a"], "output": "b"},
        {"instruction": "a", "output": "b", "history": "c"},
        {"unrelated": True},
    ],
)
def test_one_bad_item_does_not_lose_the_others(tmp_path: Path, item: object) -> None:
    found = chat(tmp_path, [item, SHAREGPT])
    assert [turn.line for turn in found.turns] == [2]
    assert counts(found) == {"damaged-item": 1}


def test_a_torn_array_keeps_the_items_before_the_tear(tmp_path: Path) -> None:
    found = chat(tmp_path, json.dumps([SHAREGPT, ALPACA, MESSAGES]).encode()[:-9])
    assert len(found.turns) == 2
    assert counts(found) == {"damaged-item": 1}


def test_a_damaged_line_does_not_lose_the_others(tmp_path: Path) -> None:
    found = chat(tmp_path, b'{"conversations": [{\n' + json.dumps(ALPACA).encode() + b"\n", "c.jsonl")
    assert [turn.line for turn in found.turns] == [2]
    assert counts(found) == {"damaged-item": 1}


def test_surrogates_and_bad_bytes_in_one_item_are_replaced(tmp_path: Path) -> None:
    item = exchange(("human", "a\ud800"), ("gpt", "caf?"))
    found = chat(tmp_path, json.dumps([item, SHAREGPT]).encode().replace(b"caf?", b"caf\xe9"))
    assert (found.turns[0].human, found.turns[0].steps[0].value) == ("a\ufffd", "caf\ufffd")
    assert len(found.turns) == 2


def test_nesting_too_deep_is_a_damaged_item(tmp_path: Path) -> None:
    deep = b'{"conversations": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    found = chat(tmp_path, json.dumps(SHAREGPT).encode() + b"\n" + deep, "c.jsonl")
    assert len(found.turns) == 1
    assert counts(found) == {"damaged-item": 1}
