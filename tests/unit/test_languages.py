"""Promises about telling Portuguese from English."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from molting_tui.curation.languages import language_of
from molting_tui.curation.triage import Desk
from molting_tui.store import derivation
from tests.conftest import Start, finished


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A fila ficou lenta porque o disco está cheio; limpe os registros antigos.", "pt"),
        ("The queue is slow since the disk is full; clear the old logs.", "en"),
        ("Boa noite.", "pt"),
        ("123 456 !?", ""),
        ("", ""),
    ],
)
def test_the_language_is_judged_by_the_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_temporary_folder_without_room_is_a_sentence(tmp_path: Path, start: Start) -> None:
    code = """
import resource
from molting_tui.curation.languages import language_of
from molting_tui.errors import MoltingError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    print(language_of("which language is this"))
except MoltingError as error:
    print(error.sentence())
"""
    said = finished(start(code, TMPDIR=os.fspath(tmp_path)))
    assert said.strip() == "en" or str(tmp_path) in said


def test_pairs_whose_language_a_stopped_import_left_open_are_judged_by_the_next(three: Desk) -> None:
    store = three.workspace.store
    with store.write() as connection:
        connection.execute("update pair set language = null")
    assert three.pair(1).language == ""
    derivation.judge_languages(store, language_of, 80)
    assert [three.pair(number).language for number in (1, 2, 3)] != ["", "", ""]
    assert store.value("select count(*) from pair where language is null") == 0
