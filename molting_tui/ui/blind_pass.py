"""What the screens of a blind pass have in common, whether answers are scored in it or put side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from textual.screen import Screen

from molting_tui.errors import MoltingError
from molting_tui.ui.background import in_background, naming_no_run


class Pass(Protocol):
    """A pass over places that are open until something was said of them."""

    @property
    def total(self) -> int:
        """How many places there are."""

    def next_open(self, place: int, step: int = 1) -> int | None:
        """The nearest open place after (1) or before (-1) this one."""


def other_open(places: Pass, here: int, step: int) -> int | None:
    """The nearest other open place on one side of a place, then from the other end on; None if no other is open."""
    place = places.next_open(here, step)
    if place is None:
        place = places.next_open(-1 if step > 0 else places.total, step)
    return None if place == here else place


def go_on_with(
    screen: Screen[None], group: str, job: Callable[[], Callable[[], None]], nothing: Callable[[str], None], again: str
) -> None:
    """Do something that takes its time off the UI thread, and then what follows from it on it; `nothing` is given the
    sentence of what went wrong, or `again` where somebody has left the screen meanwhile."""

    def if_here(follow: Callable[[], None]) -> None:
        if screen.is_attached and screen.app.screen is screen:
            follow()
        elif screen.is_attached:
            nothing(again)

    in_background(screen, group, naming_no_run(job), if_here, lambda sentence: if_here(partial(nothing, sentence)))


def stored(step: Callable[[], object], say: Callable[[str], None]) -> bool:
    """Whether a step was stored; why not is said."""
    try:
        step()
    except MoltingError as error:
        say(error.sentence())
        return False
    return True
