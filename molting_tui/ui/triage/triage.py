"""Triage: one pair at a time, decided by one key. A list of pairs, and the one that is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget

from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.records.events import Event
from molting_tui.records.pairs import Counts, Pair
from molting_tui.records.surroundings import Surroundings
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.background import in_background
from molting_tui.ui.code_keys import CodeKeys
from molting_tui.ui.frame import NARROW
from molting_tui.ui.list_screen import ListScreen, TextSide
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.triage.around import Around
from molting_tui.ui.triage.bulk import BulkSteps
from molting_tui.ui.triage.deciding import PairWords
from molting_tui.ui.triage.filter_question import ask_filter
from molting_tui.ui.triage.finding import Chosen, Hits, ask_words, choose, go_on, search
from molting_tui.ui.triage.order_question import ask_order, chosen_by
from molting_tui.ui.triage.pair_list import PairList
from molting_tui.ui.triage.range_words import RangeWords
from molting_tui.ui.triage.reading_pane import ReadingPane
from molting_tui.ui.triage.sight import NO_PAIR
from molting_tui.ui.triage.spoken_keys import SpokenKeys
from molting_tui.ui.triage.tally import Tally

LOOK_AGAIN_SECONDS = 2.0
"""How often to see whether somebody else changed the workspace. Nothing is painted if nobody did."""


class TriageScreen(ListScreen, SpokenKeys, CodeKeys):
    """Pairs, and everything that is said of them."""

    KEYS = keymap.TRIAGE
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TRIAGE)]
    NOTHING = NO_PAIR
    ENDS = ("This is the first pair.", "This is the last pair.")
    PALETTE = (
        ("Keep all in this list…", "One step, asked first with the count", "screen.bulk('keep')"),
        ("Drop all in this list…", "One step, asked first with the count", "screen.bulk('drop')"),
        ("Reopen all in this list…", "One step, asked first with the count", "screen.bulk('open')"),
        ("Star all in this list…", "One step, asked first with the count", "screen.bulk('star')"),
        ("Tag all in this list…", "One step, asked first with the tag and the count", "screen.bulk_tag"),
        ("Mask secrets in all of this list…", "Rewrites, as one step", "screen.bulk('mask')"),
        ("Repair mojibake in this pair", "Rewrites wrongly decoded letters: Ã© is é", "screen.repair"),
        ("Rewrite a message of this pair…", "Any of them, by its number", "screen.message('rewrite')"),
        ("Rewrite a message in your own editor…", "Any of them, by its number", "screen.message('editor')"),
        ("Copy a message of this pair…", "Any of them, by its number", "screen.message('copy')"),
        ("Show everything", "Take the filter away", "screen.set_filter('')"),
        ("Show open pairs", "state:open", "screen.set_filter('state:open')"),
        ("Show new pairs", "is:new: what the latest import brought", "screen.set_filter('is:new')"),
        ("Show flagged open pairs", "state:open is:flagged", "screen.set_filter('state:open is:flagged')"),
        ("Show kept pairs", "state:keep", "screen.set_filter('state:keep')"),
        ("Show secrets", "flag:secret", "screen.set_filter('flag:secret')"),
    )

    def __init__(self, desk: Desk, opened_on: str | None = None) -> None:
        """Where one left the list, or `opened_on` the pairs of a filter."""
        super().__init__(desk.workspace)
        self._opened_on = opened_on
        self._desk = desk
        self._tally = Tally()
        self._list = PairList(desk.lines, id="list")
        self._pane = ReadingPane(desk.workspace.settings.persona)
        self.text = self._pane.text
        self._around = Around(desk)
        self._words = PairWords(desk, self._tally, self)
        self._range_words = RangeWords(desk, self)
        self._bulk = BulkSteps(desk, self)
        self._filter = ""
        self._chosen_by = ""
        self._list_opened = False
        self._hits = Hits()
        self._pair: Pair | None = None
        self._loading = True
        self._version = 0

    def sides(self) -> tuple[Widget, TextSide]:
        """The list, and the pair."""
        return self._list, self._pane

    def cursor_of(self) -> tuple[int, int]:
        """The place of the pair in the list, and how many there are."""
        return self._list.cursor, len(self._list.ids)

    def on_mount(self) -> None:
        """Go to where one left."""
        self.set_interval(LOOK_AGAIN_SECONDS, self._look_again)
        try:
            self._tally.begin(self._desk.decision_times())
            self._version = self._desk.data_version()
        except MoltingError as error:
            self._loading = False
            self.say(error.sentence())
        else:
            self.in_background("filter", self._first_list, self._loaded)

    def _first_list(self) -> Chosen:
        return go_on(self._desk) if self._opened_on is None else choose(self._desk, self._opened_on)

    def put_away(self) -> None:
        """Remember the place in the list."""
        if self._pair is not None:
            self._desk.leave_at(self._filter, self._pair.id)

    # What the parts know of the screen

    @property
    def pair(self) -> Pair | None:
        """The pair that is read; None where the list is empty."""
        return self._pair

    @property
    def marked(self) -> Sequence[int]:
        """The ids of the pairs in the marked range, in list order; none where no range is marked."""
        places = self._list.range
        return self._list.ids[places.start : places.stop]

    @property
    def filter_text(self) -> str:
        """The filter that chose the list."""
        return self._filter

    def read_again(self, before: Pair) -> None:
        """Show the row and the counts after a word about a pair (`before` it). Raises MoltingError."""
        self.status.clear()
        after = self._desk.pair(before.id)
        self._tally.moved(before, after)
        self._list.changed([self._list.cursor])
        if self._pair is not None and self._pair.id == after.id:
            self._pair = after

    def go_on(self) -> None:
        """To the next pair."""
        if self._list.cursor + 1 < len(self._list.ids):
            self._list.move_to(self._list.cursor + 1)
            self._show_pair()
        else:
            self.paint_pair()
            self.say("This was the last pair of the list. F chooses another, q goes home.")

    def end_range(self, *, go_on: bool = False) -> None:
        """Mark nothing any more, and go to the pair after the range, or stay."""
        places = self._list.range
        if not places:
            return
        self._list.end_range()
        if self._list_opened and self.has_class("-narrow") and self.has_class("-list"):
            self.action_toggle_list()
        self._list_opened = False
        if go_on:
            self._list.move_to(places.stop)

    def read_list_again(self, number: int = 0) -> None:
        """Show the list after a step over several pairs; with a pair's number go to it, if it is in the list."""
        self._list.changed()
        position = self._list.position_of(number) if number else None
        if position is not None:
            self._list.move_to(position)
        self._show_pair()
        self._count()

    # Which pairs

    def _loaded(self, chosen: Chosen) -> None:
        self._loading = False
        self.list_came()
        self._filter, self._tally.counts = chosen.filter_text, chosen.counts
        self._chosen_by = chosen_by(chosen.filter_text)
        self.end_range()
        self._hits = Hits()
        self._list.show_ids(chosen.ids, chosen.position)
        self._show_pair()

    def _look_again(self) -> None:
        """Show what somebody else has said of these pairs meanwhile."""
        if self.app.screen is not self:
            return
        try:
            version = self._desk.data_version()
            if version == self._version:
                return
            self._version = version
            self._desk.lines(self._list.ids[:1])  # a list that can't be read stays as it was
            self._list.changed()
            self._count()
            if self._pair is not None:
                self._pair = self._desk.pair(self._pair.id)
                self.paint_pair(keep_scroll=True)
        except MoltingError as error:
            self.say(error.sentence())

    def _count(self) -> None:
        # What goes wrong is said by whoever meets it on the UI thread; the next look counts again.
        in_background(self, "count", self._desk.counts, self._counted, lambda _: None)

    def _counted(self, counts: Counts) -> None:
        before, self._tally.counts = self._tally.counts, counts
        if before is not None and counts.total != before.total:
            self.say("The pairs of this workspace have changed (an import beside this one?). F shows them anew.")
        self._paint_bars()

    def _searched(self, hits: Hits) -> None:
        here = self._pair is not None and self._pair.id in hits.ids
        self._hits = hits if hits.ids else Hits()
        if hits.ids and not here:
            self.action_hit(1)
            return
        self.paint_pair(keep_scroll=not here)
        if hits.words and not hits.ids:
            self.say(f"No pair of this list has {hits.words}.")

    # Painting

    def _show_pair(self) -> None:
        ids = self._list.ids
        try:
            self._pair = self._desk.pair(ids[self._list.cursor]) if len(ids) else None
        except MoltingError as error:
            self.say(error.sentence())
            return
        self.another_text()
        self.paint_pair()

    def paint(self) -> None:
        """Paint the pair from where one has read, once it is there."""
        if not self._loading:
            self.paint_pair(keep_scroll=True)

    def paint_pair(self, *, keep_scroll: bool = False, last_turn: bool = False) -> None:
        """Paint the pair as it is now, or why there is none; `last_turn`: from the last turn after it on."""
        pair = self._pair
        if pair is not None:
            self._pane.code = self.code_view()
            around = self._surroundings(pair)
            words, unfolded = self._hits.words, self._around.before
            self._pane.show_pair(
                pair, self._history(pair), words, around, unfolded, keep_scroll=keep_scroll, last_turn=last_turn
            )
        elif self._filter:
            self._pane.show_sentences((f"No pair matches {show_line(self._filter)}.", "F changes the filter."))
        else:
            self._pane.show_sentences(("There are no pairs yet.", "q, then I, imports your sessions."))
        self._paint_bars()

    def _history(self, pair: Pair) -> Sequence[Event]:
        try:
            return self._desk.history(pair)
        except MoltingError as error:
            self.say(error.sentence())
            return ()

    def _surroundings(self, pair: Pair) -> Surroundings | None:
        try:
            return self._around.of(pair)
        except MoltingError as error:
            self.say(error.sentence())
            return None

    def _paint_bars(self) -> None:
        self.paint_frame("Triage", self._tally.figure(self.size.width >= NARROW))

    def where(self, width: int) -> Strip:
        """The place in the list, what chose it, the pace."""
        if self._loading:
            return line((" counting…", look.DIM))
        total = len(self._list.ids)
        parts = [f"{self._list.cursor + 1 if total else 0:,} of {total:,}"]
        if self._list.range:
            parts.append(f"{len(self._list.range):,} marked: a x X space * t T m speak of all · v ends")
        if self._chosen_by:
            parts.append(show_line(self._chosen_by, 80))
        if self._hits.words:
            parts.append(f"/{show_line(self._hits.words, 30)} in {plural(len(self._hits.ids), 'pair')}")
        pace = self._tally.pace()
        if pace:
            parts.append(pace)
        if self.text.more_below:
            parts.append("J more below")
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    # Moving about

    def choose(self, place: int) -> None:
        """Read another pair."""
        if place == self._list.cursor and self._pair is not None:
            self._paint_bars()
        else:
            self._list.move_to(place)
            self._show_pair()

    def action_move_open(self, step: int) -> None:
        """Next or previous pair that is open."""
        ids, here = self._list.ids, self._list.cursor
        if not len(ids):
            self.say_nothing_listed()
            return
        away = self._desk.next_open(ids[here + 1 :] if step > 0 else ids[:here][::-1])
        if away is not None:
            self.go_to_place(here + 1 + away if step > 0 else here - 1 - away)
        elif step > 0:
            self.say("No open pair after this one. g goes to the first.")
        else:
            self.say("No open pair before this one.")

    def action_hit(self, step: int) -> None:
        """Next or previous pair with a hit."""
        if not self._hits.ids:
            self.say("/ searches first.")
            return
        position = self._hits.next(self._list.ids, self._list.cursor, step)
        if position is not None:
            self.go_to_place(position)

    def action_unfold(self, step: int) -> None:
        """Show one more turn before the pair (-1) or after it (1), from its beginning on; fold where all are shown."""
        pair = self._pair
        if pair is None:
            self.say_nothing_listed()
            return
        self.status.clear()
        try:
            refusal = self._around.more_before(pair) if step < 0 else self._around.more_after(pair)
        except MoltingError as error:
            refusal = error.sentence()
        if refusal:
            self.say(refusal)
        else:
            self.paint_pair(last_turn=step > 0 and self._around.after > 0)

    def code_texts(self) -> Iterable[str]:
        """The words of the pair, and of the turns that are unfolded around it."""
        pair = self._pair
        if pair is None:
            return
        yield from (message.text for message in pair.messages)
        around = self._surroundings(pair)
        if around is not None:
            for turn in (*(around.before if self._around.before else ()), *around.after):
                yield from (turn.human, turn.answer)

    def paint_code(self) -> None:
        """Paint the pair from where one has read."""
        self.paint_pair(keep_scroll=True)

    def action_info(self) -> None:
        """Everything about the pair."""
        from molting_tui.ui.triage.info import InfoScreen

        if self._pair is not None:
            self.app.push_screen(InfoScreen(self._desk, self._pair))

    def leave(self) -> None:
        """Go home; the place in the list is remembered."""
        try:
            self.put_away()
        except MoltingError as error:
            self.say(error.sentence())  # the place isn't worth staying for
        super().leave()

    # Filter and search

    def action_filter(self) -> None:
        """Ask for a filter."""
        ask_filter(self.app, self._desk, self.action_set_filter, value=self._filter)

    def action_set_filter(self, text: str) -> None:
        """Show the pairs that a filter matches."""
        self.status.clear()
        number = self._pair.id if self._pair else 0
        self.in_background("filter", lambda: choose(self._desk, text, number), self._loaded)

    def action_search(self) -> None:
        """Ask for words."""

        def answered(words: str) -> None:
            self.status.clear()
            self.in_background("search", lambda: search(self._desk, self._filter, words), self._searched)

        ask_words(self.app, self._hits.words, answered)

    def end_search(self) -> bool:
        """Take back the one that came last of a range, turns unfolded around the pair, and a search; False without."""
        if self._list.range:
            self.action_range()
            return True
        if self._around.fold():
            self.status.clear()
            self.paint_pair()
            return True
        searching = bool(self._hits.words)
        if searching:
            self._hits = Hits()
            self.status.clear()
            self.paint_pair(keep_scroll=True)
        return searching

    def action_export(self) -> None:
        """Ask where to, and write what is kept of this list."""
        from molting_tui.ui.export.steps import ask_to_export

        ask_to_export(self, self.workspace, self._filter)

    def action_sort(self) -> None:
        """Ask for the order of the list."""
        ask_order(self.app, self._filter, self.action_set_filter)

    def action_range(self) -> None:
        """Begin to mark a range at this pair, or mark nothing any more."""
        self.status.clear()
        if self._list.range:
            self.end_range()
        elif not len(self._list.ids):
            self.say_nothing_listed()
            return
        else:
            self._list.begin_range()
            if self.has_class("-narrow") and not self.has_class("-list"):
                self._list_opened = True
                self.action_toggle_list()
        self._paint_bars()
