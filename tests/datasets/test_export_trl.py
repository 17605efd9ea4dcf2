"""TRL trains on what was exported, as it is."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conversations import Fill, Said, asked, with_prompt

from molting_tui.datasets.export.export import export
from molting_tui.workspace import Workspace

pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("trl", "torch", "datasets", "pyarrow"))),
    reason="training needs the extras `train` and `parquet`",
)
PROMPT = "Você é Cláudio."
HISTORY: Said = [("user", "oi"), ("assistant", "Olá."), ("user", "quem és tu?"), ("assistant", "Sou o Cláudio.")]
FILES = {
    "sharegpt.json": "sharegpt",
    "messages.json": "messages",
    "messages.jsonl": "messages",
    "out.parquet": "parquet",
}


def rendered(said: Said) -> str:
    return "".join(f"<|{role}|>\n{text}</s>\n" for role, text in [("system", PROMPT), *said])


def test_trl_trains_on_every_chat_file_unchanged(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    said = [asked(1), HISTORY, asked(2, "Com \u201caspas\u201d, acentuação\te\u2028linhas.")]
    keep(workspace, said)
    speaking = with_prompt(workspace, PROMPT)
    paths = [export(speaking, tmp_path / name, format=kind).path for name, kind in FILES.items()]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    script = Path(__file__).with_name("trl_step.py")
    done = subprocess.run(
        [sys.executable, str(script), *map(str, paths)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(FILES)
    for one in found.values():
        assert one["texts"] == [rendered(conversation) for conversation in said]
        assert math.isfinite(one["loss"])
        assert one["changed"] == one["parameters"]
