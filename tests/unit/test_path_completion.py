"""Promises about tab in a line where a path is typed: it does what a shell does, and shows nothing that isn't safe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from molting_tui.ui.dialogs.completion import Offer, path_completion


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folders and files, some of them hidden."""
    for name in ("sessions", "sets", ".hidden"):
        (tmp_path / name).mkdir()
    for name in ("sheet.json", "notes.txt", "sessions/one.jsonl", ".profile"):
        (tmp_path / name).write_text("")
    return tmp_path


def completed(typed: str, folder: Path) -> Offer:
    """What tab makes of a text in a folder."""
    return path_completion(folder)(typed)


@pytest.mark.parametrize(
    ("typed", "completed_to"),
    [
        ("n", "notes.txt"),
        ("ses", "sessions/"),
        ("sessions/", "sessions/one.jsonl"),
        ("se", "se"),
        ("./n", "./notes.txt"),
        ("", ""),
        ("x", "x"),
    ],
)
def test_as_much_is_written_as_all_names_have_in_common(folder: Path, typed: str, completed_to: str) -> None:
    assert completed(typed, folder).completed == completed_to
    whole = f"{folder}/{typed.removeprefix('./')}"
    assert completed(whole, Path("/nowhere")).completed == f"{folder}/{completed_to.removeprefix('./')}"


def test_names_that_begin_alike_are_listed_folders_with_a_slash_and_hidden_ones_only_after_a_dot(folder: Path) -> None:
    assert completed("s", folder) == Offer(("sessions/  sets/  sheet.json",), "s", several=True)
    assert completed("", folder).hints == ("notes.txt  sessions/  sets/  sheet.json",)
    assert completed(".", folder).hints == (".hidden/  .profile",)


def test_a_home_is_known_and_stays_as_it_was_typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert completed("~", Path("/nowhere")).completed == "~/"
    assert completed("~/no", Path("/nowhere")).completed == "~/notes.txt"
    assert completed("~nobody-of-this-name/x", folder).wrong == "There is no folder ~nobody-of-this-name/."


def test_only_what_is_wanted_is_offered(folder: Path) -> None:
    assert path_completion(folder, folders_only=True)("").hints == ("sessions/  sets/",)
    assert path_completion(folder, endings=(".json",))("").hints == ("sessions/  sets/  sheet.json",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_said(folder: Path) -> None:
    (folder / "sets").chmod(0)
    try:
        assert completed("sets/", folder).wrong == "You may not read the folder sets/."
    finally:
        (folder / "sets").chmod(0o700)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("no/such", "There is no folder no/."),
        ("notes.txt/x", "notes.txt is a file: nothing is in it."),
        ("a\x00/b", "There is no folder a␀/."),
        (f"{'a' * 300}/b", "can't be read"),
    ],
)
def test_a_folder_that_cannot_be_looked_into_is_said(folder: Path, typed: str, sentence: str) -> None:
    offer = completed(typed, folder)
    assert sentence in offer.wrong
    assert offer.completed == typed


def test_names_that_a_terminal_would_obey_are_shown_as_signs_and_completed_as_they_are(folder: Path) -> None:
    hostile = ("x\x1b[2J", "x\n.json", "x\udcff", "x[INST]")
    for name in hostile:
        (folder / name).write_text("")
    offer = completed("x", folder)
    assert not {"\x1b", "\n", "\udcff"} & set(offer.hints[0])
    assert "x[INST]" in offer.hints[0]
    assert completed("x\x1b", folder).completed == "x\x1b[2J"


def test_of_very_many_names_some_are_shown_and_the_others_counted(folder: Path) -> None:
    for number in range(300):
        (folder / f"many-{number:03}").write_text("")
    offer = completed("m", folder)
    assert offer.completed == "many-"
    assert offer.hints[0].startswith("many-000  many-001")
    assert offer.hints[0].endswith(" more")
    assert len(offer.hints[0]) < 260
