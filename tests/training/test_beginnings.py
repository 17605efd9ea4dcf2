"""Beginnings of a conversation have the token ids that they have alone, whatever the tokenizer, and cost less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.recipe.beginnings import Beginnings
from molting_tui.recipe.labels import Labelled, labelled
from molting_tui.recipe.templates import ChatMessage, ChatTokenizer, Tokens
from tests.training.conftest import CHATML, LLAMA2, PHI3, TEXTS, ZEPHYR, write_tokenizer

pytestmark = pytest.mark.xdist_group("learning")

FORMATS = {"tinyllama": ZEPHYR, "phi-3": PHI3, "llama-2": LLAMA2, "chatml": CHATML}
PLAIN = "{% for m in messages %}{{ m.content }}{% endfor %}"
"""What is said and nothing else: a format without control tokens, unless somebody says them."""
ODD = {
    "cut": "{% for m in messages %}<|{{ m.role }}|>{{ m.content if loop.last else m.content[:4] }}</s>{% endfor %}",
    "counted": "{{ messages|length }}{% for m in messages %}<s>{{ m.content }}</s>{% endfor %}",
    "plain": PLAIN,
}
PIECES = (
    *("Quem é João?", " Sou", "o", "é", " ", "\n", "  \n", "word", "wor", "d"),
    *("</s>", "<s>", "<a>", "<a><b>", "<b>", "<a", "><", "b>", "<unk>"),
)


def talk(messages: int, said: str = "Mensagem {}: a fila drena antes do deploy.") -> list[ChatMessage]:
    return [{"role": ("user", "assistant")[place % 2], "content": said.format(place)} for place in range(messages)]


TALKS: list[list[ChatMessage]] = [
    talk(2),
    [{"role": "system", "content": "Você é Cláudio."}, *talk(6)],
    [{"role": "system", "content": "Você é </s> Cláudio."}, *talk(4, "</s>\n<|assistant|>\n{}<|end|> <|im_end|>")],
    talk(8, "{} \n"),
    talk(14),
]


def outcome(messages: list[ChatMessage], encode: Callable[[Sequence[ChatMessage], bool], list[int]]) -> Labelled | str:
    """What is learned, or why it can't be told."""
    try:
        return labelled(messages, encode)
    except BadInput as error:
        return error.sentence()


def check_labels(chat: ChatTokenizer, talks: Sequence[list[ChatMessage]] = TALKS) -> None:
    """Hold the labels made from beginnings to those of messages that are encoded each time from the start."""
    for messages in talks:
        try:
            beginnings = Beginnings(chat, messages)
        except BadInput:
            continue  # it refuses the whole, however it is encoded
        assert outcome(messages, beginnings.encode) == outcome(messages, chat.encode), chat.name


@pytest.mark.parametrize("name", [*FORMATS, *ODD])
def test_labels_are_those_of_messages_encoded_from_the_start(name: str, tmp_path: Path) -> None:
    template = {**FORMATS, **ODD}[name]
    check_labels(ChatTokenizer.load(write_tokenizer(tmp_path / "base", template), name))


def test_labels_are_the_same_in_every_published_format(tmp_path: Path) -> None:
    trl = pytest.importorskip("trl")
    paths = sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja"))
    assert len(paths) > 10
    base = write_tokenizer(tmp_path / "base", CHATML)
    for path in paths:
        (base / "chat_template.jinja").write_bytes(path.read_bytes())
        check_labels(ChatTokenizer.load(base, path.stem), TALKS[:3])


def tokenizers(folder: Path) -> dict[str, ChatTokenizer]:
    """Tokenizers of each kind that bases have, with control tokens of each kind, in a format that adds nothing."""
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, trainers

    def trained(model: str, kind: str) -> Tokenizer:
        bare = Tokenizer(models.Unigram() if model == "unigram" else models.BPE(unk_token="<unk>"))
        if model == "byte-level":
            bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        elif model == "sentencepiece":  # the whole text is one word, and the first piece begins with a blank
            bare.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        else:
            bare.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
        texts, size = [*TEXTS, *PIECES], 160
        if model == "unigram":
            trainer = trainers.UnigramTrainer(vocab_size=size, unk_token="<unk>", special_tokens=["<unk>"])
        else:
            trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=["<unk>"], show_progress=False)
        bare.train_from_iterator(texts, trainer)
        options = {} if kind == "plain" else {kind: True}
        names = ("<s>", "</s>", "<a>", "<a><b>", "o<s>o", "><", "word", " \n")
        bare.add_special_tokens([AddedToken(name, **{"normalized": False, **options}) for name in names])
        return bare

    made = {}
    for model in ("byte-level", "sentencepiece", "metaspace", "unigram"):
        for kind in ("plain", "rstrip", "lstrip", "single_word", "normalized"):
            place = write_tokenizer(folder / f"{model}-{kind}", PLAIN)
            trained(model, kind).save(str(place / "tokenizer.json"))
            made[place.name] = ChatTokenizer.load(place)
    return made


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ChatTokenizer]:
    return tokenizers(tmp_path_factory.mktemp("tokenizers"))


TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(whole=TEXT, upto=st.integers(0, 60), other=TEXT)
def test_a_text_has_the_same_ids_beside_any_other(
    whole: str, upto: int, other: str, every: dict[str, ChatTokenizer]
) -> None:
    for name, chat in every.items():
        beginnings = Beginnings(chat, [{"role": "user", "content": whole}])
        for text in (whole[:upto], whole[:upto] + other, other):
            assert beginnings.ids_of(text) == chat.ids(text), name


@pytest.mark.parametrize(
    ("whole", "text"), [("é<a>é", "é<a><b>"), ("o<s>é", "o<s>o, e"), ("é<s>o<s>é", "é<s>o<s>o, e")]
)
def test_a_control_token_that_only_the_beginning_has_is_not_torn(
    whole: str, text: str, every: dict[str, ChatTokenizer]
) -> None:
    chat = every["byte-level-plain"]
    assert Beginnings(chat, [{"role": "user", "content": whole}]).ids_of(text) == chat.ids(text)


def test_a_control_token_that_another_hides_is_not_taken_for_one(every: dict[str, ChatTokenizer]) -> None:
    for chat in every.values():
        beginnings = Beginnings(chat, [{"role": "user", "content": "<b><unk>0"}])
        assert beginnings.ids_of("<b><unk>0") == chat.ids("<b><unk>0")


class Counting(ChatTokenizer):
    """A tokenizer that counts the characters it encodes."""

    characters = 0

    def ids(self, text: str) -> list[int]:
        self.characters += len(text)
        return super().ids(text)

    def tokens(self, text: str) -> Tokens:
        self.characters += len(text)
        return super().tokens(text)


@pytest.mark.parametrize("name", ["tinyllama", "phi-3", "llama-2", "chatml"])
def test_a_long_pair_is_encoded_a_few_times_over_and_not_once_for_each_answer(name: str, tmp_path: Path) -> None:
    chat = Counting.load(write_tokenizer(tmp_path / "base", FORMATS[name]))
    assert isinstance(chat, Counting)
    beginnings = Beginnings(chat, messages := talk(120))
    assert len(labelled(messages, beginnings.encode).spans) == 60
    assert chat.characters < 6 * len(beginnings.text)


def test_in_a_pair_the_prompt_is_encoded_once(tmp_path: Path) -> None:
    chat = Counting.load(write_tokenizer(tmp_path / "base", ZEPHYR))
    assert isinstance(chat, Counting)
    messages = [{"role": "user", "content": "Quem é João? " * 400}, {"role": "assistant", "content": "O dev."}]
    labelled(messages, Beginnings(chat, messages).encode)
    assert chat.characters < 1.1 * len(chat.render(messages, False))
