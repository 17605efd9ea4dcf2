"""Runs as their processes leave them on the disk: real folders, events and logs, and now and then a real process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from molting_tui.recipe.events import Done, Failed, Phase, RunEvent, Start, Step, Warned, written
from molting_tui.recipe.runfolder import (
    CONFIG,
    EVENTS,
    LOG,
    METRICS,
    AnswerConfig,
    Asked,
    AskedContender,
    RunConfig,
    TrainConfig,
)
from molting_tui.recipe.settings import TINY, TrainingSettings
from molting_tui.workspace import Workspace
from tests.runs_made import at_work

FAR = 4e9
"""A time that no clock has reached: what a run says there is never old, so the time left stays what it is."""


_WORKING: dict[Path, subprocess.Popen[bytes]] = {}


def set_to_work(folder: Path, command: Sequence[str] = ("sleep", "600")) -> subprocess.Popen[bytes]:
    """A process at work on a run's folder; the end of the test ends it."""
    _WORKING[folder] = at_work(folder, command)
    return _WORKING[folder]


def process_of(folder: Path) -> subprocess.Popen[bytes]:
    """The process at work on a run's folder."""
    return _WORKING[folder]


def end_all_work() -> None:
    """End what the runs of a test have at work."""
    for process in _WORKING.values():
        process.kill()
        process.communicate()
    _WORKING.clear()


def train_config(name: str = "v2.1-tinyllama", **more: Any) -> TrainConfig:
    """What a training run was told."""
    told: dict[str, Any] = {
        "settings": TrainingSettings(), "pairs": 148, "created": "2026-02-12T09:00:00Z", "dataset_digest": "9f2c" * 16,
        "system_prompt": "Você é Cláudio.", "molting": "0.1.0",
    }  # fmt: skip
    return TrainConfig(name=name, **(told | more))


def answer_config(name: str = "personality-8", **more: Any) -> AnswerConfig:
    """What an answering run was told."""
    contenders = (AskedContender("tiny", TINY), AskedContender("v2.1", TINY, "/runs/0001/adapter", run="0001-v2.1"))
    told: dict[str, Any] = {
        "contenders": contenders, "question_set": "personality-8", "set_digest": "ab" * 32,
        "questions": (Asked("q1", "d1", "Quem é João?"),), "created": "2026-02-12T10:00:00Z",
    }  # fmt: skip
    return AnswerConfig(name=name, **(told | more))


def write_run(
    workspace: Workspace,
    number: int,
    config: RunConfig,
    events: Iterable[RunEvent] = (),
    log: str | bytes = "",
    *,
    working: bool = False,
    metrics: dict[str, Any] | None = None,
) -> Path:
    """A run's folder; `working`: with a process at work on it, which `process_of` knows."""
    folder = workspace.folder / "runs" / f"{number:04}-{''.join(c for c in config.name if c.isalnum() or c in '.-')}"
    folder.mkdir(parents=True)
    (folder / CONFIG).write_bytes(msgspec.json.encode(config))
    tell(folder, *events)
    (folder / LOG).write_bytes(log if isinstance(log, bytes) else log.encode())
    if working:
        set_to_work(folder)
    if metrics is not None:
        (folder / METRICS).write_bytes(msgspec.json.encode(metrics))
    return folder


def tell(folder: Path, *events: RunEvent) -> None:
    """Let the run say more."""
    with (folder / EVENTS).open("ab") as file:
        file.write(b"".join(map(written, events)))


def begun(steps: int = 114, done: int = 0, **more: Any) -> list[RunEvent]:
    """The events of a training run of so many steps, of which some are done, four seconds each."""
    start = Start(
        steps=steps, epochs=6.0, trainable=2_252_800, parameters=1_102_301_184, n_train=148, device="cuda",
        versions={"torch": "2.13.0", "transformers": "5.23.0"}, time=FAR,
    )  # fmt: skip
    losses = [round(3.4 * 0.99**step, 3) for step in range(done)]
    spoken = [
        Step(
            step=step + 1, epoch=(step + 1) * 6 / steps, loss=loss, lr=1.6e-4, tokens=800 * step, tok_s=812.0,
            time=FAR + 4 * (step + 1), **more,
        )
        for step, loss in enumerate(losses)
    ]  # fmt: skip
    return [Phase("import"), Phase("load_model"), Phase("prepare_data"), start, Phase("train"), *spoken]


def ended(reason: str = "finished") -> RunEvent:
    """The last word of a run that ended well."""
    return Done(reason=reason)  # type: ignore[arg-type]


def failed(message: str, trace: str = "") -> RunEvent:
    """The last word of a run that failed."""
    return Failed(kind="OutOfMemoryError", message=message, trace=trace)


def warned(*messages: str) -> list[RunEvent]:
    """Warnings."""
    return [Warned(kind="left-out", message=message) for message in messages]


def numbered(count: int, text: str = "step {n} of the log") -> str:
    """A log of so many lines."""
    return "".join(text.format(n=number) + "\n" for number in range(1, count + 1))


def four_runs(workspace: Workspace, *, living: bool = True) -> Sequence[Path]:
    """A failed run, one that is done, one that answered, and one that is at work."""
    oom = "The GPU has no memory left. Take a smaller batch_size (it was 8) or max_seq_len, and start again."
    figures = {"loss_last": 1.71, "loss_mean": 2.03, "steps": 114, "tokens": 91_200, "seconds": 472.5}
    return (
        write_run(workspace, 1, train_config("phi3"), [*begun(done=3), failed(oom, "Traceback…")], numbered(9)),
        write_run(
            workspace, 2, train_config("v2.0-tinyllama"), [*begun(done=114), ended()], numbered(500), metrics=figures
        ),
        write_run(workspace, 3, answer_config(), [Start(steps=16), Step(step=16), ended()], numbered(20)),
        write_run(
            workspace, 4, train_config(),
            [*warned("3 pairs are longer than 512 tokens and were left out."), *begun(done=61)],
            numbered(300, "14:31:07 step {n}: loss 1.92, learning rate 1.6e-4, 812 tokens a second"),
            working=living,
        ),
    )  # fmt: skip
