"""Promises about starting a run: what it freezes, what it refuses, and that nothing half-made stays."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.errors import Cancelled, MoltingError
from molting_tui.recipe.preflight import Blocked, Preflight
from molting_tui.recipe.runfolder import AnswerConfig, Asked, AskedContender, TrainConfig, read_config, read_preflight
from molting_tui.recipe.settings import TINY, checked_settings, defaults_for
from molting_tui.records.progress import Progress
from molting_tui.runs.folder import runs_folder
from molting_tui.runs.listing import list_runs
from molting_tui.runs.starting import start_answering, start_training
from molting_tui.workspace import Workspace
from tests.conftest import Start, finished
from tests.runs_made import PROMPT, ended, nothing_left, seen, started, workspace_with
from tests.small_bases import write_base
from tests.stand_in import stand_in

SECRET = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
START = """
import sys
from molting_tui import workspace as workspaces
from molting_tui.errors import MoltingError
from molting_tui.recipe.settings import defaults_for
from molting_tui.runs.starting import start_training
ours = workspaces.open_workspace(workspaces.find(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    print(start_training(ours, defaults_for("tiny"), command=sys.argv[2:]).id)
except MoltingError as error:
    print(error.sentence())
"""


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=3)
    with nothing_left(made):
        yield made
    made.close()


def left_in(workspace: Workspace) -> list[str]:
    folder = runs_folder(workspace)
    return sorted(name for name in os.listdir(folder) if name != ".starting") if folder.exists() else []


def test_a_run_freezes_what_is_kept_and_later_decisions_change_nothing(ours: Workspace) -> None:
    run = started(ours, "wait")
    rows = [json.loads(line) for line in (run.folder / "dataset.jsonl").read_text().splitlines()]
    assert [[message["role"] for message in row["messages"]] for row in rows] == [["system", "user", "assistant"]] * 3
    assert {row["messages"][0]["content"] for row in rows} == {PROMPT}
    before = (run.folder / "dataset.jsonl").read_bytes()
    desk = Desk(ours)
    desk.decide(desk.pair(1), "drop")
    assert (run.folder / "dataset.jsonl").read_bytes() == before
    config = run.config
    assert isinstance(config, TrainConfig)
    assert (config.pairs, config.system_prompt, config.filter) == (3, PROMPT, "")
    manifest = json.loads((run.folder / "dataset.jsonl.manifest.json").read_text())
    assert config.dataset_digest == manifest["dataset_digest"]
    assert len(manifest["pairs"]) == 3


def test_only_the_kept_pairs_that_match_the_filter_are_frozen(ours: Workspace) -> None:
    run = start_training(ours, defaults_for(TINY), where="id:1,2", command=stand_in())
    assert isinstance(run.config, TrainConfig)
    assert (run.config.filter, run.config.pairs) == ("id:1,2", 2)


def test_a_run_is_private_to_its_owner(ours: Workspace) -> None:
    run = started(ours, "print:hello", "done")
    ended(run)
    assert stat.S_IMODE(run.folder.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in run.folder.iterdir()}
    assert set(files) == {
        "config.json", "dataset.jsonl", "dataset.jsonl.manifest.json", "events.jsonl", "log.txt", "preflight.json",
        "process.json",
    }  # fmt: skip
    assert set(files.values()) == {0o600}


def test_runs_are_numbered_and_named_after_the_base_or_as_one_says(ours: Workspace) -> None:
    hub = checked_settings({"model_name": "TinyLlama/TinyLlama-1.1B-Chat-v1.0"})
    ids = []
    for name, settings in (("", None), ("v2.1 ../Cláudio", None), ("", hub)):
        run = started(ours, "done", name=name, settings=settings)
        ended(run)
        ids.append(run.id)
    assert ids == ["0001-tiny", "0002-v2.1-Claudio", "0003-TinyLlama-1.1B-Chat-v1.0"]
    assert [line.number for line in list_runs(ours)] == [3, 2, 1]


def test_nothing_kept_is_a_sentence(tmp_path: Path) -> None:
    made = workspace_with(tmp_path / "w", kept=0)
    with pytest.raises(Blocked, match="no pair has been kept yet"):
        started(made, "done")
    assert left_in(made) == []
    made.close()


def test_a_single_pair_is_a_sentence(tmp_path: Path) -> None:
    made = workspace_with(tmp_path / "w", kept=1)
    with pytest.raises(Blocked, match="only one pair to train on; it takes at least 2"):
        started(made, "done")
    assert left_in(made) == []
    made.close()


def test_a_filter_that_matches_nothing_is_a_sentence(ours: Workspace) -> None:
    with pytest.raises(Blocked, match="none of the 3 kept pairs matches the filter"):
        start_training(ours, defaults_for(TINY), where="zzzz", command=stand_in("done"))
    assert left_in(ours) == []


def test_a_secret_is_never_trained_on(ours: Workspace) -> None:
    desk = Desk(ours)
    desk.rewrite(desk.pair(1), response=f"The token of the deploy is {SECRET}, and it is long enough to be an answer.")
    with pytest.raises(Blocked, match="holds a secret: 1 ") as refused:
        started(ours, "done")
    assert "--mask" not in refused.value.sentence()
    assert left_in(ours) == []


def test_no_room_on_the_disk_is_told_before_anything_is_written(
    ours: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, (1 << 40) - (60 << 20), 60 << 20))
    with pytest.raises(MoltingError, match=r"needs about [\d,]+ MiB \(3 x an adapter of rank 16.*60 MiB are free"):
        started(ours, "done", settings=defaults_for("microsoft/Phi-3-mini-4k-instruct"))
    assert left_in(ours) == []
    ended(started(ours, "done"))  # the tiny base needs less


def test_what_cannot_be_started_leaves_no_run(ours: Workspace, tmp_path: Path) -> None:
    with pytest.raises(MoltingError, match="can't be started: No such file"):
        start_training(ours, defaults_for(TINY), command=[str(tmp_path / "no-such-program")])
    assert left_in(ours) == []
    run = started(ours, "done")
    assert run.number == 1


def test_cancelling_while_the_pairs_are_frozen_leaves_no_run(ours: Workspace) -> None:
    def cancel(_: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        start_training(ours, defaults_for(TINY), command=stand_in("done"), report=cancel)
    assert left_in(ours) == []


def test_what_a_killed_start_has_left_is_swept_and_its_number_is_given_again(ours: Workspace) -> None:
    half = runs_folder(ours) / ".0001"
    half.mkdir(parents=True)
    (half / "dataset.jsonl").write_text("{}")
    assert list_runs(ours) == []
    ended(started(ours, "done"))
    assert not half.exists()
    assert [line.id for line in list_runs(ours)] == ["0001-tiny"]


def test_a_hidden_folder_that_is_no_half_made_run_is_left_alone(ours: Workspace) -> None:
    mine = runs_folder(ours) / ".2024-backup"
    mine.mkdir(parents=True)
    (mine / "adapter").write_text("weights")
    ended(started(ours, "done"))
    assert (mine / "adapter").read_text() == "weights"


def test_the_word_tiny_is_the_base_even_where_a_folder_is_called_so(
    ours: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    run = started(ours, "done")
    assert isinstance(run.config, TrainConfig)
    assert run.config.settings.model_name == TINY


def test_a_second_training_is_refused_and_told_which_runs(ours: Workspace) -> None:
    first = started(ours, "start:20", "step:3", "wait")
    seen(first, lambda now: now.step, "a step")
    with pytest.raises(MoltingError, match="run 0001-tiny is running, step 3 of 20") as refused:
        started(ours, "done")
    assert "molting runs watch 1" in refused.value.fix
    assert "molting runs stop 1" in refused.value.fix
    assert left_in(ours) == ["0001-tiny"]


def test_of_two_trainings_at_the_very_same_moment_one_is_a_sentence(ours: Workspace, start: Start) -> None:
    racing = [start(START, ours.folder, *stand_in("wait")) for _ in range(4)]
    for process in racing:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in racing:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    said = sorted(finished(process).strip() for process in racing)
    assert said[0] == "0001-tiny"
    for sentence in said[1:]:
        assert "is being started at this moment" in sentence or "run 0001-tiny is" in sentence
    assert left_in(ours) == ["0001-tiny"]


def test_missing_libraries_are_a_sentence(ours: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(MoltingError, match=r"bitsandbytes is not installed.*--quantisation none"):
        started(ours, "done")
    ended(started(ours, "done", settings=checked_settings({"model_name": TINY, "quantisation": "none"})))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MoltingError, match=r"torch, bitsandbytes are not installed.*pip install 'molting\[train\]'"):
        started(ours, "done")


def test_a_folder_as_base_means_the_same_from_the_run_folder(
    ours: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_base(tmp_path / "models" / "mine")
    monkeypatch.chdir(tmp_path)
    run = started(ours, "done", settings=checked_settings({"model_name": "models/mine"}))
    assert isinstance(run.config, TrainConfig)
    assert run.config.settings.model_name == str(tmp_path / "models" / "mine")
    assert run.id == "0001-mine"


@pytest.mark.parametrize("added", ["", ":.", ":tests::"])
def test_nothing_in_the_run_folder_is_ever_imported(
    ours: Workspace, added: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{os.environ.get('PYTHONPATH', '')}{added}")
    spy = "import sys; open('path', 'w').write(repr((sys.flags.safe_path, sys.path)))"
    run = start_training(ours, defaults_for(TINY), command=[sys.executable, "-c", spy])
    ended(run)
    safe, path = eval((run.folder / "path").read_text())
    assert safe == 1
    assert "" not in path
    assert not [entry for entry in path if entry.startswith(str(run.folder))]


def test_kept_pairs_with_tool_messages_are_counted(tmp_path: Path) -> None:
    made = workspace_with(tmp_path / "w", kept=2)
    chats = tmp_path / "tools.json"
    said = [("human", "What time is it there?"), ("function_call", "clock()"), ("observation", "9"),
            ("gpt", "Nine."), ("human", "And is that early enough for a call to the office?"),
            ("gpt", "It is nine o'clock over there, and that is early enough for a call to the office.")]  # fmt: skip
    chats.write_text(json.dumps([{"conversations": [{"from": who, "value": text} for who, text in said]}]))
    import_paths(made, [chats])
    desk = Desk(made)
    new = desk.matching("kind:imported")
    assert len(new) == 1
    desk.decide(desk.pair(new[0]), "keep")
    heard: list[Preflight] = []
    run = start_training(made, defaults_for(TINY), command=stand_in("done"), on_preflight=heard.append)
    assert isinstance(run.config, TrainConfig)
    assert (run.config.pairs, heard[0].pairs, heard[0].left_out) == (2, 2, {"tool-messages": 1})
    (check,) = [check for check in read_preflight(run.folder) if check.id == "messages"]
    assert check.why == "1 pair left out: with tool calls, which are not learned by this version (first: pair 4)"
    made.close()


def test_what_preflight_said_stays_with_the_run_and_may_be_missing_or_torn(ours: Workspace) -> None:
    heard: list[Preflight] = []
    run = start_training(ours, defaults_for(TINY), command=stand_in("done"), on_preflight=heard.append)
    assert read_preflight(run.folder) == heard[0].checks
    assert json.loads((run.folder / "preflight.json").read_bytes()) == heard[0].fields()
    for torn in (b'{"checks": [{"id"', b"[]", b"\xff"):
        (run.folder / "preflight.json").write_bytes(torn)
        assert read_preflight(run.folder) == ()
    (run.folder / "preflight.json").unlink()
    assert read_preflight(run.folder) == ()


def test_an_answering_run_is_started_the_same_way(ours: Workspace) -> None:
    config = AnswerConfig(
        name="", contenders=(AskedContender("tiny", TINY),), question_set="eight", set_digest="d",
        questions=(Asked("q1", "d1", "Quem é João?"),),
    )  # fmt: skip
    run = start_answering(ours, config, command=stand_in("start:1", "step:1", "done"))
    assert ended(run).state == "done"
    assert (run.id, run.kind) == ("0001-answers-eight", "answer")
    told = read_config(run.folder)
    assert isinstance(told, AnswerConfig)
    assert told.created
    assert told.molting
    assert msgspec.structs.replace(told, name="", created="", molting="") == config


def test_starting_loads_no_training_library(ours: Workspace, start: Start) -> None:
    process = start(START + "\nprint(sorted({'torch', 'trl', 'peft', 'transformers', 'textual'} & set(sys.modules)))",
                    ours.folder, *stand_in("done"))  # fmt: skip
    out, err = process.communicate("\n", timeout=60)
    assert out.splitlines()[1:] == ["0001-tiny", "[]"], err
    assert process.returncode == 0
