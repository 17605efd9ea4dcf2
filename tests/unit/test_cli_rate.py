"""Promises of `molting rate`."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from molting_tui import workspace as workspaces
from molting_tui.evaluation.results import table
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.records.events import NewEvent
from molting_tui.store import answers, events, ratings
from molting_tui.workspace import shipped
from tests.answered import answered, question, question_set
from tests.conftest import new_workspace
from tests.unit.cli_workspaces import answer, run, value

ASKED = question_set(question("joao"), question("molting"))
V23 = shipped("data") / "sheets" / "v2.3.csv"
ENTER = ("rate", "--sheet", str(V23), "--contender", "v2.3", "--rubric", "four-criteria", "--language", "en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with the answers of one contender to two questions."""
    made = new_workspace(tmp_path / "ws")
    answered(made, ASKED, ("v1",))
    made.close()
    return made.folder


def stored(folder: Path) -> list[tuple[object, ...]]:
    opened = workspaces.open_workspace(folder)
    rows = opened.store.rows("select rater, dimension, level, blind from rating order by answer, dimension, rater")
    opened.close()
    return rows


def test_a_rating_that_is_typed_in_is_stored_and_not_blind(folder: Path) -> None:
    said = answer("rate", "1", "d1", "2", "--note", "in his voice", workspace=folder)
    assert said == "Answer 1: d1 is 2 (personality-v1, ana). --undo takes it back.\n"
    found = value("rate", "1", "D2", "0", "--rater", "rui", workspace=folder)
    assert (found["id"], found["level"], found["rater"], found["rubric"]) == (1, 0, "rui", "personality-v1")
    assert stored(folder) == [("ana", "D1", 2, 0), ("rui", "D2", 0, 0)]
    listed = value("results", "--answers", workspace=folder)["answers"][0]
    assert listed["ratings"][0] | {"uuid": ""} == {
        "dimension": "D1", "level": 2, "rater": "ana", "pass": 1, "blind": False, "seen": None,
        "note": "in his voice", "uuid": "",
    }  # fmt: skip


def test_not_applicable_is_a_level_where_the_rubric_says_when(folder: Path) -> None:
    text = (shipped("rubrics") / "personality-v1.yaml").read_text("utf-8")
    own = text.replace("id: personality-v1", "id: own").replace("gates:", "    na_when: nothing was asked\ngates:", 1)
    (folder / "rubrics" / "own.yaml").write_text(own, "utf-8")
    assert value("rate", "1", "D5", "-", "--rubric", "own", workspace=folder)["level"] is None
    refused = run("rate", "1", "D5", "x", "--rubric", "own", workspace=folder)
    assert "It is 0, 1, 2, or - for not applicable (of D5)." in refused.stderr
    assert run("rate", "1", "D4", "-", "--rubric", "own", workspace=folder).exit_code == 2
    assert stored(folder) == [("ana", "D5", None, 0)]


def test_not_applicable_of_an_earlier_version_leaves_the_answer_unscored_and_is_said_once(folder: Path) -> None:
    opened = workspaces.open_workspace(folder)
    by, (first, _) = find_rubric(opened, "personality-v1"), answers.names(opened.store)
    ratings.remember_rubric(opened.store, by)
    given = {"D1": None, "D2": None, "D3": None, "D4": 2, "D5": 2}
    events.say(
        opened.store, "ana", "as an earlier version stored it",
        [NewEvent(first.uuid, "rate", {"dimension": name, "level": level}, by.digest, first.question_digest, 1, True)
         for name, level in given.items()],
    )  # fmt: skip
    opened.close()
    said = "3 ratings not applicable of a dimension that always applies"
    told = run("score", "--json", workspace=folder)
    assert told.stderr.startswith(f"molting: {said}")
    assert json.loads(told.stdout)["waiting"]["personality-v1"] == 2
    results = run("results", "--json", workspace=folder)
    assert results.stderr == ""
    [one] = json.loads(results.stdout)["contenders"]
    assert (one["score"], one["incomplete"], one["band"]) == (None, 2, "")
    assert sum(note.startswith(said) for note in json.loads(results.stdout)["notes"]) == 1
    opened = workspaces.open_workspace(folder)
    scoring = start(opened, by)
    asked = [scoring.item(place) for place in scoring.places]
    assert sorted(len(each.levels) for each in asked) == [0, 2]
    for place, dimension in itertools.product(scoring.places, by.dimensions):
        scoring.rate(place, dimension.id, 2)
    assert scoring.left == 0
    assert not any(note.startswith(said) for note in table.results(opened, by).notes)
    opened.close()


def test_an_answer_is_named_by_number_or_the_start_of_its_uuid(folder: Path) -> None:
    opened = workspaces.open_workspace(folder)
    uuid = answers.names(opened.store)[1].uuid
    opened.close()
    assert value("rate", uuid[:8], "D1", "1", workspace=folder)["id"] == 2
    assert value("rate", uuid, "D1", "0", workspace=folder)["answer"] == uuid


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("9", "D1", "1"), "answer 9: there is no such answer."),
        (("1", "D9", "1"), "`D9` isn't a dimension of personality-v1. They are D1, D2, D3, D4, D5"),
        (("1", "D1", "3"), "level 3 isn't on the scale of personality-v1. It is 0, 1, 2"),
        (("1", "D1", "two"), "`two` is no level. It is 0, 1, 2."),
        (("1", "D1", "-"), "D1 always applies under personality-v1 (no `na_when`): give it 0, 1 or 2. Nothing was"),
        (("1", "D1", "²"), "is no level"),
        (("1", "D1"), "a rating needs an answer, a dimension and a level."),
        ((), "a rating needs an answer, a dimension and a level."),
        (("1", "D1", "1", "--rubric", "nobodys"), "there is no rubric of that name."),
        (("1", "D1", "1", "--undo"), "--undo and --redo stand alone."),
        (("1", "D1", "1", "--sheet", "x.csv"), "a sheet holds its own levels and notes."),
        (("--sheet", "nowhere.csv", "--contender", "v1"), "can't be read"),
        (("--sheet", str(V23), "--rubric", "four-criteria", "--language", "en"), "No contender is named."),
        (("--sheet", str(V23), "--rubric", "personality-v1", "--contender", "v1"), "isn't known to personality-v1"),
    ],
)
def test_what_cant_be_rated_is_a_sentence_and_stores_nothing(
    folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    result = run("rate", *words, workspace=folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert stored(folder) == []


def test_a_hostile_name_is_harmless_in_what_is_printed(folder: Path) -> None:
    said = answer("rate", "1", "D1", "1", "--rater", "r\x1b[2J\u202e", workspace=folder)
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_sheet_is_entered_once_and_taken_back_at_once(folder: Path) -> None:
    said = answer(*ENTER, workspace=folder)
    assert "v2.3: 32 ratings entered by four-criteria.\n8 answers made for it" in said
    assert len(stored(folder)) == 32
    again = value(*ENTER, workspace=folder)
    assert again == {
        "contenders": ["v2.3"], "answers": 0, "ratings": 0, "unchanged": 32,
        "left_out": ["13 sums checked against the levels and left out."],
    }  # fmt: skip
    assert answer("rate", "--undo", workspace=folder) == "Taken back: rate sheet v2.3.csv for v2.3 (32 ratings).\n"
    assert stored(folder) == []
    assert value("rate", "--redo", workspace=folder) == {"redo": "rate sheet v2.3.csv for v2.3", "ratings": 32}
    assert len(stored(folder)) == 32


def test_undo_with_nothing_to_take_back_says_so(folder: Path) -> None:
    for word in ("undo", "redo"):
        result = run("rate", f"--{word}", workspace=folder)
        assert (result.exit_code, result.stdout) == (1, f"There is nothing of yours to {word}.\n")
    assert run("rate", "--undo", "--json", workspace=folder).exit_code == 1


def test_undo_of_ratings_leaves_decisions_and_undo_of_decisions_leaves_ratings(folder: Path) -> None:
    answer("rate", "1", "D1", "1", workspace=folder)
    result = run("decide", "--undo", workspace=folder)
    assert result.exit_code == 1
    assert stored(folder) == [("ana", "D1", 1, 0)]
