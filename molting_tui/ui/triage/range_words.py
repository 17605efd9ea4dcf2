"""What one says of a marked range: the keys of one pair, said of all of it as one step that one undo takes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.records.progress import Report, silent
from molting_tui.text import plural, show_line
from molting_tui.ui.dialogs.ask import ConfirmScreen, WorkScreen
from molting_tui.ui.triage.reason_question import ask_reason
from molting_tui.ui.triage.sight import PairSight
from molting_tui.ui.triage.tag_question import ask_tag

MANY = 50
"""A step over more pairs than this is asked first: they can't all have been in sight."""
_DONE = {"keep": "kept", "drop": "dropped", "skip": "skipped"}
Job = Callable[[Report], int]
"""A step, which returns how many pairs it changed."""


class RangeWords:
    """Words about a range. It ends with each: what is said next is of one pair again."""

    def __init__(self, desk: Desk, sight: PairSight) -> None:
        self._desk = desk
        self._sight = sight

    def decide(self, word: str) -> None:
        """Keep, drop or skip all of them, and go to the pair after the range."""
        ids = self._sight.marked
        self._agreed(f"{word.capitalize()} {plural(len(ids), 'pair')}?", ids, lambda: self._decide(ids, word))

    def drop_with_reason(self) -> None:
        """Ask once why, then drop all of them."""
        ids = self._sight.marked
        question = f"Drop {plural(len(ids), 'pair')}, because…"
        ask_reason(self._sight.app, question, lambda reason: self._decide(ids, "drop", reason))

    def star(self) -> None:
        """Star all of them, or take the stars away where all have one."""
        ids = self._sight.marked

        def star(_: Report) -> int:
            return self._desk.star_where(ids, on)

        on = not self._asked(lambda: self._desk.all_starred(ids), default=False)
        words = "starred" if on else "without their star"
        question = f"Star {plural(len(ids), 'pair')}?" if on else f"Take the star from {plural(len(ids), 'pair')}?"
        self._agreed(question, ids, lambda: self._work(ids, "Starring", star, words))

    def tag(self) -> None:
        """Ask for a tag; tag all of them, or take it away where all have it."""
        ids = self._sight.marked
        question = f"Tag {plural(len(ids), 'pair')}"
        ask_tag(self._sight, self._desk, question, ids, len(ids), lambda name: self._tag(ids, name))

    def tag_again(self, name: str) -> None:
        """Tag all of them, or take the tag away where all have it."""
        ids = self._sight.marked
        question = f"Tag {plural(len(ids), 'pair')} {show_line(name, 40)}?"
        self._agreed(question, ids, lambda: self._tag(ids, name))

    def mask(self) -> None:
        """Mask what the rules call secret or personal in all of them."""
        ids = self._sight.marked
        question = f"Mask secrets in {plural(len(ids), 'pair')}?"
        masked = "masked; what was decided stays"
        self._agreed(
            question,
            ids,
            lambda: self._work(ids, "Masking secrets", lambda report: self._desk.mask_secrets(ids, report), masked),
        )

    def _decide(self, ids: Sequence[int], word: str, reason: str = "") -> None:
        def decide(_: Report) -> int:
            return self._desk.decide_where(ids, word, reason)

        self._work(ids, f"{word.capitalize()} all", decide, _DONE[word], go_on=True)

    def _tag(self, ids: Sequence[int], name: str) -> None:
        def tag(_: Report) -> int:
            return self._desk.tag_where(ids, name, on)

        on = not self._asked(lambda: self._desk.all_tagged(ids, name), default=False)
        shown = show_line(name.strip().removeprefix("#"), 40)
        self._work(ids, "Tagging", tag, f"tagged {shown}" if on else f"without the tag {shown}")

    def _agreed(self, question: str, ids: Sequence[int], step: Callable[[], None]) -> None:
        """Do a step, after a yes where it is over many pairs."""
        if len(ids) <= MANY:
            step()
            return
        asked = ConfirmScreen(f"{question} One undo takes it back.")
        self._sight.app.push_screen(asked, lambda yes: step() if yes else None)

    def _work(self, ids: Sequence[int], title: str, job: Job, done: str, *, go_on: bool = False) -> None:
        """Do it, away from the UI thread where it is over many pairs; then the range ends and what was done is said."""

        def ended(changed: int | None) -> None:
            if changed is None:
                return  # why stands in the status line, and the range is there still
            same = len(ids) - changed
            already = f" ({same:,} stay as they were)" if same and changed else ""
            self._sight.end_range(go_on=go_on)
            self._sight.read_list_again()
            self._sight.say(
                f"{plural(changed, 'pair')} {done}{already}. u takes it back."
                if changed
                else f"Nothing was changed: {plural(len(ids), 'pair')} as they were."
            )

        if len(ids) > MANY:
            self._sight.app.push_screen(WorkScreen[int](title, job, failed=self._sight.say), ended)
        else:
            ended(self._asked(lambda: job(silent), default=None))

    def _asked(self, ask: Callable[[], int | None], default: int | None) -> int | None:
        try:
            return ask()
        except MoltingError as error:
            self._sight.say(error.sentence())
            return default
