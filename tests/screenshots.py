"""`make screenshots`: the pictures of README and docs/, made again from the demo's workspace."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from molting_tui.cli.demo import make_demo, train_demo
from molting_tui.curation.triage import Desk
from molting_tui.datasets.freezing import freeze
from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.store import answers
from molting_tui.ui.app import MoltingApp
from molting_tui.workspace import open_workspace
from tests.answered import line
from tests.conftest import new_workspace

DOCS = Path(__file__).resolve().parents[1] / "docs"
PICTURES: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...] = (
    ("home", (100, 24), ()),
    ("triage-wide", (120, 40), ("f2", "filter:project:molting", "g", "j", "j", "j")),
    ("triage-narrow", (80, 24), ("f2", "filter:flag:agent-speech", "g", "j")),
    ("rewrite", (100, 24), ("f2", "filter:flag:agent-speech", "g", "e", *["delete"] * 21, "type:I read")),
    ("search", (100, 30), ("f2", "filter:", "slash", "type:memoria", "enter")),
)
WITH_DATASETS: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...] = (("datasets", (120, 40), ("f3",)),)
WITH_A_BANK: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...] = (
    ("questions", (120, 40), ("f8", "p", "a", "full_stop")),
    ("questions-narrow", (80, 24), ("f8",)),
)
WITH_A_MODEL: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...] = (
    ("train", (120, 32), ("f4", "j", "j", "G")),
    ("score", (100, 24), ("f5", "enter", "enter", "enter", "2", "1")),
)
WITH_SCORES: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...] = (
    ("results", (120, 40), ("f7",)),
    ("results-narrow", (80, 24), ("f7",)),
)
BATTLES: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...] = (
    ("battle", (120, 26), ("f6", "enter", "enter", "2", "1")),
    ("battle-narrow", (80, 24), ("f6",)),
)
"""Name, size in cells, and the keys that lead there; `filter:` sets a filter, `type:` types letters."""


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


def _draw(workspace: Path, pictures: tuple[tuple[str, tuple[int, int], tuple[str, ...]], ...]) -> None:
    for name, size, keys in pictures:
        svg = asyncio.run(picture(workspace, size, keys))
        (DOCS / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(DOCS / f"{name}.svg")


def freeze_two(workspace: Path) -> None:
    """Freeze what the demo has kept; after a few decisions more, freeze it again."""
    opened = open_workspace(workspace)
    desk = Desk(opened)
    freeze(opened, "v1")
    kept, still_open = desk.matching("state:keep"), desk.matching("state:open -is:flagged")
    desk.decide(desk.pair(kept[3]), "drop")
    desk.rewrite(desk.pair(kept[0]), response="Sou o Cláudio. Trabalho com o João, na Softtor.")
    for number in still_open[:4]:
        desk.decide(desk.pair(number), "keep")
    freeze(opened, "v2")
    opened.close()


LEVELS = {
    "v2.5": ("22212", "21212", "20221", "22122", "11122", "21222", "12212", "00011"),
    "v2.1": ("12111", "21111", "11112", "12011", "11111", "11112", "01121", "21122"),
}
"""The levels (D1 to D5) of two versions' answers to the eight questions."""
ANSWERS = {
    "v2.5": "Trabalho com o João na Softtor, no Molting e no CRM: leio o código, digo o que vejo e o que não sei.",
    "v2.1": "Ajudo o João na Softtor com o Molting e o CRM, em Laravel, e respondo em português e em inglês.",
}


def score_two(workspace: Path) -> None:
    """Store the answers of two versions to the eight questions, and score them in one blind session."""
    opened = open_workspace(workspace)
    eight = find_questions(opened, "personality-8")
    portuguese = [each for each in eight.questions if each.language == "pt"]
    answers.remember_questions(opened.store, eight)
    for version, text in ANSWERS.items():
        lines = [line(version, each, text=f"{text} ({each.id})") for each in portuguese]
        answers.add(opened.store, f"0001-{version}", lines)
    scoring = start(opened, find_rubric(opened, "personality-v1"), contenders=tuple(LEVELS))
    places = [each.id for each in portuguese]
    for place in scoring.places:
        answer = answers.by_uuid(opened.store, scoring.item(place).uuid)
        assert answer is not None
        levels = LEVELS[answer.contender][places.index(answer.question.id)]
        for dimension, level in zip(scoring.rubric.dimensions, levels, strict=True):
            scoring.rate(place, dimension.id, int(level))
    opened.close()


def draw_results(scratch: Path) -> None:
    """The pictures of a verdict and of battles, which need no model."""
    workspace = scratch / "scored" / "claudio"
    workspace.parent.mkdir()
    new_workspace(workspace).close()
    score_two(workspace)
    _draw(workspace, WITH_SCORES)
    _draw(workspace, BATTLES)


def main() -> None:
    """Make the demo's workspace and every picture."""
    os.environ |= {"TZ": "UTC", "MOLTING_ACTOR": "joao"}
    time.tzset()
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / "claudio"
        draw_results(Path(scratch))
        make_demo(workspace, aloud=False)
        _draw(workspace, PICTURES)
        _draw(workspace, WITH_A_BANK)
        freeze_two(workspace)
        _draw(workspace, WITH_DATASETS)
        train_demo(workspace, aloud=False)
        _draw(workspace, WITH_A_MODEL)


if __name__ == "__main__":
    main()
