"""A YAML file becomes a record, or a sentence with the line of what is wrong in it."""

from __future__ import annotations

import threading
import time
from typing import Literal

import msgspec
import pytest

from molting_tui.errors import BadInput
from molting_tui.yaml_records import Names, Text, Texts, WrongField, convert
from molting_tui.yamlfile import Located, parse_yaml


class _Leg(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Text
    length: float = 1.0

    def __post_init__(self) -> None:
        if self.length <= 0:
            raise WrongField("length", "a leg has a length.", "Measure it.")


class _Crab(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["crab", "lobster"]
    legs: tuple[_Leg, ...]
    words: Text | Texts = ()
    age: int = 0

    def __post_init__(self) -> None:
        names = Names()
        for place, leg in enumerate(self.legs):
            names.add(leg.name, ("legs", place, "name"), f"leg `{leg.name}`")


GOOD = """\
kind: crab
legs:
  - name: left
    length: 2
  - name: right
words:
  - one
  - two
age: 3
"""


def test_a_file_becomes_a_record() -> None:
    assert convert(parse_yaml(GOOD, "a.yaml"), _Crab) == _Crab(
        "crab", (_Leg("left", 2.0), _Leg("right")), ("one", "two"), 3
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("kind: crab", "kind: cat", "a.yaml:1: field `kind` is `cat`. It must be one of: crab, lobster."),
        ("name: right", "name: 3", "a.yaml:5: field `name` must be text, not a number. Put it in quotes."),
        ("name: right", "name: ' '", "a.yaml:5: field `name` is empty. Write a text."),
        ("name: right", "name: LEFT", "a.yaml:5: leg `LEFT` stands here a second time. The first is on line 3: change"),
        ("name: right", "length: 2", "a.yaml:5: field `name` is missing. Add `name:` to `legs`."),
        ("length: 2", "lenght: 2", "a.yaml:4: field `lenght` isn't known here. Did you mean `length`?"),
        ("length: 2", "length: -2", "a.yaml:4: a leg has a length. Measure it."),
        ("length: 2", "length: [2]", "a.yaml:4: field `length` must be a number, not a list."),
        ("- two", "- 2", "a.yaml:8: field `words` must be text, not a number. Put it in quotes."),
        ("  - one\n  - two", "  []", "a.yaml:6: field `words` is empty. Write at least one text."),
        ("  - one\n  - two", "  {}", "a.yaml:6: field `words` must be text or a list (`- …` lines), not a mapping."),
        ("age: 3", "age: x", "a.yaml:9: field `age` must be a whole number, not text."),
        ("age: 3", "age: true", "a.yaml:9: field `age` must be a whole number, not true or false."),
        ("length: 2", "length: true", "a.yaml:4: field `length` must be a number, not true or false."),
        ("age: 3", "age: 3.5", "a.yaml:9: field `age` must be a whole number, not a number."),
        (GOOD, "- 1", "a.yaml:1: the file must be a mapping (`name: value` lines), not a list."),
        ("age: 3", '" - at `$.legs[0]`": 3', "a.yaml:"),
    ],
)
def test_every_mistake_is_a_sentence_with_its_line(old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        convert(parse_yaml(GOOD.replace(old, new), "a.yaml"), _Crab)
    assert caught.value.sentence().startswith(sentence)


def test_half_a_character_is_a_sentence_too() -> None:
    """Where PyYAML stands without libyaml, an escape can make one."""
    with pytest.raises(BadInput, match=r"^a\.yaml:1: it holds half a character\."):
        convert(Located("a.yaml", 1, "", {"\ud800": Located("a.yaml", 2, "\ud800", 1)}), _Crab)


def test_threads_turn_values_into_records_one_after_the_other() -> None:
    """Two that meet a record first at once would work out its types twice, and end the program in a crash."""
    inside, most = [0], [0]

    class Met(msgspec.Struct, frozen=True):
        name: str

        def __post_init__(self) -> None:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0)  # another thread's turn
            inside[0] -= 1

    def meet() -> None:
        for _ in range(200):
            convert(parse_yaml("name: crab", "a.yaml"), Met)

    threads = [threading.Thread(target=meet) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
