"""One list behind four doors: the form, `molting preflight`, `molting train` and `molting-train`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from workbench import HOSTILE, Fill, Hand, Open, again, chat, obeyed

from molting_tui.datasets.export.export import export
from molting_tui.recipe.preflight import Preflight
from molting_tui.recipe.settings import checked_settings
from molting_tui.runs.listing import list_runs
from molting_tui.runs.preflight import look_before
from molting_tui.ui.train.starting import StartScreen, check_lines
from molting_tui.workspace import Workspace
from tests.conftest import ROOT
from tests.small_bases import PHI3_LAYERS, write_base

OF_A_WORKSPACE = {"bank", "other-run", "disk", "secrets", "personal-data", "flags"}
"""What only a workspace can know."""
LINE = re.compile(r" *(block|warn|note|pass) +([a-z-]+) ")


def printed(text: str) -> dict[str, str]:
    """Ids and levels of the lines that a command prints."""
    return {found[2]: found[1] for found in map(LINE.match, text.splitlines()) if found}


def command(workspace: Workspace, *words: str) -> subprocess.CompletedProcess[str]:
    """`molting` in a process of its own."""
    line = [sys.executable, "-m", "molting_tui", "-w", str(workspace.folder), *words]
    return subprocess.run(line, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)


async def shown(hand: Hand, base: Path) -> dict[str, str]:
    """Ids and levels that the form shows."""
    await hand.press("f4", "s")
    screen = hand.app.screen
    assert isinstance(screen, StartScreen)
    screen.query_one("#base").value = str(base)  # type: ignore[attr-defined]
    await hand.settle()
    levels: dict[str, str] = {}
    signs = {"✗": "block", "⚑": "warn", "·": "note"}
    for line in hand.lines():
        if found := re.match(r" ([✗⚑·]) ([a-z-]+): ", line):
            levels[found[2]] = signs[found[1]]
        elif found := re.match(r" well: (.*?) *$", line):
            levels |= dict.fromkeys(found[1].split(", "), "pass")
    return levels


async def test_four_doors_show_the_same_checks_and_nothing_is_started(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    pytest.importorskip("trl")
    workspace = fill([chat(number) for number in range(1, 4)])
    again(workspace).decide_where("", "keep")
    base = write_base(tmp_path / "phi", layers=PHI3_LAYERS)
    asked = command(workspace, "preflight", "--base", str(base))
    assert asked.returncode == 1
    everything = printed(asked.stdout)
    assert (everything["target-modules"], everything["steps"], everything["pairs"]) == ("block", "warn", "pass")
    assert len(everything) == 25

    told = command(workspace, "preflight", "--base", str(base), "--json")
    found = json.loads(told.stdout)
    assert {check["id"]: check["level"] for check in found["checks"]} == everything
    assert (found["ok"], found["steps"], told.stderr) == (False, 5, "")

    refused = command(workspace, "train", "--base", str(base))
    assert (refused.returncode, printed(refused.stdout)) == (1, everything)
    assert refused.stderr.startswith("molting: target_modules names no linear layer of it")

    async with open_app(workspace, size=(300, 50)) as hand:
        assert await shown(hand, base) == everything
        await hand.press("enter")
        assert isinstance(hand.app.screen, StartScreen)

    dataset = export(workspace, tmp_path / "kept.jsonl", format="messages").path
    trainer = [sys.executable, "-m", "training.qlora", "--dataset", dataset, "--output", tmp_path / "out"]
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [*map(str, trainer), "--model_name", str(base)],
        capture_output=True, text=True, cwd=ROOT, env=offline, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert printed(done.stdout) == {id: level for id, level in everything.items() if id not in OF_A_WORKSPACE}
    assert done.stderr.startswith("target_modules names no linear layer of it")
    assert list_runs(workspace) == []
    assert not (tmp_path / "out" / "adapter").exists()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_long_list_of_hostile_words_stays_on_the_screen_and_is_not_obeyed(
    fill: Fill, open_app: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    workspace = fill([chat(number) for number in range(1, 4)])
    desk = again(workspace)
    desk.decide_where("", "keep")
    desk.rewrite(desk.pair(1), response=f"token ghp_{'a1B2c3D4e5' * 3}f6G7h8, mail joao.silva@example.com {HOSTILE}")
    base = write_base(tmp_path / HOSTILE.replace("/", "").replace("\x00", "")[:60], layers=PHI3_LAYERS)
    async with open_app(workspace, size=size) as hand:
        await shown(hand, base)
        text = hand.text()
        for line in hand.lines():
            assert obeyed(line) == []
        assert "✗ target-modules: " in text
        assert "✗ secrets: 1 kept pair holds a secret: 1 (" in text
        assert " well: libraries, other-run, disk, base" in text
        assert "ghp_" not in text
    done = command(workspace, "preflight", "--base", str(base), "--where", "id:1,2,3")
    assert done.returncode == 1
    for line in done.stdout.splitlines():
        assert obeyed(line) == []


def test_more_checks_than_lines_are_said_to_be_more(fill: Fill) -> None:
    workspace = fill([chat(1)])
    found: Preflight = look_before(workspace, checked_settings({"model_name": "no/such"}))
    every = [strip.text.strip() for strip in check_lines(found.checks, 80, 40)]
    few = [strip.text.strip() for strip in check_lines(found.checks, 80, 4)]
    assert few[0] == every[0]
    assert few[-2].startswith("… ")
    assert few[-2].endswith("more: `molting preflight` shows all")
    assert (len(few), few[-1]) == (4, every[-1])
