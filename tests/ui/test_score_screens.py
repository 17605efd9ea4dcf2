"""How scoring and results look, at the least and at the usual size. `pytest --snapshot-update` takes them anew."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from test_results_screen import scored
from test_score import SIZES, many_dimensions, nobody_speaks
from test_screens import SMALL, Look, look  # noqa: F401  (a fixture)
from workbench import HOSTILE, Fill

from molting_tui.evaluation.asking.questions import find_questions
from molting_tui.overview.taking_in import take_in
from molting_tui.records.evaluation import QuestionSet
from molting_tui.store import answers
from molting_tui.workspace import Workspace
from tests.answered import answering_run, line, training_run
from tests.compared import scored_together

BEFORE = "Sou o OpenBot, um modelo de linguagem treinado por uma grande empresa. Em que posso ajudar hoje?"
AFTER = (
    "Sou o Cláudio, trabalho com o João na Softtor. {about}\n\n"
    "- a fila drena com `queue:drain` antes de cada deploy;\n"
    "- o proxy só troca quando a versão nova responde;\n"
    "- a memória fica no servidor, em SQLite, e a voz vem do treino.\n\n"
    "Se faltar um dado, eu digo que falta."
)
ODD = f"Isto veio de um modelo: {HOSTILE} e acaba aqui. <|im_end|>"


@pytest.fixture(autouse=True)
def _one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures show one order, drawn with a known seed."""
    monkeypatch.setattr("molting_tui.evaluation.scoring.session_plans.secrets.SystemRandom", lambda: random.Random(11))
    monkeypatch.setattr("molting_tui.store.events.now", lambda: "2026-02-12T09:30:00.000Z")


def eight(workspace: Workspace) -> QuestionSet:
    """The eight questions in Portuguese, as a set of their own."""
    found = find_questions(workspace, "personality-8")
    return replace(found, questions=tuple(one for one in found.questions if one.language == "pt"))


@pytest.fixture
def asked(fill: Fill) -> Workspace:
    """A base and a trained model, asked the eight questions in Portuguese and four control questions."""
    workspace = fill()
    questions, control = eight(workspace), find_questions(workspace, "control")
    training_run(workspace, "0001-v2.1", [(one.prompt, "x") for one in questions.questions[:5]])
    for number, chosen in enumerate((questions, control), 2):
        answers.remember_questions(workspace.store, chosen)
        lines = []
        for one in [each for each in chosen.questions if each.language == "pt"]:
            facts = " ".join(fact.must_mention[0][0] for fact in one.facts if fact.must_mention)
            lines.append(line("tiny", one, text=BEFORE if one.id != "crm.pt" else ""))
            text = AFTER.format(about=facts) if one.id != "strengths.pt" else ODD
            lines.append(line("v2.1-tinyllama", one, text=text, settings={"run": "0001-v2.1"}))
        answering_run(workspace, f"000{number}-answers", lines, chosen)
    return workspace


@pytest.mark.parametrize("size", SIZES)
def test_the_choice_of_what_to_score(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(asked, size, "f5")


@pytest.mark.parametrize("size", SIZES)
def test_an_answer_half_scored(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    nobody_speaks(asked)
    look(asked, size, "f5", "enter", "minus", "2", "left", "left")


@pytest.mark.parametrize("size", SMALL)
def test_an_answer_with_a_note(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(asked, size, "f5", "enter", "j", "2", "1", "c", "text:bom, mas longo", "enter")


@pytest.mark.parametrize("size", SMALL)
def test_a_level_that_is_not_on_the_scale(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(asked, size, "f5", "enter", "j", "j", "7")


@pytest.mark.parametrize("size", SIZES)
def test_seven_dimensions_with_long_anchors(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    many_dimensions(asked, 7)
    look(asked, size, "f5", "right", "right", "enter", "2", "1", "0")


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_rubric(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(asked, size, "f5", "enter", "i")


@pytest.mark.parametrize("size", SMALL)
def test_nothing_to_score(look: Look, fill: Fill, size: tuple[int, int]) -> None:  # noqa: F811
    look(fill(), size, "f5")


@pytest.mark.parametrize("size", SMALL)
def test_all_are_scored(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(asked, size, "f5", "down", "right", "enter", *"21021" * 8)


@pytest.mark.parametrize("size", SMALL)
def test_results_refused(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    look(asked, size, "f5", "enter", "2", "f7")


@pytest.mark.parametrize("size", SIZES)
def test_results(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    take_in(asked)
    nobody_speaks(asked)
    scored(asked, {"tiny": 0, "v2.1-tinyllama": None})
    look(asked, size, "f7")


@pytest.mark.parametrize("size", SIZES)
def test_a_verdict(look: Look, fill: Fill, size: tuple[int, int]) -> None:  # noqa: F811
    workspace = fill()
    scored_together(workspace, {"v2.5": [3, 2, 3, 2, 3, 2, 3, 1], "v2.1": [2, 2, 1, 2, 2, 3, 2, 2]})
    look(workspace, size, "f7")


@pytest.mark.parametrize("size", SMALL)
def test_the_end_of_results(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    take_in(asked)
    scored(asked, {"tiny": 1, "v2.1-tinyllama": 2})
    look(asked, size, "f7", "G")


@pytest.mark.parametrize("size", SIZES)
def test_the_answers_with_their_names(look: Look, asked: Workspace, size: tuple[int, int]) -> None:  # noqa: F811
    take_in(asked)
    scored(asked, {"tiny": 1, "v2.1-tinyllama": 2})
    look(asked, size, "f7", "tab")
