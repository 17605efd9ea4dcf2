"""Promises about texts to read: nothing is lost, marks lie on their characters, code keeps its lines and moves."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from molting_tui.text import show
from molting_tui.ui import look
from molting_tui.ui.markdown import Code, Table, TextLine, Weight, blocks, code_blocks, weights
from molting_tui.ui.prose import FOLDED_TO, MEASURE, CodeView, has_long_code, prose

MARK = Style(underline=True)
SIGNS = [*"ab 1#*_`~|->.\n\r\t\\", "```", "**", "- ", "|-|-|\n", "漢", "\u0301", "👍", "\u2028", "\x1b", "\u202e"]
MARKDOWN = st.lists(st.sampled_from(SIGNS), max_size=60).map("".join) | st.text(max_size=60)
WHOLE = CodeView(unfolded=True)
CODE = "before\n```python\n" + "\n".join(f"line {number} = {number}" for number in range(96)) + "\n```\nafter"


def words(lines: list[Strip]) -> list[str]:
    return [line.text.rstrip() for line in lines]


def signs(text: str) -> str:
    """What of a text can't get lost: all but white space and what prose itself adds beside code and in tables."""
    return re.sub(r"[\s▏‹›-]", "", text)


@given(MARKDOWN, st.integers(200, 300), st.integers(0, 3))
@example("| a | b |\n|---|:-:|\n| `c|` | **d** |\ne | f", 200, 3)
@example("```\n```\n```", 200, 0)
@example("```\n\u0301", 200, 0)
def test_nothing_of_a_text_is_taken_away(text: str, width: int, indent: int) -> None:
    shown = "".join(line.text for line in prose(text, width, indent=indent, code=WHOLE))
    assert signs(shown) == signs(show(text).replace("\u240d", "")) or "\r" in text
    assert signs(shown).replace("\u240d", "") == signs(show(text)).replace("\u240d", "")


@given(MARKDOWN, st.integers(10, 60), st.integers(0, 3), st.integers(0, 60), st.booleans())
@example("```\n" + "漢" * 40, 20, 1, 5, True)
def test_no_line_exceeds_its_width_or_holds_what_a_terminal_obeys(
    text: str, width: int, indent: int, moved: int, unfolded: bool
) -> None:
    for line in prose(text, width, indent=indent, code=CodeView(look.DIM, unfolded, moved)):
        assert cell_len(line.text) <= max(width, indent + 8)
        assert not re.search("[\n\r\x1b\u202e]", line.text)


@given(MARKDOWN, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4), st.integers(200, 260))
@example("| a | bb |\n|---|-|\n| ccccc | d |", [(2, 3), (16, 30)], 200)
@example("```\na\tb\n```\n**c**", [(4, 12), (5, 6)], 200)
def test_exactly_the_marked_characters_are_marked(text: str, edges: list[tuple[int, int]], width: int) -> None:
    from molting_tui.ui.paragraphs import Span

    spans = [Span(min(a, b), min(max(a, b), len(text)), MARK) for a, b in edges if min(a, b) < len(text)]
    wanted = "".join(
        show(character) for at, character in enumerate(text) if any(span.start <= at < span.end for span in spans)
    )
    marked = "".join(
        segment.text
        for line in prose(text, width, spans=spans, code=WHOLE)
        for segment in line
        if segment.style and segment.style.underline
    )
    blank = re.compile(r"[\s\u240d]")
    assert blank.sub("", marked) == blank.sub("", wanted)


@given(MARKDOWN)
@example("`" * 50 + "a" + "*" * 50)
def test_every_character_lies_in_one_block_and_emphasis_within_its_line(text: str) -> None:
    at = 0
    for block in blocks(text):
        if isinstance(block, TextLine):
            assert block.start == at
            assert block.lead <= block.end - block.start
            at = block.end + 1
            for start, end, _ in weights(text, block.start, block.end):
                assert block.start <= start < end <= block.end
        elif isinstance(block, Table):
            for start, end in block.rows:
                assert start == at
                at = end + 1
        else:
            assert block.opening[0] == at
            assert block.opening[1] + 1 == block.body[0]
            at = block.closing[1] + 1
    assert at == len(text) + 1


@pytest.mark.parametrize(
    ("text", "kind", "lead"),
    [
        ("## Why", "heading", 3),
        ("#hashtag", "text", 0),
        ("- one", "item", 2),
        ("  10. ten", "item", 6),
        ("- [x] done", "item", 6),
        ("-5 degrees", "text", 0),
        ("> > quoted", "quote", 4),
        ("---", "rule", 0),
        ("* * *", "rule", 0),
        ("    indented", "text", 4),
        ("```inline``` code", "text", 0),
    ],
)
def test_a_line_is_told_by_its_beginning(text: str, kind: str, lead: int) -> None:
    (block,) = blocks(text)
    assert isinstance(block, TextLine)
    assert (block.kind, block.lead) == (kind, lead)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a **b** c", [("bold", "**b**")]),
        ("*a* _b_", [("em", "*a*"), ("em", "_b_")]),
        ("***a***", [("bold", "***a***"), ("em", "***a***")]),
        ("`a*b*` **c**", [("code", "`a*b*`"), ("bold", "**c**")]),
        ("``a`b``", [("code", "``a`b``")]),
        ("snake_case_name 2 * 3 * 4", []),
        (r"\*not\*", []),
        ("**never closed", []),
        ("*a **b** c*", [("em", "*a **b** c*"), ("bold", "**b**")]),
    ],
)
def test_emphasis_is_where_a_reader_of_markdown_sees_it(text: str, wanted: list[tuple[Weight, str]]) -> None:
    assert [
        (weight, text[start:end]) for start, end, weight in weights(text, 0, len(text)) if weight != "sign"
    ] == wanted


def test_code_ends_at_a_fence_as_long_as_its_own() -> None:
    text = "````markdown\n```\ninner\n```\n````\nafter"
    code, after = blocks(text)
    assert isinstance(code, Code)
    assert text[slice(*code.body)] == "```\ninner\n```"
    assert code.language == "markdown"
    assert isinstance(after, TextLine)


def test_an_item_goes_on_below_its_words() -> None:
    lines = list(prose("- " + "word " * 30, 40, indent=3))
    assert lines[0].text.startswith("   - word")
    assert all(line.text.startswith("     word") for line in lines[1:])


def test_prose_keeps_a_readable_width_and_code_has_all_of_it() -> None:
    text = "word " * 100 + "\n```\n" + "x" * 180 + "\n```"
    widths = [cell_len(line.text.rstrip()) for line in prose(text, 200, indent=3)]
    assert max(widths[:5]) <= MEASURE + 3
    assert "x" * 180 in [line.text.strip(" ▏") for line in prose(text, 200, indent=3)]


def test_a_tables_columns_stand_below_each_other_where_they_fit() -> None:
    text = "| name | what it is |\n|---|:--|\n| `a` | first |\n| 漢字 | wide |"
    assert words(list(prose(text, 60))) == [
        "| name | what it is |",
        "|------|:-----------|",
        "| `a`  | first      |",
        "| 漢字 | wide       |",
    ]
    narrow = words(list(prose(text + "\n| x | " + "word " * 20 + "|", 40)))
    assert "|---|:--|" in narrow


def test_long_code_is_folded_to_its_beginning_and_unfolds() -> None:
    folded = words(list(prose(CODE, 60, indent=3)))
    assert folded[:3] == ["   before", "  ▏```python", "  ▏line 0 = 0"]
    assert folded[2 + FOLDED_TO :] == ["  ▏… 84 more lines of python (enter)", "  ▏```", "   after"]
    assert len(list(prose(CODE, 60, indent=3, code=WHOLE))) == 100
    assert has_long_code([CODE])
    assert not has_long_code(["```\nshort\n```", "x\n" * 50])


@given(MARKDOWN)
@example("x```\n\u2028~~~\ny\n~~~~\n  ```")
def test_code_is_found_without_its_surroundings(text: str) -> None:
    if not any(isinstance(block, Table) for block in blocks(text)):
        assert list(code_blocks(text)) == [block for block in blocks(text) if isinstance(block, Code)]


@pytest.mark.parametrize("text", ["*\n" * 1_000_000, "| |\n" * 500_000, " " * 2_000_000, "a `b` *c*\n" * 200_000])
def test_whether_two_megabytes_have_long_code_is_known_at_once(text: str) -> None:
    began = time.perf_counter()
    assert not has_long_code([text])
    assert time.perf_counter() - began < 0.8  # 0.05 s; every block of it takes some seconds


def test_a_fold_tells_its_flags_and_a_hit_unfolds_it() -> None:
    from molting_tui.ui.paragraphs import Span

    at = CODE.index("line 50")
    flagged = list(prose(CODE, 60, spans=[Span(at, at + 4, look.FLAG), Span(at + 9, at + 12, look.SECRET)]))
    (fold,) = [line for line in flagged if "more lines" in line.text]
    assert ", 2 flags within" in fold.text
    assert any(segment.style == look.FLAG for segment in fold)
    hit = list(prose(CODE, 60, spans=[Span(at, at + 4, look.HIT)]))
    assert not any("more lines" in line.text for line in hit)
    assert any(segment.style == look.HIT and segment.text == "line" for line in hit for segment in line)


def test_code_is_cut_at_the_edge_and_moves_sideways() -> None:
    from molting_tui.ui.paragraphs import Span

    text = "```\n" + "".join(f"{number:4d}" for number in range(20)) + "\nshort\n```"
    cut = list(prose(text, 40, indent=1))
    assert cut[1].text == "▏" + "".join(f"{number:4d}" for number in range(10))[:38] + "›"
    moved = list(prose(text, 40, indent=1, code=CodeView(left=20)))
    assert moved[1].text.startswith("‹   5   6")
    assert moved[2].text.strip() == "‹"
    assert words(moved)[3] == "▏```"
    beyond = list(prose(text, 40, indent=1, spans=[Span(80, 83, look.SECRET)]))
    assert [segment.text for segment in beyond[1] if segment.style == look.SECRET] == ["›"]
    before = list(prose(text, 40, indent=1, spans=[Span(5, 8, look.FLAG)], code=CodeView(left=40)))
    assert [segment.text for segment in before[1] if segment.style == look.FLAG] == ["‹"]


@pytest.mark.parametrize(
    "text",
    ["word " * 400_000, "a *b* `c`\n" * 200_000, "```\n" + "x = 1\n" * 330_000, "{" * 2_000_000, "|a|b|\n" * 300_000],
)
def test_of_two_megabytes_the_first_screen_is_made_alone(text: str) -> None:
    began = time.perf_counter()
    lines = prose(text, 82, indent=3, spans=[])
    assert all(next(lines, None) is not None for _ in range(14))
    assert time.perf_counter() - began < 0.25  # 1-8 ms; a whole reading takes a second or more
