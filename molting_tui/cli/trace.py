"""`molting trace`: where an answer comes from, and what came of a pair or a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import say, say_json, say_table
from molting_tui.cli.running import Command, json_option, workspace_with_results
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.overview.trace import Trace, TracedPair
    from molting_tui.records.contenders import Contender

_KINDS = ("answer", "pair", "run")
_PREVIEW = 60


@click.command(
    cls=Command,
    examples=(
        "molting trace answer 12               # who gave it, trained on what, and which pairs are likest",
        "molting trace pair 31                 # the session line it is from, the datasets and runs it is in",
        "molting trace run 7 --json",
        "molting trace 0007-v2.1-tinyllama",
    ),
)
@click.argument("words", nargs=-1, required=True, metavar="[answer|pair|run] REFERENCE")
@click.option("--most", type=click.IntRange(1, 100_000), default=5, help="Pairs to name for an answer. [5]")
@click.option("--unblind", is_flag=True, help="Name contenders while answers still wait for a blind score; logged.")
@json_option()
def trace(words: tuple[str, ...], most: int, unblind: bool, as_json: bool) -> None:
    """Follow an answer back to session lines, or a pair or a run forward to answers.

    REFERENCE is a number, a uuid or uid (6 characters or more of its start), or a run's folder; where a number is
    several things, the word before it says which. For an answer the pairs of its dataset are named whose words are
    likest: which of them it owes its words to, nobody can know.
    """
    from molting_tui.overview.trace import trace as traced

    kind, reference = ("", words[0]) if len(words) == 1 else words[:2]
    if len(words) > 2 or (kind and kind not in _KINDS):
        raise BadInput(
            f"`{show_line(' '.join(words), 60)}` names no one thing.", fix="For example: molting trace answer 12"
        )
    with workspace_with_results() as (workspace, _):
        way = traced(workspace, reference, kind, most=most, unblind=unblind)
    if as_json:
        say_json(_fields(way))
    else:
        _say(way)


def _fields(way: Trace) -> dict[str, object]:
    """The way as `--json` gives it: null, not empty, for what isn't known. The first pair's place stands on top too."""
    first = way.pairs[0] if way.pairs else None
    place = first.place if first else None
    return {
        "what": way.what,
        "answer": way.answer.uuid if way.answer else None,
        "contender": way.contender.name if way.contender else None,
        "run": way.run or None,
        "dataset": way.dataset or None,
        "pair": first.uid if first else None,
        "message": first.message if first else None,
        "turn": place.turn if place else None,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "pairs": [_pair_fields(pair) for pair in way.pairs],
        "dataset_pairs": way.dataset_pairs,
        "datasets": list(way.datasets),
        "runs": list(way.runs),
        "contenders": list(way.contenders),
        "answers": way.answers,
    }


def _pair_fields(pair: TracedPair) -> dict[str, object]:
    place = pair.place
    return {
        "pair": pair.uid,
        "number": pair.number,
        "message": pair.message,
        "turn": place.turn if place else None,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "likeness": None if pair.likeness is None else round(pair.likeness, 1),
    }


def _say(way: Trace) -> None:
    if way.answer is not None:
        say_table(_answer_rows(way), ("", ""))
        say()
        _say_nearest(way)
    elif way.what == "pair":
        _say_pair(way)
    else:
        _say_run(way)


def _answer_rows(way: Trace) -> list[tuple[str, str]]:
    assert way.answer is not None
    assert way.contender is not None
    question = f"{way.answer.question.id}: {way.answer.question.prompt}"
    return [
        ("answer", f"{way.answer.id}  {show_line(way.answer.text, _PREVIEW)}"),
        ("question", show_line(question, _PREVIEW + 20)),
        ("contender", f"{show_line(way.contender.name, 40)}, {_model(way.contender)}"),
        ("run", show_line(way.run, 80) or "none: nothing was trained for it, or nobody said what"),
        ("dataset", _dataset(way)),
    ]


def _model(who: Contender) -> str:
    from molting_tui.records.contenders import Adapter, Base, Checkpoint, Endpoint

    match who.model:
        case Base(base):
            return f"the base {show_line(base, 60)}"
        case Adapter(base):
            return f"an adapter on {show_line(base, 60)}"
        case Checkpoint(base, _, step):
            return f"the checkpoint of step {step} on {show_line(base, 60)}"
        case Endpoint(url, model):
            return f"{show_line(model, 40)} at {show_line(url, 60)}"
        case _:
            return "of which only the name is known"


def _dataset(way: Trace) -> str:
    if way.dataset:
        return f"{show_line(way.dataset, 60)}, {plural(way.dataset_pairs, 'pair')}"
    return "not known" if way.run else "none"


def _say_nearest(way: Trace) -> None:
    if not way.pairs:
        say("No pair can be named: its training rows aren't known." if way.run else "It was trained on no pairs here.")
        return
    say("The pairs it was trained on whose words are likest:")
    rows = [
        (f"{pair.likeness:.0f} %", _name(pair), f"message {pair.message}", _where(pair), show_line(pair.words, 40))
        for pair in way.pairs
        if pair.likeness is not None
    ]
    say_table(rows, ("alike", "pair", "message", "stands in", "words"), right=(0,))


def _say_pair(way: Trace) -> None:
    first = way.pairs[0] if way.pairs else None
    say(f"Pair {_name(first)}: {show_line(first.words, _PREVIEW)}" if first else "This pair stands in no file.")
    for pair in way.pairs:
        say(f"  from      {_where(pair)}")
    say(f"  datasets  {_names(way.datasets)}")
    say(f"  runs      {_names(way.runs)}")
    say(f"  answers   {_answers(way)}")


def _say_run(way: Trace) -> None:
    say(f"Run {show_line(way.run, 80)}")
    say(f"  dataset   {_dataset(way)}")
    say(f"  answers   {_answers(way)}")


def _answers(way: Trace) -> str:
    by = f" by {_names(way.contenders)}" if way.contenders else ""
    return f"{plural(way.answers, 'answer')}{by}" if way.answers else "none"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(show_line(name, 60) for name in names) or "none"


def _name(pair: TracedPair) -> str:
    return pair.uid[:8] if pair.number is None else str(pair.number)


def _where(pair: TracedPair) -> str:
    return f"{show_line(pair.place.file, 100)}:{pair.place.line}" if pair.place else "no file that is known here"
