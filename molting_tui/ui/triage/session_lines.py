"""The turns around a pair, dim: the one before cut to a few lines, or any of them whole; what the person said next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from molting_tui.records.surroundings import SessionTurn, Surroundings
from molting_tui.text import show, show_line
from molting_tui.ui import look
from molting_tui.ui.paragraphs import fit, line, wrap
from molting_tui.ui.prose import MEASURE, PLAIN_CODE, CodeView, prose
from molting_tui.ui.triage.conversation import INDENT, speaker
from molting_tui.workspace import Persona

_TALL = 24
"""From this height of the text on the turn before has more lines."""
_ENOUGH = 4000
"""Characters of a cut text that are looked at: more never fits."""
_WIDEST_NAME = 12
_CUT = "…"


def turn_before(around: Surroundings, width: int, height: int, persona: Persona) -> list[Strip]:
    """The turn before a pair, cut to the same number of lines for each pair, and a rule: the pair itself begins at the
    same place on every pair of a session. Of the answer one sees how it begins and how it ends."""
    prompt, room = (2, 7) if height >= _TALL else (1, 4)
    lines: list[Strip] = []
    if around.before:
        turn = around.before[-1]
        lines += _named(speaker(True, persona), _beginning(turn.human, width, prompt, persona), persona)
        left = room - len(lines)
        lines += _named(speaker(False, persona), _both_ends(_said(turn), width, left, persona), persona)
    else:
        lines += beginning(width)[:1]
    lines += [line("")] * (room - len(lines))
    return [*lines, _rule(width)]


def beginning(width: int) -> list[Strip]:
    """What stands above the first turn of a session, and a rule."""
    return [line((fit(" The session begins here.", width), look.DIM)), _rule(width)]


def whole_turns(
    turns: tuple[SessionTurn, ...], total: int, width: int, persona: Persona, code: CodeView = PLAIN_CODE
) -> Iterator[Strip]:
    """Turns of a session whole, the latest last; each line is made when it is asked for."""
    for turn in turns:
        place = f" · turn {turn.number} of {total}"
        yield line((f" {speaker(True, persona)}{place}", look.DIM))
        yield from prose(turn.human, width - 1, indent=INDENT, base=look.DIM, code=code)
        yield line("")
        yield line((f" {speaker(False, persona)}", look.DIM))
        if turn.tools:
            yield line((fit(f"   ⚙ {tools_sentence(turn)}", width), look.DIM))
        if turn.answer:
            yield from prose(turn.answer, width - 1, indent=INDENT, base=look.DIM, code=code)
        if not turn.complete:
            yield line(("   (no final answer)", look.DIM))
        yield line("")


def before_lines(
    around: Surroundings, unfolded: int, width: int, height: int, persona: Persona, code: CodeView = PLAIN_CODE
) -> Iterator[Strip]:
    """What stands above a pair: the turn before it cut, or the last `unfolded` ones whole, and a rule."""
    if not unfolded:
        return iter(turn_before(around, width, height, persona))
    return chain(whole_turns(around.before, around.total, width, persona, code), [_rule(width)])


def after_lines(around: Surroundings, width: int, persona: Persona, code: CodeView = PLAIN_CODE) -> Iterator[Strip]:
    """What stands below a pair: the next prompt in one line, or the turns after it whole."""
    yield _rule(width)
    if around.after:
        yield from whole_turns(around.after, around.total, width, persona, code)
    elif around.next_prompt is None:
        yield line((fit(" The session ends here.", width), look.DIM))
    else:
        yield line((fit(f" {speaker(True, persona)}  {show_line(around.next_prompt)}", width), look.DIM))


def tools_sentence(turn: SessionTurn) -> str:
    """The tools of a turn and how often each was called: `Read ×3, Edit`."""
    names = [
        f"{show_line(name, 30)} ×{times}" if times > 1 else show_line(name, 30) for name, times in turn.tools.items()
    ]
    return ", ".join(names)


def _said(turn: SessionTurn) -> str:
    """What the assistant said at last; where it gave no final answer, what it did."""
    if turn.complete:
        return turn.answer
    tools = f"(no final answer; {tools_sentence(turn)})" if turn.tools else "(no answer)"
    return f"{turn.answer[-_ENOUGH:]}\n{tools}" if turn.answer else tools


def _named(name: str, texts: list[str], persona: Persona) -> list[Strip]:
    """Texts under each other, the speaker's name before the first."""
    margins = [_margin(name, persona), *[_margin("", persona)] * (len(texts) - 1)]
    return [
        Strip([Segment(margin, look.DIM), Segment(text, look.DIM)]) for margin, text in zip(margins, texts, strict=True)
    ]


def _margin(name: str, persona: Persona) -> str:
    """A name padded to the wider of the two, so that the texts stand in one column."""
    wide = min(max(cell_len(speaker(human, persona)) for human in (True, False)), _WIDEST_NAME)
    shown = fit(name, wide)
    return f" {shown}{' ' * (wide - cell_len(shown))}  "


def _room(width: int, persona: Persona) -> int:
    return max(min(width - cell_len(_margin("", persona)) - 1, MEASURE), 8)


def _beginning(text: str, width: int, most: int, persona: Persona) -> list[str]:
    room = _room(width, persona)
    lines = _filled_lines(text[:_ENOUGH], room, most + 1)
    if len(lines) > most or len(text) > _ENOUGH:
        *whole, cut = lines[:most] or [""]  # thousands of blanks, and words after them
        lines = [*whole, fit(f"{cut} {_CUT}", room)]
    return lines or [""]


def _both_ends(text: str, width: int, most: int, persona: Persona) -> list[str]:
    """The first line of a text and its last ones, where it has more than `most`."""
    room = _room(width, persona)
    lines = _filled_lines(text[:_ENOUGH], room)
    if len(lines) <= most and len(text) <= _ENOUGH:
        return lines or [""]
    tail = _filled_lines(text[-_ENOUGH:], room)[1 - most :] if most > 1 else []
    return [fit(f"{lines[0] if lines else ''} {_CUT}", room), *tail]


def _filled_lines(text: str, room: int, most: int = _ENOUGH) -> list[str]:
    """The shown lines of a text that say something: without blank ones, the fences of code, and rules of signs alone;
    with these where there is nothing else."""
    lines: list[str] = []
    for paragraph in show(text).split("\n"):
        words = " ".join(paragraph.split())
        if any(map(str.isalnum, words)) and not words.startswith("```"):
            lines += [words[start:end] for start, end in wrap(words, room)]
        if len(lines) >= most:
            break
    return lines or [" ".join(show(text).split())[:room]]


def _rule(width: int) -> Strip:
    return line((look.RULE * width, look.DIM))
