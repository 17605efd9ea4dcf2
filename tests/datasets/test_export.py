from __future__ import annotations

import hashlib
import itertools
import json
import os
import stat
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from conversations import Fill, Python, asked, with_prompt

from molting_tui import __version__, sources
from molting_tui.curation.triage import Desk
from molting_tui.datasets.export.export import export, kept_filter
from molting_tui.datasets.export.manifest import fits
from molting_tui.datasets.export.writing import Part
from molting_tui.errors import BadFilter, BadInput
from molting_tui.records.progress import Progress
from molting_tui.workspace import Workspace

HISTORY = [("user", "oi"), ("assistant", "Olá."), ("user", "quem és tu?"), ("assistant", "Sou o Cláudio.")]
TOOLS = [
    ("user", "horas?"),
    ("call", "clock"),
    ("tool", "10:00"),
    ("assistant", "Dez."),
    ("user", "e?"),
    ("assistant", "É tarde."),
]


def rows(path: Path) -> list[Any]:
    text = path.read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)


def answers(path: Path) -> list[str]:
    return [row["conversations"][-1]["value"] for row in rows(path)]


def test_what_was_kept_is_written_with_its_rewrites(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    first, second, third = keep(workspace, [asked(1), asked(2), asked(3)])
    keep(workspace, [asked(4)], decide="open")
    desk = Desk(workspace)
    desk.decide(desk.pair(second), "drop")
    desk.rewrite(desk.pair(third), instruction="E isto?", response="Isto é outra coisa.")
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    assert rows(report.path) == [
        {
            "conversations": [
                {"from": "human", "value": desk.pair(first).instruction},
                {"from": "gpt", "value": desk.pair(first).response},
            ]
        },
        {"conversations": [{"from": "human", "value": "E isto?"}, {"from": "gpt", "value": "Isto é outra coisa."}]},
    ]
    assert (report.pairs, report.left_out, report.warnings) == (2, (), ())


def test_a_filter_narrows_what_was_kept_and_never_adds_to_it(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    first, second = keep(workspace, [asked(1), asked(2)])
    third = keep(workspace, [asked(3)], decide="drop")[0]
    report = export(workspace, tmp_path / "out.jsonl", format="sharegpt", where=f"id:{second},{third}")
    assert answers(report.path) == [Desk(workspace).pair(second).response]
    with pytest.raises(BadInput, match="none of the 2 kept pairs matches"):
        export(workspace, tmp_path / "out.jsonl", format="sharegpt", where="state:drop")
    with pytest.raises(BadFilter):
        export(workspace, tmp_path / "out.jsonl", format="sharegpt", where="colour:red")
    assert answers(report.path) == [Desk(workspace).pair(second).response]
    assert first != second


def test_a_file_has_its_rows_in_the_order_that_the_filter_says_and_a_dataset_does_not(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    first, second, third = keep(workspace, [asked(1), asked(2), asked(3)])
    Desk(workspace).rewrite(Desk(workspace).pair(second), response="The longest answer of the three, by far. " * 20)
    report = export(workspace, tmp_path / "out.jsonl", format="sharegpt", where="sort:-len")
    assert answers(report.path)[0] == Desk(workspace).pair(second).response
    assert len(answers(report.path)) == 3
    assert not kept_filter(workspace, "sort:-len").order
    assert first != third


def test_the_persona_speaks_in_pairs_without_a_system_turn_of_their_own(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    keep(workspace, [asked(1), [("system", "Sê breve."), *asked(2)]])
    report = export(with_prompt(workspace, "\nVocê é Cláudio.\n"), tmp_path / "out.json", format="messages")
    assert [row["messages"][0] for row in rows(report.path)] == [
        {"role": "system", "content": "Você é Cláudio."},
        {"role": "system", "content": "Sê breve."},
    ]
    assert report.warnings == ("The pairs have 2 different system turns.",)


def test_a_file_with_and_without_system_turns_is_warned_of(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1), [("system", "Sê breve."), *asked(2)], asked(3)])
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    assert [warning.split(":")[0] for warning in report.warnings] == ["1 pair with a system turn and 2 without"]
    assert json.loads(report.manifest.read_bytes())["warnings"] == list(report.warnings)


def test_one_system_turn_for_all_is_no_cause_for_a_warning(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1), asked(2)])
    assert export(with_prompt(workspace, "Você é Cláudio."), tmp_path / "out.json", format="sharegpt").warnings == ()


def test_conversations_that_llama_factory_would_skip_are_warned_of(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    keep(workspace, [asked(1), [("assistant", "Bom dia!"), *asked(2)]])
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith("In 1 pair prompt and answer don't alternate")


def test_pairs_that_a_format_cannot_hold_are_left_out_and_counted(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    fitting, tools, uneven = keep(workspace, [HISTORY, TOOLS, [("assistant", "Bom dia!"), *asked(2)]])
    report = export(workspace, tmp_path / "out.json", format="alpaca")
    assert report.pairs == 1
    assert {(left.reason, left.count, left.example) for left in report.left_out} == {
        ("tool-messages", 1, f"pair {tools}: e?"),
        ("uneven-history", 1, f"pair {uneven}: {asked(2)[0][1]}"),
    }
    told = json.loads(report.manifest.read_bytes())
    assert told["counts"]["kept"] == 3
    assert told["counts"]["left_out"] == 2
    assert all(left["why"] for left in told["left_out"])
    assert told["pairs"] == [Desk(workspace).pair(fitting).uid]


def test_an_export_that_nothing_fits_is_refused(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [TOOLS])
    with pytest.raises(BadInput, match="none of the kept pairs fits the format messages: 1 tool-messages"):
        export(workspace, tmp_path / "out.json", format="messages")
    assert not (tmp_path / "out.json").exists()


def test_an_example_of_what_was_left_out_holds_no_secret(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    token = "ghp_" + "Ab0" * 12
    keep(workspace, [asked(1), [*TOOLS[:-2], ("user", f"usa {token} agora"), ("assistant", "Está bem.")]])
    report = export(workspace, tmp_path / "out.json", format="alpaca")
    assert "[REDACTED:github-token]" in report.left_out[0].example
    assert token not in report.manifest.read_text("utf-8")


def test_pairs_with_a_history_come_first_in_an_alpaca_file(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1), HISTORY, asked(2)])
    report = export(workspace, tmp_path / "out.jsonl", format="alpaca")
    assert [len(row["history"]) for row in rows(report.path)] == [1, 0, 0]


def test_the_manifest_says_what_the_file_holds_and_where_it_came_from(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    numbers = keep(workspace, [asked(1), asked(2)])
    desk = Desk(workspace)
    desk.rewrite(desk.pair(numbers[0]), response="Outra resposta, melhor do que a de antes.")
    report = export(
        with_prompt(workspace, "Você é Cláudio."), tmp_path / "out.json", format="sharegpt", where=" lang:pt "
    )
    told = json.loads(report.manifest.read_text("utf-8"))
    data = report.path.read_bytes()
    assert report.manifest == tmp_path / "out.json.manifest.json"
    assert told["format"] == "export/1"
    assert told["molting"] == __version__
    assert told["created"].endswith("Z")
    assert (told["workspace"], told["filter"], told["answer"]) == ("ws", " lang:pt ", "final")
    assert told["rules_digest"] == desk.rules.digest
    assert told["system_prompt_digest"] == hashlib.sha256("Você é Cláudio.".encode()).hexdigest()
    assert told["file"] == {
        "name": "out.json",
        "format": "sharegpt",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert report.digest == told["file"]["sha256"]
    assert report.dataset_digest == told["dataset_digest"]
    assert told["counts"] == {
        "kept": 2,
        "written": 2,
        "rewritten": 1,
        "with_system": 2,
        "masked": 0,
        "masked_pairs": 0,
        "left_out": 0,
        "kind": {"imported": 2},
        "model": {"": 2},
        "language": {"pt": 2},
    }
    assert told["pairs"] == [desk.pair(number).uid for number in numbers]
    assert fits(report.path)


@pytest.mark.parametrize(
    ("kind", "name"),
    [*itertools.product(("sharegpt", "alpaca", "messages"), ("out.json", "out.jsonl")), ("parquet", "out.parquet")],
)
def test_the_same_pairs_give_the_same_bytes(
    workspace: Workspace, keep: Fill, tmp_path: Path, kind: str, name: str
) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="Parquet files need pyarrow")
    keep(workspace, [asked(1), HISTORY, asked(2)])
    first = export(workspace, tmp_path / name, format=kind)
    data = first.path.read_bytes()
    again = export(workspace, tmp_path / name, format=kind)
    assert again.path.read_bytes() == data
    assert again == first


def test_the_dataset_digest_is_of_the_texts_and_not_of_the_format(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    numbers = keep(workspace, [asked(1), HISTORY, asked(2)])
    kinds = ("sharegpt", "alpaca", "messages")
    digests = {export(workspace, tmp_path / "out.json", format=kind).dataset_digest for kind in kinds}
    assert len(digests) == 1
    desk = Desk(workspace)
    desk.rewrite(desk.pair(numbers[0]), response="Agora diz outra coisa.")
    assert export(workspace, tmp_path / "out.json", format="alpaca").dataset_digest not in digests


def test_what_was_exported_can_be_imported_again(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [HISTORY, TOOLS, [("system", "Sê breve."), *asked(1)]])
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    found = sources.read(report.path)
    desk = Desk(workspace)
    kept = [desk.pair(number) for number in desk.matching("state:keep")]
    assert [(turn.system, turn.context, turn.human, turn.steps[-1].value) for turn in found.turns] == [
        (pair.system, pair.context, pair.instruction, pair.response) for pair in kept
    ]


def test_nothing_kept_is_a_sentence_that_says_what_to_do(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no pair has been kept yet.*molting decide"):
        export(workspace, tmp_path / "out.json", format="sharegpt")


def test_a_format_that_is_not_there_is_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no format `csv`\. It is one of sharegpt, alpaca, messages, parquet"):
        export(workspace, tmp_path / "out.json", format="csv")


def test_progress_goes_up_to_the_number_of_pairs(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(number) for number in range(5)])
    heard: list[Progress] = []
    export(workspace, tmp_path / "out.json", format="alpaca", report=heard.append)
    assert [(one.done, one.total) for one in heard] == [(done, 5) for done in range(1, 6)]


def test_a_pair_that_was_dropped_meanwhile_is_not_written(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    numbers = keep(workspace, [asked(number) for number in range(250)])
    desk = Desk(workspace)

    def report(progress: Progress) -> None:
        if progress.done == 1:
            desk.decide(desk.pair(numbers[-1]), "drop")

    assert export(workspace, tmp_path / "out.json", format="sharegpt", report=report).pairs == 249


# Where it may go


def test_the_exports_folder_of_the_workspace_is_made(workspace: Workspace, keep: Fill) -> None:
    keep(workspace, [asked(1)])
    workspace.exports.rmdir()
    export(workspace, workspace.exports / "out.json", format="sharegpt")
    assert stat.S_IMODE(workspace.exports.stat().st_mode) == 0o700


def test_the_file_and_its_manifest_are_private(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1)])
    before = os.umask(0)
    try:
        report = export(workspace, tmp_path / "out.json", format="sharegpt")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (report.path, report.manifest)] == [0o600, 0o600]


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("missing/out.json", "sharegpt", r"missing: there is no such folder\. Make it first"),
        ("folder", "sharegpt", r"folder: this is a folder\. Name a file in it"),
        ("folder.json", "sharegpt", r"folder.json: this is a folder"),
        ("file.txt/out.json", "sharegpt", r"Not a directory|isn't a folder"),
        ("pipe.json", "sharegpt", r"pipe.json: this isn't a regular file"),
        ("out.txt", "sharegpt", r"ends in \.json or \.jsonl"),
        ("out", "messages", r"ends in \.json or \.jsonl"),
        ("out.parquet", "sharegpt", r"ends in \.json or \.jsonl"),
        ("out.json", "parquet", r"ends in \.parquet"),
        ("ws/molting.db", "sharegpt", r"ends in \.json or \.jsonl"),
        ("link.json", "sharegpt", r"ends in \.json or \.jsonl"),
        ("out.json.manifest.json", "sharegpt", r"manifests of exports"),
        ("blocked.json", "sharegpt", r"blocked.json.manifest.json: this is a folder"),
        ("n" * 251 + ".json", "sharegpt", r"File name too long"),
        ("n" * 245 + ".json", "sharegpt", r"File name too long"),
        ("nul\0.json", "sharegpt", r"can't be a file's name"),
        ("loop.json", "sharegpt", r"symbolic links|can't be a file's name"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_sentence(
    workspace: Workspace, keep: Fill, tmp_path: Path, name: str, kind: str, sentence: str
) -> None:
    keep(workspace, [asked(1)])
    for folder in ("folder", "folder.json", "blocked.json.manifest.json"):
        (tmp_path / folder).mkdir()
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "link.json").symlink_to(tmp_path / "ws" / "molting.db")
    os.mkfifo(tmp_path / "pipe.json")
    before = tree(tmp_path)
    with pytest.raises(BadInput, match=sentence) as failure:
        export(workspace, tmp_path / name, format=kind)
    assert "\n" not in failure.value.sentence()
    assert tree(tmp_path) == before


def tree(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix not in (".db-wal", ".db-shm"))


def test_a_folder_without_permission_is_one_sentence(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    owner = os.geteuid()
    if owner == 0:  # who may write everywhere
        os.seteuid(65534)
    try:
        with pytest.raises(BadInput, match=r"out.json: can't be written: Permission denied.*Choose a place"):
            Part(folder / "out.json")
    finally:
        os.seteuid(owner)
        folder.rmdir()


def test_an_export_through_a_link_writes_the_file_it_leads_to(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1)])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out.json").symlink_to(tmp_path / "elsewhere" / "real.json")
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    assert (tmp_path / "out.json").is_symlink()
    assert len(rows(tmp_path / "elsewhere" / "real.json")) == 1
    assert report.manifest == tmp_path / "elsewhere" / "real.json.manifest.json"


def test_without_pyarrow_parquet_is_a_sentence_with_the_command(
    workspace: Workspace, tmp_path: Path, python: Python
) -> None:
    done = python(
        """
import sys
from pathlib import Path
sys.modules["pyarrow"] = None  # what an import finds where it isn't installed
from molting_tui import workspace
from molting_tui.datasets.export.export import export
from molting_tui.errors import BadInput
try:
    export(workspace.open_workspace(Path(sys.argv[1])), Path("out.parquet"), format="parquet")
except BadInput as error:
    print(error.sentence())
""",
        workspace.folder,
        cwd=tmp_path,
    )
    assert "pip install 'molting[parquet]'" in done.stdout


def test_text_formats_load_no_pyarrow_and_no_pandas(
    workspace: Workspace, keep: Fill, tmp_path: Path, python: Python
) -> None:
    keep(workspace, [asked(1)])
    done = python(
        """
import sys
from pathlib import Path
from molting_tui import workspace
from molting_tui.datasets.export.export import export
export(workspace.open_workspace(Path(sys.argv[1])), Path("out.json"), format="sharegpt")
print(sorted({"pyarrow", "pandas", "datasets", "torch"} & set(sys.modules)))
""",
        workspace.folder,
        cwd=tmp_path,
    )
    assert done.stdout == "[]\n", done.stderr


def test_memory_does_not_grow_with_the_number_of_pairs(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    def peak(where: str) -> int:
        tracemalloc.start()
        try:
            export(workspace, tmp_path / "out.json", format="sharegpt", where=where)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    numbers = keep(workspace, [asked(number, f"{number} " + "palavra " * 500) for number in range(900)])
    export(workspace, tmp_path / "out.json", format="sharegpt")
    few = peak("id:" + ",".join(map(str, numbers[:300])))
    many = peak("")
    assert len(rows(tmp_path / "out.json")) == 900
    assert many < few * 1.3
