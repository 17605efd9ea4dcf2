"""Base models: found by name, and loaded the same way by training and answering.

A base is `tiny` (made on the spot), a local folder, or a hub id. Nothing that a base brings is ever run: no code of its
own, no pickles, only safetensors.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.bases import NAME_ONE, folder_of, no_weights, weights_of
from molting_tui.recipe.settings import TINY, Quantisation
from molting_tui.regular_files import open_regular

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LIGHT_FILES = ("*.json", "*.jinja", "tokenizer.model")
_WEIGHTS = (*_LIGHT_FILES, "model*.safetensors")


def _silent(sentence: str) -> None:
    """For callers who don't want to hear."""


def resolve(name: str, say: Callable[[str], None] = _silent) -> str:
    """Where the base with this name is: the path of a local folder, or the hub id itself.

    `tiny` is built if it isn't in the cache yet, which takes seconds; `say` hears a sentence about that. A folder wins
    over a hub id of the same spelling. Raises BadInput for a name that can be neither, and for a folder that holds no
    model.
    """
    if name == TINY:
        from training.tiny_model import tiny_base

        return str(tiny_base(say))
    return str(folder_of(name) or name)


def local_folder(source: str) -> Path:
    """The local folder of what `resolve` gave: with config and tokenizer in it, so that they can be read without torch.

    Of a hub id the small files are downloaded if they aren't there. Raises BadInput for an id that the hub doesn't
    know, MoltingError if it can't be reached and the files aren't in its cache.
    """
    return _fetched(source, _LIGHT_FILES)


def _fetched(source: str, files: tuple[str, ...]) -> Path:
    """Everything is fetched in one go, and read from the folder then: without a network that fails at once, where a
    download of each file by itself would be tried again for minutes."""
    if Path(source).is_dir():
        return Path(source)
    from huggingface_hub import snapshot_download

    with _sentences(source):
        return Path(snapshot_download(source, allow_patterns=list(files)))


def load_tokenizer(source: str) -> Any:
    """The base's own tokenizer (transformers). A tokenizer without a padding token pads with its end token.

    Raises BadInput for one that can't be read, needs code of its own, or has no end token.
    """
    from transformers import AutoTokenizer

    folder = local_folder(source)
    with _sentences(source):
        tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
    if tokenizer.eos_token_id is None:
        raise BadInput(
            "the tokenizer has no end token (`eos_token`), so an answer would never end.",
            where=source,
            fix="Take the chat variant of this base.",
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(source: str, quantisation: Quantisation, *, exact: bool = False) -> Any:
    """The base's model, in evaluation mode, on the GPU if there is one.

    `nf4` is 4-bit NormalFloat with double quantisation, computing in bfloat16 (float16 on a GPU that has none). `none`
    is bfloat16 on a GPU and float32 without one, where bfloat16 is slower. `exact` computes in float32 where there is
    no GPU, so that a row's logits don't depend on the other rows of its batch.

    Raises BadInput for what is no model, is torn, or needs code of its own; MoltingError where bitsandbytes or the
    network is missing.
    """
    import torch
    from transformers import AutoModelForCausalLM

    if quantisation == "nf4" and importlib.util.find_spec("bitsandbytes") is None:
        raise MoltingError(
            "4-bit needs bitsandbytes, which isn't installed.",
            fix="Install it (`pip install 'molting[train]'`) or set quantisation to `none`.",
        )
    folder = _fetched(source, _WEIGHTS)
    # transformers only says that a file is torn, and not which.
    if not weights_of(folder):
        raise no_weights(folder)
    gpu = torch.cuda.is_available()
    options: dict[str, Any] = {"device_map": {"": 0} if gpu else "cpu", "attn_implementation": "sdpa"}
    if quantisation == "nf4":
        options |= _four_bit(torch.float32 if exact and not gpu else compute_dtype())
    else:
        options["dtype"] = compute_dtype() if gpu else torch.float32
    with _sentences(source):
        model = AutoModelForCausalLM.from_pretrained(
            str(folder), trust_remote_code=False, use_safetensors=True, **options
        )
    if quantisation == "nf4" and not gpu:
        _compute_as_asked(model)
    return model


def weights_digest(source: str) -> str:
    """SHA-256 (hex) of a base that was loaded: its config and its weights, by the names of their files.

    A file in the hub's cache is called by its own SHA-256; others are read, at about a second a gigabyte.
    """
    folder, whole = _fetched(source, _WEIGHTS), hashlib.sha256()
    for path in (folder / "config.json", *sorted(folder.glob("*.safetensors"))):
        whole.update(f"{path.name}\0{_file_digest(path)}\n".encode())
    return whole.hexdigest()


def _file_digest(path: Path) -> str:
    blob = path.resolve()
    if blob.parent.name == "blobs" and _SHA256.fullmatch(blob.name):
        return blob.name
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compute_dtype() -> Any:
    """bfloat16, or float16 on a GPU that doesn't compute in bfloat16 (compute capability below 8)."""
    import torch

    if torch.cuda.is_available() and torch.cuda.get_device_capability()[0] < 8:
        return torch.float16
    return torch.bfloat16


def _compute_as_asked(model: Any) -> None:
    """bitsandbytes answers by a kernel of its own on some processors (AVX-512 with bfloat16), whatever it was told to
    compute in: it rounds otherwise than training did, and fails on narrow layers."""
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _four_bit(compute: Any) -> dict[str, Any]:
    from transformers import BitsAndBytesConfig

    four_bit = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )
    return {"quantization_config": four_bit, "dtype": compute}


@contextmanager
def _sentences(source: str) -> Iterator[None]:
    """Turns what the libraries raise about a base into one sentence."""
    try:
        yield
    except MoltingError:
        raise
    except Exception as error:
        raise _explained(error, source) from error


def _explained(error: Exception, source: str) -> MoltingError:
    """What a library's error about `source` means, as an error to raise. The hub's are known by their causes too."""
    from huggingface_hub import errors as hub

    causes = [error, *_causes(error)]
    text = " ".join(str(cause) for cause in causes)

    def among(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if "trust_remote_code" in text:
        return BadInput(
            "needs code that comes with the model, which molting doesn't run.",
            where=source,
            fix="Take a base whose architecture transformers knows itself.",
        )
    if among(hub.GatedRepoError):
        return BadInput(
            "the hub wants you to accept this model's terms first.",
            where=source,
            fix="Then log in with `hf auth login`.",
        )
    if among(hub.RepositoryNotFoundError, hub.HFValidationError):
        return BadInput("neither a folder here nor a model that the hub knows.", where=source, fix=NAME_ONE)
    if among(hub.LocalEntryNotFoundError, hub.OfflineModeIsEnabled, ConnectionError):
        offline = "is set to offline" if os.environ.get("HF_HUB_OFFLINE") else "can't be reached"
        return MoltingError(
            f"isn't on this machine, and the hub {offline}.",
            where=source,
            fix="Check the network and the spelling, or name a local folder.",
        )
    if "safetensors" in text.lower() or type(error).__name__ == "SafetensorError":
        return BadInput(f"its weights can't be read: {_first_line(error)}.", where=source, fix="Download it again.")
    if isinstance(error, json.JSONDecodeError | KeyError | ValueError | OSError | ImportError):
        return BadInput(f"can't be loaded as a model: {_first_line(error)}.", where=source, fix=NAME_ONE)
    return MoltingError(f"can't be loaded: {type(error).__name__}: {_first_line(error)}.", where=source, fix=NAME_ONE)


def _causes(error: BaseException) -> Iterator[BaseException]:
    known = {id(error)}
    while (cause := error.__cause__ or error.__context__) is not None and id(cause) not in known:
        known.add(id(cause))
        yield cause
        error = cause


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".:")[:300]
