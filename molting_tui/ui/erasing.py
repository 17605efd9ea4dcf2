"""Blanks at the end of a line, erased by the terminal instead of sent one by one: a third of what a key costs."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.driver import Driver

WORTH = 5
"""Blanks from which on erasing them is shorter than sending them."""
_ERASE = "\x1b[K"
_ROW = re.compile(r"\x1b\[\d+;(\d+)H((?:[^\n\x1b]++|\x1b\[[\d;]*m)*+)(?=\n|\x1b\[\d+;\d+H|\Z)")
"""A row as Textual writes it: where it begins, its text and styles. A styled text ends with a reset, so blanks before
the row's end have no style, and no ground of their own."""
_STYLE = re.compile(r"\x1b\[[\d;]*m")


def erase_blanks(output: str, width: int) -> str:
    """What is sent to a terminal of `width` columns, its rows' blanks that reach the right edge erased instead."""

    def shorter(row: re.Match[str]) -> str:
        text = row[2].rstrip(" ")
        reaches = len(row[2]) - len(text) >= WORTH and int(row[1]) - 1 + cell_len(_STYLE.sub("", row[2])) == width
        return row[0][: -len(row[2])] + text + _ERASE if reaches else row[0]

    return _ROW.sub(shorter, output)


def erasing(kind: type[Driver]) -> type[Driver]:
    """The driver of this kind that erases blanks."""

    class ErasingDriver(kind):  # type: ignore[valid-type, misc]
        """Sends fewer bytes for the same picture."""

        def write(self, data: str) -> None:
            """Send it."""
            super().write(erase_blanks(data, self._app.console.width))

    return ErasingDriver
