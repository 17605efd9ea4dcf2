"""Writing a question of the bank anew: its words, what a right answer says, and one that somebody gave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.strip import Strip

from molting_tui.errors import BadInput
from molting_tui.evaluation.bank.bank import Bank, Change, storable
from molting_tui.records.bank import BankQuestion
from molting_tui.records.evaluation import Fact
from molting_tui.text import plural
from molting_tui.ui import look
from molting_tui.ui.dialogs.entries import EntriesScreen
from molting_tui.ui.paragraphs import paragraphs


class RewriteQuestion(EntriesScreen):
    """Asks for a question in other words. Dismisses with the `Change`, or None."""

    TITLE_TEXT = "Rewrite the question"
    ENTRIES: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("prompt", "question", "what is asked"),
        ("language", "language", "pt, en … or any"),
        ("fact", "fact", "what a right answer says"),
        ("mentions", "mentions", "Softtor; developer|engineer"),
        ("reference", "reference", "a right answer, for the scorer's eyes"),
    )

    def __init__(self, desk: Bank, entry: BankQuestion) -> None:
        self._desk = desk
        self._entry = entry
        self._fact = entry.question.facts[0] if entry.question.facts else Fact("fact-1", "")
        values = {
            "prompt": entry.question.prompt,
            "language": entry.question.language,
            "fact": self._fact.text,
            "mentions": "; ".join("|".join(group) for group in self._fact.must_mention),
            "reference": entry.reference,
        }
        self._before = {name: value.strip() for name, value in values.items()}
        super().__init__(desk.workspace, values)

    def answer(self) -> Change:
        """What changes. Raises BadInput for words that can't be."""
        change = Change(
            prompt=self._new("prompt"),
            language=self._new("language"),
            facts=self._facts(),
            reference=self._new("reference"),
        )
        self._desk.changed(self._entry, change)
        return change

    def outcome(self, width: int) -> Iterator[Strip]:
        """What it will be. Raises BadInput."""
        change = self.answer()
        known = ("what is asked", change.prompt), ("the facts", change.facts), ("the reference", change.reference)
        parts = [name for name, value in known if value is not None]
        others = len(self._entry.question.facts) - 1
        more = f" {plural(others, 'other fact stays as it is', 'other facts stay as they are')}." if others > 0 else ""
        words = f"Changes {', '.join(parts)}." if parts else "Nothing changes yet."
        # An answer belongs to the words that it was given to.
        kept = " Answers to the old words stay theirs." if change.prompt is not None or change.facts is not None else ""
        yield from paragraphs(words + kept + more, width - 1, indent=1, base=look.DIM)

    def _new(self, name: str) -> str | None:
        """What stands in a line now; None where it is what stood there."""
        value = self.value(name)
        return None if value == self._before[name] else value

    def _facts(self) -> tuple[Fact, ...] | None:
        text, mentions = self._new("fact"), self._new("mentions")
        if text is None and mentions is None:
            return None
        rest = self._entry.question.facts[1:]
        words = storable(self.value("fact"))
        if not words:
            if self.value("mentions"):
                raise BadInput("what is mentioned needs a fact.", fix="Write the fact, or take the mentions away.")
            return rest
        groups = (tuple(filter(None, map(storable, group.split("|")))) for group in self.value("mentions").split(";"))
        return (self._fact._replace(text=words, must_mention=tuple(group for group in groups if group)), *rest)
