"""The statistics screen: the pairs of a filter in figures, and from each line to its pairs and back."""

from __future__ import annotations

import time
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip
from textual.worker import get_current_worker

from molting_tui.curation.statistics import Statistics, statistics
from molting_tui.curation.statistics_lines import Line, Section, narrowed, sections, with_left_out
from molting_tui.curation.triage import Desk
from molting_tui.errors import Cancelled
from molting_tui.records.progress import Progress
from molting_tui.text import plural, show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.frame import FrameScreen
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.statistics.section_rows import Layout, layout, painted_rows
from molting_tui.ui.widgets.lines import Lines
from molting_tui.workspace import Workspace

SOON_SECONDS = 1.0
"""Figures that come within this are waited for by keys that were typed ahead."""


class Shown(NamedTuple):
    """What was counted of which filter."""

    filter_text: str
    figures: Statistics
    sections: tuple[Section, ...]


class StatisticsScreen(FrameScreen[None]):
    """Figures in sections, a cursor on one of the lines."""

    KEYS = keymap.STATISTICS
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.STATISTICS)]

    def __init__(self, workspace: Workspace, filter_text: str = "") -> None:
        super().__init__(workspace)
        self._text = Lines(id="text")
        self._filter = filter_text
        self._shown: Shown | None = None
        self._layout: Layout | None = None
        self._cursor = 0
        self._progress: Progress | None = None
        self._begun = time.monotonic()

    def body(self) -> ComposeResult:
        """The figures."""
        yield self._text

    @property
    def listed(self) -> bool:
        """Whether keys typed ahead go on: the figures are there, or take so long that one may want to leave."""
        return self._counted_now or time.monotonic() - self._begun > SOON_SECONDS

    @property
    def _counted_now(self) -> bool:
        return self._shown is not None and self._shown.filter_text == self._filter

    def on_resize(self) -> None:
        """Lay the figures out anew, the cursor on the same line."""
        self._lay_out()

    def on_screen_resume(self) -> None:
        """Count again: somebody may have decided meanwhile."""
        self._count()

    def set_filter(self, filter_text: str) -> None:
        """Count the pairs of this filter."""
        if filter_text != self._filter:
            self._filter = filter_text
            self._begun = time.monotonic()
            self._count()

    # Counting

    def _count(self) -> None:
        filter_text = self._filter
        self._progress = Progress(0, 0, "figures", "counting")
        self._paint()
        self.in_background("statistics", lambda: self._counted(filter_text), self._show)

    def _counted(self, filter_text: str) -> Shown:
        """The figures; stopped where the screen was left, or another filter is counted by now."""
        worker = get_current_worker()

        def report(progress: Progress) -> None:
            if worker.is_cancelled or self not in self.app.screen_stack:
                raise Cancelled("The statistics were left.")
            self.app.call_from_thread(self._counting, progress)

        figures = statistics(self.workspace, filter_text, report)
        return Shown(filter_text, figures, with_left_out(figures, sections(figures)))

    def _counting(self, progress: Progress) -> None:
        self._progress = progress
        if self.is_attached and self.app.screen is self:
            self.status.paint()

    def _show(self, shown: Shown) -> None:
        self._progress = None
        self._shown = shown
        self.status.clear()
        self._lay_out()

    def say(self, message: str) -> None:
        """Say it; whatever failed is no longer being counted."""
        self._progress = None
        super().say(message)

    # Painting

    def _lay_out(self) -> None:
        """Lay the figures out, the cursor on the line that it was on, as far as that is there."""
        if self._shown is not None:
            before = self._here()
            self._layout = layout(self._shown.sections, self.size.width)
            self._cursor = self._place_of(before)
        self._paint()

    def _here(self) -> tuple[Section, Line] | None:
        if self._layout is None or not self._layout.places:
            return None
        row = self._layout.row(self._cursor)
        return (row.section, row.line) if row.section and row.line else None

    def _place_of(self, meant: tuple[Section, Line] | None) -> int:
        shown = self._layout
        if shown is None or meant is None:
            return 0
        wanted = (meant[0].title, meant[1].name, meant[1].indent)
        for place in range(len(shown.places)):
            section, at = shown.row(place)
            if section and at and (section.title, at.name, at.indent) == wanted:
                return place
        return max(min(self._cursor, len(shown.places) - 1), 0)

    def _paint(self) -> None:
        if not self.is_attached:
            return
        if self._shown is not None and self._layout is not None:
            if self._layout.places:
                strips = painted_rows(self._layout, self._cursor, self._shown.figures.pairs)
                self._text.show_lines([line(""), *strips], top=self._text.top)
                self._bring_into_view()
            else:
                self._text.show_lines([line(""), *map(line, self._nothing())])
        figure = plural(self._shown.figures.pairs, "pair") if self._shown is not None else ""
        self.paint_frame("Statistics", figure)

    def _nothing(self) -> tuple[str, ...]:
        if self._filter:
            return (f"  No pair matches {show_line(self._filter, 60)}.", "  F changes the filter.")
        return ("  There are no pairs yet.", "  q, then I, imports your sessions.")

    def _bring_into_view(self) -> None:
        if self._layout is None:
            return
        row = self._layout.places[self._cursor][1] + 1
        self._text.bring_into_view(row)
        if row <= 2:
            self._text.scroll_top()

    def where(self, width: int) -> Strip:
        """How far the counting is; else the filter, and what enter shows."""
        parts = [show_line(self._filter, 60)] if self._filter else []
        if self._progress is not None:
            done = f"{self._progress.done} of {self._progress.total}" if self._progress.total else ""
            parts.append(f"{self._progress.label}… {done}".strip())
        elif here := self._here():
            parts.append(f"enter: {show_line(here[1].term, 60)}" if here[1].term else "no filter finds these alone")
        return line((fit(" " + " · ".join(parts), width), look.DIM))

    # Moving about

    def action_move(self, step: int) -> None:
        """To the next or the previous line."""
        self._go_to(self._cursor + step)

    def action_page(self, pages: float) -> None:
        """Lines on by pages or parts of one."""
        places = len(self._layout.places) if self._layout else 0
        step = round((self._text.size.height - 1) * pages)
        self._go_to(max(min(self._cursor + step, places - 1), 0))

    def action_end(self, last: int) -> None:
        """To the first or the last line."""
        self._go_to(len(self._layout.places) - 1 if last and self._layout else 0)

    def action_section(self, step: int) -> None:
        """To the first line of the next section, or of the one before."""
        shown = self._layout
        if shown is None or not shown.places:
            self._go_to(0)
            return
        titles = [section.title for section, _ in map(shown.row, range(len(shown.places))) if section]
        order = list(dict.fromkeys(titles))
        wanted = order.index(titles[self._cursor]) + step
        if 0 <= wanted < len(order):
            self._go_to(titles.index(order[wanted]))
        else:
            self.say("This is the last section." if step > 0 else "This is the first section.")

    def action_column(self, step: int) -> None:
        """To the column beside this one."""
        beside = self._layout.beside(self._cursor, step) if self._layout and self._layout.places else None
        if beside is not None:
            self._go_to(beside)

    def _go_to(self, place: int) -> None:
        self.status.clear()
        if self._layout is None or not self._layout.places:
            self.say("Still counting." if self._progress else "There is nothing to count.")
        elif not 0 <= place < len(self._layout.places):
            self.say("This is the first line." if place < 0 else "This is the last line.")
        else:
            self._cursor = place
            self._paint()

    # Where it leads

    def action_open(self) -> None:
        """Triage, on the pairs of the line; leaving it comes back here."""
        self.status.clear()
        here = self._here()
        if here is None or not self._counted_now:
            self.say("Still counting." if self._progress else "There is nothing to count.")
            return
        if not here[1].term:
            self.say("These are no pairs that a filter finds.")
        elif not here[1].pairs:
            self.say("There are none.")
        else:
            from molting_tui.ui.triage.triage import TriageScreen

            self.app.push_screen(TriageScreen(Desk(self.workspace), narrowed(self._filter, here[1])))

    def action_filter(self) -> None:
        """Ask for a filter."""
        from molting_tui.ui.triage.filter_question import ask_filter

        ask_filter(self.app, Desk(self.workspace), self.set_filter, value=self._filter)

    def action_back(self) -> None:
        """Back to where one came from; what is still being counted is left."""
        self.app.pop_screen()
