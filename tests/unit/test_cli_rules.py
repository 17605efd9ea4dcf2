"""`molting rules`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

OWN = """\
format: rules/1
id: house
version: "1"
title: Words of the house
about: What only we say.
where: response
rules:
  - id: queue-drain
    pattern: queue:drain
    example: run queue:drain
    counter_example: drain the queue
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def test_rules_are_listed_with_pairs_and_hits(folder: Path) -> None:
    found = value("rules", workspace=folder)
    by_name = {rule["rule"]: rule for rule in found["rules"]}
    assert found["changed"] is False
    assert {"agent-speech", "secret", "mojibake"} <= {rule["family"] for rule in found["rules"]}
    assert sum(rule["pairs"] for rule in by_name.values() if rule["family"] == "agent-speech") == 1
    assert by_name["mojibake"]["hits"] == 0
    assert "agent-speech" in answer("rules", workspace=folder)


def test_a_family_is_shown_whole(folder: Path) -> None:
    said = answer("rules", "show", "agent-speech", workspace=folder)
    assert "pattern" in said
    assert "leaves" in said
    found = value("rules", "show", "agent-speech", workspace=folder)
    assert {rule["family"] for rule in found} == {"agent-speech"}
    assert run("rules", "show", "nothing", workspace=folder).exit_code == 2


def test_a_new_rule_file_takes_hold_when_it_is_applied(folder: Path) -> None:
    (folder / "rubrics" / "curation" / "house.yaml").write_text(OWN, "utf-8")
    assert value("rules", workspace=folder)["changed"] is True
    assert "molting rules apply" in answer("rules", workspace=folder)
    assert value("rules", "apply", workspace=folder) == {
        "pairs": 3,
        "flagged": 2,
        "more": {"house": 1},
        "fewer": {},
    }
    assert value("rules", workspace=folder)["changed"] is False
    assert [pair["id"] for pair in value("pairs", "--where", "flag:house", workspace=folder)] == [1]


def test_importing_with_new_rules_does_not_hide_that_old_pairs_have_old_flags(folder: Path, tmp_path: Path) -> None:
    from cli_workspaces import session

    (folder / "rubrics" / "curation" / "house.yaml").write_text(OWN, "utf-8")
    more = session(tmp_path / "more.jsonl", [("How is the queue drained?", ("With queue:drain, and " + "then " * 10,))])
    answer("import", str(more), workspace=folder)
    assert value("rules", workspace=folder)["changed"] is True


def test_check_names_file_and_line_of_every_mistake(folder: Path, tmp_path: Path) -> None:
    good, bad, broken = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "broken.yaml"
    good.write_text(OWN, "utf-8")
    bad.write_text(OWN.replace("pattern: queue:drain", "pattern: 'queue:(drain'"), "utf-8")
    broken.write_text(OWN.replace("title: Words", "title: 'Words"), "utf-8")
    assert answer("rules", "check", str(good), workspace=folder) == f"{good}: 1 rule, all right\n"
    result = run("rules", "check", str(good), str(bad), str(broken), workspace=folder)
    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert first.startswith(f"molting: {bad}:9:")
    assert second.startswith(f"molting: {broken}:")
    found = run("rules", "check", str(bad), "--json", workspace=folder)
    assert found.exit_code == 2
    assert '"error"' in found.stdout


def test_check_without_a_file_looks_at_the_files_in_force(folder: Path) -> None:
    (folder / "rubrics" / "curation" / "house.yaml").write_text(OWN, "utf-8")
    said = answer("rules", "check", workspace=folder)
    assert "house.yaml: 1 rule, all right" in said
    assert "agent-speech.yaml" in said
    (folder / "rubrics" / "curation" / "twin.yaml").write_text(OWN.replace("id: house", "id: twin"), "utf-8")
    result = run("rules", "check", workspace=folder)
    assert result.exit_code == 2
    assert "queue-drain" in result.stderr
