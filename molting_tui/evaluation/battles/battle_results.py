"""What battles came to, once names may be told: wins, losses, ties, both bad, and how far the votes can be trusted.

Every word of this module tells contenders apart, so each way in passes the gate: never while a battle waits for a vote,
or answers of these contenders for a blind score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from molting_tui.evaluation.battles.battling import session_of
from molting_tui.evaluation.battles.capacity import more_battles_sentence, percent
from molting_tui.evaluation.battles.gate import log_names_told, refuse_while_battles_wait
from molting_tui.evaluation.battles.plan import LEAST_REPEATS
from molting_tui.evaluation.battles.starting import refuse_while_scored
from molting_tui.evaluation.battles.strengths import contender_strengths
from molting_tui.evaluation.battles.telling import session_to_tell
from molting_tui.evaluation.statistics.proportions import clopper_pearson, korn_graubard
from molting_tui.records.battles import Agreement, BattleResult, ContenderStrength, FactBattles, Guesses, SideCount
from molting_tui.records.contenders import Adapter, Base, Checkpoint
from molting_tui.store import battles, contenders, events
from molting_tui.store.battles import BattleSession, Fought
from molting_tui.text import plural, show_line
from molting_tui.workspace import Workspace

_OTHER = {"left": "right", "right": "left"}


class SessionResult(NamedTuple):
    """What an ended session came to: each two contenders that met, and of three or more how strong each is."""

    session: BattleSession
    results: tuple[BattleResult, ...]
    strengths: tuple[ContenderStrength, ...]


def end(workspace: Workspace, number: int) -> BattleSession:
    """End a session for good, yours or another's, so that it can be told who was who; before its last vote that is
    marked as early. Raises BadInput where there is no such session."""
    session = session_of(workspace, number)
    if session.open:
        battles.end(workspace.store, number, workspace.actor, events.now())
    else:
        battles.mark_seen(workspace.store, events.now(), number)
    return session_of(workspace, number)


def session_result(workspace: Workspace, number: int) -> SessionResult:
    """What a session came to; from now on it takes no vote. Raises as `session_to_tell`."""
    session = session_to_tell(workspace, number)
    names = session.payload.get("contenders", [])
    rows = battles.fought(workspace.store, number)
    pairs = [(names[0], names[0])] if len(names) == 1 else list(combinations(_newest_first(workspace, names), 2))
    results = [_result(workspace, a, b, {number: rows}, int(bool(session.closed))) for a, b in pairs]
    fought = tuple(each for each in results if each.battles)
    return SessionResult(session, fought, contender_strengths(fought))


def battle_results(workspace: Workspace, a: str, b: str) -> BattleResult | None:
    """What all sessions, of all voters, say of `a` against `b`; None where they never met. From now on sessions with
    all their votes take no other. Raises Refused while a battle waits for a vote, or an answer of these contenders for
    a blind score."""
    refuse_while_battles_wait(workspace)
    refuse_while_scored(workspace, (a, b))
    log_names_told(workspace)
    ended = [each for each in battles.sessions(workspace.store) if {a, b} <= set(each.payload.get("contenders", []))]
    ended = [each for each in ended if (len(each.payload["contenders"]) == 1) == (a == b)]
    rows = {each.id: battles.fought(workspace.store, each.id) for each in ended}
    early = sum(bool(each.closed) for each in ended)
    result = _result(workspace, a, b, rows, early) if ended else None
    return result if result and result.battles else None


def result_sentence(result: BattleResult) -> str:
    """What it came to: `v2.5 won 27, lost 18, tied 3 against v2.1: 59 % (45 .. 72).`"""
    a, b = show_line(result.a, 40), show_line(result.b, 40)
    if result.a == result.b:
        decided = result.wins + result.losses
        share = percent(decided / result.battles) if result.battles else "none"
        return f"{a} against itself: {decided:,} of {result.battles:,} were decided ({share}). So much is noise."
    bad = f", both bad {result.both_bad:,}" if result.both_bad else ""
    head = f"{a} won {result.wins:,}, lost {result.losses:,}, tied {result.ties:,}{bad} against {b}"
    if result.rate is None:
        return f"{head}."
    if result.interval is None:
        return f"{head}: {percent(result.rate)}, one fact, so no interval."
    low, high = result.interval
    rate = f"{head}: {percent(result.rate)} ({100 * low:.0f} .. {100 * high:.0f})."
    if low > 0.5 or high < 0.5:
        return f"{rate} DIFFERENT."
    return f"{rate} NOT DISTINGUISHABLE. {more_battles_sentence(result.wins + result.losses)}".rstrip()


def trust_sentences(result: BattleResult) -> tuple[str, ...]:
    """How far the votes can be trusted: sides, repeats, guesses, names seen, an early end."""
    sentences = []
    if result.side.decided:
        share = percent(result.side.left / result.side.decided)
        sentences.append(f"The left side won {result.side.left:,} of {result.side.decided:,} decided ({share}).")
    if result.agreement is not None:
        agreed, repeats = result.agreement
        low, high = clopper_pearson(agreed, repeats)
        sentences.append(f"Hidden repeats agreed {agreed:,} of {repeats:,} ({100 * low:.0f} .. {100 * high:.0f} %).")
    elif result.repeats:
        sentences.append(f"{plural(result.repeats, 'hidden repeat')} voted: too few for a figure of agreement.")
    if result.guesses.guesses:
        right, guesses = result.guesses
        verb = "was" if guesses == 1 else "were"
        sentences.append(f"{right:,} of {plural(guesses, 'guess', 'guesses')} which is the newer one {verb} right.")
    if result.both_bad:
        sentences.append(
            f"Both were bad in {result.both_bad:,} of {result.battles:,} ({percent(result.both_bad / result.battles)})."
        )
    if result.seen:
        sentences.append(f"{plural(result.seen, 'vote')} came after an answer had been seen by name: not blind.")
    if result.early:
        sentences.append(f"{plural(result.early, 'session')} ended before the last vote.")
    return tuple(sentences)


def _result(workspace: Workspace, a: str, b: str, rows: dict[int, list[Fought]], early: int) -> BattleResult:
    """What these battles (by session) say of `a` against `b`."""
    of_pair = {number: [row for row in given if {row.left, row.right} == {a, b}] for number, given in rows.items()}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    left = decided = repeats = agreed = right_guesses = guesses = seen = 0
    newer = _newer(workspace, a, b)
    for given in of_pair.values():
        by_place = {row.place: row for row in given}
        for row in given:
            if row.guess and newer:
                guesses += 1
                right_guesses += (row.left if row.guess == "left" else row.right) == newer
            if not row.outcome:
                continue
            seen += not row.blind
            if row.repeat_of is not None:
                original = by_place.get(row.repeat_of)
                if original is not None and original.outcome:
                    repeats += 1
                    agreed += _OTHER.get(row.outcome, row.outcome) == original.outcome
                continue
            if row.outcome in _OTHER:
                decided += 1
                left += row.outcome == "left"
                winner = row.left if row.outcome == "left" else row.right
                # Against itself there is no other: a win is the left side's.
                won = row.outcome == "left" if a == b else winner == a
                counts[row.cluster]["wins" if won else "losses"] += 1
            else:
                counts[row.cluster][{"tie": "ties", "both_bad": "both_bad"}[row.outcome]] += 1
    facts = tuple(
        FactBattles(cluster, *(count[name] for name in ("wins", "losses", "ties", "both_bad")))
        for cluster, count in sorted(counts.items())
    )
    return BattleResult(
        a=a,
        b=b,
        sessions=tuple(number for number, given in of_pair.items() if any(row.outcome for row in given)),
        facts=facts,
        interval=_interval(facts),
        side=SideCount(left, decided),
        repeats=repeats,
        agreement=Agreement(agreed, repeats) if repeats >= LEAST_REPEATS else None,
        guesses=Guesses(right_guesses, guesses),
        early=early,
        seen=seen,
    )


def _interval(facts: Sequence[FactBattles]) -> tuple[float, float] | None:
    rate = korn_graubard([(fact.points, fact.battles) for fact in facts])
    return None if rate is None else (rate.low, rate.high)


def _newer(workspace: Workspace, a: str, b: str) -> str:
    """Which of two is the newer version, by the number of the run that trained it; empty where that isn't known."""
    ages = {name: _age(workspace, name) for name in (a, b)}
    if a == b or None in ages.values() or ages[a] == ages[b]:
        return ""
    return max((a, b), key=lambda name: ages[name] or 0)


def _newest_first(workspace: Workspace, names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: -(_age(workspace, name) or 0))


def _age(workspace: Workspace, name: str) -> int | None:
    """The number of the latest run that trained a contender of this name; 0 for a base, None where nobody knows."""
    ages = []
    for contender in contenders.every(workspace.store).values():
        if contender.name != name:
            continue
        if isinstance(contender.model, Base):
            ages.append(0)
        elif isinstance(contender.model, (Adapter, Checkpoint)) and contender.run[:4].isdigit():
            ages.append(int(contender.run[:4]))
    return max(ages, default=None)
