"""The answers under a rubric, closed: one key opens one, and only that one counts as seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from molting_tui.records.evaluation import Rubric
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.background import naming_no_run
from molting_tui.ui.dialogs.reader import PageScreen
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.results.result_lines import answer_lines, score_text
from molting_tui.ui.results.tables import contender
from molting_tui.ui.widgets.item_list import ItemList
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.results.averages import RatedAnswer

SEEN = "seen"
"""What stands beside an answer whose words you were shown with its name."""


class AnswerList(ItemList["RatedAnswer"]):
    """Answers without their words: whose, its score, whether you have seen it by name, the question."""

    NOTHING = "There are no answers."

    def __init__(self, rubric: Rubric) -> None:
        super().__init__(id="answers")
        self._rubric = rubric
        self.seen: set[int] = set()
        """The answers (ids) that count as seen."""

    def rows(self, width: int) -> list[Strip]:
        """A line for each."""
        starts = [self._start(each) for each in self.items]
        widths = [max(map(cell_len, column)) for column in zip(*starts, strict=True)]
        rows = []
        for place, (each, start) in enumerate(zip(self.items, starts, strict=True)):
            style = look.CURSOR if place == self.cursor else look.PLAIN
            mark = look.CURSOR_SIGN if place == self.cursor else " "
            cells = "  ".join(cell + " " * (room - cell_len(cell)) for cell, room in zip(start, widths, strict=True))
            prompt = show_line(each.answer.question.prompt, width)
            rows.append(line((mark, look.CURSOR), (fit(f" {cells}  {prompt}", width - 2), style)))
        return rows

    def _start(self, rated: RatedAnswer) -> tuple[str, str, str]:
        answer = rated.answer
        sample = f" · sample {answer.sample + 1}" if answer.sample else ""
        score = "not scored" if rated.score is None else score_text(rated.score, self._rubric)
        return contender(answer.contender) + sample, score, SEEN if answer.id in self.seen else ""


class AnswersScreen(FrameScreen[None]):
    """The answers of everybody by question, none of their words in sight."""

    KEYS = keymap.ANSWERS
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.ANSWERS)]

    def __init__(self, workspace: Workspace, rubric: Rubric, answers: Sequence[RatedAnswer], seen: set[int]) -> None:
        super().__init__(workspace)
        self._rubric = rubric
        order = {each.answer.question.digest: None for each in answers}
        places = {digest: place for place, digest in enumerate(order)}
        self._answers = sorted(answers, key=lambda each: places[each.answer.question.digest])
        self._list = AnswerList(rubric)
        self._list.seen = seen

    def body(self) -> ComposeResult:
        """The list."""
        yield self._list

    def on_resize(self) -> None:
        """Paint at the new size."""
        self.call_after_refresh(self._show, self._list.cursor)

    def where(self, width: int) -> Strip:
        """What opening means."""
        seen = len({each.answer.id for each in self._answers} & self._list.seen)
        text = f" {plural(seen, 'answer')} of {len(self._answers):,} seen by you. What you open isn't blind any more."
        return line((fit(text, width), look.DIM))

    def _show(self, cursor: int) -> None:
        if self.is_attached:
            self._list.show_items(self._answers, cursor)
            self.paint_frame(f"Answers · {show_line(self._rubric.id, 40)}", plural(len(self._answers), "answer"))

    def action_move(self, step: int) -> None:
        """Next or previous answer."""
        self.status.clear()
        self._show(min(max(self._list.cursor + step, 0), max(len(self._answers) - 1, 0)))

    def action_end(self, last: int) -> None:
        """First or last answer."""
        self.action_move(len(self._answers) if last else -len(self._answers))

    def action_open(self) -> None:
        """Show an answer's words: it counts as seen from now on."""
        if not self._answers:
            self.say("There is no answer to open.")
            return
        rated = self._answers[self._list.cursor]

        def read() -> RatedAnswer:
            from molting_tui.evaluation.results.table import open_gate, read_answers

            open_gate(self.workspace, "", unblind=False)
            read_answers(self.workspace, [rated])
            return rated

        self.in_background("answers", naming_no_run(read), self._open)

    def _open(self, rated: RatedAnswer) -> None:
        if not self.is_attached or self.app.screen is not self:  # somebody has left meanwhile
            return
        if rated.answer.read:
            self._list.seen.add(rated.answer.id)
        self._show(self._list.cursor)
        title = f"Answer · {show_line(self._rubric.id, 40)}"
        self.app.push_screen(PageScreen(title, lambda width: answer_lines(self._rubric, [rated], width)))

    def action_back(self) -> None:
        """Back to the results."""
        self.app.pop_screen()
