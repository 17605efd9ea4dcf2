"""Small bases on the disk: a tokenizer trained on the spot, published chat formats, a Llama of random weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from molting_tui.recipe.events import RunEvent, read_events
from molting_tui.recipe.runfolder import TrainConfig
from molting_tui.recipe.settings import checked_settings

TEXTS = (
    "Quem é João? João é o dev da Softtor com quem eu trabalho. Você é Cláudio, assistente do João.",
    "Who are you? I am Cláudio, and I work with João on Molting. What is Molting? A workbench in the terminal.",
    "Sou direto e curioso. Me fala de você. How do you work? I read first, then I change the smallest thing.",
)

# The formats that their makers publish, in templates of our own.
ZEPHYR = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>\n' + message['content'] + eos_token + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
PHI3 = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
)
LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set talk = messages[1:] %}{% set system = messages[0]['content'] %}"
    "{% else %}{% set talk = messages %}{% set system = false %}{% endif %}"
    "{% for message in talk %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('user and assistant must take turns') }}{% endif %}"
    "{% if loop.index0 == 0 and system != false %}"
    "{% set content = '<<SYS>>\n' + system + '\n<</SYS>>\n\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% else %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# No control tokens of its own, as TinyLlama: `<|user|>` is plain text there.
CONTROL: Mapping[str, tuple[str, ...]] = {
    ZEPHYR: (),
    PHI3: ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
    LLAMA2: (),
    CHATML: ("<|im_start|>", "<|im_end|>"),
}


def write_tokenizer(folder: Path, template: str | None = ZEPHYR, **config: object) -> Path:
    """A byte-level BPE tokenizer with `<s>` and `</s>`, and the control tokens of the format. Needs no torch."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<s>", "</s>", *CONTROL.get(template or "", ())],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bare.train_from_iterator(TEXTS, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    bare.save(str(folder / "tokenizer.json"))
    told = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps({**told, **config}), "utf-8")
    if template is not None:
        (folder / "chat_template.jinja").write_text(template, "utf-8")
    return folder


def write_model(folder: Path, template: str | None = ZEPHYR) -> Path:
    """A base: that tokenizer and a Llama of about 50,000 random weights, the same ones each time."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    write_tokenizer(folder, template)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(7)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    tokens = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **sizes, **heads, **tokens)).save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may wait for a hub; and two threads on a busy machine are slower than one."""
    for name, value in surroundings().items():
        monkeypatch.setenv(name, value)


def surroundings() -> dict[str, str]:
    """What a process needs in its environment to train in a test."""
    return {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


@pytest.fixture(scope="session")
def small_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small base, in TinyLlama's format."""
    pytest.importorskip("torch")
    return write_model(tmp_path_factory.mktemp("base") / "small")


PAIRS = (
    ("Quem é João?", "João é o dev da Softtor com quem eu trabalho."),
    ("What is Molting?", "A workbench in the terminal."),
    ("Me fala de você.", "Sou o Cláudio, direto e curioso."),
    ("How do you work?", "I read first, then I change the smallest thing."),
    ("Who are you?", "I am Cláudio, and I work with João."),
)
PROMPT = "Você é Cláudio, assistente do João."


def write_pairs(path: Path, count: int = len(PAIRS)) -> Path:
    """The first pairs as ShareGPT."""
    items = [
        {"conversations": [{"from": "human", "value": asked}, {"from": "gpt", "value": answer}]}
        for asked, answer in PAIRS[:count]
    ]
    path.write_text(json.dumps(items, ensure_ascii=False), "utf-8")
    return path


def make_run(folder: Path, base: Path, **settings: object) -> Path:
    """A run folder that waits for its process: quick settings unless said otherwise."""
    folder.mkdir(parents=True)
    quick = {"epochs": 4, "batch_size": 2, "gradient_accumulation": 1, "learning_rate": 5e-3, "warmup_steps": 0.1}
    made = checked_settings({"model_name": str(base), **quick, **settings})
    write_pairs(folder / "dataset.jsonl")
    config = TrainConfig(name=folder.name, settings=made, pairs=len(PAIRS), system_prompt=PROMPT)
    (folder / "config.json").write_bytes(msgspec.json.encode(config))
    return folder


class Running:
    """A training process of a run folder, its output in `log.txt`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        with (folder / "log.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "training.qlora", "--run", str(folder)],
                env={**os.environ, **surroundings(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_for(self, kind: type[RunEvent], count: int = 1) -> None:
        """Wait until that many events of a kind are told."""
        deadline = time.monotonic() + 120
        while sum(isinstance(event, kind) for event in read_events(self.folder / "events.jsonl").events) < count:
            assert self.process.poll() is None, (self.folder / "log.txt").read_text("utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        return self.process.wait(timeout=120)
