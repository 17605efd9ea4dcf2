"""Run the benchmarks and print one table: `python -m tests.bench [--json] [--only import,triage,…]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench import battles, datasets, first_frame, importing, scoring, streaming, training, triage
from tests.bench.figures import Figure, table

WORTH_KEEPING = 100_000
"""Pairs from which on a workspace takes long enough to make to be kept for the next run."""
PARTS = ("import", "triage", "score", "frame", "train", "stream", "datasets", "battles")


def main() -> None:
    """Measure what is asked for, in one run, and print it. Exits with 1 if a target was missed."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="molting-bench-") as folder:
        home = Path(folder)
        figures: list[Figure] = []
        if "import" in asked.only:
            figures += importing.figures(asked.size * importing.MEGABYTE, asked.repeat, _say)
        if "frame" in asked.only:
            figures += first_frame.figures(home, _say, asked.starts)
        if "train" in asked.only:
            figures += training.figures(home, _say, asked.steps, asked.batches, asked.tokens)
        if "stream" in asked.only:
            figures += streaming.figures(home, _say, asked.seconds)
        if "datasets" in asked.only:
            figures += datasets.figures(home, _say, asked.frozen)
        if "score" in asked.only:
            for count in asked.answers:
                figures += scoring.figures(count, home, _say, asked.decisions)
        if "battles" in asked.only:
            for count in asked.answers:
                figures += battles.figures(count, home, _say, asked.decisions)
        if "triage" in asked.only:
            for count in asked.pairs:
                keep = asked.cache is not None and count >= WORTH_KEEPING
                figures += triage.figures(count, Path(asked.cache) if keep else home, _say, asked.decisions)
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}"
    if asked.json:
        print(json.dumps({"machine": where, "figures": [figure.as_dict() for figure in figures]}, indent=1))
    else:
        print(f"{table(figures)}\n\n{where}; times depend on the machine, ratios less so.")
    sys.exit(any(figure.met is False for figure in figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON value instead of the table")
    parser.add_argument("--only", type=_parts, default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument("--size", type=int, default=500, metavar="MB", help="size of the log archive (500)")
    parser.add_argument("--repeat", type=int, default=3, help="imports, each beside the loop (3)")
    parser.add_argument("--pairs", type=_numbers, default=[1000, 1_000_000], help="sizes for triage (1000,1000000)")
    parser.add_argument("--answers", type=_numbers, default=[10_000], help="sizes for scoring and battles (10000)")
    parser.add_argument(
        "--decisions", type=int, default=triage.DECISIONS, help="decisions, ratings and votes measured (200)"
    )
    parser.add_argument("--starts", type=int, default=first_frame.TIMES, help="starts measured (7)")
    parser.add_argument("--steps", type=int, default=training.STEPS, help="training steps measured (150)")
    parser.add_argument("--batches", type=int, default=training.BATCHES, help="batches of answers measured (3)")
    parser.add_argument("--tokens", type=int, default=training.TOKENS, help="most tokens of an answer in them (128)")
    parser.add_argument("--seconds", type=float, default=streaming.SECONDS, help="how long a run is watched (20)")
    parser.add_argument("--frozen", type=int, default=datasets.PAIRS, help="pairs of a dataset (100000)")
    parser.add_argument("--cache", metavar="FOLDER", help="keep the workspaces of many pairs here, for the next run")
    return parser.parse_args()


def _parts(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if not set(chosen) <= set(PARTS):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(PARTS)}")
    return chosen


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
