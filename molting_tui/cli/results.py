"""`molting results`: what the scores add up to, contender by contender."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from molting_tui.cli.printing import (
    WIDE,
    cells_wide,
    cut,
    figure,
    minus,
    say,
    say_heading,
    say_json,
    say_table,
    say_text,
    say_wrapped,
    styled,
    tell,
)
from molting_tui.cli.results_import import import_
from molting_tui.cli.running import Group, json_option, workspace_with_results
from molting_tui.cli.verdict_pages import verdict_fields
from molting_tui.errors import BadInput
from molting_tui.text import show, show_line

if TYPE_CHECKING:
    from molting_tui.evaluation.results.averages import RatedAnswer
    from molting_tui.evaluation.results.table import FactsLine
    from molting_tui.records.evaluation import ContenderResult, QuestionResult, Rating, Results, Rubric

NAME = 24
QUESTION = 20
"""Most cells of a contender's and a question's name in a table."""


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=(
        "molting results",
        "molting results --rubric four-criteria --questions personality-8",
        "molting results --answers             # every answer with its levels, its words closed",
        "molting results --answer 17           # one answer with its words: it counts as seen",
        "molting results --facts               # which answers say the facts; needs no scores",
        "molting results import v2.0 7.4 --rubric four-criteria --answers 8   # an old report's total",
        "molting results --format csv > scores.csv",
        "molting results --json | jq '.contenders[] | {name, score}'",
    ),
)
@click.option("--rubric", "rubric_name", default="", metavar="ID", help="The rubric; else the one last scored by.")
@click.option(
    "--questions", "sets", multiple=True, metavar="SET", help="Only answers to this question set; repeatable."
)
@click.option("--language", default="", metavar="CODE", help="Only answers to questions in this language (pt, en).")
@click.option("--rater", default="", metavar="NAME", help="Only what this person said.")
@click.option("--answers", is_flag=True, help="Every answer with its ratings; its words only with --texts or --json.")
@click.option("--texts", is_flag=True, help="With --answers: their words too; all of them count as seen by you.")
@click.option("--answer", "opened", multiple=True, metavar="ID", help="One answer with its words; repeatable.")
@click.option("--facts", is_flag=True, help="How many answers have all their facts; needs no scores.")
@click.option("--unblind", is_flag=True, help="Though blind scoring goes on: logged, and what follows isn't blind.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), help="For a spreadsheet, or as --json.")
@json_option()
@click.pass_context
def results(
    ctx: click.Context,
    rubric_name: str,
    sets: tuple[str, ...],
    language: str,
    rater: str,
    answers: bool,
    texts: bool,
    opened: tuple[str, ...],
    facts: bool,
    unblind: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Show scores on the 0-10 scale, levels, and questions, contender by contender.

    A score is the mean over the questions. Nothing is shown while blind scoring has open answers.
    """
    if ctx.invoked_subcommand is not None:
        if any(ctx.params.values()):
            raise BadInput("options go after the last word.", fix="For example: molting results import --undo --json")
        return
    answers = answers or texts or bool(opened)
    if form == "csv" and (answers or facts or as_json):
        raise BadInput("CSV has the scores alone.", fix="Leave --answers, --facts and --json away, or take --json.")
    as_json = as_json or form == "json"
    words = texts or as_json or bool(opened)
    from molting_tui.evaluation.results import table

    with workspace_with_results() as (workspace, taken):
        rubric = table.chosen_rubric(workspace, rubric_name)
        choice: dict[str, Any] = {"sets": sets, "language": language, "unblind": unblind}
        # What shows most is asked for first: a refusal must come before anything is logged as seen.
        unscored = facts and table.waits_for(workspace)
        listed = _opened(table.listed_answers(workspace, rubric, **choice, rater=rater), opened) if answers else []
        if words:
            table.read_answers(workspace, listed)
        lines = table.facts_table(workspace, **choice) if facts else []
        scores = table.results(workspace, rubric, **choice, rater=rater)
    for problem in taken.problems:
        tell(f"molting: {show(problem)}")
    if as_json:
        more = {"answers": [answer_fields(answer) for answer in listed]} if answers else {}
        say_json(_fields(scores) | more | ({"facts": [line._asdict() for line in lines]} if facts else {}))
    elif form == "csv":
        from molting_tui.cli.results_csv import results_csv

        say(results_csv(scores).rstrip("\n"))
    elif answers:
        say_answers(scores.rubric, listed, words=words)
    elif facts:
        _say_facts(lines)
    else:
        _say(scores)
    if answers and words and not as_json:
        say()
        say("Note: you have seen whose these are. From now on your ratings of them aren't stored as blind.")
    elif listed and not as_json:
        say("The words are closed, so that these can still be scored blind: --answer ID opens one, --texts all.")
    elif unscored and not as_json:
        say()
        say("Note: you hadn't scored all of these. You have seen who is right: a score of them isn't blind any more.")


results.add_command(import_)


def _opened(listed: list[RatedAnswer], references: Sequence[str]) -> list[RatedAnswer]:
    """The answers meant by these numbers or starts of uuids (none given: all). Raises BadInput for one that isn't there
    or could be several."""
    if not references:
        return listed
    opened = []
    for reference in references:
        meant = [each for each in listed if reference == str(each.answer.id)] or [
            each for each in listed if len(reference) >= 6 and each.answer.uuid.startswith(reference.lower())
        ]
        if len(meant) != 1:
            which = "could be several answers" if meant else "is no answer of this selection"
            raise BadInput(
                f"`{show_line(reference, 40)}` {which}.", fix="`molting results --answers` lists them by number."
            )
        opened += meant
    return opened


# JSON


def _fields(results: Results) -> dict[str, object]:
    return {
        "rubric": results.rubric.id,
        "rubric_version": results.rubric.version,
        "rubric_digest": results.rubric.digest,
        "questions": list(results.question_sets),
        "contenders": [_contender_fields(contender) for contender in results.contenders],
        "verdicts": [verdict_fields(verdict) for verdict in results.verdicts],
        "open": results.open,
        "scored_after_seeing": [each._asdict() for each in results.after_seeing],
        "seen": [each._asdict() for each in results.shown],
        "closed_early": [each._asdict() for each in results.closed],
        "notes": list(results.notes),
    }


def _contender_fields(contender: ContenderResult) -> dict[str, object]:
    """A contender's part of `--json`."""
    return {
        "name": contender.name,
        "score": figure(contender.score),
        "interval": contender.interval and [figure(end) for end in contender.interval],
        "n": contender.n,
        "dimensions": {name: figure(mean) for name, mean in contender.dimensions.items()},
        "levels": {name: [figure(count) for count in counts] for name, counts in contender.levels.items()},
        "flags": contender.flags,
        "tokens_a_second": figure(contender.tokens_a_second),
        "band": contender.band,
        "points": [figure(points) for points in contender.points],
        "answers": contender.answers,
        "incomplete": contender.incomplete,
        "not_applicable": {name: figure(count) for name, count in contender.not_applicable.items()},
        "blind": contender.blind,
        "questions": [_question_fields(each) for each in contender.questions],
    }


def _question_fields(question: QuestionResult) -> dict[str, object]:
    return {
        "id": question.question,
        "score": figure(question.score),
        "levels": {name: figure(mean) for name, mean in question.levels.items()},
        "samples": question.samples,
        "facts": list(question.facts),
        "answers_right": question.answers_right,
        "in_training": question.in_training,
    }


def answer_fields(rated: RatedAnswer) -> dict[str, object]:
    """An answer with its ratings, as `--json` gives it; `score` is null where it isn't scored."""
    answer = rated.answer
    return {
        "id": answer.id,
        "uuid": answer.uuid,
        "question": answer.question.id,
        "contender": answer.contender,
        "run": answer.run,
        "sample": answer.sample,
        "text": answer.text,
        "finish_reason": answer.finish_reason,
        "score": figure(rated.score),
        "ratings": [
            {
                "dimension": rating.dimension,
                "level": rating.level,
                "rater": rating.rater,
                "pass": rating.rating_pass,
                "blind": rating.blind,
                "seen": rating.seen or None,
                "note": rating.note,
            }
            for rating in rated.ratings
        ],
    }


# For people


def _say(results: Results) -> None:
    sets = ", ".join(show_line(name, 40) for name in results.question_sets)
    title = f"{show_line(results.rubric.title, 50)} ({results.rubric.id} {results.rubric.version})"
    say(styled(f"{title} · {sets}" if sets else title, "bold"))
    if not results.contenders:
        say("Nothing is rated under this rubric yet: molting score")
    else:
        _say_scores(results)
        _say_verdicts(results)
        _say_levels(results)
        _say_questions(results)
    if results.notes:
        say()
    for note in results.notes:
        say_wrapped(show(note))


def _say_scores(results: Results) -> None:
    """Print a line for each contender, as many dimensions in one table as fit, then bands and flags."""
    from molting_tui.evaluation.scoring.points import counted, shown

    first = ("contender", "score", "points", "95 % interval")
    starts = {
        contender.name: (
            _name(contender.name),
            _score(contender.score, results.rubric),
            "/".join(map(counted, contender.points)),
            _interval(contender),
        )
        for contender in results.contenders
    }
    means = {
        (contender.name, each.id): shown(contender.dimensions[each.id]) if each.id in contender.dimensions else "·"
        for contender in results.contenders
        for each in results.rubric.dimensions
    }
    say()
    for number, names in enumerate(_that_fit(_heads(results, means), WIDE - _widths(first, starts.values()))):
        head = first[: 1 if number else 4]
        rows = [
            (*starts[contender.name][: len(head)], *(means[contender.name, name] for name in names))
            for contender in results.contenders
        ]
        _say_dimensions(rows, head, names)
    for contender in results.contenders:
        more = [f"band {show_line(contender.band, 60)}"] if contender.band else []
        flags = ", ".join(f"{name} {count}" for name, count in contender.flags.items() if count)
        more += [f"flags {flags}"] if flags else []
        more += [contender.speed] if contender.speed else []
        if more:
            say(f"  {_name(contender.name)}: {' · '.join(more)}")


def _say_verdicts(results: Results) -> None:
    """Print each verdict under the table, and the facts that it hangs on."""
    from molting_tui.evaluation.results.verdict_words import left_out_sentence, sentence, title

    for verdict in results.verdicts:
        say()
        say_wrapped(title(verdict), "bold")
        say_wrapped(minus(sentence(verdict)))
        for left_out in verdict.without:
            say_wrapped(f"But {left_out_sentence(left_out)}.")
        if verdict.battles:
            say_wrapped(f"Battles: {' '.join(verdict.battles)}")


def _say_levels(results: Results) -> None:
    """Print how many answers got each level, by contender and dimension; not applicable only where there is one."""
    from molting_tui.evaluation.scoring.points import counted

    levels = " ".join(map(str, results.rubric.scale))
    absent = any(any(contender.not_applicable.values()) for contender in results.contenders)
    say_heading(f"Answers at each level ({levels}{', not applicable' if absent else ''})")
    cells = {
        (contender.name, name): " ".join(map(counted, (*counts, *([contender.not_applicable[name]] if absent else []))))
        for contender in results.contenders
        for name, counts in contender.levels.items()
    }
    names_wide = _widths(("contender",), ([_name(contender.name)] for contender in results.contenders))
    for names in _that_fit(_heads(results, cells), WIDE - names_wide):
        rows = [
            (_name(contender.name), *(cells[contender.name, name] for name in names))
            for contender in results.contenders
        ]
        _say_dimensions(rows, ("contender",), names)


def _heads(results: Results, cells: Mapping[tuple[str, str], str]) -> list[tuple[str, int]]:
    """Each dimension with the width of its column."""
    ids = [each.id for each in results.rubric.dimensions]
    return [
        (
            name,
            max(
                cells_wide(show_line(name, 14)), *(len(cells[contender.name, name]) for contender in results.contenders)
            ),
        )
        for name in ids
    ]


def _widths(head: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Cells that columns take, with the gaps behind them."""
    return sum(max(map(cells_wide, column)) + 2 for column in zip(head, *rows, strict=True)) - 2


def _say_dimensions(rows: Sequence[Sequence[object]], head: Sequence[str], names: Sequence[str]) -> None:
    shown = (*head, *(show_line(name, 14) for name in names))
    say_table(rows, shown, right=range(1, len(shown)))


def _say_questions(results: Results) -> None:
    learned = any(each.in_training and each.samples for result in results.contenders for each in result.questions)
    say_heading("Scores by question" + (" (* it was trained on, in these words or others)" if learned else ""))
    order = {
        result.question: None for contender in results.contenders for result in contender.questions if result.samples
    }
    heads = [(result.name, cells_wide(show_line(result.name, 16))) for result in results.contenders]
    by_name = {result.name: {each.question: each for each in result.questions} for result in results.contenders}
    for names in _that_fit(heads, WIDE - QUESTION):
        rows = [
            (show_line(asked, QUESTION), *(_question_score(by_name[name].get(asked), results.rubric) for name in names))
            for asked in order
        ]
        say_table(rows, ("question", *(show_line(name, 16) for name in names)), right=range(1, len(names) + 1))


def _question_score(question: QuestionResult | None, rubric: Rubric) -> str:
    if question is None or question.score is None:
        return "·"
    return _score(question.score, rubric) + ("*" if question.in_training else "")


def _say_facts(lines: Sequence[FactsLine]) -> None:
    if not lines:
        say("No answer here is to a question whose facts can be checked.")
        return
    rows = [
        (
            _name(facts.contender),
            facts.question_set,
            facts.wording or "·",
            f"{facts.right} of {facts.answers}",
            facts.waiting or "·",
        )
        for facts in lines
    ]
    say_table(rows, ("contender", "questions", "wording", "all facts", "denied?"), right=(3, 4))
    say()
    say_wrapped(
        "memory: trained on, in these words or others; generalisation: not; control: what the base knew and should "
        "keep. Facts are looked for by their words: a hint, no score. denied?: the words stand under a denial or in a "
        "question, so a person decides; they aren't counted."
    )


def say_answers(rubric: Rubric, listed: Sequence[RatedAnswer], *, words: bool = True) -> None:
    """Print question, answer and ratings, one answer after the other; without `words` neither text nor notes. Of a
    sheet's answers no text is known."""
    if not listed:
        say("There are no answers of this selection.")
    for rated in listed:
        answer = rated.answer
        sample = f", sample {answer.sample}" if answer.sample else ""
        score = "not scored" if rated.score is None else _score(rated.score, rubric)
        say(
            styled(
                f"{answer.id}  {_name(answer.contender)} · {show_line(answer.question.id, 40)}{sample} · {score}",
                "bold",
            )
        )
        say_text(answer.question.prompt)
        if answer.read and words:
            say_text(answer.text, "    ")
        elif not answer.read:
            say("    (known by its sheet only)")
        for by, rater_ratings in itertools.groupby(
            rated.ratings, key=lambda rating: (rating.rater, rating.rating_pass)
        ):
            _say_ratings(rubric, by[0], by[1], list(rater_ratings), notes=words)
        say()


def _say_ratings(rubric: Rubric, rater: str, rating_pass: int, ratings: Sequence[Rating], *, notes: bool) -> None:
    given = {rating.dimension: "-" if rating.level is None else rating.level for rating in ratings}
    levels = ", ".join(f"{each.id} {given.get(each.id, '·')}" for each in rubric.dimensions)
    how = "" if all(each.blind for each in ratings) else ", not blind"
    again = f", pass {rating_pass}" if rating_pass > 1 else ""
    say(f"  {show_line(rater, NAME)}{again}{how}: {show_line(levels, WIDE)}")
    if ratings[0].note and notes:
        say_text(f"note: {ratings[0].note}")


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


def _name(name: str) -> str:
    return cut(show_line(name, NAME), NAME)


def _interval(contender: ContenderResult) -> str:
    from molting_tui.evaluation.scoring.points import shown

    return " .. ".join(map(shown, contender.interval)) if contender.interval else "·"


def _score(score: float | None, rubric: Rubric) -> str:
    from molting_tui.evaluation.scoring.points import shown

    return "·" if score is None else shown(score, rubric.round)
