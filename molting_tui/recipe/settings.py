"""Training settings: each with its meaning, unit, range and default.

The defaults are those of the recipe that this tool was built around (4-bit QLoRA of a small chat model on a 4-6 GB
card). The names are those of its command line; `transformers` and `peft` call some of them otherwise.
"""

from __future__ import annotations

import os
import re
from typing import Annotated, Any, Literal, NamedTuple, get_args

import msgspec
from msgspec import Meta

from molting_tui.errors import BadInput
from molting_tui.text import mask_address, show_line

TINY = "tiny"
"""The name of the base model that is made on the spot."""

DEFAULT_BASE = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
Quantisation = Literal["nf4", "none"]


class TrainingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides what a training run computes, but for its data."""

    model_name: Annotated[str, Meta(min_length=1, description="Base model: `tiny`, a hub id or a local folder.")] = (
        DEFAULT_BASE
    )
    epochs: Annotated[float, Meta(gt=0, le=10_000, description="How often every pair is seen.")] = 5.0
    batch_size: Annotated[int, Meta(ge=1, le=4096, description="Pairs in one forward pass.")] = 2
    gradient_accumulation: Annotated[int, Meta(ge=1, le=4096, description="Forward passes in one optimizer step.")] = 4
    learning_rate: Annotated[float, Meta(gt=0, le=1, description="Highest learning rate, after the warm-up.")] = 2e-4
    warmup_steps: Annotated[
        float,
        Meta(ge=0, le=1_000_000, description="Optimizer steps of warm-up; below 1 a share of all steps."),
    ] = 0.05
    scheduler: Annotated[
        Literal["cosine", "linear", "constant_with_warmup"], Meta(description="How the learning rate falls.")
    ] = "cosine"
    lora_rank: Annotated[int, Meta(ge=1, le=1024, description="Rank of the adapter's matrices.")] = 16
    lora_alpha: Annotated[int, Meta(ge=1, le=4096, description="Scale of the adapter: alpha / rank.")] = 32
    lora_dropout: Annotated[float, Meta(ge=0, lt=1, description="Share of the adapter's inputs dropped.")] = 0.0
    target_modules: Annotated[
        tuple[str, ...], Meta(min_length=1, description="Names of the linear layers that get an adapter.")
    ] = ("q_proj", "k_proj", "v_proj", "o_proj")
    max_seq_len: Annotated[
        int, Meta(ge=16, le=1_000_000, description="Tokens; a longer pair is left out and counted.")
    ] = 512
    quantisation: Annotated[
        Quantisation, Meta(description="4-bit NormalFloat (bitsandbytes), or none (16 bits on a GPU, 32 without one).")
    ] = "nf4"
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1, description="Seed of order, dropout and the adapter's start.")] = 42


class SettingField(NamedTuple):
    """One setting, for forms, options and help. `meaning` holds its unit, `limits` its range as people write it."""

    name: str
    meaning: str
    limits: str
    default: Any
    choices: tuple[str, ...]


_LISTED = "`molting train --help` lists every setting."
_FOR_TINY = {
    "epochs": 48.0,
    "batch_size": 8,
    "gradient_accumulation": 1,
    "learning_rate": 5e-3,
    # Of so small a model the adapter must reach every layer, with half the rank it could have: what is to be learned by
    # heart has to find room in it.
    "lora_rank": 64,
    "lora_alpha": 256,
    "target_modules": ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
    "max_seq_len": 1024,
}


def defaults_for(base: str) -> TrainingSettings:
    """The settings that hold for a base where nobody says otherwise: the tiny base needs more and larger steps."""
    return TrainingSettings(model_name=base, **(_FOR_TINY if base == TINY else {}))  # type: ignore[arg-type]


def checked_settings(values: dict[str, Any], where: str = "") -> TrainingSettings:
    """The settings for the base named in `values`, with these values and that base's defaults for the rest.

    Raises BadInput, naming the setting and its range, for a value that can't be one.
    """
    base = values.get("model_name") or DEFAULT_BASE
    refuse_address(str(base))
    known = msgspec.to_builtins(defaults_for(str(base)))
    try:
        return msgspec.convert(known | values, TrainingSettings)
    except msgspec.ValidationError as error:
        raise BadInput(_mistake(str(error), values), where=where, fix=_LISTED) from error


def refuse_address(base: str) -> None:
    """Raise BadInput for an address in a base's place: it can't be one, and what is stored with every run and answer
    mustn't be a password."""
    masked = mask_address(base)
    if "://" in base or (masked != base and not os.path.isdir(base)):
        raise BadInput(
            f"an address can't be a base: `{show_line(masked, 80)}`.",
            fix="Name `tiny`, a folder or a hub id; another hub is named by HF_ENDPOINT, a login by HF_TOKEN.",
        )


def _mistake(message: str, values: dict[str, Any]) -> str:
    """msgspec's error in the words of a setting: its name, what was given, what it can be."""
    if unknown := re.search(r"unknown field `(.*)`", message):
        return f"there is no setting `{show_line(unknown[1], 60)}`."
    named = re.search(r"\$\.(\w+)", message)
    field = next((field for field in FIELDS if named and field.name == named[1]), None)
    if field is None:
        return f"{message}."
    kinds = {int: "a whole number", float: "a number", tuple: "a list of names"}
    wanted = f"one of {', '.join(field.choices)}" if field.choices else kinds.get(type(field.default), "a text")
    limits = f" {field.limits}" if field.limits else ""
    return f"{field.name} can't be {show_line(repr(values.get(field.name)), 60)}: it is {wanted}{limits}."


def _fields() -> tuple[SettingField, ...]:
    return tuple(_described(field) for field in msgspec.structs.fields(TrainingSettings))


def _described(field: msgspec.structs.FieldInfo) -> SettingField:
    meta = next((note for note in field.type.__metadata__ if isinstance(note, Meta)), Meta())
    inner = get_args(field.type)[0]
    choices = get_args(inner) if getattr(inner, "__origin__", None) is Literal else ()
    bounds = (
        f"> {meta.gt:g}" if meta.gt is not None else f">= {meta.ge:g}" if meta.ge is not None else "",
        f"< {meta.lt:g}" if meta.lt is not None else f"<= {meta.le:g}" if meta.le is not None else "",
    )
    limits = ", ".join(bound for bound in bounds if bound)
    return SettingField(field.name, meta.description or "", limits, field.default, tuple(map(str, choices)))


FIELDS = _fields()
"""Every setting, in the order of the struct."""
