"""Bases as files alone: a tokenizer, a config, weights whose header is right. Nothing here needs torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import prod
from pathlib import Path

from tests.training.conftest import ZEPHYR, write_tokenizer

LLAMA_LAYERS = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.up_proj")
PHI3_LAYERS = ("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj")


def write_base(
    folder: Path, template: str | None = ZEPHYR, layers: Sequence[str] = LLAMA_LAYERS, **config: object
) -> Path:
    """A base in a folder; `config` goes into its tokenizer_config.json."""
    write_tokenizer(folder, template, **config)
    sizes = {"num_hidden_layers": 1, "hidden_size": 4, "intermediate_size": 8}
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **sizes}), "utf-8")
    return write_weights(folder, layers)


def write_weights(folder: Path, layers: Sequence[str]) -> Path:
    """`model.safetensors` of one layer with these matrices, embeddings, an output layer and a norm, all of zeros."""
    shapes: dict[str, list[int]] = {"model.embed_tokens.weight": [8, 4], "lm_head.weight": [8, 4]}
    shapes |= {f"model.layers.0.{name}.weight": [4, 4] for name in layers}
    shapes |= {"model.norm.weight": [4], "model.layers.0.input_layernorm.weight": [4]}
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        size = 4 * prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    encoded = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(encoded).to_bytes(8, "little") + encoded + bytes(end))
    return folder
