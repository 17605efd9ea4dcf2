"""A page to read: everything about a pair, what an import did, answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.strip import Strip

from molting_tui.errors import MoltingError
from molting_tui.ui import keymap, look
from molting_tui.ui.code_keys import CodeKeys
from molting_tui.ui.frame import keys_line, top_line
from molting_tui.ui.paragraphs import paragraphs
from molting_tui.ui.prose import CodeView
from molting_tui.ui.widgets.lines import Bar, Lines
from molting_tui.workspace import Workspace


class ReaderScreen(Screen[None], CodeKeys):
    """Lines to read. `write` makes them for a width, so that a resize wraps them anew."""

    KEYS = keymap.READER
    UNFOLDS = "go"
    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.READER)]
    AUTO_FOCUS = ""
    go: Callable[[], object] | None = None
    """Where enter leads to from this page, if anywhere."""

    def __init__(self, title: str, figure: str = "") -> None:
        super().__init__()
        self.heading = title
        self.figure = figure

    def write(self, width: int) -> Iterable[Strip]:
        """The lines at this width."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        yield Bar(id="top")
        yield Lines(id="text")
        yield Bar(id="keys")

    def on_resize(self) -> None:
        """Write anew at the new width."""
        width = self.size.width
        text = self.query_one("#text", Lines)
        self.query_one("#top", Bar).show(top_line(_workspace_name(self), self.heading, self.figure, width))
        text.show_lines(self._written(width), top=text.top)
        also = ("reader.go",) if self.go else ()
        self.query_one("#keys", Bar).show(keys_line(self.KEYS, width, _own_keys(self), also))

    def code_texts(self) -> Iterable[str]:
        """The texts among the lines that may hold code."""
        return ()

    def code_lines(self) -> Sequence[Strip]:
        """The lines in sight."""
        return self.query_one("#text", Lines).lines_in_sight()

    def paint_code(self) -> None:
        """Write anew, from the line on that one has read to."""
        self.on_resize()

    def _written(self, width: int) -> Iterable[Strip]:
        try:
            yield from self.write(width)
        except MoltingError as error:
            yield from paragraphs(error.sentence(), width, indent=2, base=look.WRONG)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#text", Lines).scroll_by(lines)

    def action_page(self, pages: float) -> None:
        """Scroll by pages."""
        self.query_one("#text", Lines).scroll_page(pages)

    def action_end(self, last: int) -> None:
        """To the beginning, or the end."""
        text = self.query_one("#text", Lines)
        if last:
            text.scroll_end_of_text()
        else:
            text.scroll_top()

    def action_go(self) -> None:
        """Go to what the page tells of; where it leads nowhere show long code whole, or fold it again."""
        if self.go is None:
            self.action_fold_code()
        else:
            self.app.pop_screen()
            self.go()

    def action_back(self) -> None:
        """Close."""
        self.app.pop_screen()


def _workspace_name(screen: Screen[None]) -> str:
    workspace = getattr(screen.app, "workspace", None)
    return str(getattr(workspace, "name", "molting"))


def _own_keys(screen: Screen[None]) -> Mapping[str, str]:
    workspace = getattr(screen.app, "workspace", None)
    return workspace.settings.keys if isinstance(workspace, Workspace) else {}


class PageScreen(ReaderScreen):
    """Lines that a function makes for a width."""

    def __init__(
        self, title: str, lines: Callable[[int], Iterable[Strip]], go: Callable[[], object] | None = None
    ) -> None:
        super().__init__(title)
        self._lines = lines
        self.go = go

    def write(self, width: int) -> Iterable[Strip]:
        """The lines."""
        return self._lines(width)


class TextsScreen(ReaderScreen):
    """Texts that may hold code, in lines that a function makes for a width and for how code is shown."""

    def __init__(self, title: str, texts: Iterable[str], lines: Callable[[int, CodeView], Iterable[Strip]]) -> None:
        super().__init__(title)
        self._texts = tuple(texts)
        self._lines = lines

    def code_texts(self) -> Iterable[str]:
        """The texts."""
        return self._texts

    def write(self, width: int) -> Iterable[Strip]:
        """The lines."""
        return self._lines(width, self.code_view())
