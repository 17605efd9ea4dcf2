"""`molting export`: what the command adds to the export itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

from molting_tui.datasets.export.destination import format_of_name


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


@pytest.mark.parametrize("name", ["thesis.json", "thesis.jsonl", "data/set.json"])
def test_a_file_that_is_no_export_is_replaced_only_by_force(folder: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.parent.mkdir(exist_ok=True)
    target.write_text("a month of work")
    refused = run("export", str(target), workspace=folder)
    assert (refused.exit_code, refused.stdout, target.read_text()) == (1, "", "a month of work")
    assert f"{name}: there is a file of this name already, and no export of ours." in refused.stderr
    assert "--force" in refused.stderr
    assert value("export", str(target), "--force", workspace=folder)["pairs"] == 1
    assert value("export", str(target), workspace=folder)["pairs"] == 1  # it is one now


def test_an_export_that_was_changed_by_hand_is_not_lost(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    value("export", str(target), workspace=folder)
    target.write_text(target.read_text("utf-8") + " ", "utf-8")
    refused = run("export", str(target), workspace=folder)
    assert (refused.exit_code, "isn't any more what was exported" in refused.stderr) == (1, True)
    value("export", str(target), "--force", workspace=folder)


@pytest.mark.parametrize("manifest", ["my own notes", '{"format": "other/1"}', "[" * 100_000, '{"format": {}}'])
def test_a_manifest_that_is_not_ours_is_not_lost(folder: Path, tmp_path: Path, manifest: str) -> None:
    beside = tmp_path / "out.json.manifest.json"
    beside.write_text(manifest)
    refused = run("export", str(tmp_path / "out.json"), workspace=folder)
    assert (refused.exit_code, "isn't the manifest of an export" in refused.stderr) == (1, True)
    assert beside.read_text() == manifest
    assert not (tmp_path / "out.json").exists()


def test_an_export_whose_file_was_moved_away_is_written_again(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    value("export", str(target), workspace=folder)
    target.rename(tmp_path / "moved.json")
    assert value("export", str(target), workspace=folder)["pairs"] == 1


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("alpaca.json", "alpaca"),
        ("claudio-alpaca.json", "alpaca"),
        ("MESSAGES.jsonl", "messages"),
        ("sharegpt.json", "sharegpt"),
        ("alpacas.json", "sharegpt"),
        ("parquet.json", "sharegpt"),
        ("messages.PARQUET", "parquet"),
    ],
)
def test_the_name_says_the_format_here_as_in_the_workbench(name: str, format: str) -> None:
    assert format_of_name(name) == format


def test_an_option_wins_over_the_name(folder: Path, tmp_path: Path) -> None:
    assert value("export", str(tmp_path / "alpaca.json"), workspace=folder)["format"] == "alpaca"
    words = ("export", str(tmp_path / "alpaca.json"), "--format", "messages")
    assert value(*words, workspace=folder)["format"] == "messages"


def test_a_dry_run_tells_what_would_be_written_and_writes_nothing(folder: Path, tmp_path: Path) -> None:
    told = answer("export", str(tmp_path / "o.json"), "--dry-run", "--where", "id:1,2", workspace=folder)
    assert "1 pair would be written as sharegpt" in told
    assert "2 pairs match the filter, 1 of them kept" in told
    fields = value("export", str(tmp_path / "alpaca.json"), "--dry-run", workspace=folder)
    assert (fields["pairs"], fields["format"], fields["left_out"]) == (1, "alpaca", {})
    assert not list(tmp_path.glob("*.json"))
