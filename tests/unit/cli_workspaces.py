"""Small real workspaces and a way to run commands in them, for the tests of the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from molting_tui.cli import molting

ROOT = Path(__file__).resolve().parents[2]
LONG = "A fila do CRM drena com queue:drain, troca o proxy e só então derruba a versão antiga, sem perder pedido."
EXCHANGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Como eu faço o deploy do CRM sem derrubar a fila?", ("Vou verificar a configuração.", "tool:Read", LONG)),
    ("Why is the queue so slow today?", ("Let me check the logs of the queue before I answer you, one moment.",)),
    (
        "What does the worker do with a failed job?",
        ("It retries it three times and then parks it in the dead letter box.",),
    ),
    ("ok", ("Fine, then it stays as it is; say so when you want it another way, and I change it.",)),
    ("Please run the tests of the parser", ("I run them.", "tool:Bash")),
)
"""Prompts with what the assistant did. Three give a pair by the final answer; one is too short, one incomplete."""


def run(*arguments: str, workspace: Path | None = None, stdin: str | bytes | None = None) -> Result:
    """Run a command in this process, as the shell would."""
    where = ["-w", str(workspace)] if workspace else []
    return CliRunner().invoke(molting, [*where, *arguments], input=stdin)


def answer(*arguments: str, workspace: Path | None = None, stdin: str | None = None) -> str:
    """What a command that must succeed prints."""
    result = run(*arguments, workspace=workspace, stdin=stdin)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def value(*arguments: str, workspace: Path | None = None) -> Any:
    """The one JSON value that a command with `--json` prints."""
    return json.loads(answer(*arguments, "--json", workspace=workspace))


def process(
    *arguments: str, workspace: Path | None = None, env: dict[str, str] | None = None, **settings: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return subprocess.run(
        command_line(arguments, workspace), env=environment(env), capture_output=True, text=True, cwd=ROOT, **settings
    )


def command_line(arguments: Sequence[str], workspace: Path | None = None) -> list[str]:
    """The command line that runs a command."""
    return [sys.executable, "-m", "molting_tui", *(["-w", str(workspace)] if workspace else []), *arguments]


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of a process: this one's, without what would point it at another workspace."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("MOLTING_", "LC_", "NO_COLOR"))}
    return kept | {"MOLTING_ACTOR": "joao", "PYTHONSAFEPATH": "", "LANG": "C.UTF-8"} | (more or {})


def session(path: Path, exchanges: Sequence[tuple[str, Sequence[str]]] = EXCHANGES, prefix: str = "") -> Path:
    """Write a Claude Code session with these exchanges; `tool:NAME` among the answers is a call of a tool."""
    name = prefix or path.stem
    with path.open("w", encoding="utf-8") as file:
        for number, (prompt, blocks) in enumerate(exchanges):
            file.write(_line("user", f"{name}-{number}", name, {"role": "user", "content": prompt}))
            for place, block in enumerate(blocks):
                tool = block.startswith("tool:")
                content = (
                    {"type": "tool_use", "name": block[5:], "id": "t", "input": {}}
                    if tool
                    else {"type": "text", "text": block}
                )
                message = {"role": "assistant", "model": "claude-opus-4-6", "id": f"m{number}", "content": [content]}
                file.write(_line("assistant", f"{name}-{number}-{place}", name, message))
    return path


def made(folder: Path, exchanges: Sequence[tuple[str, Sequence[str]]] = EXCHANGES) -> Path:
    """A workspace in `folder` with one imported session."""
    answer("init", str(folder), "--name", "Cláudio", "--user", "João")
    logs = folder.parent / f"{folder.name}-logs"
    logs.mkdir()
    session(logs / "0a1b2c3d.jsonl", exchanges)
    answer("import", str(logs), workspace=folder)
    return folder


def _line(kind: str, uuid: str, session_id: str, message: dict[str, object]) -> str:
    record = {"type": kind, "uuid": uuid, "sessionId": session_id, "message": message}
    return (
        json.dumps(record | {"timestamp": "2026-02-03T14:22:00.000Z", "cwd": "/home/joao/crm"}, ensure_ascii=False)
        + "\n"
    )
