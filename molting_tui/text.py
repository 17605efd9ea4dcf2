"""Untrusted text made safe to show.

Every text that comes from a file, a model, a log or an exception passes `show()` before it
meets a terminal: what would move the cursor, set the clipboard or turn the line around
is shown as a sign instead of being obeyed.
"""

from __future__ import annotations

import functools
import itertools
import os
import re
import unicodedata
from collections.abc import Callable

TAB = "    "
_IN_ADDRESS = r"(?:://|\A(?![a-zA-Z0-9+.-]*://))[^\s/@:]*:\S*@|://[^\s/@]+@"
"""Up to the `@`: user and password of an address, or a token alone; without `://` only where the text begins so."""
_SPACE = re.compile(r"(?:[ \t\n]|\r\n)*")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x2070), 0x200E, 0x200F, 0x061C)
_INVISIBLE = (0x200B, 0x200C, *range(0x2060, 0x2066), 0xFEFF, 0x00AD, 0x034F, 0x180E, *range(0xFFF9, 0xFFFC))
# What Unicode has nothing to show for, and terminals a blank, or nothing: fillers, format controls of single scripts.
_FILLERS = (
    *(0x115F, 0x1160, 0x3164, 0xFFA0, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFFF0, 0xFFF9)),
    *(*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0x13430, 0x13440)),
)
_TAGS = range(0xE0000, 0xE0080)
# Terminals disagree about the width of what these join or modify, so they are not sent: a joined
# emoji shows as its parts, which every terminal measures alike.
_UNMEASURABLE = (0x200D, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x1F3FB, 0x1F400), 0x20E3)


def _table() -> dict[int, str]:
    table: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}
    table[0x0A] = "\n"
    table[0x09] = TAB
    table[0x7F] = "\u2421"
    for code in (*range(0x80, 0xA0), *range(0xD800, 0xE000)):
        table[code] = "\ufffd"
    for code in (*_BIDI, *_INVISIBLE, *_FILLERS, *_TAGS):
        table[code] = f"\u27e8U+{code:04X}\u27e9"
    for code in (0x2028, 0x2029):
        table[code] = "\n"
    for code in _UNMEASURABLE:
        table[code] = ""
    return table


_TABLE = _table()
NEVER_SENT = tuple(sorted(_TABLE.keys() - {0x09, 0x0A}))
"""The characters, by their codes, that no terminal is sent as they are; newline and tab are not among them."""
MOST_MARKS = 8
"""Combining marks that are shown on one base. No script needs more: the highest Tibetan stacks have seven."""
_MAYBE_PILE = f"[\u0300-\U0010ffff]{{{MOST_MARKS + 1}}}"


@functools.cache
def _marks() -> re.Pattern[str]:
    """As many characters in a row as there are in a pile, each of them a mark, or beyond U+FFFF and perhaps one: a
    class of all the marks there would be searched a hundred times more slowly."""
    marks = [chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M"]
    return re.compile(f"[{''.join(marks)}\U00010000-\U0010ffff]{{{MOST_MARKS + 1},}}")


def without_piles(text: str, rest: Callable[[str], str]) -> str:
    """The text with each pile of marks cut to eight, and behind them what `rest` makes of the others: on a terminal
    they would run over the lines around."""
    return _marks().sub(lambda run: _cut_piles(run[0], rest), text) if re.search(_MAYBE_PILE, text) else text


def _cut_piles(run: str, rest: Callable[[str], str]) -> str:
    parts = []
    for is_mark, group in itertools.groupby(run, lambda character: unicodedata.category(character)[0] == "M"):
        characters = "".join(group)
        others = characters[MOST_MARKS:] if is_mark else ""
        parts.append(characters[:MOST_MARKS] + rest(others) if others else characters)
    return "".join(parts)


def _counted(marks: str) -> str:
    return f"\u27e8+{plural(len(marks), 'mark')}\u27e9"


def show(text: str) -> str:
    """The text as it may be sent to a terminal: newlines stay, tabs are four spaces, controls are signs.

    C0 controls become their pictures (ESC is U+241B), DEL U+2421, C1 controls and lone surrogates U+FFFD; bidi marks,
    fillers and what else is invisible become their code in angle brackets. Of a pile of combining marks eight are
    shown, and the others counted. The result of each character doesn't depend on its neighbours (but for CR LF, a
    newline, and in such a pile), so a text may be cut at any other place and shown in pieces. Showing a shown text
    changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    return without_piles(text.replace("\r\n", "\n").translate(_TABLE), _counted)


def pasteable(text: str) -> str:
    """The text as it may be put into a clipboard: what a terminal would obey when it is pasted is left out.

    Newlines and tabs stay, CR LF becomes a newline; the other controls and lone surrogates go.
    """
    if text.isascii() and text.isprintable():
        return text
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def show_line(text: str, width: int = 120) -> str:
    """The start of the text on one line, safe to show: white space runs are one space, at most `width` cells.

    A text that goes on ends in `…`. Wide characters take two cells.
    """
    if width < 1:
        return ""
    start = _space(text, 0)
    # A CR at the end of what is looked at may be half of a line end.
    end = start + width * 4
    end -= text[end - 1 : end + 1] == "\r\n"
    head = " ".join(show(text[start:end]).split())
    return head if _space(text, end) == len(text) and _cells(head) <= width else _cut(head, width - 1) + "…"


def show_path(path: str | os.PathLike[str]) -> str:
    """A path on one line, safe to show: a newline in a name is a sign, bytes that aren't UTF-8 are U+FFFD."""
    return show(as_text(path).replace("\r", "\u240d").replace("\n", "\u240a"))


def as_text(path: str | os.PathLike[str]) -> str:
    """A path as text that can be stored and written: bytes that aren't UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def mask_address(text: str) -> str:
    """The text with `***` for the user and the password in each address (`https://***@host/path`)."""
    if "@" not in text:
        return text
    return re.sub(_IN_ADDRESS, lambda secret: "://***@" if "://" in secret[0] else "***@", text)


def _space(text: str, place: int) -> int:
    """Where the white space that begins at `place` ends."""
    space = _SPACE.match(text, place)
    return space.end() if space else place


def _cells(line: str) -> int:
    if line.isascii():
        return len(line)
    # Loaded for the first line that isn't ASCII: its tables cost 9 ms.
    from rich.cells import cell_len

    return cell_len(line)


def _cut(line: str, width: int) -> str:
    if line.isascii():
        return line[:width]
    from rich.cells import set_cell_size

    return line if _cells(line) <= width else set_cell_size(line, width).rstrip()


def plural(count: int, one: str, many: str = "") -> str:
    """`1 pair`, `2 pairs`, `1,234 pairs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """`42 s`, `4 min 12 s`, `1 h 07 min`."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
