"""`molting dataset`: freezing, listing, showing and comparing from the shell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_workspaces import LONG, answer, environment, made, run, value


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A workspace in which all three pairs are kept."""
    folder = made(tmp_path / "ws")
    answer("decide", "--where", "state:open", "keep", "--yes", workspace=folder)
    return folder


@pytest.fixture
def two(kept: Path) -> Path:
    """The same with two datasets: after `v1` a pair was dropped and one rewritten, then `v2` was frozen."""
    answer("dataset", "freeze", "v1", workspace=kept)
    new = kept / "new.txt"
    new.write_text("Uma resposta nova, escrita depois do congelamento, e longa que chegue.", "utf-8")
    answer("decide", "1", "--text", str(new), workspace=kept)
    answer("decide", "2", "drop", workspace=kept)
    answer("dataset", "freeze", "v2", workspace=kept)
    return kept


def test_freezing_says_what_was_frozen_and_where(kept: Path) -> None:
    printed = answer("dataset", "freeze", "v2.5", workspace=kept)
    assert "Dataset v2.5 is frozen: 3 pairs, digest " in printed
    assert str(kept / "datasets" / "v2.5") in printed
    again = value("dataset", "freeze", "again", "--where", "id:1", workspace=kept)
    assert (again["name"], again["pairs"], again["same_as"]) == ("again", 1, [])
    assert "no identity" in again["warnings"][0]
    third = answer("dataset", "freeze", "third", workspace=kept)
    assert "it holds the same as v2.5." in third


def test_the_list_has_the_fields_that_scripts_lean_on(two: Path) -> None:
    listed = value("dataset", "list", workspace=two)
    assert [dataset["name"] for dataset in listed] == ["v2", "v1"]
    assert listed[1].items() >= {"pairs": 3, "parts": {"train": 3, "held_out": 0, "bank": 0}, "runs": []}.items()
    assert len(listed[0]["digest"]) == 64
    assert listed[0]["frozen"] > listed[1]["frozen"]
    assert value("dataset", workspace=two) == listed
    printed = answer("dataset", "list", workspace=two).splitlines()
    assert printed[0].split() == ["name", "pairs", "digest", "frozen", "(UTC)", "parts", "runs"]
    assert printed[1].split()[:3] == ["v2", "2", listed[0]["digest"][:12]]


def test_without_a_dataset_the_list_tells_the_next_step(kept: Path) -> None:
    assert answer("dataset", workspace=kept) == (
        "Nothing has been frozen yet. Freeze what is kept: molting dataset freeze NAME\n"
    )
    assert value("dataset", "list", workspace=kept) == []


def test_a_dataset_is_shown_with_what_changed_since(two: Path) -> None:
    printed = answer("dataset", "show", "v1", workspace=two)
    for words in ("What it is made of", "languages", "1 of its pairs has other words now.", "stays what it was"):
        assert words in printed
    shown = value("dataset", "show", "v1", workspace=two)
    assert shown["since"] == {"rewritten": 1, "unkept": 1, "superseded": 0, "absent": 0}
    assert shown["composition"]["languages"] == {"pt": 1, "en": 2}
    assert (shown["problem"], shown["same_as"]) == ("", [])
    assert "in the same words" in answer("dataset", "show", "v2", workspace=two)


def test_a_file_changed_by_hand_is_told(two: Path) -> None:
    (two / "datasets" / "v1" / "dataset.jsonl").write_text("{}")
    assert "isn't what was frozen any more" in answer("dataset", "show", "v1", workspace=two)
    assert value("dataset", "show", "v1", workspace=two)["problem"]


def test_a_diff_is_five_lists_of_uids(two: Path) -> None:
    uids = {pair["id"]: pair["uid"] for pair in (value("pairs", str(number), workspace=two) for number in (1, 2))}
    assert value("dataset", "diff", "v1", "v2", workspace=two) == {
        "came": [],
        "went": [uids[2]],
        "rewritten": [uids[1]],
        "rederived": [],
        "moved": [],
    }
    assert value("dataset", "diff", "v2", "v1", workspace=two)["came"] == [uids[2]]


def test_a_diff_shows_the_words(two: Path) -> None:
    printed = answer("dataset", "diff", "v1", "v2", workspace=two)
    assert printed.startswith("v1 to v2: 0 came, 1 went, 1 rewritten, 0 re-derived, 1 the same.\n")
    assert f"    - {LONG[:60]}" in printed
    assert "    + Uma resposta nova, escrita" in printed
    assert answer("dataset", "diff", "v1", "v1", workspace=two) == "v1 to v1: the same 3 pairs.\n"
    assert answer("dataset", "diff", "v1", "v2", "--limit", "0", workspace=two).count("\n") == 1


def test_words_in_a_dataset_cannot_reach_the_terminal(tmp_path: Path) -> None:
    folder = made(tmp_path / "ws")
    answer("decide", "1", "keep", workspace=folder)
    answer("dataset", "freeze", "v1", workspace=folder)
    text = folder / "text"
    text.write_text("Uma resposta \x1b[2J com \x9b31m controles \u202e, e longa que chegue.", "utf-8")
    answer("decide", "1", "--text", str(text), workspace=folder)
    answer("dataset", "freeze", "v2", workspace=folder)
    printed = answer("dataset", "diff", "v1", "v2", workspace=folder)
    assert "␛[2J" in printed
    assert not {"\x1b", "\x9b", "\u202e"} & set(printed)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("freeze", "v1"), "there is a dataset `v1` already"),
        (("freeze", ""), "a dataset needs a name"),
        (("freeze", "../v9"), "can't be the name of a dataset"),
        (("freeze", "v9", "--where", "id:99"), "none of the 2 kept pairs matches the filter"),
        (("show", "v9"), "there is no dataset `v9`. There are v2, v1."),
        (("diff", "v1", "v9"), "there is no dataset `v9`"),
        (("--json", "list"), "--json goes after the last word"),
    ],
)
def test_bad_input_is_a_sentence(two: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run("dataset", *arguments, workspace=two)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_secret_refuses_the_freeze_with_exit_code_1(kept: Path) -> None:
    secret = kept / "secret"
    secret.write_text("A chave é AKIA" + "IOSFODNN7EXAMPLQ, e isto é longo o bastante para ser resposta.", "utf-8")
    answer("decide", "1", "--text", str(secret), workspace=kept)
    result = run("dataset", "freeze", "v1", workspace=kept)
    assert result.exit_code == 1
    assert "1 kept pair holds a secret: 1 (" in result.stderr


def test_the_shell_is_offered_the_names(two: Path) -> None:
    def offered(folder: Path, *words: str) -> list[str]:
        line = environment({"_MOLTING_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("molting", *words))})
        line |= {"COMP_CWORD": str(len(words)), "MOLTING_WORKSPACE": str(folder)}
        program = "from molting_tui.cli import main; main()"
        done = subprocess.run([sys.executable, "-c", program], env=line, capture_output=True, text=True)
        return [offer.partition(",")[2] for offer in done.stdout.splitlines()]

    assert offered(two, "dataset", "show", "v") == ["v2", "v1"]
    assert offered(two, "dataset", "diff", "v1", "v2") == ["v2"]
    assert not any(offered(two.parent, "dataset", "show", "v"))
