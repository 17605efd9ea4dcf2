"""Beginning a battle session: who meets whom, what the plan can show, and the seal on it."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.battles.battling import Battling
from molting_tui.evaluation.battles.capacity import capacity_sentence
from molting_tui.evaluation.battles.plan import (
    LEAST_REPEATS,
    Meeting,
    draw_plan,
    meetings_between,
    meetings_of_itself,
)
from molting_tui.evaluation.battles.seal import SECRET_BYTES, battle_name, seal_plan
from molting_tui.evaluation.results.remarks import models_of
from molting_tui.evaluation.results.table import chosen_rubric
from molting_tui.evaluation.scoring.session_plans import checked_choice
from molting_tui.records.battles import BattleWanted
from molting_tui.store import answers, battles, contenders, ratings
from molting_tui.store.battles import BattlePlace, Contending
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace


class Offer(NamedTuple):
    """What a session of the wanted battles would be: meetings, the facts they are over, and the answers by uuid."""

    meetings: tuple[Meeting, ...]
    clusters: int
    answers: dict[str, Contending]


def offered(workspace: Workspace, wanted: BattleWanted) -> Offer:
    """What there is to put side by side. Raises BadInput, saying why and what to do, where there is nothing."""
    names = _checked_names(wanted)
    checked_choice(workspace, wanted.sets, "", names)
    by_uuid = {each.uuid: each for each in battles.contending(workspace.store, names, wanted.sets)}
    samples: dict[str, dict[str, dict[int, str]]] = {name: defaultdict(dict) for name in names}
    for each in by_uuid.values():
        samples[each.contender][each.question][each.sample] = each.uuid
    for name in names:
        if not samples[name]:
            raise BadInput(
                f"{show_line(name, 40)} has no answer with a text of this selection.",
                fix="`molting answer` asks it; or choose another question set.",
            )
    _refuse_several_models(workspace, by_uuid.values())
    meetings = meetings_of_itself(names[0], samples[names[0]]) if wanted.itself else meetings_between(samples)
    if not meetings:
        raise BadInput(
            "these contenders have no question and sample in common.",
            fix="Ask them the same question set with `molting answer`, as many samples of each.",
        )
    if wanted.repeats and (wanted.repeats < LEAST_REPEATS or wanted.repeats > len(meetings)):
        raise BadInput(
            f"{plural(wanted.repeats, 'hidden repeat')} can't be drawn from {plural(len(meetings), 'battle')}.",
            fix=f"At least {LEAST_REPEATS} say something, and each battle comes again once at most; or none.",
        )
    clusters = {by_uuid[meeting.first].cluster for meeting in meetings}
    return Offer(tuple(meetings), len(clusters), by_uuid)


def offer_sentence(workspace: Workspace, wanted: BattleWanted) -> str:
    """What the wanted battles would be, and what they can show. Raises as `offered`."""
    return capacity_of(offered(workspace, wanted), wanted)


def capacity_of(offer: Offer, wanted: BattleWanted) -> str:
    """What the battles that are offered can show."""
    pairs = {(meeting.first_contender, meeting.second_contender) for meeting in offer.meetings}
    each = len(offer.meetings) // len(pairs)
    sentence = capacity_sentence(each, offer.clusters, itself=wanted.itself)
    if len(pairs) > 1:
        sentence = (
            f"{plural(len(offer.meetings), 'battle')} between {len(wanted.contenders)} contenders. Each two: {sentence}"
        )
    return sentence


def start(workspace: Workspace, wanted: BattleWanted) -> Battling:
    """Begin a session with a plan that is drawn now and sealed, or go on with your open one of the same wish.

    Raises BadInput where there is nothing to put side by side; Refused while another session of yours is open, or
    answers of these contenders wait for a blind score: neither may tell the other anything.
    """
    store, actor = workspace.store, workspace.actor
    offer = offered(workspace, wanted)
    wish = {
        "contenders": sorted(set(wanted.contenders)),
        "questions": sorted(wanted.sets),
        "repeats": wanted.repeats,
        "itself": wanted.itself,
    }
    for going in (each for each in battles.open_sessions(store) if each.actor == actor):
        if {name: going.payload.get(name) for name in wish} == wish:
            return Battling(workspace, going.id)
        left = plural(going.battles - going.voted, "battle")
        raise Refused(
            f"your battle session {going.id} is still open ({left} left).",
            fix=f"Go on with `molting battle`, or end it: molting battle end {going.id} --yes",
        )
    refuse_while_scored(workspace, wanted.contenders)
    rubric = chosen_rubric(workspace, wanted.rubric)
    ratings.remember_rubric(store, rubric)
    secret = secrets.token_bytes(SECRET_BYTES)
    plan = draw_plan(secret, offer.meetings, wanted.repeats)
    sealed = seal_plan(secret, plan, {uuid: each.words for uuid, each in offer.answers.items()})
    places = [
        BattlePlace(
            place=place,
            uuid=battle_name(secret, place),
            left=offer.answers[battle.left].id,
            right=offer.answers[battle.right].id,
            repeat_of=battle.repeat_of,
        )
        for place, battle in enumerate(plan)
    ]
    payload = wish | {"capacity": capacity_of(offer, wanted), "seen": _seen(workspace, offer)}
    number = battles.begin(store, actor, rubric.digest, payload, sealed.commitment, sealed, places)
    return Battling(workspace, number)


def seen_before(workspace: Workspace, wanted: BattleWanted) -> int:
    """How many of the answers that would meet you have seen by name: your votes on these aren't blind."""
    return _seen(workspace, offered(workspace, wanted))


def _seen(workspace: Workspace, offer: Offer) -> int:
    there = {uuid for meeting in offer.meetings for uuid in meeting[1:3]}
    return battles.seen_by(workspace.store, workspace.actor, [offer.answers[uuid].id for uuid in there])


def refuse_while_scored(workspace: Workspace, contenders: Sequence[str]) -> None:
    """Raise Refused while answers of these contenders wait in somebody's blind score session."""
    waiting = battles.waiting_for_scores(workspace.store, contenders)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        raise Refused(
            f"{plural(waiting, 'answer')} of these contenders still {verb} for a blind score, which a battle could "
            "tell something.",
            fix="Score them first (`molting score`), or close the session (`molting score --close`).",
        )


def contenders_with_words(workspace: Workspace) -> tuple[str, ...]:
    """Who has answers that can be put side by side, those that answered last first."""
    latest: dict[str, int] = {}
    for name in answers.names(workspace.store):
        if name.source != "sheet":
            latest[name.contender] = name.id
    return tuple(sorted(latest, key=lambda name: -latest[name]))


def question_sets(workspace: Workspace) -> tuple[str, ...]:
    """The question sets that somebody has answered with words."""
    names = {answer.question_digest for answer in answers.names(workspace.store) if answer.source != "sheet"}
    known = answers.sets_of_questions(workspace.store)
    return tuple(sorted({each for digest in names for each in known.get(digest, ())}))


def _refuse_several_models(workspace: Workspace, given: Iterable[Contending]) -> None:
    """Raise BadInput where answers of two models would fight under one name."""
    known = contenders.every(workspace.store)
    of: dict[str, set[int]] = defaultdict(set)
    for each in given:
        of[each.contender].add(each.contender_id)
    for name, numbers in of.items():
        models = models_of(known[number] for number in numbers)
        if len(models) > 1:
            raise BadInput(
                f"{show_line(name, 40)} is the name of {len(models)} models.",
                fix="Choose a question set that one of them answered, or ask with NAME=CONTENDER to tell them apart.",
            )


def _checked_names(wanted: BattleWanted) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(wanted.contenders))
    if len(names) != len(wanted.contenders):
        raise BadInput("a contender is named twice.", fix="One alone meets itself: molting battle NAME --aa")
    if not names:
        raise BadInput("no contender is named.", fix="Name two or more: molting battle v2.1 v2.5")
    return names
