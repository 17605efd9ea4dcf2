"""Whether there is a terminal that can show the workbench, asked before Textual is loaded; and when it is gone."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from threading import Thread

from molting_tui.errors import BadInput

_CANT_DRAW = ("dumb", "", "unknown")


def why_not() -> BadInput | None:
    """What keeps the workbench from this terminal, as an error to raise; None where nothing does."""
    # Textual draws on stderr, so that one counts as well.
    if not all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__)):
        return BadInput(
            "the workbench needs a terminal.",
            fix="Without one use the commands: molting stats, molting pairs, molting decide (see `molting --help`).",
        )
    term = os.environ.get("TERM", "")
    if term in _CANT_DRAW:
        return BadInput(
            f"the workbench can't draw on this terminal (TERM={term}).",
            fix="Set TERM to what it is, for example xterm-256color, or use the commands (see `molting --help`).",
        )
    return None


def when_gone(then: Callable[[], object]) -> None:
    """Call `then`, from a thread of its own, once the terminal has hung up.

    The kernel tells the leader of the session alone, by SIGHUP; a `make` or a script in that place may keep it for
    itself, and the workbench would read the end of a file for ever.
    """
    stdin = sys.__stdin__
    if stdin is None or not stdin.isatty():
        return
    poll = select.poll()
    poll.register(stdin.fileno(), 0)  # nothing but a hang-up is waited for

    def wait() -> None:
        # Where a terminal can't be polled (older macOS), something else is told at once.
        if any(event & select.POLLHUP for _, event in poll.poll()):
            then()

    Thread(target=wait, name="hang-up", daemon=True).start()
