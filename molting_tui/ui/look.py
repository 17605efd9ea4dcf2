"""How things look: sixteen colours, each with a sign or an attribute beside it, so that none carries meaning alone."""

from __future__ import annotations

import functools
import os

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, NoColor

PLAIN = Style()
DIM = Style(dim=True)
BOLD = Style(bold=True)
TITLE = Style(bold=True)
KEY = Style(bold=True)
HUMAN = Style(color="cyan", bold=True)
ASSISTANT = Style(color="green", bold=True)
CURSOR = Style(bold=True)
MESSAGE = Style(color="yellow")
WRONG = Style(color="red", bold=True)
HIT = Style(reverse=True)
FLAG = Style(color="yellow", underline=True)
FLAG_MARK = Style(color="yellow")
SECRET = Style(color="red", bold=True, underline=True)
ADDED = Style(color="green", underline=True)
REMOVED = Style(color="red", strike=True)

KEPT_SIGN, DROPPED_SIGN, REWRITTEN_SIGN, OPEN_SIGN, SKIPPED_SIGN = "✓", "✗", "✎", "·", "↷"
STAR_SIGN, FLAG_SIGN, CURSOR_SIGN, RANGE_SIGN, HERE_SIGN = "*", "⚑", "▌", "┃", "▸"
RULE = "─"

DIFFERENCE_SIGNS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
"""What stands round the words that went and came where there is no colour to tell them."""


def flag_style(family: str) -> Style:
    """How a flagged text is marked: underlined, secrets in red too."""
    return SECRET if family in ("secret", "personal") else FLAG


def code_ground(dark: bool, colours: str | None) -> Style:
    """The ground of code, with letters that can be read on it whatever the terminal's own colours are; none of its own
    where there are sixteen colours, or none: there the sign before each line tells it alone."""
    if no_colour() or colours not in ("256", "truecolor"):
        return PLAIN
    return Style(color="color(252)", bgcolor="color(236)") if dark else Style(color="color(236)", bgcolor="color(255)")


def no_colour() -> bool:
    """Whether whoever opened the workbench wants no colours (https://no-color.org)."""
    return "NO_COLOR" in os.environ


class _NoColour(LineFilter):
    """Takes the colours of a line away. What had a ground of its own (a cursor, a selection) is reversed."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line without its colours."""
        return [
            Segment(text, None if style is None else _colourless(style), control) for text, style, control in segments
        ]


@functools.lru_cache(1024)
def _colourless(style: Style) -> Style:
    own_ground = style.bgcolor is not None and not style.bgcolor.is_default
    return style + NoColor.DEFAULT_COLORS + (Style(reverse=True) if own_ground else PLAIN)


NO_COLOUR = _NoColour()
"""The filter that every line passes under NO_COLOR."""
