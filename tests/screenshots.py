"""`make screenshots`: the pictures of README and docs/, made again from workspaces of invented sessions.

Every moment is drawn at 120x40 and, as `NAME-narrow.svg`, at 80x24. They take the place of the old ones when all are
made; a picture that nothing here makes is left alone, and said.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from molting_tui.cli.demo import make_demo
from molting_tui.curation.triage import Desk
from molting_tui.datasets.freezing import freeze
from molting_tui.ui.app import MoltingApp
from molting_tui.workspace import Workspace, open_workspace
from tests.conftest import new_workspace
from tests.pictured import answer_two, score_two

DOCS = Path(__file__).resolve().parents[1] / "docs"
SIZES = {"": (120, 40), "-narrow": (80, 24)}
"""Columns and rows by what stands behind the picture's name."""


class Moment(NamedTuple):
    """A screen worth showing: the picture's name, and the keys that lead there; `filter:` sets a filter, `type:` types
    letters."""

    name: str
    keys: tuple[str, ...]


SAMPLES = (
    Moment("triage", ("f2", "filter:project:molting", "g", *["j"] * 17)),
    Moment("rewrite", ("f2", "filter:flag:agent-speech", "g", "e", *["delete"] * 21, "type:I read")),
    Moment("search", ("f2", "filter:", "slash", "type:memoria", "enter")),
    Moment("statistics", ("f9",)),
    Moment("questions", ("f8", "p", "a", "full_stop")),
)
FROZEN = (Moment("datasets", ("f3",)),)
TRAINED = (Moment("home", ("f7", "q")), Moment("train", ("f4", "j", "G")))
ANSWERED = (Moment("score", ("f5", "enter", "enter", "enter", "2", "1")),)
SCORED = (Moment("results", ("f7",)), Moment("battle", ("f6", "enter", "enter", "2", "1")))
MOMENTS = (*SAMPLES, *FROZEN, *TRAINED, *ANSWERED, *SCORED)


def picture_names() -> list[str]:
    """The file names of all pictures made here."""
    return sorted(f"{moment.name}{suffix}.svg" for moment in MOMENTS for suffix in SIZES)


async def picture(workspace: Path, size: tuple[int, int], keys: tuple[str, ...]) -> str:
    """The screen as SVG after these keys."""
    opened = open_workspace(workspace)
    app = MoltingApp(opened)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        for key in keys:
            if key.startswith("filter:"):
                app.screen.action_set_filter(key.removeprefix("filter:"))  # type: ignore[attr-defined]
            elif key.startswith("type:"):
                await pilot.press(*("space" if letter == " " else letter for letter in key.removeprefix("type:")))
            else:
                await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause()
        svg = app.export_screenshot(title="molting")
    opened.close()
    return svg


def draw(workspace: Path, moments: tuple[Moment, ...], folder: Path) -> None:
    """Put the pictures of these moments into a folder, each from a copy of the workspace."""
    for moment in moments:
        for suffix, size in SIZES.items():
            with tempfile.TemporaryDirectory() as scratch:
                # A copy under the same name: a picture's keys leave nothing behind for the next one.
                copy = Path(scratch) / workspace.name
                shutil.copytree(workspace, copy)
                svg = asyncio.run(picture(copy, size, moment.keys))
            path = folder / f"{moment.name}{suffix}.svg"
            path.write_text(svg, encoding="utf-8")
            print(path.name, flush=True)


def freeze_two(workspace: Workspace) -> None:
    """Freeze what the demo has kept; after a few decisions more, freeze it again."""
    desk = Desk(workspace)
    freeze(workspace, "v1")
    kept, still_open = desk.matching("state:keep"), desk.matching("state:open -is:flagged")
    # In one step each: decisions a millisecond apart would be a pace.
    desk.decide_where(f"id:{kept[3]}", "drop")
    desk.rewrite(desk.pair(kept[0]), response="Sou o Cláudio. Trabalho com o João, na Softtor.")
    desk.decide_where(f"id:{','.join(map(str, still_open[:4]))}", "keep")
    freeze(workspace, "v2")


def train_and_ask(path: Path) -> None:
    """Train a tiny model on what was frozen last, for as long as a picture needs, and ask it the eight questions."""
    for words in (("train", "--base", "tiny", "--dataset", "v2", "--epochs", "16"), ("answer",)):
        command = (sys.executable, "-m", "molting_tui", "-w", str(path), *words, "--watch")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def draw_all(scratch: Path, folder: Path) -> None:
    """Make the workspaces, each with more in it than the one before, and draw every moment."""

    for name in ("answered", "scored", "samples"):
        (scratch / name).mkdir()
    answered, scored, samples = (scratch / name / "claudio" for name in ("answered", "scored", "samples"))
    new_workspace(answered).close()
    _in(answered, answer_two)
    draw(answered, ANSWERED, folder)
    shutil.copytree(answered, scored)
    _in(scored, score_two)
    draw(scored, SCORED, folder)
    make_demo(samples, aloud=False)
    draw(samples, SAMPLES, folder)
    _in(samples, freeze_two)
    draw(samples, FROZEN, folder)
    train_and_ask(samples)
    _in(samples, answer_two)
    _in(samples, score_two)
    draw(samples, TRAINED, folder)


def _in(path: Path, change: Callable[[Workspace], None]) -> None:
    opened = open_workspace(path)
    change(opened)
    opened.close()


def main() -> None:
    """Make every picture, then put them into docs/; exits with 1 if docs/ has one that nothing here makes."""
    os.environ |= {"TZ": "UTC", "MOLTING_ACTOR": "joao"}
    time.tzset()
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "pictures"
        made.mkdir()
        draw_all(Path(scratch), made)
        for path in sorted(made.iterdir()):
            shutil.copyfile(path, DOCS / path.name)
    # Without it looking for garbage on the way out meets msgspec's records after two threads have: a crash.
    gc.freeze()
    strangers = sorted({path.name for path in DOCS.glob("*.svg")} - set(picture_names()))
    if strangers:
        sys.exit(f"Made by nothing here, left as they are: {', '.join(strangers)}")


if __name__ == "__main__":
    main()
