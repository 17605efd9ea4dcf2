"""`molting export`: what the command adds to the export itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made(tmp_path / "claudio")
    answer("decide", "1", "keep", workspace=tmp_path / "claudio")
    return tmp_path / "claudio"


def test_a_bare_name_goes_to_the_current_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = value("export", "out.json", workspace=folder)
    assert (report["pairs"], report["format"], report["file"]) == (1, "sharegpt", str(tmp_path / "out.json"))
    (row,) = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [turn["from"] for turn in row["conversations"]][-2:] == ["human", "gpt"]
    assert Path(report["manifest"]).is_file()
    assert "1 pair as sharegpt" in answer("export", "out.json", workspace=folder)


def test_a_filter_chooses_among_the_kept(folder: Path, tmp_path: Path) -> None:
    answer("decide", "3", "keep", workspace=folder)
    report = value("export", str(tmp_path / "o.jsonl"), "--format", "messages", "--where", "lang:pt", workspace=folder)
    assert (report["pairs"], report["format"]) == (1, "messages")


def test_an_unmasked_secret_is_a_no(tmp_path: Path) -> None:
    secret = "The token is ghp_" + "Ab0Ab0" * 6 + ", which is what the deploy script of the CRM reads."
    folder = made(tmp_path / "w", [("Which token does it take?", (secret,))])
    answer("decide", "1", "keep", workspace=folder)
    result = run("export", str(tmp_path / "o.json"), workspace=folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("molting: ")
    assert not (tmp_path / "o.json").exists()
    assert value("export", str(tmp_path / "o.json"), "--mask", workspace=folder)["masked"] == 1
    assert "ghp_" not in (tmp_path / "o.json").read_text("utf-8")


def test_nothing_kept_is_told_in_a_sentence(tmp_path: Path) -> None:
    folder = made(tmp_path / "w")
    result = run("export", str(tmp_path / "o.json"), workspace=folder)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert not (tmp_path / "o.json").exists()
