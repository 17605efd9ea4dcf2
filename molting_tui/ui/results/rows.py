"""The rows that lead to answers: fact by fact for the two that are compared, question by question for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from molting_tui.evaluation.results.verdict_words import signed
from molting_tui.evaluation.scoring.points import shown
from molting_tui.records.evaluation import ContenderResult, QuestionResult, Results, Rubric
from molting_tui.records.verdicts import FactScores, Verdict
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line
from molting_tui.ui.results.contender_lines import MEMORISED, NOTHING, best_first, score_text
from molting_tui.ui.results.tables import Line, Openable, Opens, Table, cells_of, contender, heading, widths_of
from molting_tui.ui.results.verdict_lines import HALF, MOST_POINTS, by_difference, difference_bar

FACT = 30
"""Cells of the longest fact's or question's name."""
NAMES = (28, 16, 10, 6)
"""Cells of the longest contender's name above a column: the widest that fit."""
PROMPT_LEAST = 12
"""Cells below which a question isn't written beside its name."""


def facts_in_order(verdict: Verdict) -> list[FactScores]:
    """The facts of a verdict: those that it hangs on first, then by how far the two differ."""
    hangs_on = {each.cluster for each in verdict.without}
    return sorted(by_difference(verdict.facts), key=lambda fact: fact.cluster not in hangs_on)


def fact_rows(verdict: Verdict, width: int) -> list[Line]:
    """The head, then a row for each fact with both scores, the difference and, where there is room, a bar to the side
    of the better one."""
    facts = facts_in_order(verdict)
    cells = [[fit(show_line(f.cluster, FACT), FACT), shown(f.a), shown(f.b), signed(f.difference)] for f in facts]
    beside = 2 + max(cell_len(row[0]) for row in cells) + 2 + len("difference")
    head = ["fact", *_heads((verdict.a, verdict.b), beside, width), "difference"]
    widths = widths_of([head, *cells])
    bars = 2 + sum(widths) + 2 * len(widths) + 2 * HALF + 1 <= width
    side = f"  {'◂ second':<{HALF}} {'first ▸':>{HALF}}" if bars else ""
    rows: list[Line] = [line((fit(f"  {cells_of(head, widths, 1)}{side}", width), look.DIM))]
    for fact, row in zip(facts, cells, strict=True):
        bar = f"  {difference_bar(fact.difference / MOST_POINTS)}" if bars else ""
        rows.append(Openable(fit(f"  {cells_of(row, widths, 1)}{bar}", width), Opens("fact", fact.cluster)))
    return rows


def question_rows(results: Results, width: int) -> Iterator[Line]:
    """A heading, then a row for each scored question with everybody's score, and its words where there is room. What a
    contender was trained on is marked. Contenders beyond the width are counted; the tables below have all of them."""
    by_name = {each.name: {asked.question: asked for asked in each.questions} for each in results.contenders}
    asked = {each.question: each for result in results.contenders for each in result.questions if each.samples}
    if not asked:
        return
    learned = any(each.in_training for result in results.contenders for each in result.questions if each.samples)
    marked = f"{MEMORISED} trained on it, in these words or others"
    yield from heading("Question by question", width, marked if learned else "enter opens its answers")
    cells = [[fit(show_line(name, FACT), FACT)] for name in asked]
    beside = 2 + max(len("question"), *(cell_len(row[0]) for row in cells))
    names = _that_fit(best_first(results), beside, width)
    for row, name in zip(cells, asked, strict=True):
        row += [_score(by_name[each.name].get(name), results.rubric) for each in names]
    left_out = len(results.contenders) - len(names)
    head = ["question", *_heads([each.name for each in names], beside, width)]
    yield from _question_lines(head, cells, list(asked.values()), width)
    if left_out:
        yield line((f"  {plural(left_out, 'more contender')}: below", look.DIM))


def _question_lines(head: Sequence[str], cells: Table, asked: Sequence[QuestionResult], width: int) -> Iterator[Line]:
    widths = widths_of([head, *cells])
    used = 2 + sum(widths) + 2 * len(widths)
    yield line((fit(f"  {cells_of(head, widths, 1)}", width), look.DIM))
    for row, question in zip(cells, asked, strict=True):
        room = width - used - 1
        prompt = f"  {fit(show_line(question.prompt, width), room)}" if room >= PROMPT_LEAST else ""
        yield Openable(fit(f"  {cells_of(row, widths, 1)}{prompt}", width), Opens("question", question.prompt))


def _score(question: QuestionResult | None, rubric: Rubric) -> str:
    """A score as wide with the mark of what was trained on as without."""
    if question is None or question.score is None:
        return f"{NOTHING} "
    return score_text(question.score, rubric) + (MEMORISED if question.in_training else " ")


def _heads(names: Sequence[str], beside: int, width: int) -> list[str]:
    """Names of contenders above their columns, as long as there is room for beside what else stands there."""
    for most in NAMES:
        cut = [contender(name, most) for name in names]
        if beside + sum(max(cell_len(name), 6) + 2 for name in cut) <= width:
            return cut
    return [contender(name, NAMES[-1]) for name in names]


def _that_fit(contenders: Sequence[ContenderResult], beside: int, width: int) -> Sequence[ContenderResult]:
    """As many contenders as have room for a column each."""
    return contenders[: max((width - beside) // (NAMES[-1] + 2), 1)]
