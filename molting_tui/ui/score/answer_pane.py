"""One answer to score: its question above, the sheet it is scored on below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from molting_tui.records.evaluation import BlindAnswer, Rubric
from molting_tui.ui import look
from molting_tui.ui.frame import rule
from molting_tui.ui.paragraphs import line, paragraphs
from molting_tui.ui.prose import PLAIN_CODE, CodeView, prose
from molting_tui.ui.score.rating_sheet import SheetLayout, question_lines, sheet_layout, sheet_lines
from molting_tui.ui.widgets.lines import Bar, Lines

BARS = 5
"""Lines that the frame takes: title, two rules, status, keys."""
ANSWER = 6
"""Lines that the answer keeps, however much there is to say around it."""


class AnswerPane(Vertical):
    """Question, answer, sheet; or sentences in their place. `text` is the answer, to scroll."""

    def __init__(self) -> None:
        super().__init__(id="answer")
        self._question = Lines(id="question")
        self.text = Lines(id="text")
        self._sheet = Lines(id="sheet")
        self.code = PLAIN_CODE
        """How code is shown from the next time on that an answer is."""
        self._layout: SheetLayout | None = None
        self._made_for: tuple[Rubric, int, int] | None = None
        self._heights: dict[Lines, int] = {}

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._question
        yield Bar(id="rule-above")
        yield self.text
        yield Bar(id="rule-below")
        yield self._sheet

    def show_answer(
        self,
        rubric: Rubric,
        answer: BlindAnswer,
        dimension: int,
        *,
        hints: Sequence[Strip] = (),
        keep_scroll: bool = False,
    ) -> bool:
        """Show an answer with the sheet at a dimension, `hints` under it; whether the parts have other heights now."""
        width, height = self.screen.size
        least = ANSWER if height >= 20 else max((height - BARS) // 3, 1)
        room = height - BARS - least - len(hints)
        layout = self._layout_for(rubric, width, max(room - 2, 1))
        question = question_lines(answer, width, room - layout.height)
        sheet = [*sheet_lines(layout, answer.levels, dimension), *hints]
        return self._show(question, _answer_lines(answer, width, self.code), sheet, keep_scroll)

    def show_sentences(self, sentences: Iterable[str], *, keep_scroll: bool = False) -> bool:
        """Show sentences in place of an answer; whether the parts have other heights now."""
        width = self.screen.size.width
        lines = (strip for sentence in sentences for strip in paragraphs(sentence, width - 1, indent=2))
        return self._show([], [line(""), *lines], [], keep_scroll)

    def _layout_for(self, rubric: Rubric, width: int, room: int) -> SheetLayout:
        """Which layout it is: reckoned anew for another rubric or size only."""
        if self._layout is None or self._made_for != (rubric, width, room):
            self._layout, self._made_for = sheet_layout(rubric, width, room), (rubric, width, room)
        return self._layout

    def _show(self, question: list[Strip], text: Iterable[Strip], sheet: list[Strip], keep_scroll: bool) -> bool:
        width = self.screen.size.width
        moved = self._resized(self._question, len(question)) | self._resized(self._sheet, len(sheet))
        self._question.show_lines(question)
        self.query_one("#rule-above", Bar).show(rule(width))
        self.query_one("#rule-below", Bar).show(rule(width))
        self._sheet.show_lines(sheet)
        self.text.show_lines(text, top=self.text.top if keep_scroll else 0)
        return moved

    def _resized(self, part: Lines, height: int) -> bool:
        if self._heights.get(part) == height:  # a layout paints the screen more than once
            return False
        self._heights[part] = height
        part.styles.height = height
        return True


def _answer_lines(answer: BlindAnswer, width: int, code: CodeView) -> Iterator[Strip]:
    if answer.text.strip():
        yield from prose(answer.text, width - 1, indent=3, code=code)
    else:
        yield line((f"   {'(nothing but white space)' if answer.text else '(an empty answer)'}", look.DIM))
