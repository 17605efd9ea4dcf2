"""The command palette: every action by its name, in groups, and the steps over many pairs; by typing, those of other
screens too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from molting_tui.ui import keymap
from molting_tui.workspace import Workspace

BULK = ("screen.bulk", "screen.bulk_tag")
"""How the actions over a whole list begin."""
_ALL = re.compile(r"\ball\b")
_FUZZY = 0.5
"""What a fuzzy match counts at most, beside whole words."""
GO_FIRST = {
    keymap.HOME: "app.home",
    keymap.DATASETS: "app.datasets",
    keymap.TRAIN: "app.train",
    keymap.QUESTIONS: "app.questions",
}
"""The screens whose work can be begun from any other, and the action that goes there first."""


class Entry(NamedTuple):
    """What the palette offers: `name` is a Textual action, done on the screen that `first` goes to (empty: here)."""

    label: str
    meaning: str
    name: str
    group: str
    first: str = ""


class Palette(CommandPalette):
    """Textual's palette, with a cursor that stands still: a blinking one sends bytes for ever."""

    def on_mount(self) -> None:
        """Still the cursor."""
        self.query_one(Input).cursor_blink = False


class MoltingCommands(Provider):
    """The actions of the screen under the palette; by typing also what is begun on other screens."""

    async def discover(self) -> Hits:
        """Everything that can be done here, before anything is typed."""
        for entry in self._here():
            yield DiscoveryHit(Content(entry.label), partial(self._run, entry), entry.label, help=_help(entry))

    async def search(self, query: str) -> Hits:
        """What matches the typed words, whole words in the name before those in the meaning, then letters."""
        matcher = self.matcher(query)
        words = query.casefold().split()
        for place, entry in enumerate((*self._here(), *self._elsewhere())):
            score = _word_score(entry, words) or _FUZZY * matcher.match(entry.label)
            if score > 0:
                # Of two that match alike the first stays first.
                yield Hit(
                    score - place / 10_000,
                    Content(entry.label),
                    partial(self._run, entry),
                    entry.label,
                    help=_help(entry),
                )

    def _here(self) -> list[Entry]:
        """The actions of this screen by group; steps over many first where a filter has chosen them, else after."""
        actions = [
            Entry(f"{action.label}  ({keymap.key_names(action.keys)})", action.meaning, action.name, group)
            for group, several in keymap.groups(self._kind, self._keys)
            for action in several
            if action.id != "app.palette"
        ]
        bulk, others = _own_entries(self.screen)
        return [*bulk, *actions, *others] if getattr(self.screen, "filter_text", "") else [*actions, *bulk, *others]

    def _elsewhere(self) -> Iterator[Entry]:
        """What is begun or found on other screens."""
        here = {action.name for action in keymap.actions(self._kind)}
        for screen, first in GO_FIRST.items():
            for action in keymap.actions(screen, self._keys):
                begins = action.group == keymap.WORK or action.screen == keymap.HOME
                if begins and screen != self._kind and action.screen and action.name not in here:
                    label = f"{action.label}  ({screen}: {keymap.key_names(action.keys)})"
                    yield Entry(label, action.meaning, action.name, action.group, first)

    @property
    def _kind(self) -> str:
        return str(getattr(self.screen, "KEYS", keymap.EVERYWHERE))

    @property
    def _keys(self) -> dict[str, str] | None:
        workspace = getattr(self.app, "workspace", None)
        return workspace.settings.keys if isinstance(workspace, Workspace) else None

    async def _run(self, entry: Entry) -> None:
        if not entry.first:
            await self.app.run_action(entry.name, self.screen)
            return
        await self.app.run_action(entry.first)
        self.app.call_after_refresh(self._run_there, entry.name)

    async def _run_there(self, name: str) -> None:
        await self.app.run_action(name, self.app.screen)


def _own_entries(screen: object) -> tuple[list[Entry], list[Entry]]:
    """A screen's steps over its whole list, the count in their names, and its other steps that have no key."""
    own: Iterable[tuple[str, str, str]] = getattr(screen, "PALETTE", ())
    cursor_of = getattr(screen, "cursor_of", None)
    counted = f"all {cursor_of()[1]:,}" if cursor_of is not None else "all"
    bulk, others = [], []
    for label, meaning, name in own:
        if name.startswith(BULK):
            bulk.append(Entry(_ALL.sub(counted, label, count=1), meaning, name, keymap.MANY))
        else:
            others.append(Entry(label, meaning, name, keymap.FIND if "set_filter" in name else keymap.WORDS))
    return bulk, others


def _help(entry: Entry) -> str:
    return f"{entry.group} · {entry.meaning}"


def _word_score(entry: Entry, words: list[str]) -> float:
    """3 where all typed words begin words of the name, 2 where of its meaning or group too; 0 where not."""
    if not words:
        return 0
    for score, text in ((3.0, entry.label), (2.0, f"{entry.label} {entry.meaning} {entry.group}")):
        known = re.findall(r"\w+", text.casefold())
        if all(any(each.startswith(word) for each in known) for word in words):
            return score
    return 0
