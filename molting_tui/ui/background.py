"""Work away from the UI thread, so that keys go on while something is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.dom import DOMNode
from textual.worker import get_current_worker

from molting_tui.errors import MoltingError
from molting_tui.text import show_line

Result = TypeVar("Result")


def in_background(
    node: DOMNode,
    group: str,
    job: Callable[[], Result],
    then: Callable[[Result], object],
    failed: Callable[[str], object],
) -> None:
    """Do `job` on a thread, and `then` with its result on the UI's; what goes wrong becomes a sentence for `failed`.

    A later job of the same group takes an earlier one's place: of that nothing is heard any more.
    """
    app = node.app

    def work() -> None:
        follow: Callable[[], object]
        try:
            follow = partial(then, job())
        except MoltingError as error:
            follow = partial(failed, error.sentence())
        except Exception as error:  # whatever it was, nobody must wait for its result for ever
            follow = partial(failed, f"Stopped by a mistake in molting ({show_line(repr(error), 200)}).")
        if not get_current_worker().is_cancelled:
            app.call_from_thread(follow)

    node.run_worker(work, thread=True, exclusive=True, exit_on_error=False, group=group)


def naming_no_run(job: Callable[[], Result]) -> Callable[[], Result]:
    """A job that reads the answers of runs, for who scores blind: the path in an OSError would name a run, so that a
    MoltingError tells it without one."""

    def read() -> Result:
        try:
            return job()
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise MoltingError(f"The answers of the runs can't be read: {why}.", fix="See `molting doctor`.") from error

    return read
