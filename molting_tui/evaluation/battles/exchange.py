"""Votes in the files of other tools: Arena's JSONL, MT-bench's pair files, AlpacaEval's annotations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from molting_tui.evaluation.battles.telling import session_to_tell
from molting_tui.records.evaluation import Answer
from molting_tui.store import answers, battles, events
from molting_tui.store.battles import BattleSession, Fought
from molting_tui.workspace import Workspace

_ARENA = MappingProxyType({"left": "model_a", "right": "model_b", "tie": "tie", "both_bad": "tie (bothbad)"})
_MT_BENCH = MappingProxyType({"left": "model_1", "right": "model_2", "tie": "tie", "both_bad": "tie"})
_SWAPPED = MappingProxyType({"left": "model_2", "right": "model_1", "tie": "tie", "both_bad": "tie"})
_ALPACA = MappingProxyType({"left": 1.0, "right": 2.0, "tie": 1.5, "both_bad": 1.5})


class _Game(NamedTuple):
    """A battle with its vote, its answers, and the vote of its repeat (None: it has none)."""

    row: Fought
    left: Answer
    right: Answer
    repeat: Fought | None


def exported(workspace: Workspace, number: int, form: str) -> Iterator[dict[str, Any]]:
    """The votes of an ended session, one object a battle, as a tool's files have them (`arena`, `mtbench`,
    `alpacaeval`). Hidden repeats are games of their own in MT-bench's (`g2`) alone; the others leave them out.

    It puts names to words, which is logged. Raises as `session_to_tell`.
    """
    session = session_to_tell(workspace, number)
    battles.names_told(workspace.store, workspace.actor, number, events.now())
    make = FORMATS[form]
    return (make(session, game) for game in _games(workspace, number))


def _games(workspace: Workspace, number: int) -> Iterator[_Game]:
    rows = battles.fought(workspace.store, number)
    repeats = {row.repeat_of: row for row in rows if row.repeat_of is not None and row.outcome}
    places = battles.places(workspace.store, number)
    for row, place in zip(rows, places, strict=True):
        if row.outcome and row.repeat_of is None:
            given = answers.by_ids(workspace.store, (place.left, place.right))
            yield _Game(row, given[place.left], given[place.right], repeats.get(row.place))


def _arena(session: BattleSession, game: _Game) -> dict[str, Any]:
    return {
        "question_id": game.left.question.id,
        "model_a": game.row.left,
        "model_b": game.row.right,
        "winner": _ARENA[game.row.outcome],
        "judge": session.actor,
        "conversation_a": _conversation(game.left),
        "conversation_b": _conversation(game.right),
        "turn": 1,
        "anony": True,
        "language": game.left.question.language,
        "tstamp": _seconds(session),
    }


def _mt_bench(session: BattleSession, game: _Game) -> dict[str, Any]:
    return {
        "question_id": game.left.question.id,
        "model_1": game.row.left,
        "model_2": game.row.right,
        "g1_winner": _MT_BENCH[game.row.outcome],
        "g2_winner": _SWAPPED[game.repeat.outcome] if game.repeat else None,
        "judge": session.actor,
        "turn": 1,
        "tstamp": _seconds(session),
    }


def _alpaca_eval(session: BattleSession, game: _Game) -> dict[str, Any]:
    return {
        "instruction": game.left.question.prompt,
        "output_1": game.left.text,
        "output_2": game.right.text,
        "generator_1": game.row.left,
        "generator_2": game.row.right,
        "annotator": session.actor,
        "preference": _ALPACA[game.row.outcome],
    }


def _conversation(answer: Answer) -> list[dict[str, str]]:
    return [
        {"role": "user", "content": answer.question.prompt},
        {"role": "assistant", "content": answer.text},
    ]


def _seconds(session: BattleSession) -> float:
    return datetime.fromisoformat(session.opened).timestamp()


FORMATS: MappingProxyType[str, Callable[[BattleSession, _Game], dict[str, Any]]] = MappingProxyType(
    {"arena": _arena, "mtbench": _mt_bench, "alpacaeval": _alpaca_eval}
)
"""By its name, what makes an object of a battle."""
