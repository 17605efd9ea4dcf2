"""Promises of taking answers in: each once, as far as it is written, and what can't be taken is counted."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from molting_tui.errors import MoltingError
from molting_tui.overview.taking_in import take_in
from molting_tui.store import answers, checks
from molting_tui.store.answers import Chosen
from molting_tui.workspace import Workspace, shipped
from tests.answered import answered, answering_run, line, question, question_set, written

ASKED = question_set(question("joao", must="Softtor"), question("molting", tags=("project",)))
LINES = [line(name, one, sample) for name in ("base", "v1") for one in ASKED.questions for sample in (0, 1)]


@pytest.fixture
def asked(workspace: Workspace) -> Workspace:
    answers.remember_questions(workspace.store, ASKED)
    return workspace


def writes(workspace: Workspace) -> int:
    return workspace.store.connection().total_changes


def test_an_answer_keeps_its_question_its_decode_and_what_it_depends_on(asked: Workspace) -> None:
    told = {"settings": {"temperature": 0.7, "base": "tiny", "voz": "João"}, "finish_reason": "length", "seed": None}
    answers.add(asked.store, "0001-a", [line("v1", ASKED.questions[0], 3, "Olá\x00 <|user|>", **told)])
    [found] = answers.answers(asked.store)
    assert found.question == ASKED.questions[0]
    assert (found.text, found.raw, found.run, found.sample) == ("Olá\x00 <|user|>", "Olá\x00 <|user|></s>", "0001-a", 3)
    assert (found.settings, found.finish_reason, found.seed) == (told["settings"], "length", None)
    assert answers.by_uuid(asked.store, found.uuid) == found


def test_an_answer_is_stored_once_by_its_uuid_and_by_what_it_answers(asked: Workspace) -> None:
    assert answers.add(asked.store, "0001-a", LINES) == 8
    assert answers.add(asked.store, "0001-a", LINES) == 0
    other_uuid = [line("v1", ASKED.questions[0], 0, "another text", uuid="f" * 32)]
    assert answers.add(asked.store, "0001-a", other_uuid) == 0
    assert answers.add(asked.store, "0002-b", LINES) == 0
    assert answers.add(asked.store, "0002-b", other_uuid) == 1
    assert answers.count(asked.store) == 9


def test_an_answer_to_a_question_that_isnt_known_is_not_stored(asked: Workspace) -> None:
    stranger = question("stranger")
    assert answers.add(asked.store, "r", [line("v1", stranger), line("v1", ASKED.questions[0])]) == 1
    assert answers.known_questions(asked.store, [stranger.digest, ASKED.questions[0].digest]) == {
        ASKED.questions[0].digest
    }


def test_answers_are_found_by_set_language_and_contender(asked: Workspace) -> None:
    portuguese = question_set(question("quem", language="pt"), ASKED.questions[0], id="pt")
    answered(asked, portuguese, ("v1",), run="0002-b")
    answers.add(asked.store, "0001-a", LINES)

    def chosen(*given: object) -> list[tuple[str, str]]:
        return [(one.contender, one.question.id) for one in answers.answers(asked.store, Chosen(*given))]  # type: ignore[arg-type]

    assert chosen((), "pt") == [("v1", "quem")]
    assert chosen(("pt",), "", ("base",)) == [("base", "joao")] * 2
    assert len(chosen(("pt", "eight"))) == 9
    assert answers.sets_of_questions(asked.store)[ASKED.questions[0].digest] == ("eight", "pt")
    assert (answers.set_ids(asked.store), answers.contender_names(asked.store)) == (["eight", "pt"], ["base", "v1"])


def test_a_question_is_remembered_as_it_was_last_read(asked: Workspace) -> None:
    renamed = ASKED.questions[1].__class__(**{
        name: getattr(ASKED.questions[1], name) for name in ASKED.questions[1].__slots__
    } | {"tags": ("control",)})  # fmt: skip
    answers.add(asked.store, "r", LINES)
    answers.remember_questions(asked.store, question_set(ASKED.questions[0], renamed))
    assert {one.question.tags for one in answers.answers(asked.store)} == {(), ("control",)}
    before = writes(asked)
    answers.remember_questions(asked.store, question_set(ASKED.questions[0], renamed))
    assert writes(asked) == before


def test_an_answer_is_referred_to_by_number_uuid_or_the_start_of_one(asked: Workspace) -> None:
    twins = [line("v1", ASKED.questions[0], n, uuid=f"abcdef{n}" + "0" * 25) for n in range(2)]
    answers.add(asked.store, "r", twins)
    assert [one.sample for one in answers.referred(asked.store, "2")] == [1]
    assert [one.sample for one in answers.referred(asked.store, "abcdef1")] == [1]
    assert [one.uuid for one in answers.referred(asked.store, twins[0].uuid)] == [twins[0].uuid]
    assert len(answers.referred(asked.store, "abcdef")) == 2
    for wrong in ("abcde", "abcdef2", "9", "", "%%%%%%", "9" * 30):
        assert answers.referred(asked.store, wrong) == []


# Taking in


def test_answers_of_runs_are_taken_in_once(asked: Workspace) -> None:
    assert take_in(asked) == (0, 0, ())
    answering_run(asked, "0001-a", LINES[:4], ASKED)
    answering_run(asked, "0002-b", LINES[4:], ASKED)
    assert take_in(asked) == (8, 2, ())
    before = writes(asked)
    assert take_in(asked) == (0, 0, ())
    assert writes(asked) == before
    assert {one.run for one in answers.answers(asked.store)} == {"0001-a", "0002-b"}


def test_a_line_that_is_still_being_written_waits_until_it_is_whole(asked: Workspace) -> None:
    file = answering_run(asked, "0001-a", LINES[:2], ASKED)
    third = written(LINES[2])
    with file.open("ab") as running:
        running.write(third[:50])
    assert take_in(asked) == (2, 1, ())
    with file.open("ab") as running:
        running.write(third[50:] + written(LINES[3]))
    assert take_in(asked) == (2, 1, ())
    assert [one.uuid for one in answers.answers(asked.store)].count(LINES[2].uuid) == 1


def test_damaged_lines_are_counted_and_the_rest_is_taken(asked: Workspace) -> None:
    file = answering_run(asked, "0001-a", LINES[:2], ASKED)
    damage = (b"\xff\xfe\n", b'{"uuid": 3}\n', written(LINES[2])[:40] + b"\n", b'{"uuid": "\\ud800"}\n', b"\n")
    with file.open("ab") as running:
        running.write(b"".join(damage) + written(LINES[3]))
    taken = take_in(asked)
    assert taken[:2] == (3, 1)
    [problem] = taken.problems
    assert problem.startswith("runs/0001-a/answers.jsonl: 4 lines can't be read")
    assert take_in(asked).problems == taken.problems
    with file.open("ab") as running:
        running.write(b"{}\n")
    assert "5 lines" in take_in(asked).problems[0]


@pytest.mark.parametrize("field", ["sample", "tokens", "seed"])
def test_a_number_that_the_store_cant_hold_is_a_damaged_line(asked: Workspace, field: str) -> None:
    whole = line("v1", ASKED.questions[0])
    answering_run(asked, "0001-a", [line("v1", ASKED.questions[1], **{field: 2**63}), whole], ASKED)
    taken = take_in(asked)
    assert (taken.answers, len(taken.problems)) == (1, 1)
    assert "1 line can't be read and is left out" in taken.problems[0]
    assert [one.uuid for one in answers.answers(asked.store)] == [whole.uuid]


def test_answers_to_unknown_questions_are_counted_and_taken_once_their_set_is_there(workspace: Workspace) -> None:
    text = (shipped("rubrics") / "questions" / "control.yaml").read_text("utf-8")
    own = workspace.folder / "rubrics" / "questions"
    own.mkdir(parents=True, exist_ok=True)
    elsewhere = workspace.folder / "mine.yaml"
    elsewhere.write_text(text.replace("id: control", "id: mine", 1).replace("prompt: ", "prompt: Well, "), "utf-8")
    from molting_tui.evaluation.asking.questions import load_questions

    mine = load_questions(elsewhere)
    answering_run(workspace, "0001-a", [line("v1", one) for one in mine.questions], mine)
    taken = take_in(workspace)
    assert taken.answers == 0
    [problem] = taken.problems
    assert f"{len(mine.questions)} answers left out" in problem
    shutil.move(elsewhere, own)
    assert take_in(workspace) == (len(mine.questions), 1, ())
    assert take_in(workspace) == (0, 0, ())


def test_the_questions_of_a_shipped_set_are_known_without_being_asked_here(workspace: Workspace) -> None:
    from molting_tui.evaluation.asking.questions import find_questions

    eight = find_questions(workspace, "personality-8")
    answering_run(workspace, "0001-a", [line("v1", one) for one in eight.questions], eight)
    assert take_in(workspace) == (len(eight.questions), 1, ())
    assert answers.set_ids(workspace.store) == ["personality-8"]


def test_another_file_in_the_place_of_one_that_was_read_is_read_from_its_start(asked: Workspace) -> None:
    file = answering_run(asked, "0001-a", LINES[:4], ASKED)
    assert take_in(asked).answers == 4
    info = file.stat()
    file.write_bytes(b"".join(map(written, LINES[4:])) + b"not a line\n")
    os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns + 1))
    assert take_in(asked)[:2] == (4, 1)
    file.write_bytes(written(LINES[0]))
    assert take_in(asked) == (0, 0, ())


def test_half_made_and_foreign_folders_among_the_runs_are_passed_over(asked: Workspace) -> None:
    runs = asked.folder / "runs"
    answering_run(asked, ".0001", LINES[:1], ASKED)
    answering_run(asked, "0002-b", LINES[1:2], ASKED)
    (runs / "notes.txt").write_text("mine")
    (runs / "0003-c").mkdir()
    (runs / "0004-d" / "answers.jsonl").mkdir(parents=True)
    (runs / "0002-b" / "config.json").write_text("not a config")
    assert take_in(asked) == (1, 1, ())


def test_a_hostile_run_name_is_harmless_in_a_sentence(asked: Workspace) -> None:
    file = answering_run(asked, "0001-\x1b[2J\u202eevil", [], ASKED)
    file.write_bytes(b"broken\n")
    [problem] = take_in(asked).problems
    assert "\x1b" not in problem
    assert "\u202e" not in problem


def test_doctor_counts_an_answer_without_its_question(asked: Workspace) -> None:
    answers.add(asked.store, "r", LINES)
    facts = checks.examine(asked.store.path)
    assert isinstance(facts, checks.DatabaseFacts)
    assert facts.orphans == 0
    connection = asked.store.connection()
    connection.execute("pragma foreign_keys = off")
    connection.execute("delete from question where digest = ?", (ASKED.questions[0].digest,))
    facts = checks.examine(asked.store.path)
    assert isinstance(facts, checks.DatabaseFacts)
    # Four answers, and the set's own line.
    assert facts.orphans == 5


def test_answers_that_are_stored_can_neither_be_changed_nor_removed(asked: Workspace) -> None:
    answers.add(asked.store, "r", LINES)
    for statement in ("update answer set text = ''", "delete from answer", "replace into answer select * from answer"):
        with pytest.raises(MoltingError, match="answers are never"), asked.store.write() as connection:
            connection.execute(statement)
    assert answers.count(asked.store) == 8


def test_the_answers_file_of_a_run_that_went_away_keeps_its_answers(asked: Workspace) -> None:
    file: Path = answering_run(asked, "0001-a", LINES, ASKED)
    take_in(asked)
    shutil.rmtree(file.parent)
    assert take_in(asked) == (0, 0, ())
    assert answers.count(asked.store) == 8
