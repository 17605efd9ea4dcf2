"""How far the deciding is: pairs by state, and how fast it goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from molting_tui.records.pairs import Counts, Pair, State
from molting_tui.ui.pace import Pace


class Tally:
    """The counts of the workspace (None until they were counted) and your pace."""

    def __init__(self) -> None:
        self.counts: Counts | None = None
        self._pace = Pace(())

    def begin(self, decision_times: Iterable[datetime]) -> None:
        """Judge the pace by these decisions, and by those that follow."""
        self._pace = Pace(decision_times)

    def decided(self) -> None:
        """Note a decision, made now."""
        self._pace.decided(datetime.now(UTC))

    def moved(self, before: Pair, after: Pair) -> None:
        """Count a pair that has gone from one state to another."""
        if self.counts is not None:
            self.counts = moved(self.counts, before, after)

    def figure(self, wide: bool) -> str:
        """The counts in one line: `12 kept  3 dropped …`, or by their signs."""
        counts = self.counts
        if counts is None:
            return ""
        if wide:
            return (
                f"{counts.keep:,} kept  {counts.drop:,} dropped  {counts.rewritten:,} rewritten  {counts.open:,} open"
            )
        return f"{counts.keep:,} ✓  {counts.drop:,} ✗  {counts.rewritten:,} ✎  {counts.open:,} ·"

    def pace(self) -> str:
        """Decisions an hour and the time that the rest takes; empty while there is nothing to judge by."""
        return self._pace.sentence(self.counts.open if self.counts else 0)


def moved(counts: Counts, before: Pair, after: Pair) -> Counts:
    """The counts after one pair went from one state to another."""
    by_state = {State.OPEN: counts.open, State.KEEP: counts.keep, State.DROP: counts.drop}
    by_state[before.state] -= 1
    by_state[after.state] += 1
    rewritten = counts.rewritten + after.rewritten - before.rewritten
    return Counts(by_state[State.OPEN], by_state[State.KEEP], by_state[State.DROP], rewritten)
