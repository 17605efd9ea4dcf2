"""`molting stats`: the workspace in figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from molting_tui.cli.importing import say_left_out
from molting_tui.cli.printing import bar, say, say_heading, say_json, say_table, say_wrapped
from molting_tui.cli.running import Command, finish_flags, json_option, where_option, workspace_here
from molting_tui.cli.watching import watched
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.curation.statistics import ModeFigures, Spread, Statistics
    from molting_tui.curation.statistics_lines import Section

_MOST = 10
"""Lines of a section of models, projects, tags or sessions."""
_CELL = 80
"""Most cells of a name."""


@click.command(
    cls=Command,
    examples=(
        "molting stats",
        "molting stats --where 'state:keep lang:pt'",
        "molting stats --answers               # what each answer mode would give",
        "molting stats --format markdown > stats.md",
        "molting stats --json | jq .flagged",
    ),
)
@where_option("Only the pairs that match.")
@click.option("--answers", is_flag=True, help="Compare the answer modes on the imported sessions; changes nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json")),
    help="Text for a terminal, markdown for a report, or json. [text]",
)
@json_option()
def stats(where: str, answers: bool, form: str | None, as_json: bool) -> None:
    """Count pairs, decisions, flags, lengths, models and languages.

    Of flags, the pairs that have one and the hits (the places found) are counted apart. Shares are of the pairs that
    match.
    """
    if answers and where:
        raise BadInput("--answers looks at all imported sessions.", where="--where", fix="Leave one of the two away.")
    if as_json and form not in (None, "json"):
        raise BadInput("--json and another format exclude each other.", where="--format", fix="Leave one away.")
    form = "json" if as_json else form or "text"
    if answers:
        _answers(form)
        return
    from molting_tui.curation.statistics import statistics

    with workspace_here() as workspace:
        finish_flags(workspace)
        with watched("Stopped. Nothing was changed.") as progress:
            figures = statistics(workspace, where, progress)
        name = workspace.name
    if form == "json":
        say_json(_fields(figures))
    elif form == "markdown":
        for line in _markdown(figures, name, where):
            say(line)
    else:
        _say(figures)


def _fields(figures: Statistics) -> dict[str, object]:
    return {
        "pairs": figures.pairs,
        "sessions": figures.sessions,
        "state": {"open": figures.open, "keep": figures.keep, "drop": figures.drop},
        "rewritten": figures.rewritten,
        "disputed": figures.disputed,
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
    """Print the figures as tables with bars, sections only where there are pairs."""
    from molting_tui.curation.statistics_lines import sections

    say_table([("pairs", figures.pairs, _origin(figures))], right=(1,))
    for section in sections(figures):
        say_heading(section.title)
        if section.note:
            say_wrapped(section.note)
        say_table(
            _rows(section, figures.pairs),
            ("", "pairs", "", *(["hits"] if _with_hits(section) else []), ""),
            right=range(1, 4 if _with_hits(section) else 3),
        )
    if figures.left_out:
        say_heading("Left out of the whole workspace")
        say_left_out(figures.left_out)


def _origin(figures: Statistics) -> str:
    return f"from {plural(figures.sessions, 'session')}, by the {figures.answer.value} answer"


def _rows(section: Section, whole: int) -> Iterator[tuple[object, ...]]:
    """A row a line: name, pairs, share, hits where it is about rules, and a bar."""
    from molting_tui.curation.statistics_lines import percent

    for line in section.lines[: _MOST + 1] if _is_cut(section) else section.lines:
        hits = [line.hits or 0] if _with_hits(section) else []
        name = f"{'· ' if line.indent else ''}{show_line(line.name, _CELL)}"
        yield name, line.pairs, percent(line.pairs, whole), *hits, bar(line.pairs, section.scale)
    if _is_cut(section) and (rest := section.lines[_MOST + 1 :]):
        pairs = sum(line.pairs for line in rest)
        yield f"{len(rest):,} others", pairs, percent(pairs, whole), ""


def _is_cut(section: Section) -> bool:
    """Whether there may be any number of lines, so that the first ones are told and the others added up."""
    return section.title in ("Models", "Projects", "Tags", "Sessions")


def _with_hits(section: Section) -> bool:
    return any(line.hits is not None for line in section.lines)


def _markdown(figures: Statistics, name: str, where: str) -> Iterator[str]:
    """A page to paste into a report."""
    from molting_tui.curation.reasons import meaning
    from molting_tui.curation.statistics_lines import sections

    yield f"# Pairs of {_plain(name)}"
    yield ""
    chosen = f" under the filter `{show_line(where, 200).replace('`', '')}`" if where.strip() else ""
    yield f"{plural(figures.pairs, 'pair')}{chosen}, {_origin(figures)}."
    for section in sections(figures):
        hits = ["hits"] if _with_hits(section) else []
        yield from ("", f"## {section.title}", "")
        if section.note:
            yield from (f"{section.note[0].upper()}{section.note[1:]}.", "")
        rows = (row[:-1] for row in _rows(section, figures.pairs))  # a bar is for terminals
        yield from _table((section.title.lower(), "pairs", "share", *hits), rows)
    if figures.left_out:
        yield from ("", "## Left out of the whole workspace", "")
        yield from _table(
            ("reason", "count", "meaning"),
            ((each.reason, each.count, meaning(each.reason)) for each in figures.left_out),
        )


def _table(header: tuple[str, ...], rows: Iterator[tuple[object, ...]] | list[tuple[object, ...]]) -> Iterator[str]:
    """A table in markdown; numbers and what follows them stand on the right."""
    yield f"| {' | '.join(header)} |"
    right = ("pairs", "share", "hits", "count", *_MODE_HEADER[1:])
    yield f"|{'|'.join('---:' if name in right else '---' for name in header)}|"
    for row in rows:
        cells = [f"{cell:,}" if isinstance(cell, int) else _plain(str(cell)) for cell in row]
        yield f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """A text from elsewhere on one line, with the signs that markdown would obey taken literally."""
    shown = show_line(text, _CELL)
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#~" else sign for sign in shown)


_MODE_HEADER = ("answer", "pairs", "kept by the filters", "starts agent-like", "agent-like anywhere", "median chars")


def _answers(form: str) -> None:
    from molting_tui.curation.statistics import mode_figures

    with workspace_here() as workspace, watched("Stopped. Nothing was changed.") as progress:
        by_mode = mode_figures(workspace, progress)
    if form == "json":
        say_json([_mode_fields(figures) for figures in by_mode])
        return
    rows = [_mode_row(figures) for figures in by_mode]
    if form == "markdown":
        for line in _table(_MODE_HEADER, rows):
            say(line)
    else:
        say_table(rows, _MODE_HEADER, right=range(1, 6))
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
