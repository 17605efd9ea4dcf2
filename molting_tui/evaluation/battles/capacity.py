"""What a plan of battles can show, in words, before the first vote."""

from __future__ import annotations

from molting_tui.text import plural

CLEAR, CLOSE = 0.8, 0.6
"""True win rates that the sentence speaks of: one that is worth having, one that most comparisons are nearer to."""
_ENOUGH = 0.8


def capacity_sentence(count: int, clusters: int, *, itself: bool = False) -> str:
    """With which chance so many battles between two contenders over so many facts find a true win rate: a range, since
    nobody knows beforehand how much facts differ."""
    battles = f"{plural(count, 'battle')} over {plural(clusters, 'fact')}"
    if itself:
        return f"{battles}, one contender against itself: whatever is decided here is noise."
    if clusters < 2:
        return f"{battles}: one fact has no interval, so nothing is said beyond it."
    from molting_tui.evaluation.statistics.proportions import power_range

    # The fewest draws that are right to two hundredths: nobody should wait for a sentence.
    low, high = (round(100 * chance) for chance in power_range(count, clusters, CLEAR, draws=4000))
    sentence = (
        f"{battles}: a true {percent(CLEAR)} win rate is found with {_range(low, high)}, by how much facts differ"
    )
    close = power_range(count, clusters, CLOSE, draws=4000)
    if close[0] >= _ENOUGH:
        return f"{sentence}; 60/40 is found too."
    chances = _range(*(round(100 * chance) for chance in close))
    return f"{sentence}; 60/40 can't be told ({chances})." if close[1] < 0.5 else f"{sentence}; 60/40 with {chances}."


def more_battles_sentence(decided: int) -> str:
    """Which win rate more decided battles than these would tell: the first of 70 % and 60 % that they are too few for;
    empty where they are enough for both."""
    from molting_tui.evaluation.statistics.proportions import battles_needed

    for rate in (0.7, CLOSE):
        needed = battles_needed(rate)
        if needed is not None and needed.stays > decided:
            return f"A true {percent(rate)} takes {needed.stays:,} decided battles, more where facts differ."
    return ""


def percent(share: float) -> str:
    """A share for people: `59 %`."""
    return f"{100 * share:.0f} %"


def _range(low: int, high: int) -> str:
    return f"{low} %" if low == high else f"{low}–{high} %"
