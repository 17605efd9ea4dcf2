"""A verdict as the commands give it: its JSON fields, and a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from molting_tui.cli.printing import cut, figure, minus, say, say_heading, say_table, say_wrapped
from molting_tui.text import show_line

if TYPE_CHECKING:
    from molting_tui.records.evaluation import Rubric
    from molting_tui.records.verdicts import Figures, Verdict

NAME = 24
"""Most cells of a fact's name in a table."""


# JSON


def verdict_fields(verdict: Verdict) -> dict[str, object]:
    """A verdict as `--json` gives it."""
    from molting_tui.evaluation.results.agreement import agreement_sentence
    from molting_tui.evaluation.results.verdict_words import sentence, title

    figures, won = verdict.figures, verdict.win_rate
    return {
        "a": verdict.a,
        "b": verdict.b,
        "verdict": verdict.word,
        "title": title(verdict),
        "sentence": sentence(verdict),
        "difference": figure(verdict.difference),
        **_figure_fields(figures),
        "clusters": len(verdict.facts),
        "win_rate": won
        and {
            **won._asdict(),
            "rate": figure(won.rate),
            "interval": won.interval and [figure(end) for end in won.interval],
        },
        "without": [{"cluster": each.cluster, "verdict": each.word} for each in verdict.without],
        "reasons": [*([verdict.why] if verdict.why else []), *verdict.reasons],
        "within": verdict.within,
        "p_holm": figure(verdict.p_holm),
        "questions": verdict.questions,
        "blind": verdict.blind,
        "by_cluster": [
            {"cluster": each.cluster, "a": figure(each.a), "b": figure(each.b), "difference": figure(each.difference)}
            for each in verdict.facts
        ],
        "differing": list(verdict.differing),
        "claims": [each._asdict() for each in verdict.claims],
        "agreement": [{**each._asdict(), "sentence": agreement_sentence(each)} for each in verdict.agreement],
        "plan": verdict.plan and {"looks": list(verdict.plan.looks), "look": verdict.look, "time": verdict.plan.time},
    }


def _figure_fields(figures: Figures | None) -> dict[str, object]:
    """The figures of the difference; all null where there is no interval."""
    names = ("interval", "confidence", "df", "p", "p_signflip", "smallest", "ask_more", "equivalence_power")
    if figures is None:
        return dict.fromkeys(names)
    return {
        "interval": [figure(end) for end in figures.interval],
        **{name: figure(getattr(figures, name)) for name in names[1:]},
    }


# For people


def say_verdict(rubric: Rubric, verdict: Verdict) -> None:
    """Print the verdict first, then fact by fact, what it hangs on and what limits it."""
    from molting_tui.evaluation.results import verdict_words as words
    from molting_tui.evaluation.results.agreement import agreement_sentence
    from molting_tui.evaluation.results.looks import sentence as look_sentence

    say(f"{show_line(verdict.a, 50)} against {show_line(verdict.b, 50)} · {rubric.id} {rubric.version}")
    say()
    say_wrapped(words.title(verdict), "bold")
    say_wrapped(minus(words.sentence(verdict)))
    if verdict.plan:
        say_wrapped(look_sentence(verdict.plan, verdict.look))
    for left_out in verdict.without:
        say_wrapped(f"But {words.left_out_sentence(left_out)}: --answers {show_line(left_out.cluster, NAME)}")
    if verdict.figures:
        _say_figures(verdict, verdict.figures)
    if verdict.facts:
        _say_facts(verdict)
    if verdict.battles:
        say()
        say_wrapped(f"Battles: {' '.join(verdict.battles)}")
    limits = [
        *(f"They differ besides in: {', '.join(verdict.differing)}." for _ in verdict.differing[:1]),
        *verdict.reasons,
        *(f"Of {claim.of}: {claim.sentence}" for claim in verdict.claims),
        *map(agreement_sentence, verdict.agreement),
    ]
    if limits:
        say()
    for limit in limits:
        say_wrapped(minus(limit))


def _say_figures(verdict: Verdict, figures: Figures) -> None:
    from molting_tui.evaluation.results import verdict_words as words

    holm = f", Holm {words.p_value(verdict.p_holm)}" if verdict.p_holm is not None else ""
    say_wrapped(
        f"p = {words.p_value(figures.p)} (paired t, {figures.df} degrees of freedom), sign-flip "
        f"{words.p_value(figures.p_signflip)}{holm}"
    )


def _say_facts(verdict: Verdict) -> None:
    """Print the facts with both scores, the largest difference first."""
    from molting_tui.evaluation.results.verdict_words import signed
    from molting_tui.evaluation.scoring.points import shown

    say_heading("Fact by fact")
    rows = [
        (cut(show_line(fact.cluster, NAME), NAME), shown(fact.a), shown(fact.b), minus(signed(fact.difference)))
        for fact in sorted(verdict.facts, key=lambda fact: (-abs(fact.difference), fact.cluster))
    ]
    head = ("fact", *(cut(show_line(name, 18), 18) for name in (verdict.a, verdict.b)), "difference")
    say_table(rows, head, right=(1, 2, 3))
