"""`molting doctor`: sees what is wrong and survives it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli_workspaces import answer, made, process, run, value

from molting_tui.curation.triage import Desk
from molting_tui.workspace import open_workspace
from tests.store.test_written_databases import unpacked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def level(folder: Path, name: str) -> str:
    found = json.loads(run("doctor", "--json", workspace=folder).stdout)
    return {check["id"]: check["level"] for check in found["checks"]}[name]


def counts(folder: Path) -> tuple[int, int, int]:
    desk = Desk(open_workspace(folder))
    counted = desk.counts()
    desk.workspace.close()
    return counted.open, counted.keep, counted.drop


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
        "search": "pass", "values": "pass", "states": "pass", "texts": "pass", "rules": "pass", "flags": "pass",
        "disk": "pass",
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
        (("update pair set state = 'drop' where id = 2",), "states", "fail"),
        (("update pair_text set response = replace(response, 'a', 'e') where id = 1",), "texts", "fail"),
        (("update turn set human = human || ' ' where id = 1",), "texts", "fail"),
        (("update pair_text set context = '[' where id = 1",), "values", "fail"),
        (("insert into draft values (1, 'joao', 'no JSON', '2026-02-12T09:30:00.000Z')",), "values", "fail"),
        (("update source_file set left_out = x'00'",), "values", "fail"),
        (("update source_file set left_out = '[{}]'",), "values", "fail"),
        (("update pair_text set response = x'ff' where id = 1",), "values", "fail"),
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


@pytest.mark.parametrize(
    "statement",
    [
        "update pair_text set context = '[' where id = 1",
        "update pair_text set response = x'ff' where id = 1",
        "update pair_text set response = cast(x'ff41' as text) where id = 1",
        "update pair_text set context = '[{}]' where id = 1",
    ],
)
def test_a_value_that_cant_be_is_a_sentence_about_the_database(folder: Path, statement: str) -> None:
    damaged(folder, statement)
    ran = process("pairs", "1", workspace=folder)
    assert ran.returncode == 2
    assert "molting.db: the database holds" in ran.stderr
    assert "that can't be" in ran.stderr
    assert "molting restore" in ran.stderr
    assert "mistake in molting" not in ran.stderr


def test_what_follows_from_something_whole_is_repaired_on_request_and_nothing_else_is_changed(folder: Path) -> None:
    run("decide", "1", "keep", "--reason", "mine", workspace=folder)
    run("decide", "2", "--text", "-", workspace=folder, stdin="Outra resposta, escrita por mim, e longa o bastante.")
    run("decide", "3", "tag", "--tag", "voice", workspace=folder)
    before = value("pairs", workspace=folder)
    damaged(
        folder,
        "update pair set state = 'drop', starred = 1",
        "update rewrite set text = 'nobody wrote this'",
        "update pair_note set reason = 'nor said this'",
        "delete from tag",
        "update pair_count set pairs = 99",
        "update pair_text set response = 'gone' where id in (1, 3)",
        "insert into pair_search (pair_search) values ('delete-all')",
        "insert into pair_search (rowid, instruction, response, others) select * from pair_current",
        "drop trigger event_never_goes",
    )
    assert (level(folder, "states"), level(folder, "texts"), level(folder, "history")) == ("fail",) * 3
    ran = run("doctor", "--repair", "--json", workspace=folder)
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)["repairs"]
    assert told[0] == "The database as it was is kept as molting.db.before-repair."
    assert "2 pairs of 2 got their first words back." in told
    assert value("pairs", workspace=folder) == before
    assert counts(folder) == (1, 2, 0), "the counts are what they were"
    assert level(folder, "search") == "pass"
    assert [pair["id"] for pair in value("pairs", "--where", "escrita", workspace=folder)] == [2], "search knows them"
    assert value("pairs", "--where", "gone", workspace=folder) == []
    with closing(sqlite3.connect(folder / "molting.db.before-repair")) as kept:
        assert kept.execute("select count(*) from pair where state = 'drop'").fetchone() == (3,)


def test_a_turn_whose_words_changed_is_read_anew_from_its_file(folder: Path) -> None:
    damaged(folder, "update turn set human = 'nobody asked this' where id = 1")
    told = json.loads(run("doctor", "--repair", "--json", workspace=folder).stdout)["repairs"]
    [path] = [sentence.split("import again what holds ")[1] for sentence in told if "read anew" in sentence]
    answer("import", path, workspace=folder)
    assert level(folder, "texts") == "pass"
    assert value("doctor", workspace=folder)["ok"]


def test_a_changed_byte_in_a_models_answer_is_seen_and_told_that_a_backup_brings_it_back(tmp_path: Path) -> None:
    folder = unpacked(3, tmp_path)
    open_workspace(folder).close()
    assert level(folder, "texts") == "pass"
    damaged(
        folder, "drop trigger answer_never_changes", "update answer set text = replace(text, 'o', 'a') where id = 3"
    )
    found = {check["id"]: check for check in json.loads(run("doctor", "--json", workspace=folder).stdout)["checks"]}
    assert "answer 3" in found["texts"]["found"]
    assert "molting restore" in found["texts"]["fix"]
