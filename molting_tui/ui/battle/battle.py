"""Battles: two answers to one question, and which is better. Nothing here knows whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from molting_tui.errors import MoltingError
from molting_tui.records.battles import BattleWanted, BlindBattle
from molting_tui.text import pasteable, plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.battle.sides import Side, SidesPane
from molting_tui.ui.battle.votes import Votes
from molting_tui.ui.blind_pass import go_on_with, other_open
from molting_tui.ui.code_keys import CodeKeys
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.pace import Pace
from molting_tui.ui.paragraphs import fit, line
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.battles.battling import Battling
    from molting_tui.ui.battle.choosing import BattleChoice

NEXT_STEP = "F4, then Q, asks a trained model and its base the questions; so does `molting answer`."
OUTCOMES = {"left": "left is better", "right": "right is better", "tie": "tie", "both_bad": "both bad"}
_OF_A_BATTLE = (
    "vote.left", "vote.right", "vote.tie", "vote.both_bad", "vote.skip", "vote.note", "vote.guess", "battle.next_open",
    "battle.info",
)  # fmt: skip


class BattleScreen(FrameScreen[None], CodeKeys):
    """Goes on with your open session, or asks who shall meet."""

    KEYS = keymap.BATTLE
    UNFOLDS = "begin"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.BATTLE)]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._pane = SidesPane()
        self._votes = Votes(self)
        self._battling: Battling | None = None  # until the battles are there, or when there are none
        self._battle: BlindBattle | None = None
        self._at = -1
        """The place one is at, also where its battle can't be read; before the first: -1."""
        self._left = 0
        self._pace = Pace(())
        self._sentences: tuple[str, ...] = ("Looking for battles…",)

    def body(self) -> ComposeResult:
        """Question and both answers."""
        yield self._pane

    def on_mount(self) -> None:
        """Look for battles."""
        self._open()

    def on_resize(self) -> None:
        """Paint at the new size."""
        self._paint(keep_scroll=True)

    @on(Side.Resized)
    def _side_resized(self) -> None:
        self.status.paint()

    # What the parts know of the screen

    @property
    def battle(self) -> BlindBattle | None:
        """The battle in sight; None where sentences stand in its place."""
        return self._battle

    def session(self) -> Battling | None:
        """What is voted on; None (said so) where there is nothing."""
        self.status.clear()
        if self._battling is None:
            self.say("There is no battle here. F6 begins one.")
        return self._battling

    def show_battle(self, place: int, *, keep_scroll: bool = False) -> bool:
        """Go to a battle; False where it can't be read, which stands in its place."""
        if self._battling is None:
            return False
        self._at = place
        try:
            self._battle, self._left = self._battling.item(place), self._battling.left
        except MoltingError as error:
            self._rest(error.sentence(), "j and k go on to the others.")
            return False
        self._sentences = ()
        if not keep_scroll:
            self.another_text()
        self._paint(keep_scroll=keep_scroll)
        return True

    def show_other_open(self, here: int) -> bool:
        """Go from a place to the next other battle without a vote, from the beginning on if need be; False where there
        is none."""
        battling = self._battling
        place = None if battling is None else other_open(battling, here, 1)
        if battling is None or place is None:
            return False
        self.show_battle(place)
        if place < here:
            self.say(f"{plural(self._left, 'battle')} that you left open before.")
        return True

    def rest_at_end(self) -> None:
        """Show what is next, once every battle has its vote."""
        self._at, self._left = -1, 0
        self._rest(
            "Every battle has its vote.",
            "C ends the session and tells who was who, and whether the plan is the one that was sealed.",
            "Until then k goes back to the battles, and u takes the last vote back.",
        )

    def voted_now(self) -> None:
        """Note that a battle was voted on, for the pace."""
        self._pace.decided(datetime.now(UTC))

    def ended(self, sentences: tuple[str, ...]) -> None:
        """Show what a session came to, once it has ended."""
        if not self.is_attached:
            return
        self._battling = None
        self._rest(*sentences, "F7 shows the results, F6 begins other battles, q goes back.")

    # The session

    def _open(self) -> None:
        """Go on with the open session, or ask."""

        def look_for_it() -> Callable[[], None]:
            # Loaded here: the first frame doesn't need it.
            from molting_tui.evaluation.battles.battling import latest_unended
            from molting_tui.overview.taking_in import take_in
            from molting_tui.ui.battle.choosing import BattleChoice

            take_in(self.workspace)
            battling = latest_unended(self.workspace)
            if battling is not None:
                return partial(self._begin, battling)
            return partial(self._ask, BattleChoice(self.workspace))

        self._go_on_with(look_for_it)

    def _go_on_with(self, job: Callable[[], Callable[[], None]]) -> None:
        """Do something that takes its time off the UI thread, and then what follows from it on it."""
        go_on_with(self, "battle", job, self._nothing, "F6 looks for battles.")

    def _ask(self, choice: BattleChoice) -> None:
        if choice.nothing:
            self._nothing("There are no answers to put side by side yet.")
            return

        def start(wanted: BattleWanted) -> Callable[[], None]:
            from molting_tui.evaluation.battles.starting import start

            return partial(self._begin, start(self.workspace, wanted))

        def answered(numbers: tuple[int, ...] | None) -> None:
            if numbers is not None:
                self._rest("Drawing and sealing the plan…")
                self._go_on_with(partial(start, choice.chosen(numbers)))
            elif self._battle is None and self._battling is None and self.is_current:
                self.app.pop_screen()

        self._rest("Two answers to one question, side by side, and nobody is told whose they are before the end.")
        self.app.push_screen(choice.screen(), answered)

    def _begin(self, battling: Battling) -> None:
        self._battling = battling
        session = battling.session
        self._left = session.battles - session.voted
        place = battling.resume_place()
        if place is None:
            self.rest_at_end()
        elif session.voted:
            self.show_battle(place)
        else:
            self._rest(
                f"{plural(battling.total, 'battle')}. Which answer is better? 1 the left one, 2 the right one, "
                "3 a tie, 0 both bad.",
                *filter(None, (str(session.payload.get("capacity", "")), _seen_sentence(session.payload))),
                f"The plan is sealed: {battling.commitment}",
                "At the end this shows that nobody changed order, sides or answers. j or enter shows the first battle.",
            )

    def _nothing(self, sentence: str) -> None:
        if self._battle is not None:  # one was voting, and goes on
            self.say(sentence)
        else:
            self._rest(sentence, NEXT_STEP, "F6 looks again, q goes back.")

    def again(self) -> None:
        """F6 on this screen: look for battles again where none is in sight."""
        self.status.clear()
        if self._battle is None:
            self._open()
        else:
            self.say("These are your battles. C ends them.")

    # Painting

    def _rest(self, *sentences: str) -> None:
        self._battle, self._sentences = None, sentences
        self._paint()

    def _paint(self, *, keep_scroll: bool = False) -> None:
        if not self.size.width:
            return
        if self._battle is not None:
            self._pane.code = self.code_view()
            self._pane.show_battle(self._battle, keep_scroll=keep_scroll)
        else:
            self._pane.show_sentences(self._sentences, keep_scroll=keep_scroll)
        self._paint_bars()

    def _paint_bars(self) -> None:
        title = "Battle" if self._battling is None else f"Battle · sealed {self._battling.commitment[:4]}…"
        without: tuple[str, ...] = ()
        also: tuple[str, ...] = ()
        if self._battling is None:
            without, also = (*_OF_A_BATTLE, "vote.undo", "battle.end"), ("app.results",)
        elif self._battle is None:
            without, also = _OF_A_BATTLE, ("app.results",) if self._left == 0 else ("battle.begin",)
        self.paint_frame(title, self._figure(), without=without, also=also)

    def _figure(self) -> str:
        if self._battling is None:
            return ""
        if self._battle is None:
            return plural(self._battling.total, "battle")
        return f"battle {self._battle.place + 1:,} of {self._battling.total:,} · names hidden"

    def where(self, width: int) -> Strip:
        """The place among the battles, what was said of this one, the pace."""
        battling, battle = self._battling, self._battle
        if battling is None or battle is None:
            return line("")
        parts = [f"{battle.place + 1:,} of {battling.total:,}", f"{self._left:,} left"]
        if battle.outcome:
            parts.append(f"{look.KEPT_SIGN} {OUTCOMES[battle.outcome]}")
        elif battle.skipped:
            parts.append(f"{look.SKIPPED_SIGN} skipped")
        if battle.guess:
            parts.append(f"guess: {battle.guess} is newer")
        pace = self._pace.sentence(self._left)
        if pace:
            parts.append(pace)
        if self._pane.more_below:
            parts.append("J more below")
        if battle.note:
            parts.append(f"“{show_line(battle.note, 60)}”")
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    # Moving about

    def action_move(self, step: int) -> None:
        """Next or previous battle."""
        battling = self.session()
        if battling is None:
            return
        if self._at < 0:  # before the first, or after the last
            self.show_battle(battling.total - 1 if step < 0 else battling.resume_place() or 0)
        elif 0 <= self._at + step < battling.total:
            self.show_battle(self._at + step)
        else:
            self.say("This is the first battle." if step < 0 else "This is the last battle.")

    def action_begin(self) -> None:
        """From the page before the first battle to it; in a battle long code is shown whole, or folded again."""
        if self._battle is not None:
            self.action_fold_code()
        elif self._battling is not None:
            self.action_move(1)

    def action_end(self, last: int) -> None:
        """First or last battle."""
        battling = self.session()
        if battling is not None:
            self.show_battle(battling.total - 1 if last else 0)

    def action_move_open(self, step: int) -> None:
        """Next or previous battle without a vote."""
        battling = self.session()
        if battling is None:
            return
        place = other_open(battling, self._at, step)
        if place is not None:
            self.show_battle(place)
        else:
            self.say("No other battle is open." if battling.left else "Every battle has its vote: C ends.")

    def action_scroll(self, lines: int) -> None:
        """Scroll both sides by lines."""
        self._pane.scroll_by(lines)
        self._scrolled()

    def action_page(self, pages: float) -> None:
        """Scroll both sides by pages or parts of one."""
        self._pane.scroll_page(pages)
        self._scrolled()

    def _scrolled(self) -> None:
        self.status.clear()
        self.status.paint()

    def action_zoom(self) -> None:
        """The answers alone, or everything."""
        self.toggle_class("-zoom")

    def action_info(self) -> None:
        """The whole question, the rubric as guidance, and the whole seal."""
        from molting_tui.ui.battle.info import info_lines
        from molting_tui.ui.dialogs.reader import PageScreen

        battling, battle = self.session(), self._battle
        if battling is not None:
            page = PageScreen("Battle · question and rubric", lambda width: info_lines(battling, battle, width))
            self.app.push_screen(page)

    def code_texts(self) -> Iterable[str]:
        """Both answers."""
        return [self._battle.left, self._battle.right] if self._battle is not None else []

    def code_lines(self) -> Sequence[Strip]:
        """The lines of both in sight."""
        return self._pane.lines_in_sight()

    def paint_code(self) -> None:
        """Paint both from where one has read."""
        self.status.clear()
        self._paint(keep_scroll=True)

    def action_copy(self) -> None:
        """Copy both answers."""
        if self.session() is not None and self._battle is not None:
            both = f"LEFT\n{self._battle.left}\n\nRIGHT\n{self._battle.right}"
            self.app.copy_to_clipboard(pasteable(both))
            self.say("Both answers were sent to your terminal's clipboard (in tmux: set-clipboard on).")

    def action_back(self) -> None:
        """Go home."""
        self.app.pop_screen()

    # What is said

    def action_vote(self, outcome: str) -> None:
        """Say which answer is better, and go on."""
        self._votes.vote(outcome)

    def action_skip(self) -> None:
        """Leave the battle open and go to the next open one."""
        self._votes.skip()

    def action_guess(self) -> None:
        """Ask which one is taken for the newer version."""
        self._votes.guess()

    def action_note(self) -> None:
        """Ask for a note."""
        self._votes.note()

    def action_undo(self) -> None:
        """Take back the latest vote, guess or note, and go to its battle."""
        self._votes.undo()

    def action_redo(self) -> None:
        """Bring it back, and go to its battle."""
        self._votes.redo()

    def action_close(self) -> None:
        """Ask whether the session shall end."""
        from molting_tui.ui.battle.ending import ask_to_end

        battling = self.session()
        if battling is not None:
            ask_to_end(self, battling)


def _seen_sentence(payload: dict[str, object]) -> str:
    seen = payload.get("seen")
    if not isinstance(seen, int) or not seen:
        return ""
    return f"You have seen {plural(seen, 'answer')} of these by name: votes on them aren't blind, and are told so."
