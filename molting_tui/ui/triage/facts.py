"""What is known of a pair in a few lines: lengths, flags with their texts, tags, the last thing said of it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from textual.strip import Strip

from molting_tui.records.events import Event
from molting_tui.records.pairs import Flag, Pair, State
from molting_tui.records.surroundings import Surroundings
from molting_tui.text import plural, show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line, wrap
from molting_tui.ui.triage.conversation import when

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def facts_lines(
    pair: Pair, history: list[Event], width: int, height: int, around: Surroundings | None = None, unseen: str = ""
) -> list[Strip]:
    """The facts panel, at most `height` lines: figures, why it is asked again, a complaint in the next prompt and flags
    (as many lines as the others leave), comment, history; where a line is left the next prompt, if it is `unseen`."""
    figures = line((fit(" " + " · ".join(_figures(pair)), width), look.DIM))
    again, lines = [], []
    if pair.before and pair.state == State.OPEN:
        again = [line((fit(f" asked again: {show_line(pair.before.sentence, 200)}", width), look.FLAG_MARK))]
    if pair.comment:
        lines.append(line((fit(f" “{show_line(pair.comment, 200)}”", width), look.PLAIN)))
    if history:
        more = f"  (and {plural(len(history) - 1, 'earlier word')}: i)" if len(history) > 1 else ""
        lines.append(line((fit(f" {event_sentence(history[-1])}{more}", width), look.DIM)))
    hints = "   ".join(part for part in (complaint_words(around), flags_sentence(pair)) if part)
    flags = _hint_lines(hints, width, max(height - 1 - len(again) - len(lines), 1)) if hints else []
    if unseen and not complaint_words(around):
        lines.append(line((fit(f" next prompt: {show_line(unseen, 400)}", width), look.DIM)))
    return [figures, *again, *flags, *lines][: max(height, 1)]


def complaint_words(around: Surroundings | None) -> str:
    """What the next prompt complains of, in its own words: `next prompt: "no, that is wrong"`; empty if of nothing."""
    words = around.complaint_words if around else ""
    return f'next prompt: "{show_line(words, 40)}"' if words else ""


def _hint_lines(text: str, width: int, most: int) -> list[Strip]:
    room = max(width - 4, 1)
    starts = [start for start, _ in wrap(text, room)][:most]
    shown = [text[start:end].rstrip() for start, end in pairwise(starts)]
    shown.append(fit(text[starts[-1] :], room))
    margins = [f" {look.FLAG_SIGN} ", *["   "] * (most - 1)]
    return [line((margin, look.FLAG_MARK), part) for margin, part in zip(margins, shown, strict=False)]


def flags_sentence(pair: Pair) -> str:
    """The flags by rule, each with the text it was found in: `agent-speech · vou-verbo "Vou verificar" ×2`."""
    groups: dict[tuple[str, str], list[Flag]] = {}
    for flag in pair.flags:
        groups.setdefault((flag.family, flag.rule), []).append(flag)
    parts = []
    for (family, rule), flags in groups.items():
        times = f" ×{len(flags)}" if len(flags) > 1 else ""
        name = family if family == rule else f"{family} · {rule}"
        earlier = flags[0].place < len(pair.messages) - 2
        place = f" ({pair.name_of(flags[0].place)})" if earlier else ""
        parts.append(f'{name} "{show_line(flagged_text(pair, flags[0]), 32)}"{times}{place}')
    return "   ".join(parts)


def flagged_text(pair: Pair, flag: Flag) -> str:
    """The part of a pair that a flag lies on."""
    return pair.messages[flag.place].text[flag.start : flag.end]


def event_sentence(event: Event) -> str:
    """One event for people: `12 Feb 2026 14:22 joao dropped it: agent talk`."""
    payload = event.payload
    words = {
        "decide": {"keep": "kept it", "drop": "dropped it", "skip": "skipped it", "open": "reopened it"}.get(
            str(payload.get("state")), "decided"
        ),
        "rewrite": _rewrite_words(payload),
        "star": "starred it" if payload.get("on") else "took its star away",
        "tag": ("tagged it " if payload.get("on") else "took away the tag ") + str(payload.get("tag", "")),
        "comment": "commented: " + str(payload.get("text", "")) if payload.get("text") else "took the comment away",
    }.get(event.kind, event.kind)
    reason = f": {payload['reason']}" if payload.get("reason") else ""
    undone = " (undone)" if event.undone else ""
    carried = " (carried over)" if payload.get("carried") else ""
    return show_line(f"{when(event.time)} {event.actor or 'molting'} {words}{reason}{carried}{undone}", 200)


def _rewrite_words(payload: dict[str, Any]) -> str:
    texts = list(payload.get("messages", {0: payload.get("instruction"), 1: payload.get("response")}).values())
    if not texts:
        return "kept it as it was"
    return "rewrote it" if any(texts) else "put the original words back"


def _figures(pair: Pair) -> list[str]:
    parts = [pair.kind, f"prompt {len(pair.instruction):,}", f"answer {plural(len(pair.response), 'character')}"]
    if pair.language:
        parts.insert(1, pair.language)
    if len(pair.origins) > 1:
        parts.append(f"stands in {len(pair.origins)} places")
    if pair.draft is not None:
        parts.append("a draft waits (e)")
    if pair.session:
        # Of a uuid the start tells enough; of a chat file the name is what one knows it by.
        parts.append(f"session {show_line(pair.session[:8] if _UUID.fullmatch(pair.session) else pair.session, 30)}")
    parts += [f"#{show_line(tag, 30)}" for tag in pair.tags]
    return parts
