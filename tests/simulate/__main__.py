"""Simulate what the statistics promise and print one table: `python -m tests.simulate [--draws 40000] [--only size,…]`.

With `--write` the table of `docs/simulate.md` is replaced. Exits with 1 if a target was missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.simulate.effects import smallest_effects
from tests.simulate.figures import Figure, table
from tests.simulate.planned_looks import looks
from tests.simulate.score_models import sizes
from tests.simulate.sessions import drifting, positions
from tests.simulate.strengths import strength_coverages
from tests.simulate.win_rates import coverages, powers

PAGE = Path(__file__).parents[2] / "docs" / "simulate.md"
DRAWS = 40_000
SEED = 20_260_214
PARTS: dict[str, Callable[[np.random.Generator, int], list[Figure]]] = {
    "size": sizes,
    "drift": drifting,
    "positions": positions,
    "coverage": coverages,
    "power": powers,
    "strengths": strength_coverages,
    "looks": looks,
    "effects": smallest_effects,
}
_MARK = "<!-- figures: made by python -m tests.simulate --write, checked by a test -->"


def main() -> None:
    """Simulate what is asked for, each part with its own seed, and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"draws a figure ({DRAWS})")
    parser.add_argument("--only", type=_parts, default=tuple(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--write", action="store_true", help="put the table into docs/simulate.md")
    asked = parser.parse_args()
    if asked.write and set(asked.only) != set(PARTS):
        parser.error("--write takes all parts")
    figures = []
    for name in asked.only:
        started = time.monotonic()
        figures += simulated(name, asked.draws)
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    if asked.write:
        write(table(figures), asked.draws)
    print(f"{table(figures)}\n\n{asked.draws} draws a figure.")
    sys.exit(any(figure.met is False for figure in figures))


def simulated(part: str, draws: int) -> list[Figure]:
    """One part's figures, the same for the same number of draws whatever else is simulated."""
    return PARTS[part](np.random.default_rng([SEED, list(PARTS).index(part)]), draws)


def write(figures: str, draws: int) -> None:
    """Put the table, and how many draws it took, after the page's mark."""
    before, _, _ = PAGE.read_text("utf-8").partition(_MARK)
    PAGE.write_text(f"{before}{_MARK}\n{draws:,} draws a figure.\n\n{figures}\n", "utf-8")


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is no part; there are {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    main()
