"""A list of pairs and the one that is read: loading, painting, moving about. What is said of them is elsewhere."""

from __future__ import annotations

from array import array

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.strip import Strip
from textual.worker import get_current_worker

from molting_tui.curation.triage import Desk
from molting_tui.errors import MoltingError
from molting_tui.records.events import Event
from molting_tui.records.pairs import Counts, Pair
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.frame import keys_line, status_text, top_line
from molting_tui.ui.pace import Pace
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.triage.conversation import conversation, first_mark, title_line
from molting_tui.ui.triage.facts import facts_lines
from molting_tui.ui.triage.pair_list import PairList
from molting_tui.ui.widgets.lines import Bar, Lines

NARROW = 100
"""Below this width the text has the screen, and the list comes and goes."""
LOOK_AGAIN_SECONDS = 2.0
"""How often to see whether somebody else changed the workspace. Nothing is painted if nobody did."""
NO_PAIR = "There is no pair in this list."


class PairsScreen(Screen[None]):
    """The list, the conversation, its facts, where one is."""

    KEYS = keymap.TRIAGE
    AUTO_FOCUS = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._filter = ""
        self._pair: Pair | None = None
        self._counts: Counts | None = None
        self._pace = Pace(())
        self._message = ""
        self._hits: array[int] = array("q")
        self._search = ""
        self._loading = True
        self._seen_version = 0

    def compose(self) -> ComposeResult:
        """The frame."""
        yield Bar(id="top")
        with Horizontal(id="body"):
            with Vertical(id="list-side"):
                yield PairList(self._desk.lines, id="list")
            with Vertical(id="text-side"):
                yield Bar(id="title")
                yield Lines(id="text")
                yield Lines(id="facts")
        yield Bar(id="status")
        yield Bar(id="keys")

    def on_mount(self) -> None:
        """Go to where one left."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.set_interval(LOOK_AGAIN_SECONDS, self._look_again)
        try:
            self._pace = Pace(self._desk.decision_times())
            self._filter, number = self._desk.place()
            self._seen_version = self._desk.data_version()
        except MoltingError as error:
            self._loading = False
            self.say(error.sentence())
        else:
            self._load(number)

    def on_resize(self) -> None:
        """Choose the layout, and paint at the new size."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.call_after_refresh(self._paint_all)

    def put_away(self) -> None:
        """Remember the place in the list."""
        if self._pair is not None:
            self._desk.leave_at(self._filter, self._pair.id)

    # Which pairs

    @work(thread=True, exclusive=True, exit_on_error=False, group="filter")
    def _load(self, number: int = 0, filter_text: str | None = None) -> None:
        chosen = self._filter if filter_text is None else filter_text
        try:
            ids = self._desk.matching(chosen)
            if not ids and filter_text is None and chosen:
                chosen, ids = "", self._desk.matching("")  # what was left to do is done
            counts = self._desk.counts()
            position = self._position(ids, number)
        except MoltingError as error:
            self.app.call_from_thread(self.say, error.sentence())
            return
        if not get_current_worker().is_cancelled:  # a later question has been asked meanwhile
            self.app.call_from_thread(self._loaded, chosen, ids, counts, position)

    def _position(self, ids: array[int], number: int) -> int:
        if number:
            try:
                return ids.index(number)
            except ValueError:
                pass
        return self._desk.next_open(ids) or 0

    def _loaded(self, filter_text: str, ids: array[int], counts: Counts, position: int) -> None:
        self._loading = False
        self._filter, self._counts = filter_text, counts
        self._hits = array("q")
        self._search = ""
        self._list.show_ids(ids, position)
        self._show_pair()

    @property
    def _list(self) -> PairList:
        return self.query_one("#list", PairList)

    @property
    def _text(self) -> Lines:
        return self.query_one("#text", Lines)

    def _look_again(self) -> None:
        if self.app.screen is not self:
            return
        try:
            version = self._desk.data_version()
            if version == self._seen_version:
                return
            self._seen_version = version
            self._desk.lines(self._list.ids[:1])  # a list that can't be read stays as it was
            self._list.changed()
            self._count()
            if self._pair is not None:
                self._pair = self._desk.pair(self._pair.id)
                self._paint_pair(keep_scroll=True)
        except MoltingError as error:
            self.say(error.sentence())

    @work(thread=True, exclusive=True, exit_on_error=False, group="count")
    def _count(self) -> None:
        try:
            counts = self._desk.counts()
        except MoltingError:
            return  # said by whoever meets it on the UI thread; the next look counts again
        self.app.call_from_thread(self._counted, counts)

    def _counted(self, counts: Counts) -> None:
        before, self._counts = self._counts, counts
        if before is not None and counts.total != before.total:
            self.say("The pairs of this workspace have changed (an import beside this one?). F shows them anew.")
        self._paint_bars()

    # Painting

    def _show_pair(self) -> None:
        ids = self._list.ids
        try:
            self._pair = self._desk.pair(ids[self._list.cursor]) if len(ids) else None
        except MoltingError as error:
            self.say(error.sentence())
            return
        self._paint_pair()

    def _paint_all(self) -> None:
        if not self._loading:
            self._paint_pair(keep_scroll=True)

    def _paint_pair(self, *, keep_scroll: bool = False) -> None:
        text, pair = self._text, self._pair
        width = text.size.width
        if pair is None:
            text.show_lines(self._nothing(width))
            self.query_one("#title", Bar).show(line(""))
            self.query_one("#facts", Lines).show_lines([])
        else:
            persona = self._desk.workspace.settings.persona
            lines = conversation(pair, width, persona, self._search)
            text.show_lines(lines, top=text.top if keep_scroll else 0)
            if self._search and not keep_scroll:
                text.bring_into_view(first_mark(pair, width, persona, self._search))
            facts = self.query_one("#facts", Lines)
            self.query_one("#title", Bar).show(title_line(pair, width))
            facts.show_lines(facts_lines(pair, self._history(pair), width, facts.size.height))
        self._paint_bars()

    def _history(self, pair: Pair) -> list[Event]:
        try:
            return self._desk.history(pair)
        except MoltingError as error:
            self._message = status_text(error.sentence(), self._desk.workspace.folder)
            return []

    def _nothing(self, width: int) -> list[Strip]:
        if self._filter:
            return [
                line(""),
                line(fit(f"  No pair matches {show_line(self._filter)}.", width)),
                line("  F changes the filter."),
            ]
        return [line(""), line("  There are no pairs yet."), line("  q, then i, imports your sessions.")]

    def _paint_bars(self) -> None:
        width = self.size.width
        self.query_one("#top", Bar).show(top_line(self._desk.workspace.name, "Triage", self._figure(width), width))
        self.query_one("#status", Bar).show(self._status(width))
        self.query_one("#keys", Bar).show(keys_line(self.KEYS, width, self._desk.workspace.settings.keys))

    def _figure(self, width: int) -> str:
        counts = self._counts
        if counts is None:
            return ""
        if width < NARROW:
            return f"{counts.keep:,} ✓  {counts.drop:,} ✗  {counts.rewritten:,} ✎  {counts.open:,} ·"
        return f"{counts.keep:,} kept  {counts.drop:,} dropped  {counts.rewritten:,} rewritten  {counts.open:,} open"

    def _status(self, width: int) -> Strip:
        if self._message:
            return line((fit(f" {self._message}", width), look.MESSAGE))
        if self._loading:
            return line((" counting…", look.DIM))
        total = len(self._list.ids)
        parts = [f"{self._list.cursor + 1 if total else 0:,} of {total:,}"]
        if self._filter:
            parts.append(show_line(self._filter, 60))
        if self._search:
            parts.append(f"/{show_line(self._search, 30)} in {plural(len(self._hits), 'pair')}")
        pace = self._pace.sentence(self._counts.open if self._counts else 0)
        if pace:
            parts.append(pace)
        if self._text.size.height and self._text.more_below:
            parts.append("J more below")
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    def say(self, message: str) -> None:
        """Put a sentence into the status line."""
        self._message = status_text(message, self._desk.workspace.folder)
        self.query_one("#status", Bar).show(self._status(self.size.width))

    # Moving about

    def action_move(self, step: int) -> None:
        """Next or previous pair."""
        self._move_to(self._list.cursor + step)

    def action_end(self, last: int) -> None:
        """First or last pair."""
        self._move_to(len(self._list.ids) - 1 if last else 0)

    def _move_to(self, position: int) -> None:
        self._message = ""
        if not len(self._list.ids):
            self.say(NO_PAIR)
            return
        if not 0 <= position < len(self._list.ids):
            self.say("This is the first pair." if position < 0 else "This is the last pair.")
            return
        if position == self._list.cursor and self._pair is not None:
            self._paint_bars()
            return
        self._list.move_to(position)
        self._show_pair()

    def action_move_open(self, step: int) -> None:
        """Next or previous pair that is open."""
        ids, here = self._list.ids, self._list.cursor
        if not len(ids):
            self.say(NO_PAIR)
            return
        ahead = ids[here + 1 :] if step > 0 else ids[:here][::-1]
        found = self._desk.next_open(ahead)
        if found is None:
            self.say(
                "No open pair after this one. g goes to the first." if step > 0 else "No open pair before this one."
            )
        else:
            self._move_to(here + 1 + found if step > 0 else here - 1 - found)

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self._text.scroll_by(lines)
        self.query_one("#status", Bar).show(self._status(self.size.width))

    def action_page(self, pages: float) -> None:
        """Scroll the text by pages."""
        self._text.scroll_page(pages)
        self.query_one("#status", Bar).show(self._status(self.size.width))

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        self.toggle_class("-list" if self.has_class("-narrow") else "-nolist")
        self.call_after_refresh(self._paint_all)

    def action_zoom(self) -> None:
        """The text alone."""
        self.toggle_class("-zoom")
        self.call_after_refresh(self._paint_all)

    def action_info(self) -> None:
        """Everything about the pair."""
        from molting_tui.ui.triage.info import InfoScreen

        if self._pair is not None:
            self.app.push_screen(InfoScreen(self._desk, self._pair))

    def action_copy(self) -> None:
        """Copy the answer."""
        if self._pair is not None:
            self.app.copy_to_clipboard(self._pair.response)
            self.say("The answer was sent to your terminal's clipboard (in tmux: set-clipboard on).")

    def action_back(self) -> None:
        """Home."""
        if self.has_class("-narrow") and self.has_class("-list"):
            self.action_toggle_list()
            return
        try:
            self.put_away()
        except MoltingError as error:
            self.say(error.sentence())  # the place isn't worth staying for
        self.app.pop_screen()
