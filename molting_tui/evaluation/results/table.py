"""What the ratings add up to, contender by contender: means on the 0-10 scale, levels, questions, facts.

Nothing is told while somebody still scores blind, unless they are unblinded, which is logged. The score of a contender
is the mean over its questions of the mean over their samples (Miller, arXiv 2411.00640: questions are the clusters);
`averages.py` makes one of what several raters, or one in several passes, gave an answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from statistics import fmean
from typing import Literal, NamedTuple

from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.asking.questions import CONTROL
from molting_tui.evaluation.asking.training_prompts import TrainingPrompts
from molting_tui.evaluation.battles.gate import log_names_told, refuse_while_battles_wait
from molting_tui.evaluation.noticing.answer_flags import FLAGS
from molting_tui.evaluation.noticing.hints import Hints, hints_of
from molting_tui.evaluation.results import last_verdict, remarks
from molting_tui.evaluation.results.agreement import agreement_sentence, agreements
from molting_tui.evaluation.results.averages import (
    RatedAnswer,
    level_counts,
    mean_levels,
    means,
    points_of,
    rated_answer,
)
from molting_tui.evaluation.results.intervals import score_interval
from molting_tui.evaluation.results.pair_verdicts import Selection, verdicts_on
from molting_tui.evaluation.results.speeds import answer_speeds
from molting_tui.evaluation.scoring.edited_rubrics import edited
from molting_tui.evaluation.scoring.open_sessions import open_sessions, whose
from molting_tui.evaluation.scoring.rubrics import find_rubric, rubric_files
from molting_tui.evaluation.scoring.session_plans import checked_choice
from molting_tui.records.contenders import Adapter, Base, Checkpoint, Contender
from molting_tui.records.evaluation import (
    AfterSeeing,
    Answer,
    ClosedSession,
    ContenderResult,
    Question,
    QuestionResult,
    Rating,
    Results,
    Rubric,
    Shown,
)
from molting_tui.records.verdicts import Verdict
from molting_tui.store import answers, contenders, events, ratings, scoring
from molting_tui.text import plural
from molting_tui.workspace import Workspace

MOST_COMPARED = 3
"""Contenders of which all pairs are compared under a table."""
DEFAULT_RUBRIC = "personality-v1"


def results(
    workspace: Workspace,
    rubric: Rubric,
    *,
    sets: Sequence[str] = (),
    language: str = "",
    unblind: bool = False,
    rater: str = "",
) -> Results:
    """What the ratings of everybody (or of one `rater`) under a rubric add up to.

    Raises Refused while a blind session of this rubric, whoever's, has open answers, unless `unblind`: then those
    sessions are marked with your name and the time, and what is rated in them from then on isn't blind any more. While
    one of another rubric has, the table has no facts and no flags, which stand in the answers' words; of an answer that
    nobody has scored whole it never has.
    """
    waiting = open_gate(workspace, rubric.digest, unblind=unblind)
    rated = answers_with_ratings(workspace, rubric, sets, language, rater)
    trained = TrainingPrompts(workspace)
    of: dict[str, list[RatedAnswer]] = defaultdict(list)
    for answer in rated:
        of[answer.answer.contender].append(answer)
    labels = _labels(answer.answer.question for answer in rated)
    # Of an answer that nobody has scored yet its facts and flags would tell who scores it whose it is.
    hints = hints_of(workspace, [each.answer for each in rated if each.sheets and each.answer.read])
    by_name = {name: _contender(rubric, name, given, trained, labels, hints) for name, given in sorted(of.items())}
    # What can be read off an answer's words would tell whose it is to who scores it under another rubric.
    veiled = scoring.open_blind(workspace.store) > 0
    if veiled:
        by_name = {name: _veiled(contender) for name, contender in by_name.items()}
    log_figures(workspace, rubric, rated)
    if not veiled:
        _log_facts(workspace, [each for each in rated if each.answer.id in hints])
    shown = tuple(contender for name, contender in by_name.items() if any(answer.ratings for answer in of[name]))
    unrated = {name: len(of[name]) for name in by_name if name not in {contender.name for contender in shown}}
    known = answers.sets_of_questions(workspace.store)
    who = contenders.every(workspace.store)
    asked = {answer.answer.question.digest for answer in rated if answer.ratings}
    verdicts, not_due = _verdicts(
        workspace, rubric, rated, _newest_first(shown, of, who), Selection(tuple(sets), language, rater=rater), trained
    )
    if verdicts and not (rater or sets or language):
        last_verdict.remember(workspace, rubric, verdicts[0])
    seen = tuple(Shown(*row) for row in scoring.shown(workspace.store, [each.answer.id for each in rated]))
    after_seeing, closed = _after_seeing(rated), _closed(workspace, rubric)
    return Results(
        rubric=rubric,
        question_sets=tuple(sets) or tuple(sorted({name for digest in asked for name in known.get(digest, ())})),
        contenders=shown,
        open=waiting,
        shown=seen,
        after_seeing=after_seeing,
        closed=closed,
        verdicts=verdicts,
        notes=(
            *not_due,
            *remarks.of_blindness(veiled),
            *remarks.of_seeing(after_seeing, seen),
            *remarks.of_closed(closed),
            *remarks.of_contenders(shown, unrated),
            *remarks.of_models(
                {
                    result.name: [who[each.answer.contender_id] for each in of[result.name] if each.answer.read]
                    for result in shown
                }
            ),
            *remarks.of_questions({result.name: _scored_questions(of[result.name]) for result in shown}),
            *remarks.of_raters(rubric, [answer.ratings for answer in rated], [answer.sheets for answer in rated]),
            *remarks.of_not_applicable(ratings.without_level(workspace.store, rubric.digest)),
            *remarks.of_other_rubrics(rubric, ratings.rubrics_rated(workspace.store, rubric.id)),
            *remarks.of_edited(rubric, edited(workspace, rubric)),
            *map(agreement_sentence, agreements(workspace, rubric, rated)),
            *remarks.of_intervals(shown),
            *remarks.of_verdicts(shown, verdicts),
        ),
    )


def _verdicts(
    workspace: Workspace,
    rubric: Rubric,
    rated: Sequence[RatedAnswer],
    names: Sequence[str],
    selection: Selection,
    trained: TrainingPrompts,
) -> tuple[tuple[Verdict, ...], tuple[str, ...]]:
    """The verdicts on the pairs of two or three contenders, in their order; and why there are none where a planned look
    isn't due."""
    if not 2 <= len(names) <= MOST_COMPARED:
        return (), ()
    try:
        pairs = list(combinations(names, 2))
        return tuple(verdicts_on(workspace, rubric, rated, pairs, selection, trained=trained)), ()
    except Refused as refused:
        return (), (refused.what[:1].upper() + refused.what[1:],)


def _newest_first(
    shown: Sequence[ContenderResult], of: Mapping[str, Sequence[RatedAnswer]], who: Mapping[int, Contender]
) -> list[str]:
    """The names of those that have a score: what was trained later before what was trained earlier, then what answered
    later; bases, which everything here began with, last."""

    def age(name: str) -> tuple[bool, str, str, str]:
        first = min((each.answer for each in of[name]), key=lambda answer: answer.time)
        model = who[first.contender_id].model
        run = model.run if isinstance(model, Adapter | Checkpoint) else ""
        return not isinstance(model, Base), run, first.time, name

    return sorted((contender.name for contender in shown if contender.score is not None), key=age, reverse=True)


def rated_answers(
    workspace: Workspace,
    rubric: Rubric,
    *,
    sets: Sequence[str] = (),
    language: str = "",
    unblind: bool = False,
    rater: str = "",
) -> list[RatedAnswer]:
    """The answers themselves with their ratings, by contender, question and sample: all of them count as seen by you.

    It puts names to words, so it is refused while a blind session of *any* rubric has open answers, as `results` is.
    """
    rated = listed_answers(workspace, rubric, sets=sets, language=language, unblind=unblind, rater=rater)
    read_answers(workspace, rated)
    return rated


def listed_answers(
    workspace: Workspace,
    rubric: Rubric,
    *,
    sets: Sequence[str] = (),
    language: str = "",
    unblind: bool = False,
    rater: str = "",
) -> list[RatedAnswer]:
    """The same, to be listed without their words and notes: none counts as seen. Whoever shows the words of some says
    so by `read_answers` before. It is refused as `rated_answers` is."""
    open_gate(workspace, "", unblind=unblind)
    rated = answers_with_ratings(workspace, rubric, sets, language, rater)
    log_figures(workspace, rubric, rated)
    return rated


def read_answers(workspace: Workspace, rated: Iterable[RatedAnswer]) -> None:
    """Log that you are shown the words of these answers with the names of who gave them."""
    log_shown(workspace, [each.answer for each in rated if each.answer.read])


def seen_answers(workspace: Workspace, rated: Iterable[RatedAnswer]) -> set[int]:
    """Those of these answers (by id) that you were shown by name, words and all."""
    return scoring.shown_to(workspace.store, workspace.actor, [each.answer.id for each in rated])


def log_shown(workspace: Workspace, given: Iterable[Answer]) -> None:
    """Log that you are shown who gave these answers: what you say of them from now on isn't stored as blind."""
    scoring.mark_shown(workspace.store, workspace.actor, [answer.id for answer in given], "results", events.now())


def log_figures(workspace: Workspace, rubric: Rubric, rated: Iterable[RatedAnswer]) -> None:
    """Log that you are shown what others gave these answers, of those that you haven't scored blind yourself."""
    others = [
        each.answer.id
        for each in rated
        if each.answer.read and any(rating.rater != workspace.actor for rating in each.ratings)
    ]
    scoring.mark_shown(workspace.store, workspace.actor, others, "figures", events.now(), but_scored=rubric.digest)


def _log_facts(workspace: Workspace, hinted: Iterable[RatedAnswer]) -> None:
    """Log that you are shown facts and flags of these, of those that you alone have scored, and not blind: that you are
    shown what others gave is logged with the figures."""
    own = [
        each.answer.id
        for each in hinted
        if all(rating.rater == workspace.actor for rating in each.ratings)
        and not all(rating.blind for rating in each.ratings)
    ]
    scoring.mark_shown(workspace.store, workspace.actor, own, "facts", events.now(), but_scored="")


def _after_seeing(rated: Iterable[RatedAnswer]) -> tuple[AfterSeeing, ...]:
    """How many answers each rater scored after seeing them, by place."""
    of_raters = ({rating.rater: rating.seen for rating in each.ratings if rating.seen} for each in rated)
    counts = Counter(pair for seen in of_raters for pair in seen.items())
    return tuple(AfterSeeing(rater, place, count) for (rater, place), count in sorted(counts.items()))


def _closed(workspace: Workspace, rubric: Rubric) -> tuple[ClosedSession, ...]:
    return tuple(
        ClosedSession(session.actor, session.closed_by, session.closed, count, unrated)
        for session, _, count, unrated in scoring.closed_early(workspace.store, rubric.digest)
    )


def waits_for(workspace: Workspace) -> int:
    """How many answers you haven't scored yet, so that they can still be scored blind."""
    return scoring.waiting(workspace.store, workspace.actor)


class FactsLine(NamedTuple):
    """How many of one contender's answers to one question set have all their facts.

    `waiting` counts answers that say or may deny all of them ("denied?"): a person decides.
    `wording` is `memory` (it was trained on the question or on another wording of it), `generalisation` (it wasn't),
    `control` (what the base knew and should keep), or '' where no training is known. A contender that wasn't trained
    itself is parted by the prompts of those that were, so that both can be put side by side.
    """

    contender: str
    question_set: str
    wording: Literal["memory", "generalisation", "control", ""]
    right: int
    answers: int
    waiting: int = 0


def facts_table(
    workspace: Workspace, *, sets: Sequence[str] = (), language: str = "", unblind: bool = False
) -> list[FactsLine]:
    """How many answers have all the facts that can be checked, by contender, question set and wording.

    It needs no ratings. Answers to questions without such facts aren't counted. Raises Refused while a blind session of
    any rubric has open answers, as `rated_answers` does.
    """
    open_gate(workspace, "", unblind=unblind)
    trained = TrainingPrompts(workspace)
    of: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers.answers(workspace.store, checked_choice(workspace, sets, language, ())):
        if answer.read:
            of[answer.contender].append(answer)
    everyone = [answer.id for given in of.values() for answer in given]
    scoring.mark_shown(workspace.store, workspace.actor, everyone, "facts", events.now(), but_scored="")
    own = {name: trained.of(given) for name, given in of.items()}
    everybodys = [prompts for prompts in own.values() if prompts is not None]
    shared = frozenset().union(*everybodys) if everybodys else None
    known = answers.sets_of_questions(workspace.store)
    counts: dict[tuple[str, str, str], list[Hints]] = defaultdict(list)
    hints = hints_of(workspace, [answer for given in of.values() for answer in given])
    for name, given in of.items():
        prompts = shared if trained.untrained(given) else own[name]
        for answer in given:
            stands = hints[answer.id]
            for asked in known.get(answer.question.digest, ()) if stands.facts else ():
                if not sets or asked in sets:
                    counts[name, asked, _wording(answer.question, asked, prompts)].append(stands)
    return [
        FactsLine(
            name,
            asked,
            wording,  # type: ignore[arg-type]  # _wording's words
            sum(each.right is True for each in stand),
            len(stand),
            sum(each.waiting for each in stand),
        )
        for (name, asked, wording), stand in sorted(counts.items(), key=lambda item: _facts_order(*item[0]))
    ]


def _wording(question: Question, asked: str, prompts: frozenset[str] | None) -> str:
    if CONTROL in question.tags or asked == CONTROL:
        return CONTROL
    learned = in_training(question, prompts)
    return "" if learned is None else "memory" if learned else "generalisation"


def _facts_order(name: str, asked: str, wording: str) -> tuple[str, str, int]:
    return name, asked, ("memory", "generalisation", "", CONTROL).index(wording)


def rubrics_in_use(workspace: Workspace) -> list[Rubric]:
    """The rubrics that ratings stand under, as they were when first rated under, the latest rated first."""
    used = sorted(ratings.rubrics_rated(workspace.store), key=lambda rubric: -rubric.latest)
    rubrics = [ratings.remembered_rubric(workspace.store, rubric.digest) for rubric in used]
    return [rubric for rubric in rubrics if rubric is not None]


def chosen_rubric(workspace: Workspace, name: str = "") -> Rubric:
    """The rubric that is meant: by id, file, or the start (6 characters or more) of the digest of one that was rated
    under; '' is the one that was rated under last, else the default.

    A rubric that was rated under is found though its file is gone. Raises BadInput where there is none.
    """
    used = rubrics_in_use(workspace)
    if not name and not used:
        return find_rubric(workspace, DEFAULT_RUBRIC)
    if len(name) >= 6 and (by_digest := [rubric for rubric in used if rubric.digest.startswith(name.lower())]):
        return by_digest[0]
    wanted = name or used[0].id
    try:
        return find_rubric(workspace, wanted)
    except BadInput:
        remembered = [rubric for rubric in used if rubric.id.casefold() == wanted.casefold()]
        if not remembered or any(file.stem == wanted for file in rubric_files(workspace)):
            raise
        return remembered[0]


def open_gate(workspace: Workspace, rubric_digest: str, *, unblind: bool) -> int:
    """Log that names are about to be shown, and return how many answers of blind sessions (of this rubric, '' of any)
    wait. Raises Refused if any do and `unblind` isn't said, and while a battle waits for a vote."""
    refuse_while_battles_wait(workspace)
    waiting = scoring.open_blind(workspace.store, rubric_digest)
    if waiting and not unblind:
        verb = "waits" if waiting == 1 else "wait"
        by = whose(tuple(each for each in open_sessions(workspace, rubric_digest) if each.gated))
        raise Refused(
            f"{plural(waiting, 'answer')} still {verb} for a blind score ({by}), so no contender is told yet.",
            fix="Score them first (`molting score`), close the session (`molting score --close`), or say --unblind: "
            "it is logged, and what follows isn't blind.",
        )
    scoring.show_names(workspace.store, rubric_digest, workspace.actor, events.now(), unblind=unblind)
    log_names_told(workspace)
    return waiting


def answers_with_ratings(
    workspace: Workspace,
    rubric: Rubric,
    sets: Sequence[str],
    language: str,
    rater: str,
    names: Sequence[str] = (),
) -> list[RatedAnswer]:
    """The answers of a selection (of these contenders; empty: all) with their ratings by one rater (all: ''). Nothing
    is logged: whoever shows them does that."""
    given = answers.answers(workspace.store, checked_choice(workspace, sets, language, names))
    by_answer: dict[str, list[Rating]] = defaultdict(list)
    for rating in ratings.ratings(workspace.store, rubric.digest, [answer.uuid for answer in given], rater):
        by_answer[rating.answer].append(rating)
    rated = [rated_answer(rubric, answer, by_answer[answer.uuid]) for answer in given]
    # Of a sheet's answers there is nothing but the ratings: where these were taken back, nothing is left.
    return [each for each in rated if each.answer.read or each.ratings]


def _contender(
    rubric: Rubric,
    name: str,
    given: Sequence[RatedAnswer],
    trained: TrainingPrompts,
    labels: Mapping[str, str],
    hints: Mapping[int, Hints],
) -> ContenderResult:
    """One contender's figures from its answers. `labels` are the names of questions by their digest, `hints` what
    stands of flags and facts by the number of the answer, where it may be told."""
    prompts = trained.of(answer.answer for answer in given)
    speed = answer_speeds(answer.answer for answer in given).get(name)
    questions = tuple(
        _question(rubric, of, prompts, labels[digest], hints) for digest, of in _by_question(given).items()
    )
    scores = [answer.score for answer in questions if answer.score is not None]
    score = fmean(scores) if scores else None
    counts = level_counts(given)
    return ContenderResult(
        name=name,
        score=score,
        n=len(scores),
        answers=len(given),
        incomplete=sum(not answer.sheets for answer in given),
        dimensions=means(rubric, [answer.levels for answer in questions]),
        levels={
            each.id: tuple(counts.get((each.id, level), 0) for level in rubric.scale) for each in rubric.dimensions
        },
        not_applicable={each.id: counts.get((each.id, None), 0) for each in rubric.dimensions},
        points=points_of(rubric, given),
        flags=_flags(given, hints),
        questions=questions,
        blind=_blind(given),
        band="" if score is None else rubric.band(score),
        interval=score_interval(questions),
        tokens_a_second=speed.tokens_a_second if speed else None,
        speed=speed.sentence() if speed else "",
    )


def _veiled(contender: ContenderResult) -> ContenderResult:
    questions = tuple(replace(each, facts=(0, 0), answers_right=0) for each in contender.questions)
    return replace(contender, flags={}, questions=questions, tokens_a_second=None, speed="")


def _by_question(given: Iterable[RatedAnswer]) -> dict[str, list[RatedAnswer]]:
    groups: dict[str, list[RatedAnswer]] = defaultdict(list)
    for answer in given:
        groups[answer.answer.question.digest].append(answer)
    return groups


def _labels(questions: Iterable[Question]) -> dict[str, str]:
    """What each question is called, by its digest: its id, and where several have that id the start of its digest."""
    ids = {question.digest: question.id for question in questions}
    often = Counter(ids.values())
    return {digest: name if often[name] == 1 else f"{name} ({digest[:6]})" for digest, name in ids.items()}


def _question(
    rubric: Rubric,
    given: Sequence[RatedAnswer],
    prompts: frozenset[str] | None,
    label: str,
    hints: Mapping[int, Hints],
) -> QuestionResult:
    """What one contender's answers (one or more) to one question add up to. `score` is None while none is scored."""
    question = given[0].answer.question
    scores = [answer.score for answer in given if answer.score is not None]
    read = [hints[rated.answer.id] for rated in given if rated.answer.id in hints]
    held = [state == "said" for each in read for state in each.facts.values()]
    return QuestionResult(
        question=label,
        prompt=question.prompt,
        score=fmean(scores) if scores else None,
        levels=means(rubric, [mean_levels(rubric, answer) for answer in given]),
        samples=len(scores),
        facts=(sum(held), len(held)),
        answers_right=sum(each.right is True for each in read),
        in_training=in_training(question, prompts),
        cluster=question.fact_asked,
    )


def in_training(question: Question, trained: frozenset[str] | None) -> bool | None:
    """Whether what a question asks is among the clusters that were trained on; None where they aren't known."""
    return None if trained is None else question.fact_asked in trained


def _flags(given: Iterable[RatedAnswer], hints: Mapping[int, Hints]) -> dict[str, int]:
    """How many of the answers with hints have each flag."""
    counts = Counter(flag for rated in given if (of := hints.get(rated.answer.id)) for flag in of.flags)
    return {flag: counts[flag] for flag in FLAGS}


def _blind(given: Iterable[RatedAnswer]) -> bool | None:
    """Whether all its ratings were given blind; None where nobody knows, as of a sheet typed in."""
    ways = {(rating.blind, rated.answer.read) for rated in given for rating in rated.ratings}
    if any(not blind and read for blind, read in ways):
        return False
    return all(blind for blind, _ in ways) or None


def _scored_questions(given: Iterable[RatedAnswer]) -> Counter[str]:
    """The questions that were scored, each with its number of samples."""
    return Counter(answer.answer.question.digest for answer in given if answer.score is not None)
