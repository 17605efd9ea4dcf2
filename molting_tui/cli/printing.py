"""What the commands print: tables, bars, JSON. Everything that is data is made safe to show here."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TextIO

from molting_tui.text import show, show_line, without_piles

CELL = 400
"""Most characters of one table cell; a terminal's width may cut it shorter."""
WIDE = 80
"""Cells that tables and sentences keep to."""
BAR = 30
"""Cells of the longest bar."""

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_GAP = "  "


def prepare_streams() -> None:
    """Make printing unable to fail over a character.

    The encoding stays the terminal's own (a Latin-1 terminal would show UTF-8 as rubbish); what it can't
    show becomes `?`. JSON loses nothing even so: see `say_json`.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def say(line: str = "") -> None:
    """Print a line of our own words (data in it was shown already) to stdout."""
    sys.stdout.write(f"{line}\n")


def tell(line: str) -> None:
    """Print a line to stderr: what isn't the answer itself."""
    sys.stderr.write(f"{line}\n")


def say_text(text: str, indent: str = "  ") -> None:
    """Print a text from a file or a model, line by line, safe to show."""
    for line in show(text).split("\n"):
        say(f"{indent}{line}".rstrip())


def say_wrapped(sentence: str, style: str = "") -> None:
    """Print a sentence in lines of at most `WIDE` cells; an empty one is an empty line."""
    import textwrap

    for line in textwrap.wrap(sentence, WIDE) or [""]:
        say(styled(line, style))


def figure(value: float | None) -> float | None:
    """A figure as `--json` gives it."""
    # What the sums of floats add behind the ninth digit is no measurement.
    return None if value is None else round(value, 9)


def minus(text: str) -> str:
    """The text with a plain `-` for each minus sign where the terminal has none: a `?` would lose the sign."""
    return text if _can_show("\u2212", sys.stdout) else text.replace("\u2212", "-")


def say_table(
    rows: Iterable[Sequence[object]],
    header: Sequence[str] = (),
    right: Collection[int] = (),
    styles: Mapping[str, str] | None = None,
) -> None:
    """Print rows in columns, as wide as a terminal measures them; the last column is cut at the terminal's edge.

    `right` are the columns to align right; `styles` gives a cell with exactly that text a style. Every
    cell is made safe to show.
    """
    cells = [tuple(show_line(_cell(value), CELL) for value in row) for row in rows]
    widths = [max(map(cells_wide, column)) for column in zip(*([header] if header else []), *cells, strict=True)]
    if header:
        say(styled(_line(header, widths, right), "bold"))
    for row in cells:
        say(_line(row, widths, right, styles))


def say_bars(
    counts: Mapping[str, int], *, order: Callable[[tuple[str, int]], Any] | None = None, most: int = 0
) -> None:
    """Print one line for each name: its count and a bar. `most` limits how many (0: all), the rest become one line."""
    items = sorted(counts.items(), key=order) if order else list(counts.items())
    shown = items[:most] if most and len(items) > most + 1 else items
    rest = items[len(shown) :]
    if rest:
        shown = [*shown, (f"{len(rest)} others", sum(count for _, count in rest))]
    top = max((count for _, count in shown), default=0)
    say_table(((name, count, bar(count, top)) for name, count in shown), right=(1,))


def bar(count: int, top: int) -> str:
    """A bar for `count` where `top` would be `BAR` cells; anything above nothing has one cell."""
    sign = "█" if _can_show("█", sys.stdout) else "#"
    return sign * max(round(BAR * count / top), 1) if count and top else ""


def say_heading(text: str) -> None:
    """Print a heading, with an empty line before it."""
    say()
    say(styled(text, "bold"))


def styled(text: str, style: str) -> str:
    """The text in a style (bold, dim, red, green, yellow) where colours are wanted, else as it is."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and colours_wanted() else text


def colours_wanted() -> bool:
    """Whether stdout is a terminal that may be sent colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") not in ("", "dumb")


def say_json(value: object) -> None:
    """Print one JSON value, indented."""
    say(harmless(json.dumps(value, ensure_ascii=_ascii_only(), indent=2)))


def say_json_list(values: Iterable[object]) -> None:
    """Print a JSON list, one value a line, as the values come: a million of them need no memory."""
    say("[")
    before = ""
    for value in values:
        sys.stdout.write(before + harmless(json.dumps(value, ensure_ascii=_ascii_only())))
        before = ",\n"
    say("\n]" if before else "]")


def cells_wide(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells; `…` stands where some was cut."""
    if cells_wide(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def terminal_width(stream: TextIO | None = None) -> int:
    """The width in cells of the terminal behind a stream (stdout), or 0 when it is none."""
    return shutil.get_terminal_size().columns if (stream or sys.stdout).isatty() else 0


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}" if isinstance(value, float) else str(value)


def _line(
    cells: Sequence[str], widths: Sequence[int], right: Collection[int], styles: Mapping[str, str] | None = None
) -> str:
    limit, used, parts = terminal_width(), 0, []
    for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        last = column == len(cells) - 1
        text = cut(cell, max(limit - used, 1)) if last and limit else cell
        space = " " * (width - cells_wide(text))
        style = (styles or {}).get(cell, "")
        parts.append(
            f"{space}{styled(text, style)}" if column in right else f"{styled(text, style)}{'' if last else space}"
        )
        used += width + len(_GAP)
    return _GAP.join(parts).rstrip()


def _ascii_only() -> bool:
    return not _can_show("é→", sys.stdout)


def _can_show(text: str, stream: TextIO) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def harmless(dumped: str) -> str:
    """The JSON text with every character that `show` would not send to a terminal as a \\u escape; it says the same."""
    safe = show(dumped)
    if safe == dumped:
        return dumped
    escaped = "".join(sign if sign == "\n" or show(sign) == sign else _escape(sign) for sign in dumped)
    return without_piles(escaped, lambda marks: "".join(map(_escape, marks)))


def _escape(sign: str) -> str:
    return json.dumps(sign)[1:-1] if not sign.isascii() else f"\\u{ord(sign):04x}"
