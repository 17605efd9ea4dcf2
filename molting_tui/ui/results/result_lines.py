"""Scores as lines: a table with a bar a contender, levels, questions, facts, what limits it; then the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.evaluation.scoring.points import counted, shown
from molting_tui.records.evaluation import ContenderResult, QuestionResult, Results, Rubric
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.frame import hanging, rule
from molting_tui.ui.paragraphs import fit, line, paragraphs, wrap

if TYPE_CHECKING:
    from molting_tui.evaluation.results.averages import RatedAnswer
    from molting_tui.evaluation.results.table import FactsLine

NAME = 28
"""Cells of the longest contender's name in a table."""
TOP = 10
"""The highest score."""
BAR_LEAST, BAR_MOST = 21, 41
"""Cells of the shortest bar that tells half points, and of the longest."""
NOTHING = "·"
WORDINGS = {
    "memory": "trained on, in these words or others",
    "generalisation": "asked in words that the training did not have",
    "control": "what the base knew and should keep",
    "": "nobody who answered is known to be trained",
}
"""What an answer with all its facts shows, by how it was asked; in the order they are told."""

Table = Sequence[Sequence[str]]


def result_lines(results: Results, facts: Sequence[FactsLine], width: int) -> Iterator[Strip]:
    """Everything about the scores under one rubric; `facts` hold for any."""
    yield line("")
    if not results.contenders:
        yield from paragraphs(
            "Nothing is scored under this rubric yet. F5 scores answers, r takes another.", width, indent=2
        )
    else:
        yield from _scores(results, width)
        yield from _levels(results, width)
        yield from _questions(results, width)
    yield from _facts(facts, width)
    if results.notes:
        yield from _heading("What limits this", width)
        for note in results.notes:
            yield from hanging("  · ", look.PLAIN, note, width)


# Scores and means


def _scores(results: Results, width: int) -> Iterator[Strip]:
    """A bar for each contender, with its dimensions beside it, or below in a narrow terminal; then the bands."""
    rubric = results.rubric
    names = [dimension.id for dimension in rubric.dimensions]
    left = [[contender(each.name), score_text(each.score, rubric)] for each in results.contenders]
    right = [[*_means(each, names), str(each.n)] for each in results.contenders]
    head = [*(show_line(name, NAME) for name in names), "n"]
    used = sum(_widths([["contender", "score"], *left])) + sum(_widths([head, *right])) + 2 * (len(head) + 3)
    if width - used >= BAR_LEAST:
        bar = min(width - used, BAR_MOST)
        yield from _barred(left, results.contenders, bar, head, right)
    else:
        widths = sum(_widths([["contender", "score"], *left])) + 2 * 4 + len("n") + 2
        bar = min(max(width - widths, BAR_LEAST), BAR_MOST)
        yield from _barred(left, results.contenders, bar, ["n"], [[str(each.n)] for each in results.contenders])
        yield from _heading("Mean level by dimension", width, f"of {rubric.scale[-1]}")
        rows = [[contender(each.name), *_means(each, names)] for each in results.contenders]
        yield from table(["contender", *head[:-1]], rows, width)
    for each in results.contenders:
        if each.band:
            yield from hanging(f"  {contender(each.name)}: ", look.DIM, each.band, width)


def _barred(
    left: Table, contenders: Sequence[ContenderResult], bar: int, head: Sequence[str], right: Table
) -> Iterator[Strip]:
    lefts, rights = _widths([["contender", "score"], *left]), _widths([head, *right])
    title = f"  {_cells(['contender', 'score'], lefts, 1)}  {_ruler(bar)}  {_cells(head, rights, 0)}"
    yield line((title, look.BOLD))
    for contender, before, after in zip(contenders, left, right, strict=True):
        sign = Segment(f"  {_bar(contender.score, bar)}  ", look.PLAIN)
        yield Strip([Segment(f"  {_cells(before, lefts, 1)}"), sign, Segment(_cells(after, rights, 0))])


def _ruler(width: int) -> str:
    """The even points from 0 to 10, each above its cell."""
    cells = [" "] * (width + 1)
    for point in range(0, TOP + 1, 2):
        text = str(point)
        at = min(round(point / TOP * (width - 1)), width - len(text))
        cells[at : at + len(text)] = text
    return "".join(cells[:width])


def _bar(score: float | None, width: int) -> str:
    if score is None:
        return " " * width
    at = round(max(0.0, min(score, TOP)) / TOP * (width - 1))
    return f"{'─' * at}●{NOTHING * (width - 1 - at)}"


def contender(name: str) -> str:
    """A contender's name for a table: a long one without its middle, for names of one kind differ at their ends."""
    shown = show_line(name, 400)
    if cell_len(shown) <= NAME:
        return shown
    tail = shown[-NAME // 2 :]
    while cell_len(tail) > NAME // 2:
        tail = tail[1:]
    return fit(shown, NAME - cell_len(tail)) + tail


def score_text(score: float | None, rubric: Rubric) -> str:
    """A score as the rubric rounds it; `·` for none."""
    return NOTHING if score is None else shown(score, rubric.round)


def _means(contender: ContenderResult, names: Iterable[str]) -> list[str]:
    return [shown(contender.dimensions[name]) if name in contender.dimensions else NOTHING for name in names]


# Levels and questions


def _levels(results: Results, width: int) -> Iterator[Strip]:
    rubric = results.rubric
    absent = any(count for result in results.contenders for count in result.not_applicable.values())
    scale = " · ".join(map(str, rubric.scale)) + ("  - not applicable" if absent else "")
    yield from _heading("Answers at each level", width, scale)
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
    yield from _heading("Question by question", width)
    head = ["contender", "score", *(show_line(name, NAME) for name in names), "facts", "n"]
    rows: dict[str, list[list[str]]] = {}
    for each in results.contenders:
        for result in each.questions:
            shown = rows.setdefault(result.prompt, [])
            shown.append([contender(each.name), *_question(result, results.rubric, names)])
    widths = _widths([head, *(row for several in rows.values() for row in several)])
    once = 4 + sum(widths) + 2 * (len(widths) - 1) <= width
    if once:
        yield line((f"    {_cells(head, widths, 1)}", look.DIM))
    for prompt, several in rows.items():
        yield from _wrapped(f"  {show_line(prompt, 10 * width)}", width, look.BOLD)
        if once:
            yield from (line(f"    {_cells(row, widths, 1)}") for row in several)
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
    yield from _heading("Answers with all their facts", width, "by their words: a hint, no score")
    parts = list(dict.fromkeys((fact.question_set, fact.wording) for fact in facts))
    parts.sort(key=lambda part: (list(WORDINGS).index(part[1]), part[0]))
    counts = {(fact.contender, fact.question_set, fact.wording): f"{fact.right} of {fact.answers}" for fact in facts}
    names = list(dict.fromkeys(fact.contender for fact in facts))
    rows = []
    for name, wording in parts:
        kind = wording or "other"
        asked = kind if name == kind else f"{kind} · {show_line(name, NAME)}"
        rows.append([asked, *(counts.get((each, name, wording), NOTHING) for each in names)])
    yield from table(["", *map(contender, names)], rows, width)
    for wording in dict.fromkeys(wording for _, wording in parts):
        yield from hanging(f"  {wording or 'other'}: ", look.DIM, WORDINGS[wording], width)


# The answers themselves


def answer_lines(rubric: Rubric, answers: Sequence[RatedAnswer], width: int) -> Iterator[Strip]:
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
            yield from _answer(rubric, answer, width)
        yield line("")
        yield rule(width)


def _answer(rubric: Rubric, rated: RatedAnswer, width: int) -> Iterator[Strip]:
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
        yield from paragraphs(answer.text, width - 1, indent=4)
    yield from _ratings(rated, width)


def _ratings(rated: RatedAnswer, width: int) -> Iterator[Strip]:
    """What each rater said in each pass: levels, then the note."""
    by_sheet = groupby(sorted(rated.ratings, key=_sheet), key=_sheet)
    for (rater, rating_pass), given in by_sheet:
        several = list(given)
        levels = "  ".join(f"{show_line(r.dimension, NAME)} {'-' if r.level is None else r.level}" for r in several)
        who = show_line(rater, NAME) + (f", pass {rating_pass}" if rating_pass > 1 else "")
        blind = "" if several[0].blind else " (not blind)"
        yield from _wrapped(f"    {levels}   {who}{blind}", width, look.DIM)
        if several[0].note:
            yield from hanging("    “", look.DIM, f"{several[0].note}”", width)


def _sheet(rating: object) -> tuple[str, int]:
    return getattr(rating, "rater", ""), getattr(rating, "rating_pass", 1)


# Tables


def table(head: Sequence[str], rows: Table, width: int, indent: int = 2) -> Iterator[Strip]:
    """Shown texts in columns, the first to the left, figures to the right. What is wider than the screen goes on below,
    the first column again before it."""
    widths = _widths([head, *rows])
    start = 1
    while start < len(head) or start == 1:
        end, used = start, indent + widths[0]
        while end < len(head) and (end == start or used + 2 + widths[end] <= width):
            used += 2 + widths[end]
            end += 1
        chosen = [0, *range(start, end)]
        part = [widths[place] for place in chosen]
        yield line((fit(" " * indent + _cells([head[place] for place in chosen], part, 1), width), look.DIM))
        for row in rows:
            yield line(fit(" " * indent + _cells([row[place] for place in chosen], part, 1), width))
        start = max(end, start + 1)


def _widths(rows: Iterable[Sequence[str]]) -> list[int]:
    return [max(map(cell_len, column)) for column in zip(*rows, strict=True)]


def _cells(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    """The cells side by side: the first `left` of them to the left, the others to the right."""
    padded = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        pad = " " * (width - cell_len(cell))
        padded.append(cell + pad if place < left else pad + cell)
    return "  ".join(padded)


def _heading(text: str, width: int, more: str = "") -> Iterator[Strip]:
    yield line("")
    room = width - cell_len(text) - 5
    yield line((f"  {text}", look.BOLD), (f"   {fit(more, room)}" if more and room > 8 else "", look.DIM))


def _wrapped(shown: str, width: int, style: Style) -> Iterator[Strip]:
    margin = len(shown) - len(shown.lstrip())
    body = shown[margin:]
    for start, end in wrap(body, max(width - margin - 1, 8)):
        yield line((" " * margin + body[start:end], style))


def summary(results: Results) -> str:
    """The one figure above: how many contenders, under which rubric."""
    sets = ", ".join(show_line(name, 30) for name in results.question_sets)
    return f"{plural(len(results.contenders), 'contender')} · {sets}"
