"""Flags made whole after a migration: every message of every pair is looked at once more, and what changed is said.
The languages of answers are judged once more before that, and complaints are searched for in every prompt."""

from __future__ import annotations

from molting_tui.curation import complaints
from molting_tui.curation.languages import SAMPLE, language_of
from molting_tui.records.pairs import FlagChanges
from molting_tui.records.progress import Progress, Report, silent
from molting_tui.store import derivation, flags
from molting_tui.workspace import Workspace


def being_made(workspace: Workspace) -> Progress | None:
    """How far complaints are searched for, in turns, or the flags are made anew, in pairs; None when both are whole."""
    return complaints.being_made(workspace) or flags.being_made(workspace.store)


def finish(workspace: Workspace, report: Report = silent) -> FlagChanges | None:
    """Make the flags whole, from where it stopped; None where they are, or where the workspace can only be read.

    Raises BadInput for a rule file with a mistake. A report that raises `Cancelled` stops it; what was done is kept.
    """
    complaints.finish(workspace, report)
    progress = flags.being_made(workspace.store)
    if progress is None or workspace.read_only:
        return None
    if not progress.done:  # the languages were judged by the same earlier molting, between two alone
        derivation.judge_languages_again(workspace.store, language_of, SAMPLE, lambda: report(progress))
    from molting_tui.curation.rules import load_rules  # whole flags, which are the rule, don't need it

    rules = load_rules(workspace.rule_files())
    return flags.go_on(workspace.store, rules.flags, rules.digest, report)


def progress_sentence(progress: Progress) -> str:
    """That flags or complaints aren't whole, and how far they are."""
    if progress.unit == "turns":
        return f"Complaints are searched for in every prompt: {progress.done:,} of {progress.total:,} turns."
    return f"The flags are being made anew, for every message: {progress.done:,} of {progress.total:,} pairs."


def changes_sentence(changes: FlagChanges) -> str:
    """Of which families more pairs have a flag now, and of which fewer."""
    families = sorted(changes.more.keys() | changes.fewer.keys())
    parts = []
    for family in families:
        more, fewer = changes.more.get(family, 0), changes.fewer.get(family, 0)
        parts.append(f"{family} " + ", ".join(f"{n:,} {word}" for n, word in ((more, "more"), (fewer, "fewer")) if n))
    return f"Pairs with a flag: {'; '.join(parts)}." if parts else "No pair has another flag than before."
