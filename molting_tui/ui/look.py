"""How things look: sixteen colours, each with a sign or an attribute beside it, so that none carries meaning alone."""

from __future__ import annotations

from rich.style import Style

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
STAR_SIGN, FLAG_SIGN, CURSOR_SIGN, HERE_SIGN = "*", "⚑", "▌", "▸"
RULE = "─"


def flag_style(family: str) -> Style:
    """How a flagged text is marked: underlined, secrets in red too."""
    return SECRET if family in ("secret", "personal") else FLAG
