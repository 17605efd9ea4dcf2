"""`molting pairs`: list pairs, or show one whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from molting_tui.cli.printing import (
    cut,
    say,
    say_heading,
    say_json,
    say_json_list,
    say_table,
    say_text,
    styled,
    terminal_width,
)
from molting_tui.cli.running import Command, desk_here, json_option, where_option
from molting_tui.errors import BadInput
from molting_tui.text import plural, show_line

if TYPE_CHECKING:
    from molting_tui.curation.triage import Desk
    from molting_tui.records.events import Event
    from molting_tui.records.pairs import Pair, PairLine
    from molting_tui.records.surroundings import SessionTurn, Surroundings

CHUNK = 500
"""Pairs read at a time, so that `molting pairs | head` answers at once."""
STATE_STYLES = {"keep": "green", "drop": "red"}


@click.command(
    cls=Command,
    examples=(
        "molting pairs",
        "molting pairs --where 'state:open flag:agent-speech' --limit 20",
        "molting pairs --where 'state:keep sort:-len' --limit 20   # the longest answers first",
        "molting pairs 12                      # one pair whole, with its history",
        "molting pairs 12 --context 2          # and two turns of its session before it, two after it",
        "molting pairs --where state:keep --json | jq -r '.[].response'",
    ),
)
@click.argument("pair", required=False)
@where_option("Only the pairs that match.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N.")
@click.option(
    "--context",
    type=click.IntRange(0, 10_000),
    metavar="N",
    help="Of a pair: up to N turns of its session before it and after it, whole.",
)
@json_option()
def pairs(pair: str | None, where: str, limit: int | None, context: int | None, as_json: bool) -> None:
    """List pairs, or show one whole.

    PAIR is a pair's number, or the start of its uid. A line of the list has the number, the state, the
    marks (r rewritten, f flagged, * starred, s skipped) and the start of the prompt.
    """
    if pair is not None and (where or limit):
        raise BadInput(
            "--where and --limit are for the list.", where=f"pair {pair}", fix="Leave the pair's number away."
        )
    if pair is None and context is not None:
        raise BadInput("--context is for one pair.", fix="Name a pair: molting pairs 12 --context 2")
    with desk_here() as desk:
        if pair is not None:
            shown_pair = desk.find(pair)
            around = desk.surroundings(shown_pair, context or 0, context or 0)
            if as_json:
                say_json(_whole(desk, shown_pair) | _session_fields(around))
            else:
                _say_whole(desk, shown_pair, around)
            return
        ids = desk.matching(where)[:limit]
        if as_json:
            say_json_list(pair_fields(desk.pair(number)) for number in ids)
        else:
            _say_list(desk, ids, where)


def pair_fields(pair: Pair) -> dict[str, object]:
    """A pair for `--json`. `flags` are the names that the filter `flag:` knows: families and rules."""
    return {
        "id": pair.id,
        "uid": pair.uid,
        "state": pair.state.value,
        "kind": pair.kind,
        "session": pair.session,
        "project": pair.project,
        "model": pair.model,
        "time": pair.time,
        "language": pair.language,
        "rewritten": pair.rewritten,
        "skipped": pair.skipped,
        "starred": pair.starred,
        "reason": pair.reason,
        "tags": list(pair.tags),
        "comment": pair.comment,
        "flags": sorted({name for flag in pair.flags for name in (flag.family, flag.rule)}),
        "instruction": pair.instruction,
        "response": pair.response,
    }


def _whole(desk: Desk, pair: Pair) -> dict[str, object]:
    return pair_fields(pair) | {
        "before": pair.before._asdict() if pair.before else None,
        "system": pair.system,
        "context": [{"role": message.role, "text": message.text} for message in pair.context],
        "messages": [message._asdict() for message in pair.messages],
        "original": {"instruction": pair.messages[-2].original, "response": pair.messages[-1].original},
        "hits": [flag._asdict() | {"side": _side(pair, flag.place)} for flag in pair.flags],
        "origins": [origin._asdict() for origin in pair.origins],
        "history": [_event_fields(event) for event in desk.history(pair)],
        "earlier_texts": [{"id": number, "state": state.value} for number, state in desk.earlier_texts(pair)],
    }


def _session_fields(around: Surroundings | None) -> dict[str, object]:
    """Where the pair stands in its session: null for one that stands in none."""
    complaint = around.complaint if around else None
    return {
        "turn": around.number if around else None,
        "turns": around.total if around else None,
        "turns_before": [_turn_fields(turn) for turn in around.before] if around else [],
        "turns_after": [_turn_fields(turn) for turn in around.after] if around else [],
        "next_prompt": around.next_prompt if around else None,
        "complaint": complaint._asdict() if complaint else None,
    }


def _turn_fields(turn: SessionTurn) -> dict[str, object]:
    return {
        "turn": turn.number,
        "prompt": turn.human,
        "answer": turn.answer,
        "complete": turn.complete,
        "tools": turn.tools,
    }


def _side(pair: Pair, place: int) -> str:
    """What stands at a place: the prompt (instruction), the answer (response), or the role of an earlier message."""
    last = len(pair.messages) - 1
    return {last: "response", last - 1: "instruction"}.get(place) or pair.messages[place].role


def _event_fields(event: Event) -> dict[str, object]:
    fields = asdict(event)
    return {name: fields[name] for name in ("uuid", "batch", "actor", "time", "kind", "payload", "undone")}


def _say_list(desk: Desk, ids: Sequence[int], where: str) -> None:
    if not ids:
        say("No pair matches." if where else "There are no pairs yet: molting import PATH")
        return
    wide, limit = len(str(max(ids))), terminal_width()
    for line in _lines(desk, ids):
        style = STATE_STYLES.get(line.state.value, "")
        head = f"{line.id:>{wide}}  {styled(line.state.value, style)}  {_marks(line)}  "
        room = limit - wide - 14
        say(head + (cut(show_line(line.preview), room) if limit else show_line(line.preview)))


def _lines(desk: Desk, ids: Sequence[int]) -> Iterator[PairLine]:
    for start in range(0, len(ids), CHUNK):
        yield from desk.lines(ids[start : start + CHUNK])


def _marks(line: PairLine) -> str:
    marks = ((line.rewritten, "r"), (line.flagged, "f"), (line.starred, "*"), (line.skipped, "s"))
    return "".join(sign if on else "-" for on, sign in marks)


def _say_whole(desk: Desk, pair: Pair, around: Surroundings | None) -> None:
    """Print all of a pair: facts, messages (with the original of a rewritten one), flags, history and origins; before
    and after them the turns around it."""
    _say_facts(pair, around)
    for turn in around.before if around else ():
        _say_turn(turn)
    for message in pair.messages:
        title = _title(pair, message.place)
        length = f" ({plural(len(message.text), 'character')})" if title in ("Prompt", "Answer") else ""
        number = f"{message.place}  " if len(pair.messages) > 2 else ""
        say_heading(f"{number}{title}{length}")
        say_text(message.text)
    for message in pair.messages:
        if message.text != message.original:
            say_heading(f"{pair.name_of(message.place).capitalize()} as it was")
            say_text(message.original)
    for title, text in desk.earlier_words(pair):
        say_heading(title)
        say_text(text)
    for turn in around.after if around else ():
        _say_turn(turn)
    _say_flags(pair)
    _say_history(desk, pair)
    if pair.origins:
        say_heading("Found in")
        say_table(
            (f"{origin.file}:{origin.line}", origin.session, origin.project, origin.time) for origin in pair.origins
        )


def _say_turn(turn: SessionTurn) -> None:
    say_heading(f"Turn {turn.number}: prompt")
    say_text(turn.human)
    say_heading(f"Turn {turn.number}: {'answer' if turn.complete else 'no final answer'}")
    say_text(turn.answer)


def _say_facts(pair: Pair, around: Surroundings | None) -> None:
    """Print number, state and origin of a pair as a table, without the rows that are empty."""
    marks = ((pair.rewritten, "rewritten"), (pair.skipped, "skipped"), (pair.starred, "starred"))
    state = ", ".join((pair.state.value, *(word for on, word in marks if on)))
    say(styled(f"Pair {pair.id}", "bold"))
    facts = (
        ("state", f"{state} ({pair.reason})" if pair.reason else state),
        ("before", pair.before.sentence if pair.before else ""),
        ("kind", pair.kind),
        ("tags", " ".join(pair.tags)),
        ("comment", pair.comment),
        ("session", pair.session),
        ("turn", f"{around.number:,} of {around.total:,}" if around else ""),
        ("complaint", around.complaint_words if around else ""),
        ("project", pair.project),
        ("model", pair.model),
        ("time", pair.time),
        ("language", pair.language),
        ("uid", pair.uid),
    )
    say_table((name, value) for name, value in facts if value)


def _say_flags(pair: Pair) -> None:
    if not pair.flags:
        return
    say_heading("Flags")
    say_table(
        (
            flag.family,
            flag.rule,
            f"{pair.name_of(flag.place)} {flag.start}-{flag.end}",
            pair.messages[flag.place].text[flag.start : flag.end],
        )
        for flag in pair.flags
    )


def _title(pair: Pair, place: int) -> str:
    side = _side(pair, place)
    if place == 0 and side == "system":
        return "System"
    return {"instruction": "Prompt", "response": "Answer"}.get(side) or f"Before: {side}"


def _say_history(desk: Desk, pair: Pair) -> None:
    events = desk.history(pair)
    if events:
        say_heading("History")
        say_table(
            (event.time, event.actor or "molting", _event_words(event), "undone" if event.undone else "")
            for event in events
        )
    earlier = desk.earlier_texts(pair)
    if earlier:
        say_heading("Earlier texts of the same turn")
        say_table((f"pair {number}", state.value) for number, state in earlier)


def _event_words(event: Event) -> str:
    return _words_of(event) + (" (carried over)" if event.payload.get("carried") else "")


def _words_of(event: Event) -> str:
    payload = event.payload
    if event.kind == "decide":
        reason = payload.get("reason")
        return f"{payload['state']} ({reason})" if reason else str(payload["state"])
    if event.kind == "star":
        return "star" if payload.get("on") else "unstar"
    if event.kind == "tag":
        return f"{'tag' if payload.get('on') else 'untag'} {payload.get('tag')}"
    if event.kind == "comment":
        return f"comment: {payload.get('text')}"
    return event.kind
