"""Conversations to fill a workspace with, and the shapes of the fixtures that do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from molting_tui.workspace import HeldSettings, Workspace

Said = list[tuple[str, str]]
"""A conversation as (role, text); roles are those of OpenAI, and `call` for a tool call (its name)."""
Fill = Callable[..., list[int]]
Python = Callable[..., "subprocess.CompletedProcess[str]"]


def message(role: str, text: str) -> dict[str, Any]:
    """A message as OpenAI writes it."""
    if role == "call":
        return {"role": "assistant", "content": None, "tool_calls": [{"name": text, "arguments": {}}]}
    return {"role": role, "content": text}


def asked(number: int, answer: str = "") -> Said:
    """A conversation of one turn, unlike those of other numbers."""
    return [("user", f"Pergunta {number}: o que é isto?"), ("assistant", answer or f"Resposta {number}: é um teste.")]


def with_prompt(workspace: Workspace, prompt: str) -> Workspace:
    """The workspace as if `[persona] system_prompt` said so."""
    persona = msgspec.structs.replace(workspace.settings.persona, system_prompt=prompt)
    return replace(workspace, held=HeldSettings(msgspec.structs.replace(workspace.settings, persona=persona)))
