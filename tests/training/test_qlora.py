"""Training, with real processes on a small base: what it tells, what it leaves behind, and how it ends."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from molting_tui.recipe import events
from molting_tui.recipe.events import RunEvent, read_events
from molting_tui.recipe.labels import labelled
from molting_tui.recipe.templates import ChatTokenizer
from tests.conftest import needs
from tests.training.conftest import (
    PAIRS,
    PHI3,
    PROMPT,
    Running,
    make_run,
    surroundings,
    write_tokenizer,
)
from training.reporting import Reporter

pytestmark = [needs("torch", "trl", "bitsandbytes"), pytest.mark.xdist_group("learning")]


def told(folder: Path) -> tuple[RunEvent, ...]:
    read = read_events(folder / "events.jsonl")
    assert read.damaged == 0
    assert read.offset == (folder / "events.jsonl").stat().st_size
    return read.events


def of_kind(folder: Path, kind: Any) -> list[Any]:
    return [event for event in told(folder) if isinstance(event, kind)]


def metrics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "training_metrics.json").read_bytes())
    return found


@pytest.fixture(scope="module")
def finished(small_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that came to its end: 4-bit, 12 steps of up to two pairs."""
    running = Running(make_run(tmp_path_factory.mktemp("runs") / "finished", small_base))
    assert running.ended() == 0, (running.folder / "log.txt").read_text("utf-8")
    return running.folder


# What it tells


def test_a_run_tells_its_phases_its_steps_and_its_end(finished: Path) -> None:
    seen = told(finished)
    phases = [event.name for event in seen if isinstance(event, events.Phase)]
    assert phases == ["import", "prepare_data", "load_model", "train", "save"]
    (start,) = of_kind(finished, events.Start)
    steps = of_kind(finished, events.Step)
    assert [step.step for step in steps] == list(range(1, start.steps + 1))
    assert start.steps == 4 * math.ceil(len(PAIRS) / 2)
    assert start.n_train == len(PAIRS)
    assert 0 < start.trainable < start.parameters
    assert {"torch", "trl", "peft", "transformers", "molting"} <= start.versions.keys()
    assert all(step.loss > 0 and step.lr is not None and step.grad_norm > 0 for step in steps)
    assert [step.tokens for step in steps] == sorted({step.tokens for step in steps})
    assert steps[-1].epoch == 4
    assert isinstance(seen[-1], events.Done)
    assert seen[-1].reason == "finished"
    assert [event.time for event in seen] == sorted(event.time for event in seen)
    assert [warned.kind for warned in of_kind(finished, events.Warned)] == ["steps"]


def test_the_log_has_a_line_a_step_for_people_and_nothing_about_libraries(finished: Path) -> None:
    lines = (finished / "log.txt").read_text("utf-8").splitlines()
    steps = [line for line in lines if line.startswith("step ")]
    assert steps[2].startswith("step 3/12 loss ")
    assert steps[2].endswith(" tok/s")
    assert " lr " in steps[2]
    assert len(steps) == 12
    shown = [line for line in lines if line.startswith("  | ")]
    assert any("⟦" in line for line in shown)
    assert any("⟧" in line for line in shown)
    checks = lines[lines.index("preflight:") + 1 :][:19]
    assert {line.split()[0] for line in checks} == {"warn", "pass"}
    assert all(line.startswith("  ") for line in checks)
    assert len(lines) == 3 + 1 + len(checks) + len(shown) + 12, lines


def test_checkpoints_are_named_relative_to_the_run_and_two_are_kept(finished: Path) -> None:
    told_of = of_kind(finished, events.Checkpoint)
    assert [event.path for event in told_of] == ["checkpoint-12"]
    assert all((finished / event.path / "adapter_model.safetensors").is_file() for event in told_of[-2:])
    assert len(list(finished.glob("checkpoint-*"))) == len(told_of[-2:])


def test_the_process_is_named_while_it_runs_and_after(finished: Path) -> None:
    process = json.loads((finished / "process.json").read_bytes())
    assert process["pid"] > 0
    assert process["started"] <= told(finished)[0].time + 1
    assert process["host"]


# What it leaves behind


def test_the_figures_are_those_of_the_events(finished: Path) -> None:
    figures = metrics(finished)
    losses = [step.loss for step in of_kind(finished, events.Step)]
    assert figures["final_loss"] == losses[-1]
    assert figures["first_loss"] == losses[0]
    assert figures["best_loss"] == min(losses) < losses[0]
    assert figures["mean_loss"] == pytest.approx(sum(losses) / len(losses))
    assert figures["steps"] == figures["planned_steps"] == len(losses)
    assert figures["tokens"] == of_kind(finished, events.Step)[-1].tokens
    assert figures["pairs"] == len(PAIRS)
    assert 0 < figures["callback_seconds"] < figures["training_seconds"]
    assert figures["config"]["lora_rank"] == 16
    assert figures["config"]["epochs"] == 4
    assert figures["config"]["system_prompt"] == PROMPT
    (done,) = of_kind(finished, events.Done)
    assert done.figures == {name: figures[name] for name in done.figures}
    assert len(done.figures) == len(figures) - 2
    import torch

    if not torch.cuda.is_available():
        assert (figures["peak_vram_gb"], figures["peak_vram_share"]) == (None, None)


def test_tokens_are_counted_without_padding_and_learned_ones_are_the_labels(finished: Path, small_base: Path) -> None:
    tokenizer = ChatTokenizer.load(small_base)
    rows = [
        labelled(
            [
                {"role": "system", "content": PROMPT},
                {"role": "user", "content": asked},
                {"role": "assistant", "content": answer},
            ],
            tokenizer.encode,
        )
        for asked, answer in PAIRS
    ]
    assert metrics(finished)["tokens"] == 4 * sum(len(row.input_ids) for row in rows)
    assert metrics(finished)["learned_tokens"] == sum(row.learned for row in rows)


def test_the_adapter_folder_holds_what_others_need_and_no_path_of_this_machine(
    finished: Path, small_base: Path
) -> None:
    names = {path.name for path in (finished / "adapter").iterdir()}
    assert names == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "chat_template.jinja",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    config = json.loads((finished / "adapter" / "adapter_config.json").read_bytes())
    # The base was named by its folder here; it is told as it was named.
    assert config["base_model_name_or_path"] == str(small_base)
    assert sorted(config["target_modules"]) == ["k_proj", "o_proj", "q_proj", "v_proj"]
    assert not [path for path in finished.iterdir() if path.name.startswith(".")]


def mean_loss(model: Any, tokenizer: ChatTokenizer) -> float:
    """Cross-entropy of the answers' tokens, by hand."""
    import torch

    total, count = 0.0, 0
    for asked, answer in PAIRS:
        talk = [{"role": "system", "content": PROMPT}, {"role": "user", "content": asked}]
        row = labelled([*talk, {"role": "assistant", "content": answer}], tokenizer.encode)
        with torch.no_grad():
            logits = model(torch.tensor([row.input_ids])).logits[0, :-1].float()
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(row.labels[1:]), reduction="sum")
        total, count = total + loss.item(), count + row.learned
    return total / count


@pytest.fixture(scope="module")
def two_runs(small_base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run in float32 whose every step sees all pairs, and after it, in the same process, the finished run again."""
    place = tmp_path_factory.mktemp("runs")
    settings = {"batch_size": 8, "epochs": 6, "quantisation": "none"}
    runs = make_run(place / "whole", small_base, **settings), make_run(place / "again", small_base)
    assert trained_one_by_one(*runs, CUDA_VISIBLE_DEVICES="0,1").count(" 0\n") == 2
    return runs


@pytest.fixture(scope="module")
def whole_batch(two_runs: tuple[Path, Path]) -> Path:
    return two_runs[0]


def test_the_loss_is_that_of_the_answers_and_of_nothing_else(whole_batch: Path, small_base: Path) -> None:
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(small_base)
    by_hand = mean_loss(base, ChatTokenizer.load(small_base))
    assert metrics(whole_batch)["first_loss"] == pytest.approx(by_hand, rel=1e-4)


def test_of_several_gpus_the_first_is_used_and_that_is_told(whole_batch: Path) -> None:
    assert [warned.kind for warned in of_kind(whole_batch, events.Warned)] == ["several-gpus", "steps"]


def test_the_saved_adapter_makes_the_answers_likelier(whole_batch: Path, small_base: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(small_base)
    before = mean_loss(base, ChatTokenizer.load(small_base))
    tuned = PeftModel.from_pretrained(base, whole_batch / "adapter")
    # The last step's loss was taken before its update.
    assert mean_loss(tuned, ChatTokenizer.load(whole_batch / "adapter")) < metrics(whole_batch)["final_loss"] + 1e-3
    assert metrics(whole_batch)["final_loss"] < before - 0.1


def test_the_same_seed_gives_the_same_losses_to_the_last_bit(finished: Path, two_runs: tuple[Path, Path]) -> None:
    again = two_runs[1]
    assert [(s.loss, s.grad_norm) for s in of_kind(again, events.Step)] == [
        (s.loss, s.grad_norm) for s in of_kind(finished, events.Step)
    ]
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        assert (again / "adapter" / name).read_bytes() == (finished / "adapter" / name).read_bytes()


# How it ends otherwise


def test_a_signal_saves_a_checkpoint_and_ends_the_run_well(small_base: Path, tmp_path: Path) -> None:
    running = Running(make_run(tmp_path / "stopped", small_base, epochs=5000))
    running.wait_for(events.Step, 3)
    # A lost line changes nothing, nor does impatience.
    running.process.send_signal(signal.SIGHUP)
    running.wait_for(events.Step, 6)
    running.process.send_signal(signal.SIGTERM)
    running.wait_for(events.StopRequested)
    running.process.send_signal(signal.SIGINT)
    assert running.ended() == 0
    seen = told(running.folder)
    (asked,) = of_kind(running.folder, events.StopRequested)
    assert asked.signal == "SIGTERM"
    last = of_kind(running.folder, events.Step)[-1].step
    after = [event for event in seen[seen.index(asked) :] if isinstance(event, events.Step)]
    assert len(after) <= 2
    saved = of_kind(running.folder, events.Checkpoint)[-1]
    assert (saved.step, saved.path) == (last, f"checkpoint-{last}")
    assert (running.folder / saved.path / "optimizer.pt").is_file()
    assert isinstance(seen[-1], events.Done)
    assert seen[-1].reason == "stopped"
    assert metrics(running.folder)["reason"] == "stopped"
    assert metrics(running.folder)["steps"] == last < metrics(running.folder)["planned_steps"]
    assert (running.folder / "adapter" / "adapter_model.safetensors").is_file()


def test_a_signal_before_training_ends_the_run_at_once(small_base: Path, tmp_path: Path) -> None:
    running = Running(make_run(tmp_path / "early", small_base))
    running.wait_for(events.Phase)
    running.process.send_signal(signal.SIGTERM)
    assert running.ended() == 0
    seen = told(running.folder)
    assert [type(event) for event in seen[-2:]] == [events.StopRequested, events.Done]
    assert not of_kind(running.folder, events.Step)
    assert not (running.folder / "adapter").exists()


def test_a_killed_run_has_no_end_and_no_torn_line(small_base: Path, tmp_path: Path) -> None:
    running = Running(make_run(tmp_path / "killed", small_base, epochs=5000))
    running.wait_for(events.Step, 3)
    running.process.kill()
    assert running.ended() == -signal.SIGKILL
    path = running.folder / "events.jsonl"
    assert path.read_bytes().endswith(b"\n")
    assert not of_kind(running.folder, (events.Done, events.Failed))
    assert not (running.folder / "training_metrics.json").exists()
    assert not (running.folder / "adapter").exists()


def nan_base(folder: Path, base: Path) -> Path:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(base)
    model.lm_head.weight.data[5] = math.nan
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder


def fused_base(folder: Path) -> Path:
    from transformers import AutoTokenizer, Phi3Config, Phi3ForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(write_tokenizer(folder, PHI3))
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4}
    config = Phi3Config(vocab_size=len(tokenizer), pad_token_id=1, bos_token_id=0, eos_token_id=1, **sizes)
    Phi3ForCausalLM(config).save_pretrained(folder)
    return folder


def disagreeing_base(folder: Path, base: Path) -> Path:
    """A token that only tokenizer_config.json knows: transformers adds it, tokenizer.json doesn't have it."""
    folder.mkdir()
    for path in base.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config = json.loads((folder / "tokenizer_config.json").read_bytes())
    config["extra_special_tokens"] = ["Molting"]
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def templateless_base(folder: Path, base: Path) -> Path:
    folder.mkdir()
    for path in base.iterdir():
        if path.name != "chat_template.jinja":
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


ONE_BY_ONE = """
import sys
from training.qlora import main
for folder in sys.argv[1:]:
    try:
        main(["--run", folder])
    except SystemExit as ended:
        print(folder, ended.code)
"""


def trained_one_by_one(*runs: Path, **environment: str) -> str:
    """Train runs one after the other in one process (its start takes longest); each with its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE, *map(str, runs)],
        env={**os.environ, **surroundings(), **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def failures(small_base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Runs that fail each in its own way, one after the other in one process (its start takes longest)."""
    place = tmp_path_factory.mktemp("failures")
    bases = {
        "nan": nan_base(place / "base-nan", small_base),
        "fused": fused_base(place / "base-fused"),
        "disagreeing": disagreeing_base(place / "base-disagreeing", small_base),
        "templateless": templateless_base(place / "base-templateless", small_base),
        "unknown": Path("nobody/no-such-model"),
    }
    runs = {name: make_run(place / "runs" / name, base) for name, base in bases.items()}
    runs["long"] = make_run(place / "runs" / "long", small_base, max_seq_len=16)
    runs["torn"] = make_run(place / "runs" / "torn", bases["templateless"])
    # An earlier process died in the middle of a line.
    (runs["torn"] / "events.jsonl").write_bytes(b'{"event":"phase","name":"import","time":1.0}\n{"event":"st')
    assert trained_one_by_one(*runs.values()).count(" 2\n") == len(runs)
    return runs


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("nan", "failed", "The loss is no number any more at step 1. Lower learning_rate"),
        ("fused", "blocked", "target_modules names no linear layer of it: q_proj, k_proj, v_proj."),
        ("fused", "blocked", "Its linear layers are down_proj, gate_up_proj, o_proj, qkv_proj."),
        ("disagreeing", "failed", "transformers makes other tokens of pair 2 than its tokenizer.json does."),
        ("templateless", "blocked", "the model has no chat template"),
        ("unknown", "failed", "isn't on this machine, and the hub is set to offline."),
        ("long", "blocked", "nothing in it can be learned: 5 pairs left out: longer than max_seq_len 16"),
    ],
)
def test_a_run_that_cannot_go_on_says_why_in_one_sentence(
    name: str, kind: str, sentence: str, failures: dict[str, Path]
) -> None:
    folder = failures[name]
    (failed,) = of_kind(folder, events.Failed)
    assert told(folder)[-1] is failed or told(folder)[-1] == failed
    assert failed.kind == kind
    assert sentence in failed.message
    assert "\n" not in failed.message
    assert "Traceback" in failed.trace
    assert not (folder / "training_metrics.json").exists()
    assert not (folder / "adapter").exists()


def test_a_loss_that_is_no_number_is_told_before_the_run_ends(failures: dict[str, Path]) -> None:
    assert [warned.kind for warned in of_kind(failures["nan"], events.Warned)] == ["steps", "no-loss"]
    (step,) = of_kind(failures["nan"], events.Step)
    assert step.loss is None


def test_a_torn_line_of_an_earlier_process_is_closed_before_new_ones_follow(failures: dict[str, Path]) -> None:
    read = read_events(failures["torn"] / "events.jsonl")
    assert read.damaged == 1
    assert read.events[0] == events.Phase(name="import", time=1.0)
    assert isinstance(read.events[-1], events.Failed)


# What the reporter makes of errors


def cuda_out_of_memory() -> Exception:
    import torch

    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")


@pytest.mark.parametrize(
    ("error", "kind", "part"),
    [
        (OSError(28, "No space left on device"), "disk-full", "The disk is full"),
        (RuntimeError("[enforce fail at inline_container.cc:815] . unexpected pos 64 vs 0"), "disk-full", "make room"),
        (cuda_out_of_memory, "out-of-memory", "halve batch_size"),
        (MemoryError(), "out-of-memory", "halve batch_size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "out-of-memory", "max_seq_len"),
        (ImportError("Using `bitsandbytes` 4-bit quantization requires bitsandbytes"), "no-bitsandbytes", "none"),
        (ModuleNotFoundError("No module named 'trl'"), "not-installed", "pip install 'molting[train]'"),
        (OSError("We couldn't connect to the hub to load the files"), "hub-unreachable", "name a local folder"),
        (OSError("x is not a valid model identifier listed on the hub"), "unknown-model", "No such model"),
        (ValueError("odd \x1b[31m things"), "unexpected", "ValueError: odd ␛[31m things"),
    ],
)
def test_every_known_failure_has_a_kind_and_a_sentence(
    error: Exception | Callable[[], Exception], kind: str, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Reporter(tmp_path) as report:
        raise error() if callable(error) else error
    assert report.exit_code == 2
    (failed,) = told(tmp_path)
    assert isinstance(failed, events.Failed)
    assert failed.kind == kind
    assert part in failed.message
    assert capsys.readouterr().err == f"{failed.message}\n"


def test_a_cause_deeper_down_is_found(tmp_path: Path) -> None:
    with Reporter(tmp_path):
        try:
            raise OSError(28, "No space left on device")
        except OSError as cause:
            raise RuntimeError("saving failed") from cause
    (failed,) = told(tmp_path)
    assert isinstance(failed, events.Failed)
    assert failed.kind == "disk-full"


def test_a_full_disk_takes_neither_the_sentence_nor_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Reporter(tmp_path) as report, open("/dev/full", "wb", buffering=0) as full:
        os.dup2(full.fileno(), report._file)
        report.phase("import")
    assert report.exit_code == 2
    assert capsys.readouterr().err.startswith("The disk is full")


def test_events_have_the_time_they_were_told(tmp_path: Path) -> None:
    with Reporter(tmp_path) as report:
        report.phase("import")
        report.warn("odd", "Something is odd.")
        report.event(events.Phase(name="save", time=5.0))
    times = [event.time for event in told(tmp_path)]
    assert times[0] > 1e9
    assert times[2] == 5.0
    assert msgspec.to_builtins(told(tmp_path)[1])["kind"] == "odd"
