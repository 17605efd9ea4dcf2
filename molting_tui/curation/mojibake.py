"""Mojibake: text that was decoded with the wrong character set ("vocÃª" for "você"), found and repaired.

ftfy judges and repairs. It is imported only when a text holds characters that mojibake could be
made of, so clean texts cost one cheap search.
"""

from __future__ import annotations

import re

# UTF-8 read as Latin-1 or Windows-1252: a lead byte (C2 … F4) followed by a continuation byte, as those two sets
# show them. Then C1 controls, and the commonest leads of Windows-1251, Mac Roman and code page 437.
_LEAD = "\u00c2-\u00f4"
_CONTINUATION = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
SUSPECT = (
    f"[{_LEAD}][{_CONTINUATION}]|\u00c3 |[\u0080-\u009f]"
    "|[РС][\u0080-\u00bf\u0402-\u040f\u0452-\u045f‘’“”•–—™]|вЂ|‚Ä|√[\u00a0-\u00ffßÄÅÇÉÑÖÜ†∂∑∏π∫Ωø]|├[^\u2500-\u257f\\s]"
)
"""What a text must hold to be worth ftfy's time: a pattern both `re` and RE2 read alike."""
_SUSPECT = re.compile(SUSPECT)
_LINE = re.compile(r"[^\n]+")


def mojibake(text: str) -> tuple[tuple[int, int], ...]:
    """Where `repaired` would change the text: at most one span a line, in characters, first change to last."""
    if text.isascii() or not _SUSPECT.search(text):
        return ()
    spans: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        line = match.group()
        fixed = _repaired_line(line)
        if fixed != line:
            spans.append(_changed(line, fixed, match.start()))
    return tuple(spans)


def repaired(text: str) -> str:
    """The text with its mojibake undone, line by line; everything else stays as it is."""
    if text.isascii() or not _SUSPECT.search(text):
        return text
    return _LINE.sub(lambda match: _repaired_line(match.group()), text)


def _repaired_line(line: str) -> str:
    if line.isascii() or not _SUSPECT.search(line):
        return line
    from ftfy import fix_encoding

    return str(fix_encoding(line))


def _changed(before: str, after: str, offset: int) -> tuple[int, int]:
    """The part of `before` that differs from `after`, at least one character of it, moved by `offset`."""
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    return offset + min(head, len(before) - 1), offset + max(len(before) - tail, head + 1)


def _alike(before: str, after: str) -> int:
    """How many characters both start with."""
    differing = (place for place, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    return next(differing, min(len(before), len(after)))
