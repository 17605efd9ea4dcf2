"""How things look: sixteen colours, each with a sign or an attribute beside it, so that none carries meaning alone."""

from __future__ import annotations

from rich.style import Style

from molting_tui.records.pairs import Pair, PairLine, State

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
_STATES = {
    KEPT_SIGN: Style(color="green"),
    REWRITTEN_SIGN: Style(color="green", bold=True),
    DROPPED_SIGN: Style(color="red"),
    OPEN_SIGN: PLAIN,
    SKIPPED_SIGN: DIM,
}


def sign(pair: Pair | PairLine) -> str:
    """The sign of a pair's state: kept, rewritten and kept, dropped, skipped, open."""
    if pair.state is State.KEEP:
        return REWRITTEN_SIGN if pair.rewritten else KEPT_SIGN
    if pair.state is State.DROP:
        return DROPPED_SIGN
    return SKIPPED_SIGN if pair.skipped else OPEN_SIGN


def sign_style(sign: str) -> Style:
    """The colour that goes with a sign."""
    return _STATES[sign]


def flag_style(family: str) -> Style:
    """How a flagged text is marked: underlined, secrets in red too."""
    return SECRET if family in ("secret", "personal") else FLAG
