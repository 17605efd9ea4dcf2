"""Triage: one pair at a time, decided by one key."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.strip import Strip
from textual.worker import get_current_worker

from molting_tui.curation.filters import parse
from molting_tui.curation.triage import Desk
from molting_tui.errors import BadFilter, MoltingError
from molting_tui.records.events import Event, Undone
from molting_tui.records.pairs import Counts, Pair, State
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.conversation import conversation, first_mark, title_line
from molting_tui.ui.facts import facts_lines
from molting_tui.ui.frame import keys_line, top_line
from molting_tui.ui.pace import Pace
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.screens.ask import AskScreen, ConfirmScreen, WorkScreen
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.ui.widgets.pair_list import PairList

NARROW = 100
"""Below this width the text has the screen, and the list comes and goes."""
LOOK_AGAIN_SECONDS = 2.0
"""How often to see whether somebody else changed the workspace. Nothing is painted if nobody did."""
NO_PAIR = "There is no pair in this list."
REASONS = ("agent talk", "wrong", "needs its context", "private", "not the voice")


class TriageScreen(Screen[None]):
    """The list, the conversation, its facts, where one is."""

    KEYS = keymap.TRIAGE
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TRIAGE)]
    AUTO_FOCUS = ""
    PALETTE = (
        ("Keep all in this list…", "One step, asked first with the count", "screen.bulk('keep')"),
        ("Drop all in this list…", "One step, asked first with the count", "screen.bulk('drop')"),
        ("Reopen all in this list…", "One step, asked first with the count", "screen.bulk('open')"),
        ("Star all in this list…", "One step, asked first with the count", "screen.bulk('star')"),
        ("Tag all in this list…", "One step, asked first with the tag and the count", "screen.bulk_tag"),
        ("Mask secrets in all of this list…", "Rewrites, as one step", "screen.bulk('mask')"),
        ("Repair mojibake in this pair", "Rewrites wrongly decoded letters: Ã© is é", "screen.repair"),
        ("Show everything", "Take the filter away", "screen.set_filter('')"),
        ("Show open pairs", "state:open", "screen.set_filter('state:open')"),
        ("Show flagged open pairs", "state:open is:flagged", "screen.set_filter('state:open is:flagged')"),
        ("Show kept pairs", "state:keep", "screen.set_filter('state:keep')"),
        ("Show secrets", "flag:secret", "screen.set_filter('flag:secret')"),
    )

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
        self._counts = counts
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
            self._message = show_line(error.sentence(), 300)
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
        self._message = show_line(message, 300)
        self.query_one("#status", Bar).show(self._status(self.size.width))

    # Saying something of the pair

    def action_decide(self, word: str) -> None:
        """Keep, drop or skip, and go on."""
        self._decide(word)

    def _decide(self, word: str, reason: str = "") -> None:
        pair = self._pair
        if pair is None:
            return
        if self._do(lambda: self._desk.decide(pair, word, reason), pair):
            self._pace.decided(datetime.now(UTC))
            self._go_on()

    def _do(self, say: Callable[[], object], pair: Pair) -> bool:
        self._message = ""
        try:
            say()
            self._after(pair)
        except MoltingError as error:
            self.say(error.sentence())
            return False
        return True

    def _after(self, before: Pair) -> None:
        after = self._desk.pair(before.id)
        if self._counts is not None:
            self._counts = moved(self._counts, before, after)
        self._list.changed([self._list.cursor])
        if self._pair is not None and self._pair.id == after.id:
            self._pair = after

    def _go_on(self) -> None:
        if self._list.cursor + 1 < len(self._list.ids):
            self._list.move_to(self._list.cursor + 1)
            self._show_pair()
        else:
            self._message = "This was the last pair of the list. F chooses another, q goes home."
            self._paint_pair()

    def action_drop_with_reason(self) -> None:
        """Ask why, then drop."""
        if self._pair is None:
            return

        def answered(reason: str | None) -> None:
            if reason is not None:
                numbered = {str(number): words for number, words in enumerate(REASONS, 1)}
                self._decide("drop", numbered.get(reason.strip(), reason.strip()))

        hint = " · ".join(f"{number} {reason}" for number, reason in enumerate(REASONS, 1))
        self.app.push_screen(AskScreen("Drop it, because…", hints=(hint, "A number, or your own words.")), answered)

    def action_star(self) -> None:
        """Star or unstar."""
        pair = self._pair
        if pair is not None and self._do(lambda: self._desk.star(pair), pair):
            self._paint_pair(keep_scroll=True)

    def action_tag(self) -> None:
        """Ask for a tag; tag or untag."""
        pair = self._pair
        if pair is None:
            return

        def answered(name: str | None) -> None:
            if name and self._do(lambda: self._desk.tag(pair, name), pair):
                self._paint_pair(keep_scroll=True)

        tags = self._desk.tags()
        known = ", ".join(show_line(tag, 20) for tag in tags[:12])
        hints = (
            f"In use: {known}" if known else "One word, for example voice.",
            "A tag that the pair has is taken away.",
        )
        self.app.push_screen(AskScreen("Tag", hints=hints), answered)

    def action_comment(self) -> None:
        """Ask for a comment."""
        pair = self._pair
        if pair is None:
            return

        def answered(text: str | None) -> None:
            if text is not None and self._do(lambda: self._desk.comment(pair, text), pair):
                self._paint_pair(keep_scroll=True)

        self.app.push_screen(
            AskScreen("Comment", value=pair.comment, hints=("Empty takes the comment away.",)), answered
        )

    def action_mask(self) -> None:
        """Mask what the rules call secret or personal in this pair."""
        pair = self._pair
        if pair is None:
            return
        if not any(flag.family in ("secret", "personal") for flag in pair.flags):
            self.say("No rule finds a secret or personal data in this pair.")
            return
        if self._do(lambda: self._desk.mask_secrets(f"id:{pair.id}"), pair):
            self._message = "Masked; what was decided stays. u takes it back."
            self._paint_pair(keep_scroll=True)

    def action_repair(self) -> None:
        """Put wrongly decoded letters right in this pair."""
        pair = self._pair
        if pair is None:
            return
        if not any(flag.family == "mojibake" for flag in pair.flags):
            self.say("No mojibake was found in this pair.")
        elif self._do(lambda: self._desk.repair_mojibake(f"id:{pair.id}"), pair):
            self._message = "Repaired; what was decided stays. u takes it back."
            self._paint_pair(keep_scroll=True)

    def action_rewrite(self) -> None:
        """Rewrite here."""
        from molting_tui.ui.screens.rewrite import RewriteScreen

        pair = self._pair
        if pair is not None:
            self.app.push_screen(RewriteScreen(self._desk, pair), lambda saved: self._rewritten(pair, saved))

    def action_editor(self) -> None:
        """Rewrite the answer in `$EDITOR`."""
        from textual.app import SuspendNotSupported

        from molting_tui.ui.editor import edited

        pair = self._pair
        if pair is None:
            return
        try:
            with self.app.suspend():
                text = edited(pair.response)
        except MoltingError as error:
            self.say(error.sentence())
            return
        except SuspendNotSupported:
            self.say("This terminal can't be given to another editor. e rewrites here.")
            return
        if text is None:
            self.say("Nothing was changed.")
            return
        try:
            self._desk.rewrite(pair, response=text)
        except MoltingError as error:
            self.say(error.sentence())
        else:
            self._rewritten(pair, True)

    def _rewritten(self, pair: Pair, saved: bool | None) -> None:
        if self._do(lambda: None, pair) and saved:
            self._pace.decided(datetime.now(UTC))
            rewritten = self._pair is not None and self._pair.rewritten
            words = (
                f"{look.REWRITTEN_SIGN} rewritten and kept"
                if rewritten
                else f"{look.KEPT_SIGN} kept with its original words"
            )
            self._message = f"{words}. u takes it back."
        self._paint_pair(keep_scroll=True)

    def action_undo(self) -> None:
        """Take back the latest step."""
        self._step_back(self._desk.undo, "Nothing of yours is left to undo.", "undone")

    def action_redo(self) -> None:
        """Bring it back."""
        self._step_back(self._desk.redo, "Nothing to redo.", "done again")

    def _step_back(self, step: Callable[[], object], nothing: str, word: str) -> None:
        try:
            undone = step()
        except MoltingError as error:
            self.say(error.sentence())
            return
        if not isinstance(undone, Undone):
            self.say(nothing)
            return
        self._list.changed()
        if undone.pairs == 1:
            self._go_to(undone.ids[0])
        self._show_pair()
        self._count()
        many = "" if undone.pairs == 1 else f" ({plural(undone.pairs, 'pair')})"
        self.say(f"{undone.label}: {word}{many}.")

    def _go_to(self, number: int) -> None:
        ids, here = self._list.ids, self._list.cursor
        nearby = range(max(here - 200, 0), min(here + 200, len(ids)))
        for position in sorted(nearby, key=lambda position: abs(position - here)):
            if ids[position] == number:
                self._list.move_to(position)
                return
        if number in ids:
            self._list.move_to(ids.index(number))

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
        from molting_tui.ui.screens.info import InfoScreen

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
        self.put_away()
        self.app.pop_screen()

    # Filter and search

    def action_filter(self) -> None:
        """Ask for a filter."""

        def answered(text: str | None) -> None:
            if text is not None:
                self.action_set_filter(text.strip())

        hints = (
            "words  state:open,keep,drop  flag:agent-speech  is:starred  tag:x  lang:pt  model:opus  len>200",
            "- before a term turns it round; empty shows everything; ? on the list explains each.",
        )
        value = self._filter or "state:open"
        self.app.push_screen(AskScreen("Which pairs?", value=value, hints=hints, check=_filter_mistake), answered)

    def action_set_filter(self, text: str) -> None:
        """Show the pairs that a filter matches."""
        self._message = ""
        self._load(self._pair.id if self._pair else 0, text)

    def action_search(self) -> None:
        """Ask for words."""

        def answered(words: str | None) -> None:
            if words is not None:
                self._message = ""
                self._find(words.strip())

        hints = (
            "Words, the last may be the start of one. n and N go to the next and previous hit. Empty ends the search.",
        )
        self.app.push_screen(AskScreen("Search this list for", value=self._search, hints=hints), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="search")
    def _find(self, words: str) -> None:
        try:
            hits = self._desk.search(self._filter, words) if words else array("q")
        except MoltingError as error:
            self.app.call_from_thread(self.say, error.sentence())
            return
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._found, words, hits)

    def _found(self, words: str, hits: array[int]) -> None:
        self._search, self._hits = words, hits
        if not words:
            self._paint_pair(keep_scroll=True)
        elif not hits:
            self._search = ""
            self._paint_pair(keep_scroll=True)
            self.say(f"No pair of this list has {words}.")
        elif self._pair is not None and self._pair.id in hits:
            self._paint_pair()
        else:
            self.action_hit(1)

    def action_hit(self, step: int) -> None:
        """Next or previous pair with a hit."""
        if not len(self._hits):
            self.say("/ searches first.")
            return
        here = self._list.cursor
        hits = set(self._hits)
        ids = self._list.ids
        count = len(ids)
        for distance in range(1, count + 1):
            position = (here + step * distance) % count
            if ids[position] in hits:
                self._move_to(position)
                return

    # Steps over the whole list

    def action_bulk(self, word: str) -> None:
        """Ask, with the count, then do it to every pair of the list as one step."""
        self._count_matching(lambda total: self._ask_bulk(word, total))

    @work(thread=True, exclusive=True, exit_on_error=False, group="bulk")
    def _count_matching(self, ask: Callable[[int], object]) -> None:
        # Counted anew: pairs decided since the list was made are in it still, but the filter may not match them.
        try:
            total = len(self._desk.matching(self._filter))
        except MoltingError as error:
            self.app.call_from_thread(self.say, error.sentence())
            return
        self.app.call_from_thread(ask if total else lambda _: self.say(NO_PAIR), total)

    def _ask_bulk(self, word: str, total: int) -> None:
        labels = {"open": "Reopen", "mask": "Mask secrets in"}
        which = f"that match {show_line(self._filter, 60)}" if self._filter else "there are"
        question = f"{labels.get(word, word.capitalize())} all {plural(total, 'pair')} {which}? One undo takes it back."
        self.app.push_screen(ConfirmScreen(question), lambda yes: self._bulk(word) if yes else None)

    def _bulk(self, word: str) -> None:
        desk, chosen = self._desk, self._filter
        if word == "mask":
            self._long("Masking secrets", lambda report: desk.mask_secrets(chosen, report))
        elif word == "star":
            self._long("Starring", lambda report: desk.star_where(chosen, True))
        else:
            self._long(f"{word.capitalize()} all", lambda report: desk.decide_where(chosen, word))

    def action_bulk_tag(self) -> None:
        """Ask for a tag, then tag every pair of the list as one step."""
        self._count_matching(self._ask_bulk_tag)

    def _ask_bulk_tag(self, total: int) -> None:
        def answered(name: str | None) -> None:
            if name:
                self._long("Tagging", lambda report: self._desk.tag_where(self._filter, name, True))

        question = f"Tag all {plural(total, 'pair')} of this list as"
        self.app.push_screen(AskScreen(question, hints=("One word.",)), answered)

    def _long(self, title: str, job: Callable[..., int]) -> None:
        self.app.push_screen(WorkScreen[int](title, job, failed=self.say), self._bulk_done)

    def _bulk_done(self, changed: int | None) -> None:
        self._list.changed()
        self._count()
        self._show_pair()
        if changed is not None:
            self.say(f"{plural(changed, 'pair')} changed. u takes it back.")


def moved(counts: Counts, before: Pair, after: Pair) -> Counts:
    """The counts after one pair went from one state to another."""
    by_state = {State.OPEN: counts.open, State.KEEP: counts.keep, State.DROP: counts.drop}
    by_state[before.state] -= 1
    by_state[after.state] += 1
    rewritten = counts.rewritten + after.rewritten - before.rewritten
    return Counts(by_state[State.OPEN], by_state[State.KEEP], by_state[State.DROP], rewritten)


def _filter_mistake(text: str) -> str:
    try:
        parse(text)
    except BadFilter as error:
        return error.sentence()
    return ""
