"""Scoring: shuffled answers, one at a time, each dimension one digit. Nothing here knows whose answer it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from molting_tui.errors import MoltingError
from molting_tui.records.evaluation import BlindAnswer
from molting_tui.text import pasteable, plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.blind_pass import go_on_with, other_open
from molting_tui.ui.code_keys import CodeKeys
from molting_tui.ui.frame import ReadingScreen
from molting_tui.ui.pace import Pace
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.score.answer_pane import AnswerPane
from molting_tui.ui.score.choosing import choice_of
from molting_tui.ui.score.rating_sheet import rubric_lines
from molting_tui.ui.score.ratings import ALL_SCORED, NO_OTHER_OPEN, Ratings
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.scoring.blind_session import Scoring
    from molting_tui.evaluation.scoring.open_answers import Choices, Wanted

NEXT_STEP = "F4, then Q, asks a trained model and its base the questions; so does `molting answer`."
_LEVELS = "rate.level"
LEAST_FOR_HINTS = 20
"""Lines of the terminal below which an answer and its sheet need all of them."""
_OF_AN_ANSWER = (
    _LEVELS, "rate.not_applicable", "rate.skip", "rate.note", "rate.next_dimension", "answer.next_open", "rubric.info",
    "answer.flags",
)  # fmt: skip


class ScoreScreen(ReadingScreen, CodeKeys):
    """Goes on with your open session, or asks what to score (`wanted`: or starts that at once)."""

    KEYS = keymap.SCORE
    # One binding for ten keys can't tell them apart: the digits are bound one by one, below.
    BINDINGS: ClassVar[list[BindingType]] = [key for key in keymap.bindings(keymap.SCORE) if key.id != _LEVELS]
    PALETTE = (("Score something else…", "Choose rubric, questions and language anew", "screen.choose"),)

    def __init__(self, workspace: Workspace, wanted: Wanted | None = None) -> None:
        super().__init__(workspace)
        self._wanted = wanted
        self._pane = AnswerPane()
        self.text = self._pane.text
        self._ratings = Ratings(self)
        self._scoring: Scoring | None = None  # until the answers are there, or when none waits
        self._answer: BlindAnswer | None = None
        self._dimension = 0
        self._blind = True
        self._known = 0  # answers that were seen by name before the session
        self._pace = Pace(())
        self._sentences: tuple[str, ...] = ("Looking for answers…",)
        levels = next(key for key in keymap.actions(keymap.SCORE, workspace.settings.keys) if key.id == _LEVELS)
        for level, key in enumerate(levels.keys.split(",")):
            self._bindings.bind(key.strip(), f"rate({level})", show=False)

    def body(self) -> ComposeResult:
        """Question, answer, sheet."""
        yield self._pane

    def on_mount(self) -> None:
        """Look for answers."""
        self._open()

    def on_resize(self) -> None:
        """Paint at the new size."""
        self._paint(keep_scroll=True)

    # What the parts know of the screen

    @property
    def answer(self) -> BlindAnswer | None:
        """The answer in sight; None where sentences stand in its place."""
        return self._answer

    @property
    def dimension(self) -> int:
        """The dimension one is at: its place in the rubric."""
        return self._dimension

    @property
    def anchors_hidden(self) -> bool:
        """Whether the answer has the screen for itself, so that nobody sees what a level means."""
        return self.has_class("-zoom")

    def session(self) -> Scoring | None:
        """What is scored; None (said so) where there is nothing."""
        self.status.clear()
        if self._scoring is None:
            self.say("There is no answer here to score.")
        return self._scoring

    def show_answer(self, place: int) -> bool:
        """Go to an answer; False where it can't be read, which the status line says."""
        scoring = self._scoring
        if scoring is None:
            return False
        try:
            answer, self._blind = scoring.item(place), scoring.blind and self._known < scoring.total
        except MoltingError as error:
            self.say(error.sentence())
            return False
        self._answer, self._sentences = answer, ()
        self.another_text()
        names = [dimension.id for dimension in scoring.rubric.dimensions]
        self._dimension = next((at for at, name in enumerate(names) if name not in answer.levels), 0)
        self._paint()
        return True

    def show_dimension(self, dimension: int) -> None:
        """Show the answer in sight as it is stored now, at a dimension."""
        if self._scoring is not None and self._answer is not None:
            self._answer = self._scoring.item(self._answer.place)
            self._dimension = dimension
            self._paint(keep_scroll=True)

    def show_other_open(self, here: int) -> bool:
        """Go from a place to the next other answer that isn't scored, from the beginning on if need be; False where
        there is none."""
        scoring = self._scoring
        place = None if scoring is None else other_open(scoring, here, 1)
        if scoring is None or place is None:
            return False
        self.show_answer(place)
        if place < here:
            self.say(f"{plural(scoring.left, 'answer')} that you left open before.")
        return True

    def rest(self, *sentences: str) -> None:
        """Show sentences in place of an answer."""
        self._answer, self._sentences = None, sentences
        self._paint()

    def scored_now(self) -> None:
        """Note that an answer was scored whole, for the pace."""
        self._pace.decided(datetime.now(UTC))

    # The session

    def _open(self) -> None:
        """Go on with the open session, or with what was wanted, or ask."""

        def look() -> Callable[[], None]:
            # Loaded here: the first frame doesn't need it.
            from molting_tui.evaluation.scoring.blind_session import waiting
            from molting_tui.evaluation.scoring.open_answers import Wanted, choices, going_on
            from molting_tui.overview.taking_in import take_in

            # What the problems say names runs, and runs name contenders: here only their number may be told.
            troubles = len(take_in(self.workspace).problems)
            wanted, self._wanted = self._wanted, None
            if wanted is not None and wanted != Wanted():
                return self._starter(wanted)
            scoring = going_on(self.workspace)
            if scoring is not None:
                return lambda: self._begin(scoring, troubles)
            return partial(self._ask, choices(self.workspace), waiting(self.workspace))

        self._go_on_with(look)

    def _starter(self, wanted: Wanted) -> Callable[[], None]:
        from molting_tui.evaluation.scoring.open_answers import begin

        scoring = begin(self.workspace, wanted)
        return lambda: self._begin(scoring, 0)

    def _go_on_with(self, job: Callable[[], Callable[[], None]]) -> None:
        """Do something that takes its time off the UI thread, and then what follows from it on it."""
        go_on_with(self, "score", job, self._nothing, "F5 looks for answers.")

    def _begin(self, scoring: Scoring, troubles: int) -> None:
        from molting_tui.evaluation.scoring.edited_rubrics import file_changed

        self._scoring, self._known = scoring, scoring.seen
        if not self.show_answer(scoring.resume_place()):
            return
        if file_changed(self.workspace, scoring.rubric):
            self.say(f"{show_line(scoring.rubric.id, 24)} was edited; this session goes on by its old words.")
        elif troubles:
            self.say(f"{plural(troubles, 'file')} of answers could not be read whole; `molting results` says which.")
        elif self._known and scoring.blind:
            self.say(
                f"You saw {self._known:,} of these {scoring.total:,} by name or by score: not blind, and stored so."
            )

    def _nothing(self, sentence: str) -> None:
        if self._answer is not None:  # one was scoring, and goes on
            self.say(sentence)
        else:
            self.rest(sentence, NEXT_STEP, "F7 shows the results, F5 looks again, q goes back.")

    def closed(self, number: int, sentence: str) -> None:
        """Note that a session was closed: one's own goes out of sight."""
        if self._scoring is not None and self._scoring.number == number:
            self._scoring = None
            self.rest(sentence, "F5 begins another one with what is left, F7 shows the results, q goes back.")
        else:
            self.say(sentence)

    def again(self) -> None:
        """F5 on this screen: look for answers again where there is none in sight, else choose anew."""
        if self._answer is None:
            self.status.clear()
            self._open()
        else:
            self.action_choose()

    def action_choose(self) -> None:
        """Choose anew what to score; what is scored stays scored."""
        from molting_tui.evaluation.scoring.blind_session import waiting
        from molting_tui.evaluation.scoring.open_answers import choices

        self.status.clear()
        self._ask(choices(self.workspace), waiting(self.workspace))

    def _ask(self, choices: Choices, waiting: int) -> None:
        choice = choice_of(self.workspace, choices, self._nothing)
        if choice is None:
            return

        def answered(numbers: tuple[int, ...] | None) -> None:
            if numbers is not None:
                self._go_on_with(partial(self._starter, choice.chosen(numbers)[1]))
            elif self._answer is None and self._scoring is None and self.is_current:
                self.app.pop_screen()

        if self._answer is None:
            verb = "waits" if waiting == 1 else "wait"
            self.rest(
                f"{plural(waiting, 'answer')} {verb} that you have not scored by any rubric."
                if waiting
                else "You have scored every answer by one rubric or another. Another rubric may be chosen below."
            )
        self.app.push_screen(choice.screen(), answered)

    # Painting

    def _paint(self, *, keep_scroll: bool = False) -> None:
        if not self.size.width:
            return
        scoring, answer = self._scoring, self._answer
        if scoring is not None and answer is not None:
            self._pane.code = self.code_view()
            hints = self._hints(answer) if answer.scored(scoring.rubric) else []
            moved = self._pane.show_answer(
                scoring.rubric, answer, self._dimension, hints=hints, keep_scroll=keep_scroll
            )
        else:
            moved = self._pane.show_sentences(self._sentences, keep_scroll=keep_scroll)
        self._paint_bars()
        if moved:
            self.call_after_refresh(self._paint_bars)  # how much of the answer is seen is known then

    def _hints(self, answer: BlindAnswer) -> list[Strip]:
        """What a machine noticed in an answer that was scored, in two lines; none where that can't be told yet."""
        from molting_tui.evaluation.noticing.hints import answer_of, hint_rows, hints_of, not_to_be_told
        from molting_tui.ui.score.flag_lines import hint_lines

        if self.size.height < LEAST_FOR_HINTS:
            return []
        try:
            if not_to_be_told(self.workspace, answer.uuid):
                return []
            stored = answer_of(self.workspace, answer.uuid)
            stands = hints_of(self.workspace, [stored])[stored.id]
        except MoltingError as error:
            self.say(error.sentence())
            return []
        opens = next(
            key for key in keymap.actions(keymap.SCORE, self.workspace.settings.keys) if key.id == "answer.flags"
        )
        key_name = keymap.key_name(opens.keys.split(",")[0])
        return hint_lines(hint_rows(stored, stands), stands.confirmed, self.size.width, key_name)

    def _paint_bars(self) -> None:
        name = show_line(self._scoring.rubric.id, 40) if self._scoring is not None else ""
        title = f"Score · {name}" if name else "Score"
        if self._answer is None:
            self.paint_frame(title, self._figure(), keys=self._keys(), also=("app.results",), without=_OF_AN_ANSWER)
        else:
            self.paint_frame(title, self._figure(), keys=self._keys(), without=self._useless())

    def _keys(self) -> dict[str, str]:
        """The user's keys, with the digits that the rubric's scale has for its levels."""
        keys = dict(self.workspace.settings.keys)
        if self._scoring is not None:
            chosen = keys.get(_LEVELS, "0,1,2,3,4,5,6,7,8,9").split(",")
            levels = [keymap.key_name(chosen[at].strip()) for at in self._scoring.rubric.scale if at < len(chosen)]
            keys[_LEVELS] = " ".join(levels) if len(levels) < 6 else f"{levels[0]} … {levels[-1]}"
        return keys

    def _useless(self) -> tuple[str, ...]:
        """The keys that can do nothing under this rubric, or of this answer yet."""
        rubric = self._scoring.rubric if self._scoring is not None else None
        takes_none = rubric is not None and any(each.na_when for each in rubric.dimensions)
        scored = rubric is not None and self._answer is not None and self._answer.scored(rubric)
        return (*(() if takes_none else ("rate.not_applicable",)), *(() if scored else ("answer.flags",)))

    def _figure(self) -> str:
        if self._scoring is None:
            return ""
        if self._answer is None:
            return f"{plural(self._scoring.total, 'answer')} · {self._scoring.left:,} left"
        hidden = "contender hidden" if self._blind else "not blind: names were shown"
        return f"answer {self._answer.place + 1:,} of {self._scoring.total:,} · {hidden}"

    def where(self, width: int) -> Strip:
        """The place among the answers, what was said of this one, the pace."""
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
        if self.text.more_below:
            parts.append("J more below")
        if answer.note:
            parts.append(f"“{show_line(answer.note, 60)}”")
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    # Moving about

    def action_move(self, step: int) -> None:
        """Next or previous answer."""
        scoring = self.session()
        if scoring is None:
            return
        if self._answer is None:  # all are scored: the last one is the one before
            self.show_answer(scoring.total - 1 if step < 0 else 0)
        elif 0 <= self._answer.place + step < scoring.total:
            self.show_answer(self._answer.place + step)
        else:
            self.say("This is the first answer." if step < 0 else "This is the last answer.")

    def action_end(self, last: int) -> None:
        """First or last answer."""
        scoring = self.session()
        if scoring is not None and scoring.total:
            self.show_answer(scoring.total - 1 if last else 0)

    def action_move_open(self, step: int) -> None:
        """Next or previous answer that isn't scored."""
        scoring = self.session()
        if scoring is None:
            return
        place = other_open(scoring, self._answer.place if self._answer is not None else -1, step)
        if place is not None:
            self.show_answer(place)
        else:
            self.say(NO_OTHER_OPEN if scoring.left else ALL_SCORED)

    def action_dimension(self, step: int) -> None:
        """Next or previous dimension."""
        scoring = self.session()
        if scoring is not None and self._answer is not None:
            self._dimension = (self._dimension + step) % len(scoring.rubric.dimensions)
            self._paint(keep_scroll=True)

    def scrolled(self) -> None:
        """Tell where one is: what was said before is read."""
        self.status.clear()
        super().scrolled()

    def action_zoom(self) -> None:
        """The answer alone, or everything."""
        self.toggle_class("-zoom")
        self.call_after_refresh(self._paint_bars)

    def action_info(self) -> None:
        """The whole question and the whole rubric."""
        from molting_tui.ui.dialogs.reader import PageScreen

        scoring, answer = self.session(), self._answer
        if scoring is not None:
            rubric = scoring.rubric
            page = PageScreen(f"Rubric · {show_line(rubric.id, 40)}", lambda width: rubric_lines(rubric, answer, width))
            self.app.push_screen(page)

    def code_texts(self) -> Iterable[str]:
        """The answer."""
        return [self._answer.text] if self._answer is not None else []

    def paint_code(self) -> None:
        """Paint the answer from where one has read."""
        self.status.clear()
        self._paint(keep_scroll=True)

    def action_copy(self) -> None:
        """Copy the answer."""
        if self.session() is not None and self._answer is not None:
            self.app.copy_to_clipboard(pasteable(self._answer.text))
            self.say("The answer was sent to your terminal's clipboard (in tmux: set-clipboard on).")

    # What is said

    def action_rate(self, level: int | None = None) -> None:
        """Give the current dimension a level and go on."""
        self._ratings.rate(level)

    def action_not_applicable(self) -> None:
        """Say that the current dimension can't be judged, and go on."""
        self._ratings.not_applicable()

    def action_skip(self) -> None:
        """Leave the answer open and go to the next open one."""
        self._ratings.skip()

    def action_note(self) -> None:
        """Ask for a note."""
        self._ratings.note()

    def action_flags(self) -> None:
        """What a machine noticed in the answer, to overrule: once it is scored."""
        from molting_tui.evaluation.noticing.hints import not_to_be_told
        from molting_tui.ui.score.flags import FlagsScreen

        scoring, answer = self.session(), self._answer
        if scoring is None or answer is None:
            return
        if not answer.scored(scoring.rubric):
            self.say("Score the answer first: its flags are told after it.")
        elif why := not_to_be_told(self.workspace, answer.uuid):
            self.say(why)
        else:
            title = f"answer {answer.place + 1:,} of {scoring.total:,}"
            self.app.push_screen(
                FlagsScreen(self.workspace, answer.uuid, title), lambda _: self._paint(keep_scroll=True)
            )

    def action_close(self) -> None:
        """Ask which open session to close for good."""
        from molting_tui.ui.score.closing import ask_to_close

        self.status.clear()
        ask_to_close(self)

    def action_undo(self) -> None:
        """Take back the latest rating or note, and go to its answer."""
        self._ratings.undo()

    def action_redo(self) -> None:
        """Bring it back, and go to its answer."""
        self._ratings.redo()
