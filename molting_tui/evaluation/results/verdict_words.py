"""A verdict in words: its name, the plain sentence under a table, and figures as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean

from molting_tui.evaluation.scoring.points import counted, shown
from molting_tui.evaluation.statistics.paired import FEWEST_CLUSTERS
from molting_tui.evaluation.statistics.several import best_looks_too_good
from molting_tui.records.verdicts import Figures, Interval, LeftOut, Verdict
from molting_tui.text import plural, show_line

NAME = 40
"""Cells of a contender's name in a sentence."""
APART = "scored apart"
MEMORY = "all that both answered may be trained on"
_TOGETHER = "Score the answers of both in one session: molting score --of {a} --versus {b}."
_MENDS = {
    APART: _TOGETHER,
    "not scored whole on both sides": _TOGETHER,
    "no question in common": "Ask both the same questions: molting answer {a} {b} --missing.",
    MEMORY: "Ask both what nothing was trained on: molting questions propose (F8) puts such questions before you, and "
    "molting answer {a} {b} --questions bank asks them. molting compare --role memory compares what was learnt by "
    "heart.",
}
"""What to do where two can't be compared, by the reason."""
MINUS = "\u2212"


def title(verdict: Verdict) -> str:
    """The verdict's words: `NOT DISTINGUISHABLE (16 more questions)`, `EQUIVALENT within 1.0`."""
    match verdict.word:
        case "EQUIVALENT":
            return f"EQUIVALENT within {verdict.within:g}" + (".0" if verdict.within == int(verdict.within) else "")
        case "NOT DISTINGUISHABLE" if verdict.figures and verdict.figures.ask_more:
            more = verdict.figures.ask_more
            return f"NOT DISTINGUISHABLE ({more:,} more {_unit(verdict, more)})"
        case "NOT COMPARABLE":
            return f"NOT COMPARABLE ({verdict.why})"
    return verdict.word


def sentence(verdict: Verdict) -> str:
    """What may be said, in plain words: `v2.1 − v2.0 = +0.80, 95 % interval −0.30 .. +1.90 (8 questions, paired). Not
    distinguishable. …`"""
    return " ".join(_sentences(verdict))


def _sentences(verdict: Verdict) -> Iterator[str]:
    a, b = (show_line(name, NAME) for name in (verdict.a, verdict.b))
    if verdict.word == "NOT COMPARABLE":
        yield f"{a} and {b} can't be compared: {verdict.why}."
        if mend := _MENDS.get(verdict.why):
            yield mend.format(a=a, b=b)
        return
    difference = verdict.difference or 0.0
    if verdict.figures is None:
        yield f"{a} {MINUS} {b} = {signed(difference)} ({asked(verdict)}, paired)."
        yield f"No interval: {_no_interval(verdict)}."
        yield "Underpowered: nothing is said beyond these answers."
    else:
        figures = verdict.figures
        between = f"{percent(figures.confidence)} interval {interval(figures.interval)}"
        yield f"{a} {MINUS} {b} = {signed(difference)}, {between} ({asked(verdict)}, paired)."
        yield from _meaning(verdict, figures)
    yield from (claim.sentence for claim in verdict.claims if claim.of == "the recipe")
    if not verdict.blind:
        yield "The scorer knew the version: bias possible."


def _meaning(verdict: Verdict, figures: Figures) -> Iterator[str]:
    """What the figures come to, and what these questions can show."""
    if verdict.p_holm is not None and verdict.word != "DIFFERENT" and figures.p < 1 - figures.confidence:
        yield f"Alone it would be different, among several comparisons p = {p_value(verdict.p_holm)} (Holm)."
    match verdict.word:
        case "DIFFERENT":
            yield "Different."
            if figures.p_signflip >= verdict.level:
                yield f"The sign-flip beside it doesn't show it (p = {p_value(figures.p_signflip)})."
        case "EQUIVALENT":
            chance = f"{round(100 * figures.equivalence_power)} %"
            yield (
                f"Equivalent within {verdict.within:g}; with {asked(verdict)} that is found in {chance} of the cases "
                "where there is no difference."
            )
        case _:
            yield "Not distinguishable."
            yield _can_show(verdict, figures)


def _can_show(verdict: Verdict, figures: Figures) -> str:
    can = f"These {asked(verdict)} can show {upward(figures.smallest)} or more"
    if not figures.ask_more:
        return f"{can}."
    return f"{can}; to show {counted(abs(figures.difference))} ask {figures.ask_more:,} more."


def _no_interval(verdict: Verdict) -> str:
    if len(verdict.facts) < FEWEST_CLUSTERS:
        return f"it takes {FEWEST_CLUSTERS} {_unit(verdict, FEWEST_CLUSTERS)} or more"
    return "all differences are alike, so their spread isn't known"


def asked(verdict: Verdict) -> str:
    """How much was asked: `8 questions`; `24 facts` where a fact was asked in several wordings or languages."""
    return plural(len(verdict.facts), "fact" if verdict.questions > len(verdict.facts) else "question")


def _unit(verdict: Verdict, count: int) -> str:
    unit = "fact" if verdict.questions > len(verdict.facts) else "question"
    return unit if count == 1 else f"{unit}s"


def left_out_sentence(left_out: LeftOut) -> str:
    """`without *strengths* the verdict is NOT DISTINGUISHABLE`."""
    return f"without *{show_line(left_out.cluster, NAME)}* the verdict is {left_out.word}"


def best_of(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """What to know of the best of several: equal versions miss their score by chance, and the best is the luckiest."""
    names = {name for verdict in verdicts for name in (verdict.a, verdict.b)}
    spreads = [verdict.figures.spread / 2**0.5 for verdict in verdicts if verdict.figures]
    if len(names) < 3 or not spreads:
        return ()
    facts = min(len(verdict.facts) for verdict in verdicts if verdict.figures)
    by = best_looks_too_good(len(names), fmean(spreads), facts)
    return (
        f"{len(verdicts)} comparisons share their 5 % by Holm. The best of {len(names)} equal versions would look "
        f"{by:.2f} too good on {plural(facts, 'fact')}: ask it other questions before you trust its score.",
    )


# Figures


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign: `+0.80`, `−0.30`, `0.00`."""
    text = shown(abs(value), digits)
    return text if float(text) == 0 else f"{'+' if value > 0 else MINUS}{text}"


def interval(ends: Interval) -> str:
    """`−0.30 .. +1.90`."""
    return f"{signed(ends[0])} .. {signed(ends[1])}"


def upward(value: float) -> str:
    """A size rounded up to one digit: what is told to be shown must be."""
    return f"{math.ceil(round(10 * value, 6)) / 10:.1f}"


def percent(share: float) -> str:
    """A confidence: `95 %`, `99.5 %`."""
    return f"{counted(round(100 * share, 1))} %"


def p_value(p: float) -> str:
    """A p: `.030`, `.87`, `< .001`."""
    if p < 0.001:
        return "< .001"
    text = shown(p, 3 if p < 0.1 else 2)
    return text.removeprefix("0") if p < 1 else "1"
