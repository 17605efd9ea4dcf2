"""Promises about what a half-typed filter is offered, in the shell and in the workbench."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cli_workspaces import ROOT, answer, environment, made
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.curation.filter_completion import MOST_OFFERED, Offered, completed, last_word, offered
from molting_tui.curation.filters import parse
from molting_tui.records.filters import FIELDS, NAMES

KNOWN: dict[str, Sequence[str]] = {
    "flag": ("agent-speech", "agora-vou-pt", "secret"),
    "tag": ("voice", "vow"),
    "model": ("claude-opus-4",),
    "project": ("my project", "crm-api", "a,b", 'q"q', "\x1b[1m", "crm api"),
    "session": [f"0a{number:04}" for number in range(300)],
}


def names(field: str) -> Sequence[str]:
    return KNOWN.get(field, ("something",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sta", ["state:open", "state:keep", "state:drop"]),
        ("-sta", ["-state:open", "-state:keep", "-state:drop"]),
        ("s", ["state:", "session:", "sort:"]),
        ("sort:-m", ["sort:-model"]),
        ("state:", ["state:open", "state:keep", "state:drop"]),
        ("deploy state:k", ["state:keep"]),
        ("state:keep,", ["state:keep,open", "state:keep,drop"]),
        ("-flag:ag", ["-flag:agent-speech", "-flag:agora-vou-pt"]),
        ("rule:sec", ["rule:secret"]),
        ("model:opus", ["model:claude-opus-4"]),
        ("project:", ['project:"my project"', "project:crm-api", 'project:"crm api"']),
        ('project:"my p', ['project:"my project"']),
        ("project:crm-api,", []),
        ("len", ["len>", "len<"]),
        ("len>2", []),
        ("state>", []),
        ("after:", []),
        ("colour:r", []),
        ("drena a fila", []),
        ('"state:', []),
    ],
)
def test_a_half_typed_filter_is_offered_what_it_may_become(text: str, words: list[str]) -> None:
    assert list(offered(text, names).words) == words


def test_an_empty_filter_is_offered_every_field() -> None:
    words = offered("state:open ", names).words
    assert [field.name for field in FIELDS if not any(word.startswith(field.name) for word in words)] == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_is_completed_by_its_name_and_its_values(field: object) -> None:
    [name, takes, values] = [getattr(field, part) for part in ("name", "takes", "values")]
    begun = offered(name, names)
    assert begun.field is field or any(word.startswith(name) for word in begun.words)
    whole = offered(f"{name}:", names)
    assert whole.field is field
    assert bool(whole.words) == (takes in NAMES or bool(values))


def test_no_more_is_offered_than_can_be_looked_at() -> None:
    assert len(offered("session:0a", names).words) == MOST_OFFERED


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("deploy fla", "deploy flag:"),
        ("flag:a", "flag:ag"),
        ("x -flag:s", "x -flag:secret"),
        ("tag:", "tag:vo"),
        ("s", "s"),
        ("zebra", "zebra"),
        ("", ""),
    ],
)
def test_a_filter_is_completed_as_far_as_all_that_is_offered_agree(text: str, whole: str) -> None:
    assert completed(text, offered(text, names).words) == whole


HALVES = ["-", '"', ":", ">", ",", " ", "s", "st", *(field.name for field in FIELDS), "open", "\x00", "é"]


@given(st.lists(st.sampled_from(HALVES), max_size=8).map("".join))
def test_what_is_offered_can_be_read_or_is_a_field_without_its_value(text: str) -> None:
    before = text.removesuffix(last_word(text))
    for word in offered(text, names).words:
        assert last_word(before + word) == word
        if "," not in word and not word.endswith((":", ">", "<")):  # what stands before a comma is the person's own
            assert [term.field for term in parse(word).terms] != ["text"]


def test_plain_words_name_no_field() -> None:
    assert offered("queue:drain", names) == Offered()


Offer = Callable[..., list[str]]


@pytest.fixture
def shell(tmp_path: Path) -> Offer:
    """What bash is offered for the last of some words, in a workspace with a session."""
    folder = made(tmp_path / "ws")
    answer("decide", "1", "tag", "--tag", "voice", workspace=folder)

    def offer(*words: str, here: Path = folder) -> list[str]:
        line = environment({"_MOLTING_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("molting", *words))})
        line |= {"COMP_CWORD": str(len(words)), "PYTHONPATH": str(ROOT)}
        code = "from molting_tui.cli import main; main()"
        done = subprocess.run([sys.executable, "-c", code], env=line, capture_output=True, text=True, cwd=here)
        assert done.stderr == ""
        return [row.partition(",")[2] for row in done.stdout.split("\n") if row]

    return offer


def test_a_shell_is_offered_the_names_of_its_workspace(shell: Offer, tmp_path: Path) -> None:
    assert shell("pairs", "--where", "tag:") == ["voice"]
    assert shell("stats", "--where", "model:opus") == ["claude-opus-4-6"]
    assert "agent-speech" in shell("export", "--where", "flag:ag")
    assert shell("pairs", "--where", "'state:open -tag:v") == ["state:open -tag:voice"]
    assert shell("-w", str(tmp_path / "ws"), "pairs", "--where", "tag:", here=tmp_path) == ["voice"]


BASH = """
eval "$(molting completion bash)"
COMP_LINE={line}; COMP_POINT=${{#COMP_LINE}}
_molting_completion molting
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("molting do", ["doctor"]),
        ("molting stats ", []),
        ("molting pairs --where sta", ["state:open", "state:keep", "state:drop"]),
        ("molting pairs --where state:o", ["open"]),
        ("molting pairs --where=tag:", ["voice"]),
        ("molting pairs --where 'tag:v", ["tag:voice"]),
        ('molting pairs --where "state:open -tag:v', ["state:open -tag:voice"]),
    ],
)
def test_bash_puts_what_it_is_offered_in_the_place_of_what_it_calls_a_word(
    tmp_path: Path, line: str, offers: list[str]
) -> None:
    folder = made(tmp_path / "ws")
    answer("decide", "1", "tag", "--tag", "voice", workspace=folder)
    program = tmp_path / "bin" / "molting"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m molting_tui "$@"\n', "utf-8")
    program.chmod(0o700)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = environment({"PYTHONPATH": str(ROOT), "MOLTING_WORKSPACE": str(folder), "PATH": path})
    script = BASH.format(line=shlex.quote(line))
    done = subprocess.run(["bash", "-c", script], env=surroundings, capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines() == (offers or [""])


def test_without_a_workspace_a_shell_is_offered_what_needs_none(shell: Offer, tmp_path: Path) -> None:
    assert shell("pairs", "--where", "tag:", here=tmp_path) == []
    assert shell("pairs", "--where", "kind:im", here=tmp_path) == ["imported"]
    (tmp_path / "ws" / "molting.db").write_bytes(b"no database" * 500)
    assert shell("pairs", "--where", "tag:v") == []
