"""`molting stats`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_workspaces import answer, made, run, value

from tests.conftest import asked, write_session

FIELDS = {
    "pairs", "sessions", "state", "rewritten", "disputed",
    "flagged", "patterns", "lengths", "models", "languages", "projects",
    "left_out", "answer",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def test_the_fields_scripts_lean_on(folder: Path) -> None:
    found = value("stats", workspace=folder)
    assert set(found) == FIELDS
    assert (found["pairs"], found["sessions"], found["rewritten"], found["answer"]) == (3, 1, 0, "final")
    assert found["state"] == {"open": 3, "keep": 0, "drop": 0}
    assert set(found["lengths"]["instruction"]) == {"mean", "median"} == set(found["lengths"]["response"])
    assert found["models"] == {"claude-opus-4-6": 3}
    assert found["projects"] == {"crm": 3}
    assert found["left_out"] == {"incomplete": 1, "short-prompt": 1}


def test_pairs_and_hits_are_counted_apart(tmp_path: Path) -> None:
    twice = "Let me check the logs.\n\nLet me check the tests as well, and then the answer is ready for you."
    folder = made(
        tmp_path / "w", [("Why is the queue so slow?", (twice,)), ("And why is the worker slow?", (twice + "!",))]
    )
    found = value("stats", workspace=folder)
    assert found["flagged"] == {"any": 2, "agent-speech": 2}
    (counts,) = found["patterns"].values()
    assert counts == {"pairs": 2, "hits": 4}
    assert "agent-speech" in answer("stats", workspace=folder)


def test_a_filter_narrows_every_figure(folder: Path) -> None:
    answer("decide", "1", "keep", workspace=folder)
    found = value("stats", "--where", "state:keep", workspace=folder)
    assert (found["pairs"], found["state"]) == (1, {"open": 0, "keep": 1, "drop": 0})
    assert found["languages"] == {"pt": 1}


def test_an_empty_workspace_has_figures_too(tmp_path: Path) -> None:
    answer("init", str(tmp_path / "w"))
    found = value("stats", workspace=tmp_path / "w")
    assert found["lengths"]["response"] == {"mean": None, "median": None}
    assert answer("stats", workspace=tmp_path / "w").startswith("pairs")


def test_the_answer_modes_are_compared_from_the_stored_turns(folder: Path) -> None:
    found = {one.pop("answer"): one for one in value("stats", "--answers", workspace=folder)}
    assert list(found) == ["first", "last", "final", "all"]
    # FIRST: "Vou verificar…" (29 characters) and "I run them." are too short to be kept.
    assert found["first"] == {"pairs": 5, "kept": 2, "starts_agent_like": 1, "agent_like": 1, "median": 67.0}
    assert found["final"]["pairs"] == 4
    assert found["final"]["kept"] == 3
    assert found["all"]["starts_agent_like"] == 2
    assert "agent-like anywhere" in answer("stats", "--answers", workspace=folder)


def test_answers_and_a_filter_do_not_go_together(folder: Path) -> None:
    assert run("stats", "--answers", "--where", "lang:pt", workspace=folder).exit_code == 2


def test_markdown_is_a_page_to_paste_and_json_is_the_same_by_either_name(folder: Path) -> None:
    page = answer("stats", "--where", "lang:pt", "--format", "markdown", workspace=folder)
    assert page.startswith("# Pairs of claudio\n\n1 pair under the filter `lang:pt`")
    assert "| states | pairs | share |\n|---|---:|---:|\n| kept | 0 | 0 % |" in page
    assert "| claude-opus-4-6 | 1 | 100 % |" in page
    assert answer("stats", "--format", "json", workspace=folder) == answer("stats", "--json", workspace=folder)
    assert run("stats", "--json", "--format", "markdown", workspace=folder).exit_code == 2
    modes = answer("stats", "--answers", "--format", "markdown", workspace=folder)
    assert "\n| FINAL | 4 | 3 |" in modes


def test_a_name_from_a_log_writes_no_markdown_of_its_own(tmp_path: Path) -> None:
    answer("init", str(tmp_path / "w"))
    write_session(tmp_path / "logs" / "a|b<i>*`" / "s.jsonl", asked(1))
    answer("import", str(tmp_path / "logs"), workspace=tmp_path / "w")
    page = answer("stats", "--format", "markdown", workspace=tmp_path / "w")
    assert "| a\\|b\\<i\\>\\*\\` | 1 | 100 % |" in page


def test_text_has_shares_and_bars(folder: Path) -> None:
    shown = answer("stats", workspace=folder)
    assert "open         3  100 %  " in shown
    assert "Decided by day" not in shown
    answer("decide", "1", "keep", workspace=folder)
    assert "Decided by day" in answer("stats", workspace=folder)
