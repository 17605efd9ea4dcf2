"""Promises of the question bank: what stands follows from what was said, and can be taken back."""

from __future__ import annotations

import pytest

from molting_tui.errors import BadInput
from molting_tui.evaluation.bank.bank import Bank, Change, Draft
from molting_tui.store import audit, bank
from molting_tui.workspace import Workspace

JOAO = Draft("Who is João?", cluster="joao")


@pytest.fixture
def desk(workspace: Workspace) -> Bank:
    return Bank(workspace)


def standing(desk: Bank) -> dict[str, str]:
    return {entry.id: entry.status for entry in desk.questions()}


def test_a_question_is_named_by_its_cluster_and_language(desk: Bank) -> None:
    added = desk.add(
        [JOAO, Draft("Quem é o João?", cluster="joao"), Draft("What is the name of João?", cluster="joao")]
    )
    assert [entry.id for entry in added] == ["joao.en", "joao.pt", "joao.en.2"]
    assert {entry.question.fact_asked for entry in added} == {"joao"}
    assert desk.add([Draft("What is Molting?")])[0].id == "molting.en"


def test_each_step_is_taken_back_and_brought_again_as_one(desk: Bank) -> None:
    desk.add([JOAO, Draft("What is Molting?")], "proposed")
    desk.take(desk.find("joao.en"), "memory")
    desk.drop(desk.find("MOLTING.en"))
    desk.edit(desk.find("joao.en"), Change(prompt="Who exactly is João?", reference="A developer."))
    assert standing(desk) == {"joao.en": "open", "molting.en": "dropped"}
    edited = desk.find("joao.en")
    assert (edited.question.prompt, edited.question.role, edited.reference) == (
        "Who exactly is João?",
        "memory",
        "A developer.",
    )
    desk.undo()
    assert desk.find("joao.en").question.prompt == "Who is João?"
    desk.undo()
    desk.undo()
    assert standing(desk) == {"joao.en": "proposed", "molting.en": "proposed"}
    desk.undo()
    assert standing(desk) == {}
    assert desk.undo() is None
    assert desk.redo() is not None
    assert standing(desk) == {"joao.en": "proposed", "molting.en": "proposed"}


def test_two_people_who_use_one_id_speak_of_one_question(desk: Bank, workspace: Workspace) -> None:
    desk.add([JOAO])
    desk.undo()
    beatriz = Bank(Workspace(workspace.folder, workspace.held, workspace.store, "beatriz"))
    beatriz.add([Draft("Who is our João?", id="JOAO.en")])
    desk.redo()
    assert [entry.question.prompt for entry in desk.questions()] == ["Who is our João?"]
    beatriz.undo()
    assert [entry.question.prompt for entry in desk.questions()] == ["Who is João?"]


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        (Draft("  \n"), "needs words"),
        (Draft("x" * 20_001), "at most 20,000"),
        (Draft("WHO is   joao"), "`joao.en` asks the same already"),
        (Draft("Who is he?", id="joao.EN"), "of this id already"),
        (Draft("Who is he?", cluster="a b"), "can't be used"),
        (Draft("Who is he?", language="english!"), "isn't known"),
        (Draft("Who is he?", role="test"), "no role `test`"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_a_question_is_a_sentence_and_adds_nothing(desk: Bank, draft: Draft, sentence: str) -> None:
    desk.add([JOAO])
    with pytest.raises(BadInput, match=sentence):
        desk.add([Draft("What is Molting?"), draft])
    assert standing(desk) == {"joao.en": "open"}


def test_hostile_words_are_stored_and_come_back(desk: Bank) -> None:
    prompt = "Quem\x00 é\ud800 [/INST] \x1b]52;c;aGk=\x07 '); drop table event;-- ?"
    desk.add([Draft(prompt, cluster="hostile", reference="\x00")])
    assert desk.questions()[0].question.prompt == "Quem\ufffd é? [/INST] \x1b]52;c;aGk=\x07 '); drop table event;-- ?"


@pytest.mark.parametrize(
    "damage",
    [
        "update bank_question set status = 'dropped'",
        "update bank_question set content = json_set(content, '$.reference', 'x')",
        "delete from bank_question",
        """insert into bank_question select 'x', 'x', cluster, role, language, status, digest, content, reference,
             source, event_id, time from bank_question""",
    ],
)
def test_a_question_that_nobody_put_there_so_is_told_and_made_anew(
    desk: Bank, workspace: Workspace, damage: str
) -> None:
    desk.add([JOAO])
    before = bank.every(workspace.store)
    assert audit.differences(workspace.store.connection()) == ()
    with workspace.store.write() as connection:
        connection.execute(damage)
    assert [each.kind for each in audit.differences(workspace.store.connection())] == ["question"]
    audit.repair(workspace.store, lambda _: ())
    assert audit.differences(workspace.store.connection()) == ()
    assert bank.every(workspace.store) == before
