from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from molting_tui import sources
from molting_tui.datasets.export.formats import Conversation, Format, Unfit, by_turns, row_of
from molting_tui.datasets.export.writing import Part, encoded, rows_into
from molting_tui.records.turns import Message

TALK = Conversation(
    "Você é Cláudio.",
    (
        Message("user", "oi"),
        Message("assistant", "Olá."),
        Message("user", "e agora?"),
        Message("assistant", "Agora sim."),
    ),
)
TOOLS = Conversation(
    "",
    (
        Message("user", "que horas são?"),
        Message("tool_call", '{"name": "clock", "arguments": {}}'),
        Message("tool", "10:00"),
        Message("assistant", "Dez."),
        Message("user", "e em Lisboa?"),
        Message("assistant", "Treze."),
    ),
)
TEXT_FORMATS: tuple[Format, ...] = ("sharegpt", "alpaca", "messages")

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
exchanges = st.lists(st.tuples(texts, texts), max_size=3)


def talk(system: str, before: list[tuple[str, str]], asked: str, answer: str) -> Conversation:
    history = [
        Message(role, text) for exchange in before for role, text in zip(("user", "assistant"), exchange, strict=True)
    ]
    return Conversation(system, (*history, Message("user", asked), Message("assistant", answer)))


conversations = st.builds(talk, st.just("") | texts, exchanges, texts, texts)


def read_back(path: Path) -> list[Conversation]:
    found = sources.read(path)
    assert found.left_out == ()
    return [
        Conversation(
            turn.system, (*turn.context, Message("user", turn.human), Message("assistant", turn.steps[-1].value))
        )
        for turn in found.turns
    ]


def written(folder: Path, name: str, kind: Format, said: list[Conversation]) -> Path:
    path = folder / name
    with Part(path) as part:
        rows = rows_into(part, kind)
        for one in said:
            row = row_of(one, kind)
            assert not isinstance(row, Unfit)
            rows.add(row)
        rows.end()
        part.finish()
        part.take_place()
    return path


def test_sharegpt_has_the_system_turn_first_and_its_own_names_for_speakers() -> None:
    assert row_of(TALK, "sharegpt") == {
        "conversations": [
            {"from": "system", "value": "Você é Cláudio."},
            {"from": "human", "value": "oi"},
            {"from": "gpt", "value": "Olá."},
            {"from": "human", "value": "e agora?"},
            {"from": "gpt", "value": "Agora sim."},
        ]
    }


def test_sharegpt_holds_tool_calls_and_their_results() -> None:
    row = row_of(TOOLS, "sharegpt")
    assert not isinstance(row, Unfit)
    assert [message["from"] for message in row["conversations"]] == [
        "human",
        "function_call",
        "observation",
        "gpt",
        "human",
        "gpt",
    ]


def test_alpaca_has_all_five_fields_and_the_turns_before_as_history() -> None:
    assert row_of(TALK, "alpaca") == {
        "instruction": "e agora?",
        "input": "",
        "output": "Agora sim.",
        "system": "Você é Cláudio.",
        "history": [["oi", "Olá."]],
    }
    short = Conversation("", TALK.messages[2:])
    assert row_of(short, "alpaca") == {
        "instruction": "e agora?",
        "input": "",
        "output": "Agora sim.",
        "system": "",
        "history": [],
    }


def test_messages_and_parquet_have_a_role_and_a_content_and_nothing_else() -> None:
    expected = {
        "messages": [
            {"role": "system", "content": "Você é Cláudio."},
            {"role": "user", "content": "oi"},
            {"role": "assistant", "content": "Olá."},
            {"role": "user", "content": "e agora?"},
            {"role": "assistant", "content": "Agora sim."},
        ]
    }
    assert row_of(TALK, "messages") == expected
    assert row_of(TALK, "parquet") == expected


@pytest.mark.parametrize("kind", ["alpaca", "messages", "parquet"])
def test_tool_messages_fit_only_sharegpt(kind: Format) -> None:
    assert row_of(TOOLS, kind) == Unfit("tool-messages")


@pytest.mark.parametrize(
    "before",
    [
        (Message("assistant", "Bom dia!"),),
        (Message("user", "oi"), Message("user", "olá?")),
        (Message("user", "oi"), Message("assistant", "Olá."), Message("system", "Agora seja breve.")),
    ],
)
def test_a_history_that_is_not_prompt_and_answer_by_turns_does_not_fit_alpaca(before: tuple[Message, ...]) -> None:
    said = Conversation("", (*before, Message("user", "e?"), Message("assistant", "Sim.")))
    assert row_of(said, "alpaca") == Unfit("uneven-history")
    assert not isinstance(row_of(said, "sharegpt"), Unfit)
    assert not by_turns(said.messages)


def test_a_conversation_by_turns_is_one_that_llama_factory_takes() -> None:
    assert by_turns(TALK.messages)
    assert by_turns(TOOLS.messages)


@settings(max_examples=100, deadline=None)
@given(st.lists(conversations, min_size=1, max_size=4, unique=True), st.sampled_from(TEXT_FORMATS), st.booleans())
@example([talk("", [], "a\u2028b\u2029c\u0085d", '"\\\x00\x1b[31m\x7f\x0b\x0c\r\n\t')], "sharegpt", True)
@example([talk("\ufeffsistema", [("[/INST]", "</s>")], "\u202eabc", "\U0001f9ea\ufffe")], "alpaca", False)
def test_what_is_written_reads_back_as_the_same_conversation(
    said: list[Conversation], kind: Format, lines: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), "out.jsonl" if lines else "out.json", kind, said)
        assert read_back(path) == said


@settings(max_examples=60, deadline=None)
@given(st.lists(conversations, min_size=1, max_size=4), st.sampled_from(TEXT_FORMATS))
@example([talk("", [], "a\u2028b\u2029c\u0085d\x1c\x1d\x1e", "\x0b\x0c")], "messages")
def test_a_row_is_one_line_for_every_reader_of_lines(said: list[Conversation], kind: Format) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = written(Path(folder), "out.jsonl", kind, said).read_text("utf-8")
    assert [json.loads(line) for line in text.splitlines()] == [row_of(one, kind) for one in said]


@settings(max_examples=60, deadline=None)
@given(conversations, conversations, st.sampled_from(TEXT_FORMATS))
def test_every_row_has_the_same_fields(one: Conversation, other: Conversation, kind: Format) -> None:
    assert fields_of(row_of(one, kind)) == fields_of(row_of(other, kind))


def fields_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: fields_of(inner) for name, inner in value.items() if name != "history"}
    return [fields_of(value[0])] if isinstance(value, list) else type(value)


def test_letters_stand_in_the_file_as_they_are() -> None:
    assert encoded({"a": "Olá, João – ção 日本 🦞"}) == '{"a":"Olá, João – ção 日本 🦞"}'.encode()


def test_a_json_file_is_an_array_with_one_conversation_a_line(tmp_path: Path) -> None:
    lines = written(tmp_path, "out.json", "sharegpt", [TALK, TOOLS]).read_text("utf-8").split("\n")
    assert (lines[0], lines[-2:]) == ("[", ["]", ""])
    assert [json.loads(line.rstrip(",")) for line in lines[1:-2]] == [
        row_of(TALK, "sharegpt"),
        row_of(TOOLS, "sharegpt"),
    ]
