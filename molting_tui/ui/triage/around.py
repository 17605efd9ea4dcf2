"""How much of a session is shown around its pair: the turn before, or more of them, and what came after."""

from __future__ import annotations

from molting_tui.curation.triage import Desk
from molting_tui.records.pairs import Pair
from molting_tui.records.surroundings import Surroundings

NOT_OF_A_SESSION = "Only pairs from session logs have turns before and after them."


class Around:
    """What one has unfolded around the pair in sight. Another pair is folded again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pair_id = 0
        self.before = 0
        self.after = 0

    def of(self, pair: Pair) -> Surroundings | None:
        """The turns around a pair, as many as are unfolded, and at least the one before. Raises MoltingError."""
        if pair.id != self._pair_id:
            self._pair_id, self.before, self.after = pair.id, 0, 0
        return self._desk.surroundings(pair, max(self.before, 1), self.after)

    def more_before(self, pair: Pair) -> str:
        """Unfold one more turn before the pair, or fold them where all are; a sentence where there is none."""
        around = self.of(pair)
        if around is None:
            return NOT_OF_A_SESSION
        if around.number == 1:
            return "This is the first turn of its session."
        self.before = 0 if self.before >= around.number - 1 else self.before + 1
        return ""

    def more_after(self, pair: Pair) -> str:
        """The same for the turns after it."""
        around = self.of(pair)
        if around is None:
            return NOT_OF_A_SESSION
        if around.number == around.total:
            return "This is the last turn of its session."
        self.after = 0 if self.after >= around.total - around.number else self.after + 1
        return ""

    def fold(self) -> bool:
        """Fold everything; False where nothing was unfolded."""
        unfolded = bool(self.before or self.after)
        self.before = self.after = 0
        return unfolded
