"""Texts that try to take over a terminal, and the check that none of them did.

A sequence alone doesn't tell whether the program or the data sent it. So each planted sequence carries parameters that
no program uses (line 4242, window title MOLT…), and what a program never sends is looked for besides.
"""

from __future__ import annotations

import re
import unicodedata

PLANTED = {
    "window title": "\x1b]0;MOLTtitle\x07",
    "icon title": "\x1b]2;MOLTicon\x1b\\",
    "clipboard": "\x1b]52;c;TU9MVA==\x07",
    "hyperlink": "\x1b]8;;http://molt.example\x1b\\",
    "notification": "\x1b]9;MOLTnote\x07",
    "palette": "\x1b]4;200;rgb:de/ad/42\x07",
    "cursor move": "\x1b[4242;4243H",
    "clear screen": "\x1b[2J",
    "clear scrollback": "\x1b[3J",
    "colour": "\x1b[38;2;42;43;44m",
    "hidden text": "\x1b[8;42m",
    "scroll region": "\x1b[42;43r",
    "leave alternate screen": "\x1b[?1049;4242l",
    "mouse on": "\x1b[?1003;4242h",
    "cursor report": "\x1b[4242n",
    "window report": "\x1b[21;4242t",
    "reset": "\x1bc",
    "device control": "\x1bP$qMOLT\x1b\\",
    "program command": "\x1b_GMOLT\x1b\\",
    "privacy message": "\x1b^MOLT\x1b\\",
    "C1 control sequence": "\x9b4242m",
    "C1 title": "\x9d0;MOLTc1\x9c",
    "C1 next line": "\x85MOLT",
    "bell": "\x07",
    "backspace": "MOLT\x08\x08\x08\x08",
    "carriage return": "good\rMOLT",
    "shift out": "\x0eMOLT\x0f",
    "null": "MOLT\x00null",
    "delete": "MOLT\x7f",
    "right to left": "\u202eTLOM\u202c",
    "isolate": "\u2067MOLT\u2069",
    "mark": "\u200fMOLT\u200e",
    "zero width": "MO\u200bLT\ufeff",
    "tag characters": "MOLT\U000e0041\U000e007f",
}
"""Each by what it would do."""

MARKUP = (
    "[/INST]",
    "[INST]",
    "[bold]",
    "[/]",
    "[1]",
    "list[int]",
    "[@click=app.quit]x[/]",
    "[red on",
    "\\[b]",
    "[[",
    "$name",
)
"""What a markup parser would trip over, eat or obey."""
WIDE = "日本語のテキスト 한국어 \U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \u2764\ufe0f 1\ufe0f\u20e3 e\u0301 ãç"
"""Wide characters, joined and modified emoji, combining accents."""


def hostile(mark: str) -> str:
    """One line with everything in it; `mark` tells one text from another, at its start and at its end."""
    return f"{mark} {' '.join(MARKUP)} {WIDE} {' '.join(PLANTED.values())} {mark}end"


_OSC = re.compile(rb"\x1b\]([^\x07\x1b]{0,60})")
_STRINGS = {b"P": "DCS", b"_": "APC", b"^": "PM", b"X": "SOS"}
# What Textual itself says: colours, cursor, erasing to the end of a line, its modes, its questions to the terminal.
_OWN = re.compile(
    rb"\x1b\[(?:[0-9;:]*m|[0-9;]*H|[0-9]*[ABCDGKX]|\?(?:25|7|47|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2031|2048)[hl]"
    rb"|\?(?:2026|2048)\$p|[<>=][0-9;]*[um]|0?c|\?u|>q)"
    rb"|\x1b[78=>]|\x1b\([B0]"
)
_POINTER = re.compile(rb"\x1b\]22;[a-z-]*\x07")  # Textual's own: the shape of the mouse pointer, reset at the end
_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
_INVISIBLE = (0x200B, 0x2060, 0xFEFF, *range(0xE0000, 0xE0080))
_MARKS = frozenset(map(chr, (*_BIDI, *_INVISIBLE)))
_ALLOWED_CONTROLS = frozenset("\n\r\x1b")


def leaks(raw: bytes) -> list[str]:
    """What a program's output holds that must never come from data, in words; empty if all is well.

    `raw` is what was written while the program ran: a title, the clipboard, an erased screen, strings to the terminal,
    bells and other controls, C1 codes, marks that turn the line around or can't be seen, and every planted sequence.
    """
    raw = _POINTER.sub(b"", raw)
    found = [
        f"planted: {name}" for name, planted in PLANTED.items() if _is_telling(planted) and planted.encode() in raw
    ]
    found += [f"OSC {osc.group(1)[:40]!r}" for osc in _OSC.finditer(raw)]
    found += [f"{name} string" for letter, name in _STRINGS.items() if b"\x1b" + letter in raw]
    found += [f"sequence {strange!r}" for strange in sorted(_strange_sequences(raw))]
    text = raw.decode("utf-8", "replace")
    if "\ufffd".encode() not in raw and "\ufffd" in text:
        found.append("bytes that aren't UTF-8")
    controls = {sign for sign in text if unicodedata.category(sign) == "Cc" and sign not in _ALLOWED_CONTROLS}
    found += [f"control U+{ord(sign):04X}" for sign in sorted(controls)]
    found += [f"mark U+{ord(sign):04X}" for sign in sorted(_MARKS.intersection(text))]
    return found


def _is_telling(planted: str) -> bool:
    # `ESC [ 2 J` is the same whoever sends it; the next check finds it, as no one should while the program runs.
    return "MOLT" in planted or "42" in planted


def _strange_sequences(raw: bytes) -> set[bytes]:
    rest = _OWN.sub(b"", raw)
    return {rest[at.start() : at.start() + 12] for at in re.finditer(rb"\x1b", rest)}
