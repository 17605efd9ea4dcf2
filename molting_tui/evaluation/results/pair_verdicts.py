"""The verdict on pairs of contenders, from answers and ratings that were read already: what can be compared, what it
comes to, what limits it. Several pairs share their 5 % by Holm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from molting_tui.errors import Refused
from molting_tui.evaluation.asking.training_prompts import TrainingPrompts
from molting_tui.evaluation.results import looks
from molting_tui.evaluation.results.agreement import agreements, claim_of_raters
from molting_tui.evaluation.results.averages import RatedAnswer
from molting_tui.evaluation.results.comparable import WHY, Comparable, Why, comparable, trained_on
from molting_tui.evaluation.results.differing import differing
from molting_tui.evaluation.results.recipes import recipe_claim
from molting_tui.evaluation.results.remarks import models_of
from molting_tui.evaluation.results.verdict_words import APART, MEMORY
from molting_tui.evaluation.results.verdicts import ALPHA, WITHIN, claim_of_these, judged
from molting_tui.evaluation.statistics.several import holm
from molting_tui.records.battles import BattleResult
from molting_tui.records.contenders import Contender
from molting_tui.records.evaluation import Role, Rubric
from molting_tui.records.totals import ReportedTotal
from molting_tui.records.verdicts import FactScores, Verdict, WinRate
from molting_tui.store import contenders, totals
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

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


def verdicts_on(
    workspace: Workspace,
    rubric: Rubric,
    rated: Sequence[RatedAnswer],
    pairs: Sequence[tuple[str, str]],
    selection: Selection = EVERYTHING,
    within: float = WITHIN,
    trained: TrainingPrompts | None = None,
) -> list[Verdict]:
    """The verdicts on these pairs (by name), the difference taken as the first less the second; none is shown here, and
    whoever shows one has asked whether it may be. Raises Refused before a planned look is due."""
    prompts = trained or TrainingPrompts(workspace)
    verdicts = [_verdict(workspace, rubric, pair, selection, within, rated, prompts) for pair in pairs]
    return _shared_level(verdicts) if len(verdicts) > 1 else verdicts


def sessions_of(
    workspace: Workspace, rubric: Rubric, rated: Sequence[RatedAnswer], a: str, b: str, selection: Selection
) -> frozenset[str]:
    """The sessions (uuids) whose ratings compare two contenders."""
    return _sides(workspace, rubric, a, b, selection, rated, TrainingPrompts(workspace)).sessions


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
    workspace: Workspace,
    rubric: Rubric,
    a: str,
    b: str,
    selection: Selection,
    rated: Iterable[RatedAnswer],
    trained: TrainingPrompts,
) -> _Sides:
    of: dict[str, list[RatedAnswer]] = {a: [], b: []}
    for each in rated:
        if each.answer.contender in of:
            of[each.answer.contender].append(each)
    known = contenders.every(workspace.store)
    who = ([known[number] for number in dict.fromkeys(each.answer.contender_id for each in of[name])] for name in of)
    learned = trained_on(trained, of[a], of[b])
    there = comparable(rubric, of[a], of[b], learned=learned, role=selection.role)
    return _Sides((of[a], of[b]), (next(who), next(who)), there)


def _verdict(
    workspace: Workspace,
    rubric: Rubric,
    pair: tuple[str, str],
    selection: Selection,
    within: float,
    rated: Sequence[RatedAnswer],
    trained: TrainingPrompts,
) -> Verdict:
    """One verdict, at the look that is due where looks were planned."""
    a, b = pair
    sides = _sides(workspace, rubric, a, b, selection, rated, trained)
    facts = tuple(FactScores(fact.cluster, fact.a, fact.b) for fact in sides.comparable.facts)
    told = {each.total.version: each.total for each in totals.every(workspace.store)}
    several = _several_models(pair, sides)
    why = _only_told(pair, sides, told) or several or _why(sides)
    planned = looks.planned(workspace, rubric, looks.Wanted(a, b, (), *selection))
    look = looks.due(workspace, planned, facts) if planned and not why else None
    facts, level = (look.facts, look.level) if look else (facts, ALPHA)
    verdict = judged(facts, within=within, level=level, confidence=1 - level)
    # Their battles are of several models too.
    fought = None if several else _fought(workspace, a, b)
    compared = [each for each in sides.comparable.facts if each.cluster in {fact.cluster for fact in facts}]
    recipe = recipe_claim(workspace, *([each.run for each in side if each.run] for side in sides.who))
    raters = {rater for fact in compared for rater in fact.raters}
    questions = [question for fact in compared for question in fact.questions]
    claims = (claim_of_these(questions), recipe, claim_of_raters(len(raters)))
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
        win_rate=_win_rate(fought) if fought else None,
        without=() if why else verdict.without,
        differing=differing(*sides.who),
        claims=() if why else tuple(claim for claim in claims if claim is not None),
        agreement=() if why else agreements(workspace, rubric, sides.both),
        reasons=(*_of_totals(rubric, pair, told), *_reasons(sides.comparable)),
        blind=all(fact.blind for fact in compared),
        questions=len(questions),
        plan=planned,
        look=look.number if look else 0,
        battles=_battle_sentences(fought) if fought else (),
    )


def _fought(workspace: Workspace, a: str, b: str) -> BattleResult | None:
    """What battles of the two came to; None where they never met, or the votes may not be told yet."""
    # Brings the table of results, which brings this module.
    from molting_tui.evaluation.battles.battle_results import battle_results

    try:
        return battle_results(workspace, a, b)
    except Refused:
        return None


def _battle_sentences(fought: BattleResult) -> tuple[str, ...]:
    from molting_tui.evaluation.battles.battle_results import result_sentence, trust_sentences

    return result_sentence(fought), *trust_sentences(fought)


def _win_rate(fought: BattleResult) -> WinRate:
    rate = fought.rate or 0.0
    return WinRate(fought.wins, fought.losses, fought.ties, fought.both_bad, rate, fought.interval)


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


def _only_told(pair: tuple[str, str], sides: _Sides, told: Mapping[str, ReportedTotal]) -> str:
    """Whether of either nothing is known but the total that a report tells."""
    names = [name for name, rated in zip(pair, sides.rated, strict=True) if not rated and name in told]
    return f"of {' and '.join(show_line(name, 40) for name in names)} a report's total is all there is" if names else ""


def _of_totals(rubric: Rubric, pair: tuple[str, str], told: Mapping[str, ReportedTotal]) -> Iterator[str]:
    """What the reports' totals of two versions are worth here."""
    for total in (told[name] for name in pair if name in told):
        name = show_line(total.version, 40)
        if total.rubric != rubric.id:
            yield f"{name}'s {total.score} is by another rubric ({show_line(total.rubric, 40)})."
        yield from (f"{name}: {check}" for check in total.checks)


def _several_models(pair: tuple[str, str], sides: _Sides) -> str:
    """Which of the names stands for several models; empty where neither does."""
    for name, several in zip(pair, sides.who, strict=True):
        if len(models := models_of(several)) > 1:
            return f"{show_line(name, 40)} is the name of {len(models)} models"
    return ""


def _why(sides: _Sides) -> str:
    """Why nothing can be compared; empty where something can."""
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
    "memory": MEMORY,
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
