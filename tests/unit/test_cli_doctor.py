"""`molting doctor`: sees what is wrong and survives it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def level(folder: Path, name: str) -> str:
    found = json.loads(run("doctor", "--json", workspace=folder).stdout)
    return {check["id"]: check["level"] for check in found["checks"]}[name]


def damaged(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "molting.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_sound_workspace_passes(folder: Path) -> None:
    found = value("doctor", workspace=folder)
    assert found["ok"] is True
    assert {check["id"]: check["level"] for check in found["checks"]} == {
        "versions": "pass", "training": "pass", "terminal": "warn", "encoding": "pass", "workspace": "pass",
        "settings": "pass", "privacy": "pass", "database": "pass", "references": "pass", "history": "pass",
        "search": "pass", "rules": "pass", "flags": "pass", "disk": "pass",
    }  # fmt: skip
    assert "What to do" in answer("doctor", workspace=folder)


@pytest.mark.parametrize(
    ("statements", "check", "expected"),
    [
        (("drop trigger event_never_goes",), "history", "fail"),
        (("pragma foreign_keys = off", "delete from model"), "references", "fail"),
        (("pragma user_version = 99",), "database", "fail"),
        (("insert into pair_search (pair_search) values ('delete-all')",), "search", "warn"),
        (("update meta set value = 'x' where key = 'rules'",), "flags", "warn"),
    ],
)
def test_what_is_wrong_in_the_database_is_seen(
    folder: Path, statements: tuple[str, ...], check: str, expected: str
) -> None:
    damaged(folder, *statements)
    assert level(folder, check) == expected
    assert run("doctor", workspace=folder).exit_code == (1 if expected == "fail" else 0)


def test_a_file_that_is_no_database_is_seen_and_left_alone(folder: Path) -> None:
    (folder / "molting.db").write_bytes(b"no database " * 100)
    assert level(folder, "database") == "fail"
    assert (folder / "molting.db").read_bytes() == b"no database " * 100
    assert level(folder, "rules") == "pass"


def test_settings_and_rules_with_a_mistake_are_seen_with_their_place(folder: Path) -> None:
    (folder / "molting.toml").write_text("theme = \n", "utf-8")
    (folder / "rubrics" / "curation" / "own.yaml").write_text("format: rules/1\nid: own\n  x: 1\n", "utf-8")
    found = {check["id"]: check for check in json.loads(run("doctor", "--json", workspace=folder).stdout)["checks"]}
    assert found["settings"]["level"] == found["rules"]["level"] == "fail"
    assert "line 1" in found["settings"]["found"]
    assert "own.yaml:3" in found["rules"]["found"]


def test_files_that_others_can_read_are_seen(folder: Path) -> None:
    (folder / "molting.db").chmod(0o644)
    assert level(folder, "privacy") == "warn"
    assert "chmod" in answer("doctor", workspace=folder)


def test_without_a_workspace_the_rest_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOLTING_WORKSPACE", raising=False)
    found = value("doctor")
    assert {check["id"] for check in found["checks"]} == {"versions", "training", "terminal", "encoding", "workspace"}
    assert run("doctor", "-w", str(tmp_path / "nowhere")).exit_code == 1


def test_an_export_that_was_changed_after_it_was_written_is_seen(folder: Path) -> None:
    target = folder / "exports" / "out.json"
    assert run("decide", "1", "keep", workspace=folder).exit_code == 0
    assert run("export", str(target), workspace=folder).exit_code == 0
    assert level(folder, "exports") == "pass"
    target.write_text("[]", "utf-8")
    assert level(folder, "exports") == "warn"
    target.unlink()
    assert level(folder, "exports") == "warn"


def test_a_run_that_failed_is_named(folder: Path) -> None:
    torn = folder / "runs" / "0007-v2"
    torn.mkdir(parents=True)
    (torn / "config.json").write_text("{torn")
    found = json.loads(run("doctor", "--json", workspace=folder).stdout)
    (check,) = [check for check in found["checks"] if check["id"] == "runs"]
    assert check["level"] == "warn"
    assert "0007-v2" in check["found"]
    assert check["fix"] == "molting runs show 7 tells why."


def test_a_dataset_that_was_changed_by_hand_is_seen(folder: Path) -> None:
    answer("decide", "1", "keep", workspace=folder)
    answer("dataset", "freeze", "v1", workspace=folder)
    assert level(folder, "datasets") == "pass"
    assert level(folder, "privacy") == "pass"
    data = folder / "datasets" / "v1" / "dataset.jsonl"
    data.chmod(0o644)
    assert level(folder, "privacy") == "warn"
    data.write_text("{}")
    assert level(folder, "datasets") == "warn"
    assert "isn't what was frozen any more" in answer("doctor", workspace=folder)
