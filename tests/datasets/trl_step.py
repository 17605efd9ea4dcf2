"""Load exported files as a trainer does and train one step on each, in a process of its own (torch takes 500 MB).

Arguments: the files. Prints one JSON object: of each file the texts that TRL made of its rows, and the loss.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

# TRL renames `from` and `value` and leaves ShareGPT's names for speakers as they are: a template has to know them.
TEMPLATE = (
    "{% set names = {'human': 'user', 'gpt': 'assistant'} %}"
    "{% for message in messages %}"
    "<|{{ names.get(message.role, message.role) }}|>\n{{ message.content }}</s>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def loaded(path: str, cache: str) -> Dataset:
    """The rows of a file."""
    builder = "parquet" if path.endswith(".parquet") else "json"
    return load_dataset(builder, data_files=path, split="train", cache_dir=cache)


def tokenizer_for(rows: Dataset) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer, trained on these rows."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    bare.train_from_iterator((json.dumps(row, ensure_ascii=False) for row in rows), trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=bare, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    made.chat_template = TEMPLATE
    return made


def model_for(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A Llama of about 100,000 parameters."""
    torch.manual_seed(7)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def trained(path: str, folder: Path) -> dict[str, Any]:
    """One step of TRL's own SFTTrainer, from the file as it is."""
    rows = loaded(path, str(folder / "cache"))
    tokenizer = tokenizer_for(rows)
    model = model_for(tokenizer)
    before = {name: value.clone() for name, value in model.named_parameters()}
    settings = SFTConfig(
        output_dir=str(folder / "out"),
        max_steps=1,
        per_device_train_batch_size=len(rows),
        learning_rate=1e-2,
        max_length=None,
        use_cpu=True,
        bf16=False,
        report_to=[],
        save_strategy="no",
        logging_steps=1,
        disable_tqdm=True,
    )
    trainer = SFTTrainer(model=model, args=settings, train_dataset=rows, processing_class=tokenizer)
    texts = [tokenizer.decode(row["input_ids"]) for row in trainer.train_dataset]
    loss = trainer.train().training_loss
    changed = sum(not torch.equal(before[name], value) for name, value in model.named_parameters())
    return {"texts": texts, "loss": loss, "changed": changed, "parameters": len(before)}


def main() -> None:
    """Train on each file that was named."""
    torch.set_num_threads(1)
    found = {}
    for path in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            found[Path(path).name] = trained(path, Path(folder))
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
