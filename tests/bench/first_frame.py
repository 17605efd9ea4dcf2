"""How long until something can be seen: the workbench against the smallest Textual program, by turns."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import many_pairs
from tests.bench.figures import Figure, median, spread
from tests.pty.conftest import command
from tests.pty.terminal import Terminal

TIMES = 7
EMPTY = """
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("empty")

Empty().run(mouse=False)
"""


def figures(home: Path, say: Callable[[str], None], times: int = TIMES) -> list[Figure]:
    """Start both `times` times; the first of each isn't counted, since it fills the page cache."""
    folder = many_pairs.make(home / "pairs-1000", 1000)
    empty, ours, counted = [], [], []
    for _ in range(times + 1):
        empty.append(_seconds([sys.executable, "-c", EMPTY], "empty"))
        ours.append(_seconds(command(folder), "Home"))
        counted.append(_seconds(command(folder), "Next:"))
    empty, ours, counted = empty[1:], ours[1:], counted[1:]
    seen = f"empty {median(empty):.3f} s, workbench {median(ours):.3f} s, with figures {median(counted):.3f} s"
    say(f"first frame: {seen}")
    ratios = [mine / other for mine, other in zip(ours, empty, strict=True)]
    return [
        Figure(
            "first frame of an empty Textual app", median(empty) * 1000, "ms", None, spread([s * 1000 for s in empty])
        ),
        Figure("first frame / empty Textual app", median(ratios), "x", 1.4, spread(ratios)),
        Figure("first frame with its figures", median(counted) * 1000, "ms", None, spread([s * 1000 for s in counted])),
    ]


def _seconds(program: list[str], text: str) -> float:
    """From exec to the moment the screen says `text`."""
    with Terminal(program, columns=120, lines=40, term="xterm-256color") as terminal:
        terminal.wait_for(text)
        return terminal.last_byte - terminal.started
