"""Promises about text as lines: wrapping, cutting, marking, and the widget that shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.app import App, ComposeResult
from textual.strip import Strip
from workbench import HOSTILE, obeyed

from molting_tui.curation.worddiff import word_diff
from molting_tui.text import show
from molting_tui.ui.pace import Pace
from molting_tui.ui.paragraphs import Span, fit, line, paragraphs, wrap
from molting_tui.ui.triage.conversation import hits, when
from molting_tui.ui.widgets.lines import Lines

MARK = Style(underline=True)
SHOWN = st.text(st.sampled_from("ab  ç漢ｗ\u0301👍é-"), max_size=120) | st.text(max_size=80).map(
    lambda text: show(text).replace("\n", " ")
)
RAW = st.text(st.sampled_from("ab  ç漢\u0301\t\x1b\u202e\u200d\r\n\u2028\x85"), max_size=80) | st.text(max_size=60)


@given(SHOWN, st.integers(2, 40))
@example("漢" * 20 + "\u0301" * 20, 10)
@example(" " * 50 + "a", 8)
def test_wrapping_loses_nothing_but_the_spaces_at_the_breaks(text: str, width: int) -> None:
    at = 0
    for start, end in wrap(text, width):
        assert text[at:start].strip(" ") == ""
        assert end > start or not text
        assert cell_len(text[start:end]) <= width
        at = end
    assert text[at:].strip(" ") == ""


@given(st.text(st.sampled_from("ab "), max_size=100), st.integers(3, 30))
def test_a_word_that_fits_a_line_is_not_broken(text: str, width: int) -> None:
    text = text.strip()  # an indented word that doesn't fit beside its indent is broken
    words = [word[:width] for word in text.split()]
    text = " ".join(words)
    assert [word for start, end in wrap(text, width) for word in text[start:end].split()] == words


@given(SHOWN, st.integers(-2, 40))
def test_a_cut_text_never_exceeds_its_room(text: str, cells: int) -> None:
    cut = fit(text, cells)
    assert cell_len(cut) <= max(cells, 0)
    if cell_len(text) <= cells and cells > 0:
        assert cut == text


@given(RAW, st.integers(12, 60), st.integers(0, 3))
def test_no_paragraph_exceeds_its_width_or_holds_what_a_terminal_obeys(text: str, width: int, indent: int) -> None:
    for strip in paragraphs(text, width, indent=indent):
        assert cell_len(strip.text) <= width
        assert "\n" not in strip.text
        assert "\x1b" not in strip.text
        assert "\r" not in strip.text


@given(RAW, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=4), st.integers(12, 50))
@example("a\tb\x1bc\u202ed", [(1, 2)], 12)
@example("\u2028ab\u2028cd", [(1, 3)], 12)
def test_exactly_the_flagged_characters_are_marked(text: str, edges: list[tuple[int, int]], width: int) -> None:
    spans = [Span(min(a, b), min(max(a, b), len(text)), MARK) for a, b in edges if min(a, b) < len(text)]
    wanted = "".join(
        show(character) for at, character in enumerate(text) if any(span.start <= at < span.end for span in spans)
    )
    shown = "".join(
        segment.text
        for strip in paragraphs(text, width, spans=spans)
        for segment in strip
        if segment.style and segment.style.underline
    )
    # Spaces at a break and the ends of lines are on no line, so they can't be marked.
    blank = re.compile(r"[\s\u240d]")
    assert blank.sub("", shown) == blank.sub("", wanted)


def test_a_line_separator_ends_a_line() -> None:
    assert [strip.text for strip in paragraphs("one\u2028two\u2029three\r\nfour", 40)] == [
        "one",
        "two",
        "three",
        "four",
    ]


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    for strip in paragraphs(HOSTILE, 40):
        assert obeyed(strip.text) == []
    assert "[/INST]" in "".join(strip.text for strip in paragraphs(HOSTILE, 200))


def test_many_flags_in_one_long_line_are_marked_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "secret \t " * 2_000
    spans = [Span(at, at + 6, MARK) for at in range(0, len(text), 9)]
    seen = 0

    def counting(part: str) -> str:
        nonlocal seen
        seen += len(part)
        return show(part)

    monkeypatch.setattr("molting_tui.ui.paragraphs.show", counting)
    marked = [s.text for strip in paragraphs(text, 90, spans=spans) for s in strip if s.style and s.style.underline]
    assert "".join(marked) == "secret" * 2_000
    assert seen < 4 * len(text)


@given(
    st.text(st.sampled_from("ab çÇéE\u0301.-_\n"), max_size=40),
    st.text(st.sampled_from("abce"), min_size=1, max_size=3),
)
def test_a_hit_is_where_the_word_starts_without_case_and_accents(text: str, word: str) -> None:
    assert [text[start:end] for start, end in hits(text, word)] == _naive(text, word)


def _naive(text: str, word: str) -> list[str]:
    """Word by word, each compared by its letters without marks."""
    import unicodedata

    def plain(given: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFD", given) if not unicodedata.combining(c)).lower()

    found = []
    for match in re.finditer(r"(?:[^\W_]|\u0301)+", text):
        token = match[0]
        lead = len(token) - len(token.lstrip("\u0301"))
        token = token[lead:]
        if plain(token).startswith(word):
            end = next(n for n in range(1, len(token) + 1) if plain(token[:n]) == word)
            while end < len(token) and token[end] == "\u0301":
                end += 1
            found.append(token[:end])
    return found


def test_words_in_a_row_are_one_hit_across_what_lies_between() -> None:
    text = "Drena a FILA-deploy; fila, deploy"
    assert [text[start:end] for start, end in hits(text, "fila deploy")] == ["FILA-deploy", "fila, deploy"]
    assert list(hits(text, "")) == []
    assert list(hits(text, '"*()')) == []


def test_a_part_of_a_name_with_underscores_is_a_hit_as_in_the_index() -> None:
    assert [("min_prompt"[start:end]) for start, end in hits("min_prompt", "prompt")] == ["prompt"]
    assert [("min_prompt"[start:end]) for start, end in hits("min_prompt", "min_prompt")] == ["min_prompt"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_word_difference_gives_both_texts_back(old: str, new: str) -> None:
    changes = word_diff(old, new)
    assert "".join(change.text for change in changes if change.kind != "added") == old
    assert "".join(change.text for change in changes if change.kind != "removed") == new


def moments(*gaps: float) -> list[datetime]:
    at = datetime(2026, 2, 3, 14, 0, tzinfo=UTC)
    times = [at]
    for gap in gaps:
        times.append(times[-1] + timedelta(seconds=gap))
    return times


def test_the_pace_is_told_from_five_decisions_on() -> None:
    assert Pace(moments(10, 10, 10)).sentence(40) == ""
    assert Pace(moments(10, 10, 10, 10)).an_hour() == 360
    assert Pace(moments(10, 10, 10, 10)).sentence(40) == "360 an hour · 7 min left at this pace"
    assert Pace(moments(60, 60, 60, 60)).sentence(90) == "60 an hour · 1 h 30 min left at this pace"
    assert Pace(moments(60, 60, 60, 60)).sentence(0) == "60 an hour"


def test_a_pause_slows_nobody_down() -> None:
    assert Pace(moments(10, 10, 9_000, 10, 10)).an_hour() == 360


def test_a_clock_that_went_back_harms_nothing() -> None:
    assert Pace(moments(10, 10, -500, 10, 10)).an_hour() == 360
    assert Pace(moments(0, 0, 0, 0, 0)).an_hour() == 0
    assert Pace(moments(*[0.05] * 50)).an_hour() == 0  # nobody is as fast: a script decided


@given(st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_a_pace_is_never_negative_and_only_the_last_fifty_count(gaps: list[float]) -> None:
    assert Pace(moments(*gaps)).an_hour() >= 0
    assert Pace(moments(*[1.0] * 200, *[10.0] * 50)).an_hour() == 360


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-02-03T14:22:05.123Z", "3 Feb 2026 14:22"),
        ("2026-02-03T14:22:05-03:00", "3 Feb 2026 17:22"),
        ("2026-02-03T14:22", "3 Feb 2026 14:22"),
        ("", ""),
        ("yesterday \x1b[2J", "yesterday ␛[2J"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00…"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59…"),
    ],
)
def test_a_time_is_told_for_people_or_shown_as_it_stands(time: str, shown: str) -> None:
    assert when(time) == shown


class Page(App[None]):
    """Nothing but lines."""

    def compose(self) -> ComposeResult:
        yield Lines(id="text")


async def test_a_shorter_text_is_not_shown_beyond_its_end() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)):
        text = app.query_one(Lines)
        text.show_lines([line(str(number)) for number in range(100)], top=95)
        assert text.render_line(9).text.strip() == "99"
        text.show_lines([line(str(number)) for number in range(20)], top=95)
        assert [text.render_line(y).text.strip() for y in (0, 9)] == ["10", "19"]
        text.show_lines([line("one")], top=95)
        assert text.render_line(0).text.strip() == "one"


async def test_only_the_lines_one_looks_at_are_made() -> None:
    made = 0

    def many(count: int) -> object:
        nonlocal made
        for number in range(count):
            made += 1
            yield Strip([*line(str(number))])

    app = Page()
    async with app.run_test(size=(40, 10)):
        text = app.query_one(Lines)
        text.show_lines(many(100_000))  # type: ignore[arg-type]
        assert made <= 11
        text.scroll_page(1)
        assert made <= 21
        text.scroll_end_of_text()
        assert made == 100_000
        assert text.render_line(9).text.strip() == "99999"
        assert not text.more_below
        text.scroll_top()
        assert text.render_line(0).text.strip() == "0"
        text.scroll_by(-5)
        assert text.top == 0


def test_what_is_marked_after_a_pile_of_marks_is_still_marked() -> None:
    raw = "a" + "\u0301" * 400 + " a palavra, " + "b" + "\u0302" * 30 + " fim"
    spans = [
        Span(5, 300, MARK),
        Span(raw.index("palavra"), raw.index(","), MARK),
        Span(raw.index("fim"), len(raw), MARK),
    ]
    for places in (spans, spans[1:]):
        (shown,) = paragraphs(raw, 200, spans=places)
        marked = [segment.text for segment in shown if segment.style == MARK]
        assert marked[-2:] == ["palavra", "fim"]
