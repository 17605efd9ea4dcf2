"""Answers counted by their flags, as reports have it ("agent-like 2/8, factual 8/8"), and how far flags are right.

A rate of few answers has the exact interval; a person's word overrules the machine's. Precision is of the flags that a
person judged; recall only of answers whose flags a person confirmed, since nobody knows what was missed in the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from molting_tui.evaluation.noticing.answer_flags import FLAGS
from molting_tui.evaluation.noticing.hints import FACT, Hints, hints_of
from molting_tui.evaluation.results.table import open_gate
from molting_tui.evaluation.scoring.session_plans import checked_choice
from molting_tui.evaluation.statistics.proportions import clopper_pearson
from molting_tui.records.flags import ContenderFlags, FlagTable, FlagTrust, Share
from molting_tui.store import answers, events, scoring
from molting_tui.workspace import Workspace

BROKEN = ("template_bleed", "role_run_on", "repetition", "language_mismatch", "empty")
"""An answer with any of these flags isn't coherent."""


def flag_table(
    workspace: Workspace, *, sets: Sequence[str] = (), language: str = "", unblind: bool = False
) -> FlagTable:
    """Flags by contender over the answers of these question sets (all) in this language (any). It needs no ratings.

    Raises Refused while a blind session of any rubric has open answers, unless `unblind`, which is logged; what you are
    shown counts as seen, as facts do.
    """
    open_gate(workspace, "", unblind=unblind)
    given = [
        each for each in answers.answers(workspace.store, checked_choice(workspace, sets, language, ())) if each.read
    ]
    numbers = [answer.id for answer in given]
    scoring.mark_shown(workspace.store, workspace.actor, numbers, "facts", events.now(), but_scored="")
    hints = hints_of(workspace, given)
    by_contender: dict[str, list[Hints]] = defaultdict(list)
    for answer in given:
        by_contender[answer.contender].append(hints[answer.id])
    return FlagTable(
        tuple(contender_flags(name, by_contender[name]) for name in sorted(by_contender)),
        flags_trust([each for each in hints.values() if each.said]),
    )


def contender_flags(name: str, hints: Sequence[Hints]) -> ContenderFlags:
    """One contender's answers counted."""
    flags = [each.flags for each in hints]
    right = [each.right for each in hints if each.right is not None]
    return ContenderFlags(
        contender=name,
        answers=len(hints),
        flags={flag: share(sum(flag in of for of in flags), len(flags)) for flag in FLAGS},
        factual=share(sum(right), len(right)),
        coherent=share(sum(of.isdisjoint(BROKEN) for of in flags), len(flags)),
        waiting=sum(each.waiting for each in hints),
        confirmed=sum(each.confirmed for each in hints),
    )


def flags_trust(judged: Sequence[Hints]) -> tuple[FlagTrust, ...]:
    """How far each flag can be trusted, by the answers of which a person said something."""
    looked_at = [(each, each.flags) for each in judged]
    return tuple(_trust(flag, looked_at) for flag in FLAGS)


def _trust(flag: str, looked_at: Sequence[tuple[Hints, frozenset[str]]]) -> FlagTrust:
    """Of one flag: right among those judged, given among those true. What is said of a fact judges its flag too."""
    judged = right = true = caught = confirmed = 0
    for each, flags in looked_at:
        stands, given = flag in flags, flag in each.machine
        of_facts = flag.startswith("fact_") and any(name.startswith(FACT) for name in each.said)
        if given and (flag in each.said or each.confirmed or of_facts):
            judged, right = judged + 1, right + stands
        if each.confirmed:
            confirmed, true, caught = confirmed + 1, true + stands, caught + (stands and given)
    return FlagTrust(flag, share(right, judged), share(caught, true) if confirmed else None)


def share(hits: int, trials: int) -> Share:
    """A rate with its interval."""
    if not trials:
        return Share(hits, trials, None)
    low, high = clopper_pearson(hits, trials)
    return Share(hits, trials, (low, high))
