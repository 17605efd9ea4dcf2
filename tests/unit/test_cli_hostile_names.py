"""Promises about folders with escapes, line ends and bytes that aren't UTF-8 in their names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli_workspaces import made, run

from molting_tui.cli import demo
from molting_tui.text import as_text, show_path

NAMES = (b"e\x1b[31m\x1b]0;x\x07", b"new\nline\rback", b"\xff\xfe\xe9", "f\u3164\u202e".encode(), b"$(x)'\"`", b"-dash")


@pytest.mark.parametrize("name", NAMES)
def test_a_workspace_of_any_name_is_used_like_any_other(tmp_path: Path, name: bytes) -> None:
    folder = made(tmp_path / os.fsdecode(name))
    commands = (
        ("decide", "--where", "state:open", "keep", "--yes"),
        ("export", str(folder / "exports" / "out.json")),
        ("export", str(folder / "mine.json"), "--json"),
        ("dataset", "freeze", "v1"),
        ("dataset", "show", "v1"),
        ("rubric", "copy", "personality-8"),
        ("stats",),
        ("doctor",),
        ("preflight", "--base", "tiny"),
    )
    for words in commands:
        result = run(*words, workspace=folder)
        printed = result.stdout + result.stderr
        assert result.exit_code == 0 or words[0] == "preflight", printed
        assert all(line.isprintable() for line in printed.split("\n")), printed
    assert json.loads(run("dataset", "--json", workspace=folder).stdout)[0]["name"] == "v1"


def test_a_run_in_a_folder_that_is_not_utf_8_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = made(tmp_path / os.fsdecode(b"x\xff"))
    run("decide", "--where", "state:open", "keep", "--yes", workspace=folder)
    for words in (("train", "--base", "tiny"), ("answer", "tiny")):
        result = run(*words, workspace=folder)
        assert (result.exit_code, "its name isn't UTF-8" in result.stderr) == (2, True), result.stderr
    assert not (folder / "runs").exists()


def test_a_path_is_one_line_of_text() -> None:
    assert show_path(os.fsdecode(b"a\nb\r\x1b\xff")) == "a␊b␍␛\ufffd"
    assert as_text(Path(os.fsdecode(b"a\xff"))) == "a\ufffd"


def test_the_demo_prints_its_steps_safely_whatever_its_folder_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / os.fsdecode(b"e\x1b[31m\x1b]0;x\x07\nline\rback\xff\xfe")
    demo._run(target, demo.Step("Make it", ("init", str(target))), aloud=True)
    printed = capsys.readouterr().out
    assert f"$ molting init {show_path(tmp_path)}" in printed.replace("'", "")
    assert all(line.isprintable() for line in printed.split("\n"))
    assert (target / "molting.toml").exists()


def test_a_demo_in_a_folder_that_looks_like_an_option_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made_in: list[Path] = []
    monkeypatch.setattr(demo, "_print_all", made_in.append)
    assert run("demo", "--", "-dash").exit_code == 0
    assert made_in == [tmp_path / "-dash"]
