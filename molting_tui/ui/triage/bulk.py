"""Steps over the whole list: asked first with the count, taken back by one undo."""

from __future__ import annotations

from collections.abc import Callable

from textual import work

from molting_tui.errors import MoltingError
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.ask import AskScreen, ConfirmScreen, WorkScreen
from molting_tui.ui.triage.pairs import NO_PAIR, PairsScreen


class Bulk(PairsScreen):
    """Words about every pair of the list."""

    def action_bulk(self, word: str) -> None:
        """Ask, with the count, then do it to every pair of the list as one step."""
        self._count_matching(lambda total: self._ask_bulk(word, total))

    @work(thread=True, exclusive=True, exit_on_error=False, group="bulk")
    def _count_matching(self, ask: Callable[[int], object]) -> None:
        # Counted anew: pairs decided since the list was made are in it still, but the filter may not match them.
        try:
            total = len(self._desk.matching(self._filter))
        except MoltingError as error:
            self.app.call_from_thread(self.say, error.sentence())
            return
        self.app.call_from_thread(ask if total else lambda _: self.say(NO_PAIR), total)

    def _ask_bulk(self, word: str, total: int) -> None:
        labels = {"open": "Reopen", "mask": "Mask secrets in"}
        which = f"that match {show_line(self._filter, 60)}" if self._filter else "there are"
        question = f"{labels.get(word, word.capitalize())} all {plural(total, 'pair')} {which}? One undo takes it back."
        self.app.push_screen(ConfirmScreen(question), lambda yes: self._bulk(word) if yes else None)

    def _bulk(self, word: str) -> None:
        desk, chosen = self._desk, self._filter
        if word == "mask":
            self._long("Masking secrets", lambda report: desk.mask_secrets(chosen, report))
        elif word == "star":
            self._long("Starring", lambda report: desk.star_where(chosen, True))
        else:
            self._long(f"{word.capitalize()} all", lambda report: desk.decide_where(chosen, word))

    def action_bulk_tag(self) -> None:
        """Ask for a tag, then tag every pair of the list as one step."""
        self._count_matching(self._ask_bulk_tag)

    def _ask_bulk_tag(self, total: int) -> None:
        def answered(name: str | None) -> None:
            if name:
                self._long("Tagging", lambda report: self._desk.tag_where(self._filter, name, True))

        question = f"Tag all {plural(total, 'pair')} of this list as"
        self.app.push_screen(AskScreen(question, hints=("One word.",)), answered)

    def _long(self, title: str, job: Callable[..., int]) -> None:
        self.app.push_screen(WorkScreen[int](title, job, failed=self.say), self._bulk_done)

    def _bulk_done(self, changed: int | None) -> None:
        self._list.changed()
        self._count()
        self._show_pair()
        if changed is not None:
            self.say(f"{plural(changed, 'pair')} changed. u takes it back.")
