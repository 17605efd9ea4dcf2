"""Promises about workspaces: made whole, found, and refused with a sentence that says where."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molting_tui import workspace as workspaces
from molting_tui.errors import BadInput, MoltingError
from molting_tui.workspace import SETTINGS_FILE, Settings, Workspace, read_settings
from tests.conftest import Start, finished


def test_a_new_workspace_has_every_setting_at_its_default(workspace: Workspace) -> None:
    assert workspace.settings == Settings(persona=workspaces.Persona(name="Cláudio", user="João"))
    assert workspace.name == "ws"
    assert workspace.exports.is_dir()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(st.characters(codec="utf-8"), max_size=40))
def test_whatever_name_is_given_is_the_name_that_is_read(tmp_path: Path, text: str) -> None:
    for value in (text, f'"{text}"', f"{text}\\", f'a\n"""{text}\t'):
        path = tmp_path / "settings.toml"
        path.write_text(workspaces._filled(value, "João {user}", value), "utf-8")
        persona = read_settings(path).persona
        assert (persona.name, persona.user, persona.system_prompt) == (value, "João {user}", value)


def test_a_workspace_is_made_once(workspace: Workspace) -> None:
    before = (workspace.folder / SETTINGS_FILE).read_bytes()
    with pytest.raises(BadInput, match="already") as refused:
        workspaces.make(workspace.folder)
    assert str(workspace.folder) in refused.value.sentence()
    assert (workspace.folder / SETTINGS_FILE).read_bytes() == before


def test_a_folder_that_was_there_keeps_its_rights_and_its_files(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "mine.txt").write_text("mine")
    workspaces.make(tmp_path).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert stat.S_IMODE((tmp_path / "molting.db").stat().st_mode) == 0o600


def test_what_a_workspace_makes_is_private_whatever_was_there_and_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        shared = tmp_path / "shared"
        (shared / "exports").mkdir(parents=True)
        (shared / "notes.txt").write_text("mine")
        (shared / "molting.db").touch()
        made = (workspaces.make(shared), workspaces.make(tmp_path / "new" / "deep" / "ws"))
        for opened in made:
            with opened.store.write() as connection:
                connection.execute("insert into meta values ('k', 'v')")
        there = (shared, shared / "exports", shared / "notes.txt")
        assert [stat.S_IMODE(path.stat().st_mode) for path in there] == [0o777, 0o777, 0o666]
        ours = {*shared.rglob("*"), tmp_path / "new", *(tmp_path / "new").rglob("*")} - set(there)
        assert len(ours) > 12
        assert {path: path.stat().st_mode & 0o077 for path in ours} == dict.fromkeys(ours, 0)
        for opened in made:
            opened.close()
    finally:
        os.umask(before)


def test_a_workspace_in_a_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BadInput, match="can't be made"):
            workspaces.make(folder)


def test_the_one_that_is_named_is_found_first(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = workspaces.make(tmp_path / "other")
    other.close()
    inside = tmp_path / "third"
    workspaces.make(inside).close()
    (inside / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(inside / "deep" / "down")
    assert workspaces.find() == inside
    monkeypatch.setenv("MOLTING_WORKSPACE", str(other.folder))
    assert workspaces.find() == other.folder
    assert workspaces.find(str(workspace.folder)) == workspace.folder


@pytest.mark.parametrize("named", ["nowhere", "~nobody-of-this-name/ws", "\x00"])
def test_a_workspace_that_isnt_there_is_told_how_to_be_made(
    tmp_path: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="molting init"):
        workspaces.find(named)
    with pytest.raises(BadInput, match="molting init"):
        workspaces.find()


def test_a_current_folder_that_is_gone_is_a_sentence(tmp_path: Path, start: Start) -> None:
    code = """
import os, sys
from molting_tui import workspace
from molting_tui.errors import BadInput
os.mkdir(sys.argv[1]); os.chdir(sys.argv[1]); os.rmdir(sys.argv[1])
try:
    workspace.find()
except BadInput as error:
    print(error.sentence())
"""
    assert "current folder is gone" in finished(start(code, tmp_path / "gone"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("theme = red\n", "line 1"),
        ("[persona]\nname = 5\n", "persona.name"),
        ("[import]\nmin_prompt = 'ten'\n", "import.min_prompt"),
        ("[import]\nmin_promt = 10\n", "min_promt"),
        ("[import]\nanswer = 'best'\n", "best"),
        ("colour = 'red'\n", "colour"),
        ("name = '\udc80'\n", "TOML"),
    ],
)
def test_a_mistake_in_the_settings_names_the_file_and_the_place(workspace: Workspace, content: str, says: str) -> None:
    path = workspace.folder / SETTINGS_FILE
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput) as refused:
        workspaces.open_workspace(workspace.folder)
    assert str(path) in refused.value.sentence()
    assert says in refused.value.sentence()


def test_settings_may_start_with_a_byte_order_mark_and_leave_everything_out(tmp_path: Path) -> None:
    path = tmp_path / SETTINGS_FILE
    path.write_bytes(b"\xef\xbb\xbf")
    assert read_settings(path) == Settings()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("a = " + "[" * 100_000, "nested deeper than any setting", id="arrays"),
        pytest.param("a = " + "{a=" * 50_000, "nested deeper than any setting", id="tables"),
        pytest.param(".".join(["a"] * 100_000) + " = 1", "too many dots", id="dotted key"),
        pytest.param("[" + ".".join(["a"] * 100_000) + "]", "too many dots", id="dotted table"),
        pytest.param("#" + "x" * 10_000_000, "larger than 1,048,576 bytes", id="10 MB"),
        pytest.param("[import]\nmin_prompt = " + "9" * 5_000, "isn't TOML", id="digits"),
        pytest.param("[import]\nmin_prompt = " + "9" * 30, "$.import.min_prompt", id="huge"),
        pytest.param("[import]\nmin_prompt = -1", "$.import.min_prompt", id="below zero"),
        pytest.param("[import]\nmin_prompt = nan", "$.import.min_prompt", id="nan"),
        pytest.param("[import]\nmin_prompt = true", "$.import.min_prompt", id="bool"),
        pytest.param("theme = 1979-05-27", "$.theme", id="date"),
        pytest.param("[training]\nenvironment = [1]", "$.training.environment[0]", id="number in names"),
        pytest.param("[import]\nanswer = '" + "x" * 5_000 + "'", "answer can't be `xxxx", id="long word"),
    ],
)
def test_settings_that_no_person_wrote_are_a_short_sentence(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / SETTINGS_FILE
    path.write_text(content, "utf-8")
    with pytest.raises(BadInput) as refused:
        read_settings(path)
    assert says in refused.value.sentence()
    assert len(refused.value.what) < 400


def test_a_long_system_prompt_is_a_setting_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / SETTINGS_FILE
    path.write_text('[persona]\nsystem_prompt = """' + "Uma frase. Outra...\n" * 10_000 + '"""', "utf-8")
    assert len(read_settings(path).persona.system_prompt) == 200_000


def test_a_missing_settings_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        read_settings(tmp_path / SETTINGS_FILE)


def test_the_actor_is_who_is_named_else_who_is_logged_in(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def actor() -> str:
        opened = workspaces.open_workspace(workspace.folder)
        opened.close()
        return opened.actor

    monkeypatch.setenv("MOLTING_ACTOR", " rui ")
    assert actor() == "rui"
    monkeypatch.setenv("MOLTING_ACTOR", os.fsdecode(b"ru\xed"))
    assert actor().encode()
    monkeypatch.delenv("MOLTING_ACTOR")
    monkeypatch.setenv("LOGNAME", "maria")
    assert actor() == "maria"


def test_a_rule_file_of_the_workspace_replaces_the_shipped_one_of_its_name(workspace: Workspace) -> None:
    shipped = {path.name: path for path in workspace.rule_files()}
    own = workspace.folder / "rubrics" / "curation"
    (own / "secrets.yaml").write_text("")
    (own / "ours.yaml").write_text("")
    found = {path.name: path for path in workspace.rule_files()}
    assert found == shipped | {"secrets.yaml": own / "secrets.yaml", "ours.yaml": own / "ours.yaml"}


def test_what_travels_with_molting_is_found_and_what_doesnt_is_named() -> None:
    assert (workspaces.shipped("rubrics") / "curation" / "agent-speech.yaml").is_file()
    with pytest.raises(MoltingError, match="no-such-folder"):
        workspaces.shipped("no-such-folder")
