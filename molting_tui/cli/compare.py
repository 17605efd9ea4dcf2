"""`molting compare`: the verdict on two contenders, or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from molting_tui.cli.printing import say, say_json, say_wrapped
from molting_tui.cli.results import answer_fields, say_answers
from molting_tui.cli.running import NO, Command, json_option, leave, workspace_with_results
from molting_tui.cli.verdict_pages import say_verdict, verdict_fields
from molting_tui.errors import BadInput
from molting_tui.text import show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.results.pair_verdicts import Selection
    from molting_tui.records.evaluation import Rubric
    from molting_tui.workspace import Workspace

NO_PASS = ("NOT COMPARABLE", "UNDERPOWERED")
"""Verdicts by which nothing was shown either way: the exit code is 1."""


@click.command(
    cls=Command,
    examples=(
        "molting compare v2.5 v2.1",
        "molting compare v2.5 v2.1 --rubric personality-v1 --language pt",
        "molting compare v2.5 v2.4 v2.3 --against v2.1        # p by Holm",
        "molting compare v2.5 v2.1 --plan-looks 8,16          # before the first look",
        "molting compare v2.5 v2.1 --answers strengths        # both answers to one fact",
        "molting compare v2.5 v2.1 --json | jq .verdict",
    ),
)
@click.argument("names", nargs=-1, metavar="A B [C ...]")
@click.option("--against", default="", metavar="NAME", help="Compare each with this one, not all with all.")
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric; else the one last scored by.")
@click.option(
    "--questions", "sets", multiple=True, metavar="SET", help="Only answers to this question set; repeatable."
)
@click.option("--language", default="", metavar="CODE", help="Only answers to questions in this language (pt, en).")
@click.option(
    "--role",
    type=click.Choice(["generalise", "memory", "control"]),
    default="generalise",
    show_default=True,
    help="Questions of this role; what was trained on word by word is memory.",
)
@click.option("--rater", default="", metavar="NAME", help="Only what this person said.")
@click.option(
    "--within",
    type=click.FloatRange(0, 10, min_open=True),
    default=1.0,
    show_default=True,
    metavar="D",
    help="Points within which two count as EQUIVALENT.",
)
@click.option("--plan-looks", default="", metavar="N,M", help="Register looks at N and M facts, before the first.")
@click.option("--answers", "cluster", default="", metavar="FACT", help="Both answers to one fact, with their ratings.")
@json_option()
def compare(
    names: tuple[str, ...],
    against: str,
    rubric_name: str,
    sets: tuple[str, ...],
    language: str,
    role: Any,
    rater: str,
    within: float,
    plan_looks: str,
    cluster: str,
    as_json: bool,
) -> None:
    """Tell whether A is better than B, and how sure that is.

    A fact counts where the answers of both were rated in one blind session. The difference is A less B, on the 0-10
    scale, by a paired t test over the facts asked. Exit code 1: they can't be compared, or there is no interval.
    """
    from molting_tui.evaluation.results import comparison, pair_verdicts, table, verdict_words
    from molting_tui.evaluation.short_names import full_names

    pairs = comparison.pairs_of(names, against)
    if not pairs or ((plan_looks or cluster) and len(pairs) > 1):
        raise BadInput(
            "a plan, or the answers to a fact, are of two contenders." if pairs else "two contenders are compared.",
            fix="For example: molting compare v2.5 v2.1.",
        )
    chosen = pair_verdicts.Selection(sets, language, role, rater)
    with workspace_with_results() as (workspace, _):
        rubric = table.chosen_rubric(workspace, rubric_name)
        pairs = [(a, b) for a, b in (full_names(workspace, pair) for pair in pairs)]
        if plan_looks:
            _plan(workspace, rubric, pairs[0], plan_looks, chosen, as_json)
            return
        if cluster:
            listed = comparison.answers_to(workspace, rubric, *pairs[0], cluster, chosen)
            if as_json:
                say_json([answer_fields(each) for each in listed])
            else:
                say_answers(rubric, listed)
            return
        verdicts = comparison.compared_in_pairs(workspace, rubric, pairs, chosen, within)
        best = verdict_words.best_of(verdicts)
    if as_json:
        fields = [verdict_fields(verdict) for verdict in verdicts]
        say_json(fields[0] if len(fields) == 1 else {"comparisons": fields, "notes": list(best)})
    else:
        for place, verdict in enumerate(verdicts):
            if place:
                say()
            say_verdict(rubric, verdict)
        for note in best:
            say()
            say_wrapped(note)
    if all(verdict.word in NO_PASS for verdict in verdicts):
        leave(NO)


def _plan(
    workspace: Workspace, rubric: Rubric, pair: tuple[str, str], planned: str, chosen: Selection, as_json: bool
) -> None:
    """Register looks, and say what was registered."""
    from molting_tui.evaluation.results import comparison, looks

    counts = [int(part) for part in planned.split(",") if part.strip().isdecimal()]
    if len(counts) != planned.count(",") + 1:
        raise BadInput("looks are numbers of facts.", where=f"`{show_line(planned)}`", fix="Write them like 8,16.")
    made = comparison.plan(workspace, rubric, *pair, counts, chosen)
    if as_json:
        say_json({"id": made.uuid, **made.content, "time": made.time})
        return
    facts = " and ".join(map(str, made.looks))
    say_wrapped(
        f"Planned: looks at {facts} facts, with bounds that keep 5 % over both. {looks.capacity_sentence(made)} "
        "Nothing is shown before the first."
    )
