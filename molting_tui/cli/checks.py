"""How a list of checks is printed: doctor's and preflight's."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from molting_tui.cli.printing import say, say_table, styled, terminal_width
from molting_tui.records.checks import Check
from molting_tui.text import show_line

STYLES = {"pass": "green", "note": "bold", "warn": "yellow", "block": "red", "fail": "red"}
_LONGEST = 600
"""Characters of a check's words that are printed."""
_LEAST_WIDTH = 30


def say_checks(checks: Sequence[Check], names: Mapping[str, str] | None = None) -> None:
    """Print a line for each check, and below what to do where it isn't well. `names` are other words for the levels.

    On a terminal long words go on below their beginning.
    """
    margin = max((len(check.id) for check in checks), default=0) + 9
    room = terminal_width() - margin
    rows: list[tuple[str, str, str]] = []
    for check in checks:
        level = (names or {}).get(check.level, check.level)
        why = show_line(check.why, _LONGEST)
        first, *more = textwrap.wrap(why, room) if room >= _LEAST_WIDTH and why else [why]
        rows += [(level, check.id, first), *(("", "", line) for line in more)]
    say_table(rows, styles=STYLES)
    advised = [check for check in checks if check.fix and check.level != "pass"]
    if advised:
        say()
        say(styled("What to do", "bold"))
        for check in advised:
            say(f"{check.id}: {show_line(check.fix, _LONGEST)}")
