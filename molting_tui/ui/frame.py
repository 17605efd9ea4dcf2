"""The frame that every screen has: where one is above, what the keys do below."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.screen import Screen
from textual.strip import Strip

from molting_tui.text import show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.background import in_background
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.ui.widgets.status import StatusLine
from molting_tui.workspace import Workspace

Left = TypeVar("Left")
Result = TypeVar("Result")

NARROW = 100
"""Below this width a list and what it lists don't fit side by side: the list comes and goes."""


class FrameScreen(Screen[Left]):
    """A screen in the frame. Its `body` stands in the middle; `status` is its status line, which tells `where` one is
    as long as nothing is said."""

    KEYS = keymap.EVERYWHERE
    AUTO_FOCUS = ""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.status = StatusLine(workspace.folder, self.where)

    def compose(self) -> ComposeResult:
        """Title, what the screen is for, status, keys."""
        yield Bar(id="top")
        yield from self.body()
        yield self.status
        yield Bar(id="keys")

    def body(self) -> ComposeResult:
        """What stands between the title and the status line."""
        raise NotImplementedError

    def where(self, width: int) -> Strip:
        """The status line where nothing was said."""
        return line((" ", look.MESSAGE))

    def say(self, message: str) -> None:
        """Put a sentence into the status line, unless somebody has left the screen meanwhile."""
        if self.is_attached:
            self.status.say(message)

    def in_background(self, group: str, job: Callable[[], Result], then: Callable[[Result], object]) -> None:
        """Do something away from the UI thread, then `then` on it; what goes wrong stands in the status line."""
        in_background(self, group, job, then, self.say)

    def paint_frame(
        self,
        title: str,
        figure: str = "",
        *,
        keys: Mapping[str, str] | None = None,
        also: Collection[str] = (),
        without: Collection[str] = (),
    ) -> None:
        """Paint title, status and keys; `keys`, `also` and `without` as in `keys_line`."""
        width = self.size.width
        own = self.workspace.settings.keys if keys is None else keys
        self.query_one("#top", Bar).show(top_line(self.workspace.name, title, figure, width))
        self.status.paint()
        self.query_one("#keys", Bar).show(keys_line(self.KEYS, width, own, also, without))


class ReadingScreen(FrameScreen[None]):
    """A screen with a text that the keys scroll: `text`."""

    text: Lines

    def scrolled(self) -> None:
        """Paint what tells how far one has read."""
        self.status.paint()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.text.scroll_by(lines)
        self.scrolled()

    def action_page(self, pages: float) -> None:
        """Scroll by pages or parts of one."""
        self.text.scroll_page(pages)
        self.scrolled()

    def leave(self) -> None:
        """Go home."""
        self.app.pop_screen()

    def action_back(self) -> None:
        """Go home."""
        self.leave()


def top_line(workspace: str, screen: str, figure: str, width: int) -> Strip:
    """The first line: workspace and screen on the left, the one figure that matters here on the right."""
    right = fit(figure, width - 2)
    left = fit(f" {show_line(workspace, 40)} ▸ {screen}", width - cell_len(right) - 2)
    gap = max(width - cell_len(left) - cell_len(right) - 1, 1)
    return Strip([Segment(left, look.TITLE), Segment(" " * gap), Segment(right)])


def keys_line(
    screen: str,
    width: int,
    keys: Mapping[str, str] | None = None,
    also: Collection[str] = (),
    without: Collection[str] = (),
) -> Strip:
    """The last line: the keys that matter here (`keys` are the user's own), as many as fit; help always.

    `also` names actions (by id) that are shown here after the screen's first ones, though not everywhere; `without`
    those that can do nothing just now.
    """
    known = [action for action in keymap.actions(screen, keys) if action.id not in without]
    listed = [action for action in known if action.footer or action.id in also]
    chosen = sorted(listed, key=lambda action: action.footer or 50)
    last = [action for action in chosen if action.id == "app.help"]
    parts: list[Segment] = [Segment(" ")]
    room = width - 1 - sum(_key_width(action) for action in last)
    for action in [a for a in chosen if a not in last]:
        needed = _key_width(action)
        if needed > room:
            break
        room -= needed
        parts += _key(action)
    for action in last:
        parts += _key(action)
    return Strip(parts)


def rule(width: int) -> Strip:
    """A line across."""
    return Strip([Segment(look.RULE * width, look.DIM)])


def columns(rows: Iterable[tuple[str, str]], width: int, indent: int = 2) -> list[Strip]:
    """Two columns of our own words or shown texts: the left as wide as its widest cell, bold."""
    listed = list(rows)
    left = max((cell_len(name) for name, _ in listed), default=0)
    lines = []
    for name, value in listed:
        pad = " " * (left - cell_len(name) + 2)
        lines.append(
            Strip(
                [
                    Segment(" " * indent),
                    Segment(name, look.BOLD),
                    Segment(pad),
                    Segment(fit(value, width - left - indent - 2)),
                ]
            )
        )
    return lines


def hanging(sign: str, style: Style, text: str, width: int, most: int | None = None) -> Iterator[Strip]:
    """A raw text beside a sign of our own, wrapped, its further lines under the first; cut after `most` lines."""
    strips = paragraphs(text, width - 1, indent=cell_len(sign))
    for number, strip in enumerate(strips, 1):
        if number == 1:
            strip = Strip([Segment(sign, style), *list(strip)[1:]])
        if number == most and next(strips, None) is not None:
            yield Strip([*strip, Segment("…")])
            return
        yield strip


def _key(action: keymap.Action) -> list[Segment]:
    first = keymap.key_name(action.keys.split(",")[0])
    return [Segment(first, look.KEY), Segment(f" {action.label}  ", look.DIM)]


def _key_width(action: keymap.Action) -> int:
    return cell_len(keymap.key_name(action.keys.split(",")[0])) + cell_len(action.label) + 3
