"""A run's process for tests of its life: real, detached, and it does only what it is told, at once.

    python tests/stand_in.py WORD… --run FOLDER

Words: `phase:NAME`, `start:STEPS`, `step:N`, `checkpoint:N`, `warn:TEXT`, `print:TEXT`, `environment` (printed), `torn`
(half an event), `done`, `fail:TEXT`, `deaf` (signals are not heard any more), `wait` (until a signal comes).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Literal

from molting_tui.recipe import events
from molting_tui.recipe.runfolder import EVENTS

PROGRAM = Path(__file__)
BEGUN = ("phase:import", "phase:load_model", "phase:prepare_data", "phase:train", "start:20", "step:1", "step:2")


def stand_in(*words: str) -> list[str]:
    """The command of a run that does this."""
    return [sys.executable, str(PROGRAM), *words]


class _Run:
    def __init__(self, folder: Path) -> None:
        self.file = os.open(folder / EVENTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.deaf = False

    def say(self, event: events.RunEvent) -> None:
        os.write(self.file, events.written(event))

    def stop(self, number: int, _: FrameType | None) -> None:
        self.say(events.StopRequested(signal=signal.Signals(number).name, time=time.time()))
        if not self.deaf:
            self.done("stopped")
            sys.exit(0)

    def done(self, reason: Literal["finished", "stopped"]) -> None:
        self.say(events.Done(reason=reason, time=time.time()))

    def do(self, word: str) -> None:
        name, _, value = word.partition(":")
        match name:
            case "phase":
                self.say(events.Phase(name=value, time=time.time()))  # type: ignore[arg-type]
            case "start":
                self.say(events.Start(steps=int(value), n_train=3, epochs=2.0, device="cpu", time=time.time()))
            case "step":
                self.say(events.Step(step=int(value), loss=3 - int(value) / 10, lr=1e-4, time=time.time()))
            case "checkpoint":
                self.say(events.Checkpoint(step=int(value), path=f"checkpoint-{value}", time=time.time()))
            case "warn":
                self.say(events.Warned(kind="said", message=value, time=time.time()))
            case "print":
                print(value, flush=True)
            case "environment":
                print(*(f"{name}={text}" for name, text in os.environ.items()), sep="\n", flush=True)
            case "torn":
                os.write(self.file, b'{"event": "step", "st')
            case "fail":
                self.say(events.Failed(kind="said", message=value, time=time.time()))
            case "done":
                self.done("finished")
            case "deaf":
                self.deaf = True
            case "wait":
                while True:
                    signal.pause()
            case _:
                raise ValueError(word)


def main(words: Sequence[str]) -> None:
    """Do the words, one after the other."""
    *told, flag, folder = words
    assert flag == "--run"
    run = _Run(Path(folder))
    signal.signal(signal.SIGTERM, run.stop)
    for word in told:
        run.do(word)


if __name__ == "__main__":
    main(sys.argv[1:])
