"""Two contenders of a workspace compared: which of their facts can be, the verdict on them, and what limits it.

Nothing is told while somebody scores blind. Looks that were planned (`looks.py`) have bounds of their own; several
comparisons share their 5 % by Holm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import combinations
from statistics import fmean
from typing import NamedTuple

from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.asking.training_prompts import TrainingPrompts
from molting_tui.evaluation.results import looks
from molting_tui.evaluation.results.agreement import agreements, claim_of_raters
from molting_tui.evaluation.results.averages import RatedAnswer
from molting_tui.evaluation.results.comparable import WHY, Comparable, ComparedFact, Why, comparable, trained_on
from molting_tui.evaluation.results.differing import differing
from molting_tui.evaluation.results.recipes import recipe_claim
from molting_tui.evaluation.results.remarks import models_of
from molting_tui.evaluation.results.table import (
    answers_with_ratings,
    log_figures,
    log_shown,
    open_gate,
)
from molting_tui.evaluation.results.verdict_words import APART
from molting_tui.evaluation.results.verdicts import ALPHA, WITHIN, QuestionScores, claim_of_these, judged
from molting_tui.evaluation.statistics.several import best_looks_too_good, holm
from molting_tui.records.contenders import Contender
from molting_tui.records.evaluation import ROLES, Role, Rubric
from molting_tui.records.verdicts import FactScores, Plan, Verdict
from molting_tui.store import answers, contenders
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

FINISH = "Score them first (`molting score`), or close the session (`molting score --close`)."
NAMED = 4
"""Facts that a reason names."""


class Selection(NamedTuple):
    """Which answers a comparison is about: of these question sets, in this language, to questions of this role, rated
    by this person. Empty: all; but of roles it is always one."""

    sets: tuple[str, ...] = ()
    language: str = ""
    role: Role = "generalise"
    rater: str = ""


EVERYTHING = Selection()


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
    rated = answers_with_ratings(workspace, rubric, selection.sets, selection.language, selection.rater, names)
    log_figures(workspace, rubric, rated)
    verdicts = [_compared(workspace, rubric, a, b, selection, within, rated) for a, b in pairs]
    return _shared_level(verdicts) if len(verdicts) > 1 else verdicts


def pairs_of(names: Sequence[str], against: str = "") -> list[tuple[str, str]]:
    """Which pairs several names make: each with one of them (`against`), or all with all."""
    if against:
        return [(name, against) for name in dict.fromkeys(names) if name != against]
    return list(combinations(names, 2))


def best_of(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """What to know of the best of several: equal versions miss their score by chance, and the best is the luckiest."""
    names = {name for verdict in verdicts for name in (verdict.a, verdict.b)}
    spreads = [verdict.figures.spread / 2**0.5 for verdict in verdicts if verdict.figures]
    if len(names) < 3 or not spreads:
        return ()
    facts = min(len(verdict.facts) for verdict in verdicts if verdict.figures)
    by = best_looks_too_good(len(names), fmean(spreads), facts)
    return (
        f"{len(verdicts)} comparisons share their 5 % by Holm. The best of {len(names)} equal versions would look "
        f"{by:.2f} too good on {plural(facts, 'fact')}: ask it other questions before you trust its score.",
    )


def checked_names(workspace: Workspace, names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once. Raises BadInput for one that nobody answered by, with the one that is most like it."""
    known = answers.contender_names(workspace.store)
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
    rated = answers_with_ratings(workspace, rubric, selection.sets, selection.language, selection.rater, names)
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
    rated = answers_with_ratings(workspace, rubric, selection.sets, selection.language, selection.rater, names)
    sessions = _sides(workspace, rubric, a, b, selection, rated).sessions
    return looks.register(workspace, rubric, looks.Wanted(a, b, tuple(planned), *selection[:3]), sessions)


class _Sides(NamedTuple):
    """What is known of two contenders: their answers with ratings, who they are, and what can be compared."""

    rated: tuple[list[RatedAnswer], list[RatedAnswer]]
    who: tuple[list[Contender], list[Contender]]
    comparable: Comparable

    @property
    def both(self) -> list[RatedAnswer]:
        """The answers of both."""
        return [*self.rated[0], *self.rated[1]]

    @property
    def sessions(self) -> frozenset[str]:
        """The sessions (uuids) that the answers of comparable facts were rated in."""
        compared = {uuid for fact in self.comparable.facts for uuid in (*fact.answers_a, *fact.answers_b)}
        ratings = (rating for each in self.both if each.answer.uuid in compared for rating in each.ratings)
        return frozenset(rating.session for rating in ratings if rating.session)


def _sides(
    workspace: Workspace, rubric: Rubric, a: str, b: str, selection: Selection, rated: Iterable[RatedAnswer]
) -> _Sides:
    of: dict[str, list[RatedAnswer]] = {a: [], b: []}
    for each in rated:
        if each.answer.contender in of:
            of[each.answer.contender].append(each)
    known = contenders.every(workspace.store)
    who = ([known[number] for number in dict.fromkeys(each.answer.contender_id for each in of[name])] for name in of)
    learned = trained_on(TrainingPrompts(workspace), of[a], of[b])
    there = comparable(rubric, of[a], of[b], learned=learned, role=selection.role)
    return _Sides((of[a], of[b]), (next(who), next(who)), there)


def _compared(
    workspace: Workspace,
    rubric: Rubric,
    a: str,
    b: str,
    selection: Selection,
    within: float,
    rated: Sequence[RatedAnswer],
) -> Verdict:
    """One verdict, at the look that is due where looks were planned."""
    sides = _sides(workspace, rubric, a, b, selection, rated)
    facts = tuple(FactScores(fact.cluster, fact.a, fact.b) for fact in sides.comparable.facts)
    why = _why(a, b, sides)
    planned = looks.planned(workspace, rubric, looks.Wanted(a, b, (), *selection[:3]))
    look = looks.due(workspace, planned, facts) if planned and not why else None
    facts, level = (look.facts, look.level) if look else (facts, ALPHA)
    verdict = judged(facts, within=within, level=level, confidence=1 - level)
    compared = [each for each in sides.comparable.facts if each.cluster in {fact.cluster for fact in facts}]
    recipe = recipe_claim(workspace, *([each.run for each in side if each.run] for side in sides.who))
    raters = {rater for fact in compared for rater in fact.raters}
    claims = (claim_of_these(_questions(compared, sides.both)), recipe, claim_of_raters(len(raters)))
    return Verdict(
        a=a,
        b=b,
        word="NOT COMPARABLE" if why else verdict.word,
        why=why,
        facts=() if why else facts,
        figures=None if why else verdict.figures,
        within=within,
        level=level,
        p_holm=None,
        win_rate=None,
        without=() if why else verdict.without,
        differing=differing(*sides.who),
        claims=() if why else tuple(claim for claim in claims if claim is not None),
        agreement=() if why else agreements(workspace, rubric, sides.both),
        reasons=_reasons(sides.comparable),
        blind=all(fact.blind for fact in compared),
        questions=len({question for fact in compared for question in fact.questions}),
        plan=planned,
        look=look.number if look else 0,
    )


def _questions(facts: Iterable[ComparedFact], rated: Iterable[RatedAnswer]) -> list[QuestionScores]:
    """The scores of both on each question that was compared, one a sample."""
    by_answer = {each.answer.uuid: each for each in rated}
    questions = []
    for fact in facts:
        for question in fact.questions:
            scores = [
                tuple(
                    each.score
                    for uuid in answers_of_side
                    if (each := by_answer[uuid]).answer.question.digest == question and each.score is not None
                )
                for answers_of_side in (fact.answers_a, fact.answers_b)
            ]
            questions.append(QuestionScores(fact.cluster, question, *scores))
    return questions


def _shared_level(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts with p by Holm; a word and what it hangs on are judged at the level that Holm leaves each."""
    with_p = [verdict for verdict in verdicts if verdict.figures]
    adjusted = holm([verdict.figures.p for verdict in with_p if verdict.figures])
    by_pair = {(each.a, each.b): p for each, p in zip(with_p, adjusted, strict=True)}
    shared = []
    for verdict in verdicts:
        p = by_pair.get((verdict.a, verdict.b))
        if p is None or verdict.figures is None:
            shared.append(verdict)
            continue
        level = verdict.level * verdict.figures.p / p if p else verdict.level
        again = judged(verdict.facts, within=verdict.within, level=level, confidence=verdict.figures.confidence)
        shared.append(replace(verdict, word=again.word, without=again.without, p_holm=p, level=level))
    return shared


def _why(a: str, b: str, sides: _Sides) -> str:
    """Why nothing can be compared; empty where something can."""
    for name, several in zip((a, b), sides.who, strict=True):
        if len(models := models_of(several)) > 1:
            return f"{show_line(name, 40)} is the name of {len(models)} models"
    if sides.comparable.facts:
        return ""
    causes = [fact.why for fact in sides.comparable.left_out]
    # What comes nearest to a comparison is told: that is what can be mended.
    return next((words for why, words in _NOT_ONE.items() if why in causes), "nothing was answered")


_NOT_ONE: dict[Why, str] = {
    "apart": APART,
    "unscored": "not scored whole on both sides",
    "other questions": "asked in other words or languages of each",
    "one answered": "no question in common",
    "generalise": "none of these may be trained on",
    "memory": "all that both answered may be trained on",
    "control": "all that both answered are controls",
}
"""Why two contenders can't be compared at all, by the reason of their facts that comes first here."""


def _reasons(there: Comparable) -> tuple[str, ...]:
    """What is left out, and why."""
    return tuple(
        f"{plural(len(clusters), 'fact')} left out ({_some(clusters)}): {words}."
        for why, words in WHY.items()
        if (clusters := there.because(why))
    )


def _some(clusters: Sequence[str]) -> str:
    """The first few names."""
    named = ", ".join(show_line(each, 24) for each in clusters[:NAMED])
    return f"{named}, …" if len(clusters) > NAMED else named


def _gate(workspace: Workspace, rubric_digest: str) -> None:
    try:
        open_gate(workspace, rubric_digest, unblind=False)
    except Refused as refused:
        raise Refused(refused.what, fix=FINISH) from refused
