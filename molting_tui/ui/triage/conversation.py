"""A pair as a conversation: who says what, with flags and search hits marked in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from molting_tui.records.events import Event
from molting_tui.records.pairs import Flag, Pair, PairMessage, State
from molting_tui.records.surroundings import Surroundings
from molting_tui.text import show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import Span, fit, line
from molting_tui.ui.prose import PLAIN_CODE, CodeView, prose
from molting_tui.ui.triage.pair_state import sign_style, state_sign
from molting_tui.workspace import Persona

INDENT = 3
_ROLES = {"system": "SYSTEM", "tool_call": "TOOL CALL", "tool": "TOOL"}


def conversation(
    pair: Pair, width: int, persona: Persona, search: str = "", code: CodeView = PLAIN_CODE
) -> Iterator[Strip]:
    """The lines of a pair: what came before dim, then the prompt and the answer; flags underlined, hits reversed.

    The messages of a pair with more than two have their numbers, by which they can be rewritten and copied.
    """
    flags: dict[int, list[Flag]] = {}
    for flag in pair.flags:
        flags.setdefault(flag.place, []).append(flag)
    last = len(pair.messages) - 1
    for message in pair.messages:
        name = _ROLES.get(message.role) or speaker(message.role == "user", persona)
        style, base = look.DIM, look.DIM
        if message.place >= last - 1:
            style, base = look.ASSISTANT if message.place == last else look.HUMAN, look.PLAIN
        number = f" {message.place}" if last > 1 else ""
        marked = spans(message, flags.get(message.place, ()), search)
        yield from _message_lines(f"{name}{number}", style, message.text, width, marked, base, code)


def up_to_first_mark(lines: Iterator[Strip]) -> list[Strip]:
    """The lines up to the first one with a search hit, which is the last of them; every line if there is none."""
    made = []
    for strip in lines:
        made.append(strip)
        if any(segment.style is not None and segment.style.reverse for segment in strip):
            break
    return made


def has_hit(pair: Pair, search: str) -> bool:
    """Whether the searched words stand in any message of a pair."""
    return any(next(hits(message.text, search), None) for message in pair.messages)


def speaker(human: bool, persona: Persona) -> str:
    """The name above a text: the persona's names, or USER and ASSISTANT."""
    name = persona.user if human else persona.name
    return show_line(name, 30).upper() or ("USER" if human else "ASSISTANT")


def spans(message: PairMessage, flags: Sequence[Flag], search: str) -> list[Span]:
    """What is marked in a message: its flags, and over them the searched words."""
    marked = [Span(flag.start, flag.end, look.flag_style(flag.family)) for flag in flags]
    return marked + [Span(start, end, look.HIT) for start, end in hits(message.text, search)]


def hits(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Where searched words stand in a text, as the search index sees them: without case and accents."""
    terms = re.findall(r"[^\W_]+", _folded(words)[0])
    if not terms:
        return
    pattern = r"[\W_]+".join(re.escape(term) for term in terms)
    folded, places = _folded(text)
    for match in re.finditer(rf"(?<![^\W_]){pattern}", folded):
        start, end = match.span()
        yield places[start], max(places[end], places[end - 1] + 1)


def title_line(pair: Pair, width: int, history: Sequence[Event] = (), around: Surroundings | None = None) -> Strip:
    """Where a pair comes from, in one line: project, time, model, its place among turns; on the right its state, what
    was done to its words, its star, its flag."""
    parts = [
        show_line(pair.project, 30) or pair.kind,
        when(pair.time),
        show_line(pair.model, 30).removeprefix("claude-"),
    ]
    if around is not None:
        parts.insert(1, turn_words(around))  # a long name is cut at its end, and this is what one judges by
    elif pair.context:
        parts.append(f"turn {1 + sum(message.role == 'user' for message in pair.context)}")
    sign = state_sign(pair)
    marks = f" {look.STAR_SIGN}" * pair.starred + f" {look.FLAG_SIGN}" * bool(pair.flags)
    right = f"{sign} {_state_words(pair, history)}{marks}"
    left = fit(" " + " · ".join(part for part in parts if part), width - len(right) - 2)
    gap = max(width - len(left) - len(right) - 1, 1)
    return Strip([Segment(left), Segment(" " * gap), Segment(right, sign_style(sign))])


def turn_words(around: Surroundings) -> str:
    """A pair's place in its session: `turn 3 of 9`."""
    return f"turn {around.number:,} of {around.total:,}"


def _state_words(pair: Pair, history: Sequence[Event]) -> str:
    words = {"keep": "kept", "drop": "dropped", "open": "skipped" if pair.skipped else "open"}[pair.state]
    if not pair.rewritten:
        return words
    latest = next((event for event in reversed(history) if event.kind == "rewrite" and not event.undone), None)
    if latest is not None and latest.payload.get("cause") == "mask":
        return f"{words}, masked"
    return "rewritten" if pair.state is State.KEEP else f"{words}, rewritten"


def when(time: str) -> str:
    """A log's time as `3 Feb 2026 14:22`, in local time; as it stands if it isn't ISO 8601."""
    if not time:
        return ""
    try:
        moment = datetime.fromisoformat(time)
        if moment.tzinfo is not None:
            moment = moment.astimezone()
    except (ValueError, OverflowError):  # no date, or one at the end of time
        return show_line(time, 20)
    return f"{moment.day} {moment:%b %Y %H:%M}"


def _message_lines(
    name: str, style: Style, text: str, width: int, marked: Sequence[Span], base: Style, code: CodeView
) -> Iterator[Strip]:
    yield line((f" {name}", style))
    yield from prose(text, width - 1, indent=INDENT, spans=marked, base=base, code=code)
    yield line("")


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text in lower case without accents, and the place in the text of each of its characters (and of its end)."""
    if text.isascii():
        return text.lower(), range(len(text) + 1)
    plain = {character: _plain(character) for character in set(text)}
    folded = text.translate({ord(character): letters for character, letters in plain.items()})
    if all(len(letters) == 1 for letters in plain.values()):
        return folded, range(len(text) + 1)
    # An accent that stands as a character of its own has no letter; a Korean syllable has up to three.
    return folded, [*(place for place, character in enumerate(text) for _ in plain[character]), len(text)]


def _plain(character: str) -> str:
    return "".join(part.lower() for part in unicodedata.normalize("NFD", character) if not unicodedata.combining(part))
