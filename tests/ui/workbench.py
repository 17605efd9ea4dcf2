"""Somebody at the keyboard of the workbench, and what they may find there."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from textual.pilot import Pilot
from textual.widgets import Input

from molting_tui import workspace as workspaces
from molting_tui.curation.triage import Desk
from molting_tui.records.pairs import Pair
from molting_tui.ui.app import MoltingApp
from molting_tui.ui.triage.triage import TriageScreen
from molting_tui.workspace import Workspace

HOSTILE = (
    "[/INST] [bold]no[/] list[int] $name"
    " \x1b[31mred\x1b[0m \x1b]52;c;aGFjaw==\x07 \x1b]0;title\x07\x1b[2J\x9b31m\x00\x07\x08\x7f"
    " \u202eedoc\u202c \u2066a\u2069 \u200b\u00ad\ufeff tab\there \u2028line"
    "\u2029paragraph\r over \x85next \x0b\x0c\x1c"
    " 漢字 ｗｉｄｅ 👨\u200d👩\u200d👧 👍🏽 1\ufe0f\u20e3 🇧🇷 e\u0301 \U000e0041"
)
"""Everything that a terminal might obey, and what it might measure wrongly."""

Chat = tuple[str, str]
Fill = Callable[..., Workspace]
Open = Callable[..., AbstractAsyncContextManager["Hand"]]


def chat(number: int, answer: str = "", prompt: str = "") -> Chat:
    """One exchange, unlike those of other numbers, long enough to be a pair."""
    return (
        prompt or f"Pergunta {number}: como funciona a fila?",
        answer or f"Resposta {number}: a fila é drenada antes de cada deploy, e só então o proxy troca.",
    )


class Hand:
    """Somebody at the keyboard of an open app."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.pilot = pilot
        assert isinstance(pilot.app, MoltingApp)
        self.app = pilot.app

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until everything they started is done."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))

    async def settle(self) -> None:
        """Wait until no key and no message waits, and no worker runs."""
        await self.pilot.pause()
        while not self.app.typeahead.at_rest and self.app.is_running:
            await self.pilot.pause(0)
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def until(self, text: str) -> None:
        """Wait until a text is on the screen."""
        for _ in range(500):
            if text in self.text():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"{text!r} never came:\n{self.text()}")

    async def triage(self) -> TriageScreen:
        """Go to the pairs."""
        await self.press("f2")
        assert isinstance(self.app.screen, TriageScreen)
        return self.app.screen

    async def ask(self, text: str) -> None:
        """Answer the question that stands on the screen."""
        self.app.screen.query_one(Input).value = text  # a key takes 45 ms
        await self.press("enter")

    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def line(self, widget: str) -> str:
        """The first line of a widget of the screen."""
        return self.app.screen.query_one(widget).render_line(0).text.strip()

    @property
    def status(self) -> str:
        """The status line."""
        return self.line("#status")

    @property
    def alive(self) -> bool:
        """Whether the app runs and nothing ended it."""
        return self.app.is_running and self.app._exception is None


def again(workspace: Workspace) -> Desk:
    """A second person's view: the same workspace through a store of its own."""
    return Desk(workspaces.open_workspace(workspace.folder))


def stored(workspace: Workspace, number: int = 1) -> Pair:
    """A pair as it stands in the database, read through a store of its own."""
    desk = again(workspace)
    try:
        return desk.pair(number)
    finally:
        desk.workspace.close()


def obeyed(text: str) -> list[str]:
    """The characters of a text that a terminal would obey instead of showing."""
    return [
        hex(ord(c))
        for c in text
        if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or (unicodedata.category(c) == "Cf")
    ]
