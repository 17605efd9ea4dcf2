"""Scores as lines: a table with a bar a contender, levels, questions, facts, what limits it; then the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from molting_tui.evaluation.scoring.points import counted, shown
from molting_tui.records.evaluation import ContenderResult, QuestionResult, Results, Rubric
from molting_tui.records.verdicts import Verdict
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging, rule
from molting_tui.ui.paragraphs import fit, line, paragraphs
from molting_tui.ui.prose import PLAIN_CODE, CodeView, prose
from molting_tui.ui.results.contender_lines import NOTHING, contender_lines, score_text
from molting_tui.ui.results.rows import fact_rows, question_rows
from molting_tui.ui.results.tables import NAME, Line, cells_of, contender, heading, table, widths_of, wrapped
from molting_tui.ui.results.verdict_lines import battle_lines, limit_lines, profile_lines, verdict_lines
from molting_tui.ui.results.verdict_lines import summary as verdict_summary

if TYPE_CHECKING:
    from molting_tui.evaluation.results.averages import RatedAnswer
    from molting_tui.evaluation.results.table import FactsLine

WORDINGS = {
    "memory": "trained on, in these words or others",
    "generalisation": "asked in words that the training did not have",
    "control": "what the base knew and should keep",
    "": "nobody who answered is known to be trained",
}
"""What an answer with all its facts shows, by how it was asked; in the order they are told."""


ROOMY = 30
"""Lines above which one is left empty at the top."""
LEAST = 3
"""Facts above the contenders, however low the window is."""


def result_lines(
    results: Results,
    facts: Sequence[FactsLine],
    width: int,
    verdict: Verdict | None = None,
    height: int = 24,
) -> Iterator[Line]:
    """The verdict, the facts that differ most and the contenders, within `height` lines where that can be; below, under
    headings, everything else about the scores under one rubric. `facts` hold for any rubric."""
    head = [line("")] if height > ROOMY else []
    head += [] if verdict is None else verdict_lines(verdict, width)
    yield from head
    if not results.contenders:
        yield line("")
        yield from paragraphs(
            "Nothing is scored under this rubric yet. F5 scores answers, r takes another.", width, indent=2
        )
        yield from _below(results, facts, width, verdict)
        return
    contenders = list(contender_lines(results, facts, width))
    top, *rows = fact_rows(verdict, width) if verdict is not None and verdict.facts else [line("")]
    room = max(LEAST, height - len(head) - len(contenders) - 4)
    first = rows if len(rows) <= room + 1 else rows[:room]  # one alone isn't worth a heading below
    if first:
        yield from heading("Facts", width, "the largest difference first; enter opens both answers")
        yield from (top, *first)
    yield line("")
    yield from contenders
    if len(rows) > len(first):
        yield from heading("The other facts", width)
        yield from (top, *rows[len(first) :])
    yield from question_rows(results, width)
    yield from _below(results, facts, width, verdict)


def _below(results: Results, facts: Sequence[FactsLine], width: int, verdict: Verdict | None) -> Iterator[Line]:
    """What stands under headings, below the first screen."""
    if verdict is not None:
        yield from battle_lines(verdict, width)
        yield from profile_lines(verdict, results, width)
    yield from _facts(facts, width)
    if results.contenders:
        yield from _levels(results, width)
        yield from _questions(results, width)
        yield from _speeds(results, width)
    if verdict is not None:
        yield from limit_lines(verdict, width)
    if results.notes:
        yield from heading("What limits this", width)
        for note in results.notes:
            yield from hanging("  · ", look.PLAIN, note, width)


def _speeds(results: Results, width: int) -> Iterator[Strip]:
    """How fast the answers came, where that is known."""
    known = [each for each in results.contenders if each.speed]
    if known:
        yield from heading("How fast they answered", width)
        for each in known:
            yield from hanging(f"  {contender(each.name)}: ", look.DIM, each.speed, width)


# Levels and questions


def _levels(results: Results, width: int) -> Iterator[Strip]:
    rubric = results.rubric
    absent = any(count for result in results.contenders for count in result.not_applicable.values())
    scale = " · ".join(map(str, rubric.scale)) + ("  - not applicable" if absent else "")
    yield from heading("Answers at each level", width, scale)
    head = ["contender", *(show_line(result.id, NAME) for result in rubric.dimensions)]
    rows = [
        [contender(result.name), *(_counts(result, each.id, absent) for each in rubric.dimensions)]
        for result in results.contenders
    ]
    yield from table(head, rows, width)


def _counts(contender: ContenderResult, dimension: str, absent: bool) -> str:
    counts = "·".join(map(counted, contender.levels.get(dimension, ())))
    return f"{counts} -{counted(contender.not_applicable.get(dimension, 0))}" if absent else counts


def _questions(results: Results, width: int) -> Iterator[Strip]:
    """Each prompt with a row for each contender; the heading stands once on top where the rows fit the width."""
    names = [dimension.id for dimension in results.rubric.dimensions]
    yield from heading("Question by question, dimension by dimension", width)
    head = ["contender", "score", *(show_line(name, NAME) for name in names), "facts", "n"]
    rows: dict[str, list[list[str]]] = {}
    for each in results.contenders:
        for result in each.questions:
            shown = rows.setdefault(result.prompt, [])
            shown.append([contender(each.name), *_question(result, results.rubric, names)])
    widths = widths_of([head, *(row for several in rows.values() for row in several)])
    once = 4 + sum(widths) + 2 * (len(widths) - 1) <= width
    if once:
        yield line((f"    {cells_of(head, widths, 1)}", look.DIM))
    for prompt, several in rows.items():
        yield from wrapped(f"  {show_line(prompt, 10 * width)}", width, look.BOLD)
        if once:
            yield from (line(f"    {cells_of(row, widths, 1)}") for row in several)
        else:
            yield from table(head, several, width, indent=4)


def _question(result: QuestionResult, rubric: Rubric, names: Iterable[str]) -> list[str]:
    levels = [_level(result.levels[name]) if name in result.levels else NOTHING for name in names]
    facts = f"{result.facts[0]}/{result.facts[1]}" if result.facts[1] else NOTHING
    return [score_text(result.score, rubric), *levels, facts, str(result.samples)]


def _level(mean: float) -> str:
    return shown(mean, 0 if mean == round(mean) else 2)


def _facts(facts: Sequence[FactsLine], width: int) -> Iterator[Strip]:
    """How many answers hold all their facts, by question set and wording; nothing where no question has facts."""
    if not facts:
        return
    yield from heading("Answers with all their facts", width, "by their words: a hint, no score")
    parts = list(dict.fromkeys((fact.question_set, fact.wording) for fact in facts))
    parts.sort(key=lambda part: (list(WORDINGS).index(part[1]), part[0]))
    counts = {
        (fact.contender, fact.question_set, fact.wording): f"{fact.right} of {fact.answers}"
        + (f" +{fact.waiting}?" if fact.waiting else "")
        for fact in facts
    }
    names = list(dict.fromkeys(fact.contender for fact in facts))
    rows = []
    for name, wording in parts:
        kind = wording or "other"
        asked = kind if name == kind else f"{kind} · {show_line(name, NAME)}"
        rows.append([asked, *(counts.get((each, name, wording), NOTHING) for each in names)])
    yield from table(["", *map(contender, names)], rows, width)
    for wording in dict.fromkeys(wording for _, wording in parts):
        yield from hanging(f"  {wording or 'other'}: ", look.DIM, WORDINGS[wording], width)
    if any(fact.waiting for fact in facts):
        yield from hanging("  +1?: ", look.DIM, "one more may deny a fact; a person decides, f in scoring", width)


# The answers themselves


def answer_lines(
    rubric: Rubric, answers: Sequence[RatedAnswer], width: int, code: CodeView = PLAIN_CODE
) -> Iterator[Strip]:
    """The answers question by question, each with its contender's name and what was said of it."""
    yield line("")
    if not answers:
        yield line("  There are no answers.")
    by_question: dict[str, list[RatedAnswer]] = {}
    for answer in answers:
        by_question.setdefault(answer.answer.question.digest, []).append(answer)
    for several in by_question.values():
        question = several[0].answer.question
        yield from paragraphs(question.prompt, width - 1, indent=2, base=look.BOLD)
        for fact in question.facts:
            yield from paragraphs(f"fact: {fact.text}", width - 1, indent=4, base=look.DIM)
        for answer in several:
            yield line("")
            yield from _answer(rubric, answer, width, code)
        yield line("")
        yield rule(width)


def _answer(rubric: Rubric, rated: RatedAnswer, width: int, code: CodeView) -> Iterator[Strip]:
    """Whose answer it is, its score, its text and its ratings. Of a sheet's the text isn't known."""
    answer = rated.answer
    name = contender(answer.contender)
    parts = [f"sample {answer.sample + 1}"] if answer.sample else []
    parts += ["cut off at the length limit"] if answer.finish_reason == "length" else []
    score = "not scored" if rated.score is None else score_text(rated.score, rubric)
    yield line(
        (f"  {name}", look.HUMAN), (fit("   " + " · ".join([score, *parts]), width - cell_len(name) - 3), look.DIM)
    )
    if not answer.read:
        yield line(("    (from a score sheet: its words are not here)", look.DIM))
    elif not answer.text.strip():
        yield line(("    (an empty answer)", look.DIM))
    else:
        yield from prose(answer.text, width - 1, indent=4, code=code)
    yield from _ratings(rated, width)


def _ratings(rated: RatedAnswer, width: int) -> Iterator[Strip]:
    """What each rater said in each pass: levels, then the note."""
    by_sheet = groupby(sorted(rated.ratings, key=_sheet), key=_sheet)
    for (rater, rating_pass), given in by_sheet:
        several = list(given)
        levels = "  ".join(f"{show_line(r.dimension, NAME)} {'-' if r.level is None else r.level}" for r in several)
        who = show_line(rater, NAME) + (f", pass {rating_pass}" if rating_pass > 1 else "")
        blind = "" if several[0].blind else " (not blind)"
        yield from wrapped(f"    {levels}   {who}{blind}", width, look.DIM)
        if several[0].note:
            yield from hanging("    “", look.DIM, f"{several[0].note}”", width)


def _sheet(rating: object) -> tuple[str, int]:
    return getattr(rating, "rater", ""), getattr(rating, "rating_pass", 1)


def summary(results: Results, verdict: Verdict | None = None) -> str:
    """The one figure above: who against whom, else how many contenders."""
    if verdict is not None:
        return verdict_summary(verdict)
    sets = ", ".join(show_line(name, 30) for name in results.question_sets)
    return f"{plural(len(results.contenders), 'contender')} · {sets}"
