"""What of two contenders' scores can be compared: fact by fact, from sheets of one person in one session.

A scorer whose severity shifts from one session to the next by half a point finds differences that aren't there in 21 %
of comparisons (in one shuffled session 5 %). So a fact asked counts where both contenders' answers to the same
questions on it were rated whole by one person in one blind session; what doesn't is named, with why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from statistics import fmean
from typing import Literal, NamedTuple

from molting_tui.evaluation.asking.questions import CONTROL
from molting_tui.evaluation.asking.training_prompts import TrainingPrompts
from molting_tui.evaluation.results.averages import RatedAnswer, ratings_by_sheet
from molting_tui.evaluation.results.verdicts import QuestionScores
from molting_tui.evaluation.scoring.points import score_of_levels
from molting_tui.records.evaluation import Question, Role, Rubric

Why = Literal["apart", "unscored", "one answered", "other questions", "memory", "control", "generalise"]
WHY: dict[Why, str] = {
    "apart": "scored apart, not by one person in one session",
    "unscored": "not scored whole on both sides",
    "one answered": "answered by one of them only",
    "other questions": "asked in other words or languages of each",
    "memory": "a question of it may be trained on, or was",
    "control": "a control: what the base knew and should keep",
    "generalise": "asks for what wasn't trained on",
}
"""Why a fact doesn't count, in words."""


class ComparedFact(NamedTuple):
    """A fact asked that both were scored on: its cluster, the mean scores (0-10) of `a` and `b`, the same for each of
    its questions, one a sample, the answers (uuids) of each side that they are of, who scored them in how many
    sessions, and whether every rating was blind. Languages, samples, repeats, sessions and raters are averaged, over
    the same questions on both sides."""

    cluster: str
    a: float
    b: float
    questions: tuple[QuestionScores, ...]
    answers_a: tuple[str, ...]
    answers_b: tuple[str, ...]
    raters: tuple[str, ...]
    sessions: int
    blind: bool

    @property
    def difference(self) -> float:
        """`a` less `b`."""
        return self.a - self.b


class LeftOutFact(NamedTuple):
    """A fact asked that doesn't count, and why (`WHY` has the words)."""

    cluster: str
    why: Why


class Comparable(NamedTuple):
    """The facts on which two contenders can be compared, and those on which they can't, each in the order they were
    asked."""

    facts: tuple[ComparedFact, ...]
    left_out: tuple[LeftOutFact, ...]

    def because(self, why: Why) -> tuple[str, ...]:
        """The clusters that are left out for this reason."""
        return tuple(fact.cluster for fact in self.left_out if fact.why == why)


class _Sheet(NamedTuple):
    """A whole sheet, said in one session: whose it is, of which question and answer, its score (0-10)."""

    rater: str
    session: str
    question: str
    answer: str
    score: float
    blind: bool


def comparable(
    rubric: Rubric,
    a: Sequence[RatedAnswer],
    b: Sequence[RatedAnswer],
    *,
    learned: Collection[str] = (),
    role: Role = "generalise",
) -> Comparable:
    """What the answers of two contenders, with their ratings under a rubric, can be compared on.

    Only facts of the given role count. `learned` are the questions (digests) that either was trained on: a fact with
    any of these, in whichever wording or language, is memory, whatever its questions say.
    """
    roles = _roles([*a, *b], learned)
    of_a, of_b = _by_fact(a), _by_fact(b)
    facts: list[ComparedFact] = []
    left_out: list[LeftOutFact] = []
    for cluster, of_role in roles.items():
        if of_role != role:
            left_out.append(LeftOutFact(cluster, of_role))
            continue
        fact = _compared(rubric, cluster, of_a[cluster], of_b[cluster])
        (facts if isinstance(fact, ComparedFact) else left_out).append(fact)  # type: ignore[arg-type]
    return Comparable(tuple(facts), tuple(left_out))


def trained_on(trained: TrainingPrompts, *sides: Sequence[RatedAnswer]) -> set[str]:
    """The questions (digests) that who answered them on any side was trained on, in these words, nearly these, or
    another wording."""
    known: set[str] = set()
    for side in sides:
        clusters = trained.of(each.answer for each in side) or frozenset()
        asked = {each.answer.question.digest: each.answer.question.fact_asked for each in side}
        known |= {digest for digest, cluster in asked.items() if cluster in clusters}
    return known


def _roles(given: Iterable[RatedAnswer], learned: Collection[str]) -> dict[str, Role]:
    """The role of every fact asked, in the order they were asked: memory before control before generalise."""
    roles: dict[str, Role] = {}
    for question in (each.answer.question for each in given):
        before = roles.get(question.fact_asked, "generalise")
        now = _role(question, learned)
        roles[question.fact_asked] = min(before, now, key=("memory", "control", "generalise").index)
    return roles


def _role(question: Question, learned: Collection[str]) -> Role:
    if question.digest in learned:
        return "memory"
    return "control" if CONTROL in question.tags else question.role


def _by_fact(given: Iterable[RatedAnswer]) -> defaultdict[str, list[RatedAnswer]]:
    groups: defaultdict[str, list[RatedAnswer]] = defaultdict(list)
    for each in given:
        groups[each.answer.question.fact_asked].append(each)
    return groups


def _compared(
    rubric: Rubric, cluster: str, a: Sequence[RatedAnswer], b: Sequence[RatedAnswer]
) -> ComparedFact | LeftOutFact:
    """A fact with the scores of both sides, or why it has none."""
    if not _questions(a) & _questions(b):
        return LeftOutFact(cluster, "other questions" if a and b else "one answered")
    if not _questions(each for each in a if each.sheets) & _questions(each for each in b if each.sheets):
        return LeftOutFact(cluster, "unscored")
    sheets_a, sheets_b = _sheets(rubric, a), _sheets(rubric, b)
    together = {sheet[:3] for sheet in sheets_a} & {sheet[:3] for sheet in sheets_b}
    if not together:
        return LeftOutFact(cluster, "apart")
    side_a = [sheet for sheet in sheets_a if sheet[:3] in together]
    side_b = [sheet for sheet in sheets_b if sheet[:3] in together]
    return ComparedFact(
        cluster=cluster,
        a=_mean(side_a),
        b=_mean(side_b),
        questions=tuple(
            QuestionScores(cluster, question, _by_sample(side_a, question), _by_sample(side_b, question))
            for question in dict.fromkeys(sheet.question for sheet in side_a)
        ),
        answers_a=tuple(dict.fromkeys(sheet.answer for sheet in side_a)),
        answers_b=tuple(dict.fromkeys(sheet.answer for sheet in side_b)),
        raters=tuple(sorted({rater for rater, _, _ in together})),
        sessions=len({session for _, session, _ in together}),
        blind=all(sheet.blind for sheet in (*side_a, *side_b)),
    )


def _questions(given: Iterable[RatedAnswer]) -> set[str]:
    return {each.answer.question.digest for each in given}


def _sheets(rubric: Rubric, given: Iterable[RatedAnswer]) -> list[_Sheet]:
    """The whole sheets of these answers whose every level was said in one session."""
    sheets = []
    for each in given:
        for (rater, _), ratings in ratings_by_sheet(each.ratings).items():
            score = score_of_levels(rubric, {rating.dimension: rating.level for rating in ratings})
            session, *others = {rating.session for rating in ratings}
            if score is not None and session and not others:
                blind = all(rating.blind for rating in ratings)
                question = each.answer.question.digest
                sheets.append(_Sheet(rater, session, question, each.answer.uuid, score, blind))
    return sheets


def _by_sample(sheets: Sequence[_Sheet], question: str) -> tuple[float, ...]:
    """The mean score of each answer to a question."""
    of_answers: dict[str, list[_Sheet]] = defaultdict(list)
    for sheet in sheets:
        if sheet.question == question:
            of_answers[sheet.answer].append(sheet)
    return tuple(map(_mean, of_answers.values()))


def _mean(sheets: Sequence[_Sheet], part: int = 0) -> float:
    """The mean over raters of the means over their sessions, of those over questions, answers, and passes."""
    if part == _Sheet._fields.index("score"):
        return fmean(sheet.score for sheet in sheets)
    groups: dict[object, list[_Sheet]] = defaultdict(list)
    for sheet in sheets:
        groups[sheet[part]].append(sheet)
    return fmean(_mean(group, part + 1) for group in groups.values())
