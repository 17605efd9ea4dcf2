"""The status line: what was said last, or else where one is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.strip import Strip

from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.widgets.lines import Bar

_LONGEST = 300


class StatusLine(Bar):
    """One sentence above the keys. Where nothing was said, `otherwise` tells at that width what there is to know."""

    def __init__(self, folder: Path, otherwise: Callable[[int], Strip]) -> None:
        super().__init__(id="status")
        self._folder = folder
        self._otherwise = otherwise
        self._sentence = ""

    def say(self, sentence: str) -> None:
        """Show a sentence until it is cleared."""
        self._sentence = status_text(sentence, self._folder)
        self.paint()

    def clear(self) -> None:
        """Forget the sentence; the next painting shows it no more."""
        self._sentence = ""

    def paint(self) -> None:
        """Paint the line anew, as wide as the screen."""
        width = self.screen.size.width
        self.show(line((fit(f" {self._sentence}", width), look.MESSAGE)) if self._sentence else self._otherwise(width))


def status_text(message: str, folder: Path) -> str:
    """A sentence as one line, the workspace's files by their names in it so that the rest fits."""
    return show_line(message.replace(f"{folder}/", ""), _LONGEST)
