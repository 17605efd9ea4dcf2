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
        figures = statistics(workspace, where)
    if as_json:
        say_json(_fields(figures))
    else:
        _say(figures)


def _fields(figures: Statistics) -> dict[str, object]:
    return {
        "pairs": figures.pairs,
        "sessions": figures.sessions,
        "state": {"open": figures.open, "keep": figures.keep, "drop": figures.drop},
        "rewritten": figures.rewritten,
        "flagged": figures.flagged,
        "patterns": {rule.rule: {"pairs": rule.pairs, "hits": rule.hits} for rule in figures.rules},
        "lengths": {"instruction": _spread(figures.instruction), "response": _spread(figures.response)},
        "models": figures.models,
        "languages": figures.languages,
        "projects": figures.projects,
        "left_out": {left.reason: left.count for left in figures.left_out},
        "answer": figures.answer.value,
    }


def _spread(spread: Spread) -> dict[str, float | None]:
    return {"mean": None if spread.mean is None else round(spread.mean, 1), "median": spread.median}


def _say(figures: Statistics) -> None:
    """Print the figures as tables and bars; flags and lengths only where there are pairs."""
    sessions = f"from {plural(figures.sessions, 'session')}, by the {figures.answer.value} answer"
    say_table(
        (
            ("pairs", figures.pairs, sessions),
            ("open", figures.open, ""),
            ("kept", figures.keep, ""),
            ("dropped", figures.drop, ""),
            ("rewritten", figures.rewritten, "open, kept or dropped"),
        ),
        right=(1,),
    )
    if figures.pairs:
        _say_flags(figures)
        _say_lengths(figures)
        for title, counts in (
            ("Models", figures.models),
            ("Languages", figures.languages),
            ("Projects", figures.projects),
        ):
            say_heading(title)
            say_bars(counts, most=_MOST)
    if figures.left_out:
        say_heading("Left out of the whole workspace")
        say_left_out(figures.left_out)


def _say_flags(figures: Statistics) -> None:
    say_heading("Flags")
    hits = {family: sum(rule.hits for rule in figures.rules if rule.family == family) for family in figures.flagged}
    hits["any"] = sum(rule.hits for rule in figures.rules)
    rows = [(name, count, hits[name]) for name, count in figures.flagged.items()]
    say_table(rows, ("family", "pairs", "hits"), right=(1, 2))
    if figures.rules:
        say()
        say_table(
            ((rule.rule, rule.pairs, rule.hits) for rule in figures.rules), ("pattern", "pairs", "hits"), right=(1, 2)
        )


def _say_lengths(figures: Statistics) -> None:
    from molting_tui.curation.statistics import LENGTHS

    say_heading("Lengths in characters")
    sides = (("prompt", figures.instruction), ("answer", figures.response))
    rows = [(name, round(side.mean or 0), round(side.median or 0)) for name, side in sides]
    say_table(rows, ("", "mean", "median"), right=(1, 2))
    say()
    steps = [f"answer < {LENGTHS[0]:,}"]
    steps += [f"{low:,} to {high - 1:,}" for low, high in itertools.pairwise(LENGTHS)]
    steps.append(f"{LENGTHS[-1]:,} and more")
    say_bars(dict(zip(steps, figures.answer_lengths, strict=True)))


def _answers(as_json: bool) -> None:
    from molting_tui.curation.statistics import mode_figures

    with workspace_here() as workspace, watched("Stopped. Nothing was changed.") as progress:
        by_mode = mode_figures(workspace, progress)
    if as_json:
        say_json([_mode_fields(figures) for figures in by_mode])
        return
    rows = [_mode_row(figures) for figures in by_mode]
    header = ("answer", "pairs", "kept by the filters", "starts agent-like", "agent-like anywhere", "median chars")
    say_table(rows, header, right=range(1, 6))
    say()
    say("From the turns of assistant sessions; equal pairs count once. The last three columns are of the pairs kept.")
    say("`molting import --answer MODE` makes the pairs anew by another answer.")


def _mode_fields(figures: ModeFigures) -> dict[str, object]:
    return {
        "answer": figures.mode.value,
        "pairs": figures.pairs,
        "kept": figures.kept,
        "starts_agent_like": figures.starts,
        "agent_like": figures.anywhere,
        "median": figures.median,
    }


def _mode_row(figures: ModeFigures) -> tuple[object, ...]:
    from molting_tui.curation.statistics import share

    shares = [f"{count:,} ({share(count, figures.kept):.1f} %)" for count in (figures.starts, figures.anywhere)]
    return (
        figures.mode.value.upper(),
        figures.pairs,
        figures.kept,
        *shares,
        "" if figures.median is None else round(figures.median),
    )
