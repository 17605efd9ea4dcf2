"""Promises of `molting results`: the fields scripts lean on, a table within 80 columns, nothing told too early."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from molting_tui.evaluation.results import comparison
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.store import answers
from molting_tui.workspace import Workspace, shipped
from tests.answered import answered, answering_run, line, question, question_set
from tests.compared import FACTS, FIVE, scored_together
from tests.compared import score as score_levels
from tests.conftest import new_workspace
from tests.unit.cli_workspaces import answer, run, value

V23 = shipped("data") / "sheets" / "v2.3.csv"
ENTER = ("rate", "--sheet", str(V23), "--rubric", "four-criteria", "--language", "en", "--contender")
ASKED = question_set(question("joao", must="joao"), question("molting"))


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """A workspace with the customer's sheet, entered for two contenders."""
    made = new_workspace(tmp_path / "ws")
    made.close()
    for name in ("v2.3", "v2.3 once more, with a long name"):
        answer(*ENTER, name, workspace=made.folder)
    return made.folder


def score(workspace: Workspace, level: int = 2) -> None:
    scoring = start(workspace, find_rubric(workspace, "personality-v1"))
    for place in scoring.places:
        for dimension in scoring.rubric.dimensions:
            scoring.rate(place, dimension.id, level)


def test_the_fields_that_scripts_lean_on_are_there(sheets: Path) -> None:
    found = value("results", "--rubric", "four-criteria", workspace=sheets)
    assert (found["rubric"], found["questions"]) == ("four-criteria", ["personality-8"])
    one = found["contenders"][0]
    assert (one["name"], one["score"], one["interval"], one["n"]) == ("v2.3", 4.53125, [3.753725662, 5.308774338], 8)
    assert one["dimensions"] == {"agent": 1.0, "factual": 0.5, "personality": 0.25, "complete": 1.875}
    assert one["levels"]["complete"] == [0, 1, 7]
    assert not any(one["flags"].values())
    assert "answers" not in found


def test_the_table_holds_29_of_64_and_453_within_80_columns(sheets: Path) -> None:
    said = answer("results", "--rubric", "four-criteria", workspace=sheets)
    assert re.search(r"^  \S+: band \w+", said, re.MULTILINE)
    lines = said.splitlines()
    assert max(map(len, lines)) <= 80
    row = next(line.split() for line in lines if line.startswith("v2.3 "))
    assert row[:3] == ["v2.3", "4.53", "29/64"]
    assert "whether it was scored blind isn't known." in said.replace("\n", " ")
    # The published interval of the customer's sheet, and its two copies that nobody scored in one session.
    assert " ".join(row[3:6]) == "3.75 .. 5.31"
    assert "NOT COMPARABLE (scored apart)" in lines


def test_the_answers_are_listed_with_their_ratings(workspace: Workspace) -> None:
    answered(workspace, ASKED, ("v1",))
    score(workspace)
    found = value("results", "--answers", workspace=workspace.folder)["answers"]
    assert [(one["id"], one["question"], one["contender"], one["sample"]) for one in found] == [
        (1, "joao", "v1", 0), (2, "molting", "v1", 0)
    ]  # fmt: skip
    assert found[0]["text"] == "joao answered, sample 0"
    assert {rating["dimension"]: rating["level"] for rating in found[0]["ratings"]} == {f"D{n}": 2 for n in range(1, 6)}
    said = answer("results", "--answers", workspace=workspace.folder)
    assert "1  v1 · joao · 10.00\n" in said
    assert "  ana: D1 2, D2 2, D3 2, D4 2, D5 2\n" in said


def seen(workspace: Workspace) -> int:
    """How many answers count as seen by somebody, words and names."""
    return int(workspace.store.value("select count(*) from shown where place = 'results'"))


def test_answers_are_listed_closed_and_only_what_is_opened_counts_as_seen(workspace: Workspace) -> None:
    answered(workspace, ASKED, ("v1",))
    score(workspace)
    said = answer("results", "--answers", workspace=workspace.folder)
    assert "1  v1 · joao · 10.00\n" in said
    assert "answered, sample 0" not in said
    assert "--answer ID opens one, --texts all" in said
    assert seen(workspace) == 0
    opened = answer("results", "--answer", "2", workspace=workspace.folder)
    assert "molting answered, sample 0" in opened
    assert "joao answered" not in opened
    assert "you have seen whose these are" in opened
    assert seen(workspace) == 1
    assert value("results", workspace=workspace.folder)["seen"] == [
        {"actor": "ana", "place": "results", "answers": 1}
    ]  # fmt: skip
    assert answer("results", "--texts", workspace=workspace.folder).count("answered, sample 0") == 2
    assert seen(workspace) == 2
    for wrong in ("3", "9fffff", "x"):
        refused = run("results", "--answer", wrong, workspace=workspace.folder)
        assert refused.exit_code == 2
        assert "is no answer of this selection. `molting results --answers` lists them" in refused.stderr


def test_a_script_that_reads_the_words_has_seen_them_and_is_told(workspace: Workspace) -> None:
    answered(workspace, ASKED, ("v1",))
    score(workspace)
    notes = value("results", "--answers", workspace=workspace.folder)["notes"]
    assert "Seen so far (ana: answers with names 2): what they score of these from now on isn't blind." in notes
    assert seen(workspace) == 2


def test_nothing_is_told_while_blind_scoring_goes_on_unless_asked_for_and_logged(workspace: Workspace) -> None:
    answered(workspace, ASKED, ("secret-v1",))
    scoring = start(workspace, find_rubric(workspace, "personality-v1"))
    for more in ((), ("--json",), ("--answers",), ("--facts",)):
        result = run("results", *more, workspace=workspace.folder)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("molting: 2 answers still wait for a blind score")
        assert "secret-v1" not in result.output
    assert scoring.blind
    assert "Not rated under this rubric: secret-v1" in answer("results", "--unblind", workspace=workspace.folder)
    assert not scoring.blind


def test_facts_need_no_scores(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, ASKED)
    answering_run(workspace, "0001-a", [line("v1", one) for one in ASKED.questions], ASKED)
    said = answer("results", "--facts", workspace=workspace.folder)
    assert "v1         eight      ·           1 of 1" in said
    found = value("results", "--facts", workspace=workspace.folder)
    assert found["facts"] == [
        {"contender": "v1", "question_set": "eight", "wording": "", "right": 1, "answers": 1, "waiting": 0}
    ]  # fmt: skip


def test_an_empty_workspace_says_what_to_do(workspace: Workspace) -> None:
    said = answer("results", workspace=workspace.folder)
    assert "Nothing is rated under this rubric yet: molting score" in said
    assert value("results", workspace=workspace.folder)["contenders"] == []
    assert "no answers of this selection" in answer("results", "--answers", workspace=workspace.folder)


def test_what_couldnt_be_taken_in_is_told_beside_the_table(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, ASKED)
    file = answering_run(workspace, "0001-a", [line("v1", ASKED.questions[0])], ASKED)
    with file.open("ab") as running:
        running.write(b"torn {\n")
    result = run("results", "--json", workspace=workspace.folder)
    assert result.exit_code == 0
    assert result.stderr.startswith("molting: runs/0001-a/answers.jsonl: 1 line can't be read")


def test_hostile_words_in_names_and_answers_are_harmless(workspace: Workspace) -> None:
    name, said = "v1\x1b]52;c;x\x07\u202e", "[/INST] \x1b[2J list[int]"
    answers.remember_questions(workspace.store, ASKED)
    answers.add(workspace.store, "r", [line(name, one, text=said) for one in ASKED.questions])
    score(workspace)
    for more in ((), ("--answers",), ("--facts",), ("--json",), ("--json", "--answers")):
        printed = answer("results", *more, workspace=workspace.folder)
        assert not {"\x1b", "\x07", "\u202e"} & set(printed), more
    assert value("results", "--answers", workspace=workspace.folder)["answers"][0]["text"] == said


def test_a_verdict_stands_under_the_table_of_two_and_of_three(workspace: Workspace) -> None:
    levels = {"v2.5": [2, 3, 2, 4, 3, 2, 3, 4], "v2.1": [2, 2, 2, 3, 3, 1, 2, 3]}
    scored_together(workspace, levels)
    said = answer("results", workspace=workspace.folder)
    assert "\nDIFFERENT\nv2.5 − v2.1 = +1.56, 95 % interval +0.48 .. +2.64 (8 questions, paired)." in said
    told = value("results", workspace=workspace.folder)
    assert [(each["a"], each["b"], each["verdict"]) for each in told["verdicts"]] == [("v2.5", "v2.1", "DIFFERENT")]
    scored_together(workspace, {"v2.3": [2, 2, 1, 3, 3, 1, 2, 3]}, run="0002-more")
    told = value("results", workspace=workspace.folder)
    assert {(each["a"], each["b"]): each["verdict"] for each in told["verdicts"]} == {
        ("v2.5", "v2.3"): "NOT COMPARABLE", ("v2.5", "v2.1"): "DIFFERENT", ("v2.3", "v2.1"): "NOT COMPARABLE",
    }  # fmt: skip
    scored_together(workspace, {"v2.4": [2, 2, 1, 3, 3, 1, 2, 3]}, run="0003-more")
    assert value("results", workspace=workspace.folder)["verdicts"] == []
    said = " ".join(answer("results", workspace=workspace.folder).split())
    assert "compare two of these 4 (`molting compare A B`" in said


def test_what_was_trained_stands_against_its_base_and_a_later_run_against_an_earlier(workspace: Workspace) -> None:
    asked = question_set(*map(question, FACTS))
    answers.remember_questions(workspace.store, asked)
    made: dict[str, dict[str, str]] = {"a-late": {"run": "0002-late"}, "b-early": {"run": "0001-early"}, "tiny": {}}
    # Asked in one run, the base last of all.
    for second, (name, model) in enumerate(made.items()):
        told = {"settings": {"base": "tiny", **model}, "time": f"2026-02-11T16:34:0{second}.000Z"}
        answers.add(workspace.store, "0003-answers", [line(name, each, **told) for each in asked.questions])
    score_levels(workspace, {name: [2, 3, 2, 4, 3, 2, 3, 4] for name in made})
    verdicts = value("results", workspace=workspace.folder)["verdicts"]
    assert [(each["a"], each["b"]) for each in verdicts] == [
        ("a-late", "b-early"), ("a-late", "tiny"), ("b-early", "tiny"),
    ]  # fmt: skip


def test_a_table_tells_no_verdict_before_its_planned_look(workspace: Workspace) -> None:
    levels = {"v2.5": [2, 3, 2, 4, 3, 2, 3, 4], "v2.1": [2, 2, 2, 3, 3, 1, 2, 3]}
    answered(workspace, question_set(*map(question, FACTS)), levels)
    comparison.plan(workspace, FIVE, "v2.1", "v2.5", (12, 24))
    score_levels(workspace, levels)
    said = " ".join(answer("results", workspace=workspace.folder).split())
    assert "looks at 12 and 24 facts; 8 can be compared so far" in said
    assert "DIFFERENT" not in said


def test_the_speed_of_answers_is_told(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, ASKED)
    answers.add(workspace.store, "r", [line("v1", one, tokens=30, seconds=2.0) for one in ASKED.questions])
    score(workspace)
    assert "15.0 tokens a second" in answer("results", workspace=workspace.folder)
    assert value("results", workspace=workspace.folder)["contenders"][0]["tokens_a_second"] == 15.0


def test_many_contenders_and_dimensions_stay_within_80_columns(workspace: Workspace) -> None:
    names = [f"contender-number-{n}-of-several" for n in range(7)]
    answered(workspace, ASKED, names)
    score(workspace, 1)
    lines = answer("results", workspace=workspace.folder).splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("contender-number-6" in line for line in lines) >= 3


def test_csv_has_a_row_for_each_contender_and_question(sheets: Path) -> None:
    said = answer("results", "--rubric", "four-criteria", "--format", "csv", workspace=sheets)
    rows = list(csv.DictReader(said.splitlines()))
    assert len(rows) == 16
    first = [row for row in rows if row["contender"] == "v2.3"]
    assert sum(float(row["score"]) for row in first) / 8 == 4.53125
    assert [sum(float(row[name]) for row in first) / 8 for name in ("agent", "complete")] == [1.0, 1.875]
    assert json.loads(answer("results", "--rubric", "four-criteria", "--format", "json", workspace=sheets)) == value(
        "results", "--rubric", "four-criteria", workspace=sheets
    )
    both = run("results", "--format", "csv", "--answers", workspace=sheets)
    assert (both.exit_code, both.stdout) == (2, "")
    assert "CSV has the scores alone." in both.stderr


def test_no_cell_of_csv_is_a_formula(workspace: Workspace) -> None:
    answers.remember_questions(workspace.store, ASKED)
    answers.add(workspace.store, "r", [line("=cmd|'/C calc'!A0", one) for one in ASKED.questions])
    score(workspace)
    said = answer("results", "--format", "csv", workspace=workspace.folder)
    assert all(row[0] == "'=cmd|'/C calc'!A0" for row in list(csv.reader(said.splitlines()))[1:])
