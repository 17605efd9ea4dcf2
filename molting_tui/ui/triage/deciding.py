"""What one says of the pair in sight: keep, drop, skip, rewrite, star, tag, comment; undo and redo."""

from __future__ import annotations

from collections.abc import Callable

from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.records.events import Undone
from molting_tui.records.pairs import Pair
from molting_tui.text import pasteable, plural, show_line
from molting_tui.ui import look
from molting_tui.ui.dialogs.ask import AskScreen
from molting_tui.ui.triage.message import ask_message
from molting_tui.ui.triage.range_words import MANY
from molting_tui.ui.triage.reason_question import ask_reason
from molting_tui.ui.triage.sight import PairSight
from molting_tui.ui.triage.tag_question import ask_tag
from molting_tui.ui.triage.tally import Tally


class PairWords:
    """Words about one pair. Each is stored when it is said, and shown; what goes wrong stands in the status line."""

    def __init__(self, desk: Desk, tally: Tally, sight: PairSight) -> None:
        self._desk = desk
        self._tally = tally
        self._sight = sight

    def decide(self, word: str, reason: str = "") -> None:
        """Keep, drop or skip, and go on."""
        pair = self._sight.pair
        if pair is not None and self._store(pair, lambda: self._desk.decide(pair, word, reason)):
            self._tally.decided()
            self._sight.go_on()

    def drop_with_reason(self) -> None:
        """Ask why, then drop."""
        if self._sight.pair is not None:
            ask_reason(self._sight.app, "Drop it, because…", lambda reason: self.decide("drop", reason))

    def star(self) -> None:
        """Star or unstar."""
        pair = self._sight.pair
        if pair is not None:
            self._store_and_show(pair, lambda: self._desk.star(pair))

    def tag(self) -> None:
        """Ask for a tag; tag or untag."""
        pair = self._sight.pair
        if pair is not None:
            ask_tag(self._sight, self._desk, "Tag", (pair.id,), 1, lambda name: self._tag(pair, name))

    def tag_again(self, name: str) -> None:
        """Tag or untag."""
        if self._sight.pair is not None:
            self._tag(self._sight.pair, name)

    def _tag(self, pair: Pair, name: str) -> None:
        if self._store_and_show(pair, lambda: self._desk.tag(pair, name)):
            had = name in pair.tags
            self._sight.say(f"Tag {show_line(name, 40)} {'taken away' if had else 'given'}. u takes it back.")

    def comment(self) -> None:
        """Ask for a comment."""
        pair = self._sight.pair
        if pair is None:
            return

        def answered(text: str | None) -> None:
            if text is not None:
                self._store_and_show(pair, lambda: self._desk.comment(pair, text))

        question = AskScreen("Comment", value=pair.comment, hints=("Empty takes the comment away.",))
        self._sight.app.push_screen(question, answered)

    def mask(self) -> None:
        """Mask what the rules call secret or personal in this pair."""
        pair = self._sight.pair
        if pair is None:
            return
        if not any(flag.family in ("secret", "personal") for flag in pair.flags):
            self._sight.say("No rule finds a secret or personal data in this pair.")
        elif self._store_and_show(pair, lambda: self._desk.mask_secrets(f"id:{pair.id}")):
            self._sight.say("Masked; what was decided stays. u takes it back.")

    def repair(self) -> None:
        """Put wrongly decoded letters right in this pair."""
        pair = self._sight.pair
        if pair is None:
            return
        if not any(flag.family == "mojibake" for flag in pair.flags):
            self._sight.say("No mojibake was found in this pair.")
        elif self._store_and_show(pair, lambda: self._desk.repair_mojibake(f"id:{pair.id}")):
            self._sight.say("Repaired; what was decided stays. u takes it back.")

    def rewrite(self, place: int | None = None) -> None:
        """Rewrite here: the message at a place, or the answer."""
        from molting_tui.ui.triage.rewrite import RewriteScreen

        pair = self._sight.pair
        if pair is not None:
            screen = RewriteScreen(self._desk, pair, place)
            self._sight.app.push_screen(screen, lambda saved: self._left(pair, bool(saved)))

    def rewrite_in_editor(self, place: int | None = None) -> None:
        """Rewrite the message at a place, or the answer, in `$EDITOR`."""
        pair = self._sight.pair
        if pair is None:
            return
        message = pair.messages[-1 if place is None else place]
        text, wrong = self._edited(message.text)
        if wrong or text is None:
            self._sight.say(wrong or "Nothing was changed.")
            return
        try:
            self._desk.rewrite(pair, {message.place: text})
        except MoltingError as error:
            self._sight.say(error.sentence())
        else:
            self._left(pair, True)

    def copy(self, place: int | None = None) -> None:
        """Copy the message at a place, or the answer, without control characters; say so if it holds a secret."""
        pair = self._sight.pair
        if pair is None:
            return
        message = pair.messages[-1 if place is None else place]
        self._sight.app.copy_to_clipboard(pasteable(message.text))
        name = pair.name_of(message.place)
        which = name if name.startswith("message") else f"the {name}"
        rules = {flag.rule for flag in pair.flags if flag.family == "secret" and flag.place == message.place}
        secret = f" holds a secret ({show_line(', '.join(sorted(rules)), 60)}) and" if rules else ""
        self._sight.say(
            f"{which.capitalize()}{secret} was sent to your terminal's clipboard (in tmux: set-clipboard on)."
        )

    def of_message(self, step: Callable[[int], object]) -> None:
        """Ask which message of the pair is meant, and do a step with its place."""
        if self._sight.pair is not None:
            ask_message(self._sight.app, self._sight.pair, step)

    def _edited(self, text: str) -> tuple[str | None, str]:
        """The text after the user's editor had it (None: as it was), and what went wrong."""
        from textual.app import SuspendNotSupported

        from molting_tui.ui.triage.editor import edited

        try:
            with self._sight.app.suspend():
                try:
                    return edited(text), ""
                except MoltingError as error:  # caught in here: an exception would keep Textual suspended
                    return None, error.sentence()
        except SuspendNotSupported:
            return None, "This terminal can't be given to another editor. e rewrites here."

    def _left(self, pair: Pair, saved: bool) -> None:
        """Show a pair after somebody has left an editor; where it was saved, and so kept, go on."""
        if not self._store_and_show(pair, lambda: None) or not saved:
            return
        self._tally.decided()
        rewritten = self._sight.pair is not None and self._sight.pair.rewritten
        sign = look.REWRITTEN_SIGN if rewritten else look.KEPT_SIGN
        words = "rewritten and kept" if rewritten else "kept with its original words"
        self._sight.say(f"{sign} {words}. u takes it back.")
        self._sight.go_on()

    def undo(self) -> None:
        """Take back the latest step."""
        self._step_back(self._desk.undo, "Nothing of yours is left to undo.", "undone")

    def redo(self) -> None:
        """Bring it back."""
        self._step_back(self._desk.redo, "Nothing to redo.", "done again")

    def _step_back(self, step: Callable[[], Undone | None], nothing: str, word: str) -> None:
        try:
            undone = step()
        except MoltingError as error:
            self._sight.say(error.sentence())
            return
        if undone is None:
            self._sight.say(nothing)
            return
        self._sight.end_range()
        # Back to where it was said; a step over many pairs wasn't said at one.
        self._sight.read_list_again(undone.ids[0] if 0 < undone.pairs <= MANY else 0)
        counted = f"{undone.pairs:,} pair"
        many = "" if undone.pairs == 1 or counted in undone.label else f" ({plural(undone.pairs, 'pair')})"
        self._sight.say(f"{undone.label}: {word}{many}.")

    def _store_and_show(self, pair: Pair, step: Callable[[], object]) -> bool:
        """Do a step that leaves one at this pair; False where it failed."""
        stored = self._store(pair, step)
        if stored:
            self._sight.paint_pair(keep_scroll=True)
        return stored

    def _store(self, pair: Pair, step: Callable[[], object]) -> bool:
        try:
            step()
            self._sight.read_again(pair)
        except MoltingError as error:
            self._sight.say(error.sentence())
            return False
        return True
