"""Question files: read whole or refused with file and line; one digest a question and one a set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.questions import find_questions, list_questions, load_questions
from molting_tui.evaluation.noticing.fact_states import answer_right
from molting_tui.records.evaluation import QuestionSet
from molting_tui.sources.reading import read
from molting_tui.workspace import Workspace, shipped

GOOD = """\
format: questions/1
id: house
version: "1"
title: House questions
language: pt
defaults:
  system: Você é Cláudio.
  generation: {temperature: 0.7, top_p: 0.9, max_new_tokens: 384, samples: 2, seed_base: 7}
questions:
  - id: who
    prompt: Quem é João?
    tags: [people]
    facts:
      - {id: work, text: works at Softtor, must_mention: [Softtor, [dev, developer]], must_not_mention: [Gabriel]}
      - {id: habit, text: likes small commits}
  - id: what
    prompt: What is Molting?
    language: en
    system: null
    followups: [And then]
    notes: asked last
    facts:
      - {id: memory, text: a memory that lasts, must_mention: memory}
"""


def written(folder: Path, text: str = GOOD, name: str = "house.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def loaded(folder: Path, old: str = "", new: str = "") -> QuestionSet:
    assert old in GOOD
    return load_questions(written(folder, GOOD.replace(old, new) if old else GOOD))


def loaded_or_refused(path: Path) -> QuestionSet | str:
    """What the file holds, or the sentence that refuses it."""
    try:
        return load_questions(path)
    except BadInput as error:
        return error.sentence()


def test_a_set_is_read_whole(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    who, what = found.questions
    assert (found.id, found.version, found.title, found.language) == ("house", "1", "House questions", "pt")
    assert found.generation == {
        "temperature": 0.7,
        "top_p": 0.9,
        "max_new_tokens": 384,
        "samples": 2,
        "seed_base": 7,
    }
    assert (who.language, what.language) == ("pt", "en")
    assert who.facts[0].must_mention == (("Softtor",), ("dev", "developer"))
    assert who.facts[0].must_not_mention == ("Gabriel",)
    assert [fact.checkable for fact in who.facts] == [True, False]
    assert what.facts[0].must_mention == (("memory",),)
    assert what.followups == ("And then",)
    assert found.notes == ()


def test_a_system_turn_left_out_takes_the_default_and_null_sends_none(tmp_path: Path) -> None:
    assert [one.system for one in loaded(tmp_path).questions] == ["Você é Cláudio.", ""]
    assert [one.system for one in loaded(tmp_path, "  system: Você é Cláudio.\n", "").questions] == [None, ""]
    assert [one.system for one in loaded(tmp_path, "system: Você é Cláudio.", "system: null").questions] == ["", ""]


def test_generation_holds_only_what_the_file_says(tmp_path: Path) -> None:
    given = "{temperature: 0.7, top_p: 0.9, max_new_tokens: 384, samples: 2, seed_base: 7}"
    assert loaded(tmp_path, given, "{temperature: 0}").generation == {"temperature": 0.0}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format: questions/1", "format: rubric/1", "questions/1"),
        ('version: "1"', "version: 1", "Put it in quotes"),
        ("language: pt", "language: Portuguese", "language `Portuguese`"),
        ("temperature: 0.7", "temperature: -1", "temperature can't be -1"),
        ("temperature: 0.7", "temperature: .nan", "temperature can't be nan"),
        ("top_p: 0.9", "top_p: 0", "above 0 to 1"),
        ("top_p: 0.9", "top_p: 1.5", "above 0 to 1"),
        ("max_new_tokens: 384", "max_new_tokens: 0", "from 1 to 1,000,000"),
        ("max_new_tokens: 384", "max_new_tokens: 3.5", "whole number"),
        ("samples: 2", "samples: many", "whole number"),
        ("seed_base: 7", "seed_base: -7", "seed_base can't be -7"),
        ("seed_base: 7", "sed_base: 7", "Did you mean `seed_base`?"),
        ("prompt: Quem é João?", "prompt: ''", "is empty"),
        ("prompt: Quem é João?", "prompt: 3", "must be text"),
        ("id: what", "id: Who", "second time. The first is on line 10"),
        ("id: what", "id: what is it", "can't be used"),
        ("id: habit", "id: work", "fact `work` stands here a second time"),
        ("text: likes small commits", "text: ' '", "is empty"),
        ("[dev, developer]", "[]", "is empty"),
        ("must_not_mention: [Gabriel]", "must_not_mention: []", "is empty"),
        ("must_not_mention: [Gabriel]", "must_not_mention: [[Gabriel]]", "must be text"),
        ("must_mention: memory", "must_mentoin: memory", "Did you mean `must_mention`?"),
        ("followups: [And then]", "followups: []", "is empty"),
        ("tags: [people]", "tags: {people: 1}", "must be text"),
        ("system: null", "system: 3", "must be text"),
    ],
)
def test_every_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    line = GOOD.count("\n", 0, GOOD.index(old)) + 1
    with pytest.raises(BadInput) as caught:
        loaded(tmp_path, old, new)
    assert caught.value.sentence().startswith(f"{tmp_path / 'house.yaml'}:{line}: ")
    assert says in caught.value.sentence()


def test_two_ids_for_one_question_are_refused(tmp_path: Path) -> None:
    twice = GOOD + "  - {id: a, prompt: Why?}\n  - {id: b, prompt: Why?}\n"
    with pytest.raises(BadInput, match="`b` asks the same as `a`"):
        load_questions(written(tmp_path, twice))


def test_a_set_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="needs a question"):
        load_questions(written(tmp_path, GOOD[: GOOD.index("questions:\n")] + "questions: []\n"))


def test_a_set_without_facts_says_that_nothing_can_be_checked(tmp_path: Path) -> None:
    bare = 'format: questions/1\nid: bare\nversion: "1"\nlanguage: en\nquestions:\n  - {id: a, prompt: Why?}\n'
    found = load_questions(written(tmp_path, bare))
    assert found.title == "bare"
    assert len(found.notes) == 1
    assert "No question has a fact" in found.notes[0]
    assert answer_right(found.questions[0], "Because.") is None
    some = load_questions(written(tmp_path, GOOD + "  - {id: a, prompt: Why?}\n"))
    assert some.notes == ("1 of 3 questions has no fact that a machine can look for: a.",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: house", "id: home"),
        ("title: House questions", "title: Others"),
        ("tags: [people]", "tags: [persons]"),
        ("notes: asked last", "notes: asked first"),
        ("temperature: 0.7", "temperature: 0.1"),
        ("language: en", "language: es"),
    ],
)
def test_what_isnt_asked_leaves_the_digests(tmp_path: Path, old: str, new: str) -> None:
    before, after = loaded(tmp_path), loaded(tmp_path, old, new)
    assert after.digest == before.digest
    assert [one.digest for one in after.questions] == [one.digest for one in before.questions]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("What is Molting?", "What is molting?"),
        ("system: null", "system: Be brief."),
        ("And then", "And now"),
        ("text: a memory that lasts", "text: a memory"),
        ("must_mention: memory", "must_mention: memories"),
        ("id: memory", "id: mem"),
    ],
)
def test_what_is_asked_changes_its_digest_and_the_sets(tmp_path: Path, old: str, new: str) -> None:
    before, after = loaded(tmp_path), loaded(tmp_path, old, new)
    assert after.questions[1].digest != before.questions[1].digest
    assert after.questions[0].digest == before.questions[0].digest
    assert after.digest != before.digest


def test_the_default_system_turn_is_part_of_the_question(tmp_path: Path) -> None:
    before, after = loaded(tmp_path), loaded(tmp_path, "system: Você é Cláudio.", "system: Você é o Gabriel.")
    assert after.questions[0].digest != before.questions[0].digest
    assert after.questions[1].digest == before.questions[1].digest


def test_the_order_of_the_questions_leaves_the_sets_digest(tmp_path: Path) -> None:
    found = yaml.safe_load(GOOD)
    found["questions"].reverse()
    turned = load_questions(written(tmp_path, yaml.safe_dump(found, allow_unicode=True), "turned.yaml"))
    assert turned.digest == loaded(tmp_path).digest


def test_the_shipped_sets_are_right() -> None:
    listed = list_questions(None)
    assert [one.path.stem for one in listed] == ["control", "personality-8"]
    for one in listed:
        assert one.record is not None, one.problem
        assert one.record.notes == ()
        assert {question.system for question in one.record.questions} == {None}


def test_the_eight_questions_stand_in_both_languages_in_one_order() -> None:
    found = find_questions(None, "personality-8")
    english = [one.id.removesuffix(".en") for one in found.questions if one.language == "en"]
    portuguese = [one.id.removesuffix(".pt") for one in found.questions if one.language == "pt"]
    assert english == portuguese == ["joao", "molting", "crm", "tech", "self", "personality", "work", "strengths"]
    assert found.generation == {
        "temperature": 0.7,
        "top_p": 0.9,
        "max_new_tokens": 384,
        "samples": 1,
        "seed_base": 42,
    }


def test_the_demos_answers_to_the_eight_questions_hold_their_facts() -> None:
    """Each of the eight is asked once in the words of the demo's sessions, and once in others."""
    answers = dict(_demo_exchanges())
    found = find_questions(None, "personality-8").questions
    trained = [one for one in found if one.prompt in answers]
    assert len({one.id.split(".")[0] for one in trained}) == len(trained) == 8
    assert [one.id for one in trained if answer_right(one, answers[one.prompt]) is not True] == []
    assert [one.id for one in found if answer_right(one, "I am Gabriel, an engineer who reads a lot.")] == []


def test_the_control_questions_arent_in_the_demos_sessions() -> None:
    answers = dict(_demo_exchanges())
    control = find_questions(None, "control").questions
    assert [one.language for one in control] == ["en"] * 4 + ["pt"] * 4
    assert not any(one.prompt in answers for one in control)


def _demo_exchanges() -> list[tuple[str, str]]:
    notes = shipped("data") / "sessions" / "-home-joao-notas"
    turns = [turn for path in sorted(notes.glob("*.jsonl")) for turn in read(path).turns]
    return [(turn.human, turn.steps[-1].value) for turn in turns if turn.complete]


def test_an_own_set_stands_in_the_place_of_the_shipped_one(workspace: Workspace) -> None:
    room = workspace.folder / "rubrics" / "questions"
    room.mkdir(exist_ok=True)
    own = written(room, name="control.yaml")
    assert find_questions(workspace, "control").source == str(own)
    assert find_questions(workspace, "house").source == str(own)
    with pytest.raises(BadInput, match="there is no question set of that name"):
        find_questions(workspace, "personality-v1")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_in_any_place_is_worse_than_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    tree = yaml.safe_load(GOOD)
    place: object = tree
    path: list[str | int] = []
    while isinstance(place, dict | list) and place and (not path or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
        path.append(key)
        parent, place = place, place[key]
        last = (parent, key)
    holder, key = last
    holder[key] = data.draw(
        st.none() | st.booleans() | st.floats() | st.text(max_size=6) | st.lists(st.text(max_size=3), max_size=3)
    )
    file = written(tmp_path, json.dumps(tree) if data.draw(st.booleans()) else yaml.safe_dump(tree))
    found = loaded_or_refused(file)
    if isinstance(found, str):
        assert str(file) in found
    else:
        assert all(one.prompt for one in found.questions)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(GOOD)), put=st.text(max_size=20), skip=st.integers(0, 40))
def test_a_damaged_text_is_no_worse_than_a_sentence(tmp_path: Path, cut: int, put: str, skip: int) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(GOOD[:cut] + put + GOOD[cut + skip :], "utf-8", errors="replace")
    found = loaded_or_refused(path)
    assert str(path) in (found if isinstance(found, str) else found.source)
