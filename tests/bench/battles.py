"""Battles on a real terminal, 120x40 in 256 colours: how long it takes from a vote to the next two answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from molting_tui import workspace as workspaces
from molting_tui.evaluation.battles.starting import start
from molting_tui.records.battles import BattleWanted
from molting_tui.store import answers
from tests.answered import line, question, question_set
from tests.bench.figures import Figure, median, percentile, spread
from tests.pty.conftest import command
from tests.pty.terminal import Terminal

SAMPLES = 10
MOST_MS = 20
_WORDS = "a fila drena antes de cada deploy e o proxy só troca quando a versão nova responde. "


def figures(count: int, home: Path, say: Callable[[str], None], votes: int) -> list[Figure]:
    """Vote in a workspace of `count` answers below `home`."""
    folder, actor = _begun(home / f"battles-{count}", count)
    say(f"{count:,} answers ready")
    voter = {"MOLTING_ACTOR": actor}
    with Terminal(command(folder), columns=120, lines=40, term="xterm-256color", environment=voter) as terminal:
        terminal.wait_for("Home", "Next:", timeout=60)
        terminal.send("F6")
        terminal.wait_for("The plan is sealed", timeout=60)
        terminal.send("enter")
        terminal.wait_for("battle 1 of")
        terminal.wait_quiet(500)
        bursts = [terminal.burst("123"[number % 3]) for number in range(votes)]
    times = [burst.seconds * 1000 for burst in bursts]
    of = f"of {votes} votes, {count:,} answers"
    return [
        Figure(f"vote to next battle painted, median {of}", median(times), "ms", None, spread(times)),
        Figure(f"vote to next battle painted, p95 {of}", percentile(times, 95), "ms", MOST_MS),
        Figure(f"bytes a vote, median {of}", median([float(burst.bytes) for burst in bursts]), "bytes"),
    ]


def _begun(folder: Path, count: int) -> tuple[Path, str]:
    """A workspace with a session of battles between two contenders that have given so many answers, and whose it
    is."""
    workspace = workspaces.make(folder)
    asked = question_set(*(question(f"q{number}") for number in range(max(count // (2 * SAMPLES), 1))))
    answers.remember_questions(workspace.store, asked)
    lines = [
        line(name, each, sample, text=f"{name} {each.id} {sample} {_WORDS * 8}")
        for name in ("v2.1", "v2.5")
        for each in asked.questions
        for sample in range(SAMPLES)
    ]
    answers.add(workspace.store, "0001-answers", lines)
    start(workspace, BattleWanted(("v2.1", "v2.5")))
    workspace.close()
    return folder, workspace.actor
