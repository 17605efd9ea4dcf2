"""How fast answers came: what is told of it, and what isn't."""

from __future__ import annotations

from pathlib import Path

from molting_tui.evaluation.results.speeds import AnswerSpeed, answer_speeds
from molting_tui.store import answers
from tests.answered import line, question, question_set
from tests.conftest import new_workspace


def test_a_speed_is_of_the_answers_whose_time_is_known(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "ws")
    asked = question_set(*map(question, ("a", "b", "c")))
    answers.remember_questions(workspace.store, asked)
    one, other, third = asked.questions
    lines = [
        line("fast", one, tokens=30, seconds=1.0, settings={"at_once": 4}),
        line("fast", other, tokens=50, seconds=1.0, settings={"at_once": 16}),
        line("fast", third, tokens=900),
        line("served", one, tokens=12, seconds=4.0),
        line("served", other, tokens=0, seconds=9.0),
        line("pasted", one, tokens=5),
    ]
    answers.add(workspace.store, "0001-answers", lines)
    speeds = answer_speeds(answers.answers(workspace.store))
    workspace.close()
    assert speeds == {"fast": AnswerSpeed(2, 80, 2.0, (4, 16)), "served": AnswerSpeed(1, 12, 4.0, (1, 1))}
    assert speeds["fast"].sentence() == "40.0 tokens a second, 4 to 16 at once"
    assert speeds["served"].sentence() == "3.0 tokens a second"
