"""How the state of a pair looks: a sign, and its colour."""

from __future__ import annotations

from rich.style import Style

from molting_tui.records.pairs import Pair, PairLine, State
from molting_tui.ui import look

_STATES = {
    look.KEPT_SIGN: Style(color="green"),
    look.REWRITTEN_SIGN: Style(color="green", bold=True),
    look.DROPPED_SIGN: Style(color="red"),
    look.OPEN_SIGN: look.PLAIN,
    look.SKIPPED_SIGN: look.DIM,
}


def state_sign(pair: Pair | PairLine) -> str:
    """The sign of a pair's state: kept, rewritten and kept, dropped, skipped, open."""
    if pair.state is State.KEEP:
        return look.REWRITTEN_SIGN if pair.rewritten else look.KEPT_SIGN
    if pair.state is State.DROP:
        return look.DROPPED_SIGN
    return look.SKIPPED_SIGN if pair.skipped else look.OPEN_SIGN


def sign_style(sign: str) -> Style:
    """The colour that goes with a sign."""
    return _STATES[sign]
