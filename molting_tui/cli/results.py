"""`molting results`: what the scores add up to, contender by contender."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from molting_tui.cli.printing import cells_wide, cut, say, say_heading, say_json, say_table, say_text, styled, tell
from molting_tui.cli.running import Command, json_option, workspace_with_results
from molting_tui.text import show, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.results.table import FactsLine, RatedAnswer
    from molting_tui.records.evaluation import ContenderResult, QuestionResult, Rating, Results, Rubric

WIDE = 80
"""Cells that the tables keep to."""
NAME = 24
QUESTION = 20
"""Most cells of a contender's and a question's name in a table."""


@click.command(
    cls=Command,
    examples=(
        "molting results",
        "molting results --rubric four-criteria --questions personality-8",
        "molting results --answers             # the answers themselves with their levels",
        "molting results --facts               # which answers say the facts; needs no scores",
        "molting results --json | jq '.contenders[] | {name, score}'",
    ),
)
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric; else the one last scored by.")
@click.option(
    "--questions", "sets", multiple=True, metavar="SET", help="Only answers to this question set; repeatable."
)
@click.option("--language", default="", metavar="CODE", help="Only answers to questions in this language (pt, en).")
@click.option("--rater", default="", metavar="NAME", help="Only what this person said.")
@click.option("--answers", is_flag=True, help="The answers themselves, with their ratings.")
@click.option("--facts", is_flag=True, help="How many answers have all their facts; needs no scores.")
@click.option("--unblind", is_flag=True, help="Though blind scoring goes on: logged, and what follows isn't blind.")
@json_option()
def results(
    rubric_name: str,
    sets: tuple[str, ...],
    language: str,
    rater: str,
    answers: bool,
    facts: bool,
    unblind: bool,
    as_json: bool,
) -> None:
    """Show scores on the 0-10 scale, levels, and questions, contender by contender.

    A score is the mean over the questions. Nothing is shown while blind scoring has open answers.
    """
    from molting_tui.evaluation.results import table

    with workspace_with_results() as (workspace, taken):
        rubric = table.chosen_rubric(workspace, rubric_name)
        choice: dict[str, Any] = {"sets": sets, "language": language, "unblind": unblind}
        # What shows most is asked for first: a refusal must come before anything is logged as seen.
        unscored = (answers or facts) and table.waits_for(workspace)
        listed = table.rated_answers(workspace, rubric, **choice, rater=rater) if answers else []
        lines = table.facts_table(workspace, **choice) if facts else []
        found = table.results(workspace, rubric, **choice, rater=rater)
    for problem in taken.problems:
        tell(f"molting: {show(problem)}")
    if as_json:
        more = {"answers": [_answer_fields(one) for one in listed]} if answers else {}
        say_json(_fields(found) | more | ({"facts": [one._asdict() for one in lines]} if facts else {}))
    elif answers:
        _say_answers(found.rubric, listed)
    elif facts:
        _say_facts(lines)
    else:
        _say(found)
    if unscored and not as_json:
        say()
        say("Note: you hadn't scored all of these. You have seen whose they are: a score of them isn't blind any more.")


# JSON


def _fields(found: Results) -> dict[str, object]:
    return {
        "rubric": found.rubric.id,
        "rubric_version": found.rubric.version,
        "rubric_digest": found.rubric.digest,
        "questions": list(found.question_sets),
        "contenders": [_contender_fields(one) for one in found.contenders],
        "open": found.open,
        "notes": list(found.notes),
    }


def _contender_fields(one: ContenderResult) -> dict[str, object]:
    return {
        "name": one.name,
        "score": _figure(one.score),
        "interval": None,
        "n": one.n,
        "dimensions": {name: _figure(mean) for name, mean in one.dimensions.items()},
        "levels": {name: list(counts) for name, counts in one.levels.items()},
        "flags": one.flags,
        "band": one.band,
        "points": list(one.points),
        "answers": one.answers,
        "incomplete": one.incomplete,
        "not_applicable": one.not_applicable,
        "blind": one.blind,
        "questions": [_question_fields(each) for each in one.questions],
    }


def _question_fields(one: QuestionResult) -> dict[str, object]:
    return {
        "id": one.question,
        "score": _figure(one.score),
        "levels": {name: _figure(mean) for name, mean in one.levels.items()},
        "samples": one.samples,
        "facts": list(one.facts),
        "answers_right": one.answers_right,
        "in_training": one.in_training,
    }


def _answer_fields(one: RatedAnswer) -> dict[str, object]:
    answer = one.answer
    return {
        "id": answer.id,
        "uuid": answer.uuid,
        "question": answer.question.id,
        "contender": answer.contender,
        "run": answer.run,
        "sample": answer.sample,
        "text": answer.text,
        "finish_reason": answer.finish_reason,
        "score": _figure(one.score),
        "ratings": [
            {
                "dimension": rating.dimension,
                "level": rating.level,
                "rater": rating.rater,
                "pass": rating.rating_pass,
                "blind": rating.blind,
                "note": rating.note,
            }
            for rating in one.ratings
        ],
    }


def _figure(value: float | None) -> float | None:
    # What the sums of floats add behind the ninth digit is no measurement.
    return None if value is None else round(value, 9)


# For people


def _say(found: Results) -> None:
    sets = ", ".join(show_line(name, 40) for name in found.question_sets)
    title = f"{show_line(found.rubric.title, 50)} ({found.rubric.id} {found.rubric.version})"
    say(styled(f"{title} · {sets}" if sets else title, "bold"))
    if not found.contenders:
        say("Nothing is rated under this rubric yet: molting score")
    else:
        _say_scores(found)
        _say_levels(found)
        _say_questions(found)
    if found.notes:
        say()
    for note in found.notes:
        _say_wrapped(show(note))


def _say_scores(found: Results) -> None:
    from molting_tui.evaluation.scoring.points import shown

    first = ("contender", "score", "points")
    starts = {
        one.name: (_name(one.name), _score(one.score, found.rubric), f"{one.points[0]}/{one.points[1]}")
        for one in found.contenders
    }
    means = {
        (one.name, each.id): shown(one.dimensions[each.id]) if each.id in one.dimensions else "·"
        for one in found.contenders
        for each in found.rubric.dimensions
    }
    say()
    for number, names in enumerate(_that_fit(_heads(found, means), WIDE - _widths(first, starts.values()))):
        head = first[: 1 if number else 3]
        rows = [
            (*starts[one.name][: len(head)], *(means[one.name, name] for name in names)) for one in found.contenders
        ]
        _say_dimensions(rows, head, names)
    for one in found.contenders:
        more = [show_line(one.band, 60)] if one.band else []
        more += [f"{name} {count}" for name, count in one.flags.items() if count]
        if more:
            say(f"  {_name(one.name)}: {', '.join(more)}")


def _say_levels(found: Results) -> None:
    levels = " ".join(map(str, found.rubric.scale))
    absent = any(any(one.not_applicable.values()) for one in found.contenders)
    say_heading(f"Answers at each level ({levels}{', not applicable' if absent else ''})")
    cells = {
        (one.name, name): " ".join(map(str, (*counts, *([one.not_applicable[name]] if absent else []))))
        for one in found.contenders
        for name, counts in one.levels.items()
    }
    names_wide = _widths(("contender",), ([_name(one.name)] for one in found.contenders))
    for names in _that_fit(_heads(found, cells), WIDE - names_wide):
        rows = [(_name(one.name), *(cells[one.name, name] for name in names)) for one in found.contenders]
        _say_dimensions(rows, ("contender",), names)


def _heads(found: Results, cells: Mapping[tuple[str, str], str]) -> list[tuple[str, int]]:
    """Each dimension with the width of its column."""
    ids = [each.id for each in found.rubric.dimensions]
    return [
        (name, max(cells_wide(show_line(name, 14)), *(len(cells[one.name, name]) for one in found.contenders)))
        for name in ids
    ]


def _widths(head: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Cells that columns take, with the gaps behind them."""
    return sum(max(map(cells_wide, column)) + 2 for column in zip(head, *rows, strict=True)) - 2


def _say_dimensions(rows: Sequence[Sequence[object]], head: Sequence[str], names: Sequence[str]) -> None:
    shown = (*head, *(show_line(name, 14) for name in names))
    say_table(rows, shown, right=range(1, len(shown)))


def _say_questions(found: Results) -> None:
    learned = any(each.in_training and each.samples for one in found.contenders for each in one.questions)
    say_heading("Scores by question" + (" (* its very words were trained on)" if learned else ""))
    order = {one.question: None for contender in found.contenders for one in contender.questions if one.samples}
    heads = [(one.name, cells_wide(show_line(one.name, 16))) for one in found.contenders]
    by_name = {one.name: {each.question: each for each in one.questions} for one in found.contenders}
    for names in _that_fit(heads, WIDE - QUESTION):
        rows = [
            (show_line(asked, QUESTION), *(_question_score(by_name[name].get(asked), found.rubric) for name in names))
            for asked in order
        ]
        say_table(rows, ("question", *(show_line(name, 16) for name in names)), right=range(1, len(names) + 1))


def _question_score(one: QuestionResult | None, rubric: Rubric) -> str:
    if one is None or one.score is None:
        return "·"
    return _score(one.score, rubric) + ("*" if one.in_training else "")


def _say_facts(lines: Sequence[FactsLine]) -> None:
    if not lines:
        say("No answer here is to a question whose facts can be checked.")
        return
    rows = [
        (_name(one.contender), one.question_set, one.wording or "·", f"{one.right} of {one.answers}") for one in lines
    ]
    say_table(rows, ("contender", "questions", "wording", "all facts"), right=(3,))
    say()
    _say_wrapped(
        "memory: the very words were trained on; generalisation: they weren't; control: what the base knew and should "
        "keep. Facts are looked for by their words: a hint, no score."
    )


def _say_answers(rubric: Rubric, listed: Sequence[RatedAnswer]) -> None:
    if not listed:
        say("There are no answers of this selection.")
    for one in listed:
        answer = one.answer
        sample = f", sample {answer.sample}" if answer.sample else ""
        score = "not scored" if one.score is None else _score(one.score, rubric)
        say(
            styled(
                f"{answer.id}  {_name(answer.contender)} · {show_line(answer.question.id, 40)}{sample} · {score}",
                "bold",
            )
        )
        say_text(answer.question.prompt)
        if one.read:
            say_text(answer.text, "    ")
        else:
            say("    (known by its sheet only)")
        for by, said in itertools.groupby(one.ratings, key=lambda rating: (rating.rater, rating.rating_pass)):
            _say_ratings(rubric, by[0], by[1], list(said))
        say()


def _say_ratings(rubric: Rubric, rater: str, rating_pass: int, said: Sequence[Rating]) -> None:
    given = {one.dimension: "-" if one.level is None else one.level for one in said}
    levels = ", ".join(f"{each.id} {given.get(each.id, '·')}" for each in rubric.dimensions)
    how = "" if all(each.blind for each in said) else ", not blind"
    again = f", pass {rating_pass}" if rating_pass > 1 else ""
    say(f"  {show_line(rater, NAME)}{again}{how}: {show_line(levels, WIDE)}")
    if said[0].note:
        say_text(f"note: {said[0].note}")


def _that_fit(heads: Iterable[tuple[str, int]], room: int) -> Iterator[list[str]]:
    """The columns in as many tables as they need, each within `room` cells (a column that is wider stands alone)."""
    part: list[str] = []
    used = 0
    for name, width in heads:
        if part and used + width + 2 > room:
            yield part
            part, used = [], 0
        part.append(name)
        used += width + 2
    if part:
        yield part


def _say_wrapped(sentence: str) -> None:
    import textwrap

    for line in textwrap.wrap(sentence, WIDE) or [""]:
        say(line)


def _name(name: str) -> str:
    return cut(show_line(name, NAME), NAME)


def _score(score: float | None, rubric: Rubric) -> str:
    from molting_tui.evaluation.scoring.points import shown

    return "·" if score is None else shown(score, rubric.round)
