"""The light way from messages to token ids gives what transformers gives, and says what is wrong with a template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.recipe.templates import ChatTokenizer, TemplateRefused
from tests.conftest import Start, finished
from tests.training.conftest import CHATML, LLAMA2, PHI3, ZEPHYR, write_tokenizer

pytestmark = pytest.mark.xdist_group("learning")

TALK = [
    {"role": "system", "content": "Você é Cláudio."},
    {"role": "user", "content": "Quem és tu? "},
    {"role": "assistant", "content": "Sou o Cláudio.\n\n👋🏽 </s>"},
    {"role": "user", "content": "E o João?"},
    {"role": "assistant", "content": "Trabalha na Softtor."},
]


def loaded(folder: Path, template: str | None = ZEPHYR, **config: object) -> ChatTokenizer:
    return ChatTokenizer.load(write_tokenizer(folder, template, **config))


def shipped_templates() -> list[Path]:
    """The templates of well-known models that TRL carries."""
    trl = pytest.importorskip("trl")
    found = sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja"))
    assert len(found) > 20
    return found


def test_ids_and_text_are_those_of_transformers_for_every_published_format(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    folder = write_tokenizer(tmp_path / "base")
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    compared = 0
    for template in (ZEPHYR, PHI3, LLAMA2, CHATML, *(path.read_text("utf-8") for path in shipped_templates())):
        (folder / "chat_template.jinja").write_text(template, "utf-8")
        theirs.chat_template = template
        ours = ChatTokenizer.load(folder)
        for messages in (TALK, TALK[1:], TALK[:2], TALK[1:2]):
            for prompted in (True, False):
                try:
                    expected = theirs.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompted)
                except Exception:
                    with pytest.raises(TemplateRefused):
                        ours.render(messages, prompted)
                    continue
                compared += 1
                assert ours.render(messages, prompted) == expected
                ids = theirs.apply_chat_template(messages, add_generation_prompt=prompted, return_dict=True)[
                    "input_ids"
                ]
                assert ours.encode(messages, prompted) == ids
    assert compared > 300


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=40), min_size=2, max_size=4))
def test_any_text_survives_encoding_and_decoding(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    tokenizer = loaded(tmp_path_factory.mktemp("t"))
    messages = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]
    text = tokenizer.render(messages, False)
    assert tokenizer.decode(tokenizer.encode(messages, False)) == text
    assert all(m["content"] in text for m in messages)


def test_special_tokens_are_written_once_though_the_tokenizer_would_add_its_own(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, processors

    folder = write_tokenizer(tmp_path / "base", LLAMA2)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(folder / "tokenizer.json"))
    ids = ChatTokenizer.load(folder).encode(TALK[1:3], False)
    assert ids.count(0) == 1
    assert ids[0] == 0
    assert 3 < len(ids) < 64


def test_a_special_token_may_be_written_as_an_object(tmp_path: Path) -> None:
    folder = write_tokenizer(tmp_path / "base", eos_token={"content": "</s>", "lstrip": False, "special": True})
    assert ChatTokenizer.load(folder).render(TALK[1:2], False).endswith("Quem és tu? </s>\n")


def test_an_older_folder_names_its_special_tokens_in_a_file_of_their_own(tmp_path: Path) -> None:
    folder = write_tokenizer(tmp_path / "base", eos_token=None)
    (folder / "special_tokens_map.json").write_text(json.dumps({"eos_token": {"content": "</s>"}}))
    assert "</s>" in ChatTokenizer.load(folder).render(TALK, False)


@pytest.mark.parametrize("stored", ["text", "list"])
def test_the_template_may_stand_in_the_tokenizer_config(stored: str, tmp_path: Path) -> None:
    named = [{"name": "tool_use", "template": "no"}, {"name": "default", "template": CHATML}]
    tokenizer = loaded(tmp_path / "base", None, chat_template=CHATML if stored == "text" else named)
    assert tokenizer.render(TALK[1:2], True) == "<|im_start|>user\nQuem és tu? <|im_end|>\n<|im_start|>assistant\n"


def test_a_base_without_a_template_is_told_from_a_chat_model(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^gpt: the model has no chat template.*Choose a chat or instruct model\.$"):
        loaded(tmp_path / "gpt", None)


def test_templates_without_a_default_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no chat template is the default one \(there are: rag\)"):
        loaded(tmp_path / "base", None, chat_template=[{"name": "rag", "template": "x"}])


def test_a_folder_without_a_tokenizer_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no tokenizer\.json"):
        ChatTokenizer.load(tmp_path)


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_a_torn_file_is_named(name: str, tmp_path: Path) -> None:
    folder = write_tokenizer(tmp_path / "base")
    (folder / name).write_text('{"version": ')
    with pytest.raises(BadInput, match=name):
        ChatTokenizer.load(folder)


def test_a_template_with_a_syntax_error_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="chat template can't be read"):
        loaded(tmp_path / "base", "{% for m in messages %}{{ m.content }}")


def test_a_template_that_takes_no_system_prompt_says_what_to_do(tmp_path: Path) -> None:
    template = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}ok"
    tokenizer = loaded(tmp_path / "base", template)
    with pytest.raises(
        TemplateRefused, match=r"no system prompt \(System role not supported\).*Leave the system prompt"
    ):
        tokenizer.render(TALK, False)
    assert tokenizer.render(TALK[1:], False) == "ok"


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('\x1b]0;owned\x07 no') }}",
        "{{ 1 // 0 }}",
        "{{ messages[9].content }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
        "{% set n = namespace(a=1) %}{% set n.__class__ = 1 %}",
        "{{ messages.append(1) }}",
    ],
)
def test_what_a_template_raises_or_tries_becomes_one_safe_sentence(template: str, tmp_path: Path) -> None:
    with pytest.raises(TemplateRefused) as caught:
        loaded(tmp_path / "base", template).render(TALK, False)
    assert caught.value.sentence().isprintable()
    assert "refuses the conversation" in caught.value.sentence()


def test_the_modules_load_neither_tokenizers_nor_jinja_before_they_are_used(start: Start) -> None:
    code = (
        "import sys, molting_tui.recipe.labels, molting_tui.recipe.templates\n"
        "print([name for name in ('tokenizers', 'jinja2', 'torch') if name in sys.modules])"
    )
    assert finished(start(code)).strip() == "[]"
