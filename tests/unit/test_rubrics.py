"""Rubric files: read whole or refused with file and line; the digest covers what measures, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.evaluation.scoring.points import score_of_levels
from molting_tui.evaluation.scoring.rubrics import find_rubric, list_rubrics, load_rubric, rubric_files
from molting_tui.records.evaluation import Rubric
from molting_tui.workspace import Workspace, question_files

GOOD = """\
format: rubric/1
id: house
version: "1"
title: The house's sheet
scale: {values: [0, 1, 2]}
dimensions:
  - id: D1
    name: Identity
    key: "1"
    description: Who speaks?
    levels: {0: someone else, 1: unclear, 2: the persona}
  - id: D2
    name: Facts
    key: "2"
    description: Is it true?
    levels: {0: wrong, 1: a slip, 2: right}
    weight: 2
gates:
  - {id: stranger, when: D1 == 0, cap: 5, reason: Someone else., enabled: true}
missing: incomplete
normalise: {to: [0, 10], round: 2}
bands:
  - {min: 5, label: fair}
  - {min: 0, label: poor}
"""


def written(folder: Path, text: str = GOOD, name: str = "house.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def refusal(folder: Path, old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    with pytest.raises(BadInput) as caught:
        load_rubric(written(folder, GOOD.replace(old, new)))
    return caught.value.sentence()


def loaded_or_refused(path: Path) -> Rubric | str:
    """What the file holds, or the sentence that refuses it."""
    try:
        return load_rubric(path)
    except BadInput as error:
        return error.sentence()


def test_a_rubric_is_read_whole(tmp_path: Path) -> None:
    found = load_rubric(written(tmp_path))
    assert (found.id, found.version, found.scale, found.round) == ("house", "1", (0, 1, 2), 2)
    assert [(one.id, one.key, one.weight) for one in found.dimensions] == [("D1", "1", 1.0), ("D2", "2", 2.0)]
    assert found.dimensions[0].levels == ((0, "someone else"), (1, "unclear"), (2, "the persona"))
    assert found.gates[0].when == ("D1", "==", 0)
    assert [found.band(score) for score in (0, 4.99, 5, 10)] == ["poor", "poor", "fair", "fair"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format: rubric/1", "format: rubric/2", "rubric/1"),
        ("title: The", "titel: The", "Did you mean `title`?"),
        ("missing: incomplete", "missing: zero", "incomplete"),
        ('version: "1"', "version: 1.0", "Put it in quotes"),
        ("id: house", "id: the house", "can't be used"),
        ("[0, 1, 2]}\n", "[0]}\n", "two values"),
        ("[0, 1, 2]}\n", "[0, 2, 1]}\n", "rise"),
        ("[0, 1, 2]}\n", "[0, 1, 12]}\n", "0 to 9"),
        ("[0, 1, 2]}\n", "[0, 1, half]}\n", "whole number"),
        ("id: D2", "id: d1", "second time"),
        ("name: Facts", "name: identity", "second time"),
        ('key: "2"', 'key: "1"', "key `1` stands here a second time. The first is on line 9"),
        ('key: "2"', 'key: "22"', "isn't one sign"),
        ('key: "2"', "key: 2", "must be text"),
        ("description: Is it true?", 'description: " "', "is empty"),
        ("2: right}", "3: right}", "level `3` isn't on the scale"),
        (", 2: right}", "}", "level 2 has no text"),
        ("2: right}", "2: ''}", "is empty"),
        ("weight: 2", "weight: 0", "above 0"),
        ("weight: 2", "weight: .inf", "above 0"),
        ("weight: 2", "weight: .nan", "above 0"),
        ("when: D1 == 0", "when: D7 == 0", "isn't a dimension"),
        ("when: D1 == 0", "when: D1 == 3", "isn't on the scale"),
        ("when: D1 == 0", "when: D1 > 0", "isn't a condition"),
        ("when: D1 == 0", "when: __import__('os')", "isn't a condition"),
        ("cap: 5", "cap: 11", "between 0 and 10"),
        ("cap: 5", "cap: .nan", "between 0 and 10"),
        ("enabled: true", "enabled: perhaps", "true or false"),
        ("to: [0, 10]", "to: [0, 100]", "0 to 10"),
        ("round: 2", "round: 40", "0 to 6"),
        ("{min: 0, label: poor}", "{min: 5, label: poor}", "two bands start at 5"),
        ("{min: 0, label: poor}", "{min: -1, label: poor}", "between 0 and 10"),
        ("{min: 0, label: poor}", "{min: 0, label: Fair}", "second time"),
    ],
)
def test_every_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    line = GOOD.count("\n", 0, GOOD.index(old)) + 1
    sentence = refusal(tmp_path, old, new)
    assert sentence.startswith(f"{tmp_path / 'house.yaml'}:{line}: ")
    assert says in sentence


def test_a_missing_field_is_told(tmp_path: Path) -> None:
    assert "field `missing` is missing" in refusal(tmp_path, "missing: incomplete\n", "")
    assert f"{tmp_path / 'house.yaml'}:12: field `name` is missing" in refusal(tmp_path, "    name: Facts\n", "")


def test_a_rubric_without_dimensions_is_refused(tmp_path: Path) -> None:
    start, end = GOOD.index("dimensions:"), GOOD.index("gates:")
    with pytest.raises(BadInput, match="needs a dimension"):
        load_rubric(written(tmp_path, GOOD[:start] + "dimensions: []\n" + GOOD[end:]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: house", "id: home"),
        ('version: "1"', 'version: "2"'),
        ("title: The house's sheet", "title: Another title"),
        ('key: "2"', "key: f"),
        ("{min: 5, label: fair}", "{min: 6, label: good}"),
        ("round: 2", "round: 1"),
        ("id: stranger", "id: foreign"),
        ("reason: Someone else.", "reason: Not the persona."),
        ("levels: {0: wrong, 1: a slip, 2: right}", "levels: {2: right, 1: a slip, 0: wrong}"),
        ("weight: 2", "weight: 2.0"),
    ],
)
def test_what_doesnt_measure_leaves_the_digest(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    before = load_rubric(written(tmp_path)).digest
    assert load_rubric(written(tmp_path, GOOD.replace(old, new))).digest == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: D2", "id: D3"),
        ("name: Facts", "name: Truth"),
        ("description: Is it true?", "description: Is it false?"),
        ("1: a slip", "1: two slips"),
        ("weight: 2", "weight: 3"),
        ("    weight: 2\n", ""),
        ("    weight: 2\n", "    weight: 2\n    na_when: nothing is claimed\n"),
        ("when: D1 == 0", "when: D1 <= 1"),
        ("cap: 5", "cap: 4"),
        ("enabled: true", "enabled: false"),
    ],
)
def test_what_measures_changes_the_digest(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    before = load_rubric(written(tmp_path)).digest
    assert load_rubric(written(tmp_path, GOOD.replace(old, new))).digest != before


def test_a_gate_that_is_off_measures_as_little_as_none(tmp_path: Path) -> None:
    start, end = GOOD.index("gates:"), GOOD.index("missing:")
    without = load_rubric(written(tmp_path, GOOD[:start] + GOOD[end:])).digest
    off = GOOD.replace("enabled: true", "enabled: false")
    assert load_rubric(written(tmp_path, off)).digest == without
    assert load_rubric(written(tmp_path, off.replace("cap: 5", "cap: 1"))).digest == without


def test_another_scale_is_another_ruler(tmp_path: Path) -> None:
    wider = GOOD.replace("[0, 1, 2]}\n", "[0, 1, 2, 3]}\n").replace("2: the persona", "2: nearly, 3: the persona")
    found = load_rubric(written(tmp_path, wider.replace("2: right", "2: nearly, 3: right")))
    assert found.digest != load_rubric(written(tmp_path)).digest


def test_composed_and_decomposed_accents_have_one_digest(tmp_path: Path) -> None:
    composed = GOOD.replace("Who speaks?", "Quem é Jo\u00e3o?")
    decomposed = GOOD.replace("Who speaks?", "Quem e\u0301 Joa\u0303o?")
    assert composed != decomposed
    assert load_rubric(written(tmp_path, composed)).digest == load_rubric(written(tmp_path, decomposed)).digest


def test_the_shipped_rubrics_say_that_they_are_reconstructed_and_fit_the_screen() -> None:
    shipped = list_rubrics(None)
    assert [one.path.stem for one in shipped] == ["four-criteria", "personality-v1", "style-1"]
    for one in shipped:
        assert one.record is not None, one.problem
        assert "reconstruction" in one.record.note
        assert one.record.scale == (0, 1, 2)
        for dimension in one.record.dimensions:
            line = "   ".join(f"{level} {text}" for level, text in dimension.levels)
            assert len(line) <= 72, dimension.id


def test_the_shipped_rubrics_are_the_customers_sheets() -> None:
    personality, four = find_rubric(None, "personality-v1"), find_rubric(None, "four-criteria")
    assert [one.id for one in personality.dimensions] == ["D1", "D2", "D3", "D4", "D5"]
    assert [one.id for one in four.dimensions] == ["agent", "factual", "personality", "complete"]
    assert personality.band(2.9) == "non-functional"
    assert [gate.enabled for gate in personality.gates] == [False]


def test_an_own_rubric_stands_in_the_place_of_the_shipped_one(workspace: Workspace) -> None:
    own = written(workspace.folder / "rubrics", name="four-criteria.yaml")
    written(workspace.folder / "rubrics", GOOD.replace("id: house", "id: mine"), "another.yaml")
    assert own in rubric_files(workspace)
    assert len(rubric_files(workspace)) == 4
    assert find_rubric(workspace, "four-criteria").title == "The house's sheet"
    assert find_rubric(workspace, "mine").id == "mine"
    assert find_rubric(workspace, "HOUSE").id == "house"
    assert find_rubric(workspace, str(own)).source == str(own)


def test_a_damaged_rubric_hides_no_other(workspace: Workspace) -> None:
    written(workspace.folder / "rubrics", "format: [", "broken.yaml")
    listed = {one.path.stem: one for one in list_rubrics(workspace)}
    assert listed["broken"].record is None
    assert "broken.yaml" in listed["broken"].problem
    assert find_rubric(workspace, "personality-v1").id == "personality-v1"
    with pytest.raises(BadInput, match=r"broken\.yaml"):
        find_rubric(workspace, "broken")


def test_an_unknown_rubric_is_told_with_the_known_ones(workspace: Workspace) -> None:
    with pytest.raises(BadInput, match="Did you mean `personality-v1`"):
        find_rubric(workspace, "personality")
    with pytest.raises(BadInput, match="Known: four-criteria, personality-v1, style-1"):
        find_rubric(workspace, "xyz")
    with pytest.raises(BadInput, match="can't be read"):
        find_rubric(workspace, "nowhere/x.yaml")


def test_one_id_in_two_files_is_asked_back(workspace: Workspace) -> None:
    for name in ("a.yaml", "b.yaml"):
        written(workspace.folder / "rubrics", name=name)
    with pytest.raises(BadInput, match="two files"):
        find_rubric(workspace, "house")


_scalars = st.none() | st.booleans() | st.integers(-3, 12) | st.floats() | st.text(max_size=8)
_anything = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def _places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in items for place in _places(inner, (*path, key)))]


def _with(value: object, path: tuple[object, ...], put: object) -> object:
    if not path:
        return put
    inner = _with(value[path[0]], path[1:], put)  # type: ignore[index]
    if isinstance(value, dict):
        return value | {path[0]: inner}
    assert isinstance(value, list)
    return [inner if place == path[0] else one for place, one in enumerate(value)]


_TREE = yaml.safe_load(GOOD)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(_places(_TREE)), put=_anything)
def test_no_value_in_any_place_is_worse_than_a_sentence(tmp_path: Path, place: tuple[object, ...], put: object) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(yaml.safe_dump(_with(_TREE, place, put), allow_unicode=True), "utf-8", errors="replace")
    found = loaded_or_refused(path)
    if isinstance(found, str):
        assert str(path) in found
    else:
        assert len(found.digest) == 64
        assert all(len(dimension.levels) == len(found.scale) for dimension in found.dimensions)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(GOOD)), put=st.text(max_size=20), skip=st.integers(0, 40))
def test_a_damaged_text_is_no_worse_than_a_sentence(tmp_path: Path, cut: int, put: str, skip: int) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(GOOD[:cut] + put + GOOD[cut + skip :], "utf-8", errors="replace")
    found = loaded_or_refused(path)
    assert str(path) in (found if isinstance(found, str) else found.source)


def test_shipped_files_are_read_alike_without_libyaml() -> None:
    files = [*rubric_files(None), *question_files(None)]
    assert len(files) == 5
    for path in files if hasattr(yaml, "CSafeLoader") else ():
        text = path.read_text("utf-8")
        assert yaml.load(text, Loader=yaml.SafeLoader) == yaml.load(text, Loader=yaml.CSafeLoader), path


def test_the_style_of_phase_5_asks_for_fluency_only_of_answers_in_portuguese(workspace: Workspace) -> None:
    style = find_rubric(workspace, "style-1")
    assert [(each.id, bool(each.na_when)) for each in style.dimensions] == [("directness", False), ("portuguese", True)]
    assert "Portuguese" in style.dimensions[1].na_when
    assert "reconstruction" in style.note
    assert score_of_levels(style, {"directness": 1, "portuguese": None}) == 5
    assert score_of_levels(style, {"directness": 1, "portuguese": 2}) == 7.5
    assert score_of_levels(style, {"directness": None, "portuguese": 2}) is None
