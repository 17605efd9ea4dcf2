"""Promises of a trace: from an answer back to the session line, and from a pair or a run forward to answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_workspaces import run, value

from molting_tui.curation.triage import Desk
from molting_tui.errors import BadInput, Refused
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.overview.taking_in import take_in
from molting_tui.overview.trace import Trace, trace
from molting_tui.recipe.runfolder import AskedContender
from molting_tui.records.datasets import FrozenPair
from molting_tui.store import answers, datasets, runs
from molting_tui.workspace import Workspace
from tests.answered import answering_run, line, question, question_set, rubric, training_run
from tests.conftest import FILLER

ASKED = question_set(question("three", "Question number 3, please?"))


@pytest.fixture
def trained(three: Desk) -> Workspace:
    """Three pairs of a session, frozen; a run trained on them; an answer of it and one of its base."""
    workspace = three.workspace
    pairs = [three.pair(number) for number in (1, 2, 3)]
    training_run(workspace, "0001-v1", [(pair.instruction, pair.response) for pair in pairs])
    contenders = [AskedContender("v1", "tiny", adapter_digest="d", run="0001-v1"), AskedContender("base", "tiny")]
    answers.remember_questions(workspace.store, ASKED)
    lines = [
        line("v1", ASKED.questions[0], text=f"Answer number 2. {FILLER}"),
        line("base", ASKED.questions[0], text="I am a language model."),
    ]
    answering_run(workspace, "0002-answers", lines, ASKED, contenders)
    take_in(workspace)
    new = datasets.NewDataset("v1", "digest", "run", "", None, {}, "ana", "2026-02-03T14:22:00.000Z", 0)
    stored = datasets.put(workspace.store, new, [FrozenPair(pair.uid, str(pair.id)) for pair in pairs])
    with workspace.store.write() as connection:
        runs.set_dataset(connection, "0001-v1", stored.id)
    return workspace


def of_answer(workspace: Workspace, contender: str) -> Trace:
    uuid = workspace.store.value("select uuid from answer where contender = ?", (contender,))
    return trace(workspace, uuid, "answer")


def test_an_answer_is_followed_to_the_session_line_of_the_likest_pair(trained: Workspace) -> None:
    way = of_answer(trained, "v1")
    assert way.contender is not None
    assert (way.contender.name, way.run, way.dataset, way.dataset_pairs) == ("v1", "0001-v1", "v1", 3)
    likest = {pair.number: pair for pair in way.pairs}
    # Pair 2 has the answer's very words, pair 3 the question's; pair 1 has neither.
    assert [pair.number for pair in way.pairs] == [2, 3, 1]
    assert (likest[2].message, likest[2].likeness) == (1, 100)
    assert (likest[3].message, likest[3].likeness) == (0, 100)
    first = way.pairs[0]
    assert first.place is not None
    assert (Path(first.place.file).name, first.place.line, first.place.turn) == ("s1.jsonl", 3, "uuid-2")
    assert len(trace(trained, way.answer.uuid if way.answer else "", most=1).pairs) == 1


def test_an_answer_of_a_base_ends_at_its_contender(trained: Workspace) -> None:
    way = of_answer(trained, "base")
    assert way.contender is not None
    assert (way.contender.name, way.run, way.dataset, way.pairs) == ("base", "", "", ())


def test_a_pair_is_followed_forward_to_the_answers_of_what_was_trained_on_it(trained: Workspace) -> None:
    way = trace(trained, "3", "pair")
    [pair] = way.pairs
    assert pair.place is not None
    assert (Path(pair.place.file).name, pair.place.line) == ("s1.jsonl", 5)
    assert (way.datasets, way.runs, way.contenders, way.answers) == (("v1",), ("0001-v1",), ("v1",), 1)


def test_a_run_is_followed_both_ways(trained: Workspace) -> None:
    for reference in ("0001-v1", "1"):
        way = trace(trained, reference, "run")
        assert (way.run, way.dataset, way.dataset_pairs, way.contenders, way.answers) == (
            "0001-v1",
            "v1",
            3,
            ("v1",),
            1,
        )


def test_a_run_whose_rows_have_gone_names_no_pair(trained: Workspace) -> None:
    (trained.folder / "runs" / "0001-v1" / "dataset.jsonl").unlink()
    way = of_answer(trained, "v1")
    assert (way.dataset, way.pairs) == ("v1", ())


def test_a_number_that_is_several_things_asks_which(trained: Workspace) -> None:
    with pytest.raises(BadInput, match=r"this is an answer and a pair and a run.*molting trace answer 1"):
        trace(trained, "1")
    with pytest.raises(BadInput, match="no such run"):
        trace(trained, "3", "run")
    with pytest.raises(BadInput, match="no such answer, pair or run"):
        trace(trained, "\x1b[31mnothing")


def test_whose_an_answer_is_isnt_told_while_somebody_scores_blind(trained: Workspace) -> None:
    start(trained, rubric())
    with pytest.raises(Refused):
        of_answer(trained, "v1")
    assert trained.store.rows("select * from shown") == []
    way = trace(trained, "1", "answer", unblind=True)
    assert way.contender is not None
    shown = trained.store.rows("select answer_id, actor, place from shown")
    assert shown == [(1, "ana", "trace")]


def test_the_command_prints_every_step_and_one_json_value(trained: Workspace) -> None:
    folder = trained.folder
    uuid = trained.store.value("select uuid from answer where contender = 'v1'")
    printed = run("trace", uuid, workspace=folder).stdout
    for part in ("v1, an adapter on tiny", "0001-v1", "v1, 3 pairs", "100 %", "s1.jsonl:3"):
        assert part in printed, printed
    fields = value("trace", uuid, workspace=folder)
    assert {"answer", "contender", "run", "dataset", "pair", "message", "turn", "file", "line"} <= set(fields)
    assert (fields["contender"], fields["run"], fields["dataset"], fields["message"]) == ("v1", "0001-v1", "v1", 1)
    assert fields["file"].endswith("s1.jsonl")
    fields = value("trace", "run", "1", workspace=folder)
    assert (fields["answer"], fields["pair"], fields["line"], fields["answers"]) == (None, None, None, 1)
    assert run("trace", "a", "b", "c", workspace=folder).exit_code == 2
