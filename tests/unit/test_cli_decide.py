"""`molting decide`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_workspaces import LONG, answer, made, run, value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


TURNS = [
    {"from": "system", "value": "Sê breve."},
    {"from": "human", "value": "A chave é AKIA" + "AB23" * 4},
    {"from": "gpt", "value": "Está guardada."},
    {"from": "human", "value": "E agora?"},
    {"from": "gpt", "value": "Nada mais."},
]


def states(folder: Path) -> list[str]:
    return [pair["state"] for pair in value("pairs", workspace=folder)]


def test_a_word_about_a_pair(folder: Path) -> None:
    for word, state in (("keep", "keep"), ("drop", "drop"), ("open", "open")):
        assert value("decide", "1", word, workspace=folder)["state"] == state
        assert states(folder) == [state, "open", "open"]
    assert value("decide", "1", "skip", workspace=folder)["skipped"] is True


def test_star_and_tag_say_what_they_say_however_often(folder: Path) -> None:
    for _ in range(2):
        answer("decide", "1", "star", workspace=folder)
        answer("decide", "1", "tag", "--tag", "voice", workspace=folder)
    pair = value("pairs", "1", workspace=folder)
    assert (pair["starred"], pair["tags"]) == (True, ["voice"])
    answer("decide", "1", "unstar", workspace=folder)
    answer("decide", "1", "untag", "--tag", "voice", workspace=folder)
    pair = value("pairs", "1", workspace=folder)
    assert (pair["starred"], pair["tags"]) == (False, [])


def test_new_words_keep_the_pair(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "answer.txt").write_text("Sobe a nova e drena a fila.\n", "utf-8")
    (tmp_path / "prompt.txt").write_text("Como faço o deploy?\n", "utf-8")
    after = value(
        "decide",
        "1",
        "keep",
        "--text",
        str(tmp_path / "answer.txt"),
        "--prompt",
        str(tmp_path / "prompt.txt"),
        workspace=folder,
    )
    assert (after["state"], after["rewritten"]) == ("keep", True)
    pair = value("pairs", "1", workspace=folder)
    assert (pair["instruction"], pair["response"]) == ("Como faço o deploy?", "Sobe a nova e drena a fila.")
    answer("decide", "--undo", workspace=folder)
    assert value("pairs", "1", workspace=folder)["response"] == LONG


def test_a_bulk_is_one_step(folder: Path) -> None:
    said = value("decide", "--where", "-flag:agent-speech", "drop", "--yes", workspace=folder)
    assert said == {"word": "drop", "matched": 2, "changed": 2}
    assert states(folder) == ["drop", "open", "drop"]
    taken_back = value("decide", "--undo", workspace=folder)
    assert (taken_back["pairs"], taken_back["ids"]) == (2, [1, 3])
    assert states(folder) == ["open", "open", "open"]
    assert value("decide", "--redo", workspace=folder)["pairs"] == 2
    assert states(folder) == ["drop", "open", "drop"]


def test_a_bulk_without_a_terminal_asks_for_yes(folder: Path) -> None:
    result = run("decide", "--where", "len>0", "drop", workspace=folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "3 pairs" in result.stderr
    assert "--yes" in result.stderr
    assert states(folder) == ["open"] * 3


def test_a_bulk_over_nothing_changes_nothing(folder: Path) -> None:
    assert value("decide", "--where", "state:drop", "keep", workspace=folder) == {
        "word": "keep",
        "matched": 0,
        "changed": 0,
    }
    assert run("decide", "--undo", workspace=folder).exit_code == 1


def test_masking_leaves_the_decisions_to_people(tmp_path: Path) -> None:
    secret = "The token is ghp_" + "Ab0Ab0" * 6 + ", which is what the deploy script of the CRM reads."
    folder = made(tmp_path / "w", [("Which token does it take?", (secret,)), ("And which one in staging?", (secret,))])
    answer("decide", "1", "drop", "--reason", "secret", workspace=folder)
    assert value("decide", "--where", "flag:secret", "mask", "--yes", workspace=folder)["changed"] == 2
    pairs = value("pairs", workspace=folder)
    assert [pair["state"] for pair in pairs] == ["drop", "open"]
    assert all("ghp_" not in pair["response"] and "secret" not in pair["flags"] for pair in pairs)
    assert value("pairs", "1", workspace=folder)["reason"] == "secret"
    answer("decide", "--undo", workspace=folder)
    assert all("ghp_" in pair["response"] for pair in value("pairs", workspace=folder))


def test_nothing_to_undo_is_a_no(folder: Path) -> None:
    result = run("decide", "--undo", workspace=folder)
    assert (result.exit_code, result.stdout) == (1, "There is nothing of yours to undo.\n")
    assert run("decide", "--redo", "--json", workspace=folder).exit_code == 1


def test_undo_survives_a_new_process_and_reaches_only_your_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLTING_ACTOR", "joao")
    answer("decide", "1", "keep", workspace=folder)
    monkeypatch.setenv("MOLTING_ACTOR", "maria")
    assert run("decide", "--undo", workspace=folder).exit_code == 1
    monkeypatch.setenv("MOLTING_ACTOR", "joao")
    assert "keep pair 1" in answer("decide", "--undo", workspace=folder)
    assert states(folder) == ["open"] * 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "a pair and a word"),
        (("1",), "a pair and a word"),
        (("1", "bury"), "`bury` is no decision"),
        (("--where", "lang:pt", "1", "keep"), "one word"),
        (("1", "drop", "--text", "-"), "keep one pair"),
        (("1", "--text", "-", "--prompt", "-"), "can't both read stdin"),
        (("1", "--text", "-", "--reason", "x"), "no --reason"),
        (("1", "star", "--reason", "x"), "--reason is for"),
        (("1", "tag"), "--tag NAME"),
        (("1", "keep", "--tag", "x"), "--tag NAME"),
        (("1", "tag", "--tag", "two words"), "one word"),
        (("--where", "len>0", "tag", "--tag", "two words", "--yes"), "one word"),
        (("--undo", "--redo"), "stand alone"),
        (("1", "keep", "--undo"), "stand alone"),
        (("1", "--text", "/nowhere.txt"), "/nowhere.txt: can't be read"),
        (("1", "--text", "-", "--message", "2"), "message 2: there is no such message. It has 2 messages"),
        (("1", "keep", "--message", "0"), "--message says which message --text is"),
        (("1", "--prompt", "-", "--message", "0"), "--message says which message --text is"),
        (("--undo", "--message", "0"), "stand alone"),
        (("99", "keep"), "pair 99: there is no such pair"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence_and_changes_nothing(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("decide", *arguments, workspace=folder, stdin="text")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert states(folder) == ["open"] * 3


@pytest.mark.parametrize(("text", "said"), [(b"\xff\xfe", "isn't UTF-8"), (b" \n", "there is no text in it")])
def test_a_text_that_cannot_be_used_changes_nothing(folder: Path, text: bytes, said: str) -> None:
    result = run("decide", "1", "--text", "-", workspace=folder, stdin=text)
    assert result.exit_code == 2
    assert said in result.stderr
    assert states(folder) == ["open"] * 3


def test_any_message_of_a_pair_is_rewritten_by_its_number(tmp_path: Path) -> None:
    """The numbers are those that `molting pairs PAIR` shows; the prompt and the answer keep their names in JSON."""
    folder, chats = tmp_path / "ws", tmp_path / "chats.json"
    chats.write_text(json.dumps([{"conversations": TURNS}]), "utf-8")
    answer("init", str(folder))
    answer("import", str(chats), workspace=folder)
    assert "0  System" in answer("pairs", "1", workspace=folder)
    assert "message 1 10-30" in answer("pairs", "1", workspace=folder)
    (hit,) = value("pairs", "1", workspace=folder)["hits"]
    assert (hit["rule"], hit["place"], hit["side"]) == ("aws-key-id", 1, "user")
    answer("decide", "1", "--message", "1", "--text", "-", workspace=folder, stdin="A chave é minha.\n")
    pair = value("pairs", "1", workspace=folder)
    assert [message["text"] for message in pair["messages"]] == [
        "Sê breve.", "A chave é minha.", "Está guardada.", "E agora?", "Nada mais.",
    ]  # fmt: skip
    assert (pair["instruction"], pair["response"], pair["flags"]) == ("E agora?", "Nada mais.", [])
    assert pair["messages"][1]["original"] == TURNS[1]["value"]
    assert "message 1 as it was" in answer("pairs", "1", workspace=folder).lower()
