"""Promises about the persona: what is written into molting.toml changes nothing else there, and holds at once."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from cli_workspaces import answer, run, value
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.curation.persona import MOST_PROMPT, checked, draft, keep_draft, save, take_over
from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.overview.persona_use import length_words, persona_use, use_sentences
from molting_tui.workspace import Persona, Workspace, open_workspace, read_settings

PROMPT = 'Você é Cláudio,\nassistente "do" João.\n\n  \\n """fim"""\nÉ isso"'
TEXT = st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=60)
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20).filter(
    lambda name: name == name.strip()
)


def file(workspace: Workspace) -> Path:
    return workspace.folder / "molting.toml"


def test_what_is_written_holds_at_once_and_stays_with_every_comment(workspace: Workspace) -> None:
    before = file(workspace).read_text("utf-8")
    persona = Persona("Cláudio", "João", ("Claudinho", 'C, "L"'), ("Claude",), ("Softtor",), PROMPT)
    save(workspace, persona)
    assert workspace.settings.persona == persona
    after = file(workspace).read_text("utf-8")
    assert read_settings(file(workspace)).persona == persona
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in after.splitlines() if line.startswith("#")] == comments
    assert '\nassistente "do" João.\n' in after, "a text of several lines stands over several"
    again = open_workspace(workspace.folder)
    assert again.settings == workspace.settings
    again.close()


LAYOUTS = {
    "as it was made": None,
    "without a persona": 'theme = "ansi-light" # mine\n',
    "nothing at all": "",
    "one line": 'persona = {name = "A", user = "B"} # who\n[import]\nmin_prompt = 3\n',
    "dotted": 'persona.name = "A" # who\npersona.user = "B"\n',
    "windows": '[persona]\r\nname = "A" # who\r\nsystem_prompt = """\r\nold\r\n"""\r\n[import]\r\nmin_prompt = 3\r\n',
    "marked": "\ufeff[persona]\nname = 'A'\n",
    "lists": '[persona]\naliases = [\n  "A", # one\n  "B", # two\n]\n[keys]\n"pair.keep" = "f"\n',
    "no end": '[persona]\nname = "A"',
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("prompt", ["one line", PROMPT, "", "\nfirst is empty", "tab\tand \x1b[2J", 'ends "'])
def test_whatever_the_file_looks_like_only_the_persona_changes(workspace: Workspace, layout: str, prompt: str) -> None:
    text = LAYOUTS[layout]
    if text is not None:
        file(workspace).write_text(text, "utf-8", newline="")
    before = tomllib.loads(file(workspace).read_text("utf-8-sig"))
    take_over(workspace)
    wanted = Persona("Cláudio", "João", ("A", "B", "C"), (), ("x",), prompt)
    save(workspace, wanted)
    after = tomllib.loads(file(workspace).read_text("utf-8-sig"))
    assert read_settings(file(workspace)).persona == wanted
    assert {key: kept for key, kept in after.items() if key != "persona"} == {
        key: kept for key, kept in before.items() if key != "persona"
    }
    for comment in ("# who", "# mine", "# one", "# two"):
        assert (comment in (text or "")) == (comment in file(workspace).read_text("utf-8"))
    assert file(workspace).read_bytes().startswith(b"\xef\xbb\xbf") is (layout == "marked")


def test_what_a_killed_molting_left_half_written_goes_with_the_next_save(workspace: Workspace) -> None:
    left, at_work = (workspace.folder / f".molting.toml-{name}" for name in ("left", "atwork"))
    for part in (left, at_work):
        part.write_text("[persona]\n")
    os.utime(left, (0, 0))
    save(workspace, Persona(name="Mine"))
    assert (left.exists(), at_work.exists()) == (False, True)


def test_a_file_with_windows_line_ends_gets_no_others(workspace: Workspace) -> None:
    file(workspace).write_bytes(b"# mine\r\n[persona]\r\nname = 'C'\r\n[import]\r\nanswer = 'final'\r\n")
    workspace = open_workspace(workspace.folder)
    wanted = Persona("C", "Ana", ("Claudinho",), (), ("Softtor",), "One.\nTwo.")
    save(workspace, wanted)
    written = file(workspace).read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n")
    assert written.startswith(b"# mine\r\n")
    assert read_settings(file(workspace)).persona == wanted


@given(name=NAME, names=st.lists(NAME, max_size=4, unique=True), prompt=TEXT)
def test_what_can_be_written_is_read_again(name: str, names: list[str], prompt: str) -> None:
    from molting_tui.curation.persona import _edited
    from molting_tui.workspace import TEMPLATE

    persona = checked(Persona(name, "", tuple(names), (), (), prompt))
    old = TEMPLATE.format(name='""', user='""', system_prompt='""').encode()
    new = _edited(old, Persona(), persona, Path("molting.toml")).decode()
    assert msgspec.convert(tomllib.loads(new)["persona"], Persona) == persona


def test_nothing_is_written_where_nothing_changes(workspace: Workspace) -> None:
    before = file(workspace).stat()
    save(workspace, workspace.settings.persona)
    after = file(workspace).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


@pytest.mark.parametrize(
    ("persona", "sentence"),
    [
        (Persona(name=""), "name: needs a name"),
        (Persona(name=" \t "), "name: needs a name"),
        (Persona(name="a\x00b"), "name: has a character that no name has (U+0000)."),
        (Persona(name="a\udc80"), "(U+DC80)"),
        (Persona(name="a\nb"), "(U+000A)"),
        (Persona(name="A", user="x" * 201), "user: has 201 characters; 200 are the most."),
        (Persona(name="A", aliases=("\x1b[2J",)), "aliases: has a character that no name has (U+001B)."),
        (Persona(name="A", words=tuple(map(str, range(201)))), "words: has 201 names"),
        (Persona(name="A", system_prompt="one\ntwo \x00"), "system prompt, line 2: has what is no character (U+0000)."),
        (Persona(name="A", system_prompt="\ud800"), "system prompt, line 1: has what is no character (U+D800)."),
        (Persona(name="A", system_prompt="x" * (1 << 20)), f"{MOST_PROMPT:,} are the most"),
        (Persona(name="A", system_prompt="." * 5_000 + "\n"), "too many dots in a line"),
    ],
)
def test_a_persona_that_cannot_be_is_a_sentence_and_the_file_stays(
    workspace: Workspace, persona: Persona, sentence: str
) -> None:
    save(workspace, Persona(name="Cláudio"))
    before = file(workspace).read_bytes()
    with pytest.raises(BadInput) as refused:
        save(workspace, persona)
    assert sentence in refused.value.sentence()
    assert file(workspace).read_bytes() == before
    assert workspace.settings.persona == Persona(name="Cláudio")


def test_another_programs_change_of_the_persona_is_told_and_not_lost(workspace: Workspace) -> None:
    text = file(workspace).read_text("utf-8")
    theirs = text.replace('user = ""', 'user = "Ana"') if 'user = ""' in text else text.replace("João", "Ana")
    file(workspace).write_text(theirs, "utf-8")
    with pytest.raises(Refused, match="another program has changed the persona"):
        save(workspace, Persona(name="Mine"))
    assert file(workspace).read_text("utf-8") == theirs
    assert take_over(workspace).user == "Ana"
    save(workspace, Persona(name="Mine", user="Ana"))
    file(workspace).write_text(theirs, "utf-8")
    save(workspace, Persona(name="Again"), over=True)
    assert read_settings(file(workspace)).persona == Persona(name="Again")


def test_another_programs_change_of_other_settings_is_kept_and_told(workspace: Workspace) -> None:
    text = file(workspace).read_text("utf-8")
    file(workspace).write_text(text.replace("min_prompt = 10", "min_prompt = 11"), "utf-8")
    assert save(workspace, Persona(name="Mine")).others
    assert read_settings(file(workspace)).import_.min_prompt == 11
    assert not save(open_workspace(workspace.folder), Persona(name="Other")).others


def test_permissions_stay_and_a_link_stays_a_link(workspace: Workspace, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.toml"
    file(workspace).rename(real)
    real.chmod(0o640)
    file(workspace).symlink_to(real)
    save(workspace, Persona(name="Mine"))
    assert file(workspace).is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert read_settings(real).persona.name == "Mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".molting")] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_cannot_be_written_is_a_sentence(workspace: Workspace, what: str) -> None:
    place = file(workspace) if what == "file" else workspace.folder
    mode = place.stat().st_mode
    place.chmod(0o500)
    try:
        with pytest.raises(MoltingError, match=r"can't be written: .*; nothing was changed"):
            save(workspace, Persona(name="Mine"))
    finally:
        place.chmod(mode)


def test_a_broken_file_is_told_and_left_alone(workspace: Workspace) -> None:
    file(workspace).write_text("[persona\n", "utf-8")
    with pytest.raises(BadInput, match="isn't TOML"):
        save(workspace, Persona(name="Mine"))
    assert file(workspace).read_text("utf-8") == "[persona\n"


def test_a_draft_waits_for_its_writer_whatever_is_in_it(workspace: Workspace) -> None:
    assert draft(workspace) is None
    unfinished = Persona(name="", system_prompt="half a \x00 \udc80 word")
    keep_draft(workspace, unfinished)
    assert draft(workspace) == unfinished
    keep_draft(workspace, None)
    assert draft(workspace) is None


def test_what_the_prompt_is_used_for_is_counted(three: Desk) -> None:
    three.decide(three.pair(1), "keep")
    three.decide(three.pair(2), "keep")
    use = persona_use(three.workspace)
    assert (use.kept, use.without_own, use.datasets, use.exports) == (2, 2, (0, 0), (0, 0))
    said = " ".join(use_sentences(use))
    assert "before 2 kept pairs." in said
    assert "Runs keep what they were frozen with" in said
    assert length_words("á" * 6) == "6 characters, about 3 tokens"


def test_the_command_shows_and_sets(tmp_path: Path) -> None:
    folder, prompt = tmp_path / "w", tmp_path / "prompt.txt"
    answer("init", str(folder), "--name", "Cláudio")
    prompt.write_text("Você é Cláudio.\r\nFale pouco.\n", "utf-8")
    done = run("persona", "--user", "João", "--alias", "C", "--system-prompt-file", str(prompt), workspace=folder)
    assert (done.exit_code, done.stderr) == (0, "Written into molting.toml.\n")
    assert "System prompt: 27 characters, about 8 tokens\n  Você é Cláudio.\n  Fale pouco." in done.stdout
    assert "Nothing to write" in run("persona", "--user", "João", workspace=folder).stderr
    found = value("persona", workspace=folder)
    assert (found["name"], found["user"], found["aliases"]) == ("Cláudio", "João", ["C"])
    assert found["system_prompt"] == "Você é Cláudio.\nFale pouco."
    assert found["used"]["kept"] == 0
    run("persona", "--alias", "", workspace=folder)
    assert value("persona", workspace=folder)["aliases"] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--name", ""), "name: needs a name"),
        (("--system-prompt", "a", "--system-prompt-file", "b"), "say the same"),
        (("--system-prompt-file", "/nowhere/x"), "can't be read"),
    ],
)
def test_what_cannot_be_set_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    answer("init", str(tmp_path / "w"), "--name", "Cláudio")
    done = run("persona", *arguments, workspace=tmp_path / "w")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert sentence in done.stderr


def test_tomlkit_is_loaded_only_where_something_is_written() -> None:
    code = (
        "import sys, molting_tui.cli, molting_tui.ui.app, molting_tui.curation.persona, molting_tui.cli.persona\n"
        "print('tomlkit' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
