"""What is learned of a conversation: exactly the answers and what ends them, as TRL has it wherever TRL has a mask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.recipe.labels import IGNORED, Labelled, ShiftingTemplate, labelled, marked
from molting_tui.recipe.templates import ChatMessage, ChatTokenizer
from tests.training.conftest import CHATML, LLAMA2, PHI3, ZEPHYR, write_tokenizer

pytestmark = pytest.mark.xdist_group("learning")

FORMATS = {"tinyllama": ZEPHYR, "phi-3": PHI3, "llama-2": LLAMA2, "chatml": CHATML}
PAIR: list[ChatMessage] = [
    {"role": "system", "content": "Você é Cláudio."},
    {"role": "user", "content": "Quem é João?"},
    {"role": "assistant", "content": "João é o dev da Softtor."},
]
LONG: list[ChatMessage] = [
    *PAIR,
    {"role": "user", "content": "And Molting?"},
    {"role": "assistant", "content": "A workbench."},
    {"role": "user", "content": "Tchau!"},
    {"role": "assistant", "content": "Até logo!\n"},
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ChatTokenizer]:
    made: dict[str, ChatTokenizer] = {}

    def load(name: str) -> ChatTokenizer:
        if name not in made:
            made[name] = ChatTokenizer.load(write_tokenizer(tmp_path_factory.mktemp("base"), FORMATS[name]), name)
        return made[name]

    return load


def learned(row: Labelled, tokenizer: ChatTokenizer) -> list[str]:
    """The text of each learned stretch."""
    return [tokenizer.decode(row.labels[start:end]) for start, end in row.spans]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("tinyllama", "João é o dev da Softtor.</s>\n"),
        ("phi-3", "João é o dev da Softtor.<|end|>\n</s>"),
        ("llama-2", " João é o dev da Softtor. </s>"),
        ("chatml", "João é o dev da Softtor.<|im_end|>\n"),
    ],
)
def test_of_a_pair_the_answer_and_its_stop_token_are_learned(
    name: str, answer: str, base: Callable[[str], ChatTokenizer]
) -> None:
    tokenizer = base(name)
    row = labelled(PAIR, tokenizer.encode)
    assert learned(row, tokenizer) == [answer]
    assert tokenizer.decode(row.input_ids) == tokenizer.render(PAIR, False)
    prompt = tokenizer.render(PAIR[:2], True)
    assert (
        tokenizer.decode([i for i, label in zip(row.input_ids, row.labels, strict=True) if label == IGNORED]) == prompt
    )


def test_what_is_learned_can_be_seen(base: Callable[[str], ChatTokenizer]) -> None:
    tokenizer = base("tinyllama")
    shown = marked(labelled(LONG, tokenizer.encode), tokenizer.decode)
    assert shown.replace("⟦", "").replace("⟧", "") == tokenizer.render(LONG, False)
    for message in LONG[2::2]:
        assert f"⟦{message['content']}</s>" in shown


@pytest.mark.parametrize("name", FORMATS)
def test_every_answer_of_a_conversation_is_learned_with_its_stop_token(
    name: str, base: Callable[[str], ChatTokenizer]
) -> None:
    tokenizer = base(name)
    stop = {"phi-3": "<|end|>", "chatml": "<|im_end|>"}.get(name, "</s>")
    texts = learned(labelled(LONG, tokenizer.encode), tokenizer)
    assert len(texts) == 3
    for text, message in zip(texts, LONG[2::2], strict=True):
        assert text.strip().startswith(message["content"].strip())
        assert stop in text


WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(FORMATS)),
    system=st.none() | WORDS,
    talk=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4),
)
def test_whatever_is_said_only_answers_are_learned_and_all_of_them(
    name: str, system: str | None, talk: list[tuple[str, str]], base: Callable[[str], ChatTokenizer]
) -> None:
    tokenizer = base(name)
    messages = [{"role": "system", "content": system}] if system else []
    for asked, answered in talk:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    row = labelled(messages, tokenizer.encode)
    assert row.input_ids == tokenizer.encode(messages, False)
    assert len(row.labels) == len(row.input_ids)
    assert {place for place, label in enumerate(row.labels) if label != IGNORED} == {
        place for start, end in row.spans for place in range(start, end)
    }
    assert all(label in (IGNORED, token) for token, label in zip(row.input_ids, row.labels, strict=True))
    assert row.learned == sum(label != IGNORED for label in row.labels)
    # The tokens of these tokenizers end where characters of ASCII markup do, so that texts can be compared whole.
    end = {"tinyllama": "</s>\n", "phi-3": "<|end|>\n", "llama-2": "</s>", "chatml": "<|im_end|>\n"}[name]
    texts = learned(row, tokenizer)
    if name == "phi-3":
        texts[-1] = texts[-1].removesuffix("</s>")
    for text, (_, answered) in zip(texts, talk, strict=True):
        assert text == (f" {answered.strip()} {end}" if name == "llama-2" else answered + end)


# Against TRL


@pytest.fixture(scope="module")
def trl_labels(small_base: Path) -> Callable[..., list[dict[str, list[int]]]]:
    """What TRL's own processing makes of rows, as its trainer holds them."""
    trl = pytest.importorskip("trl")
    from datasets import Dataset, disable_progress_bars
    from transformers import AutoModelForCausalLM, AutoTokenizer

    disable_progress_bars()
    model = AutoModelForCausalLM.from_pretrained(small_base)

    def prepared(template: str, rows: list[dict[str, Any]], **options: Any) -> list[dict[str, list[int]]]:
        tokenizer = AutoTokenizer.from_pretrained(small_base)
        tokenizer.chat_template = template
        out = str(small_base.with_name("out"))
        told = trl.SFTConfig(output_dir=out, use_cpu=True, report_to=[], max_length=None, **options)
        trainer = trl.SFTTrainer(
            model=model, args=told, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
        )
        return list(trainer.train_dataset)

    return prepared


def ours(template: str, folder: Path, scratch: Path) -> ChatTokenizer:
    """Our tokenizer for the same base with another template."""
    scratch.mkdir(exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (scratch / name).write_bytes((folder / name).read_bytes())
    (scratch / "chat_template.jinja").write_text(template, "utf-8")
    return ChatTokenizer.load(scratch)


def published(names: list[str]) -> dict[str, str]:
    trl = pytest.importorskip("trl")
    folder = Path(trl.__file__).parent / "chat_templates"
    return {name: (folder / f"{name}.jinja").read_text("utf-8") for name in names}


LAST_TURN = [
    "llama3",
    "llama3_1",
    "phi3",
    "phi3_5",
    "qwen2_5",
    "gemma3",
    "qwen3_instruct_2507",
    "deepseekv3",
    "cohere2",
]
SYSTEMLESS = ["gemma"]
# Thoughts are asked for by the prompt: what it gives already isn't learned.
THINKING = ["qwen3", "qwen3_5_think", "nemotron_3_nano", "gptoss"]


def test_labels_equal_those_of_trl_for_prompt_and_completion(
    trl_labels: Callable[..., list[dict[str, list[int]]]], small_base: Path, tmp_path: Path
) -> None:
    templates = {**FORMATS, **published([*LAST_TURN, *SYSTEMLESS, *THINKING])}
    for name, template in templates.items():
        tokenizer = ours(template, small_base, tmp_path / name)
        talks = [PAIR[1:], LONG[1:]] if name in SYSTEMLESS else [PAIR, PAIR[1:], LONG][: 2 if name in THINKING else 3]
        rows = [{"prompt": talk[:-1], "completion": talk[-1:]} for talk in talks]
        for talk, theirs in zip(talks, trl_labels(template, rows), strict=True):
            row = labelled(talk, tokenizer.encode)
            assert theirs["input_ids"] == row.input_ids, name
            start, end = row.spans[-1]
            mine = [IGNORED] * start + row.input_ids[start:end] + [IGNORED] * (len(row.labels) - end)
            assert theirs["labels"] == mine, name


# Of the families that TRL has a training template for, those that mark the answer and its end as the answer.
MARKED = ["cohere", "cohere2", "gemma3", "llama3", "phi3", "phi3_5", "qwen3_instruct_2507"]


def test_labels_equal_those_of_trl_for_generation_marks_in_every_turn(
    trl_labels: Callable[..., list[dict[str, list[int]]]], small_base: Path, tmp_path: Path
) -> None:
    for name, template in published(MARKED).items():
        tokenizer = ours(template, small_base, tmp_path / name)
        rows = [{"messages": talk} for talk in (PAIR, LONG)]
        for talk, theirs in zip((PAIR, LONG), trl_labels(template, rows, assistant_only_loss=True), strict=True):
            row = labelled(talk, tokenizer.encode)
            assert theirs["input_ids"] == row.input_ids, name
            assert theirs["labels"] == row.labels, name


def test_the_newline_that_qwens_prompt_gives_already_is_all_that_trl_learns_more(
    trl_labels: Callable[..., list[dict[str, list[int]]]], small_base: Path, tmp_path: Path
) -> None:
    template = published(["qwen2_5"])["qwen2_5"]
    tokenizer = ours(template, small_base, tmp_path / "qwen")
    row = labelled(LONG, tokenizer.encode)
    (theirs,) = trl_labels(template, [{"messages": LONG}], assistant_only_loss=True)
    assert theirs["input_ids"] == row.input_ids
    unlike = [place for place, label in enumerate(row.labels) if label != theirs["labels"][place]]
    assert unlike == [start - 1 for start, _ in row.spans]
    assert all(row.labels[place] == IGNORED and tokenizer.decode([row.input_ids[place]]) == "\n" for place in unlike)


# Where no mask would be right


def test_a_template_that_drops_earlier_thoughts_is_refused_for_several_turns(small_base: Path, tmp_path: Path) -> None:
    tokenizer = ours(published(["qwen3"])["qwen3"], small_base, tmp_path / "qwen3")
    assert len(labelled(PAIR, tokenizer.encode).spans) == 1
    with pytest.raises(ShiftingTemplate, match=r"writes message 3 otherwise once another one follows"):
        labelled(LONG, tokenizer.encode)


@pytest.mark.parametrize(
    "template",
    [
        # The system prompt goes into the last question.
        "{% for m in messages %}{% if m.role == 'user' %}[{% if loop.last or loop.index0 == messages|length - 2 %}"
        "{{ messages[0].content }} {% endif %}{{ m.content }}]{% elif m.role == 'assistant' %}{{ m.content }}</s>"
        "{% endif %}{% endfor %}",
        # Earlier answers are cut.
        "{% for m in messages %}<{{ m.role }}>{{ m.content if loop.last else m.content[:4] }}</s>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}",
        # The number of messages stands in front.
        "{{ messages|length }}{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}",
    ],
)
def test_a_template_that_changes_what_was_said_is_refused(template: str, small_base: Path, tmp_path: Path) -> None:
    with pytest.raises(ShiftingTemplate):
        labelled(LONG, ours(template, small_base, tmp_path / "t").encode)


def test_an_answer_that_merges_with_the_prompt_is_still_learned(tmp_path: Path) -> None:
    # No border between prompt and answer, so that one token may hold the end of one and the start of the other.
    template = "{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %}</s>{% endif %}{% endfor %}"
    tokenizer = ChatTokenizer.load(write_tokenizer(tmp_path / "t", template))
    merged = [{"role": "user", "content": "Soft"}, {"role": "assistant", "content": "tor"}]
    row = labelled(merged, tokenizer.encode)
    assert tokenizer.decode(row.input_ids) == "Softtor</s>"
    assert "tor</s>".endswith(learned(row, tokenizer)[0]) or "Softtor</s>".endswith(learned(row, tokenizer)[0])
    assert learned(row, tokenizer)[0].endswith("</s>")


@pytest.mark.parametrize(
    ("messages", "message"),
    [(PAIR[:2], "nothing is answered"), (PAIR[2:], "begins with an answer"), ([], "nothing is answered")],
)
def test_a_conversation_without_question_or_answer_says_so(
    messages: list[ChatMessage], message: str, base: Callable[[str], ChatTokenizer]
) -> None:
    with pytest.raises(BadInput, match=message):
        labelled(messages, base("chatml").encode)
