"""The command palette: every action of the screen by its name, and the steps over many pairs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from molting_tui.ui import keymap
from molting_tui.workspace import Workspace


class Palette(CommandPalette):
    """Textual's palette, with a cursor that stands still: a blinking one sends bytes for ever."""

    def on_mount(self) -> None:
        """Still the cursor."""
        self.query_one(Input).cursor_blink = False


class MoltingCommands(Provider):
    """The actions of the screen under the palette."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for label, meaning, name in self._entries():
            yield DiscoveryHit(Content(label), partial(self._run, name), label, help=meaning)

    async def search(self, query: str) -> Hits:
        """What matches the typed letters."""
        matcher = self.matcher(query)
        for label, meaning, name in self._entries():
            score = matcher.match(f"{label} {meaning}")
            if score > 0:
                yield Hit(score, Content(label), partial(self._run, name), label, help=meaning)

    def _entries(self) -> Iterator[tuple[str, str, str]]:
        screen = getattr(self.screen, "KEYS", keymap.EVERYWHERE)
        workspace = getattr(self.app, "workspace", None)
        keys = workspace.settings.keys if isinstance(workspace, Workspace) else None
        for action in keymap.actions(screen, keys):
            if action.id != "app.palette":
                yield f"{action.label}  ({keymap.key_names(action.keys)})", action.meaning, action.name
        yield from getattr(self.screen, "PALETTE", ())

    async def _run(self, name: str) -> None:
        await self.app.run_action(name, self.screen)
