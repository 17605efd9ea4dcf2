"""One answer at a time with the sheet it is scored on: painting, moving about. What is said of it is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.strip import Strip

from molting_tui.errors import MoltingError
from molting_tui.records.evaluation import BlindAnswer
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.frame import keys_line, rule, top_line
from molting_tui.ui.pace import Pace
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.score.sheet import Sheet, question_lines, rubric_lines, sheet_for, sheet_lines
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.ui.widgets.status import status_text
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.blind_session import Scoring

BARS = 5
"""Lines that the frame takes: title, two rules, status, keys."""
ANSWER = 6
"""Lines that the answer keeps, however much there is to say around it."""
_LEVELS = "rate.level"
_OF_AN_ANSWER = (
    _LEVELS, "rate.not_applicable", "rate.skip", "rate.note", "rate.next_dimension", "answer.next_open", "rubric.info",
)  # fmt: skip


class ScoredScreen(Screen[None]):
    """Question, answer, sheet, where one is. `_scoring` is None until the answers are there, or when none waits."""

    KEYS = keymap.SCORE
    # One binding for ten keys can't tell them apart: the digits are bound one by one, below.
    BINDINGS: ClassVar[list[BindingType]] = [one for one in keymap.bindings(keymap.SCORE) if one.id != _LEVELS]
    AUTO_FOCUS = ""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._scoring: Scoring | None = None
        self._answer: BlindAnswer | None = None
        self._dimension = 0
        self._blind = True
        self._sheet: Sheet | None = None
        self._heights: dict[str, int] = {}
        self._pace = Pace(())
        self._message = ""
        self._calm: tuple[str, ...] = ("Looking for answers…",)
        levels = next(one for one in keymap.actions(keymap.SCORE, workspace.settings.keys) if one.id == _LEVELS)
        for level, key in enumerate(levels.keys.split(",")):
            self._bindings.bind(key.strip(), f"rate({level})", show=False)

    def compose(self) -> ComposeResult:
        """The frame."""
        yield Bar(id="top")
        yield Lines(id="question")
        yield Bar(id="rule-above")
        yield Lines(id="text")
        yield Bar(id="rule-below")
        yield Lines(id="sheet")
        yield Bar(id="status")
        yield Bar(id="keys")

    def on_resize(self) -> None:
        """Paint at the new size."""
        self._sheet = None
        self._paint(keep_scroll=True)

    @property
    def _text(self) -> Lines:
        return self.query_one("#text", Lines)

    # Where one is

    def _show(self, place: int) -> bool:
        """Go to an answer; False where it can't be read (the status line says why)."""
        scoring = self._scoring
        if scoring is None:
            return False
        try:
            answer, self._blind = scoring.item(place), scoring.blind
        except MoltingError as error:
            self.say(error.sentence())
            return False
        self._answer, self._calm = answer, ()
        open_ones = [n for n, one in enumerate(scoring.rubric.dimensions) if one.id not in answer.levels]
        self._dimension = open_ones[0] if open_ones else 0
        self._paint()
        return True

    def _look_again(self, dimension: int) -> None:
        """Paint the same answer as it stands now, at this dimension."""
        if self._scoring is not None and self._answer is not None:
            self._answer = self._scoring.item(self._answer.place)
            self._dimension = dimension
            self._paint(keep_scroll=True)

    def _rest(self, *sentences: str) -> None:
        """Show sentences in place of an answer."""
        self._answer, self._calm = None, sentences
        self._paint()

    # Painting

    def _paint(self, *, keep_scroll: bool = False) -> None:
        width, height = self.size
        if not width:
            return
        asked: list[Strip] = []
        sheet: list[Strip] = []
        scoring, answer = self._scoring, self._answer
        if scoring is not None and answer is not None:
            least = ANSWER if height >= 20 else max((height - BARS) // 3, 1)
            room = height - BARS - least
            if self._sheet is None:
                self._sheet = sheet_for(scoring.rubric, width, max(room - 2, 1))
            asked = question_lines(answer, width, room - self._sheet.height)
            sheet = sheet_lines(self._sheet, answer.levels, self._dimension)
        moved = self._resized("#question", len(asked)) | self._resized("#sheet", len(sheet))
        self.query_one("#question", Lines).show_lines(asked)
        self.query_one("#rule-above", Bar).show(rule(width))
        self.query_one("#rule-below", Bar).show(rule(width))
        self.query_one("#sheet", Lines).show_lines(sheet)
        self._text.show_lines(self._written(width), top=self._text.top if keep_scroll else 0)
        self._paint_bars()
        if moved:
            self.call_after_refresh(self._paint_bars)  # how much of the answer is seen is known then

    def _resized(self, widget: str, height: int) -> bool:
        if self._heights.get(widget) == height:  # a layout paints the screen more than once
            return False
        self._heights[widget] = height
        self.query_one(widget, Lines).styles.height = height
        return True

    def _written(self, width: int) -> Iterable[Strip]:
        if self._answer is None:
            yield line("")
            for sentence in self._calm:
                yield from paragraphs(sentence, width - 1, indent=2)
        elif not self._answer.text.strip():
            said = "(an empty answer)" if not self._answer.text else "(nothing but white space)"
            yield line((f"   {said}", look.DIM))
        else:
            yield from paragraphs(self._answer.text, width - 1, indent=3)

    def _paint_bars(self) -> None:
        width = self.size.width
        name = show_line(self._scoring.rubric.id, 40) if self._scoring is not None else ""
        title = f"Score · {name}" if name else "Score"
        self.query_one("#top", Bar).show(top_line(self._workspace.name, title, self._figure(), width))
        self.query_one("#status", Bar).show(self._status(width))
        self.query_one("#keys", Bar).show(self._keys_line(width))

    def _keys_line(self, width: int) -> Strip:
        if self._answer is None:
            return keys_line(self.KEYS, width, self._keys(), also=("app.results",), without=_OF_AN_ANSWER)
        return keys_line(self.KEYS, width, self._keys())

    def _keys(self) -> dict[str, str]:
        keys = dict(self._workspace.settings.keys)
        if self._scoring is not None:
            chosen = keys.get(_LEVELS, "0,1,2,3,4,5,6,7,8,9").split(",")
            levels = [keymap.key_name(chosen[at].strip()) for at in self._scoring.rubric.scale if at < len(chosen)]
            keys[_LEVELS] = " ".join(levels) if len(levels) < 6 else f"{levels[0]} … {levels[-1]}"
        return keys

    def _figure(self) -> str:
        if self._scoring is None:
            return ""
        if self._answer is None:
            return f"{plural(self._scoring.total, 'answer')} · {self._scoring.left:,} left"
        hidden = "contender hidden" if self._blind else "not blind: names were shown"
        return f"answer {self._answer.place + 1:,} of {self._scoring.total:,} · {hidden}"

    def _status(self, width: int) -> Strip:
        if self._message:
            return line((fit(f" {self._message}", width), look.MESSAGE))
        scoring, answer = self._scoring, self._answer
        if scoring is None or answer is None:
            return line("")
        parts = [f"{answer.place + 1:,} of {scoring.total:,}", f"{scoring.left:,} left"]
        if answer.scored(scoring.rubric):
            parts.append(f"{look.KEPT_SIGN} scored")
        elif answer.skipped:
            parts.append(f"{look.SKIPPED_SIGN} skipped")
        pace = self._pace.sentence(scoring.left)
        if pace:
            parts.append(pace)
        if self._text.size.height and self._text.more_below:
            parts.append("J more below")
        if answer.note:
            parts.append(f"“{show_line(answer.note, 60)}”")
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    def say(self, message: str) -> None:
        """Put a sentence into the status line."""
        self._message = status_text(message, self._workspace.folder)
        self.query_one("#status", Bar).show(self._status(self.size.width))

    # Moving about

    def _places(self) -> Scoring | None:
        """What is stepped through; None (said so) where there is nothing."""
        self._message = ""
        if self._scoring is None:
            self.say("There is no answer here to score.")
        return self._scoring

    def action_move(self, step: int) -> None:
        """Next or previous answer."""
        scoring = self._places()
        if scoring is None:
            return
        if self._answer is None:  # all are scored: the last one is the one before
            self._show(scoring.total - 1 if step < 0 else 0)
        elif 0 <= self._answer.place + step < scoring.total:
            self._show(self._answer.place + step)
        else:
            self.say("This is the first answer." if step < 0 else "This is the last answer.")

    def action_end(self, last: int) -> None:
        """First or last answer."""
        scoring = self._places()
        if scoring is not None and scoring.total:
            self._show(scoring.total - 1 if last else 0)

    def action_move_open(self, step: int) -> None:
        """Next or previous answer that isn't scored."""
        scoring = self._places()
        if scoring is None:
            return
        found = self._other_open(scoring, self._answer.place if self._answer is not None else -1, step)
        if found is not None:
            self._show(found)
        else:
            self._say_no_other(scoring)

    def _other_open(self, scoring: Scoring, here: int, step: int = 1) -> int | None:
        """The nearest other unscored answer on one side of a place, then from the other end on; None if all others are
        scored."""
        found = scoring.next_open(here, step)
        if found is None:
            found = scoring.next_open(-1 if step > 0 else scoring.total, step)
        return None if found == here else found

    def _say_no_other(self, scoring: Scoring) -> None:
        self.say("No other answer is unscored." if scoring.left else "Every answer is scored. F7 shows the results.")

    def action_scroll(self, lines: int) -> None:
        """Scroll the answer."""
        self._text.scroll_by(lines)
        self._scrolled()

    def action_page(self, pages: float) -> None:
        """Scroll the answer by pages."""
        self._text.scroll_page(pages)
        self._scrolled()

    def _scrolled(self) -> None:
        self._message = ""
        self.query_one("#status", Bar).show(self._status(self.size.width))

    def action_zoom(self) -> None:
        """The answer alone, or everything."""
        self.toggle_class("-zoom")
        self.call_after_refresh(self._paint_bars)

    def action_info(self) -> None:
        """The whole question and the whole rubric."""
        from molting_tui.ui.dialogs.reader import PageScreen

        scoring, answer = self._places(), self._answer
        if scoring is not None:
            rubric = scoring.rubric
            page = PageScreen(f"Rubric · {show_line(rubric.id, 40)}", lambda width: rubric_lines(rubric, answer, width))
            self.app.push_screen(page)

    def action_copy(self) -> None:
        """Copy the answer."""
        if self._places() is not None and self._answer is not None:
            self.app.copy_to_clipboard(self._answer.text)
            self.say("The answer was sent to your terminal's clipboard (in tmux: set-clipboard on).")

    def action_back(self) -> None:
        """Home."""
        self.app.pop_screen()
