"""Keys that come faster than what they do: each waits until the one before it has done it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, runtime_checkable

from textual.app import App, ScreenStackError
from textual.events import Event, Key
from textual.message_pump import MessagePump
from textual.widgets import Input, TextArea

ROUNDS = 2
"""A key goes from the focus up to the app; what it posts there (a field's answer, a screen that opens) goes round once
more."""
_LOST_SECONDS = 1.0  # a marker's longest way: a widget that goes away may take one with it
_LOOK_SECONDS = 0.005
_AWAITED = frozenset(
    {
        "battle",
        "bulk",
        "catalogue",
        "complete",
        "filter",
        "import",
        "matching",
        "replacing",
        "results",
        "score",
        "search",
        "tags",
    }
)
"""The groups of the background work whose outcome the next key is meant for."""


@runtime_checkable
class Work(Protocol):
    """A screen that stands there only while something is done."""

    def came_before(self, event: Event) -> bool:
        """Whether a key came before anybody could see this screen, and so was meant for what comes after it."""

    def ends_at(self, event: Event) -> bool:
        """Whether a key cancels the work."""


class Typeahead:
    """One key in flight at a time. On a slow line, or pasted, many come in one read: the first may open a field that
    the others are meant for, and Textual would give them to the screen below, as commands."""

    def __init__(
        self, app: App[Any], take: Callable[[Event], Awaitable[None]], waits_for_nothing: Callable[[Event], bool]
    ) -> None:
        self._app = app
        self._take = take
        self._waits_for_nothing = waits_for_nothing
        self._waiting: deque[Event] = deque()
        self._letters_go_in = False
        self._in_flight: asyncio.Task[None] | None = None

    @property
    def at_rest(self) -> bool:
        """Whether every key that came has done what it does."""
        return self._in_flight is None

    async def came(self, event: Event) -> None:
        """Take a key or a paste, or let it wait for those before it."""
        work = self._work()
        if work is not None and work.ends_at(event):
            self._waiting.clear()  # as a terminal forgets what was typed ahead of an interrupt
        self._waiting.append(event)
        if self._in_flight is None:
            await self._next()

    def _work(self) -> Work | None:
        """The work whose end the keys wait for; None where there is none."""
        screen = self._app.screen if self._app.screen_stack else None
        return screen if isinstance(screen, Work) else None

    def _is_for_later(self, event: Event) -> bool:
        """Whether it was typed for what comes when the work is done."""
        work = self._work()
        return work is not None and not self._waits_for_nothing(event) and work.came_before(event)

    async def _next(self) -> None:
        self._in_flight = None
        while self._waiting and self._in_flight is None:
            if self._is_for_later(self._waiting[0]):
                self._in_flight = asyncio.create_task(self._settle())
                return
            if self._stays(self._waiting[0]):
                self._letters_go_in = True
                await self._take(self._waiting.popleft())
                continue
            if not self._letters_go_in:  # else ctrl+s would be quicker than the letters before it
                await self._take(self._waiting.popleft())
            self._letters_go_in = False
            self._in_flight = asyncio.create_task(self._settle())

    def _stays(self, event: Event) -> bool:
        """Whether it is a letter for a field: that leads nowhere, and a text of many comes in with no delay."""
        field = isinstance(self._app.focused, Input | TextArea)
        return field and isinstance(event, Key) and event.is_printable

    async def _settle(self) -> None:
        with contextlib.suppress(ScreenStackError):  # the workbench ends: there is nowhere to go
            await self._go_round()
            while self._is_read():
                await asyncio.sleep(_LOOK_SECONDS)
                if not self._is_read():
                    await self._go_round()  # what was read may have opened a question
            # Behind the callbacks of a question that was answered: they say what the answer does.
            self._app.call_next(self._next)

    async def _go_round(self) -> None:
        for _ in range(ROUNDS):
            pump: MessagePump = self._app.focused or self._app.screen
            await _passed(pump)
            while pump is not self._app:
                pump = pump._parent or self._app
                await _passed(pump)

    def _is_read(self) -> bool:
        """Whether the screen still reads what the next key is meant for: its list, the hits of a search."""
        if self._waiting and self._waits_for_nothing(self._waiting[0]):
            return False
        if self._waiting and self._is_for_later(self._waiting[0]):
            return True
        screen = self._app.screen
        listed = getattr(screen, "listed", True)
        return any(
            worker.node is screen and not worker.is_finished and (worker.group in _AWAITED or not listed)
            for worker in self._app.workers
        )


async def _passed(pump: MessagePump) -> None:
    """Wait until a widget has dealt with what was sent to it so far."""
    here = asyncio.Event()
    if pump.call_later(here.set):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(here.wait(), _LOST_SECONDS)
