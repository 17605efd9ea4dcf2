"""`molting rubric`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_workspaces import answer, run, value

from molting_tui import workspace as workspaces
from tests.answered import answered, question, question_set

OWN = """\
format: rubric/1
id: house
version: "1"
title: "The house's \\e[31msheet"
scale: {values: [0, 1]}
dimensions:
  - {id: D1, name: Identity, key: i, description: Who?, levels: {0: "\\e]52;x", 1: "yes"}, na_when: nobody speaks}
missing: incomplete
normalise: {to: [0, 10]}
"""
BARE = 'format: questions/1\nid: bare\nversion: "1"\nlanguage: en\nquestions:\n  - {id: a, prompt: Why?}\n'
PHASE6 = ("D1=0.0", "D2=0.6", "D3=0.25", "D4=1.6", "D5=0.4")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    answer("init", str(tmp_path / "claudio"))
    return tmp_path / "claudio"


def test_rubrics_and_questions_are_listed(folder: Path) -> None:
    found = value("rubric", workspace=folder)
    assert [one["id"] for one in found["rubrics"]] == ["four-criteria", "personality-v1", "style-1"]
    assert [one["id"] for one in found["questions"]] == ["control", "personality-8"]
    assert {one["from"] for part in found.values() for one in part} == {"molting"}
    assert all(len(one["digest"]) == 64 and one["problem"] is None for part in found.values() for one in part)
    assert value("rubric", "list", workspace=folder) == found
    said = answer("rubric", workspace=folder)
    for one in (*found["rubrics"], *found["questions"]):
        assert one["digest"][:12] in said


def test_shipped_files_are_listed_without_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "personality-v1" in answer("rubric")
    assert answer("rubric", "check").count("all right") == 5
    assert run("rubric", "-w", str(tmp_path / "none")).exit_code == 2
    monkeypatch.setenv("MOLTING_WORKSPACE", str(tmp_path / "none"))
    assert run("rubric").exit_code == 2


def test_a_damaged_file_is_named_beside_the_list(folder: Path) -> None:
    (folder / "rubrics" / "house.yaml").write_text(OWN.replace("id: D1", "id: D 1"), "utf-8")
    result = run("rubric", workspace=folder)
    assert result.exit_code == 0
    assert "personality-v1" in result.stdout
    assert "house.yaml:7: id `D 1` can't be used" in result.stderr
    found = value("rubric", workspace=folder)
    assert [one["problem"] is None for one in found["rubrics"]] == [True, False, True, True]


def test_a_rubric_is_shown_whole(folder: Path) -> None:
    said = answer("rubric", "show", "personality-v1", workspace=folder)
    for words in ("Identity Coherence", "a central fact is wrong", "foreign-identity", "non-functional", "reconstruct"):
        assert words in said
    found = value("rubric", "show", "four-criteria", workspace=folder)
    assert [one["id"] for one in found["dimensions"]] == ["agent", "factual", "personality", "complete"]
    assert list(found["dimensions"][0]["levels"]) == ["0", "1", "2"]


def test_questions_are_shown_with_what_is_looked_for(folder: Path) -> None:
    said = answer("rubric", "show", "control", workspace=folder)
    assert "What is the capital of France?" in said
    assert "looked for: four | 4" in said
    found = value("rubric", "show", "personality-8", workspace=folder)
    assert len(found["questions"]) == 16
    assert found["generation"]["max_new_tokens"] == 384
    assert run("rubric", "show", "nothing", workspace=folder).exit_code == 2


def test_texts_of_a_file_cant_steer_the_terminal(folder: Path) -> None:
    (folder / "rubrics" / "house.yaml").write_text(OWN, "utf-8")
    for arguments in (
        ("rubric",),
        ("rubric", "show", "house"),
        ("rubric", "show", "house", "--json"),
        ("rubric", "check"),
    ):
        result = run(*arguments, workspace=folder)
        assert result.exit_code == 0
        assert "\x1b" not in result.output
    assert "not applicable: nobody speaks" in answer("rubric", "show", "house", workspace=folder)


def test_check_names_file_and_line_of_every_mistake(folder: Path, tmp_path: Path) -> None:
    good, bad, other, bare = (tmp_path / f"{name}.yaml" for name in ("good", "bad", "other", "bare"))
    good.write_text(OWN, "utf-8")
    bad.write_text(OWN.replace("[0, 1]}", "[0, 2]}"), "utf-8")
    other.write_text("format: rules/1\n", "utf-8")
    bare.write_text(BARE, "utf-8")
    said = answer("rubric", "check", str(good), str(bare), workspace=folder)
    assert said.splitlines()[0] == f"{good}: house 1, 1 dimension, all right"
    assert "No question has a fact" in said.splitlines()[2]
    result = run("rubric", "check", str(good), str(bad), str(other), workspace=folder)
    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert first.startswith(f"molting: {bad}:7: level `1` isn't on the scale")
    assert second.startswith(f"molting: {other}:1: ")
    found = run("rubric", "check", str(bad), "--json", workspace=folder)
    assert found.exit_code == 2
    assert '"error"' in found.stdout


def test_check_without_a_file_looks_at_those_within_reach(folder: Path) -> None:
    (folder / "rubrics" / "house.yaml").write_text(OWN, "utf-8")
    assert answer("rubric", "check", workspace=folder).count("all right") == 6


def test_what_a_sheet_may_call_a_dimension_is_shown_and_names_one_only(folder: Path, tmp_path: Path) -> None:
    assert "in a sheet also: identity, identidade" in answer("rubric", "show", "personality-v1", workspace=folder)
    own = tmp_path / "own.yaml"
    second = "  - {id: D2, name: Facts, key: f, description: '?', levels: {0: a, 1: b}, aliases: [fatos, IDENTITY]}\n"
    own.write_text(OWN.replace("missing:", f"{second}missing:"), "utf-8")
    result = run("rubric", "check", str(own), workspace=folder)
    assert result.exit_code == 2
    assert f"{own}:8: `IDENTITY` is what another dimension is called." in result.stderr


def test_check_tells_a_rubric_that_was_edited_after_answers_were_rated_by_it(folder: Path) -> None:
    opened = workspaces.open_workspace(folder)
    answered(opened, question_set(question("joao")), ("v1",))
    opened.close()
    answer("rate", "1", "agent", "1", "--rubric", "four-criteria", workspace=folder)
    answer("rubric", "copy", "four-criteria", workspace=folder)
    copy = folder / "rubrics" / "four-criteria.yaml"
    text = copy.read_text("utf-8").replace("some agent talk", "a little agent talk")
    copy.write_text(text, "utf-8")
    changed = "four-criteria 1 has other words than when it was rated by (1 rating): agent's level 1 changed."
    assert f"{changed} Raise the `version` in " in answer("rubric", "check", workspace=folder)
    assert changed in answer("rubric", "check", str(copy), workspace=folder)
    assert changed in value("score", workspace=folder)["edited"][0]
    refused = run("rate", "1", "agent", "2", "--rubric", "four-criteria", workspace=folder)
    assert refused.exit_code == 2
    assert changed in refused.stderr
    copy.write_text(text.replace('version: "1"', 'version: "2"'), "utf-8")
    assert changed not in answer("rubric", "check", workspace=folder)
    assert value("rate", "1", "agent", "2", "--rubric", "four-criteria", workspace=folder)["level"] == 2


def test_means_become_a_score_and_impossible_ones_are_named(folder: Path) -> None:
    said = answer("rubric", "score", "personality-v1", *PHASE6, "--answers", "8", workspace=folder)
    assert said.startswith("personality-v1 1.0: 2.85 of 10 (non-functional)\n")
    assert said.count("only rounded") == 3
    assert "2.88 (23 of 80)" in said
    found = value("rubric", "score", "personality-v1", *PHASE6, "--answers", "8", workspace=folder)
    assert found["score"] == 2.85
    assert [one["fit"] for one in found["dimensions"]] == ["exact", "rounded", "exact", "rounded", "rounded"]
    assert found["whole"] == {"score": 2.875, "points": 23, "possible": 80}
    assert "4.53 of 10" in answer(
        "rubric", "score", "four-criteria", "agent=8/8", "factual=4/8", "personality=2/8", "complete=15/8"
    )


def test_a_stated_score_that_cant_be_is_told(folder: Path) -> None:
    for stated, says in (("7.4", "7.4 can't be whole points of 64"), ("8.2", "8.2 can't be whole points of 64")):
        assert says in answer(
            "rubric", "score", "four-criteria", "--stated", stated, "--answers", "8", workspace=folder
        )
    said = answer("rubric", "score", "personality-v1", "--stated", "8.2", "--answers", "8", workspace=folder)
    assert said == "8.2 is 66 of 80 points (8.25), only if half is rounded to even.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("personality-v1",),
        ("personality-v1", "--stated", "7.4"),
        ("personality-v1", "D1=0.5"),
        ("personality-v1", *PHASE6, "--answers", "0"),
        ("nothing", *PHASE6),
    ],
)
def test_scores_from_too_little_are_refused(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run("rubric", "score", *arguments, workspace=folder)
    assert result.exit_code == 2
    assert result.stderr.startswith("molting: ")


def test_a_copy_stands_in_the_place_of_the_shipped_file(folder: Path) -> None:
    answer("rubric", "copy", "four-criteria", workspace=folder)
    answer("rubric", "copy", "control", workspace=folder)
    copy = folder / "rubrics" / "four-criteria.yaml"
    assert (folder / "rubrics" / "questions" / "control.yaml").is_file()
    copy.write_text(copy.read_text("utf-8").replace("title: Four criteria", "title: My criteria"), "utf-8")
    found = value("rubric", workspace=folder)
    assert [one["from"] for one in found["rubrics"]] == ["workspace", "molting", "molting"]
    assert found["rubrics"][0]["title"] == "My criteria"
    result = run("rubric", "copy", "four-criteria", workspace=folder)
    assert result.exit_code == 2
    assert "has that file already" in result.stderr
    assert "My criteria" in copy.read_text("utf-8")


def test_json_belongs_after_the_last_word(folder: Path) -> None:
    result = run("rubric", "--json", "show", "control", workspace=folder)
    assert result.exit_code == 2
    assert "after the last word" in result.stderr
