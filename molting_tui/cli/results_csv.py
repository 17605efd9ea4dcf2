"""Scores as CSV for a spreadsheet: a row for each contender and question."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from molting_tui.cli.printing import figure
from molting_tui.text import show_line

if TYPE_CHECKING:
    from molting_tui.records.evaluation import Results

CELL = 400
"""Most cells of a name or a prompt."""
HEAD = ("contender", "question", "fact", "prompt", "score", "samples", "facts_right", "facts", "trained_on")


def results_csv(results: Results) -> str:
    """The scores question by question with the mean level of each dimension; empty where there is none."""
    dimensions = [each.id for each in results.rubric.dimensions]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*HEAD, *map(_cell, dimensions)])
    for contender in results.contenders:
        for each in contender.questions:
            learned = "" if each.in_training is None else "yes" if each.in_training else "no"
            names = [contender.name, each.question, each.cluster, each.prompt]
            figures = [figure(each.score), each.samples, *each.facts, learned]
            levels = [figure(each.levels.get(name)) for name in dimensions]
            writer.writerow([*map(_cell, names), *figures, *levels])
    return out.getvalue()


def _cell(text: str) -> str:
    # A spreadsheet would take what begins so for a formula, and these names come from files and models.
    shown = show_line(text, CELL)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
