"""Characters that no terminal is sent as they are, each with a stand-in of one cell while a text is edited.

The editor wraps lines and places its cursor by the widths of what it holds. What joins or modifies an emoji, turns a
line round or moves the cursor has no width, or one that depends on its neighbours: the editor would count fewer cells
than are painted, and cut the line. So it holds stand-ins, from a corner of the private use area that no font takes.
"""

from __future__ import annotations

import re

from molting_tui.text import NEVER_SENT, show

_FIRST = 0xF8000
_JOINED = "\u203f"  # ‿: something joins here, or changes how the sign before it looks
_STAND_IN = {code: chr(_FIRST + place) for place, code in enumerate(NEVER_SENT)}
_ORIGINAL = {_FIRST + place: chr(code) for place, code in enumerate(NEVER_SENT)}


def _sign(code: int) -> str:
    shown = show(chr(code))
    return _JOINED if not shown else shown if len(shown) == 1 and shown != "\n" else "\ufffd"


_SIGN = {_FIRST + place: _sign(code) for place, code in enumerate(NEVER_SENT)}
_ODD = re.compile(f"[{re.escape(''.join(map(chr, NEVER_SENT)))}]")
_HELD = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + len(NEVER_SENT) - 1)}]")


def with_stand_ins(text: str) -> str:
    """The text as the editor holds it: as many characters, each with a width of its own."""
    return text.translate(_STAND_IN) if _ODD.search(text) else text


def without_stand_ins(text: str) -> str:
    """The text that the editor's stands for."""
    return text.translate(_ORIGINAL) if _HELD.search(text) else text


def signs(text: str) -> str:
    """A part of the editor's text as it is painted: each stand-in a sign of one cell."""
    return text.translate(_SIGN) if _HELD.search(text) else text
