"""What preflight knows of a workspace: the rows that would be frozen, secrets, flags, the disk, another run."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from cli_workspaces import run, value

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.datasets.freezing import freeze
from molting_tui.errors import BadFilter, Cancelled
from molting_tui.recipe.preflight import Preflight
from molting_tui.recipe.settings import TINY, TrainingSettings, checked_settings, defaults_for
from molting_tui.records.checks import Check
from molting_tui.records.progress import Progress
from molting_tui.runs.preflight import look_before
from molting_tui.runs.starting import start_training
from molting_tui.workspace import HeldSettings, Workspace
from tests.runs_made import ended, nothing_left, seen, started, workspace_with
from tests.small_bases import write_base
from tests.stand_in import stand_in

SECRET = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "ws", kept=3)
    with nothing_left(made):
        yield made
    made.close()


@pytest.fixture
def small(tmp_path: Path) -> TrainingSettings:
    """Settings for a base whose files are here."""
    base = write_base(tmp_path / "base")
    return checked_settings({"model_name": str(base), "epochs": 120, "max_seq_len": 4096})


def check(found: Preflight, id: str) -> Check:
    (wanted,) = [check for check in found.checks if check.id == id]
    return wanted


def test_a_sound_workspace_passes_and_the_rows_are_those_that_are_frozen(
    ours: Workspace, small: TrainingSettings
) -> None:
    heard: list[Progress] = []
    found = look_before(ours, small, report=heard.append)
    assert {check.level for check in found.checks} == {"pass"}
    assert len(found.checks) == 25
    assert (found.pairs, found.steps) == (3, 120)
    assert [(progress.done, progress.total) for progress in heard] == [(1, 3), (2, 3), (3, 3)]
    made = start_training(ours, small, command=stand_in("done"))
    ended(made)
    rows = (made.folder / "dataset.jsonl").read_text("utf-8").splitlines()
    assert len(rows) == found.pairs
    assert {row["messages"][0]["role"] for row in map(json.loads, rows)} == {"system"}


def test_only_the_kept_pairs_that_match_are_looked_at(ours: Workspace, small: TrainingSettings) -> None:
    assert look_before(ours, small, where="id:1,2").pairs == 2
    Desk(ours).decide(Desk(ours).pair(3), "drop")
    assert look_before(ours, small).pairs == 2
    with pytest.raises(BadFilter):
        look_before(ours, small, where="state:perhaps")


def test_nothing_kept_and_nothing_matching_are_told_apart(ours: Workspace, tmp_path: Path) -> None:
    none = look_before(ours, defaults_for(TINY), where="zzzz")
    assert check(none, "pairs").why == "none of the 3 kept pairs matches the filter zzzz"
    assert (none.steps, none.ok) == (0, False)
    empty = workspace_with(tmp_path / "empty", kept=0)
    assert check(look_before(empty, defaults_for(TINY)), "pairs").why.startswith("no pair has been kept yet")
    empty.close()


def test_a_secret_in_any_message_blocks_and_names_the_pair_and_not_itself(
    ours: Workspace, small: TrainingSettings
) -> None:
    desk = Desk(ours)
    desk.rewrite(desk.pair(2), response=f"The token of the deploy is {SECRET}, and it is long enough to be an answer.")
    told = check(look_before(ours, small), "secrets")
    assert (told.level, told.count) == ("block", 1)
    assert told.why.startswith("1 kept pair holds a secret: 2 (")
    assert "decide --where 'state:keep flag:secret' mask" in told.fix
    assert SECRET not in told.sentence
    assert "--mask" not in told.sentence
    assert check(look_before(ours, small, where="id:1,3"), "secrets").level == "pass"


def test_a_secret_in_the_system_prompt_blocks_and_is_told_once(ours: Workspace, small: TrainingSettings) -> None:
    found = look_before(with_prompt(ours, f"Use {SECRET} for deploys."), small)
    assert check(found, "secrets").level == "block"
    assert check(found, "secrets").why.startswith("molting.toml, [persona] system_prompt: it holds a secret")
    assert [check.id for check in found.blocking] == ["secrets"]


def test_personal_data_warns_and_other_flags_are_noted(ours: Workspace, small: TrainingSettings) -> None:
    desk = Desk(ours)
    desk.rewrite(desk.pair(1), response="Write to joao.silva@softtor.com.br about it, he answers within the day.")
    desk.rewrite(desk.pair(2), response="Let me check the logs of the queue before I answer you, one moment, please.")
    found = look_before(ours, small)
    assert (check(found, "personal-data").level, check(found, "personal-data").count) == ("warn", 1)
    assert check(found, "personal-data").why.startswith("personal data is in 1 pair: 1 (")
    assert (check(found, "flags").level, check(found, "flags").count) == ("note", 1)
    assert check(found, "flags").why == "1 kept pair is flagged: agent-speech 1"
    assert found.ok


def with_prompt(workspace: Workspace, prompt: str) -> Workspace:
    """The workspace as if `[persona] system_prompt` said so."""
    persona = msgspec.structs.replace(workspace.settings.persona, system_prompt=prompt)
    return replace(workspace, held=HeldSettings(msgspec.structs.replace(workspace.settings, persona=persona)))


def test_personal_data_in_the_system_prompt_is_told_of_the_prompt_and_not_of_each_pair(
    ours: Workspace, small: TrainingSettings
) -> None:
    told = with_prompt(ours, "You work for joao.silva@softtor.com.br, and nobody else.")
    personal = check(look_before(told, small), "personal-data")
    assert (personal.level, personal.count) == ("warn", 0)
    assert personal.why == "personal data is in molting.toml, [persona] system_prompt"
    desk = Desk(ours)
    desk.rewrite(desk.pair(2), response="Write to joao.silva@softtor.com.br about it, he answers within the day.")
    personal = check(look_before(told, small), "personal-data")
    assert personal.count == 1
    assert personal.why.startswith("personal data is in molting.toml, [persona] system_prompt, and in 1 pair: 2 (")


def test_each_family_is_counted_by_its_pairs_and_the_most_frequent_comes_first(
    ours: Workspace, small: TrainingSettings
) -> None:
    desk = Desk(ours)
    speech = "Let me check the logs of the queue before I answer you, one moment, please."
    desk.rewrite(desk.pair(1), response=f"{speech} Now let me look. JoÃ£o Ã© o dev da empresa.")
    desk.rewrite(desk.pair(2), response=f"{speech} The second answer is another one.")
    desk.rewrite(desk.pair(3), response=f"The token of the deploy is {SECRET}, and it is long enough to be an answer.")
    flags = check(look_before(ours, small), "flags")
    assert (flags.count, flags.why) == (2, "2 kept pairs are flagged: agent-speech 2, mojibake 1")


def test_pairs_that_are_all_left_out_are_not_taken_for_pairs_that_do_not_match(
    ours: Workspace, small: TrainingSettings
) -> None:
    short = msgspec.structs.replace(small, max_seq_len=16)
    assert check(look_before(ours, short), "pairs").why.startswith("nothing in it can be learned: 3 pairs left out")


def test_a_disk_without_room_blocks(ours: Workspace, small: TrainingSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 1 << 40, 1 << 20))
    told = check(look_before(ours, small), "disk")
    assert told.level == "block"
    assert "1 MiB are free on this disk" in told.why


def test_another_run_at_work_blocks_until_it_has_ended(ours: Workspace, small: TrainingSettings) -> None:
    first = started(ours, "start:20", "step:3", "wait")
    seen(first, lambda now: now.step, "a step")
    told = check(look_before(ours, small), "other-run")
    assert (told.level, told.count) == ("block", 1)
    assert told.why.startswith("run 0001-tiny is running, step 3 of 20; one at a time")
    assert "`molting runs stop 1`" in told.fix
    assert run("runs", "stop", "1", workspace=ours.folder).exit_code == 0
    ended(first)
    assert check(look_before(ours, small), "other-run").level == "pass"


def test_a_base_folder_without_a_tokenizer_blocks(ours: Workspace, small: TrainingSettings) -> None:
    (Path(small.model_name) / "tokenizer.json").unlink()
    found = look_before(ours, small)
    assert [check.id for check in found.blocking] == ["template"]
    assert "no tokenizer.json in the model's folder" in check(found, "template").why


def test_a_pair_of_400_messages_is_looked_at_and_left_out_where_it_is_too_long(
    ours: Workspace, small: TrainingSettings, tmp_path: Path
) -> None:
    told = [{"from": ("human", "gpt")[n % 2], "value": f"Mensagem {n}: a fila drena antes do deploy, e só então troca."}
            for n in range(400)]  # fmt: skip
    (tmp_path / "long.json").write_text(json.dumps([{"conversations": told}]), "utf-8")
    import_paths(ours, [tmp_path / "long.json"])
    desk = Desk(ours)
    for number in desk.matching("kind:imported"):
        desk.decide(desk.pair(number), "keep")
    longest = max(len(desk.pair(number).context) for number in desk.matching("kind:imported"))
    assert longest >= 398
    found = look_before(ours, small)
    assert found.left_out["too-long"] >= 1
    assert "longer than max_seq_len 4096" in check(found, "too-long").why


def test_cancelling_ends_it_at_the_next_pair(ours: Workspace, small: TrainingSettings) -> None:
    heard: list[Progress] = []

    def cancel(progress: Progress) -> None:
        heard.append(progress)
        raise Cancelled

    with pytest.raises(Cancelled):
        look_before(ours, small, report=cancel)
    assert len(heard) == 1


def long_conversation(workspace: Workspace, folder: Path) -> int:
    """The number of the one kept pair, which has 400 messages."""
    said = [{"from": ("human", "gpt")[n % 2], "value": f"Mensagem {n} da fila, antes do deploy."} for n in range(400)]
    (folder / "long.json").write_text(json.dumps([{"conversations": said}]), "utf-8")
    import_paths(workspace, [folder / "long.json"])
    desk = Desk(workspace)
    (number,) = (number for number in desk.matching("kind:imported") if len(desk.pair(number).context) == 398)
    desk.decide(desk.pair(number), "keep")
    return number


@pytest.mark.parametrize("frozen", [False, True])
def test_a_pair_of_400_messages_can_be_cancelled_within(
    ours: Workspace, small: TrainingSettings, tmp_path: Path, frozen: bool
) -> None:
    number = long_conversation(ours, tmp_path)
    if frozen:
        freeze(ours, "long", where=f"id:{number}")
    heard: list[Progress] = []

    def cancel(progress: Progress) -> None:
        heard.append(progress)
        if len(heard) == 2:
            raise Cancelled

    roomy = msgspec.structs.replace(small, max_seq_len=65536)
    with pytest.raises(Cancelled):
        look_before(ours, roomy, report=cancel, **({"dataset": "long"} if frozen else {"where": f"id:{number}"}))
    assert [(progress.done, progress.total) for progress in heard] == [(0, 1)] * 2


# The command


def test_the_command_prints_the_contract_and_exits_with_what_it_found(ours: Workspace, small: TrainingSettings) -> None:
    base = ("--base", small.model_name, "--max_seq_len", "4096")
    told = value("preflight", *base, workspace=ours.folder)
    assert set(told) == {"ok", "checks", "steps"}
    assert all(set(line) == {"id", "level", "count", "why", "fix"} for line in told["checks"])
    assert (told["ok"], told["steps"]) == (True, 5)
    blocked = run("preflight", *base, "--where", "id:1", workspace=ours.folder)
    assert blocked.exit_code == 1
    assert blocked.stdout.startswith("block  pairs")
    assert "1 pair, 5 optimizer steps: 1 check in its way." in blocked.stdout
    assert not (ours.folder / "runs").exists()


def test_a_line_of_train_can_be_checked_as_it_stands(ours: Workspace, small: TrainingSettings) -> None:
    words = ("--base", small.model_name, "--name", "v2.1", "--epochs", "10", "--where", "id:1,2", "--watch")
    done = run("preflight", *words, "--max-seq-len", "4096", workspace=ours.folder)
    assert done.exit_code == 0
    assert done.stdout.endswith("2 pairs, 10 optimizer steps: nothing is in its way.\n")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--epochs", "0"), "epochs can't be 0"),
        (("--where", "state:perhaps"), "perhaps"),
        (("--epoch", "3"), "--epoch"),
    ],
)
def test_a_mistake_on_the_command_line_is_misuse_and_no_answer(
    ours: Workspace, words: tuple[str, ...], part: str
) -> None:
    done = run("preflight", "--base", "tiny", *words, "--json", workspace=ours.folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert part in done.stderr
