"""Training and answering on the tiny base: the share of time that telling takes, and what a batch is worth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from molting_tui.recipe.runfolder import METRICS, Generation
from molting_tui.workspace import shipped
from tests.bench.batches import batch_gain, mixed_gain
from tests.bench.figures import Figure, median, spread

STEPS = 150
BATCHES = 3
TOKENS = 128
MOST_CALLBACKS = 1
LEAST_BATCH = 5
LEAST_MIXED = 1.3


def figures(
    home: Path, say: Callable[[str], None], steps: int = STEPS, batches: int = BATCHES, tokens: int = TOKENS
) -> list[Figure]:
    """Train the tiny base for `steps` steps, and answer one by one and in a batch of 16, `batches` times over."""
    told = _trained(home / "trained", steps)
    share = 100 * told["callback_seconds"] / told["training_seconds"]
    say(f"training: {told['steps']} steps in {told['training_seconds']:.1f} s, {share:.3f} % of it in our callbacks")
    return [
        Figure(f"our callbacks' share of training, {told['steps']} steps of the tiny base", share, "%", MOST_CALLBACKS),
        Figure("… milliseconds a step, batch 8, 4 bits", 1000 * told["training_seconds"] / told["steps"], "ms"),
        *_batch_figures(say, batches, tokens),
        *_mixed_figures(home, say, batches, tokens),
    ]


def _trained(folder: Path, steps: int) -> dict[str, float]:
    chats = shipped("data") / "chats" / "claudio-sharegpt.json"
    pairs = len(json.loads(chats.read_bytes()))
    words = ["--dataset", str(chats), "--output", str(folder), "--model_name", "tiny", "--batch_size", "8"]
    epochs = steps / -(-pairs // 8)
    subprocess.run(
        [sys.executable, "-m", "training.qlora", *words, "--epochs", f"{epochs:.4f}"],
        check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    told: dict[str, float] = json.loads((folder / METRICS).read_bytes())
    return told


def _batch_figures(say: Callable[[str], None], times: int, tokens: int) -> list[Figure]:
    """Sixteen answers of the tiny base, one by one and at once, by turns."""
    gains = [batch_gain(how=Generation(max_new_tokens=tokens)) for _ in range(times)]
    for gain in gains:
        say(f"{gain.answers} answers: one by one {gain.alone:.2f} s, in one batch {gain.together:.2f} s")
    # A figure's target is the most it may be: so it is told as a share.
    shares = [100 / gain.ratio for gain in gains]
    what = f"a batch of {gains[0].size} answers, of the time of one by one"
    return [
        Figure(what, median(shares), "%", 100 / LEAST_BATCH, spread(shares)),
        Figure("… how many times as fast", 100 / median(shares), "x"),
        Figure("… answers that came out otherwise", sum(gain.answers - gain.equal for gain in gains), "", 0),
    ]


def _mixed_figures(home: Path, say: Callable[[str], None], times: int, tokens: int) -> list[Figure]:
    """Sixteen answers of the tiny base and of each of two adapters, contender after contender and all at once."""
    gains = [mixed_gain(home / f"mixed-{n}", how=Generation(max_new_tokens=tokens)) for n in range(times)]
    for gain in gains:
        say(f"{gain.answers} answers of 3 contenders: one by one {gain.alone:.2f} s, mixed {gain.together:.2f} s")
    shares = [100 / gain.ratio for gain in gains]
    what = "a base and 2 adapters in one mixed batch, of the time of one after the other"
    return [
        Figure(what, median(shares), "%", 100 / LEAST_MIXED, spread(shares)),
        Figure("… how many times as fast, mixed", 100 / median(shares), "x"),
        Figure("… mixed answers that came out otherwise", sum(gain.answers - gain.equal for gain in gains), "", 0),
    ]
