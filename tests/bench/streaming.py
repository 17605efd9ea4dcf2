"""The workbench while a run streams 40 log lines a second: its share of a core, bytes sent, resident memory."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.recipe.settings import checked_settings
from molting_tui.runs.starting import start_training
from molting_tui.workspace import make, shipped
from tests.bench.figures import Figure
from tests.pty.conftest import command
from tests.pty.terminal import Terminal

SECONDS = 20.0
MOST_CPU, MOST_BYTES, MOST_MEMORY = 5, 35_000, 150
STREAM = """
import sys, time
from pathlib import Path
from molting_tui.recipe.events import Start, Step, written

folder = Path(sys.argv[sys.argv.index("--run") + 1])
with (folder / "events.jsonl").open("ab", buffering=0) as events:
    events.write(written(Start(time=time.time(), steps=100_000, n_train=48, device="cpu")))
    began, step = time.monotonic(), 0
    while step < 100_000:
        step += 1
        loss = 3.0 / step**0.2
        events.write(written(Step(time=time.time(), step=step, loss=loss, lr=1e-4, tokens=step * 800, tok_s=800.0)))
        print(f"step {step} of 100000  loss {loss:.4f}  lr 1.0e-04  800 tok/s  " + "x" * (step % 40), flush=True)
        time.sleep(max(began + step / 40 - time.monotonic(), 0))
"""
"""A run that does nothing but tell of 40 steps a second, in its events and in its log."""


def figures(home: Path, say: Callable[[str], None], seconds: float = SECONDS) -> list[Figure]:
    """Watch such a run for `seconds` on the train screen at 120x40."""
    workspace = make(home / "streaming", name="Cláudio", system_prompt="Você é Cláudio.")
    import_paths(workspace, [shipped("data") / "chats"])
    desk = Desk(workspace)
    for number in desk.matching("")[:20]:
        desk.decide(desk.pair(number), "keep")
    settings = checked_settings({"model_name": "tiny"})
    run = start_training(workspace, settings, name="streaming", command=(sys.executable, "-c", STREAM))
    try:
        with Terminal(command(workspace.folder), columns=120, lines=40, term="xterm-256color") as terminal:
            terminal.wait_for("Home", "Next:", timeout=60)
            terminal.send("F4")
            terminal.wait_for("loss", timeout=60)
            process = psutil.Process(terminal.process.pid)
            before, began = process.cpu_times(), time.monotonic()
            mark = terminal.bytes_received
            time.sleep(seconds)
            sent = terminal.bytes_received - mark
            after, wall = process.cpu_times(), time.monotonic() - began
            memory = process.memory_info().rss / 2**20
    finally:
        from molting_tui.runs.stopping import stop

        stop(run, kill=True)
        workspace.close()
    share = 100 * (after.user + after.system - before.user - before.system) / wall
    say(f"streaming: {share:.1f} % of a core, {sent / wall:,.0f} bytes a second, {memory:.0f} MiB")
    return [
        Figure("workbench while a run tells of 40 steps a second, share of a core", share, "%", MOST_CPU),
        Figure("… bytes sent a second, 120x40, 256 colours", sent / wall, "bytes", MOST_BYTES),
        Figure("… resident memory", memory, "MiB", MOST_MEMORY),
    ]
