"""The run that is looked at: what was seen of it last, its log, and what was known before it began."""

from __future__ import annotations

from typing import NamedTuple

from molting_tui.recipe.runfolder import read_preflight
from molting_tui.records.checks import Check
from molting_tui.runs.folder import Run
from molting_tui.runs.log import LogFile
from molting_tui.runs.run_state import Watched
from molting_tui.runs.watching import Watch


class ShownRun(NamedTuple):
    """A run at the latest look; `log_bytes` is how much of its log was there, `before` what preflight said of it."""

    run: Run
    now: Watched
    log: LogFile
    log_bytes: int
    before: tuple[Check, ...]
    watch: Watch

    @property
    def warnings(self) -> list[str]:
        """Everything that was warned of, as sentences (not safe to show). What the trainer has checked again, with the
        base before it, it knows better."""
        again = {warning.kind for warning in self.now.warnings}
        before = [check.sentence for check in self.before if check.level == "warn" and check.id not in again]
        return [*before, *(warning.message for warning in self.now.warnings)]


def first_look(run: Run) -> ShownRun:
    """A run that was not looked at before."""
    log, watch = LogFile(run.log), Watch(run)
    log.read_on()
    return ShownRun(run, watch.poll(), log, log.size, read_preflight(run.folder), watch)


def next_look(shown: ShownRun) -> ShownRun:
    """The same run now, its log read on."""
    shown.log.read_on()
    return shown._replace(now=shown.watch.poll(), log_bytes=shown.log.size)
