"""Text that comes from anywhere is shown on every screen, never obeyed: no control goes out, no markup is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from workbench import HOSTILE, Fill, Hand, Open, again, obeyed, stored

from molting_tui.curation.importing import import_paths
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.workspace import Workspace

SECRET = "ghp_FAKEfakeFAKE0123456789abcdefFAKEfake"
# In a file name, everything but `/`; in a title everything.
NAME = HOSTILE.replace("/", "").replace("\x00", "")[:60]


def hostile_workspace(fill: Fill, tmp_path: Path) -> Workspace:
    workspace = fill(name=f"ws {NAME}")
    folder = tmp_path / f"p {NAME}"
    folder.mkdir()
    said = [
        {"from": "system", "value": f"system {HOSTILE}"},
        {"from": "human", "value": f"first {HOSTILE}"},
        {"from": "gpt", "value": f"earlier {HOSTILE}, long enough to be an answer of somebody"},
        {"from": "human", "value": f"{HOSTILE} pergunta fila"},
        {
            "from": "gpt",
            "value": f"fila {HOSTILE} Vou verificar a fila. \x1b{SECRET}\x1b {HOSTILE} e mais nada a dizer",
        },
    ]
    items = [
        {"conversations": said, "id": HOSTILE},
        {"conversations": [*said[1:3]]},
        {HOSTILE: HOSTILE},
        HOSTILE,
        {"conversations": [{"from": HOSTILE, "value": HOSTILE}]},
    ]
    (folder / f"c {NAME}.json").write_text(json.dumps(items), "utf-8")
    import_paths(workspace, [folder])
    desk = again(workspace)
    desk.comment(desk.pair(1), f"comment {HOSTILE}")
    desk.decide(desk.pair(1), "keep", f"because {HOSTILE}")
    tag = "".join(HOSTILE.split()).replace(",", "").replace('"', "")[:40]
    desk.tag(desk.pair(1), tag)
    desk.leave_at(f"fila {HOSTILE}", 1)
    return workspace


def assert_shown(hand: Hand, size: tuple[int, int]) -> None:
    for line in hand.lines():
        assert obeyed(line) == [], line
        assert cell_len(line) == size[0]
    assert hand.alive


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_screen_obeys_what_it_shows(fill: Fill, open_app: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    workspace = hostile_workspace(fill, tmp_path)
    async with open_app(workspace, size=size) as hand:
        assert_shown(hand, size)
        await hand.triage()
        assert isinstance(hand.app.screen, TriageScreen)
        for keys in (
            ["F"],
            ["end"],
            ["enter"],
            ["F", "ctrl+u", "enter"],
            ["g"],
            ["pagedown"],
            ["tab"],
            ["tab"],
            ["z"],
            ["z"],
            ["t"],
            ["escape"],
            ["c"],
            ["escape"],
            ["X"],
            ["escape"],
            ["colon"],
            ["escape"],
            ["question_mark"],
            ["q"],
            ["i"],
            ["pagedown"],
            ["pagedown"],
            ["q"],
            ["e"],
            ["Z"],
            ["ctrl+end"],
            ["ctrl+t"],
            ["Z"],
            ["escape"],
            ["u"],
            ["ctrl+r"],
            ["m"],
            ["q"],
        ):
            await hand.press(*keys)
            assert_shown(hand, size)
        assert isinstance(hand.app.screen, HomeScreen)
        assert SECRET not in stored(workspace).response


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_question_or_report_obeys_what_is_typed_or_found(
    fill: Fill, open_app: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    workspace = hostile_workspace(fill, tmp_path)
    async with open_app(workspace, size=size) as hand:
        more = tmp_path / f"more {NAME}"
        more.mkdir()
        (more / "x.json").write_text(json.dumps([{HOSTILE: 1}, HOSTILE]), "utf-8")
        (more / f"y{NAME}.jsonl").write_text(HOSTILE, "utf-8")
        await hand.press("I")
        for typed in (f"nothing {HOSTILE}", str(more)):
            hand.app.screen.query_one("Input").value = typed  # type: ignore[attr-defined]
            await hand.settle()
            assert_shown(hand, size)
            await hand.press("enter")
            assert_shown(hand, size)
        await hand.press("q", "w")
        hand.app.screen.query_one("Input").value = f"no/{HOSTILE}"  # type: ignore[attr-defined]
        await hand.press("enter")
        assert_shown(hand, size)
        await hand.press("escape")
        screen = await hand.triage()
        for key in ("slash", "F", "t"):
            await hand.press(key)
            hand.app.screen.query_one("Input").value = f"state:{HOSTILE}"  # type: ignore[attr-defined]
            await hand.settle()
            assert_shown(hand, size)
            await hand.press("enter")
            assert_shown(hand, size)
            if hand.app.screen is not screen:
                await hand.press("escape")
        for word in ("keep", "mask"):
            await hand.app.run_action(f"screen.bulk('{word}')", screen)
            await hand.settle()
            assert_shown(hand, size)
            if hand.app.screen is not screen:
                await hand.press("y")
                assert_shown(hand, size)


async def test_markup_is_shown_as_it_stands(fill: Fill, open_app: Open) -> None:
    text = "list[int] and [/INST] and [bold]x[/] and $name, long enough for an answer to be kept"
    async with open_app(fill([("what is [/b] and list[str]?", text)])) as hand:
        await hand.triage()
        assert text[:60] in " ".join(hand.text().split()) or "list[int] and [/INST] and [bold]x[/]" in hand.text()
        assert "[/b] and list[str]" in hand.text()
