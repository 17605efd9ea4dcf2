"""Where a thing comes from, and what came of it: an answer back to session lines, a pair forward to answers.

Every step is a key in the store: answer, contender, run, dataset, pair, message, turn, file and line. Which of a
dataset's pairs an answer owes its words to can't be known; the ones that are likest are named, with how like they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.training_prompts import TrainedMessage, trained_rows
from molting_tui.evaluation.results.table import open_gate
from molting_tui.records.contenders import Contender
from molting_tui.records.evaluation import Answer
from molting_tui.store import answers, contenders, events, lineage, pairs, runs, scoring
from molting_tui.store.lineage import Place
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

NEAREST = 5
"""How many pairs are named for an answer, unless more are asked for."""


class TracedPair(NamedTuple):
    """A pair in a trace: its uid, its number here (None: not in this workspace), the place of the message meant
    (0-based; None: the whole pair) and its words, where its turn stands, and how like it is to the answer (0-100;
    None: not compared)."""

    uid: str
    number: int | None
    message: int | None
    words: str
    place: Place | None
    likeness: float | None


class Trace(NamedTuple):
    """What is known of a thing's way. `what` is `answer`, `pair` or `run`; of an answer the `pairs` are the likest
    ones of its dataset, of a pair its messages, of a run none. Names are empty where nothing is known."""

    what: str
    answer: Answer | None
    contender: Contender | None
    run: str
    dataset: str
    pairs: tuple[TracedPair, ...] = ()
    dataset_pairs: int = 0
    datasets: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    contenders: tuple[str, ...] = ()
    answers: int = 0


def trace(workspace: Workspace, reference: str, kind: str = "", *, most: int = NEAREST, unblind: bool = False) -> Trace:
    """The way of an answer, a pair or a run, named by its number, its uuid or uid (6 characters or more of its start),
    or a run's folder.

    Raises BadInput where nothing is meant, or several things are; Refused, as `results` does, for an answer while
    somebody still scores blind: a trace names its contender.
    """
    meant = _meant(workspace, reference.strip(), kind)
    if isinstance(meant, Answer):
        open_gate(workspace, "", unblind=unblind)
        scoring.mark_shown(workspace.store, workspace.actor, [meant.id], "trace", events.now())
        return _of_answer(workspace, meant, most)
    return _of_pair(workspace, meant) if isinstance(meant, int) else _of_run(workspace, meant)


def _meant(workspace: Workspace, reference: str, kind: str) -> Answer | int | str:
    """The answer, the pair's number or the run's name that a reference means."""
    store = workspace.store
    candidates: dict[str, Answer | int | str] = {}
    referred = answers.referred(store, reference)
    if len(referred) == 1:
        candidates["answer"] = referred[0]
    pair = pairs.pair_id(store, reference)
    if pair is not None:
        candidates["pair"] = pair
    run = runs.referred(store, reference)
    if run:
        candidates["run"] = run
    if kind:
        candidates = {name: meant for name, meant in candidates.items() if name == kind}
    where = f"`{show_line(reference, 60)}`"
    if not candidates:
        ways = "`molting results --answers`, `molting pairs` and `molting runs` list them."
        raise BadInput(f"there is no such {kind or 'answer, pair or run'}.", where=where, fix=ways)
    if len(candidates) > 1:
        names = " and ".join(f"{'an' if name == 'answer' else 'a'} {name}" for name in candidates)
        raise BadInput(
            f"this is {names}.", where=where, fix=f"Say which: molting trace {next(iter(candidates))} {reference}"
        )
    return next(iter(candidates.values()))


def _of_answer(workspace: Workspace, answer: Answer, most: int) -> Trace:
    """From an answer back to the trained pairs nearest to it, at most `most`; none where the run has no dataset."""
    store = workspace.store
    ancestry = lineage.of_answer(store, answer.uuid)
    contender = contenders.every(store)[ancestry.contender_id]
    uids = lineage.trained_pairs(store, ancestry.dataset) if ancestry.dataset else []
    rows = trained_rows(workspace, ancestry.run) if ancestry.run else None
    near = _nearest(answer, uids, rows or [], most)
    numbers = lineage.numbers(store, [uid for uid, *_ in near])
    return Trace(
        what="answer",
        answer=answer,
        contender=contender,
        run=ancestry.run or "",
        dataset=ancestry.dataset or "",
        pairs=tuple(_traced(workspace, uid, numbers.get(uid), message, likeness) for uid, message, likeness in near),
        dataset_pairs=len(uids),
    )


def _nearest(
    answer: Answer, uids: Sequence[str], rows: Sequence[Sequence[TrainedMessage]], most: int
) -> list[tuple[str, TrainedMessage, float]]:
    """The pairs that were trained on whose words are likest to the question or the answer, the likest first.

    Likeness is rapidfuzz's token_sort_ratio: of the words, in whatever order, 0 to 100.
    """
    from rapidfuzz import fuzz, process, utils

    exchange = {"user": answer.question.prompt, "assistant": answer.text}
    best: dict[int, tuple[float, TrainedMessage]] = {}
    for role, words in exchange.items():
        texts = {
            (row, message): message.text
            for row, messages in enumerate(rows)
            for message in messages
            if message.role == role
        }
        hits = process.extract(words, texts, scorer=fuzz.token_sort_ratio, processor=utils.default_process, limit=None)
        for _, likeness, (row, message) in hits:
            if row not in best or likeness > best[row][0]:
                best[row] = (likeness, message)
    # Rows and pairs are in one order; a file that isn't the dataset's own has another number of rows.
    if len(rows) != len(uids):
        return []
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:most]
    return [(uids[row], message, likeness) for row, (likeness, message) in ranked]


def _traced(workspace: Workspace, uid: str, number: int | None, message: TrainedMessage, likeness: float) -> TracedPair:
    places = lineage.places(workspace.store, number) if number is not None else []
    return TracedPair(uid, number, message.place, message.text, places[0] if places else None, likeness)


def _of_pair(workspace: Workspace, number: int) -> Trace:
    """From a pair, which must exist, to its places in the logs and to datasets, runs, contenders and answers."""
    store = workspace.store
    pair = pairs.pair(store, number, workspace.actor)
    assert pair is not None, "it was found a moment ago"
    places = lineage.places(store, number)
    in_datasets = lineage.datasets_with(store, pair.uid)
    trained = lineage.runs_on(store, in_datasets)
    return Trace(
        what="pair",
        answer=None,
        contender=None,
        run="",
        dataset="",
        pairs=tuple(TracedPair(pair.uid, number, None, pair.instruction, place, None) for place in places),
        datasets=tuple(in_datasets),
        runs=tuple(trained),
        contenders=tuple(known.contender.name for run in trained for known in contenders.of_run(store, run)),
        answers=lineage.answers_by(store, trained),
    )


def _of_run(workspace: Workspace, name: str) -> Trace:
    store = workspace.store
    run = runs.by_name(store, name)
    assert run is not None, "it was found a moment ago"
    return Trace(
        what="run",
        answer=None,
        contender=None,
        run=name,
        dataset=run.dataset,
        dataset_pairs=len(lineage.trained_pairs(store, run.dataset)) if run.dataset else 0,
        contenders=tuple(dict.fromkeys(known.contender.name for known in contenders.of_run(store, name))),
        answers=lineage.answers_by(store, [name]),
    )
