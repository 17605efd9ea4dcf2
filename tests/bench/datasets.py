"""Two large datasets compared, beside reading their pairs; and how long freezing takes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from molting_tui import workspace as workspaces
from molting_tui.curation.triage import Desk
from molting_tui.datasets.freezing import freeze
from molting_tui.records.datasets import Dataset, FrozenPair
from molting_tui.store import datasets
from molting_tui.store.connection import Store
from tests.bench import many_pairs
from tests.bench.figures import Figure, median, spread

PAIRS = 100_000
TIMES = 5
_A_TENTH = 10


def figures(home: Path, say: Callable[[str], None], count: int = PAIRS) -> list[Figure]:
    """Seconds that a comparison takes, also as a ratio to reading both lists; seconds that a tenth takes to freeze."""
    say(f"two datasets of {count:,} pairs…")
    made = workspaces.make(home / "datasets")
    before, after = _put(made.store, "v1", count, 0), _put(made.store, "v2", count, 1)
    compared, read = [], []
    for _ in range(TIMES):
        compared.append(_seconds(lambda: datasets.diff(made.store, before.id, after.id)))
        read.append(_seconds(lambda: [datasets.pairs_of(made.store, one.id) for one in (before, after)]))
    made.close()
    ratios = [one / other for one, other in zip(compared, read, strict=True)]
    frozen = count // _A_TENTH
    return [
        Figure(f"diff of two datasets of {count:,} pairs", median(compared), "s", 1.0, spread(compared)),
        Figure("… against reading both lists", median(ratios), "x", None, spread(ratios)),
        Figure(f"freeze of {frozen:,} pairs", _freezing(home, frozen), "s"),
    ]


def _put(store: Store, name: str, count: int, other: int) -> Dataset:
    """A dataset; with `other` a tenth each of the pairs came, were rewritten, were derived anew."""
    pairs = [_pair(number, number % 10 if other else -1) for number in range(count)]
    new = datasets.NewDataset(name, name, "frozen", "", "", {}, "bench", "2026-02-03T14:22:00.000Z", 0)
    return datasets.put(store, new, pairs)


def _pair(number: int, change: int) -> FrozenPair:
    uid = f"{number} came" if change == 0 else f"{number} again" if change == 1 else f"{number}"
    turn = f"turn {number} {'other' if change == 0 else ''}"
    return FrozenPair(_hex(uid), _hex(f"{uid} words {change == 2}"), turn_key=turn)


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _freezing(home: Path, count: int) -> float:
    opened = workspaces.open_workspace(many_pairs.make(home / "frozen", count))
    desk = Desk(opened)
    desk.decide_where("state:open", "keep")
    seconds = _seconds(lambda: freeze(opened, "v1"))
    opened.close()
    return seconds


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
