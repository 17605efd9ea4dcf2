"""Complaints: what the first words of a prompt say about the answer before it ("no, that is wrong"), by rules that look
at the next prompt (`where: next` in a rule file). A hint on the pairs of the turn before, never a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from molting_tui.records.progress import Progress, Report, silent
from molting_tui.records.surroundings import Complaint
from molting_tui.store import complaints
from molting_tui.workspace import Workspace

if TYPE_CHECKING:
    from molting_tui.curation.rules import RuleSet

OPENING = 200
"""Characters of a prompt that are looked at: who complains does it at once."""


def complaint_in(rules: RuleSet, prompt: str) -> Complaint | None:
    """What a prompt's first words complain of; None where no rule notices anything."""
    opening = prompt[: OPENING * 2].lstrip()
    before = min(len(prompt), OPENING * 2) - len(opening)
    flag = rules.first_of_next(opening[:OPENING])
    return None if flag is None else Complaint(flag.rule, before + flag.start, before + flag.end)


def judge(rules: RuleSet) -> Callable[[str], Complaint | None]:
    """`complaint_in` by these rules."""
    return lambda prompt: complaint_in(rules, prompt)


def being_made(workspace: Workspace) -> Progress | None:
    """How far the complaints are searched for, in turns; None when they are whole."""
    return complaints.being_made(workspace.store)


def finish(workspace: Workspace, report: Report = silent) -> None:
    """Search every turn for a complaint that wasn't searched yet: after a migration.

    Raises BadInput for a rule file with a mistake. A report that raises `Cancelled` stops it; what was done is kept.
    """
    if being_made(workspace) is None or workspace.read_only:
        return
    from molting_tui.curation.rules import load_rules  # whole complaints, which are the rule, don't need it

    rules = load_rules(workspace.rule_files())
    complaints.search(workspace.store, judge(rules), OPENING * 2, rules.next_digest, report)


def search_again(workspace: Workspace, rules: RuleSet, report: Report = silent) -> None:
    """Search every turn anew, where the rules have changed."""
    if changed(workspace, rules):
        complaints.forget(workspace.store)
        complaints.search(workspace.store, judge(rules), OPENING * 2, rules.next_digest, report)


def changed(workspace: Workspace, rules: RuleSet) -> bool:
    """Whether the rules on the next prompt say something else than when the turns were searched."""
    return complaints.rules_of(workspace.store) not in ("", rules.next_digest)
