"""The keys of triage that say something: of the pair in sight, of the marked range, of the whole list."""

from __future__ import annotations

from collections.abc import Sequence

from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.ui.triage.bulk import BulkSteps
from molting_tui.ui.triage.deciding import PairWords
from molting_tui.ui.triage.range_words import RangeWords


class SpokenKeys:
    """What these keys do, on the screen that has the list and the pair."""

    _desk: Desk
    _words: PairWords
    _range_words: RangeWords
    _bulk: BulkSteps

    @property
    def marked(self) -> Sequence[int]:
        """The ids of the pairs in the marked range, in list order; none where no range is marked."""
        raise NotImplementedError

    def say(self, message: str) -> None:
        """Put a sentence into the status line."""
        raise NotImplementedError

    def _spoken(self) -> PairWords | RangeWords:
        """Whoever says something of the range, where one is marked, else of the pair."""
        return self._range_words if self.marked else self._words

    def action_decide(self, word: str) -> None:
        """Keep, drop or skip, and go on."""
        self._spoken().decide(word)

    def action_drop_with_reason(self) -> None:
        """Ask why, then drop."""
        self._spoken().drop_with_reason()

    def action_star(self) -> None:
        """Star or unstar."""
        self._spoken().star()

    def action_tag(self) -> None:
        """Ask for a tag; tag or untag."""
        self._spoken().tag()

    def action_tag_again(self) -> None:
        """Tag or untag with the tag that was given or taken away last."""
        try:
            name = self._desk.last_tag()
        except MoltingError as error:
            self.say(error.sentence())
            return
        if name:
            self._spoken().tag_again(name)
        else:
            self.say("No tag was given yet: t asks for one.")

    def action_comment(self) -> None:
        """Ask for a comment."""
        self._words.comment()

    def action_mask(self) -> None:
        """Mask what the rules call secret or personal in this pair."""
        self._spoken().mask()

    def action_repair(self) -> None:
        """Put wrongly decoded letters right in this pair."""
        self._words.repair()

    def action_rewrite(self) -> None:
        """Rewrite here."""
        self._words.rewrite()

    def action_editor(self) -> None:
        """Rewrite the answer in `$EDITOR`."""
        self._words.rewrite_in_editor()

    def action_undo(self) -> None:
        """Take back the latest step."""
        self._words.undo()

    def action_redo(self) -> None:
        """Bring it back."""
        self._words.redo()

    def action_bulk(self, word: str) -> None:
        """Ask, with the count, then do it to every pair of the list as one step."""
        self._bulk.ask(word)

    def action_bulk_tag(self) -> None:
        """Ask for a tag, then tag every pair of the list as one step."""
        self._bulk.ask_tag()

    def action_copy(self) -> None:
        """Copy the answer."""
        self._words.copy()

    def action_message(self, what: str) -> None:
        """Ask which message is meant, and rewrite it here, in `$EDITOR`, or copy it."""
        steps = {"rewrite": self._words.rewrite, "editor": self._words.rewrite_in_editor, "copy": self._words.copy}
        self._words.of_message(steps[what])
