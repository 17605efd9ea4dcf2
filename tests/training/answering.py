"""Answering runs made, started and read, and adapters for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from molting_tui.recipe import events
from molting_tui.recipe.events import RunEvent, read_events
from molting_tui.recipe.runfolder import AnswerConfig, AnswerLine, Asked, AskedContender, Generation
from tests.training.conftest import surroundings

SYSTEM = "Você é Cláudio, assistente do João."
PROMPTS = (
    "Quem é João?",
    "What is Molting?",
    "Me fala de você.",
    "Oi",
    "How do you work? I read first, then I change.",
)
SHORT = Generation(temperature=1.0, top_p=1.0, max_new_tokens=12)


def questions(prompts: Sequence[str] = PROMPTS, **also: Any) -> tuple[Asked, ...]:
    return tuple(Asked(f"q{number}", f"digest-{number}", prompt, **also) for number, prompt in enumerate(prompts))


def config_of(contenders: Sequence[AskedContender], asked: Sequence[Asked], **also: Any) -> AnswerConfig:
    told = {"generation": SHORT, "quantisation": "none", "batch_size": 4, "created": "2026-11-20T12:00:00Z", **also}
    return AnswerConfig(
        name="asked", contenders=tuple(contenders), question_set="a-set", set_digest="d", questions=tuple(asked), **told
    )


def make_run(folder: Path, config: AnswerConfig) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(msgspec.json.encode(config))
    return folder


def started(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "training.answer", "--run", str(folder)],
            env={**os.environ, **surroundings()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def answered(folder: Path, code: int = 0) -> Path:
    assert started(folder).wait(timeout=180) == code, (folder / "log.txt").read_text("utf-8")
    return folder


ONE_BY_ONE = """
import sys
from training.answer import main
for folder in sys.argv[1:]:
    try:
        main(["--run", folder])
    except SystemExit as ended:
        assert not ended.code, folder
"""


def all_answered(*folders: Path) -> None:
    """Answer what runs ask, one after the other in one process (its start takes longest)."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE, *map(str, folders)],
        env={**os.environ, **surroundings()},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for folder in folders:
        (folder / "log.txt").write_text(done.stdout, "utf-8")


def lines(folder: Path) -> list[AnswerLine]:
    return [msgspec.json.decode(line, type=AnswerLine) for line in (folder / "answers.jsonl").read_bytes().splitlines()]


def told(folder: Path) -> tuple[RunEvent, ...]:
    return read_events(folder / "events.jsonl").events


def texts(found: Sequence[AnswerLine]) -> dict[tuple[str, str, int], str]:
    return {(line.contender, line.question, line.sample): line.raw for line in found}


def failure(folder: Path) -> str:
    last = told(folder)[-1]
    assert isinstance(last, events.Failed)
    assert (folder / "log.txt").read_text("utf-8").strip().endswith(last.message)
    return last.message


def write_adapter(folder: Path, base: Path, seed: int, rank: int = 4) -> Path:
    """An adapter that changes what its base says, as training leaves it."""
    import peft
    import torch

    from training import bases

    torch.manual_seed(seed)
    options = peft.LoraConfig(r=rank, lora_alpha=400, target_modules=["q_proj", "o_proj"], init_lora_weights=False)
    model = peft.get_peft_model(bases.load_base(str(base), "none"), options)
    model.save_pretrained(str(folder), save_embedding_layers=False)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(base / name, folder / name)
    return folder
