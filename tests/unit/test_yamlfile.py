"""Every mistake in a YAML file is told with its file and line."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.yamlfile import MAX_BYTES, MAX_DEPTH, Located, parse_yaml, read_yaml

GOOD = """\
format: rules/1
# a comment
count: 3
share: 0.25
on: true
day: 2026-02-19
none:
words: [a, b]
long: |
  two
  lines
inner:
  deep: x
"""


@pytest.fixture
def good() -> dict[str, Located]:
    return parse_yaml(GOOD, "a.yaml").mapping()


def failure(source: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        parse_yaml(source, "a.yaml")
    return caught.value


def test_values_come_with_their_types(good: dict[str, Located]) -> None:
    assert good["format"].text() == "rules/1"
    assert good["count"].value == 3
    assert good["share"].value == 0.25
    assert good["on"].value is True
    assert good["day"].text() == "2026-02-19"
    assert good["none"].value is None
    assert good["words"].texts() == ("a", "b")
    assert good["format"].texts() == ("rules/1",)
    assert good["long"].text() == "two\nlines\n"
    assert good["inner"].plain() == {"deep": "x"}


def test_every_value_knows_the_line_of_its_name(good: dict[str, Located]) -> None:
    assert good["count"].where == "a.yaml:3"
    assert good["long"].where == "a.yaml:9"
    assert good["inner"].where == "a.yaml:12"
    assert good["inner"].mapping()["deep"].where == "a.yaml:13"


@pytest.mark.parametrize(
    ("source", "where", "what"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "a.yaml:3", "not valid YAML"),
        ("a: 1\n\tb: 2\n", "a.yaml:2", "not valid YAML"),
        ("a: 'x\n", "a.yaml:2", "not valid YAML"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2", "not valid YAML"),
        ("a: 1\nb: \x00\n", "a.yaml:2", "doesn't allow"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3", "a second time"),
        ("in:\n  x: 1\n  x: 2\n", "a.yaml:3", "a second time"),
        ("a: &n 1\nb: *n\n", "a.yaml:2", "alias"),
        ("a: 1\nb: !!python/name:os.system\n", "a.yaml:2", "tag"),
        ("a: 1\n? [x, y]\n: 2\n", "a.yaml:2", "plain text"),
        ("", "a.yaml", "empty"),
        ("# only a comment\n", "a.yaml", "empty"),
        ("a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "a.yaml:1", "nested deeper"),
    ],
)
def test_a_mistake_names_file_line_and_fault(source: str, where: str, what: str) -> None:
    error = failure(source)
    assert error.where == where
    assert what in error.what


def test_a_second_key_is_told_where_the_first_stands() -> None:
    assert "line 1" in failure("a: 1\nb: 2\na: 3\n").fix


def test_a_thousand_levels_are_refused_without_a_crash() -> None:
    assert "nested deeper" in failure("[" * 100_000).what


def test_a_small_file_can_not_grow_by_aliases() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    tracemalloc.start()
    try:
        assert "alias" in failure(bomb).what
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"a: 1\nb: voc\xea\n")
    with pytest.raises(BadInput, match=r"latin\.yaml:2: not UTF-8"):
        read_yaml(path)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(path).plain() == {"a": 1}


def test_a_missing_file_a_folder_and_a_huge_file_are_sentences(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"a" * (MAX_BYTES + 1))
    for path, what in ((tmp_path / "none.yaml", "can't be read"), (tmp_path, "can't be read"), (huge, "larger than")):
        with pytest.raises(BadInput) as caught:
            read_yaml(path)
        assert what in caught.value.what
        assert path.name in caught.value.where


def test_a_file_below_the_current_folder_is_named_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "a.yaml"
    path.write_text("a: 1")
    monkeypatch.chdir(tmp_path)
    assert read_yaml(path).where == "in/a.yaml:1"


def test_a_missing_field_is_named_with_the_place_that_lacks_it() -> None:
    root = parse_yaml("rules:\n  - id: x\n  - pattern: y\n", "a.yaml")
    second = root.mapping()["rules"].items()[1]
    with pytest.raises(BadInput, match=r"a\.yaml:3: field `id` is missing\. Add `id:` to `rules`\."):
        second.fields(("id", "pattern"))


def test_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    root = parse_yaml("id: x\npatern: y\n", "a.yaml")
    with pytest.raises(BadInput, match=r"a\.yaml:2: field `patern` isn't known here\. Did you mean `pattern`\?"):
        root.fields(("id",), ("pattern",))


@pytest.mark.parametrize(
    ("value", "wanted", "what"),
    [
        ("3", "text", "must be text, not a number"),
        ("[]", "text", "must be text, not a list"),
        ("''", "text", "is empty"),
        ("[]", "texts", "is empty"),
        ("[1]", "texts", "must be text"),
        ("", "items", "must be a list (`- …` lines), not empty"),
        ("{a: 1}", "items", "must be a list (`- …` lines), not a mapping"),
        ("x", "mapping", "must be a mapping"),
    ],
)
def test_the_wrong_type_is_told_with_field_and_line(value: str, wanted: str, what: str) -> None:
    field = parse_yaml(f"first: 1\nsecond: {value}\n", "a.yaml").mapping()["second"]
    with pytest.raises(BadInput) as caught:
        getattr(field, wanted)()
    assert caught.value.where == "a.yaml:2"
    assert "field `second`" in caught.value.what
    assert what in caught.value.what


def test_a_choice_outside_the_list_is_told_what_it_may_be() -> None:
    field = parse_yaml("where: here\n", "a.yaml").mapping()["where"]
    with pytest.raises(BadInput, match=r"field `where` is `here`\. It must be one of: response, both\."):
        field.one_of("response", "both")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_sentence(source: str) -> None:
    try:
        parse_yaml(source, "a.yaml")
    except BadInput as error:
        where = error.where
    else:
        where = "a.yaml"
    assert where.startswith("a.yaml")
