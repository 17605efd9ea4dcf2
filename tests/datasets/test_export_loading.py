"""`datasets.load_dataset` loads what was exported, unchanged, with nothing told about it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conversations import Fill, Said, asked

from molting_tui.curation.triage import Desk
from molting_tui.datasets.export.export import export
from molting_tui.workspace import Workspace
from tests.conftest import needs

os.environ.setdefault("HF_HUB_OFFLINE", "1")
pytestmark = needs("datasets")  # what trainers load files with

HISTORY: Said = [("user", "oi"), ("assistant", "Olá."), ("user", "quem és tu?"), ("assistant", "Sou o Cláudio.")]
AWKWARD: Said = [
    ("system", "Responde com\u2028cuidado."),
    ("user", 'Diz "[/INST]"\u2029e </s>\x85 e {{nome}} e \\n'),
    ("assistant", "\U0001f9ea tab\there\x1b[31m\x00 fim\r\n```json\n{}\n```"),
]
Load = Callable[[Path], list[dict[str, Any]]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(path: Path) -> list[dict[str, Any]]:
        import datasets

        builder = "parquet" if path.suffix == ".parquet" else "json"
        cache = str(tmp_path / "cache")
        return list(datasets.load_dataset(builder, data_files=str(path), split="train", cache_dir=cache))

    return loaded


def rows(path: Path) -> list[Any]:
    text = path.read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line] if path.suffix == ".jsonl" else json.loads(text)


@pytest.mark.parametrize("name", ["out.json", "out.jsonl"])
@pytest.mark.parametrize("kind", ["sharegpt", "alpaca", "messages"])
def test_a_text_file_loads_unchanged(
    workspace: Workspace, keep: Fill, tmp_path: Path, load: Load, kind: str, name: str
) -> None:
    keep(workspace, [asked(1), AWKWARD, HISTORY, asked(2)])
    report = export(workspace, tmp_path / name, format=kind)
    loaded = load(report.path)
    assert loaded == rows(report.path)
    assert len(loaded) == report.pairs == 4
    assert [text for _, text in AWKWARD] in [texts_of(row) for row in loaded]


def test_a_parquet_file_loads_as_the_messages(workspace: Workspace, keep: Fill, tmp_path: Path, load: Load) -> None:
    keep(workspace, [asked(1), AWKWARD, HISTORY])
    as_json = export(workspace, tmp_path / "out.json", format="messages")
    as_parquet = export(workspace, tmp_path / "out.parquet", format="parquet")
    assert load(as_parquet.path) == rows(as_json.path)
    assert as_parquet.dataset_digest == as_json.dataset_digest


@pytest.mark.parametrize("name", ["out.json", "out.jsonl"])
@pytest.mark.parametrize("kind", ["sharegpt", "alpaca", "messages"])
def test_a_file_larger_than_the_loader_looks_ahead_loads_whole(
    workspace: Workspace, keep: Fill, tmp_path: Path, load: Load, kind: str, name: str
) -> None:
    """The loader infers a schema from 10 MB; what comes later only then has a history, a system turn or tools."""
    keep(workspace, [asked(number, f"{number} " + "palavra " * 25_000) for number in range(60)])
    keep(
        workspace, [HISTORY, AWKWARD, [("user", "vê"), ("call", "ls"), ("tool", "x"), ("assistant", "Vi."), *asked(99)]]
    )
    report = export(workspace, tmp_path / name, format=kind)
    assert report.path.stat().st_size > 11 << 20
    assert load(report.path) == rows(report.path)


def test_parquet_of_many_row_groups_loads_whole_and_in_order(
    workspace: Workspace, keep: Fill, tmp_path: Path, load: Load
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet files need pyarrow")
    numbers = keep(workspace, [asked(number, f"{number} " + "palavra " * 25_000) for number in range(60)])
    report = export(workspace, tmp_path / "out.parquet", format="parquet")
    assert parquet.ParquetFile(report.path).num_row_groups > 1
    desk = Desk(workspace)
    assert [row["messages"][-1]["content"] for row in load(report.path)] == [desk.pair(n).response for n in numbers]


def texts_of(row: dict[str, Any]) -> list[str]:
    if "output" in row:
        return [row["system"], row["instruction"], row["output"]]
    return [message.get("value", message.get("content")) for message in row.get("conversations", row.get("messages"))]
