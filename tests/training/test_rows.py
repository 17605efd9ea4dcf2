"""What a dataset file gives to learn: everything that can be learned whole, and the rest counted and named."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.recipe.rows import RowReader
from molting_tui.recipe.templates import ChatTokenizer
from tests.conftest import ROOT
from tests.training.conftest import LLAMA2, write_tokenizer
from training.rows import Rows, label_rows, read_conversations, reader_of

pytestmark = pytest.mark.xdist_group("learning")

Item = dict[str, Any]
ASKED = [{"role": "user", "content": "Quem és tu?"}, {"role": "assistant", "content": "Sou o Cláudio."}]
SAMPLES = Path(os.environ.get("MOLTING_SAMPLES") or ROOT.parent / "shared")


def turns(*texts: str) -> Item:
    """A conversation in messages form: user, assistant, user …"""
    return {"messages": [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]}


def label(path: Path, tokenizer: ChatTokenizer, max_seq_len: int, prompt: str = "") -> tuple[Rows, RowReader]:
    """What a run learns of a file, and what was counted on the way."""
    read = read_conversations(path, prompt)
    reader = reader_of(path, read, tokenizer, max_seq_len)
    return label_rows(read, reader), reader


def written(path: Path, *items: Item) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), "utf-8")
    else:
        path.write_text(json.dumps(items, ensure_ascii=False, indent=1), "utf-8")
    return path


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> ChatTokenizer:
    return ChatTokenizer.load(write_tokenizer(tmp_path_factory.mktemp("base") / "small"))


@pytest.mark.parametrize("name", ["d.json", "d.jsonl"])
@pytest.mark.parametrize(
    "item",
    [
        {"messages": ASKED},
        {"conversations": [{"from": "human", "value": "Quem és tu?"}, {"from": "gpt", "value": "Sou o Cláudio."}]},
        {"instruction": "Quem és tu?", "input": "", "output": "Sou o Cláudio."},
    ],
    ids=["messages", "sharegpt", "alpaca"],
)
def test_every_shape_and_both_spellings_of_json_give_the_same_messages(item: Item, name: str, tmp_path: Path) -> None:
    found = read_conversations(written(tmp_path / name, item, item))
    assert [c.messages for c in found.taken] == [ASKED, ASKED]
    assert found.left_out == ()


TEXT = st.text(max_size=20).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    talks=st.lists(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3), min_size=1, max_size=4), lines=st.booleans()
)
def test_what_is_said_comes_back_word_for_word(
    talks: list[list[tuple[str, str]]], lines: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    items = [turns(*(text for pair in talk for text in pair)) for talk in talks]
    path = written(tmp_path_factory.mktemp("d") / ("d.jsonl" if lines else "d.json"), *items)
    assert [c.messages for c in read_conversations(path).taken] == [item["messages"] for item in items]


def test_the_system_prompt_goes_to_those_without_one(tmp_path: Path) -> None:
    own = {"messages": [{"role": "system", "content": "Fale pouco."}, *ASKED]}
    blank = {"messages": [{"role": "system", "content": " "}, *ASKED]}
    found = read_conversations(written(tmp_path / "d.json", own, turns("a", "b"), blank), "Você é Cláudio.")
    assert [c.messages[0]["content"] for c in found.taken] == ["Fale pouco.", "Você é Cláudio.", "Você é Cláudio."]
    assert all(c.messages[1]["role"] == "user" for c in found.taken)


REASONS = {
    "tool-messages": {"messages": [*ASKED, {"role": "tool", "content": "42"}, ASKED[1]]},
    "no-answer": turns("só eu"),
    "unfinished": turns("a", "b", "e depois?"),
    "no-question": {"messages": [ASKED[1], *ASKED]},
    "empty-answer": turns("a", "  \n"),
    "empty-question": turns(" ", "b"),
    "has-image": {**turns("a", "b"), "images": ["x.png"]},
    "damaged-item": {"messages": [{"role": "wizard", "content": "x"}]},
}


def test_each_conversation_that_cannot_be_learned_is_counted_with_its_reason_and_an_example(tmp_path: Path) -> None:
    items = [turns("a", "b"), *REASONS.values(), REASONS["no-answer"]]
    found = read_conversations(written(tmp_path / "d.jsonl", *items))
    assert len(found.taken) == 1
    assert {row.reason: row.count for row in found.left_out} == {**dict.fromkeys(REASONS, 1), "no-answer": 2}
    for row in found.left_out:
        assert f"d.jsonl:{2 + list(REASONS).index(row.reason)}" in row.example


def test_a_damaged_line_loses_no_other(tmp_path: Path) -> None:
    path = written(tmp_path / "d.jsonl", turns("a", "b"), turns("c", "d"), turns("e", "f"))
    lines = path.read_bytes().splitlines(keepends=True)
    for torn in range(3):
        path.write_bytes(b"".join(line[:20] + b"\n" if n == torn else line for n, line in enumerate(lines)))
        found = read_conversations(path)
        assert [c.number for c in found.taken] == [n for n in (1, 2, 3) if n != torn + 1]
        assert [(row.reason, row.count) for row in found.left_out] == [("damaged-item", 1)]


def test_a_torn_array_gives_what_came_before_the_tear(tmp_path: Path) -> None:
    path = written(tmp_path / "d.json", turns("a", "b"), turns("c", "d"))
    path.write_bytes(path.read_bytes()[:-30])
    found = read_conversations(path)
    assert len(found.taken) == 1
    assert [(row.reason, row.count) for row in found.left_out] == [("damaged-item", 1)]


@pytest.mark.parametrize("data", [b"", b"[]", b"hello", b'{"a": 1}', b"\xff\xfe\x00"])
def test_a_file_with_nothing_to_learn_says_so(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"d\.json: .*learn"):
        read_conversations(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read_conversations(tmp_path / "no.json")


def test_long_conversations_are_left_out_whole_and_the_tokens_they_need_are_told(
    tokenizer: ChatTokenizer, tmp_path: Path
) -> None:
    path = written(tmp_path / "d.json", turns("a", "b"), turns("c", "longa " * 50), turns("e", "longer " * 90))
    rows, reader = label(path, tokenizer, 64)
    needed = max(len(tokenizer.encode(c.messages, False)) for c in read_conversations(path).taken)
    assert [c.number for c in rows.taken] == [1]
    assert (reader.learned, reader.read) == (1, 3)
    assert reader.longest == needed > 64
    (left,) = reader.left_out
    assert (left.reason, left.count) == ("too-long", 2)
    assert f"{path.parent.name}/d.json:2 longa longa" in left.example
    # At exactly that length nothing is left out, and nothing was cut.
    whole, counted = label(path, tokenizer, needed)
    assert [len(row.input_ids) for row in whole.rows][-1] == needed
    assert counted.left_out == ()


def test_what_was_left_out_at_reading_is_counted_with_what_is_left_out_later(
    tokenizer: ChatTokenizer, tmp_path: Path
) -> None:
    path = written(tmp_path / "d.jsonl", turns("a", "b"), turns("a", " "), turns("c", "longa " * 50))
    _, reader = label(path, tokenizer, 64)
    assert {row.reason: row.count for row in reader.left_out} == {"empty-answer": 1, "too-long": 1}
    assert (reader.learned, reader.read) == (1, 3)


def test_a_conversation_that_the_template_refuses_is_counted_and_the_others_are_learned(tmp_path: Path) -> None:
    strict = ChatTokenizer.load(write_tokenizer(tmp_path / "llama", LLAMA2))
    twice = {"messages": [ASKED[0], *ASKED]}
    path = written(tmp_path / "d.json", turns("a", "b"), twice)
    rows, reader = label(path, strict, 512)
    assert len(rows.rows) == 1
    assert [(row.reason, row.count) for row in reader.left_out] == [("template-refuses", 1)]
    assert "refuses the conversation (user and assistant must" in reader.left_out[0].example


@pytest.mark.skipif(not (SAMPLES / "chats").is_dir(), reason=f"chat files are not at {SAMPLES} (set MOLTING_SAMPLES)")
@pytest.mark.parametrize(
    ("name", "taken", "left_out"),
    [
        ("lf_identity.json", 91, {}),
        ("fastchat_dummy_conversation.json", 500, {}),
        ("lf_glaive_toolcall_en_demo.json", 147, {"tool-messages": 153}),
        ("lf_v1_sft_demo.jsonl", 500, {}),
    ],
)
def test_files_of_other_projects_are_read_whole(name: str, taken: int, left_out: dict[str, int]) -> None:
    found = read_conversations(SAMPLES / "chats" / name)
    assert len(found.taken) == taken
    assert {row.reason: row.count for row in found.left_out} == left_out
