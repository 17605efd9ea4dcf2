"""Promises about untrusted text: shown, never obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from molting_tui.text import pasteable, plural, show, show_line

CONTROLS = "\x00\x07\x08\t\n\r\x0b\x0c\x1b\x7f\x85\x9b\x9d \ud800\udfff\u202e\u2066\u200f\u061c\u2028\u2029\u200d\ufe0f"
OTHERS = (
    "\r\n",
    "\u200b",
    "\ufeff",
    "\U000e0041",
    "\U000e0100",
    "\U0001f3fd",
    "\u20e3",
    "日",
    "é",
    "e\u0301",
    "🙂",
    "[/INST]",
)
AWKWARD = st.sampled_from([*CONTROLS, *OTHERS])
TEXTS = st.lists(st.one_of(AWKWARD, st.text(max_size=5), st.characters()), max_size=40).map("".join)
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


@given(TEXTS)
def test_nothing_that_a_terminal_obeys_comes_out(text: str) -> None:
    for character in show(text):
        code = ord(character)
        assert code >= 0x20 or character == "\n"
        assert not 0x7F <= code < 0xA0
        assert not 0xD800 <= code < 0xE000
        assert code not in BIDI
        assert code not in (0x2028, 0x2029)


@given(TEXTS)
def test_what_comes_out_can_be_written_as_utf_8(text: str) -> None:
    assert show(text).encode().decode() == show(text)


@given(TEXTS)
@example("\r\n\x1b[31m\u202e")
def test_showing_a_shown_text_changes_nothing(text: str) -> None:
    assert show(show(text)) == show(text)


@given(TEXTS, st.integers(0, 60))
@example("a\r\nb", 1)
def test_a_text_can_be_cut_anywhere_but_between_cr_and_lf(text: str, place: int) -> None:
    head, tail = text[:place], text[place:]
    if " mark" not in show(text) and not (head.endswith("\r") and tail.startswith("\n")):
        assert show(head) + show(tail) == show(text)


@given(
    st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="\u2028\u2029"), max_size=80)
)
def test_plain_words_of_any_script_are_left_as_they_are(text: str) -> None:
    assert show(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;cm0=\x07", "␛]52;c;cm0=␇"),
        ("\x9b2J", "\ufffd2J"),
        ("a\tb", "a    b"),
        ("one\r\ntwo\rthree", "one\ntwo␍three"),
        ("\x7f", "␡"),
        ("\ud83d", "\ufffd"),
        ("abc\u202egnp", "abc⟨U+202E⟩gnp"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("[/INST] list[int] [bold]", "[/INST] list[int] [bold]"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
    ],
)
def test_signs_stand_for_what_is_not_sent(text: str, shown: str) -> None:
    assert show(text) == shown


@pytest.mark.parametrize("text", ["❤️", "👍🏽", "👩‍👧", "1️⃣", "漢\U000e0100"])
def test_what_terminals_measure_differently_is_taken_apart(text: str) -> None:
    shown = show(text)
    assert shown
    assert cell_len(shown) == sum(cell_len(character) for character in shown)
    assert not any(unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Mn", "Me") for c in shown)


@given(TEXTS, st.integers(0, 60))
@example("日本語のとても長い文章です", 7)
def test_a_line_is_one_line_and_fits_its_cells(text: str, width: int) -> None:
    line = show_line(text, width)
    assert "\n" not in line
    assert cell_len(line) <= width
    assert show(line) == line


@given(TEXTS, st.integers(1, 60))
def test_a_line_that_was_cut_says_so(text: str, width: int) -> None:
    whole = " ".join(show(text).split())
    line = show_line(text, width)
    if line != whole:
        assert line.endswith("…")
        assert whole.startswith(line[:-1].rstrip())


def test_a_line_begins_at_the_first_word_however_much_space_is_before_it() -> None:
    assert show_line("\n" * 5000 + "  first   words\n\n here", 40) == "first words here"


@pytest.mark.parametrize("width", range(1, 8))
def test_a_line_end_is_never_shown_as_a_sign(width: int) -> None:
    assert "␍" not in show_line("\r\n one\r\ntwo\r\n\r\nthree\r\n" * 3, width)
    assert show_line("four\r\n\r\n", 4) == "four"


def test_a_preview_keeps_the_end_of_an_instruction_tag() -> None:
    assert show_line("[/INST] say [it]\x1b[2J", 40) == "[/INST] say [it]␛[2J"


@pytest.mark.parametrize("filler", ["\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\u180e", "\ufff0", "\U000e0041"])
def test_a_filler_is_shown_as_its_code(filler: str) -> None:
    assert show(f"a{filler}b") == f"a⟨U+{ord(filler):04X}⟩b"
    assert show_line(filler) == f"⟨U+{ord(filler):04X}⟩"


@pytest.mark.parametrize("mark", ["\u0301", "\u0489", "\u0e49", "\u064b", "\u20dd", "\u0f90", "\U0001d167", "\u0903"])
def test_of_a_pile_of_marks_eight_are_shown_and_the_others_counted(mark: str) -> None:
    assert show("a" + mark * 8) == "a" + mark * 8
    assert show("a" + mark * 9 + "b") == "a" + mark * 8 + "⟨+1 mark⟩b"
    piled = show("a" + mark * 5_000 + "b" + "\u0302" * 20 + "c")
    assert piled == "a" + mark * 8 + "⟨+4,992 marks⟩b" + "\u0302" * 8 + "⟨+12 marks⟩c"
    assert show(piled) == piled
    assert len(show_line("a" + mark * 5_000, 80)) < 40


def test_marks_that_other_signs_stand_between_are_a_pile_too() -> None:
    assert show("a" + "\u0301\ufe0f\u200d" * 20) == "a" + "\u0301" * 8 + "⟨+12 marks⟩"


@given(st.text(alphabet=st.sampled_from("aé漢\u0301\u0489\u0e49\ufe0f\n"), max_size=60))
def test_no_base_ever_has_more_than_eight_marks(text: str) -> None:
    shown = show(text)
    assert show(shown) == shown
    run = 0
    for character in shown:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        assert run <= 8


def test_scripts_that_stack_their_marks_are_left_as_they_are() -> None:
    for text in ("ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ", "בְּרֵאשִׁ֖ית", "ที่นี้", "क्ष्म्यै", "Tiếng Việt", "السَّلَامُ عَلَيْكُمْ", "漢字仮名交じり文を読む人"):
        assert show(text) == text


def test_counts_are_written_as_words() -> None:
    assert [plural(n, "pair") for n in (0, 1, 2, 1234)] == ["0 pairs", "1 pair", "2 pairs", "1,234 pairs"]
    assert plural(2, "is", "are") == "2 are"


@given(TEXTS)
def test_what_may_be_pasted_has_no_controls_but_line_ends_and_tabs(text: str) -> None:
    pasted = pasteable(text)
    assert {sign for sign in pasted if unicodedata.category(sign) in ("Cc", "Cs")} <= {"\n", "\t"}
    assert pasteable(pasted) == pasted
    assert [sign for sign in text if sign.isprintable()] == [sign for sign in pasted if sign.isprintable()]
