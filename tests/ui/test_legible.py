"""Every text can be read, and a cursor and a selection differ from the rest: without colours and with sixteen, on dark
and on light."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec
import pytest
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from runs_on_disk import four_runs
from test_screens import CHATS
from textual.widgets import Input, OptionList, TextArea
from workbench import Fill, Hand, Open, again

from molting_tui.datasets.freezing import freeze
from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.store import answers
from molting_tui.ui.triage.pair_list import PairList
from molting_tui.workspace import HeldSettings, Workspace
from tests.answered import answering_run, line
from tests.compared import scored_together

WALK = {
    "home": (),
    "help": ("question_mark",),
    "import": ("escape", "I"),
    "what can't be imported": ("ctrl+u", "x", "enter"),
    "palette": ("escape", "colon", "down"),
    "triage": ("escape", "f2"),
    "a secret": ("j", "j", "asterisk"),
    "search": ("slash", "f", "i"),
    "hits": ("enter",),
    "filter": ("F", "ctrl+u", "l", "a"),
    "a mistake in it": ("colon", "z", "enter"),
    "comment": ("escape", "c"),
    "what is selected of it": ("v", "o", "z", "shift+left", "shift+left"),
    "info": ("escape", "i"),
    "rewrite": ("escape", "e", "S", "i", "end", "backspace"),
    "what is selected": ("shift+left", "shift+left", "shift+left"),
    "datasets": ("escape", "f3"),
    "freeze": ("s",),
    "train": ("escape", "f4"),
    "train form": ("s",),
    "stop": ("escape", "S"),
    "who meets": ("escape", "f6"),
    "before a battle": ("enter",),
    "battle": ("enter", "1", "k"),
    "a guess": ("w",),
    "whether it ends": ("enter", "C"),
    "what it came to": ("y",),
    "what to score": ("f5",),
    "score": ("enter", "2"),
    "what was noticed": ("2", "2", "2", "2", "k"),
    "flags": ("f", "j", "n"),
    "back at the answer": ("q",),
    "results": ("f7",),
    "question bank": ("f8",),
    "proposals": ("p",),
    "a question in other words": ("e",),
    "its history": ("escape", "i"),
}
"""Every screen, and the keys that lead there from the one before."""

OF_A_VERDICT = {
    "verdict": ("f7",),
    "further down": ("pagedown",),
    "which two": ("d",),
    "which fact": ("escape", "enter"),
    "both answers": ("enter",),
    "the fact it hangs on": ("q", "h"),
    "answers, closed": ("q", "tab"),
    "an answer that was opened": ("j", "enter"),
    "the list again": ("q",),
}
"""The screens that a verdict leads to."""

DARK, LIGHT = "color(0)", "color(7)"


def ground_and_letters(style: Style | None, light: bool) -> tuple[str, str]:
    """The background and the colour of a text as a terminal of sixteen colours paints them."""
    style = style or Style()
    own = (LIGHT, DARK) if light else (DARK, LIGHT)
    ground, letters = _painted(style.bgcolor, own[0]), _painted(style.color, own[1])
    return (letters, ground) if style.reverse else (ground, letters)


def _painted(color: Color | None, default: str) -> str:
    return default if color is None or color.is_default else color.downgrade(ColorSystem.STANDARD).name


def texts(hand: Hand) -> Iterator[tuple[int, Segment]]:
    """Everything that is painted but for spaces, as it goes to the terminal, with its line."""
    for number, strip in enumerate(hand.app.screen._compositor.render_strips()):
        yield from ((number, segment) for segment in strip if segment.text.strip())


def grounds(hand: Hand, x: int, y: int, width: int, light: bool) -> list[str]:
    """The backgrounds of some cells of a line."""
    strip = hand.app.screen._compositor.render_strips()[y].crop(x, x + width)
    return [ground_and_letters(part.style, light)[0] for part in strip for _ in range(part.cell_length)]


def cursor_can_be_seen(hand: Hand, light: bool) -> bool:
    """Whether the cursor of what has the focus, or of the list, differs from what is beside it."""
    for field in (*hand.app.screen.query(Input), *hand.app.screen.query(TextArea)):
        if field.has_focus:
            x, y, width, height = field.content_region
            cells = [ground for row in range(height) for ground in grounds(hand, x, y + row, width, light)]
            marked, selected = len(cells) - cells.count(cells[-1]), len(field.selected_text)
            return max(selected, 1) <= marked <= selected + 1
    for options in hand.app.screen.query(OptionList):
        x, y, width, height = options.content_region
        return len({grounds(hand, x, y + row, width, light)[2] for row in range(height)}) == 2
    for pairs in hand.app.screen.query(PairList):
        x, y, width, height = pairs.region
        if not width:
            continue
        rows = hand.lines()[y : y + height]
        return [number for number, row in enumerate(rows) if row[x] == "▌"] == [pairs.cursor]
    return True


def everything(workspace: Workspace, theme: str) -> Workspace:
    """A workspace with something on each screen, and this theme."""
    desk = again(workspace)
    for number in range(10, 20):
        desk.decide(desk.pair(number), "keep" if number % 3 else "drop")
    desk.star(desk.pair(2))
    desk.workspace.close()
    freeze(workspace, "v1")
    four_runs(workspace)
    control = find_questions(workspace, "control")
    answers.remember_questions(workspace.store, control)
    answering_run(workspace, "0005-answers", [line("tiny", asked, text="Oi.") for asked in control.questions], control)
    return replace(workspace, held=HeldSettings(msgspec.structs.replace(workspace.settings, theme=theme)))


@pytest.mark.parametrize(
    ("theme", "colours", "size"),
    [
        ("ansi-dark", 16, (120, 40)),
        ("ansi-light", 16, (80, 24)),
        ("ansi-dark", 0, (120, 40)),
        ("textual-light", 0, (80, 24)),
    ],
    ids=str,
)
async def test_every_text_and_cursor_can_be_seen(
    fill: Fill, open_app: Open, monkeypatch: pytest.MonkeyPatch, theme: str, colours: int, size: tuple[int, int]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    async with open_app(everything(fill(CHATS), theme), size) as hand:
        illegible, coloured = await walked(hand, WALK, theme == "ansi-light")
    assert illegible == {}
    assert bool(coloured) == bool(colours)


@pytest.mark.parametrize(
    ("theme", "colours", "size"), [("ansi-light", 16, (80, 24)), ("ansi-dark", 0, (120, 40))], ids=str
)
async def test_a_verdict_and_its_questions_can_be_seen(
    fill: Fill, open_app: Open, monkeypatch: pytest.MonkeyPatch, theme: str, colours: int, size: tuple[int, int]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    workspace = fill()
    scored_together(workspace, {"v2.5": [3, 2, 3, 2, 3, 2, 3, 1], "v2.1": [2] * 8})
    themed = replace(workspace, held=HeldSettings(msgspec.structs.replace(workspace.settings, theme=theme)))
    async with open_app(themed, size) as hand:
        illegible, coloured = await walked(hand, OF_A_VERDICT, theme == "ansi-light")
    assert illegible == {}
    assert bool(coloured) == bool(colours)


async def walked(
    hand: Hand, walk: Mapping[str, tuple[str, ...]], light: bool
) -> tuple[dict[tuple[str, int], str], set[str]]:
    """What can't be read on the screens of a walk, by screen and line, and which colours there are."""
    illegible: dict[tuple[str, int], str] = {}
    coloured: set[str] = set()
    for screen, keys in walk.items():
        await hand.press(*keys)
        for row, segment in texts(hand):
            ground, letters = ground_and_letters(segment.style, light)
            coloured |= {ground, letters} - {DARK, LIGHT}
            if ground == letters:
                illegible[screen, row] = segment.text
        if not cursor_can_be_seen(hand, light):
            illegible[screen, -1] = "the cursor"
    return illegible, coloured
