"""Scoring as a process on a terminal: forty digits, a killed workbench, a paste, and results by command."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.evaluation.scoring.rubrics import find_rubric
from molting_tui.workspace import Workspace, open_workspace
from tests.answered import answered, question, question_set
from tests.conftest import ROOT
from tests.pty.conftest import Open, command
from tests.pty.terminal import Terminal

EIGHT = question_set(*(question(f"q{number}", f"Pergunta {number}?") for number in range(8)))


@pytest.fixture
def eight(workspace: Workspace) -> Path:
    """A workspace with eight answers of one contender."""
    answered(workspace, EIGHT, ["hidden-contender"])
    return workspace.folder


@pytest.fixture
def scoring(eight: Path, open_workbench: Open) -> Terminal:
    """The score screen on the first of eight answers, at 80x24."""
    return begin(open_workbench(eight, columns=80, lines=24))


def begin(terminal: Terminal) -> Terminal:
    """F5, and the choice as it stands."""
    terminal.send("F5")
    terminal.wait_for("Score what?", "8 answers wait")
    terminal.send("enter")
    terminal.wait_for("answer 1 of 8", "▸ D1")
    return terminal


def said(folder: Path) -> list[dict[str, int | None]]:
    """What is stored of each answer of the session, in its order, read by a store of its own."""
    opened = open_workspace(folder)
    try:
        going = start(opened, find_rubric(opened, "personality-v1"))
        return [going.item(place).levels for place in going.places]
    finally:
        opened.close()


def by_command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [*command(folder), *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_forty_digits_in_one_burst_score_eight_answers_by_five_dimensions(scoring: Terminal, eight: Path) -> None:
    before = by_command(eight, "results", "--json")
    assert before.returncode == 1
    assert "hidden-contender" not in before.stdout + before.stderr
    scoring.type("21021" * 8)
    scoring.wait_for("All 8 answers are scored", "F7 shows the results")
    (found,) = json.loads(by_command(eight, "results", "--json").stdout)["contenders"]
    assert (found["name"], found["score"], found["n"]) == ("hidden-contender", 6.0, 8)
    assert found["dimensions"] == {"D1": 2.0, "D2": 1.0, "D3": 0.0, "D4": 2.0, "D5": 1.0}
    assert found["levels"]["D1"] == [0, 0, 8]
    assert found["blind"] is True
    scoring.send("F7")
    scoring.wait_for("hidden-contender", "6.00")


def test_each_rating_outlives_a_kill(scoring: Terminal, eight: Path, open_workbench: Open) -> None:
    scoring.type("2102")
    scoring.wait_for("▸ D5")
    scoring.type("1")
    scoring.wait_for("answer 2 of 8")
    scoring.type("00")
    scoring.wait_for("▸ D3")
    scoring.kill(signal.SIGKILL)
    scoring.wait_exit()
    assert said(eight)[:3] == [
        {"D1": 2, "D2": 1, "D3": 0, "D4": 2, "D5": 1},
        {"D1": 0, "D2": 0},
        {},
    ]
    again = open_workbench(eight)
    again.send("F5")
    again.wait_for("answer 2 of 8", "▸ D3", "7 left")


def test_a_paste_rates_nothing(scoring: Terminal, eight: Path) -> None:
    scoring.write(b"\x1b[200~" + b"2" * 45 + b"\x1b[201~")
    scoring.send("c")  # what comes after the paste is seen after it
    scoring.wait_for("Note on this answer")
    scoring.send("escape")
    scoring.wait_gone("Note on this answer")
    assert scoring.says("answer 1 of 8", "▸ D1", "8 left")
    assert said(eight) == [{}] * 8


def test_nothing_sent_to_the_terminal_names_the_contender(scoring: Terminal, eight: Path) -> None:
    scoring.type("9")
    scoring.wait_for("not on the scale")
    scoring.send("i")
    scoring.wait_for("Identity Coherence", "page down")
    scoring.send("q", "?")
    scoring.wait_for("Help · score", "not applicable")
    scoring.send("q")
    scoring.wait_for("answer 1 of 8")
    scoring.type("2" * 39)
    scoring.wait_for("1 left")
    scoring.send("F7")
    scoring.wait_for("1 answer still waits")
    sent = scoring.raw.decode("utf-8", "replace")
    for secret in ("hidden-contender", "0001-answers"):
        assert secret not in sent
        assert secret not in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent)


def test_a_rating_by_command_is_seen_beside_the_screen(scoring: Terminal, eight: Path) -> None:
    scoring.type("2222")
    scoring.wait_for("▸ D5")
    scoring.send("j", "k")
    scoring.wait_for("answer 1 of 8", "▸ D5")
    again = by_command(eight, "score", "--json")
    assert json.loads(again.stdout)["session"] == {"rubric": "personality-v1", "answers": 8, "left": 8}
    assert "hidden-contender" not in again.stdout


def test_the_score_command_opens_the_workbench_on_what_is_wanted(eight: Path) -> None:
    words = [*command(eight), "score", "--rubric", "four-criteria", "--language", "en"]
    with Terminal(words, environment={"MOLTING_ACTOR": "ana"}) as terminal:
        terminal.wait_for("Score · four-criteria", "answer 1 of 8", "▸ Agent")
        terminal.send("q")
        terminal.wait_for("Home")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0


def test_the_score_command_refuses_an_unknown_rubric_before_the_screen_opens(eight: Path) -> None:
    with Terminal([*command(eight), "score", "--rubric", "nope"]) as terminal:
        assert terminal.wait_exit() == 2
        assert terminal.says("nope", "Known:")
        assert b"\x1b[?1049h" not in terminal.raw


def test_idle_scoring_sends_nothing(scoring: Terminal) -> None:
    scoring.wait_quiet(600)
    # That nothing comes can only be seen by waiting for it.
    assert scoring.bytes_within(1.5) == 0
