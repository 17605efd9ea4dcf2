"""Contenders of a workspace compared by name: verdicts, both answers to a fact, and looks planned before the first.

Nothing is told while somebody scores blind, and what is shown is logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import combinations

from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.battles.gate import refuse_while_battles_wait
from molting_tui.evaluation.results import last_verdict, looks
from molting_tui.evaluation.results.averages import RatedAnswer
from molting_tui.evaluation.results.pair_verdicts import EVERYTHING, Selection, sessions_of, verdicts_on
from molting_tui.evaluation.results.table import answers_with_ratings, log_figures, log_shown, open_gate
from molting_tui.evaluation.results.verdicts import WITHIN
from molting_tui.records.evaluation import ROLES, Rubric
from molting_tui.records.verdicts import Plan, Verdict
from molting_tui.store import answers, totals
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

FINISH = "Score them first (`molting score`), or close the session (`molting score --close`)."


def compared(
    workspace: Workspace, rubric: Rubric, a: str, b: str, selection: Selection = EVERYTHING, within: float = WITHIN
) -> Verdict:
    """The verdict on two contenders, the difference taken as the first less the second.

    Raises BadInput for a name that nobody answered by, or the same one twice; Refused while answers wait for a blind
    score, and before a planned look is due.
    """
    return compared_in_pairs(workspace, rubric, [(a, b)], selection, within)[0]


def compared_in_pairs(
    workspace: Workspace, rubric: Rubric, pairs: Sequence[tuple[str, str]], selection: Selection, within: float
) -> list[Verdict]:
    """The verdicts on several pairs, which share their 5 % by Holm where there are two or more. Raises as `compared`
    does."""
    if selection.role not in ROLES:
        raise BadInput(f"`{show_line(selection.role)}` isn't a role.", fix=f"The roles are: {', '.join(ROLES)}.")
    names = checked_names(workspace, [name for pair in pairs for name in pair])
    for a, b in pairs:
        if a == b:
            raise BadInput(f"`{show_line(a)}` is given twice.", fix="Name two contenders.")
    _gate(workspace, rubric.digest)
    rated = _rated(workspace, rubric, names, selection)
    log_figures(workspace, rubric, rated)
    verdicts = verdicts_on(workspace, rubric, rated, pairs, selection, within)
    if selection == EVERYTHING:
        last_verdict.remember(workspace, rubric, verdicts[0])
    return verdicts


def pairs_of(names: Sequence[str], against: str = "") -> list[tuple[str, str]]:
    """Which pairs several names make: each with one of them (`against`), or all with all."""
    if against:
        return [(name, against) for name in dict.fromkeys(names) if name != against]
    return list(combinations(names, 2))


def checked_names(workspace: Workspace, names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once. Raises BadInput for one that nobody answered by and no report tells a total of, with the
    one that is most like it."""
    told = (stored.total.version for stored in totals.every(workspace.store))
    known = list(dict.fromkeys([*answers.contender_names(workspace.store), *told]))
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.5)
            listed = ", ".join(show_line(each, 40) for each in known[:10]) or "none"
            raise BadInput(
                "no answer is known of this contender.",
                where=f"`{show_line(name)}`",
                fix=f"Did you mean `{show_line(close[0])}`?" if close else f"Known: {listed}.",
            )
    return tuple(dict.fromkeys(names))


def answers_to(
    workspace: Workspace, rubric: Rubric, a: str, b: str, cluster: str, selection: Selection = EVERYTHING
) -> list[RatedAnswer]:
    """Both contenders' answers to one fact, by question; that you were shown them is logged.

    Raises BadInput where neither answered it, Refused while answers of any rubric wait for a blind score.
    """
    names = checked_names(workspace, (a, b))
    _gate(workspace, "")
    rated = _rated(workspace, rubric, names, selection)
    chosen = [each for each in rated if cluster in (each.answer.question.fact_asked, each.answer.question.id)]
    if not chosen:
        known = sorted({each.answer.question.fact_asked for each in rated})
        close = get_close_matches(cluster, known, n=1, cutoff=0.5)
        raise BadInput(
            "neither of the two answered this.",
            where=f"`{show_line(cluster)}`",
            fix=f"Did you mean `{show_line(close[0])}`?" if close else f"Facts: {', '.join(known[:20])}.",
        )
    log_shown(workspace, [each.answer for each in chosen if each.answer.read])
    return sorted(chosen, key=lambda each: (each.answer.question.id, (a, b).index(each.answer.contender)))


def plan(
    workspace: Workspace, rubric: Rubric, a: str, b: str, planned: Sequence[int], selection: Selection = EVERYTHING
) -> Plan:
    """Register looks (numbers of facts) at two contenders before the first of them; nothing is shown.

    Raises BadInput as `compared` does and for looks that can't be; Refused where there is a plan already, or figures of
    the two could be seen before.
    """
    names = checked_names(workspace, (a, b))
    if len(names) < 2:
        raise BadInput(f"`{show_line(a)}` is given twice.", fix="Name two contenders.")
    rated = _rated(workspace, rubric, names, selection)
    sessions = sessions_of(workspace, rubric, rated, a, b, selection)
    return looks.register(workspace, rubric, looks.Wanted(a, b, tuple(planned), *selection), sessions)


def _rated(workspace: Workspace, rubric: Rubric, names: Sequence[str], selection: Selection) -> list[RatedAnswer]:
    """The answers of these with their ratings; of who is known by a report's total there are none."""
    there = set(answers.contender_names(workspace.store))
    of = [name for name in names if name in there]
    sets, language, _, rater = selection
    return answers_with_ratings(workspace, rubric, sets, language, rater, of) if of else []


def _gate(workspace: Workspace, rubric_digest: str) -> None:
    refuse_while_battles_wait(workspace)
    try:
        open_gate(workspace, rubric_digest, unblind=False)
    except Refused as refused:
        raise Refused(refused.what, fix=FINISH) from refused
