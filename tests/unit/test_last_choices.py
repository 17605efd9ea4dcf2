"""Promises about forms that stand filled in: each person finds their own last choice, and nothing ends by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from molting_tui import workspace as workspaces
from molting_tui.curation.last_choices import last_choice, remember_choice
from molting_tui.curation.log_places import agreed
from molting_tui.curation.news import new_pairs
from molting_tui.curation.persona import draft
from molting_tui.evaluation.results.last_verdict import last_verdict
from molting_tui.sources.places import Place
from molting_tui.store import meta
from molting_tui.workspace import Persona
from tests.conftest import new_workspace, only_reading


def test_each_person_finds_what_they_chose_last_in_each_form(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    other = replace(workspace, actor="rui")
    remember_choice(workspace, "export", {"where": "is:starred", "file": "a\x00\udcff\x1b.json"})
    remember_choice(workspace, "export", {"where": "lang:pt", "file": "ação.json"})
    remember_choice(other, "export", {"where": "tag:voice"})
    assert last_choice(workspace, "export") == {"where": "lang:pt", "file": "ação.json"}
    assert last_choice(other, "export") == {"where": "tag:voice"}
    assert last_choice(workspace, "train") == {}
    workspace.close()


def test_where_nothing_can_be_written_the_choice_is_forgotten_and_the_last_one_stays(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    remember_choice(workspace, "train", {"base": "tiny"})
    workspace.close()
    with only_reading(tmp_path / "w"):
        reading = workspaces.open_workspace(tmp_path / "w")
        remember_choice(reading, "train", {"base": "other"})
        assert last_choice(reading, "train") == {"base": "tiny"}
        reading.close()


def test_what_another_version_left_there_is_no_mistake(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    for text in ("not json", "[1]", '{"where": 3}'):
        with workspace.store.write() as connection:
            meta.put(connection, f"export:{workspace.actor}", text)
        assert last_choice(workspace, "export") in ({}, {"where": "3"})
    workspace.close()


def test_a_draft_a_verdict_and_an_agreement_that_are_torn_are_as_if_never_made(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    place = Place("Claude Code", tmp_path, 1, 1)
    for text in ("not json", "[1]", '{"a": 3}', "3"):
        with workspace.store.write() as connection:
            for key in (f"persona-draft:{workspace.actor}", f"last-verdict:{workspace.actor}", "log-places"):
                meta.put(connection, key, text)
            meta.put(connection, "import-latest", text)
        assert draft(workspace) in (None, Persona())
        assert last_verdict(workspace) is None
        assert not agreed(workspace, [place])
        assert new_pairs(workspace.store) is None
    workspace.close()
