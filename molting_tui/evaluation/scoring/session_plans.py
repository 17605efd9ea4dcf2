"""Which answers a blind session holds, in which pass, and how many of them come a second time.

A session is of what you haven't scored yet; or of a new contender's answers together with the stored ones of a baseline
to the same questions, so that one person scores both in one sitting. Of answers that were rated before, the ratings
there belong to a later pass.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.session_order import LEAST_REPEATS, order_with_repeats
from molting_tui.records.evaluation import Rubric
from molting_tui.store import answers, ratings, scoring
from molting_tui.store.answers import AnswerName, Chosen
from molting_tui.store.scoring import Item
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

FROM = 32
"""Answers from which on a session has hidden repeats, unless it is said otherwise: they take half as much again."""


class NothingToScore(BadInput):
    """Everything of a choice is scored, or nothing is of it."""


class Plan(NamedTuple):
    """A session that could be begun: its answers, the pass that each one's ratings belong to, the pass that the session
    counts as, and how many answers come a second time. `alone` counts those of the new contender (and its baselines)
    that are left out, since the other side has no answer to that question and sample."""

    answers: tuple[AnswerName, ...]
    passes: tuple[int, ...]
    rating_pass: int
    repeats: int
    alone: int = 0

    @property
    def shown(self) -> int:
        """How many answers are shown, repeats counted."""
        return len(self.answers) + self.repeats


def plan(
    workspace: Workspace,
    rubric: Rubric,
    chosen: Chosen,
    *,
    versus: Sequence[str] = (),
    again: bool = False,
    repeats: int | None = None,
) -> Plan:
    """The session of this choice: of the chosen contenders' answers those that you haven't scored whole under a rubric
    (`again`: have); `versus` these contenders, theirs and the ones to the same questions and samples that weren't
    scored whole in one session yet (`again`: all of them).

    Raises NothingToScore, saying why and what to do, where nothing is left or of this choice; BadInput where two sides
    share no question, or so many `repeats` can't be.
    """
    if versus:
        shared, alone = _together(workspace, chosen, versus)
        sessions = ratings.whole_in(workspace.store, rubric.digest, workspace.actor)
        taken = sorted(name for group in shared if again or not _scored_together(group, sessions) for name in group)
        nothing = _nothing_together(chosen, versus, shared)
    else:
        there = [name for name in answers.names(workspace.store, chosen) if name.source != "sheet"]
        rated = ratings.rated_whole(workspace.store, rubric.digest, workspace.actor)
        taken, alone = [name for name in there if (name.uuid in rated) == again], 0
        nothing = _nothing(workspace, rubric, there, again)
    if not taken:
        raise nothing
    latest = scoring.latest_passes(workspace.store, workspace.actor, rubric.digest)
    passes = [latest.get(name.id, 0) + 1 for name in taken]
    if again and not versus:
        passes = [max(passes)] * len(taken)
    elif not versus:
        apart = scoring.first_compared(workspace.store, workspace.actor, rubric.digest)
        passes = [next_pass if name.id in apart else 1 for name, next_pass in zip(taken, passes, strict=True)]
    session_pass = max(passes) if again or versus else 1
    return Plan(tuple(taken), tuple(passes), session_pass, _repeats(repeats, len(taken)), alone)


def drawn(workspace: Workspace, rubric: Rubric, planned: Plan) -> list[Item]:
    """The places of a planned session, in an order drawn at random."""
    latest = scoring.latest_passes(workspace.store, workspace.actor, rubric.digest)
    asked = [(name.contender, name.question_digest) for name in planned.answers]
    places = []
    for showing in order_with_repeats(asked, planned.repeats, secrets.SystemRandom()):
        name, rating_pass = planned.answers[showing.item], planned.passes[showing.item]
        if showing.repeat_of is not None:
            rating_pass = max(latest.get(name.id, 0), rating_pass) + 1
        places.append(Item(name.id, rating_pass, showing.repeat_of))
    return places


def checked_choice(
    workspace: Workspace, sets: Sequence[str], language: str, contenders: Sequence[str], versus: Sequence[str] = ()
) -> Chosen:
    """Which answers are meant. Raises BadInput for a question set or contender that no answer is known of, and where
    somebody should be scored together with themselves or with nobody."""
    store = workspace.store
    for given, known, what in (
        (sets, answers.set_ids(store), "question set"),
        ((*contenders, *versus), answers.contender_names(store), "contender"),
    ):
        for name in given:
            if name not in known:
                names = ", ".join(show_line(contender) for contender in known) or "none"
                raise BadInput(
                    f"no answer is known of this {what}.", where=f"`{show_line(name)}`", fix=f"Known: {names}."
                )
    if versus and not contenders:
        raise BadInput("a baseline alone is no comparison.", fix="Say whose answers are new: --of NAME.")
    if both := set(contenders) & set(versus):
        name = show_line(min(both), 40)
        raise BadInput(f"`{name}` can't be scored together with itself.", fix="Name another one as the baseline.")
    return Chosen(tuple(sets), language, tuple(contenders))


def _together(workspace: Workspace, chosen: Chosen, versus: Sequence[str]) -> tuple[list[list[AnswerName]], int]:
    """The answers of both sides to one question and sample each, and how many answers have no counterpart."""
    everybody = chosen._replace(contenders=(*chosen.contenders, *versus))
    there = [name for name in answers.names(workspace.store, everybody) if name.source != "sheet"]
    groups: dict[tuple[str, int], list[AnswerName]] = defaultdict(list)
    for name in there:
        groups[name.question_digest, name.sample].append(name)
    new = set(chosen.contenders)
    shared = [group for group in groups.values() if 0 < sum(name.contender in new for name in group) < len(group)]
    return shared, len(there) - sum(map(len, shared))


def _scored_together(group: Iterable[AnswerName], sessions: Mapping[str, set[str]]) -> bool:
    """Whether one session has a whole sheet of each of these answers."""
    return bool(set.intersection(*(sessions.get(name.uuid, set()) for name in group)))


def _repeats(wanted: int | None, count: int) -> int:
    if wanted is None:
        return LEAST_REPEATS if count >= FROM else 0
    if wanted and not LEAST_REPEATS <= wanted <= count:
        some = f", or {LEAST_REPEATS} to {count:,}" if count >= LEAST_REPEATS else ""
        raise BadInput(
            f"of {plural(count, 'answer')} {wanted:,} can't come a second time.",
            where="--repeats",
            fix=f"Say 0{some}: fewer than {LEAST_REPEATS} repeats tell nothing of agreement.",
        )
    return wanted


def _nothing_together(chosen: Chosen, versus: Sequence[str], shared: Sequence[object]) -> BadInput:
    """Why no answers can be scored together."""
    of = ", ".join(show_line(name, 40) for name in chosen.contenders)
    others = ", ".join(show_line(name, 40) for name in versus)
    if shared:
        return NothingToScore(
            f"nothing to score: you scored all that {of} and {others} share in one session already.",
            fix="`molting results` shows what came of it; with --again they are scored once more.",
        )
    return BadInput(
        f"{of} and {others} have no stored answer to the same question here.",
        fix="Ask both the same questions (`molting answer`), or choose another set, language or baseline. "
        "Of a score sheet the words aren't known.",
    )


def _nothing(workspace: Workspace, rubric: Rubric, there: Sequence[AnswerName], again: bool) -> NothingToScore:
    """Why there is nothing to score. `there` are the answers of the selection, scored or not."""
    if there and again:
        return NothingToScore(
            f"you haven't scored any of these answers under {rubric.id} yet.", fix="Score them first."
        )
    if there:
        single = len(there) == 1
        every = "the one answer here is scored" if single else f"all {len(there):,} answers here are scored"
        return NothingToScore(
            f"nothing to score: {every} by you under {rubric.id}.",
            fix="`molting results` shows what came of it; `molting score --again` scores them a second time.",
        )
    if answers.count(workspace.store):
        return NothingToScore(
            "nothing to score: no answer with a text is of this selection.",
            fix="Choose another question set, language or contender, or ask with `molting answer`.",
        )
    return NothingToScore(
        "nothing to score: there are no answers yet.", fix="`molting answer` asks a model the questions."
    )
