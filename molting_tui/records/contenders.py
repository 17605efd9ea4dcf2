"""Who answers: a model with its system prompt, template, retrieval and way of drawing.

What isn't known is None, which is neither empty nor "the same as another's".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

Source = Literal["asked", "file", "sheet"]
"""Where an answer is from: a model was asked by a run; its words came in a file; only its ratings came, on a sheet."""

DRAWING = ("temperature", "top_p", "max_new_tokens")
"""What of the generation settings changes how an answer is drawn; seeds and samples make other answers of the same."""


class Base(msgspec.Struct, frozen=True, tag="base"):
    """A base model as it is: hub id, folder or `tiny`, and the SHA-256 of its weights."""

    base: str
    base_digest: str | None = None


class Adapter(msgspec.Struct, frozen=True, tag="adapter"):
    """A base with the adapter that a run made (`run` is the training run's name, empty where it came from a folder)."""

    base: str
    adapter_digest: str | None = None
    base_digest: str | None = None
    run: str = ""


class Checkpoint(msgspec.Struct, frozen=True, tag="checkpoint"):
    """A base with the adapter as it was at a step of a run."""

    base: str
    run: str
    step: int
    adapter_digest: str | None = None
    base_digest: str | None = None


class Endpoint(msgspec.Struct, frozen=True, tag="endpoint"):
    """A model behind an OpenAI-compatible server."""

    url: str
    model: str


class Imported(msgspec.Struct, frozen=True, tag="imported"):
    """A model that nothing is known of but its name: its answers or ratings were brought in."""


Model = Base | Adapter | Checkpoint | Endpoint | Imported


@dataclass(frozen=True, slots=True)
class Contender:
    """One identity that answers are given under. `system_prompt` is as it was set: a question's own overrides it in
    that answer, and doesn't make another contender. `template` is the SHA-256 of the chat template; `retrieval` and
    `generation` are canonical JSON."""

    name: str
    model: Model
    system_prompt: str | None = None
    template: str | None = None
    retrieval: str | None = None
    generation: str | None = None

    @property
    def run(self) -> str:
        """The training run it comes from; empty for none."""
        return self.model.run if isinstance(self.model, (Adapter, Checkpoint)) else ""


def contender_of(name: str, source: Source, settings: Mapping[str, Any]) -> Contender:
    """The contender of an answer, by the settings that its line was written with."""
    model = _model(settings) if source == "asked" else None
    if model is None:
        return Contender(name, Imported())
    return Contender(
        name=name,
        model=model,
        system_prompt=_text(settings, "contender_prompt"),
        template=_text(settings, "template_digest"),
        generation=drawing_of(settings),
    )


def _model(settings: Mapping[str, Any]) -> Model | None:
    """The model that was asked; None where the settings name none."""
    url, base = _text(settings, "url"), _text(settings, "base")
    if url:
        return Endpoint(url, _text(settings, "model") or "")
    if base is None:
        return None
    base_digest, adapter = _text(settings, "base_digest"), _text(settings, "adapter_digest")
    run, step = _text(settings, "run") or "", settings.get("step")
    if run and isinstance(step, int):
        return Checkpoint(base, run, step, adapter or None, base_digest)
    return Adapter(base, adapter or None, base_digest, run) if adapter or run else Base(base, base_digest)


def _text(settings: Mapping[str, Any], name: str) -> str | None:
    value = settings.get(name)
    return value if isinstance(value, str) else None


def drawing_of(settings: Mapping[str, Any]) -> str | None:
    """What of an answer's settings changes how it was drawn, as canonical JSON; None where they don't say."""
    generation = settings.get("generation")
    if not isinstance(generation, dict):
        return None
    drawing = {name: generation[name] for name in DRAWING if name in generation}
    if "quantisation" in settings:
        drawing["quantisation"] = settings["quantisation"]
    return json.dumps(drawing, sort_keys=True)
