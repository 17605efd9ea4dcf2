"""A dataset in words: what the command and the screen both say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from molting_tui.datasets import catalogue
from molting_tui.datasets.catalogue import Comparison
from molting_tui.datasets.composition import Lengths, Summary
from molting_tui.datasets.export.formats import Conversation
from molting_tui.datasets.frozen_manifest import FrozenManifest, manifest_of
from molting_tui.records.datasets import Dataset, PairChange, Since
from molting_tui.text import plural
from molting_tui.workspace import Workspace

Rows = list[tuple[str, str]]
DIGEST = 12
"""Characters of a digest that people are shown."""
_MOST_NAMES = 6
_MADE = {"frozen": "frozen by", "run": "frozen for a run by", "manifest": "taken from an older run's manifest by"}
PART_WORDS = {"train": "train", "held_out": "held out", "bank": "question bank"}


class Description(NamedTuple):
    """Everything about a dataset. `same_as` are the names of others with the same content."""

    dataset: Dataset
    manifest: FrozenManifest
    since: Since
    same_as: tuple[str, ...]


class ChangedPair(NamedTuple):
    """A pair that differs between two datasets: its last prompt, and its answer before and after (None where there is
    none in that dataset). The texts are as they were frozen, not safe to show; empty where the file is gone."""

    uid: str
    prompt: str
    before: str | None
    after: str | None


def describe(workspace: Workspace, dataset: Dataset) -> Description:
    """Look up everything about a dataset."""
    return Description(
        dataset,
        manifest_of(dataset),
        catalogue.since(workspace, dataset),
        catalogue.same_as(workspace, dataset),
    )


def origin_rows(description: Description, digest: int = 64) -> Rows:
    """Where a dataset came from and where it went, as names and values (not safe to show); so many characters of its
    digest."""
    dataset = description.dataset
    prompt = dataset.system_prompt
    rows = [
        ("pairs", f"{dataset.pairs:,} ({parts_words(dataset.parts)})"),
        ("digest", dataset.digest[:digest]),
        ("origin", f"{_MADE[dataset.made]} {dataset.actor}" if dataset.actor else _MADE[dataset.made].split(" by")[0]),
        ("filter", dataset.filter or "everything that was kept"),
        ("system prompt", "not known" if prompt is None else prompt or "none"),
        ("runs", ", ".join(dataset.runs) or "none yet"),
        ("same as", ", ".join(description.same_as)),
    ]
    return [(name, value) for name, value in rows if value]


def composition_rows(manifest: FrozenManifest) -> Rows:
    """What a dataset is made of, as names and values (not safe to show)."""
    summary = manifest.composition
    return [row for row in _composition(manifest, summary) if row[1]]


def _composition(manifest: FrozenManifest, summary: Summary) -> Rows:
    """What is in it, a row for each property. A row that doesn't apply has an empty text."""
    written = manifest.counts.written
    return [
        ("kinds", counts_words(summary.kinds)),
        ("languages", counts_words(summary.languages)),
        ("models", counts_words(summary.models)),
        ("projects", counts_words(summary.projects)),
        ("tags", counts_words(summary.tags)),
        ("flags", "" if summary.flags is None else counts_words(summary.flags) or "none"),
        ("prompts", _lengths(summary.prompts)),
        ("answers", _lengths(summary.answers)),
        ("rewritten", _of(manifest.counts.rewritten, written)),
        ("system turn", _of(summary.with_system, written)),
        ("several turns", _of(summary.several_turns, written) if summary.several_turns else ""),
        ("repeated", f"{plural(summary.duplicates, 'pair')} word for word" if summary.duplicates else ""),
    ]


def left_out_rows(manifest: FrozenManifest) -> Rows:
    """Kept pairs that are not in the dataset: how many, and why."""
    return [(f"{left.count:,} {left.reason}", left.why or left.example) for left in manifest.left_out]


def parts_words(parts: Mapping[str, int]) -> str:
    """`train 120, held out 8`."""
    return ", ".join(f"{PART_WORDS[part]} {count:,}" for part, count in parts.items() if count) or "empty"


def counts_words(counts: Mapping[str, int]) -> str:
    """`opus 40, haiku 2, none 1`: the first few, the others together."""
    items = list(counts.items())
    words = [f"{name or 'none'} {count:,}" for name, count in items[:_MOST_NAMES]]
    if rest := items[_MOST_NAMES:]:
        words.append(f"{plural(len(rest), 'other')} {sum(count for _, count in rest):,}")
    return ", ".join(words)


def diff_sentence(comparison: Comparison) -> str:
    """What lies between two datasets, in one line."""
    diff, after = comparison.diff, comparison.after
    if diff.none:
        words = f"the same {plural(after.pairs, 'pair')}"
    else:
        same = after.pairs - len(diff.came) - len(diff.rewritten) - len(diff.rederived)
        words = (
            f"{len(diff.came):,} came, {len(diff.went):,} went, {len(diff.rewritten):,} rewritten,"
            f" {len(diff.rederived):,} re-derived, {same:,} the same"
        )
        words += f"; {len(diff.moved):,} in another part" if diff.moved else ""
    prompt = "; the system prompt is another" if comparison.other_prompt else ""
    return f"{words}{prompt}."


def changed_pairs(workspace: Workspace, comparison: Comparison, changes: tuple[PairChange, ...]) -> list[ChangedPair]:
    """The words of pairs that differ, read from the datasets' own files."""
    before = catalogue.rows_at(workspace, comparison.before, [change.before for change in changes])
    after = catalogue.rows_at(workspace, comparison.after, [change.after for change in changes])
    return [_changed(change, before, after) for change in changes]


def _changed(change: PairChange, before: Mapping[int, Conversation], after: Mapping[int, Conversation]) -> ChangedPair:
    old = None if change.before is None else before.get(change.before)
    new = None if change.after is None else after.get(change.after)
    shown = new or old
    prompts = [message.text for message in shown.messages[:-1] if message.role == "user"] if shown else []
    return ChangedPair(
        change.uid,
        prompts[-1] if prompts else "",
        old.messages[-1].text if old else None,
        new.messages[-1].text if new else None,
    )


def _lengths(lengths: Lengths | None) -> str:
    if lengths is None:
        return ""
    return f"mean {lengths.mean:,.0f}, median {lengths.median:,.0f}, longest {lengths.most:,} characters"


def _of(count: int, written: int) -> str:
    return f"{count:,} of {written:,}" + (f" ({count / written:.0%})" if written else "")
