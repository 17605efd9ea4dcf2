"""What stands behind an encoding is read, and its place in the text is known to the sign."""

from __future__ import annotations

import base64
import itertools
import json
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from molting_tui.curation.decoding import from_base64, unescaped

ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=15, max_size=200)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"{\"a\": \"b\"}", '{"a": "b"}'),
        (r"\u0022a\u0022\u003D1", '"a"=1'),
        (r"\x22a\x22", '"a"'),
        (r"a\\\nb\r\tc", "a\nb\r\tc"),
        ("a%3Db%26c%2520d%0Ae", "a=b&c d\ne"),
        ("&quot;a&#34;&#x3D;&amp;&apos;&lt;&gt;", '"a"=&\'<>'),
        ("   1→a\n  22→b\n", "a\nb\n"),
        ("12: a\n13: b", "a\nb"),
        ("1\ta\n2\tb", "a\nb"),
        ("> > a\n> b", "a\nb"),
        ("+a\n+b", "a\nb"),
    ],
)
def test_escapes_and_signs_in_front_of_lines_are_taken_back(text: str, plain: str) -> None:
    assert [view.text for view in unescaped(text)] == [plain]


@pytest.mark.parametrize("text", ["", "plain", "100% sure & so on", r"C:\dir", "1. a\n2. b", "a > b + c", "50%ab"])
def test_what_has_no_escapes_has_no_view(text: str) -> None:
    assert [view.text for view in unescaped(text)] in ([], [text])


@given(st.text(max_size=60), ASCII, st.text(max_size=60))
@example("", "password=1234567890", "")
def test_a_place_in_a_view_is_told_by_the_signs_that_spell_it(before: str, secret: str, after: str) -> None:
    for spell in (_as_json, quote):
        text = spell(before) + spell(secret) + spell(after)
        for view in unescaped(text):
            at = view.text.find(secret)
            if at >= 0:
                start, end = view.origin(at, at + len(secret))
                spelled = text[start:end]
                assert secret in [spelled, *(inner.text for inner in unescaped(spelled))]


@given(st.text(max_size=40))
def test_every_sign_of_a_view_has_its_place_and_they_come_in_order(text: str) -> None:
    for view in unescaped(text):
        places = [view.origin(at, at + 1) for at in range(len(view.text))]
        assert all(start < end <= len(text) for start, end in places)
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(places))


@given(ASCII)
def test_base64_of_ascii_is_read_whole(plain: str) -> None:
    encoded = base64.b64encode(plain.encode()).decode()
    (stretch,) = from_base64(f"x={encoded};")
    assert stretch.text.startswith(plain)
    assert stretch.origin(0, len(plain)) == (2, 2 + len(encoded.rstrip("=")))


@pytest.mark.parametrize("width", [64, 76])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_wrapped_base64_is_one_stretch(width: int, end: str) -> None:
    plain = "DB_HOST=10.0.0.1\nDB_PASSWORD=" + "Ab0" * 40
    encoded = base64.b64encode(plain.encode()).decode()
    text = end.join(encoded[at : at + width] for at in range(0, len(encoded), width))
    (stretch,) = from_base64(text)
    start, last = stretch.origin(plain.index("Ab0"), len(plain))
    assert stretch.text == plain
    assert base64.b64decode(text[start:last] + "==").endswith(b"Ab0" * 40)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_text_hold_up_nothing(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    for stretch in from_base64(text):
        start, end = stretch.origin(0, len(stretch.text))
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("run", ["\\", "%25", "\n ", "&#", "> ", "%"])
def test_a_long_run_of_what_begins_an_escape_takes_time_in_proportion(run: str) -> None:
    """A square of it would take minutes."""
    text = f"a\\nb {run * 200_000} c"
    assert [view.text.startswith("a\nb ") for view in unescaped(text)] == [True]


def _as_json(text: str) -> str:
    return json.dumps(text)[1:-1]
