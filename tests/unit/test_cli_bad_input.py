"""Whatever is wrong with the input: one sentence on stderr, exit code 2, nothing lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from cli_workspaces import made, run

RULE = """\
format: rules/1
id: house
version: "1"
title: Words of the house
about: What only we say.
where: response
rules:
  - id: queue-drain
    pattern: {pattern}
    example: run queue:drain
    counter_example: drain the queue
"""


def nothing(folder: Path) -> None:
    """The workspace stays as it is."""


def newer_database(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "molting.db")) as connection:
        connection.execute("pragma user_version = 99")


def not_a_database(folder: Path) -> None:
    (folder / "molting.db").write_bytes(b"this is text, and not a database at all. " * 200)


def toml_mistake(folder: Path) -> None:
    text = (folder / "molting.toml").read_text("utf-8")
    (folder / "molting.toml").write_text(text.replace("min_prompt = 10", "min_prompt = ten"), "utf-8")


def unknown_setting(folder: Path) -> None:
    text = (folder / "molting.toml").read_text("utf-8")
    (folder / "molting.toml").write_text(text.replace("min_prompt = 10", "min_promt = 10"), "utf-8")


def yaml_mistake(folder: Path) -> None:
    text = RULE.format(pattern="'queue:drain").replace("queue:drain'", "queue")
    (folder / "rubrics" / "curation" / "own.yaml").write_text(text, "utf-8")


def rule_that_does_not_compile(folder: Path) -> None:
    (folder / "rubrics" / "curation" / "own.yaml").write_text(RULE.format(pattern="'queue:(drain'"), "utf-8")


def empty_folder(folder: Path) -> None:
    (folder.parent / "empty").mkdir()


class Case(NamedTuple):
    name: str
    spoil: Callable[[Path], None]
    arguments: tuple[str, ...]
    said: str


CASES = (
    Case("missing path", nothing, ("import", "{here}/nowhere"), "nowhere: no such file or folder"),
    Case("empty folder", empty_folder, ("import", "{here}/empty"), "no .jsonl or .json file in this folder"),
    Case(
        "agreed to a path", nothing, ("import", "--yes", "{here}"), "--yes and --ask are for an import without a PATH"
    ),
    Case("unknown answer", nothing, ("import", "--answer", "best"), "'best' is not one of"),
    Case("unknown field", nothing, ("pairs", "--where", "colour:red"), "colour:red: there is no field `colour`"),
    Case("field without value", nothing, ("stats", "--where", "state:"), "`state` needs a value"),
    Case("bad number", nothing, ("pairs", "--where", "len>long"), "whole numbers"),
    Case("unknown pair", nothing, ("pairs", "99"), "pair 99: there is no such pair"),
    Case("unknown option", nothing, ("stats", "--jsn"), "No such option"),
    Case("unknown command", nothing, ("train-all",), "No such command"),
    Case("newer database", newer_database, ("stats",), "written by a newer molting (schema 99"),
    Case("not a database", not_a_database, ("pairs",), "isn't a molting database"),
    Case("TOML mistake", toml_mistake, ("stats",), "isn't TOML"),
    Case("unknown setting", unknown_setting, ("stats",), "min_promt"),
    Case("YAML mistake", yaml_mistake, ("rules",), "own.yaml:"),
    Case(
        "rule that doesn't compile",
        rule_that_does_not_compile,
        ("rules",),
        "own.yaml:9: rule `queue-drain` doesn't compile",
    ),
    Case("import under a bad rule", rule_that_does_not_compile, ("import", "{here}/more.jsonl"), "own.yaml:9:"),
    Case("unknown format", nothing, ("export", "{here}/o.json", "--format", "csv"), "'csv' is not one of"),
    Case("export into nowhere", nothing, ("export", "{here}/nowhere/o.json"), "nowhere"),
)


@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_bad_input_is_told_in_one_sentence(case: Case, as_json: bool, tmp_path: Path) -> None:
    folder = made(tmp_path / "claudio")
    more = (tmp_path / "claudio-logs" / "0a1b2c3d.jsonl").read_text("utf-8").replace("0a1b2c3d", "ffff")
    (tmp_path / "more.jsonl").write_text(more, "utf-8")
    case.spoil(folder)
    before = (folder / "molting.db").read_bytes()
    arguments = [word.format(here=tmp_path) for word in case.arguments]
    result = run(*arguments, *(["--json"] if as_json else []), workspace=folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("molting: ")
    assert result.stderr.count("\n") == 1
    assert case.said in result.stderr
    assert "Traceback" not in result.stderr
    assert (folder / "molting.db").read_bytes() == before


def test_no_workspace_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOLTING_WORKSPACE", raising=False)
    for arguments in (("stats",), ("pairs",), ("rules",), ("decide", "--undo"), ("import", ".")):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "molting init" in result.stderr


def test_an_error_shows_names_and_does_not_obey_them(tmp_path: Path) -> None:
    folder = made(tmp_path / "claudio")
    result = run("import", str(tmp_path / "a\x1b]0;b\x07\nc"), workspace=folder)
    assert result.exit_code == 2
    assert not set(result.stderr) & {"\x1b", "\x07"}
    assert result.stderr.count("\n") == 1
