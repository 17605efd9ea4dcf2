"""One dataset as lines: where it came from, what it is made of, what changed since, how it differs from another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.strip import Strip

from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging
from molting_tui.ui.paragraphs import fit, line

if TYPE_CHECKING:
    from molting_tui.datasets.catalogue import Comparison
    from molting_tui.datasets.description import ChangedPair, Description, Rows
    from molting_tui.records.datasets import Dataset
    from molting_tui.workspace import Workspace

SHOWN = 5
"""Pairs of each sort that a comparison shows; `molting dataset diff` shows more."""
_HEADINGS = {
    "came": "came",
    "went": "went",
    "rewritten": "rewritten: the same pair in other words",
    "rederived": "re-derived: another text of the same turn",
    "moved": "in another part",
}


class ShownDataset(NamedTuple):
    """A dataset that is looked at. `wrong` says what is wrong with its file, empty where nothing is; `changes` are the
    first pairs of each sort that the comparison has."""

    description: Description
    wrong: str
    comparison: Comparison | None
    changes: dict[str, list[ChangedPair]]


def look_at(workspace: Workspace, dataset: Dataset, against: Dataset | None) -> ShownDataset:
    """Look up everything about a dataset, and compare it with another (not for the UI thread)."""
    from molting_tui.datasets.catalogue import compare, wrong_bytes
    from molting_tui.datasets.description import changed_pairs, describe

    description, wrong = describe(workspace, dataset), wrong_bytes(workspace, dataset)
    if against is None:
        return ShownDataset(description, wrong, None, {})
    comparison = compare(workspace, against, dataset)
    parts = comparison.diff._asdict().items()
    changes = {sort: changed_pairs(workspace, comparison, pairs[:SHOWN]) for sort, pairs in parts if pairs}
    return ShownDataset(description, wrong, comparison, changes)


def dataset_lines(shown: ShownDataset, width: int) -> Iterator[Strip]:
    """Everything about a dataset."""
    from molting_tui.datasets.catalogue import since_sentences
    from molting_tui.datasets.description import DIGEST, composition_rows, diff_sentence, left_out_rows, origin_rows

    description, comparison = shown.description, shown.comparison
    rows = origin_rows(description, DIGEST)
    if comparison is not None:
        rows.insert(1, (f"against {fit(comparison.before.name, 20)}", diff_sentence(comparison)))
    yield from _rows(rows, width)
    warnings = [*([shown.wrong] if shown.wrong else []), *description.manifest.warnings]
    for warning in warnings:
        yield from hanging(f" {look.FLAG_SIGN} ", look.FLAG_MARK, warning, width - 1)
    since = since_sentences(description.since)
    if since:
        yield from hanging(
            f" {look.REWRITTEN_SIGN} ", look.FLAG_MARK, f"Since the freeze: {' '.join(since)}", width - 1
        )
    yield line("")
    yield line((" What it is made of", look.TITLE))
    yield from _rows(composition_rows(description.manifest), width)
    if description.manifest.left_out:
        yield line("")
        yield line((" Kept, but not in it", look.TITLE))
        yield from _rows(left_out_rows(description.manifest), width)
    if comparison is not None and shown.changes:
        yield from _comparison(comparison, shown.changes, width)


def _comparison(comparison: Comparison, changes: dict[str, list[ChangedPair]], width: int) -> Iterator[Strip]:
    """The first pairs of each sort by which a dataset differs from another one, with their words."""
    yield line("")
    yield line((fit(f" Against {comparison.before.name}", width - 1), look.TITLE))
    for sort, pairs in changes.items():
        count = len(getattr(comparison.diff, sort))
        yield line((fit(f"   {count:,} {_HEADINGS[sort]}", width - 1), look.BOLD))
        for pair in pairs:
            yield from _changed(pair, width)
        if count > len(pairs):
            yield line((fit(f"     and {plural(count - len(pairs), 'more pair')}", width - 1), look.DIM))


def _changed(pair: ChangedPair, width: int) -> Iterator[Strip]:
    room = max(width - 8, 8)
    yield line(f"   {show_line(pair.prompt, max(width - 4, 8)) or pair.uid[:12]}")
    if pair.before is not None:
        yield line("     ", ("- ", look.REMOVED), (show_line(pair.before, room), look.DIM))
    if pair.after is not None:
        yield line("     ", ("+ ", look.ADDED), show_line(pair.after, room))


def _rows(rows: Rows, width: int) -> Iterator[Strip]:
    left = max((cell_len(name) for name, _ in rows), default=0)
    for name, value in rows:
        yield from hanging(f"   {name}{' ' * (left - cell_len(name) + 2)}", look.BOLD, value, width - 1)
