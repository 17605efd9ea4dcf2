"""Tables, bars and JSON as they are printed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.cli import printing
from molting_tui.text import show


def test_columns_stay_aligned_whatever_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    printing.say_table([("最新の状態", 1), ("a", 1234)], ("name", "count"), right=(1,))
    lines = capsys.readouterr().out.splitlines()
    assert len({printing.cells_wide(line) for line in lines}) == 1
    assert lines[2] == "a           1,234"


def test_a_cut_text_fits_its_cells() -> None:
    assert printing.cut("最新の状態", 10) == "最新の状態"
    assert printing.cut("最新の状態", 6) == "最新…"
    assert all(printing.cells_wide(printing.cut("最新の状態 にする", width)) <= width for width in range(1, 20))


def test_bars_are_in_proportion_and_nothing_is_invisible() -> None:
    assert [len(printing.bar(count, 3000)) for count in (3000, 1500, 1, 0)] == [printing.BAR, printing.BAR // 2, 1, 0]


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_says_the_same_and_nothing_that_a_terminal_obeys(value: object) -> None:
    dumped = json.dumps(value, ensure_ascii=False, indent=2)
    printed = printing.harmless(dumped)
    assert json.loads(printed) == value
    assert show(printed) == printed


def test_of_a_pile_of_marks_json_escapes_what_is_too_much() -> None:
    dumped = json.dumps("a" + "\u0301" * 10 + "b" + "\U0001d167" * 9, ensure_ascii=False)
    printed = printing.harmless(dumped)
    assert printed == '"a' + "\u0301" * 8 + "\\u0301" * 2 + "b" + "\U0001d167" * 8 + "\\ud834\\udd67" + '"'
    assert json.loads(printed) == json.loads(dumped)
