"""Steps over the whole list: asked first with the count, taken back by one undo."""

from __future__ import annotations

from collections.abc import Callable

from molting_tui.curation.triage import Desk
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.ask import ConfirmScreen, WorkScreen
from molting_tui.ui.triage.sight import NO_PAIR, PairSight
from molting_tui.ui.triage.tag_question import ask_tag

_LABELS = {"open": "Reopen", "mask": "Mask secrets in"}


class BulkSteps:
    """What is done to every pair of the list."""

    def __init__(self, desk: Desk, sight: PairSight) -> None:
        self._desk = desk
        self._sight = sight

    def ask(self, word: str) -> None:
        """Ask, with the count, then do it to every pair of the list as one step."""
        self._count_matching(lambda total: self._confirm(word, total))

    def ask_tag(self) -> None:
        """Ask for a tag, then tag every pair of the list as one step."""
        self._count_matching(self._ask_name)

    def _count_matching(self, ask: Callable[[int], object]) -> None:
        # Counted anew: pairs decided since the list was made are in it still, but the filter may not match them.
        self._sight.in_background(
            "bulk",
            lambda: len(self._desk.matching(self._sight.filter_text)),
            lambda total: ask(total) if total else self._sight.say(NO_PAIR),
        )

    def _confirm(self, word: str, total: int) -> None:
        filter_text = self._sight.filter_text
        which = f"that match {show_line(filter_text, 60)}" if filter_text else "there are"
        question = (
            f"{_LABELS.get(word, word.capitalize())} all {plural(total, 'pair')} {which}? One undo takes it back."
        )
        self._sight.app.push_screen(ConfirmScreen(question), lambda yes: self._do(word) if yes else None)

    def _do(self, word: str) -> None:
        desk, filter_text = self._desk, self._sight.filter_text
        if word == "mask":
            self._work("Masking secrets", lambda report: desk.mask_secrets(filter_text, report))
        elif word == "star":
            self._work("Starring", lambda report: desk.star_where(filter_text, True))
        else:
            self._work(f"{word.capitalize()} all", lambda report: desk.decide_where(filter_text, word))

    def _ask_name(self, total: int) -> None:
        filter_text = self._sight.filter_text

        def tag(name: str) -> None:
            on = not self._desk.all_tagged(filter_text, name)
            self._work("Tagging", lambda report: self._desk.tag_where(filter_text, name, on))

        ask_tag(self._sight, self._desk, f"Tag all {plural(total, 'pair')} of this list", filter_text, total, tag)

    def _work(self, title: str, job: Callable[..., int]) -> None:
        self._sight.app.push_screen(WorkScreen[int](title, job, failed=self._sight.say), self._done)

    def _done(self, changed: int | None) -> None:
        self._sight.read_list_again()
        if changed is not None:
            self._sight.say(f"{plural(changed, 'pair')} changed. u takes it back.")
