"""What limits a table of results, said in sentences under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from molting_tui.evaluation.results.verdict_words import best_of
from molting_tui.evaluation.scoring.edited_rubrics import Edited
from molting_tui.evaluation.scoring.points import closed_gates
from molting_tui.evaluation.statistics.paired import FEWEST_CLUSTERS
from molting_tui.records.contenders import Adapter, Base, Checkpoint, Contender, Endpoint, Imported
from molting_tui.records.evaluation import AfterSeeing, ClosedSession, ContenderResult, Rating, Rubric, Shown
from molting_tui.records.verdicts import Verdict
from molting_tui.store.ratings import RubricRated
from molting_tui.text import plural, show_line

PLACES = {
    "results": "answers with names",
    "trace": "traces",
    "sheet": "sheets",
    "samples": "samples of training",
    "chat": "chats",
    "battle": "battles with names",
    "figures": "others' scores",
    "facts": "facts",
    "session": "results of that session",
    "unblind": "names asked for early",
}
"""What was shown in a place; one of a later version stands for itself."""
NAME = 40
"""Cells of a contender's name in a sentence."""


def of_blindness(veiled: bool) -> Iterator[str]:
    """What isn't told while somebody scores blind under another rubric."""
    if veiled:
        yield ("Answers are scored blind under another rubric: until the last one is, facts and flags aren't told.")


def of_seeing(after_seeing: Sequence[AfterSeeing], shown: Sequence[Shown]) -> Iterator[str]:
    """How much was scored after a look, and who has seen what by now."""
    if after_seeing:
        by = _by_person((each.rater, each.place, each.answers) for each in after_seeing)
        count = plural(sum(each.answers for each in after_seeing), "answer")
        yield f"Scored after seeing: {count} ({by}): bias possible."
    if shown:
        by = _by_person((each.actor, each.place, each.answers) for each in shown)
        yield f"Seen so far ({by}): what they score of these from now on isn't blind."


def _by_person(rows: Iterable[tuple[str, str, int]]) -> str:
    """Rows of person, place and count, one person after the other: `rui: others' scores 4, traces 1; ana: …`."""
    counts: dict[str, list[str]] = {}
    for person, place, count in rows:
        counts.setdefault(person, []).append(f"{PLACES.get(place, show_line(place, NAME))} {count:,}")
    return "; ".join(f"{show_line(person, NAME)}: {', '.join(places)}" for person, places in counts.items())


def of_closed(closed: Sequence[ClosedSession]) -> Iterator[str]:
    """Sessions that were ended before their last answer."""
    for session in closed:
        by = "" if session.closed_by == session.actor else f" by {show_line(session.closed_by, NAME)}"
        left = f"{session.unrated:,} of its {plural(session.answers, 'answer')} had no score"
        yield f"{show_line(session.actor, NAME)}'s session was closed early{by}: {left}."


def of_contenders(contenders: Sequence[ContenderResult], unrated: Mapping[str, int]) -> Iterator[str]:
    """Who isn't rated, or not whole; who wasn't scored blind; who had learned the very questions."""
    for contender in contenders:
        name = show_line(contender.name, NAME)
        if contender.incomplete:
            answers = plural(contender.answers, "answer")
            yield f"{name}: {contender.incomplete} of {answers} not rated in every dimension, left out."
    if unrated:
        names = ", ".join(f"{show_line(name, NAME)} ({plural(count, 'answer')})" for name, count in unrated.items())
        yield f"Not rated under this rubric: {names}."
    known = [show_line(contender.name, NAME) for contender in contenders if contender.blind is False]
    if known:
        yield f"{', '.join(known)}: the scorer could know the contender, bias possible."
    unknown = [show_line(contender.name, NAME) for contender in contenders if contender.blind is None]
    if unknown:
        yield f"{', '.join(unknown)}: from a score sheet; whether it was scored blind isn't known."
    for contender in contenders:
        scored = [question for question in contender.questions if question.score is not None]
        learned = sum(question.in_training is True for question in scored)
        if learned:
            of = f"{learned} of its {plural(len(scored), 'question')}"
            name = show_line(contender.name, NAME)
            yield f"{name} was trained on {of}, in these words or others: that part is memory."


def of_models(given: Mapping[str, Iterable[Contender]]) -> Iterator[str]:
    """Whether several contenders go by one name: other models, or one model asked in other ways."""
    for name, contenders in given.items():
        several = set(contenders)
        # What stands in an older answer and isn't known doesn't make another contender of it.
        asked = _unlike({(who.system_prompt, who.generation) for who in several})
        models = models_of(several)
        if len(models) == 1 < len(asked):
            yield (
                f"{show_line(name, NAME)}: asked in {len(asked)} ways (system prompt, sampling) under one name, and "
                "its figures mix them; ask with NAME=CONTENDER to tell them apart."
            )
        if len(models) > 1:
            bases = ", ".join(sorted({show_line(base or "", NAME) or "not told" for base, *_ in models}))
            yield (
                f"{show_line(name, NAME)}: answers of {len(models)} models go by this name (of {bases}), and its "
                "figures mix them; ask with NAME=CONTENDER to tell them apart."
            )


def models_of(contenders: Iterable[Contender]) -> list[tuple[str | None, ...]]:
    """The models that are surely not one another: base, its digest, the adapter's, the template's. What isn't known of
    one may be another's."""
    return _unlike({_model(who) for who in contenders})


def _model(who: Contender) -> tuple[str | None, ...]:
    """What makes a contender's model: base, its digest, the adapter's, the template's."""
    match who.model:
        case Base(base, digest):
            return base, digest, "", who.template
        case Adapter(base, adapter, digest) | Checkpoint(base, _, _, adapter, digest):
            return base, digest, adapter, who.template
        case Endpoint(url, model):
            return f"{url} {model}", None, "", who.template
        case Imported():
            return "", None, "", who.template


def _unlike(rows: set[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    """Those that can't be the same as one before: where one of two doesn't know, they may be."""
    unlike: list[tuple[str | None, ...]] = []
    # The ones that know most come first.
    for values in sorted(rows, key=lambda values: (values.count(None), str(values))):
        if not any(
            all(None in pair or pair[0] == pair[1] for pair in zip(values, other, strict=True)) for other in unlike
        ):
            unlike.append(values)
    return unlike


def of_questions(scored: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Whether the contenders were scored on other questions, or more often on some."""
    if len({frozenset(questions) for questions in scored.values() if questions}) > 1:
        shared = set.intersection(*(set(questions) for questions in scored.values() if questions))
        yield (
            f"The contenders weren't scored on the same questions ({plural(len(shared), 'question')} shared): "
            "their scores can't be compared as they stand."
        )


def of_raters(
    rubric: Rubric, given: Iterable[Sequence[Rating]], sheets: Iterable[Sequence[Mapping[str, int | None]]]
) -> Iterator[str]:
    """Several raters or passes in one mean, dimensions that didn't apply, and gates that capped a score. Each answer
    counts once, however many have rated it."""
    everybody = {(rating.rater, rating.rating_pass) for ratings in given for rating in ratings}
    raters = sorted({show_line(rater, NAME) for rater, _ in everybody})
    if len(everybody) > 1:
        passes = "" if len(raters) == len(everybody) else f", {len(everybody)} passes"
        yield (
            f"{plural(len(raters), 'rater')}{passes} ({', '.join(raters)}): a rater's passes are averaged first, then "
            "the raters; points and levels are shared alike."
        )
    of_answers = [tuple(several) for several in sheets]
    absent = sum(len({name for sheet in of for name, level in sheet.items() if level is None}) for of in of_answers)
    if absent:
        yield f"{plural(absent, 'rating')} not applicable: scores are of the dimensions that apply."
    capped = Counter(
        gate for of in of_answers for gate in {each for sheet in of for each in closed_gates(rubric, sheet)}
    )
    for gate in rubric.gates:
        if capped[gate]:
            yield f"Gate {gate.id} caps {plural(capped[gate], 'answer')} at {gate.cap:g}: {gate.reason}."


def of_not_applicable(count: int) -> Iterator[str]:
    """What became of "not applicable" where a dimension always applies."""
    if count:
        yield (
            f"{plural(count, 'rating')} not applicable of a dimension that always applies (no `na_when`), as earlier "
            "versions took them: such an answer counts as not rated whole, and `molting score` asks again."
        )


def of_other_rubrics(rubric: Rubric, rated: Iterable[RubricRated]) -> Iterator[str]:
    """Ratings under another version of the rubric, which are never put together with these."""
    others = [other for other in rated if other.digest != rubric.digest and other.version != rubric.version]
    if others:
        count = sum(other.ratings for other in others)
        texts = ", ".join(f"version {show_line(other.version, NAME)}, {other.digest[:8]}" for other in others)
        yield (
            f"{plural(count, 'rating')} under another text of {rubric.id} ({texts}) left out: other words measure "
            "something else. Score those answers again to compare."
        )


def of_edited(rubric: Rubric, others: Iterable[Edited]) -> Iterator[str]:
    """Ratings under other words of the rubric's very version."""
    for other in others:
        name = f"{rubric.id} {show_line(rubric.version, NAME)}"
        yield (
            f"{plural(other.ratings, 'rating')} under other words of {name} left out ({other.differing}): raise the "
            f"`version` of the file that was changed. `--rubric {other.digest[:8]}` shows them."
        )


def of_intervals(contenders: Sequence[ContenderResult]) -> Iterator[str]:
    """Whose score has no interval, and why."""
    for contender in contenders:
        if contender.score is not None and contender.interval is None:
            facts = len({each.cluster or each.question for each in contender.questions if each.score is not None})
            why = f"{plural(facts, 'fact')} asked, and it takes {FEWEST_CLUSTERS}"
            if facts >= FEWEST_CLUSTERS:
                why = "all its facts have one score, so their spread isn't known"
            yield f"{show_line(contender.name, NAME)} has no interval: {why}."


def of_verdicts(contenders: Sequence[ContenderResult], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """How to compare contenders that are too many for every pair to be, and what the best of several is worth."""
    scored = sum(contender.score is not None for contender in contenders)
    if verdicts:
        yield from best_of(verdicts)
    elif scored > 2:
        yield (
            f"Overlapping intervals are no verdict: compare two of these {scored} (`molting compare A B`, or v on the "
            "screen)."
        )
