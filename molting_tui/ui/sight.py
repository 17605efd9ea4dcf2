"""What the parts of a screen know of it, whichever screen it is; each room's own sight adds what is in sight there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from textual.app import App

Result = TypeVar("Result")


class ScreenSight(Protocol):
    """The screen, for whoever asks something above it, says something on it, or does something behind it."""

    @property
    def app(self) -> App[object]:
        """The app, to ask something above the screen."""

    def say(self, message: str) -> None:
        """Put a sentence into the status line."""

    def in_background(self, group: str, job: Callable[[], Result], then: Callable[[Result], object]) -> None:
        """Do something away from the UI thread, then `then` on it; what goes wrong stands in the status line."""
