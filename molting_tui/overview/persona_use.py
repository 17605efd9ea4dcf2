"""What a system prompt is used for: the pairs that it stands before, and what was made with it or with another."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

from molting_tui.store import contenders, datasets, pairs
from molting_tui.text import plural
from molting_tui.workspace import Workspace


class PersonaUse(NamedTuple):
    """How many kept pairs there are, and how many of them have no system turn of their own; of the datasets, exports
    and contenders, how many were made with this prompt and how many with another or none."""

    kept: int
    without_own: int
    datasets: tuple[int, int]
    exports: tuple[int, int]
    contenders: tuple[int, int]


def persona_use(workspace: Workspace) -> PersonaUse:
    """Count what the system prompt in force is used for (not for the UI thread)."""
    prompt = workspace.settings.persona.system_prompt.strip()
    kept, without = pairs.kept_without_system(workspace.store)
    return PersonaUse(
        kept=kept,
        without_own=without,
        datasets=_split(datasets.system_prompts(workspace.store), prompt),
        exports=_split(_export_digests(workspace), hashlib.sha256(prompt.encode()).hexdigest() if prompt else ""),
        contenders=_split(contenders.system_prompts(workspace.store), prompt),
    )


def use_sentences(use: PersonaUse) -> tuple[str, ...]:
    """What follows from changing the system prompt, a sentence each."""
    own = use.kept - use.without_own
    has = f"; {own:,} {'has its' if own == 1 else 'have their'} own" if own else ""
    sentences = [f"Exports and datasets from now on put it before {plural(use.without_own, 'kept pair')}{has}."]
    for (same, other), name in ((use.datasets, "dataset"), (use.exports, "export")):
        if same or other:
            apart = f", {other:,} another" if other else ""
            sentences.append(f"Of the {name}s {same:,} {'has' if same == 1 else 'have'} it{apart}: they stay so.")
    sentences.append("Runs keep what they were frozen with; questions without a system turn are asked with it.")
    same, other = use.contenders
    if same or other:
        sentences.append(
            f"{plural(same, 'contender')} answered with it, {other:,} with another or none: by another prompt it is "
            "another contender."
        )
    return tuple(sentences)


def length_words(prompt: str) -> str:
    """How long a prompt is: `212 characters, about 53 tokens`."""
    tokens = -(-len(prompt.encode("utf-8", "replace")) // 4)
    return f"{plural(len(prompt), 'character')}, about {plural(tokens, 'token')}"


def _split(values: list[str | None], wanted: str) -> tuple[int, int]:
    same = sum((value or "").strip() == wanted for value in values)
    return same, len(values) - same


def _export_digests(workspace: Workspace) -> list[str | None]:
    """The digest of the prompt of each export whose manifest lies in the workspace and can be read."""
    digests: list[str | None] = []
    for path in sorted(workspace.exports.glob("*.manifest.json")) if workspace.exports.is_dir() else []:
        try:
            digests.append(str(json.loads(path.read_bytes())["system_prompt_digest"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return digests
