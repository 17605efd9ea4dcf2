"""What may be said of versions against each other: verdicts, battles, and what may not be compared, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, pairwise

from molting_tui.errors import Refused
from molting_tui.evaluation.battles.battle_results import battle_results, result_sentence, trust_sentences
from molting_tui.evaluation.results.comparison import compared_in_pairs
from molting_tui.evaluation.results.pair_verdicts import Selection
from molting_tui.evaluation.results.verdict_words import left_out_sentence, sentence, title
from molting_tui.evaluation.results.verdicts import WITHIN
from molting_tui.evaluation.scoring.points import fit_of_score, possible_points
from molting_tui.records.evaluation import Results, Rubric
from molting_tui.records.reports import Compared, Fought, Judgement, Version
from molting_tui.records.verdicts import Verdict
from molting_tui.store import battles
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

NOT_COMPARABLE = "NOT COMPARABLE"
_NAME = 40
Judged = Mapping[frozenset[str], Judgement | str]
"""What was judged of two versions, by their names; a sentence where nothing may be told yet."""


def judged(
    workspace: Workspace, results: Results, ordered: Sequence[Version], sets: Sequence[str], language: str
) -> dict[frozenset[str], Judgement | str]:
    """The verdicts on versions that were measured: those under the table of results, else on each and the one before
    it, and on the last and each base, which share their 5 % by Holm. Where a planned look isn't due, the sentence that
    says so."""
    if results.verdicts:
        return {frozenset((each.a, each.b)): _judgement(each) for each in results.verdicts}
    chain = [version.name for version in ordered if version.score is not None and version.origin != "asked"]
    bases = [version.name for version in ordered if version.score is not None and version.origin == "asked"]
    pairs = [(after, before) for before, after in pairwise(chain)] + [
        (name, base) for name in chain[-1:] for base in bases
    ]
    if not pairs:
        return {}
    selection = Selection(tuple(sets), language)
    try:
        verdicts = compared_in_pairs(workspace, results.rubric, pairs, selection, WITHIN)
    except Refused as refused:
        return {frozenset(pair): f"{refused.what[:1].upper()}{refused.what[1:]}" for pair in pairs}
    return {frozenset((each.a, each.b)): _judgement(each) for each in verdicts}


def compared(rubric: Rubric, before: Version, after: Version, verdicts: Judged) -> Compared | None:
    """What may be said of two versions; where either wasn't measured, why nothing is compared."""
    names = f"{show_line(after.name, _NAME)} against {show_line(before.name, _NAME)}"
    if before.score is None or after.score is None:
        why = (*_unmeasured(rubric, before), *_unmeasured(rubric, after), *_asked_otherwise(before, after))
        return Compared(before.name, NOT_COMPARABLE, f"{names}: {NOT_COMPARABLE}. {' '.join(why)}", why)
    verdict = verdicts.get(frozenset((before.name, after.name)))
    if verdict is None or isinstance(verdict, str):
        return (verdict and Compared(before.name, "", verdict)) or None
    why = (verdict.verdict.why,) if verdict.verdict.why else ()
    words = " ".join((f"{names}: {verdict.title}.", verdict.sentence, *verdict.without))
    return Compared(before.name, verdict.verdict.word, words, why)


def battles_between(workspace: Workspace, ordered: Sequence[Version]) -> tuple[Fought, ...]:
    """What battles say of each two contenders that met in an ended session, the later version against the earlier."""
    places = {version.name: place for place, version in enumerate(ordered) if version.origin != "asked"}
    names = {name for session in battles.sessions(workspace.store) for name in session.payload.get("contenders", [])}
    newest = sorted(names, key=lambda name: (-places.get(name, -1), name))
    results = (battle_results(workspace, a, b) for a, b in combinations_with_replacement(newest, 2))
    return tuple(Fought(each, result_sentence(each), trust_sentences(each)) for each in results if each is not None)


def _judgement(verdict: Verdict) -> Judgement:
    without = tuple(f"But {left_out_sentence(each)}." for each in verdict.without)
    return Judgement(verdict, title(verdict), sentence(verdict), without)


def every_verdict(verdicts: Judged) -> list[Verdict]:
    """The verdicts alone."""
    return [each.verdict for each in verdicts.values() if isinstance(each, Judgement)]


def unsaid(verdicts: Judged, said: Iterable[Version]) -> tuple[Judgement, ...]:
    """The verdicts that no version's line tells already."""
    told = {frozenset((version.name, version.compared.against)) for version in said if version.compared}
    return tuple(each for pair, each in verdicts.items() if isinstance(each, Judgement) and pair not in told)


def _unmeasured(rubric: Rubric, version: Version) -> Iterator[str]:
    """Why a version's score can't be compared with one that was measured."""
    name = show_line(version.name, _NAME)
    if version.score is not None:
        return
    told = version.reported
    if told is None:
        yield f"{name} isn't scored."
        return
    yield f"{name}'s {told.score} is told by a report; no sheet of it is here."
    if told.rubric != rubric.id:
        yield f"It was scored by another rubric ({show_line(told.rubric, _NAME)}), whose levels mean something else."
    elif told.answers is not None and len({dimension.weight for dimension in rubric.dimensions}) == 1:
        possible = possible_points(rubric, told.answers)
        if fit_of_score(told.score, possible).kind not in ("exact", "rounded"):
            yield f"{told.score} can't be whole points of {possible}: it may be of another sheet."


def _asked_otherwise(before: Version, after: Version) -> Iterator[str]:
    old, new = dict(before.asked), dict(after.asked)
    differing = [f"{name} {old[name]} and {new[name]}" for name in old if name in new and old[name] != new[name]]
    if differing:
        yield f"They were asked with {', '.join(differing)}."
