"""`molting init` and `molting import`."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cli_workspaces import EXCHANGES, LONG, answer, made, run, session, value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "claudio")


def test_init_makes_a_workspace_that_only_its_owner_can_read(tmp_path: Path) -> None:
    said = answer("init", str(tmp_path / "claudio"), "--name", "Cláudio")
    assert str(tmp_path / "claudio") in said
    for path in (tmp_path / "claudio", *(tmp_path / "claudio").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_init_takes_any_text_as_persona(tmp_path: Path) -> None:
    from molting_tui.workspace import read_settings

    name, prompt = 'Cl"áudio\\', 'Você é """Cláudio""",\nassistente.\x7f\t\x00'
    answer("init", str(tmp_path / "w"), "--name", name, "--system-prompt", prompt)
    persona = read_settings(tmp_path / "w" / "molting.toml").persona
    assert (persona.name, persona.system_prompt) == (name, prompt)


def test_init_leaves_a_workspace_alone_that_is_there(folder: Path) -> None:
    before = (folder / "molting.toml").read_bytes()
    result = run("init", str(folder), "--name", "Other")
    assert result.exit_code == 2
    assert "there is a workspace here already" in result.stderr
    assert (folder / "molting.toml").read_bytes() == before


def test_import_counts_what_it_read_and_why_it_left_something_out(tmp_path: Path) -> None:
    answer("init", str(tmp_path / "w"))
    logs = tmp_path / "logs"
    logs.mkdir()
    session(logs / "0a1b2c3d.jsonl")
    found = value("import", str(logs), workspace=tmp_path / "w")
    assert {
        "files": 1,
        "sessions": 1,
        "turns": 5,
        "pairs_new": 3,
        "pairs_known": 0,
        "answer": "final",
    }.items() <= found.items()
    assert found["records"] == sum(1 + len(blocks) for _, blocks in EXCHANGES)
    assert found["left_out"] == {"short-prompt": 1, "incomplete": 1}
    assert "ok" in found["examples"]["short-prompt"]


def test_the_table_says_in_words_why_something_was_left_out(tmp_path: Path) -> None:
    answer("init", str(tmp_path / "w"))
    said = answer("import", str(session(tmp_path / "s.jsonl")), workspace=tmp_path / "w")
    assert "a prompt shorter than `min_prompt` in molting.toml" in said
    assert "a turn that ends with a tool and no final answer" in said
    assert "e.g. s:" in said
    assert "3 pairs by the final answer, 3 of them open" in said


def test_importing_again_adds_nothing_and_says_so(folder: Path, tmp_path: Path) -> None:
    report = answer("import", str(tmp_path / "claudio-logs"), workspace=folder)
    assert "all unchanged since they were read" in report
    assert "Nothing new: every turn in these files was imported before." in report
    assert value("stats", workspace=folder)["pairs"] == 3
    again = value("import", str(tmp_path / "claudio-logs"), workspace=folder)
    assert (again["files"], again["files_known"], again["pairs_new"], again["turns_new"]) == (1, 1, 0, 0)


def test_files_that_hold_nothing_are_not_said_to_be_imported(folder: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "empty.jsonl").touch()
    (logs / "list.json").write_text("[1, 2]")
    (logs / "quiet.jsonl").write_text('{"type": "summary", "leafUuid": "u", "summary": "\\"empty-file\\""}\n')
    for files in ("1 empty, 2 without a turn", "all unchanged since they were read, 1 empty, 2 without a turn"):
        report = answer("import", str(logs), workspace=folder)
        assert files in report
        assert "There was nothing to import: 1 empty, 2 without a turn." in report
        assert "imported before" not in report
    assert "pairs" in answer("import", str(session(logs / "s.jsonl")), workspace=folder)
    again = value("import", str(logs), workspace=folder)
    assert (again["files"], again["files_known"], again["files_empty"], again["files_without_turns"]) == (4, 4, 1, 2)
    assert "Nothing new: every turn" in answer("import", str(logs), workspace=folder)


def test_files_are_read_again_on_request(folder: Path, tmp_path: Path) -> None:
    logs = str(tmp_path / "claudio-logs")
    report = answer("import", "--again", logs, workspace=folder)
    assert "1 read again" in report
    assert "Nothing new" in report
    again = value("import", "--again", logs, workspace=folder)
    assert (again["files_known"], again["files_again"], again["pairs_new"]) == (0, 1, 0)


def test_another_answer_needs_no_files(folder: Path, tmp_path: Path) -> None:
    for log in (tmp_path / "claudio-logs").iterdir():
        log.unlink()
    answer("decide", "3", "keep", workspace=folder)
    said = answer("import", "--answer", "all", workspace=folder)
    assert "by the all answer" in said
    pairs = value("pairs", workspace=folder)
    assert [pair["response"] for pair in pairs if pair["response"].startswith("Vou")] == [
        f"Vou verificar a configuração.\n\n{LONG}"
    ]
    assert [pair["state"] for pair in pairs if "failed job" in pair["instruction"]] == ["keep"]
    assert value("stats", workspace=folder)["answer"] == "all"


def test_chat_files_are_told_by_their_content(folder: Path, tmp_path: Path) -> None:
    chat = tmp_path / "chat.json"
    turns = [{"from": "human", "value": "Quem é você?"}, {"from": "gpt", "value": "Sou o Cláudio."}]
    chat.write_text(json.dumps([{"conversations": turns}]), "utf-8")
    found = value("import", str(chat), workspace=folder)
    assert (found["pairs_new"], found["sessions"]) == (1, 0)
    assert [pair["kind"] for pair in value("pairs", "--where", "kind:imported", workspace=folder)] == ["imported"]


def test_every_reason_of_the_readers_has_words() -> None:
    import re

    from cli_workspaces import ROOT

    from molting_tui.curation.reasons import MEANINGS

    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "molting_tui" / "sources").rglob("*.py"))
    used = set(re.findall(r'(?:\.add|leave_out|_left_out|BadItem|_nothing)\(\s*(?:path, )?\*?\(?"([a-z-]+)"', sources))
    used |= set(re.findall(r'Prompt\("([a-z]+(?:-[a-z]+)*)"', sources)) - {"human"}
    assert len(used) > 15
    assert used <= set(MEANINGS), used - set(MEANINGS)
