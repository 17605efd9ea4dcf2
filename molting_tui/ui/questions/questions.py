"""The question bank: what is proposed, asked and dropped, and one of them with all that helps to decide on it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget

from molting_tui.errors import Refused
from molting_tui.evaluation.bank.bank import Bank, Change
from molting_tui.records.bank import STATUSES, BankQuestion, Status
from molting_tui.records.evaluation import ROLES, Role
from molting_tui.records.events import Undone
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.code_keys import CodeKeys
from molting_tui.ui.list_screen import ListScreen, TextSide
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.prose import CodeView
from molting_tui.ui.questions.question_lines import history_lines, question_lines, title_words, warnings_of
from molting_tui.ui.questions.question_list import QuestionList
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.evaluation.bank.contamination import Checked

EMPTY = "The bank is empty. p proposes questions: from kept pairs, in other words, and for what nobody asks."
_VIEWS: tuple[tuple[Status, ...], ...] = (("proposed", "open"), ("proposed",), ("open",), ("dropped",), STATUSES)
_GROUP = "catalogue"
"""Work whose outcome the next key is meant for."""


class _Wanted(NamedTuple):
    """What somebody wants a question to become; `done` is what is said then."""

    entry: BankQuestion
    change: Change
    status: Status
    done: str


class QuestionsScreen(ListScreen, CodeKeys):
    """The list of the bank's questions, and beside it one of them."""

    KEYS = keymap.QUESTIONS
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.QUESTIONS)]
    THING = "question"
    NOTHING = EMPTY
    ENDS = ("This is the first question.", "This is the last question.")

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._desk = Bank(workspace)
        self._list = QuestionList(id="questions")
        self._title = Bar(id="question-title")
        self.text = Lines(id="question-text")
        self._every: list[BankQuestion] = []
        self._chosen = ""  # the uid of the question that is looked at
        self._view = 0
        self._checked: Checked | None = None

    def sides(self) -> tuple[Widget, TextSide]:
        """The list, and the question."""
        return self._list, TextSide(self._title, self.text)

    def cursor_of(self) -> tuple[int, int]:
        """Which question is looked at, and how many are listed."""
        return self._list.cursor, len(self._list.items)

    def on_screen_resume(self) -> None:
        """Read the bank again: it may have grown meanwhile."""
        self._read()
        self._check()

    # Looking

    def _read(self) -> None:
        self.in_background(_GROUP, self._desk.questions, self._came)

    def _came(self, every: list[BankQuestion]) -> None:
        if not self.is_attached:
            return
        self.list_came()
        self._every = every
        self._show_view()

    def _check(self) -> None:
        """Look both ways between the bank and what is trained: warnings come when they are there."""
        from molting_tui.evaluation.bank.contamination import check_bank

        self.in_background("warnings", lambda: check_bank(self.workspace), self._saw_warnings)

    def _saw_warnings(self, checked: Checked) -> None:
        self._checked = checked
        self.paint()

    def _show_view(self) -> None:
        """List what this view holds, the cursor on the question that was looked at, or where it was."""
        items = [entry for entry in self._every if entry.status in _VIEWS[self._view]]
        uids = [entry.uid for entry in items]
        place = uids.index(self._chosen) if self._chosen in uids else min(self._list.cursor, len(items) - 1)
        self._chosen = uids[place] if items else ""
        self._list.show_items(items, max(place, 0))
        self.paint(top=0)

    @property
    def _here(self) -> BankQuestion | None:
        items = self._list.items
        return items[self._list.cursor] if items else None

    # Painting

    def paint(self, top: int | None = None) -> None:
        """Paint the question as it is now, from a line of it on."""
        if not self.is_attached:
            return
        width = self.text.size.width
        if width:
            self.text.show_lines(self._lines(width), top=self.text.top if top is None else top)
            here = self._here
            self._title.show(line((fit(f" {title_words(here)}", width - 1), look.TITLE)) if here else line(""))
        counts = {status: sum(entry.status == status for entry in self._every) for status in STATUSES}
        figure = ", ".join(f"{number:,} {status}" for status, number in counts.items() if number)
        self.paint_frame("Question bank", figure)

    def _lines(self, width: int) -> list[Strip]:
        here = self._here
        if here is not None:
            warnings = warnings_of(here, self._checked) if self._checked is not None else []
            return list(question_lines(here, warnings, width, self.code_view()))
        if not self.listed:
            return [line("")]
        words = EMPTY if not self._every else f"No question is {' or '.join(_VIEWS[self._view])}. F shows others."
        return list(paragraphs(words, width - 1, indent=1))

    def where(self, width: int) -> Strip:
        """The place in the list, and what the list holds."""
        view = " and ".join(_VIEWS[self._view]) if len(_VIEWS[self._view]) < len(STATUSES) else "all"
        return line((fit(" " + " · ".join([*self.place_words(), view]), width), look.DIM))

    def choose(self, place: int) -> None:
        """Look at another question."""
        self._chosen = self._list.items[place].uid
        self.another_text()
        self._list.show_items(self._list.items, place)
        self.paint(top=0)

    def action_move_open(self, step: int) -> None:
        """To the next or the previous question that is only proposed."""
        cursor, total = self.cursor_of()
        places = range(cursor + step, total if step > 0 else -1, step)
        place = next((place for place in places if self._list.items[place].status == "proposed"), None)
        if place is None:
            self.say("No further question is proposed. p proposes more.")
        else:
            self.go_to_place(place)

    def action_filter(self) -> None:
        """Another choice of statuses."""
        self._view = (self._view + 1) % len(_VIEWS)
        self.status.clear()
        self._show_view()

    def code_texts(self) -> Iterable[str]:
        """What the question says, and what would be a right answer."""
        here = self._here
        return [here.question.prompt, *here.question.followups, here.reference] if here is not None else []

    def paint_code(self) -> None:
        """Paint the question from where one has read."""
        self.status.clear()
        self.paint()

    def action_info(self) -> None:
        """Everything about the question, and who said what of it."""
        here = self._here
        if here is None:
            self.say_nothing_listed()
            return
        from molting_tui.ui.dialogs.reader import TextsScreen

        warnings = warnings_of(here, self._checked) if self._checked is not None else []
        events = self._desk.history(here)

        def lines(width: int, code: CodeView) -> list[Strip]:
            return [*question_lines(here, warnings, width, code), line(""), *history_lines(here, events, width)]

        self.app.push_screen(TextsScreen(title_words(here), self.code_texts(), lines))

    # Deciding

    def action_take(self) -> None:
        """Open the question, and go on to the next that is proposed."""
        here = self._here
        if here is None:
            self.say_nothing_listed()
        elif here.status == "open":
            self.say(f"{here.id} is open already.")
        else:
            self._look_first(_Wanted(here, Change(), "open", f"{here.id} is asked from now on"))

    def action_drop(self) -> None:
        """Drop the question, and go on to the next that is proposed."""
        here = self._here
        if here is None:
            self.say_nothing_listed()
        elif here.status == "dropped":
            self.say(f"{here.id} is dropped already.")
        else:
            self._become(_Wanted(here, Change(), "dropped", f"{here.id} is dropped, and not proposed again"), ())

    def action_role(self) -> None:
        """Give the question the next role."""
        here = self._here
        if here is None:
            self.say_nothing_listed()
            return
        role: Role = ROLES[(ROLES.index(here.question.role) + 1) % len(ROLES)]
        self._look_first(_Wanted(here, Change(role=role), here.status, f"{here.id} is {role}"))

    def action_cluster(self) -> None:
        """Ask which fact the question asks for."""
        here = self._here
        if here is None:
            self.say_nothing_listed()
            return
        from molting_tui.errors import MoltingError
        from molting_tui.ui.dialogs.ask import AskScreen

        def refused(text: str) -> str:
            try:
                self._desk.changed(here, Change(cluster=text.strip()))
            except MoltingError as error:
                return error.sentence()
            return ""

        def chosen(text: str | None) -> None:
            if text and text.strip() != here.question.fact_asked:
                name = text.strip()
                self._look_first(_Wanted(here, Change(cluster=name), here.status, f"{here.id} asks for {name}"))

        known = ", ".join(self._desk.clusters()[:20])
        hint = f"All wordings and languages of one fact have one name. Known: {show_line(known, 200)}"
        self.app.push_screen(
            AskScreen("Which fact does it ask for?", value=here.question.fact_asked, hints=(hint,), check=refused),
            chosen,
        )

    def action_rewrite(self) -> None:
        """Write the question anew."""
        here = self._here
        if here is None:
            self.say_nothing_listed()
            return
        from molting_tui.ui.questions.rewriting import RewriteQuestion

        def answered(change: Change | None) -> None:
            if change is not None and change != Change():
                self._look_first(_Wanted(here, change, here.status, f"{here.id} is rewritten"))

        self.app.push_screen(RewriteQuestion(self._desk, here), answered)

    def action_propose(self) -> None:
        """Propose more questions."""
        from molting_tui.evaluation.bank.proposing import propose

        self.say("Looking for questions …")
        self.in_background(_GROUP, lambda: propose(self.workspace), self._proposed)

    def _proposed(self, entries: list[BankQuestion]) -> None:
        if not entries:
            self.say("There is nothing to propose: keep more pairs, or add a question (`molting questions add`).")
            return
        self._view, self._chosen = 0, entries[0].uid
        self.say(f"{plural(len(entries), 'question')} proposed: a takes, e rewrites, x drops.")
        self._reread()

    def action_undo(self) -> None:
        """Take back the last step on the bank."""
        self._stepped(self._desk.undo(), "Taken back", "take back")

    def action_redo(self) -> None:
        """Bring back the step that was taken back."""
        self._stepped(self._desk.redo(), "Done again", "do again")

    def _stepped(self, step: Undone | None, done: str, todo: str) -> None:
        if step is None:
            self.say(f"There is nothing of yours to {todo} in the bank.")
            return
        self.say(f"{done}: {show_line(step.label, 80)}.")
        before = {entry.uid: entry for entry in self._every}
        self._every = self._desk.questions()
        changed = (entry.uid for entry in self._every if before.get(entry.uid) != entry)
        self._chosen = next(changed, self._chosen)
        self._show_view()
        self._check()

    def _reread(self) -> None:
        """Show the bank as it is now, at once; what speaks against its questions follows."""
        self._every = self._desk.questions()
        self._show_view()
        self._check()

    def _look_first(self, wanted: _Wanted) -> None:
        """Look whether what is trained asks it, where that matters, and do what is wanted or ask what is meant."""
        from molting_tui.evaluation.bank.contamination import refuse_contaminated

        after = self._desk.changed(wanted.entry, wanted.change, wanted.status)
        if after.status != "open" or after.question.role != "generalise":
            self._become(wanted, ())
            return

        def asked_already() -> tuple[tuple[str, ...], str]:
            try:
                return refuse_contaminated(self.workspace, after), ""
            except Refused as refused:
                return (), refused.what

        self.in_background(_GROUP, asked_already, partial(self._looked, wanted))

    def _looked(self, wanted: _Wanted, found: tuple[tuple[str, ...], str]) -> None:
        notes, refused = found
        if not self.is_attached:
            return
        if not refused:
            self._become(wanted, notes)
            return
        from molting_tui.ui.dialogs.choose import ChooseScreen, Row

        meanings = (
            "It may be trained on: it tells what was learnt by heart, and enters no verdict.",
            "Kept pairs that ask it go out of training; for what was trained on them it counts as memory.",
        )

        def chosen(values: tuple[int, ...] | None) -> None:
            if values is None:
                self.say(f"{wanted.entry.id} stays as it was.")
            elif values[0] == 0:
                self._become(wanted._replace(change=wanted.change._replace(role="memory")), ())
            else:
                self._become(wanted, ("the pairs that ask it go out of training",))

        row = Row("take it as", ("memory", "generalise, and promote the pairs out"))
        self.app.push_screen(
            ChooseScreen(show_line(f"{wanted.entry.id}: {refused}", 300), (row,), lambda values: meanings[values[0]]),
            chosen,
        )

    def _become(self, wanted: _Wanted, notes: tuple[str, ...]) -> None:
        """Store what is wanted; after a take or a drop the cursor goes on to the next proposal."""
        entry = wanted.entry
        decided = wanted.status != entry.status
        if wanted.status == "dropped":
            self._desk.drop(entry)
        elif decided:
            self._desk.take(entry, wanted.change.role)
        else:
            self._desk.edit(entry, wanted.change)
        said = ". ".join([wanted.done, *(note.rstrip(".") for note in notes)])
        following = self._next_proposed() if decided else ""
        self._chosen = following or entry.uid
        self.say(f"{said}.")
        self._reread()

    def _next_proposed(self) -> str:
        """The uid of the next question that is proposed, after this one or else before it; empty for none."""
        cursor, total = self.cursor_of()
        places = [*range(cursor + 1, total), *range(cursor)]
        waiting = (self._list.items[place] for place in places if self._list.items[place].status == "proposed")
        return next((entry.uid for entry in waiting), "")
