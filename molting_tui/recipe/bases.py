"""Base models by their names and files, without torch: what a name means, where its files lie, what its weights hold.

A base is `tiny` (made on the spot), a local folder, or a hub id. Of safetensors only the header is read: names, shapes,
and how long the file has to be.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from molting_tui.errors import BadInput
from molting_tui.recipe.settings import TINY, refuse_address
from molting_tui.recipe.templates import ChatTokenizer
from molting_tui.records.checks import Check
from molting_tui.regular_files import open_regular, read_regular
from molting_tui.text import mask_address, show_line

NAME_ONE = "Name `tiny`, a folder with a model in it, or a hub id such as `TinyLlama/TinyLlama-1.1B-Chat-v1.0`."
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
_LONGEST_HEADER = 100_000_000
"""Bytes of a safetensors header that the format allows."""
_NO_LAYERS = ("embed", "wte", "wpe", "lm_head", "norm")
"""What the names of matrices that are no linear layer to adapt hold."""


def cache_folder() -> Path:
    """Where bases that were made here are kept: `$MOLTING_CACHE`, else `molting` in `$XDG_CACHE_HOME` or `~/.cache`."""
    named = os.environ.get("MOLTING_CACHE")
    return Path(named).expanduser() if named else _user_cache() / "molting"


def folder_of(name: str) -> Path | None:
    """The folder that a base's name means; None for `tiny` and for a hub id. A folder wins over an id of its spelling.

    Raises BadInput for a name that can be none of them, and for a folder that holds no model.
    """
    if name == TINY:
        return None
    refuse_address(name)
    folder = Path(os.path.expanduser(name))
    if folder.is_dir():
        _check_is_model(folder, name)
        return folder.resolve()
    if folder.exists():
        raise BadInput("is a file, not a model's folder.", where=name, fix=NAME_ONE)
    if name.startswith((".", "/", "~")) or name.endswith("/") or not _HUB_ID.fullmatch(name):
        raise BadInput("no such folder.", where=mask_address(name), fix=NAME_ONE)
    return None


def files_here(name: str) -> Path | None:
    """The folder with a base's files, if they are on this machine; nothing is made or fetched. Raises as `folder_of`.

    Of `tiny` that is the one made last, of a hub id what the hub's own cache holds of its newest version.
    """
    folder = folder_of(name)
    if folder is not None:
        return folder
    if name == TINY:
        made = [path for path in cache_folder().glob(f"{TINY}-*") if (path / "config.json").is_file()]
        return max(made, key=lambda path: path.stat().st_mtime, default=None)
    cached = _hub_cache() / f"models--{name.replace('/', '--')}"
    try:
        snapshot = cached / "snapshots" / read_regular(cached / "refs" / "main").decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return snapshot if (snapshot / "config.json").is_file() else None


def bases_here() -> list[str]:
    """What can be named as a base and is on this machine: `tiny`, and the hub ids in the hub's own cache."""
    try:
        folders = [path.name for path in _hub_cache().iterdir()]
    except OSError:  # there is none yet, or one may not look into it
        folders = []
    named = (name.removeprefix("models--").replace("--", "/") for name in folders if name.startswith("models--"))
    return [TINY, *sorted(name for name in named if _HUB_ID.fullmatch(name) and files_here(name) is not None)]


def not_here(name: str) -> str:
    """Where the files of a base were looked for that isn't on this machine, and what can be done, as a sentence; empty
    where they are here, and for `tiny`. Raises as `folder_of`."""
    if name == TINY or files_here(name) is not None:
        return ""
    fetched = "HF_HUB_OFFLINE is set, so it won't be fetched" if _offline() else "It is fetched when the run starts"
    return (
        f"{show_line(name, 60)} isn't on this machine (not in {show_line(_shortened(_hub_cache()), 80)}). {fetched};"
        " without a network name tiny, or a folder that you fetched elsewhere."
    )


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def _shortened(folder: Path) -> str:
    """A path as people write it: with `~` for their home."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


class Tensor(NamedTuple):
    """One tensor of a model's weights: its dotted name and its shape."""

    name: str
    shape: tuple[int, ...]


def weights_of(folder: Path) -> list[Tensor]:
    """Every tensor in the folder's safetensors files, by their headers; none where there is no such file.

    Raises BadInput for a file that is damaged or not whole.
    """
    return [tensor for path in sorted(folder.glob("*.safetensors")) for tensor in _header(path)]


def linear_layers(tensors: list[Tensor]) -> list[str]:
    """The dotted paths of the layers that can get an adapter: matrices, but for embeddings and the output layer."""
    matrices = [tensor.name for tensor in tensors if len(tensor.shape) == 2 and tensor.name.endswith(".weight")]
    paths = [name.removesuffix(".weight") for name in matrices]
    return [path for path in paths if not any(word in path.rsplit(".", 1)[-1] for word in _NO_LAYERS)]


class Base(NamedTuple):
    """What is known of a base without loading it: its tokenizer, if its files are here and can be used, and checks of
    its files."""

    chat: ChatTokenizer | None
    checks: tuple[Check, ...]


def look_over(name: str, targets: tuple[str, ...], folder: Path | None = None) -> Base:
    """A base by its files: is it here, can its tokenizer and template be used, does it have the layers to adapt.

    `folder` is where its files were put, for whoever has fetched them; else they are looked for.
    """
    try:
        here = folder or files_here(name)
    except BadInput as error:
        return Base(None, (Check.blocked("base", error),))
    if here is None:
        return Base(None, (_not_here(name),))
    checks = [Check("base", "pass", f"{show_line(name, 60)} is on this machine")]
    chat = None
    try:
        chat = ChatTokenizer.load(here, name)
        checks.append(Check("template", "pass", "tokenizer and chat template can be read"))
    except BadInput as error:
        checks.append(Check.blocked("template", error))
    checks += _weights_checks(here, name, targets)
    return Base(chat, tuple(checks))


def no_weights(folder: Path) -> BadInput:
    """What is told of a folder without safetensors."""
    return BadInput(
        "holds no weights as safetensors; pickled weights (.bin, .pt) can run code and are not read.",
        where=str(folder),
        fix="Convert them, or take a base that comes as safetensors.",
    )


def _weights_checks(folder: Path, name: str, targets: tuple[str, ...]) -> list[Check]:
    try:
        tensors = weights_of(folder)
        # Of a hub id the small files may be here before its weights are.
        if not tensors and name != TINY and folder_of(name) is not None:
            raise no_weights(folder)
    except BadInput as error:
        return [Check.blocked("weights", error)]
    if not tensors:
        return []
    return [Check("weights", "pass", "the weights are whole, by their headers"), _targets_check(tensors, targets)]


def _targets_check(tensors: list[Tensor], targets: tuple[str, ...]) -> Check:
    """Each target must name a layer. PEFT is content if one of them does, and trains the others not at all."""
    layers = linear_layers(tensors)
    unknown = [target for target in targets if not any(is_named(path, target) for path in layers)]
    if not unknown:
        return Check("target-modules", "pass", "every target module is a layer of the base")
    names = sorted({path.rsplit(".", 1)[-1] for path in layers})
    why = f"target_modules names no linear layer of it: {show_line(', '.join(unknown), 200)}"
    return Check(
        "target-modules", "block", why, f"Its linear layers are {show_line(', '.join(names), 300)}.", len(unknown)
    )


def is_named(path: str, target: str) -> bool:
    """Whether a target module's name means the layer with this dotted path."""
    return path == target or path.endswith(f".{target}")


def _not_here(name: str) -> Check:
    if name == TINY:
        return Check(
            "base", "note", "tiny isn't made yet: it is when the run starts, and what it reads is checked then"
        )
    why = f"{show_line(name, 60)} isn't on this machine: its template and the pairs' lengths are checked once it is"
    return Check("base", "note", why, "It is fetched from the hub when the run starts, before the weights are loaded.")


def _check_is_model(folder: Path, name: str) -> None:
    if (folder / "config.json").is_file():
        return
    if (folder / "adapter_config.json").is_file():
        raise BadInput("holds an adapter, not a base.", where=name, fix=f"Name the base it was trained on. {NAME_ONE}")
    raise BadInput("holds no model: there is no config.json in it.", where=name, fix=NAME_ONE)


def _header(path: Path) -> list[Tensor]:
    """The tensors of one file: 8 bytes with the header's length, a JSON object of names, the data."""
    try:
        with open_regular(path) as file:
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length <= _LONGEST_HEADER:
                raise ValueError("it has no header")
            header: dict[str, Any] = json.loads(file.read(length))
            size = os.fstat(file.fileno()).st_size
        tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
        end = max((int(entry["data_offsets"][1]) for entry in tensors.values()), default=0)
        if size != 8 + length + end:
            raise ValueError(f"it has {size:,} bytes instead of {8 + length + end:,}")
        return [Tensor(name, tuple(map(int, entry["shape"]))) for name, entry in tensors.items()]
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise BadInput(
            f"is damaged or not whole: {show_line(str(error), 200)}.", where=str(path), fix="Download or copy it again."
        ) from error


def _user_cache() -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    return Path(named) if named else Path.home() / ".cache"


def _hub_cache() -> Path:
    """Where the hub's library keeps what it has fetched."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    home = os.environ.get("HF_HOME")
    return (Path(home).expanduser() if home else _user_cache() / "huggingface") / "hub"
