"""Promises about telling Portuguese from English."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path

import pytest

from molting_tui.curation import flagging
from molting_tui.curation.common_words import told_by_words
from molting_tui.curation.importing import import_paths
from molting_tui.curation.languages import SAMPLE, language_of
from molting_tui.curation.triage import Desk
from molting_tui.store import derivation
from molting_tui.workspace import Workspace
from tests.conftest import ROOT, Start, finished, write_chats

SHARED = Path(os.environ.get("MOLTING_SAMPLES", ROOT.parent / "shared"))
SAMPLES = (SHARED / "sessions" / "claude-code", SHARED / "chats")
"""Real logs, where there are some."""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A fila ficou lenta porque o disco está cheio; limpe os registros antigos.", "pt"),
        ("The queue is slow since the disk is full; clear the old logs.", "en"),
        ("Boa noite.", "pt"),
        ("キューが遅いのはディスクがいっぱいだからです。古いログを消してください。", "other"),
        ("القرص ممتلئ ولذلك الطابور بطيء.", "other"),
        ("Очередь медленная, потому что диск полон.", "other"),
        ("La cola está lenta porque el disco está lleno.", "other"),
        ("Je vais lire le fichier d'abord.", "other"),
        ("Die Warteschlange ist langsam, weil die Platte voll ist.", "other"),
        ("A palavra 漢字 quer dizer ideograma.", "pt"),
        ("1. Oxygen\n2. Hydrogen\n3. Nitrogen", "en"),
        ("```python\na = 2\nb = 3\nsum = a + b\nprint(sum)\n```", "en"),
        ("123 456 !?", ""),
        ("", ""),
    ],
)
def test_the_language_is_judged_by_the_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_common_words_tell_the_language_as_the_identifier_does(workspace: Workspace) -> None:
    import_paths(workspace, [ROOT / "data", *(folder for folder in SAMPLES if folder.is_dir())])
    answers = [text[:SAMPLE] for (text,) in workspace.store.rows("select response from pair_text")]
    judged = [(language, text) for text in answers if (language := told_by_words(text))]
    langid = importlib.import_module("py3langid.langid")
    langid.set_languages(["pt", "en"])
    assert [(language, text) for language, text in judged if langid.classify(text)[0] != language] == []
    # What is left to the identifier is hardly ever called another language by mistake: those here are in one.
    rest = [text for text in answers if not told_by_words(text)]
    assert sum(language_of(text) == "other" for text in rest if text.isascii()) <= 2
    assert len(judged) > 0.85 * len(answers)
    assert {"pt", "en"} == {language for language, _ in judged}


@pytest.mark.parametrize(
    "text",
    [
        "La cola es lenta porque el disco está lleno; borra los registros viejos que no sirven.",
        "Je vais lire le fichier et je te dirai ce que je pense de la configuration.",
        "Ich werde die Datei lesen und dann sehen wir, was los ist.",
        "La coda è lenta perché il disco è pieno; puoi cancellare i vecchi log.",
        "キューが遅いのは the disk がいっぱいだからです。",
        "القرص ممتلئ and the queue is slow",
        "`the of and you` 4be91d7 answer_of",
        "ok",
        "",
    ],
)
def test_common_words_leave_what_is_in_doubt_to_the_identifier(text: str) -> None:
    assert told_by_words(text) == ""


def test_the_identifier_is_loaded_only_for_a_new_answer_that_needs_it(tmp_path: Path, start: Start) -> None:
    plain, doubt = (
        write_chats(tmp_path / name, ("one", answer))
        for name, answer in (("plain.json", "A fila não ficou lenta."), ("doubt.json", "Configuration"))
    )
    code = """
import sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.curation.importing import import_paths
made = workspace.make(Path(sys.argv[1]))
for path, again in ((sys.argv[2], False), (sys.argv[2], True), (sys.argv[3], False)):
    import_paths(made, [Path(path)], again=again)
    print("py3langid" in sys.modules)
"""
    loaded = finished(start(code, tmp_path / "ws", plain, doubt))
    assert loaded.splitlines() == ["False", "False", "True"]


def test_a_temporary_folder_without_room_is_a_sentence(tmp_path: Path, start: Start) -> None:
    code = """
import resource
from molting_tui.curation.languages import language_of
from molting_tui.errors import MoltingError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    print(language_of("Configuration"))
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


def test_an_earlier_workspace_has_its_languages_judged_again_with_its_flags(
    workspace: Workspace, tmp_path: Path
) -> None:
    answer = "キューが遅いのはディスクがいっぱいだからです。古いログを消して、もう一度試してください。それで直ります。"
    import_paths(workspace, [write_chats(tmp_path / "a.json", ("A long enough question?", answer * 2))])
    with workspace.store.write() as connection:
        connection.execute("update pair set language = 'pt'")  # as it was judged between two
        standing = json.dumps({"reached": 0, "rules": "", "more": {}, "fewer": {}})
        connection.execute("insert into meta values ('flags-anew', ?)", (standing,))
    flagging.finish(workspace)
    assert Desk(workspace).pair(1).language == "other"
    assert list(Desk(workspace).matching("lang:other")) == [1]
