"""`molting stats`: the workspace in figures."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import click

from molting_tui.cli.importing import say_left_out
from molting_tui.cli.printing import say, say_bars, say_heading, say_json, say_table
from molting_tui.cli.running import Command, finish_flags, json_option, where_option, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput
from molting_tui.text import plural

if TYPE_CHECKING:
    from molting_tui.curation.statistics import ModeFigures, Spread, Statistics

_MOST = 10
"""Lines of a chart of models or projects."""


@click.command(
    cls=Command,
    examples=(
        "molting stats",
        "molting stats --where 'state:keep lang:pt'",
        "molting stats --answers               # what each answer mode would give",
        "molting stats --json | jq .flagged",
    ),
)
@where_option("Only the pairs that match.")
@click.option("--answers", is_flag=True, help="Compare the answer modes on the imported sessions; changes nothing.")
@json_option()
def stats(where: str, answers: bool, as_json: bool) -> None:
    """Count pairs, decisions, flags, lengths, models and languages.

    Of flags, the pairs that have one and the hits (the places found) are counted apart.
    """
    if answers and where:
        raise BadInput("--answers looks at all imported sessions.", where="--where", fix="Leave one of the two away.")
    if answers:
        _answers(as_json)
        return
    from molting_tui.curation.statistics import statistics

    with workspace_here() as workspace:
        finish_flags(workspace)
        found = statistics(workspace, where)
    if as_json:
        say_json(_fields(found))
    else:
        _say(found)


def _fields(found: Statistics) -> dict[str, object]:
    return {
        "pairs": found.pairs,
        "sessions": found.sessions,
        "state": {"open": found.open, "keep": found.keep, "drop": found.drop},
        "rewritten": found.rewritten,
        "flagged": found.flagged,
        "patterns": {rule.rule: {"pairs": rule.pairs, "hits": rule.hits} for rule in found.rules},
        "lengths": {"instruction": _spread(found.instruction), "response": _spread(found.response)},
        "models": found.models,
        "languages": found.languages,
        "projects": found.projects,
        "left_out": {left.reason: left.count for left in found.left_out},
        "answer": found.answer.value,
    }


def _spread(spread: Spread) -> dict[str, float | None]:
    return {"mean": None if spread.mean is None else round(spread.mean, 1), "median": spread.median}


def _say(found: Statistics) -> None:
    """Print the figures as tables and bars; flags and lengths only where there are pairs."""
    sessions = f"from {plural(found.sessions, 'session')}, by the {found.answer.value} answer"
    say_table(
        (
            ("pairs", found.pairs, sessions),
            ("open", found.open, ""),
            ("kept", found.keep, ""),
            ("dropped", found.drop, ""),
            ("rewritten", found.rewritten, "open, kept or dropped"),
        ),
        right=(1,),
    )
    if found.pairs:
        _say_flags(found)
        _say_lengths(found)
        for title, counts in (("Models", found.models), ("Languages", found.languages), ("Projects", found.projects)):
            say_heading(title)
            say_bars(counts, most=_MOST)
    if found.left_out:
        say_heading("Left out of the whole workspace")
        say_left_out(found.left_out)


def _say_flags(found: Statistics) -> None:
    say_heading("Flags")
    hits = {family: sum(rule.hits for rule in found.rules if rule.family == family) for family in found.flagged}
    hits["any"] = sum(rule.hits for rule in found.rules)
    rows = [(name, count, hits[name]) for name, count in found.flagged.items()]
    say_table(rows, ("family", "pairs", "hits"), right=(1, 2))
    if found.rules:
        say()
        say_table(
            ((rule.rule, rule.pairs, rule.hits) for rule in found.rules), ("pattern", "pairs", "hits"), right=(1, 2)
        )


def _say_lengths(found: Statistics) -> None:
    from molting_tui.curation.statistics import LENGTHS

    say_heading("Lengths in characters")
    sides = (("prompt", found.instruction), ("answer", found.response))
    rows = [(name, round(side.mean or 0), round(side.median or 0)) for name, side in sides]
    say_table(rows, ("", "mean", "median"), right=(1, 2))
    say()
    steps = [f"answer < {LENGTHS[0]:,}"]
    steps += [f"{low:,} to {high - 1:,}" for low, high in itertools.pairwise(LENGTHS)]
    steps.append(f"{LENGTHS[-1]:,} and more")
    say_bars(dict(zip(steps, found.answer_lengths, strict=True)))


def _answers(as_json: bool) -> None:
    from molting_tui.curation.statistics import mode_figures

    with workspace_here() as workspace, watched("Stopped. Nothing was changed.") as progress:
        found = mode_figures(workspace, progress)
    if as_json:
        say_json([_mode_fields(one) for one in found])
        return
    rows = [_mode_row(one) for one in found]
    header = ("answer", "pairs", "kept by the filters", "starts agent-like", "agent-like anywhere", "median chars")
    say_table(rows, header, right=range(1, 6))
    say()
    say("From the turns of assistant sessions; equal pairs count once. The last three columns are of the pairs kept.")
    say("`molting import --answer MODE` makes the pairs anew by another answer.")


def _mode_fields(one: ModeFigures) -> dict[str, object]:
    return {
        "answer": one.mode.value,
        "pairs": one.pairs,
        "kept": one.kept,
        "starts_agent_like": one.starts,
        "agent_like": one.anywhere,
        "median": one.median,
    }


def _mode_row(one: ModeFigures) -> tuple[object, ...]:
    from molting_tui.curation.statistics import share

    shares = [f"{count:,} ({share(count, one.kept):.1f} %)" for count in (one.starts, one.anywhere)]
    return (one.mode.value.upper(), one.pairs, one.kept, *shares, "" if one.median is None else round(one.median))
