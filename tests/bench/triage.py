"""Triage on a real terminal, 120x40 in 256 colours: what a decision sends and how long it takes; filters; idling."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from molting_tui.curation.triage import Desk
from molting_tui.workspace import open_workspace
from tests.bench import many_pairs
from tests.bench.figures import Figure, median, percentile, spread
from tests.pty.conftest import command
from tests.pty.terminal import Burst, Terminal

DECISIONS = 200
IDLE_SECONDS = 3.0
MOST_BYTES, MOST_MS, MOST_FILTER_MS = 8000, 20, 300
FILTERS = (
    "",
    "state:open flag:agent-speech",
    "lang:pt model:opus len>500",
    "project:project-1,project-2 -is:flagged",
    "after:2026-06-01",
    "raridade",
    "common",
    "common state:open -flag:agent-speech",
    "is:disputed state:open",
)
"""From everything over rare and frequent words to several conditions at once."""
SORTED = ("sort:-len", "sort:-time", "sort:project", "sort:-flags", "state:open flag:agent-speech sort:-len")
"""Everything in an order of its own, and a part of it."""


def figures(count: int, home: Path, say: Callable[[str], None], decisions: int = DECISIONS) -> list[Figure]:
    """Decide, filter and wait in a workspace of `count` pairs below `home`."""
    began = time.perf_counter()
    folder = many_pairs.make(home / f"pairs-{count}", count)
    say(f"{count:,} pairs ready after {time.perf_counter() - began:.0f} s")
    found = _desk_figures(folder, count, say)
    with Terminal(command(folder), columns=120, lines=40, term="xterm-256color") as terminal:
        terminal.wait_for("Home", "Next:", timeout=60)
        terminal.send("F2")
        terminal.wait_for(" of ", timeout=60)
        terminal.wait_quiet(500)
        if not terminal.says(f"of {count:,}"):  # a kept workspace remembers where the last run was
            _filtered(terminal, "")
        idle = terminal.bytes_within(IDLE_SECONDS)
        bursts = [terminal.burst("a") for _ in range(decisions)]
        filters = [_filtered(terminal, text) for text in (*FILTERS[1:], SORTED[0])]
    worst = max(filters) * 1000
    return [
        *_decision_figures(bursts, count),
        Figure(f"bytes in {IDLE_SECONDS:.0f} s of idling, {count:,} pairs", idle, "bytes", 0),
        *found,
        Figure(f"filter: enter to list painted, slowest, {count:,} pairs", worst, "ms", None, _milliseconds(filters)),
    ]


def _milliseconds(seconds: list[float]) -> str:
    return spread([one * 1000 for one in seconds])


def _decision_figures(bursts: list[Burst], count: int) -> list[Figure]:
    sizes = [float(one.bytes) for one in bursts]
    times = [one.seconds * 1000 for one in bursts]
    of = f"of {len(bursts)} decisions, {count:,} pairs"
    return [
        Figure(f"decision to next pair painted, median {of}", median(times), "ms", None, spread(times)),
        Figure(f"decision to next pair painted, p95 {of}", percentile(times, 95), "ms", MOST_MS),
        Figure(f"bytes a decision, median {of}", median(sizes), "bytes", None, spread(sizes)),
        Figure(f"bytes a decision, p95 {of}", percentile(sizes, 95), "bytes", MOST_BYTES),
    ]


def _desk_figures(folder: Path, count: int, say: Callable[[str], None]) -> list[Figure]:
    opened = open_workspace(folder)
    desk = Desk(opened)
    filtered, in_order = (_matching_times(desk, texts, say) for texts in (FILTERS, SORTED))
    opened.close()
    what = f"{count:,} pairs"
    return [
        Figure(
            f"filter or search, slowest of {len(FILTERS)}, {what}",
            max(filtered),
            "ms",
            MOST_FILTER_MS,
            spread(filtered),
        ),
        Figure(
            f"filter and sort, slowest of {len(SORTED)}, {what}", max(in_order), "ms", MOST_FILTER_MS, spread(in_order)
        ),
    ]


def _matching_times(desk: Desk, texts: tuple[str, ...], say: Callable[[str], None]) -> list[float]:
    """Milliseconds that each filter takes, the middle of five."""
    medians = []
    for text in texts:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            found = desk.matching(text)
            times.append((time.perf_counter() - began) * 1000)
        say(f"filter `{text}`: {len(found):,} pairs, {median(times):.1f} ms")
        medians.append(median(times))
    return medians


def _filtered(terminal: Terminal, text: str) -> float:
    """Seconds from enter to the last byte that the new list takes."""
    terminal.send("F")
    terminal.wait_for("Which pairs?")
    terminal.wait_quiet()
    terminal.send("ctrl+u")
    terminal.wait_quiet()
    terminal.type(text)
    terminal.wait_quiet()
    return terminal.burst("enter", quiet_ms=500).seconds
