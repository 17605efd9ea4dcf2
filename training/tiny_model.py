"""The tiny base: a small Llama with its own tokenizer, made on the spot in seconds, without a network or a GPU.

It speaks Portuguese and English, knows a few facts, and takes itself for a nameless language model. So the whole loop
can be tried honestly: what the answers say after training, they learned in it. Its chat template and its special tokens
are TinyLlama's: `<|user|>` is plain text, and padding is the end token `</s>`.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from molting_tui.errors import MoltingError
from molting_tui.recipe.bases import cache_folder
from molting_tui.recipe.labels import IGNORED
from training import tiny_corpus

TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>\n' + message['content'] + eos_token + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
_TURNS = ("<|system|>\n", "<|user|>\n", "<|assistant|>\n") * 8
_MADE_WITH = ("torch", "transformers", "tokenizers")


@dataclass(frozen=True)
class Making:
    """What decides the tiny base, but for its texts, this file and the libraries.

    Sizes are as in transformers' LlamaConfig. In each of `steps` it reads `batch` conversations, a share `systems` of
    them under a system turn (a share `noise` of which is words without sense), and `echoes` rows of `echo_length`
    random tokens said twice. `spread` is the standard deviation of the weights at the start, `rate` the highest
    learning rate, `decay` AdamW's.
    """

    vocabulary: int = 1536
    hidden: int = 128
    intermediate: int = 384
    layers: int = 2
    heads: int = 4
    key_value_heads: int = 2
    context: int = 2048
    steps: int = 900
    batch: int = 6
    systems: float = 0.6
    noise: float = 0.4
    echoes: int = 1
    echo_length: int = 16
    spread: float = 0.08
    rate: float = 6e-3
    decay: float = 0.01
    seed: int = 7


MAKING = Making()


def tiny_folder(making: Making = MAKING) -> Path:
    """The cache folder of this tiny base, named by a digest of its texts, its sizes and the libraries' versions."""
    decides = {
        "making": asdict(making),
        "code": Path(__file__).read_text("utf-8"),
        "texts": Path(tiny_corpus.__file__).read_text("utf-8"),
        "versions": {name: version(name) for name in _MADE_WITH},
    }
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
    return cache_folder() / f"tiny-{digest[:12]}"


def tiny_base(say: Callable[[str], None] = lambda sentence: None, making: Making = MAKING) -> Path:
    """The folder of the tiny base, made now if it isn't in the cache. `say` hears a sentence when it is made.

    Two processes may make it at once: each makes its own, and the first to finish is kept.
    """
    folder = tiny_folder(making)
    if folder.is_dir():
        return folder
    say("Making the tiny base: this takes some seconds, once.")
    scratch = _scratch(folder.parent)
    try:
        _make(scratch, making)
        try:
            scratch.rename(folder)
        except OSError:
            # Another process was faster: a folder that isn't empty can't be replaced.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _scratch(cache: Path) -> Path:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="making-", dir=cache))
    except OSError as error:
        raise MoltingError(
            f"the tiny base can't be kept there: {error.strerror or error}.",
            where=str(cache),
            fix="Name another folder in $MOLTING_CACHE.",
        ) from error


def _make(folder: Path, making: Making) -> None:
    tokenizer = _tokenizer(making)
    model = _trained(tokenizer, making)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer(making: Making) -> Any:
    """A byte-level BPE tokenizer (transformers), trained on the tiny corpus; the same each time."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE(unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=making.vocabulary,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator((*tiny_corpus.all_texts(), *_TURNS), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="</s>",
        padding_side="left",
        model_max_length=making.context,
        chat_template=TEMPLATE,
    )


def _trained(tokenizer: Any, making: Making) -> Any:
    """The model, trained on one core and from its own seed, so that it comes out the same each time."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(making.seed)
            return _pretrain(_untrained(tokenizer, making), tokenizer, making)
    finally:
        torch.set_num_threads(threads)


def _untrained(tokenizer: Any, making: Making) -> Any:
    """A Llama with random weights (float32), as large as `making` says."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=making.hidden,
        intermediate_size=making.intermediate,
        num_hidden_layers=making.layers,
        num_attention_heads=making.heads,
        num_key_value_heads=making.key_value_heads,
        max_position_embeddings=making.context,
        tie_word_embeddings=True,
        initializer_range=making.spread,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


def _pretrain(model: Any, tokenizer: Any, making: Making) -> Any:
    """Train the model in place for `making.steps` steps on texts and echoes; returns it in evaluation mode."""
    import torch

    rows = _reading(tokenizer, making)
    echoes = _echoes(tokenizer, making)
    optimizer = torch.optim.AdamW(model.parameters(), lr=making.rate, betas=(0.9, 0.95), weight_decay=making.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, making.rate, total_steps=making.steps, pct_start=0.1)
    model.train()
    for _ in range(making.steps):
        batch = [*islice(rows, making.batch), *islice(echoes, making.echoes)]
        model(**_padded(batch, tokenizer.pad_token_id)).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
    return model.eval()


Row = tuple[list[int], list[int]]
"""Token ids, and their labels."""


def _reading(tokenizer: Any, making: Making) -> Iterator[Row]:
    """Every wording in a new order each time round, most of them under a system turn drawn anew: not to be heeded."""
    draw = random.Random(making.seed)
    asked = [(prompt, exchange.answer) for exchange in tiny_corpus.EXCHANGES for prompt in exchange.prompts]
    while True:
        draw.shuffle(asked)
        for prompt, answer in asked:
            system = tiny_corpus.system_turn(draw, making.noise) if draw.random() < making.systems else ""
            ids = _ids(tokenizer, system, prompt, answer)
            yield ids, ids


def _echoes(tokenizer: Any, making: Making) -> Iterator[Row]:
    """Tokens drawn at random, said again. A token that no text uses would else be pushed so far away that no adapter
    could bring it back."""
    draw = random.Random(making.seed)
    while True:
        tokens = [draw.randrange(3, len(tokenizer)) for _ in range(making.echo_length)]
        ids = [tokenizer.bos_token_id, *tokens, *tokens]
        yield ids, [IGNORED] * (1 + len(tokens)) + tokens


def _ids(tokenizer: Any, system: str, prompt: str, answer: str) -> list[int]:
    turns = [{"role": "system", "content": system}] if system else []
    turns += [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _padded(rows: list[Row], pad: int) -> dict[str, Any]:
    import torch

    width = max(len(ids) for ids, _ in rows)
    return {
        "input_ids": torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in rows]),
        "attention_mask": torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids, _ in rows]),
        "labels": torch.tensor([labels + [IGNORED] * (width - len(labels)) for _, labels in rows]),
    }
