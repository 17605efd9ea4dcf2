"""The frame that every screen has: where one is above, what the keys do below."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.text import show_line
from molting_tui.ui import keymap, look
from molting_tui.ui.paragraphs import fit, paragraphs

NARROW = 100
"""Below this width a list and what it lists don't fit side by side: the list comes and goes."""


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


def status_text(message: str, folder: Path) -> str:
    """A sentence for the status line: one line, the workspace's files by their names in it so that the rest fits."""
    return show_line(message.replace(f"{folder}/", ""), 300)


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


def hanging(sign: str, style: Style, text: str, width: int) -> Iterator[Strip]:
    """A raw text beside a sign of our own, wrapped, its further lines under the first."""
    for number, strip in enumerate(paragraphs(text, width - 1, indent=cell_len(sign))):
        yield Strip([Segment(sign, style), *list(strip)[1:]]) if number == 0 else strip


def _key(action: keymap.Action) -> list[Segment]:
    first = keymap.key_name(action.keys.split(",")[0])
    return [Segment(first, look.KEY), Segment(f" {action.label}  ", look.DIM)]


def _key_width(action: keymap.Action) -> int:
    return cell_len(keymap.key_name(action.keys.split(",")[0])) + cell_len(action.label) + 3
