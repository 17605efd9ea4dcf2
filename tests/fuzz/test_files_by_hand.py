"""Files and lines that people write: sheets, answers, rubrics, questions, filters. A mistake is never worse than a
sentence."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molting_tui.curation import filters
from molting_tui.errors import MoltingError
from molting_tui.evaluation.asking.answer_files import enter_answers
from molting_tui.evaluation.asking.questions import find_questions, load_questions
from molting_tui.evaluation.scoring.rubrics import find_rubric, load_rubric
from molting_tui.evaluation.scoring.sheets import read_sheet
from molting_tui.store import answers
from molting_tui.store.answers import Chosen
from molting_tui.text import show, show_line
from molting_tui.workspace import SETTINGS_FILE, Workspace, read_settings, shipped
from tests.conftest import new_workspace
from tests.fuzz.test_readers import changed

FOUR = find_rubric(None, "four-criteria")
EIGHT = find_questions(None, "personality-8")
SHEET = b"question,contender,sample,rater,agent,factual,personality,complete,total,note\nQ1,a,0,x,1,2/2,1,0,4,oi\n"
PORTUGUESE = "\ufeffsep=;\nPergunta;Agente;Fatos;Voz;Completo;Nota\nP1;1,0;2;0;1;5,0\nSoma;1;2;0;1;4/8\n".encode()
PAGE = b"# v9\n\n| Question | Agent | Factual | Personality | Complete | Sum |\n|---|:-:|--|--|--|--|\n" \
    b"| Q1: a \\| b | 2 | *1* | 0 | **1** | 4/8 |\n| **TOTAL** | 2 | 1 | 0 | 1 | 4/8 |\n"  # fmt: skip
RUBRIC = (shipped("rubrics") / "four-criteria.yaml").read_bytes()
QUESTIONS = (shipped("rubrics") / "questions" / "control.yaml").read_bytes()
GOOD_ANSWER = json.dumps({"question": EIGHT.questions[0].id, "contender": "a", "text": "Sou o Cláudio."}).encode()
NUMBERS = itertools.count()
PLACE = {"place": st.integers(0, 20_000), "gone": st.integers(0, 60), "put": st.binary(max_size=12)}
WORDS = st.lists(
    st.sampled_from(["-", ":", ">", "<", "=", "..", '"', "(", ",", " ", "flag", "state", "score", "len", "is", "open"])
    | st.text(max_size=4),
    max_size=12,
).map("".join)


def sentence_of(action: Callable[[], object]) -> str:
    """What an action was refused with; empty where it wasn't. Anything but a MoltingError comes out as it is."""
    try:
        action()
    except MoltingError as error:
        return error.sentence()
    return ""


@given(data=st.binary(max_size=200) | st.builds(changed, st.sampled_from([SHEET, PORTUGUESE, PAGE]), **PLACE))
def test_no_sheet_is_worse_than_a_sentence(data: bytes, fuzz_folder: Path) -> None:
    path = fuzz_folder / "sheet.csv"
    path.write_bytes(data)
    refused = sentence_of(lambda: read_sheet(path, FOUR, EIGHT, language="en"))
    assert not refused or str(path) in refused


@pytest.mark.parametrize(
    ("load", "good"), [(load_rubric, RUBRIC), (load_questions, QUESTIONS)], ids=["rubric", "questions"]
)
@given(data=st.data())
def test_no_rubric_and_no_questions_are_worse_than_a_sentence(
    load: Callable[[Path], object], good: bytes, data: st.DataObject, fuzz_folder: Path
) -> None:
    path = fuzz_folder / "any.yaml"
    path.write_bytes(data.draw(st.binary(max_size=100) | st.builds(changed, st.just(good), **PLACE)))
    refused = sentence_of(lambda: load(path))
    assert not refused or str(path) in refused


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = new_workspace(tmp_path_factory.mktemp("answers") / "ws")
    yield made
    made.close()


@given(lines=st.lists(st.binary(max_size=60) | st.builds(changed, st.just(GOOD_ANSWER), **PLACE), max_size=6))
def test_no_file_of_answers_is_worse_than_a_sentence_and_none_of_its_good_lines_is_lost(
    lines: list[bytes], evaluated: Workspace, fuzz_folder: Path
) -> None:
    path, name = fuzz_folder / "answers.jsonl", f"new {next(NUMBERS)}"
    good = GOOD_ANSWER.replace(b'"a"', json.dumps(name).encode())
    path.write_bytes(b"\n".join([*(line.replace(b"\n", b"") for line in lines), good]))
    assert sentence_of(lambda: enter_answers(evaluated, path, "personality-8")) == ""
    assert [answer.text for answer in answers.answers(evaluated.store, Chosen(contenders=(name,)))] == [
        "Sou o Cláudio."
    ]


@given(text=WORDS | st.text(max_size=40))
def test_no_filter_is_worse_than_a_sentence(text: str) -> None:
    sentence_of(lambda: filters.parse(text))


@given(data=st.binary(max_size=200))
def test_no_settings_are_worse_than_a_sentence(data: bytes, fuzz_folder: Path) -> None:
    path = fuzz_folder / SETTINGS_FILE
    path.write_bytes(data)
    sentence_of(lambda: read_settings(path))


@given(text=st.text(st.characters(), max_size=60))
def test_nothing_that_is_shown_is_obeyed(text: str) -> None:
    for shown in (show(text), show_line(text), show_line(text, 10)):
        shown.encode()
        assert not any((sign < " " and sign != "\n") or "\x7f" <= sign < "\xa0" for sign in shown)
    assert "\n" not in show_line(text)
