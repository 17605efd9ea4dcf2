"""Training and answering on the tiny base: the share of time that telling takes, and what a batch is worth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from molting_tui.evaluation.questions import find_questions
from molting_tui.recipe.runfolder import METRICS, AnswerConfig, Asked, Contender, Generation
from molting_tui.recipe.settings import TINY
from molting_tui.workspace import shipped
from tests.bench.figures import Figure, median, spread

STEPS = 150
MOST_CALLBACKS = 1
LEAST_BATCH = 5


def figures(home: Path, say: Callable[[str], None], steps: int = STEPS) -> list[Figure]:
    """Train the tiny base for `steps` steps, and answer one by one and in a batch of 16."""
    told = _trained(home / "trained", steps)
    share = 100 * told["callback_seconds"] / told["training_seconds"]
    say(f"training: {told['steps']} steps in {told['training_seconds']:.1f} s, {share:.3f} % of it in our callbacks")
    return [
        Figure(f"our callbacks' share of training, {told['steps']} steps of the tiny base", share, "%", MOST_CALLBACKS),
        Figure("… milliseconds a step, batch 8, 4 bits", 1000 * told["training_seconds"] / told["steps"], "ms"),
        *_batch_figures(say),
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


def _batch_figures(say: Callable[[str], None], times: int = 3) -> list[Figure]:
    """The sixteen questions to the tiny base, one by one and all at once, by turns."""
    from training.asked import jobs_of
    from training.contenders import Contenders

    questions = find_questions(None, "personality-8")
    contender = Contender(TINY, TINY, system_prompt="Você é Cláudio.")
    config = AnswerConfig(
        name="bench",
        contenders=(contender,),
        question_set=questions.id,
        set_digest=questions.digest,
        questions=tuple(Asked(one.id, one.digest, one.prompt) for one in questions.questions),
        generation=Generation(),
    )
    jobs = jobs_of(config)
    models = {
        size: Contenders(TINY, [contender], msgspec.structs.replace(config, batch_size=size)) for size in (1, len(jobs))
    }
    ratios = []
    for _ in range(times):
        seconds = {}
        for size, model in models.items():
            began = time.perf_counter()
            answers = [one for batch in model.answers(contender, jobs) for one in batch]
            seconds[size] = time.perf_counter() - began
            assert len(answers) == len(jobs)
        ratios.append(seconds[1] / seconds[len(jobs)])
        say(f"{len(jobs)} answers: one by one {seconds[1]:.2f} s, in one batch {seconds[len(jobs)]:.2f} s")
    # A figure's target is the most it may be: so it is told as a share.
    share = 100 / median(ratios)
    told = spread([100 / one for one in ratios])
    return [
        Figure(f"a batch of {len(jobs)} answers, of the time of one by one", share, "%", 100 / LEAST_BATCH, told),
        Figure("… how many times as fast", median(ratios), "x"),
    ]
