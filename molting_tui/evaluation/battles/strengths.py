"""How strong contenders are where three or more met: one strength each, since pairs alone needn't fit together."""

from __future__ import annotations

from collections.abc import Sequence

from molting_tui.evaluation.results.verdict_words import interval, signed
from molting_tui.evaluation.statistics.preferences import Battles, davidson_strengths
from molting_tui.records.battles import BattleResult, ContenderStrength
from molting_tui.text import show_line


def contender_strengths(results: Sequence[BattleResult]) -> tuple[ContenderStrength, ...]:
    """The strengths of contenders that met two by two, the strongest first, by Davidson's model with intervals by fact;
    what both lost counts as a tie. Empty below three contenders and two facts, and where nothing was decided."""
    names = list(dict.fromkeys(name for result in results for name in (result.a, result.b)))
    if len(names) < 3:
        return ()
    place_of = {name: place for place, name in enumerate(names)}
    rows = [
        Battles(place_of[result.a], place_of[result.b], each.cluster, each.wins, each.losses, each.ties + each.both_bad)
        for result in results
        for each in result.facts
    ]
    fitted = davidson_strengths(len(names), rows)
    if fitted is None:
        return ()
    strengths = [(name, fitted.strength(place)) for name, place in place_of.items()]
    strengths.sort(key=lambda of: -of[1].value)
    return tuple(ContenderStrength(name, each.value, (each.low, each.high)) for name, each in strengths)


def strengths_sentence(strengths: Sequence[ContenderStrength]) -> str:
    """`Strength among the 3 (log odds, 95 %): v2.5 +0.62 (+0.10 .. +1.14), …`; empty where there are none."""
    if not strengths:
        return ""
    listed = ", ".join(
        f"{show_line(each.contender, 40)} {signed(each.value)} ({interval(each.interval)})" for each in strengths
    )
    return f"Strength among the {len(strengths)} (log odds, 95 %): {listed}."
