"""A run's process for tests: it says and prints what a trainer does, as fast as it is told, and trains nothing.

    python -m tests.pty.small_run STEPS STEPS_A_SECOND LINES_A_STEP [TEXT] --run FOLDER

SIGTERM means what it means for a trainer: a checkpoint, the last word, the end.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from molting_tui.recipe.events import Checkpoint, Done, Phase, RunEvent, Start, Step, StopRequested, Warned, written
from molting_tui.recipe.runfolder import EVENTS


def main(steps: int, pace: float, lines: int, folder: Path, text: str = "") -> None:
    """Be the run in a folder."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))

    def say(event: RunEvent) -> None:
        with (folder / EVENTS).open("ab") as file:
            file.write(written(event))

    for phase in ("import", "load_model", "prepare_data"):
        say(Phase(phase, time=time.time()))  # type: ignore[arg-type]
    say(Start(steps=steps, epochs=6.0, n_train=3, device="cpu", time=time.time()))
    say(Warned("left-out", "1 pair is longer than 512 tokens and was left out.", time=time.time()))
    say(Phase("train", time=time.time()))
    began = time.monotonic()
    for step in range(1, steps + 1):
        time.sleep(max(began + step / pace - time.monotonic(), 0))
        loss = 3.4 * 0.99**step
        say(Step(step=step, epoch=step * 6 / steps, loss=loss, lr=1.6e-4, tok_s=812.0, time=time.time()))
        for line in range(lines):
            print(
                f"{time.strftime('%H:%M:%S')} step {step} of {steps}: line {line}, loss {loss:.4f}, 812 tokens a second"
            )
        if text:
            print(text)
        if asked:
            say(StopRequested("SIGTERM", time=time.time()))
            say(Checkpoint(step, f"checkpoint-{step}", time=time.time()))
            say(Done("stopped", time=time.time()))
            return
    say(Done("finished", time=time.time()))


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    *told, _, where = sys.argv[1:]
    main(int(told[0]), float(told[1]), int(told[2]), Path(where), *told[3:])
