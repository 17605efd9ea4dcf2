"""Scoring on a real terminal, 120x40 in 256 colours: how long a rating takes, to the next one painted."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import many_answers
from tests.bench.figures import Figure, median, percentile, spread
from tests.pty.conftest import command
from tests.pty.terminal import Burst, Terminal

MOST_MS = 20
RUBRIC = "four-criteria"


def figures(count: int, home: Path, say: Callable[[str], None], ratings: int) -> list[Figure]:
    """Rate in a session of `count` answers below `home`, and beside it press a key that only moves to the next
    dimension."""
    began = time.perf_counter()
    folder = many_answers.make(home / f"answers-{count}", count)
    say(f"{count:,} answers ready after {time.perf_counter() - began:.0f} s")
    with Terminal([*command(folder), "score", "--rubric", RUBRIC], columns=120, lines=40, term="xterm-256color") as at:
        at.wait_for("answer 1 of", timeout=120)
        at.wait_quiet(500)
        moves = [at.burst("right") for _ in range(ratings)]
        rated = [at.burst("1") for _ in range(ratings)]
    times, moved = _milliseconds(rated), _milliseconds(moves)
    of = f"of {ratings} ratings, {count:,} answers"
    return [
        Figure(f"rating to next one painted, median {of}", median(times), "ms", None, spread(times)),
        Figure(f"rating to next one painted, p95 {of}", percentile(times, 95), "ms", MOST_MS),
        Figure(
            f"rating / key that stores nothing, median {of}", median(times) / median(moved), "x", None, spread(moved)
        ),
    ]


def _milliseconds(bursts: list[Burst]) -> list[float]:
    return [burst.seconds * 1000 for burst in bursts]
