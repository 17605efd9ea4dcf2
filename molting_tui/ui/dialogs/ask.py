"""Small questions at the bottom of the screen: a line of text, a yes or no, and long work that can be cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Event
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from molting_tui.errors import Cancelled, MoltingError
from molting_tui.records.progress import Progress, Report
from molting_tui.text import show
from molting_tui.ui import look
from molting_tui.ui.background import in_background
from molting_tui.ui.dialogs.completion import Completion, Offer
from molting_tui.ui.dialogs.entry import Entry
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.widgets.lines import Bar, Lines

Result = TypeVar("Result")
REPAINT_SECONDS = 0.25
SEEN_SECONDS = 0.4
"""So long after it came up a bar was seen: who types then knows that something is at work."""
CANCELS = ("escape", "ctrl+c")
COMPLETING = "complete"
"""The group of the background work that completes a line."""
QUIT = Binding("ctrl+q", "app.quit", "quit", show=False, id="app.quit")
"""The app's own keys don't reach under a question; this one must."""


class AskScreen(ModalScreen[str | None]):
    """Asks for one line. Enter answers, escape answers None. `check` may refuse with a sentence.

    A `suggestion` in place of a `value` gives way to what is typed. With `offer`, what may follow is shown at each key,
    and tab takes it; with `complete`, which may read the disk, tab asks for it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False, id="ask.leave"),
        Binding("tab", "complete", "complete", show=False, id="ask.complete"),
        QUIT,
    ]
    AUTO_FOCUS = "Input"

    def __init__(
        self,
        question: str,
        *,
        value: str = "",
        suggestion: str = "",
        hints: Iterable[str] = (),
        check: Callable[[str], str] | None = None,
        offer: Completion | None = None,
        complete: Completion | None = None,
    ) -> None:
        super().__init__()
        self._question = question
        self._value = value or suggestion
        self._suggested = bool(suggestion)
        self._hints = tuple(hints)
        self._check = check
        self._offer = offer
        self._complete = complete

    def compose(self) -> ComposeResult:
        """The question, the line, the hints."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            yield Entry(self._value, suggested=self._suggested)
            yield Lines(id="hint")

    def on_mount(self) -> None:
        """Show the question."""
        self._paint(self._hints)

    def on_resize(self) -> None:
        """Paint at the new width."""
        self._paint(self._hints)

    def _paint(self, hints: Sequence[str], wrong: str = "") -> None:
        if not self.query("#hint"):  # left before it stood
            return
        width = self.size.width
        self.query_one("#question", Bar).show(
            line((f" {self._question}", look.TITLE), (f"   {self._keys()}", look.DIM))
        )
        if wrong:
            lines = list(paragraphs(wrong, width - 1, indent=1, base=look.WRONG))
        else:
            lines = [strip for hint in hints or ("",) for strip in paragraphs(hint, width - 1, indent=1, base=look.DIM)]
        hint = self.query_one("#hint", Lines)
        hint.styles.height = len(lines)
        hint.show_lines(lines)

    def _keys(self) -> str:
        return "enter: yes · tab: complete · esc: no" if self._offer or self._complete else "enter: yes · esc: no"

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        # What stands there at first is complete: the question's own hints say more.
        offer = self._offer(event.value) if self._offer and event.value != self._value else None
        self._paint(offer.hints if offer and offer.hints else self._hints)

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        wrong = self._check(event.value) if self._check else ""
        if wrong:
            self._paint((), wrong)
        else:
            self.dismiss(event.value)

    def action_complete(self) -> None:
        """Write what is certain of the word that was begun, and say what may follow."""
        entry = self.query_one(Entry)
        text = entry.value
        if not entry.suggested and entry.cursor_position != len(text):
            return
        if self._offer:
            entry.put(self._offer(text).completed)
        elif self._complete:
            complete = self._complete
            in_background(self, COMPLETING, lambda: complete(text), lambda offer: self._offered(text, offer), self._say)

    def _offered(self, text: str, offer: Offer) -> None:
        entry = self.query_one(Entry)
        if entry.value == text:
            with entry.prevent(Input.Changed):
                entry.put(offer.completed)
            self._paint(offer.hints or self._hints, offer.wrong)

    def _say(self, sentence: str) -> None:
        self._paint((), sentence)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)


class ConfirmScreen(ModalScreen[bool]):
    """Asks yes or no; nothing but `y` or enter is a yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "yes", show=False, id="confirm.yes"),
        Binding("n,q,escape", "answer(False)", "no", show=False, id="confirm.no"),
        QUIT,
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            yield Bar(id="hint")

    def on_mount(self) -> None:
        """Show the question."""
        if not self.query("#hint"):  # left before it stood
            return
        self.query_one("#question", Bar).show(line((f" {self._question}", look.TITLE)))
        self.query_one("#hint", Bar).show(line(" ", ("y", look.KEY), " yes   ", ("n", look.KEY), " no"))

    def action_answer(self, yes: bool) -> None:
        """Answer."""
        self.dismiss(yes)


class WorkScreen(ModalScreen[Result | None], Generic[Result]):
    """Long work off the UI thread, with a bar; escape cancels it. Dismisses with its result, or None.

    Keys that were typed before it could be seen wait for what comes next; later ones do nothing here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(CANCELS), "cancel", "cancel", show=False, id="work.cancel"),
        QUIT,
    ]

    def __init__(self, title: str, job: Callable[[Report], Result], *, failed: Callable[[str], None]) -> None:
        super().__init__()
        self._title = title
        self._job = job
        self._failed = failed
        self._stop = Event()
        self._painted = 0.0
        self._began = time.monotonic()

    def came_before(self, event: events.Event) -> bool:
        """Whether a key came before anybody could see the bar."""
        return event.time < self._began + SEEN_SECONDS and not self.ends_at(event)

    def ends_at(self, event: events.Event) -> bool:
        """Whether it is the key that cancels."""
        return isinstance(event, events.Key) and event.key in CANCELS

    def compose(self) -> ComposeResult:
        """Title, bar, hint."""
        with Vertical(id="ask"):
            yield Bar(id="question")
            yield Bar(id="bar")
            yield Bar(id="hint")

    def on_mount(self) -> None:
        """Start."""
        self.query_one("#question", Bar).show(line((f" {self._title}", look.TITLE)))
        self.query_one("#hint", Bar).show(line(" ", ("esc", look.KEY), " cancel: what is stored stays stored"))
        self._run()

    @work(thread=True, exclusive=True, exit_on_error=False, group="work")
    def _run(self) -> None:
        try:
            result = self._job(self._report)
        except Cancelled as stopped:
            self.app.call_from_thread(self._end, None, stopped.sentence())
        except (MoltingError, OSError) as error:
            self.app.call_from_thread(self._end, None, str(error))
        except Exception as error:  # whatever it was, this question must not stand there for ever
            self.app.call_from_thread(self._end, None, f"{self._title}: stopped by a mistake in molting ({error!r}).")
        else:
            self.app.call_from_thread(self._end, result, "")

    def _report(self, progress: Progress) -> None:
        if self._stop.is_set():
            raise Cancelled("Cancelled; what was stored before stays stored.")
        now = time.monotonic()
        if now - self._painted >= REPAINT_SECONDS:
            self._painted = now
            self.app.call_from_thread(self._paint, progress)

    def _paint(self, progress: Progress) -> None:
        self.query_one("#bar", Bar).show(bar_line(progress, self.size.width))

    def _end(self, result: Result | None, wrong: str) -> None:
        self.dismiss(result)
        if wrong:
            self._failed(wrong)

    def on_unmount(self) -> None:
        """Stop: nobody watches any more."""
        self._stop.set()

    def action_cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._stop.set()
        self.query_one("#hint", Bar).show(line((" stopping…", look.MESSAGE)))


def bar_line(progress: Progress, width: int) -> Strip:
    """A progress bar: `━━━━━╸────  54 %  1,234 of 2,345 pairs  label`."""
    share = progress.done / progress.total if progress.total else 0.0
    cells = max(min(width // 3, 40), 8)
    full = int(share * cells)
    if progress.unit == "bytes":
        amount = f"{progress.done / 1e6:,.1f} of {progress.total / 1e6:,.1f} MB"
    else:
        amount = f"{progress.done:,} of {progress.total:,} {progress.unit}"
    label = fit(show(progress.label), max(width - cells - len(amount) - 14, 4))
    return Strip(
        [
            Segment(" "),
            Segment("━" * full, look.BOLD),
            Segment("─" * (cells - full), look.DIM),
            Segment(f" {share:4.0%}  {amount}  "),
            Segment(label, look.DIM),
        ]
    )
