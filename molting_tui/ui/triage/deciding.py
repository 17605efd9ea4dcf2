"""What one says of the pair in sight: keep, drop, skip, rewrite, star, tag, comment; undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from molting_tui.errors import MoltingError
from molting_tui.records.events import Undone
from molting_tui.records.pairs import Counts, Pair, State
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.triage.pairs import PairsScreen

REASONS = ("agent talk", "wrong", "needs its context", "private", "not the voice")


class Deciding(PairsScreen):
    """Words about one pair."""

    def action_decide(self, word: str) -> None:
        """Keep, drop or skip, and go on."""
        self._decide(word)

    def _decide(self, word: str, reason: str = "") -> None:
        pair = self._pair
        if pair is None:
            return
        if self._do(lambda: self._desk.decide(pair, word, reason), pair):
            self._pace.decided(datetime.now(UTC))
            self._go_on()

    def _do(self, say: Callable[[], object], pair: Pair) -> bool:
        self._message = ""
        try:
            say()
            self._after(pair)
        except MoltingError as error:
            self.say(error.sentence())
            return False
        return True

    def _after(self, before: Pair) -> None:
        after = self._desk.pair(before.id)
        if self._counts is not None:
            self._counts = moved(self._counts, before, after)
        self._list.changed([self._list.cursor])
        if self._pair is not None and self._pair.id == after.id:
            self._pair = after

    def _go_on(self) -> None:
        if self._list.cursor + 1 < len(self._list.ids):
            self._list.move_to(self._list.cursor + 1)
            self._show_pair()
        else:
            self._message = "This was the last pair of the list. F chooses another, q goes home."
            self._paint_pair()

    def action_drop_with_reason(self) -> None:
        """Ask why, then drop."""
        if self._pair is None:
            return

        def answered(reason: str | None) -> None:
            if reason is not None:
                numbered = {str(number): words for number, words in enumerate(REASONS, 1)}
                self._decide("drop", numbered.get(reason.strip(), reason.strip()))

        hint = " · ".join(f"{number} {reason}" for number, reason in enumerate(REASONS, 1))
        self.app.push_screen(AskScreen("Drop it, because…", hints=(hint, "A number, or your own words.")), answered)

    def action_star(self) -> None:
        """Star or unstar."""
        pair = self._pair
        if pair is not None and self._do(lambda: self._desk.star(pair), pair):
            self._paint_pair(keep_scroll=True)

    def action_tag(self) -> None:
        """Ask for a tag; tag or untag."""
        pair = self._pair
        if pair is None:
            return

        def answered(name: str | None) -> None:
            if name and self._do(lambda: self._desk.tag(pair, name), pair):
                self._paint_pair(keep_scroll=True)

        tags = self._desk.tags()
        known = ", ".join(show_line(tag, 20) for tag in tags[:12])
        hints = (
            f"In use: {known}" if known else "One word, for example voice.",
            "A tag that the pair has is taken away.",
        )
        self.app.push_screen(AskScreen("Tag", hints=hints), answered)

    def action_comment(self) -> None:
        """Ask for a comment."""
        pair = self._pair
        if pair is None:
            return

        def answered(text: str | None) -> None:
            if text is not None and self._do(lambda: self._desk.comment(pair, text), pair):
                self._paint_pair(keep_scroll=True)

        self.app.push_screen(
            AskScreen("Comment", value=pair.comment, hints=("Empty takes the comment away.",)), answered
        )

    def action_mask(self) -> None:
        """Mask what the rules call secret or personal in this pair."""
        pair = self._pair
        if pair is None:
            return
        if not any(flag.family in ("secret", "personal") for flag in pair.flags):
            self.say("No rule finds a secret or personal data in this pair.")
            return
        if self._do(lambda: self._desk.mask_secrets(f"id:{pair.id}"), pair):
            self._message = "Masked; what was decided stays. u takes it back."
            self._paint_pair(keep_scroll=True)

    def action_repair(self) -> None:
        """Put wrongly decoded letters right in this pair."""
        pair = self._pair
        if pair is None:
            return
        if not any(flag.family == "mojibake" for flag in pair.flags):
            self.say("No mojibake was found in this pair.")
        elif self._do(lambda: self._desk.repair_mojibake(f"id:{pair.id}"), pair):
            self._message = "Repaired; what was decided stays. u takes it back."
            self._paint_pair(keep_scroll=True)

    def action_rewrite(self) -> None:
        """Rewrite here."""
        from molting_tui.ui.triage.rewrite import RewriteScreen

        pair = self._pair
        if pair is not None:
            self.app.push_screen(RewriteScreen(self._desk, pair), lambda saved: self._rewritten(pair, saved))

    def action_editor(self) -> None:
        """Rewrite the answer in `$EDITOR`."""
        from textual.app import SuspendNotSupported

        from molting_tui.ui.triage.editor import edited

        pair = self._pair
        if pair is None:
            return
        wrong, text = "", None
        try:
            with self.app.suspend():
                try:
                    text = edited(pair.response)
                except MoltingError as error:  # caught in here: an exception would keep Textual suspended
                    wrong = error.sentence()
        except SuspendNotSupported:
            wrong = "This terminal can't be given to another editor. e rewrites here."
        if wrong:
            self.say(wrong)
            return
        if text is None:
            self.say("Nothing was changed.")
            return
        try:
            self._desk.rewrite(pair, response=text)
        except MoltingError as error:
            self.say(error.sentence())
        else:
            self._rewritten(pair, True)

    def _rewritten(self, pair: Pair, saved: bool | None) -> None:
        if self._do(lambda: None, pair) and saved:
            self._pace.decided(datetime.now(UTC))
            rewritten = self._pair is not None and self._pair.rewritten
            words = (
                f"{look.REWRITTEN_SIGN} rewritten and kept"
                if rewritten
                else f"{look.KEPT_SIGN} kept with its original words"
            )
            self._message = f"{words}. u takes it back."
        self._paint_pair(keep_scroll=True)

    def action_undo(self) -> None:
        """Take back the latest step."""
        self._step_back(self._desk.undo, "Nothing of yours is left to undo.", "undone")

    def action_redo(self) -> None:
        """Bring it back."""
        self._step_back(self._desk.redo, "Nothing to redo.", "done again")

    def _step_back(self, step: Callable[[], object], nothing: str, word: str) -> None:
        try:
            undone = step()
        except MoltingError as error:
            self.say(error.sentence())
            return
        if not isinstance(undone, Undone):
            self.say(nothing)
            return
        self._list.changed()
        if undone.pairs == 1:
            self._go_to(undone.ids[0])
        self._show_pair()
        self._count()
        many = "" if undone.pairs == 1 else f" ({plural(undone.pairs, 'pair')})"
        self.say(f"{undone.label}: {word}{many}.")

    def _go_to(self, number: int) -> None:
        ids, here = self._list.ids, self._list.cursor
        nearby = range(max(here - 200, 0), min(here + 200, len(ids)))
        for position in sorted(nearby, key=lambda position: abs(position - here)):
            if ids[position] == number:
                self._list.move_to(position)
                return
        if number in ids:
            self._list.move_to(ids.index(number))


def moved(counts: Counts, before: Pair, after: Pair) -> Counts:
    """The counts after one pair went from one state to another."""
    by_state = {State.OPEN: counts.open, State.KEEP: counts.keep, State.DROP: counts.drop}
    by_state[before.state] -= 1
    by_state[after.state] += 1
    rewritten = counts.rewritten + after.rewritten - before.rewritten
    return Counts(by_state[State.OPEN], by_state[State.KEEP], by_state[State.DROP], rewritten)
