"""Training as one lives it: start, walk away, come back; a run needs nobody, and watching costs the line little."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from molting_tui.recipe.settings import TINY, defaults_for
from molting_tui.runs.folder import Run
from molting_tui.runs.listing import find_run, list_runs
from molting_tui.runs.starting import start_training
from molting_tui.workspace import Workspace
from tests.pty.conftest import Open
from tests.pty.hostile import hostile, leaks
from tests.pty.terminal import Terminal
from tests.runs_made import ended, nothing_left, seen, workspace_with

pytestmark = pytest.mark.skipif(find_spec("trl") is None, reason="needs the training libraries: pip install .[train]")
LONG = 100_000
# The workbench, but what it starts as a trainer is the small run: it does the same on the outside.
WORKBENCH = """
import sys
from molting_tui.cli import main
from molting_tui.runs.starting import start_training
command = [sys.executable, "-m", "tests.pty.small_run", *sys.argv.pop(1).split()]
start_training.__kwdefaults__["command"] = command
main()
"""


def small_run(steps: int, pace: float, lines: int = 1) -> list[str]:
    """The command of a run of so many steps, so many a second, that prints so many lines a step."""
    return [sys.executable, "-m", "tests.pty.small_run", str(steps), str(pace), str(lines)]


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_with(tmp_path / "claudio", kept=3)
    with nothing_left(made):
        yield made
    made.close()


@pytest.fixture
def workbench(ours: Workspace) -> Iterator[Callable[[str], Terminal]]:
    """Opens a workbench whose trainer is the small run with these words, on the train screen."""
    running: list[Terminal] = []

    def start(words: str) -> Terminal:
        terminal = Terminal([sys.executable, "-c", WORKBENCH, words, "-w", str(ours.folder)]).__enter__()
        running.append(terminal)
        terminal.wait_for("Home", "Next:")
        terminal.send("F4")
        terminal.wait_for("▸ Train")
        return terminal

    yield start
    for terminal in running:
        terminal.__exit__()


def begin(terminal: Terminal, words: str = "model_name=tiny name=v2") -> None:
    """Start a run by keys, on the tiny base."""
    terminal.send("s")
    terminal.wait_for("Start a training run", "3 pairs to learn")
    terminal.send("down", "down", "down")
    terminal.type(words)
    terminal.wait_for(words)
    terminal.wait_for("tiny is made on the spot")
    terminal.send("enter")
    terminal.wait_for("1 v2 · ")


@pytest.mark.parametrize("leave", ["back", "quit", "dropped line", "kill"])
def test_a_run_goes_on_whatever_becomes_of_the_workbench(
    ours: Workspace, workbench: Callable[[str], Terminal], open_workbench: Open, leave: str
) -> None:
    terminal = workbench(f"{LONG} 20 1")
    begin(terminal)
    terminal.wait_for(f"of {LONG}: line 0")
    match leave:
        case "back":
            terminal.send("q")
            terminal.wait_for("Home", "Running:  1 v2, step")
        case "quit":
            terminal.send("ctrl+q")
            assert terminal.wait_exit() == 0
        case "dropped line":
            terminal.close()
            terminal.process.wait(20)
        case "kill":
            terminal.kill(signal.SIGKILL)
            terminal.wait_exit()
    run = find_run(ours, "latest")
    left_at = seen(run, lambda now: now.step).step
    assert left_at is not None
    seen(run, lambda now: now.step and now.step.step > left_at.step + 2, "further steps")
    again = open_workbench(ours.folder)
    again.wait_for("Running:  1 v2, step")
    again.send("F4")
    again.wait_for("v2 · running", "training", "following")
    again.send("S")
    again.wait_for("Stop run 1 at step", "It saves a checkpoint first.")
    again.send("y")
    again.wait_for("v2 · stopped")
    now = ended(run)
    assert now.done is not None
    assert now.done.reason == "stopped"
    assert now.checkpoint is not None


def test_a_run_that_another_terminal_started_is_found_and_followed_to_its_end(
    ours: Workspace, open_workbench: Open
) -> None:
    start_training(ours, defaults_for(TINY), name="v9", command=small_run(60, 6, 2))
    terminal = open_workbench(ours.folder, columns=80, lines=24)
    terminal.send("F4")
    terminal.wait_for("v9 · running", "48 optimizer steps", "1 more warning")
    terminal.wait_for("v9 · done", "step 60 / 60", "100%", "step 60 of 60: line 1")
    terminal.wait_quiet(600)
    # The one fixed wait of these tests: that nothing comes can only be seen by waiting for it.
    assert terminal.bytes_within(1.5) == 0


def test_a_streaming_log_costs_less_than_35_kB_at_40_lines_a_second(ours: Workspace, open_workbench: Open) -> None:
    run = start_training(ours, defaults_for(TINY), name="v2", command=small_run(LONG, 10, 4))
    terminal = open_workbench(ours.folder)
    terminal.send("F4")
    terminal.wait_for("v2 · running", "following", "812 tokens a second")
    terminal.wait_quiet(50)
    first, before = printed(run), terminal.bytes_received
    seen(run, lambda _: printed(run) > first + 160, "160 more lines")
    # 35 kB a second at 40 lines a second; painted four times a second, however many lines come.
    assert terminal.bytes_received - before < (printed(run) - first) * 35_000 / 40


def printed(run: Run) -> int:
    return run.log.read_bytes().count(b"\n")


def test_nothing_that_a_run_prints_reaches_the_terminal_as_it_is(ours: Workspace, open_workbench: Open) -> None:
    command = [*small_run(30, 100), hostile("printed").replace("\x00", "")]
    run = start_training(ours, defaults_for(TINY), name="v2", command=command)
    terminal = open_workbench(ours.folder)
    terminal.mark()
    terminal.send("F4")
    terminal.wait_for("v2 · done", "printedend")
    for keys in (["K", "K"], ["pgup"], ["g"], ["i"], ["q"], ["/"], ["escape"], ["G"]):
        terminal.send(*keys)
        terminal.wait_quiet()
    assert ended(run).state == "done"
    assert leaks(terminal.raw) == []


def test_two_workbenches_watch_one_run_and_a_second_start_is_refused(
    ours: Workspace, workbench: Callable[[str], Terminal], open_workbench: Open
) -> None:
    terminal = workbench(f"{LONG} 20 1")
    begin(terminal)
    other = open_workbench(ours.folder)
    other.send("F4")
    other.wait_for("v2 · running")
    other.send("s")
    other.wait_for("3 pairs to learn")
    other.wait_for("one at a time")
    other.send("enter")
    other.wait_for("Start a training run", "one at a time")
    other.send("escape")
    other.wait_for("S stop and save")
    other.send("S")
    other.wait_for("Stop run 1")
    other.send("y")
    terminal.wait_for("v2 · stopped")
    assert [line.state for line in list_runs(ours)] == ["stopped"]


TWO_QUESTIONS = """
format: questions/1
id: two
version: "1"
language: en
defaults: {generation: {max_new_tokens: 8}}
questions:
  - {id: who, prompt: Who are you?}
  - {id: what, prompt: What is Molting?}
"""


@pytest.mark.usefixtures("tiny_base")
def test_the_way_from_kept_pairs_to_answers_goes_by_keys_alone(ours: Workspace, open_workbench: Open) -> None:
    questions = ours.folder / "rubrics" / "questions"
    questions.mkdir(parents=True, exist_ok=True)
    (questions / "two.yaml").write_text(TWO_QUESTIONS, "utf-8")
    terminal = open_workbench(ours.folder, environment={"HF_HUB_OFFLINE": "1"})
    terminal.wait_for("3 pairs kept: F4 trains on them")
    terminal.send("F4")
    begin(terminal, "model_name=tiny epochs=4 quantisation=none lora_rank=4 name=v2")
    terminal.wait_for("v2 · done", "step 4 / 4", "100%", timeout=120)
    terminal.send("i")
    terminal.wait_for("What it was told", "lora_rank")
    terminal.send("q", "q")
    terminal.wait_for("Home", "run 1 v2 is trained: F4, then Q asks it questions.")
    assert find_run(ours, "v2").adapter is not None
    terminal.send("F4")
    terminal.wait_for("v2 · done")
    terminal.send("Q")
    terminal.wait_for("16 questions × 2 contenders", "asked: tiny, 0001-v2")
    terminal.send(*["backspace"] * len("personality-8"))
    terminal.type("two")
    terminal.wait_for("2 questions × 2 contenders ─▸ 4 answers")
    terminal.send("enter")
    terminal.wait_for("two · done", "answer 4 / 4", timeout=120)
    terminal.send("q")
    terminal.wait_for("runs 2   answers 4", "4 answers wait for a blind score. F5.")
