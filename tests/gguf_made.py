"""A tiny Llama as a GGUF file, with random weights and a tokenizer trained on the spot: enough for a real server.

The format (version 3): magic, counts, key-value pairs, tensor descriptions, padding to 32, the tensors one by one.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.training.conftest import CHATML, write_tokenizer

_U32, _I32, _F32, _BOOL, _TEXT, _LIST = 4, 5, 6, 7, 8, 9
_ALIGNED = 32
_HIDDEN, _INNER, _HEADS, _KV_HEADS, _LAYERS, _CONTEXT = 32, 64, 4, 2, 1, 512
_NORMAL, _CONTROL = 1, 3


def write_gguf(folder: Path, template: str = CHATML) -> Path:
    """`tiny.gguf` in a new folder; the same one each time."""
    write_tokenizer(folder, template)
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    vocabulary = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].__getitem__)
    control = {token["content"] for token in tokenizer["added_tokens"] if token["special"]}
    merges = [" ".join(merge) if isinstance(merge, list) else merge for merge in tokenizer["model"]["merges"]]
    end = vocabulary.index("<|im_end|>" if "<|im_end|>" in vocabulary else "</s>")
    pairs = [
        _pair("general.architecture", _TEXT, "llama"),
        _pair("llama.context_length", _U32, _CONTEXT),
        _pair("llama.embedding_length", _U32, _HIDDEN),
        _pair("llama.block_count", _U32, _LAYERS),
        _pair("llama.feed_forward_length", _U32, _INNER),
        _pair("llama.attention.head_count", _U32, _HEADS),
        _pair("llama.attention.head_count_kv", _U32, _KV_HEADS),
        _pair("llama.attention.layer_norm_rms_epsilon", _F32, 1e-5),
        _pair("tokenizer.ggml.model", _TEXT, "gpt2"),
        _pair("tokenizer.ggml.pre", _TEXT, "gpt-2"),
        _texts("tokenizer.ggml.tokens", vocabulary),
        _numbers("tokenizer.ggml.token_type", [_CONTROL if word in control else _NORMAL for word in vocabulary]),
        _texts("tokenizer.ggml.merges", merges),
        _pair("tokenizer.ggml.bos_token_id", _U32, vocabulary.index("<s>")),
        _pair("tokenizer.ggml.eos_token_id", _U32, end),
        _pair("tokenizer.ggml.add_bos_token", _BOOL, False),
        _pair("tokenizer.chat_template", _TEXT, template),
    ]
    path = folder / "tiny.gguf"
    path.write_bytes(_file(pairs, _tensors(len(vocabulary))))
    return path


def _tensors(words: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(7)

    def matrix(out: int, into: int) -> np.ndarray:
        return (draw.standard_normal((out, into)) * 0.3).astype("<f4")

    narrow = _HIDDEN * _KV_HEADS // _HEADS
    tensors = {"token_embd.weight": matrix(words, _HIDDEN), "output.weight": matrix(words, _HIDDEN)}
    tensors["output_norm.weight"] = np.ones(_HIDDEN, "<f4")
    for layer in range(_LAYERS):
        shapes = {
            "attn_q": (_HIDDEN, _HIDDEN), "attn_k": (narrow, _HIDDEN), "attn_v": (narrow, _HIDDEN),
            "attn_output": (_HIDDEN, _HIDDEN), "ffn_gate": (_INNER, _HIDDEN), "ffn_up": (_INNER, _HIDDEN),
            "ffn_down": (_HIDDEN, _INNER),
        }  # fmt: skip
        tensors |= {f"blk.{layer}.{name}.weight": matrix(*shape) for name, shape in shapes.items()}
        tensors |= {f"blk.{layer}.{name}.weight": np.ones(_HIDDEN, "<f4") for name in ("attn_norm", "ffn_norm")}
    return tensors


def _file(pairs: Sequence[bytes], tensors: dict[str, np.ndarray]) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + b"".join(pairs)
    data = b""
    for name, tensor in tensors.items():
        head += _text(name) + struct.pack("<I", tensor.ndim)
        head += struct.pack(f"<{tensor.ndim}QIQ", *reversed(tensor.shape), 0, len(data))
        data += _padded(tensor.tobytes())
    return _padded(head) + data


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNED)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _pair(key: str, kind: int, value: str | float) -> bytes:
    if isinstance(value, str):
        return _text(key) + struct.pack("<I", kind) + _text(value)
    form = {_U32: "<I", _F32: "<f", _BOOL: "<?"}[kind]
    return _text(key) + struct.pack("<I", kind) + struct.pack(form, value)


def _texts(key: str, values: Sequence[str]) -> bytes:
    return _text(key) + struct.pack("<IIQ", _LIST, _TEXT, len(values)) + b"".join(map(_text, values))


def _numbers(key: str, values: Sequence[int]) -> bytes:
    return _text(key) + struct.pack(f"<IIQ{len(values)}i", _LIST, _I32, len(values), *values)
