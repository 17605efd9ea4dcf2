"""Triage: one pair at a time, decided by one key."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from molting_tui.ui import keymap
from molting_tui.ui.triage.bulk import Bulk
from molting_tui.ui.triage.deciding import Deciding
from molting_tui.ui.triage.finding import Finding


class TriageScreen(Deciding, Finding, Bulk):
    """Pairs, and everything that is said of them."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.TRIAGE)]
    PALETTE = (
        ("Keep all in this list…", "One step, asked first with the count", "screen.bulk('keep')"),
        ("Drop all in this list…", "One step, asked first with the count", "screen.bulk('drop')"),
        ("Reopen all in this list…", "One step, asked first with the count", "screen.bulk('open')"),
        ("Star all in this list…", "One step, asked first with the count", "screen.bulk('star')"),
        ("Tag all in this list…", "One step, asked first with the tag and the count", "screen.bulk_tag"),
        ("Mask secrets in all of this list…", "Rewrites, as one step", "screen.bulk('mask')"),
        ("Repair mojibake in this pair", "Rewrites wrongly decoded letters: Ã© is é", "screen.repair"),
        ("Show everything", "Take the filter away", "screen.set_filter('')"),
        ("Show open pairs", "state:open", "screen.set_filter('state:open')"),
        ("Show flagged open pairs", "state:open is:flagged", "screen.set_filter('state:open is:flagged')"),
        ("Show kept pairs", "state:keep", "screen.set_filter('state:keep')"),
        ("Show secrets", "flag:secret", "screen.set_filter('flag:secret')"),
    )
