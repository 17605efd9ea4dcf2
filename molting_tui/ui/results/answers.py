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
from molting_tui.ui.dialogs.reader import TextsScreen
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.results.contender_lines import score_text
from molting_tui.ui.results.result_lines import answer_lines
from molting_tui.ui.results.tables import contender
from molting_tui.ui.widgets.lines import Lines
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.results.averages import RatedAnswer

SEEN = "seen"
"""What stands beside an answer whose words you were shown with its name."""


def answers_page(title: str, rubric: Rubric, answers: Sequence[RatedAnswer]) -> TextsScreen:
    """A page with the words of answers, by their contenders' names."""
    texts = [rated.answer.text for rated in answers if rated.answer.read]
    return TextsScreen(title, texts, lambda width, code: answer_lines(rubric, answers, width, code))


class AnswerList(Lines):
    """Answers without their words: whose, its score, whether you have seen it by name, the question. Only the rows in
    sight are made."""

    def __init__(self, rubric: Rubric) -> None:
        super().__init__(id="answers")
        self._rubric = rubric
        self.items: Sequence[RatedAnswer] = ()
        self.cursor = 0
        self.seen: set[int] = set()
        """The answers (ids) that count as seen."""
        self._widths: Sequence[int] = ()
        self._rows: dict[int, Strip] = {}

    def show_answers(self, items: Sequence[RatedAnswer]) -> None:
        """List these answers."""
        self.items = items
        self._widths = [max(map(cell_len, {*column})) for column in zip(*map(self._start, items), strict=True)]
        self._rows = {}
        self.choose(self.cursor)

    def choose(self, place: int) -> None:
        """Put the cursor on an answer, and bring it into view; before the first is the first, after the last the
        last."""
        before, self.cursor = self.cursor, min(max(place, 0), max(len(self.items) - 1, 0))
        for changed in (before, self.cursor):
            self._rows.pop(changed, None)
        self._move(self.top)
        self.bring_into_view(self.cursor)

    def mark_seen(self, answer: int) -> None:
        """Note that an answer's words were shown."""
        self.seen.add(answer)
        self.show_answers(self.items)

    @property
    def line_count(self) -> int:
        """How many lines there are in all."""
        return max(len(self.items), 1)

    def all_lines(self) -> Sequence[Strip]:
        """Every line."""
        return [self._line(y) for y in range(self.line_count)]

    def on_resize(self) -> None:
        """Make the rows anew at the new width."""
        self._rows = {}
        super().on_resize()
        self.bring_into_view(self.cursor)

    def _has(self, line: int) -> bool:
        return line < self.line_count

    def _line(self, y: int) -> Strip:
        if not self.items:
            return line((" There are no answers.", look.DIM)) if not y else Strip([])
        if y >= len(self.items):
            return Strip([])
        if y not in self._rows:
            self._rows[y] = self._row(y)
        return self._rows[y]

    def _row(self, place: int) -> Strip:
        here, width = place == self.cursor, self.size.width - 1
        rated = self.items[place]
        cells = "  ".join(
            cell + " " * (room - cell_len(cell)) for cell, room in zip(self._start(rated), self._widths, strict=True)
        )
        prompt = show_line(rated.answer.question.prompt, width)
        text = fit(f" {cells}  {prompt}", width - 2)
        return line((look.CURSOR_SIGN if here else " ", look.CURSOR), (text, look.CURSOR if here else look.PLAIN))

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

    def on_mount(self) -> None:
        """List them."""
        self._list.show_answers(self._answers)

    def on_resize(self) -> None:
        """Paint at the new size."""
        self._paint()

    def where(self, width: int) -> Strip:
        """What opening means."""
        seen = len({each.answer.id for each in self._answers} & self._list.seen)
        text = f" {plural(seen, 'answer')} of {len(self._answers):,} seen by you. What you open isn't blind any more."
        return line((fit(text, width), look.DIM))

    def _paint(self) -> None:
        if self.is_attached:
            self.paint_frame(f"Answers · {show_line(self._rubric.id, 40)}", plural(len(self._answers), "answer"))

    def _choose(self, place: int) -> None:
        self.status.clear()
        self._list.choose(place)

    def action_move(self, step: int) -> None:
        """Next or previous answer."""
        self._choose(self._list.cursor + step)

    def action_page(self, pages: float) -> None:
        """Pages of answers, or parts of one."""
        self.action_move(round((self._list.size.height - 1) * pages))

    def action_end(self, last: int) -> None:
        """First or last answer."""
        self._choose(len(self._answers) if last else 0)

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
            self._list.mark_seen(rated.answer.id)
            self._paint()
        title = f"Answer · {show_line(self._rubric.id, 40)}"
        self.app.push_screen(answers_page(title, self._rubric, [rated]))

    def action_toggle_list(self) -> None:
        """Back to the results."""
        self.action_back()

    def action_back(self) -> None:
        """Back to the results."""
        self.app.pop_screen()
