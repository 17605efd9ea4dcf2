"""What changed from one version to the next: every variable by its name, and whether a cause can be named.

A dataset is told by its kinds of pairs: where both versions have a kind in common, each kind is a variable of its own,
since fewer curated pairs and new synthetic ones are two things; where they have none, the dataset is one.
"""

from __future__ import annotations

from collections.abc import Mapping

from molting_tui.records.datasets import Diff
from molting_tui.records.reports import Change, Changes, Training, Version
from molting_tui.text import show_line

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WIDTH = 60


def changes_between(
    before: Version, after: Version, diff: Diff | None = None, *, other_prompt: bool = False
) -> Changes:
    """The changes from one version to another. `diff` is that of their datasets, None where one isn't here;
    `other_prompt` says that their system prompts differ."""
    variables = [*_of_pairs(before.training, after.training, diff)]
    unknown: list[str] = [] if _pairs_known(before, after) else ["pairs"]
    for old, new in ((_recipe(before), _recipe(after)), (dict(before.asked), dict(after.asked))):
        for name in dict.fromkeys((*old, *new)):
            if name not in old or name not in new:
                unknown += [name] if name not in unknown else []
            elif old[name] != new[name]:
                variables.append(Change(name, old[name], new[name]))
    if other_prompt:
        variables.append(Change("system prompt", "one", "another"))
    return Changes(before.name, tuple(variables), tuple(unknown), sentence_of(before.name, variables, unknown))


def sentence_of(since: str, variables: list[Change], unknown: list[str]) -> str:
    """How many things changed, and what can be said of a cause."""
    names = ", ".join(map(words_of, variables))
    gaps = f" Not told of both: {', '.join(unknown)}." if unknown else ""
    name = show_line(since, _WIDTH)
    if not variables:
        known = "Nothing that is known of both changed" if unknown else "Nothing changed"
        return f"{known} since {name}.{gaps}"
    if len(variables) == 1:
        word = "One variable is known to have changed" if unknown else "One variable"
        return f"{word}: {names}.{gaps}"
    count = _NUMBERS[len(variables)] if len(variables) < len(_NUMBERS) else str(len(variables))
    return f"{count.capitalize()} things at once ({names}): no cause can be named.{gaps}"


def words_of(change: Change) -> str:
    """A change in words: `epochs 5 → 6`."""
    return f"{change.variable} {change.before} → {change.after}"


def kinds_words(training: Training | None) -> str:
    """A version's pairs in words: `148 (100 curated, 48 synthetic)`; empty where nothing is told."""
    if training is None or (training.pairs is None and not training.kinds):
        return ""
    kinds = _kinds(training)
    whole = "" if training.pairs is None else f"{training.pairs:,}"
    if len(kinds) == 1 and (only := next(iter(kinds))):
        return f"{whole} {only}".strip()
    named = ", ".join(f"{count:,} {name}" if count is not None else name for name, count in kinds.items())
    return f"{whole} ({named})".strip() if named else whole


def _of_pairs(before: Training | None, after: Training | None, diff: Diff | None) -> list[Change]:
    """What of the pairs changed; nothing where both datasets hold the same."""
    if before is None or after is None:
        return []
    old, new = _kinds(before), _kinds(after)
    shared = [name for name in old if name in new]
    counted = None not in old.values() and None not in new.values()
    if shared and counted and (old.keys() != new.keys() or any(old[name] != new[name] for name in shared)):
        return [
            Change(f"{name} pairs", f"{old.get(name, 0):,}", f"{new.get(name, 0):,}")
            for name in dict.fromkeys((*old, *new))
            if old.get(name, 0) != new.get(name, 0)
        ]
    if diff is not None and not diff.none:
        return [Change("pairs", kinds_words(before), f"{kinds_words(after)} ({_diff_words(diff)})")]
    was, now = kinds_words(before), kinds_words(after)
    return [Change("pairs", was, now)] if was and now and was != now else []


def _diff_words(diff: Diff) -> str:
    counts = {"came": diff.came, "went": diff.went, "rewritten": diff.rewritten, "re-derived": diff.rederived}
    return ", ".join(f"{len(pairs):,} {name}" for name, pairs in counts.items() if pairs)


def _kinds(training: Training) -> dict[str, int | None]:
    """Pairs by kind; of the only kind the whole number where it isn't told apart."""
    kinds = dict(training.kinds)
    if len(kinds) == 1 and training.pairs is not None:
        return {name: training.pairs for name in kinds}
    return kinds


def _pairs_known(before: Version, after: Version) -> bool:
    return all(each.training is not None and bool(kinds_words(each.training)) for each in (before, after))


def _recipe(version: Version) -> Mapping[str, str]:
    return dict(version.training.recipe) if version.training else {}
