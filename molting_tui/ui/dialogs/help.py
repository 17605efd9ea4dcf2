"""Help: the keys of a screen in groups, side by side where there is room; then the filters; then each key whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise, zip_longest

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from molting_tui.records.filters import FIELDS
from molting_tui.ui import keymap, look
from molting_tui.ui.dialogs.reader import ReaderScreen
from molting_tui.ui.frame import columns, hanging, rule
from molting_tui.ui.paragraphs import fit, line, paragraphs

COLUMN = 36
"""Cells of the narrowest column of keys with their names."""
MEANING = 58
"""Cells of the narrowest column that tells what each key does, in place of its name."""
MOST_KEYS = 3
"""Keys of an action above which only the first and the last are written among others."""

Block = list[Strip]
"""A group: its heading and a line for each key."""


class HelpScreen(ReaderScreen):
    """The keys of a screen, made from the keymap."""

    def __init__(self, screen: str, keys: Mapping[str, str] | None = None) -> None:
        super().__init__("Help" + (f" · {screen}" if screen else ""))
        self._screen = screen
        self._keys = keys

    def write(self, width: int) -> Iterator[Strip]:
        """The keys by group; the filter language where there is a list; every key with its meaning and id."""
        groups = keymap.groups(self._screen, self._keys)
        yield from key_columns(groups, width)
        if self._screen == keymap.TRIAGE:
            yield from _filters(width)
        yield rule(width)
        yield line(("  Every key and its id", look.TITLE), '   others: [keys] in molting.toml, "pair.keep" = "f"')
        yield line("")
        listed = [action for _, actions in groups for action in actions]
        left = max(cell_len(keymap.key_names(action.keys)) for action in listed)
        for action in listed:
            keys = f"  {keymap.key_names(action.keys):<{left}}  "
            yield from hanging(keys, look.BOLD, f"{action.meaning}  ({action.id})", width)


def key_columns(groups: Sequence[tuple[str, list[keymap.Action]]], width: int) -> Iterator[Strip]:
    """The groups under their headings in as many columns as fit, in their order from the top left down."""
    room = width - 2
    count = max(1, min(room // (MEANING if room >= 2 * MEANING else COLUMN), 3, len(groups)))
    each = room // count
    blocks = [_block(group, actions, each - 2) for group, actions in groups]
    for row in zip_longest(*(_flowed(part) for part in _parted(blocks, count)), fillvalue=line("")):
        parts = [Segment("  ")]
        for cell in row:
            parts += [*cell, Segment(" " * (each - cell.cell_length))]
        yield Strip(parts)


def _block(group: str, actions: Sequence[keymap.Action], width: int) -> Block:
    """A group in lines of at most this many cells: what a key does where there is room for it, else its name."""
    keys = [_few_keys(action.keys) for action in actions]
    left = max(map(cell_len, keys)) + 2
    told = [action.meaning if width >= MEANING - 2 else action.label for action in actions]
    lines = [
        line((fit(f"{name:<{left}}", left), look.KEY), fit(text, width - left))
        for name, text in zip(keys, told, strict=True)
    ]
    return [line((group, look.TITLE)), *lines]


def _few_keys(keys: str) -> str:
    """The keys of an action, of many the first and the last."""
    names = keymap.key_names(keys).split()
    return " ".join(names) if len(names) <= MOST_KEYS else f"{names[0]} … {names[-1]}"


def _parted(blocks: Sequence[Block], count: int) -> list[Sequence[Block]]:
    """The blocks in as many columns, none torn, the longest column as short as can be."""
    borders = min(
        ((0, *cut, len(blocks)) for cut in combinations(range(1, len(blocks)), count - 1)),
        key=lambda ends: max(sum(len(b) + 1 for b in blocks[a:z]) for a, z in pairwise(ends)),
    )
    return [blocks[start:end] for start, end in pairwise(borders)]


def _flowed(blocks: Sequence[Block]) -> Iterator[Strip]:
    for block in blocks:
        yield from block
        yield line("")


def _filters(width: int) -> Iterator[Strip]:
    yield rule(width)
    yield line(("  Filters", look.TITLE))
    rules = "words search the text; all terms must hold; - turns one round; a,b is a or b"
    yield from paragraphs(rules, width - 1, indent=2, base=look.DIM)
    yield line("")
    for field in FIELDS:
        yield from columns([(f"{field.example:<20}", field.explanation)], width)
    rows = ((f"{'fila deploy':<20}", "these words, in any order"), (f"{chr(34)}drena a fila{chr(34)}", "this phrase"))
    yield from columns(rows, width)
    yield line("")


def help_screen(screen: str, keys: Mapping[str, str] | None = None) -> HelpScreen:
    """The help of a screen, with the user's own keys."""
    return HelpScreen(screen, keys)
