"""Promises about what is sent: with blanks erased the picture is the same, to the cell, and shorter."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.ui.erasing import erase_blanks

WIDTH = 24
ONE_WIDE = st.text("ab c·━…é", max_size=WIDTH)
STYLES = st.sampled_from(("", "1", "2", "7", "38;5;252;48;5;236", "44"))


def row(line: int, column: int, parts: list[tuple[str, str]]) -> str:
    """A row as Textual writes it, no longer than the room it has."""
    room, written = WIDTH - column + 1, ""
    for style, text in parts:
        shown, room = text[:room], room - len(text[:room])
        written += f"\x1b[{style}m{shown}\x1b[0m" if style and shown else shown
    return f"\x1b[{line};{column}H{written}"


PARTS = st.lists(st.tuples(STYLES, ONE_WIDE), max_size=3)
ROWS = st.lists(
    st.builds(
        lambda line, column, parts, fill: row(line, column, [*parts, ("", " " * fill)]),
        st.integers(1, 4),
        st.integers(1, WIDTH),
        PARTS,
        st.integers(0, WIDTH),
    ),
    max_size=8,
)


def picture(output: str) -> list[list[tuple[str, str, str, bool, bool]]]:
    """Every cell of the terminal that held other words before: its character, colours and weight."""
    screen = pyte.Screen(WIDTH, 5)
    stream = pyte.Stream(screen)
    stream.feed("\r\n".join("x" * WIDTH for _ in range(5)) + output.replace("\n", "\r\n"))
    return [
        [(cell.data, cell.fg, cell.bg, cell.bold, cell.reverse) for cell in (screen.buffer[y][x] for x in range(WIDTH))]
        for y in range(5)
    ]


@given(ROWS, st.booleans())
def test_the_picture_is_the_same_and_never_longer(rows: list[str], ended: bool) -> None:
    output = ("\n" if ended else "").join(rows)
    shorter = erase_blanks(output, WIDTH)
    assert picture(shorter) == picture(output)
    assert len(shorter) <= len(output)


def test_blanks_up_to_the_edge_are_erased_and_no_others() -> None:
    assert erase_blanks(row(1, 4, [("1", "ab"), ("", " " * 30)]), WIDTH) == "\x1b[1;4H\x1b[1mab\x1b[0m\x1b[K"
    for kept in (row(1, 4, [("", "ab        ")]), row(1, 4, [("7", " " * 30)]), row(1, 4, [("", "a" * 30)])):
        assert erase_blanks(kept, WIDTH) == kept


def test_wide_letters_count_as_the_cells_they_take() -> None:
    assert erase_blanks(f"\x1b[1;1H日本{' ' * 20}", WIDTH) == "\x1b[1;1H日本\x1b[K"
    assert erase_blanks(f"\x1b[1;1H日本{' ' * 10}", WIDTH) == f"\x1b[1;1H日本{' ' * 10}"


def test_a_row_that_ends_otherwise_is_left_as_it_is_at_once() -> None:
    strange = "\x1b[1;1H" + "a " * 50_000 + "\x1b[6n"
    assert erase_blanks(strange, WIDTH) == strange
