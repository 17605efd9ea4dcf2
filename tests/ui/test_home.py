"""Promises of the home screen: where one stands, what to do next, import and export without a command."""

from __future__ import annotations

import gc
import json
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import pytest
from runs_on_disk import begun, ended, failed, tell, train_config, write_run
from workbench import HOSTILE, Fill, Open, again, chat, obeyed

from molting_tui.errors import MoltingError
from molting_tui.evaluation.results.last_verdict import LastVerdict
from molting_tui.evaluation.scoring.blind_session import start
from molting_tui.overview.pairs import Overview
from molting_tui.overview.standing import Person, Standing
from molting_tui.overview.way import Way
from molting_tui.records.datasets import Dataset
from molting_tui.records.imports import Project
from molting_tui.records.pairs import Counts
from molting_tui.records.progress import Progress, Report
from molting_tui.runs.listing import RunLine
from molting_tui.store.answers import remember_questions
from molting_tui.ui.dialogs.ask import AskScreen, WorkScreen, bar_line
from molting_tui.ui.dialogs.reader import PageScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.home.home_lines import home_lines, spark
from molting_tui.workspace import open_workspace, shipped
from tests.answered import answering_run, line, question, question_set, rubric


async def test_an_empty_workspace_names_the_next_step(fill: Fill, open_app: Open) -> None:
    async with open_app(fill()) as hand:
        assert "Next:     import your sessions: press I" in hand.text()


async def test_a_folder_is_imported_with_a_report_and_again_adds_nothing(fill: Fill, open_app: Open) -> None:
    workspace = fill()
    async with open_app(workspace) as hand:
        await hand.press("I")
        await hand.ask(str(shipped("data")))
        await hand.until("Left out, and why")
        assert isinstance(hand.app.screen, PageScreen)
        assert "pairs" in hand.text()
        await hand.press("q")
        pairs = len(again(workspace).matching())
        assert pairs > 100
        assert f"pairs {pairs}" in hand.text()
        await hand.press("I")
        await hand.ask(str(shipped("data")))
        await hand.until("all unchanged since they were read")
        await hand.press("q")
        assert hand.status.startswith("0 new pairs")
        assert len(again(workspace).matching()) == pairs


@pytest.mark.parametrize("path", ["/no/such/folder", "a" * 5_000, "~nobody-of-this-name/x", "/root\x00", "  "])
async def test_a_path_that_is_not_there_is_said_in_the_question(fill: Fill, open_app: Open, path: str) -> None:
    async with open_app(fill()) as hand:
        await hand.press("I")
        await hand.ask(path)
        assert hand.alive
        assert isinstance(hand.app.screen, AskScreen)
        assert "There is no such file or folder." in hand.text()


async def test_a_file_that_is_no_session_is_left_out_with_its_reason(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    (tmp_path / "notes.json").write_text('{"just": "notes"}', "utf-8")
    async with open_app(fill()) as hand:
        await hand.press("I")
        await hand.ask(str(tmp_path / "notes.json"))
        await hand.settle()
        assert hand.alive
        assert "neither a Claude Code session nor" in hand.text() or "not-a-session" in hand.text()


async def test_a_broken_rule_file_becomes_a_sentence_and_the_app_lives(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    workspace = fill()
    chats = tmp_path / "more.json"
    chats.write_text(
        json.dumps(
            [{"messages": [{"role": "user", "content": chat(1)[0]}, {"role": "assistant", "content": chat(1)[1]}]}]
        ),
        "utf-8",
    )
    async with open_app(workspace) as hand:
        (workspace.folder / "rubrics" / "curation" / "mine.yaml").write_text("family: [\n", "utf-8")
        await hand.press("I")
        await hand.ask(str(chats))
        await hand.settle()
        assert hand.alive
        assert isinstance(hand.app.screen, HomeScreen)
        assert "mine.yaml" in hand.status
        assert "\n" not in hand.status


class Job:
    """Long work that goes on until somebody stops it or lets it go."""

    def __init__(self) -> None:
        self.goes_on = Event()

    def __call__(self, report: Report) -> int:
        for done in range(1_000_000):
            report(Progress(done, 1_000_000, "pairs", "counting \x1b[2J"))
            if self.goes_on.wait(0.001):
                return done
        raise AssertionError("nobody stopped it")


async def test_long_work_shows_how_far_it_is_and_escape_cancels_it(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        home = hand.app.screen
        assert isinstance(home, HomeScreen)
        results: list[int | None] = []
        hand.app.push_screen(WorkScreen[int]("Counting", Job(), failed=home.say), results.append)
        await hand.until("of 1,000,000 pairs")
        assert "counting ␛[2J" in hand.text()
        await hand.pilot.press("escape")
        await hand.settle()
        assert results == [None]
        assert hand.status == "Cancelled; what was stored before stays stored."


async def test_leaving_during_long_work_stops_it(fill: Fill, open_app: Open) -> None:
    job = Job()
    async with open_app(fill([chat(1)])) as hand:
        hand.app.push_screen(WorkScreen[int]("Counting", job, failed=lambda _: None))
        await hand.until("of 1,000,000 pairs")
        work = hand.app.screen
        assert isinstance(work, WorkScreen)
        hand.app.exit()
    assert work._stop.is_set()


@pytest.mark.parametrize(
    "error",
    [
        ValueError("one\ntwo \x1b[2J"),
        RecursionError(),
        KeyError("x"),
        OSError(28, "No space left"),
        MoltingError("so."),
    ],
)
async def test_whatever_goes_wrong_in_long_work_becomes_a_sentence(
    fill: Fill, open_app: Open, error: Exception
) -> None:
    def fails(_: Report) -> int:
        raise error

    async with open_app(fill([chat(1)])) as hand:
        home = hand.app.screen
        assert isinstance(home, HomeScreen)
        hand.app.push_screen(WorkScreen[int]("Counting", fails, failed=home.say))
        await hand.settle()
        assert hand.app.screen is home
        assert hand.alive
        assert hand.status
        assert obeyed(hand.status) == []


@pytest.mark.parametrize(
    "progress",
    [
        Progress(0, 0, "bytes", ""),
        Progress(5, 0, "pairs", HOSTILE),
        Progress(10, 5, "pairs", "x" * 500),
        Progress(10**15, 10**15, "bytes", "漢" * 90),
    ],
)
@pytest.mark.parametrize("width", [20, 80, 120])
def test_a_progress_bar_never_breaks(progress: Progress, width: int) -> None:
    strip = bar_line(progress, width)
    assert "\n" not in strip.text
    assert obeyed(strip.text) == []
    assert "%" in strip.text


@pytest.mark.parametrize("width", [20, 80, 120])
def test_a_note_of_several_lines_is_one_line(width: int) -> None:
    pairs = Overview(1, 2, Counts(3, 4, 5, 6), 7, (), ())
    run = RunLine("1", 1, "train", f"v2 {HOSTILE}", "running", 1, 9, 1.0, False, "", 77.0, "")
    way = Way(pairs, 2, 1, 12, 3, (run,), (f"go {HOSTILE}", "on\nand on"), (f"mine.yaml:\n{HOSTILE}",))
    for strip in home_lines(way, width):
        assert obeyed(strip.text) == []
        assert strip.cell_length <= width


@pytest.mark.parametrize(
    ("left_at", "promised", "opened"),
    [
        (
            ("state:open id:1,2", 2),
            "F2 to go on (you were at pair 2, state:open id:1,2).",
            "1 of 1 · state:open id:1,2",
        ),
        (("state:open id:1,2", 1), "F2 to go on (state:open id:1,2).", "1 of 1 · state:open id:1,2"),
        (("state:drop", 1), "F2 to go on (you were at pair 1).", "1 of 3"),
        (("flag:of-another-day", 3), "F2 to go on (you were at pair 3).", "3 of 3"),
    ],
)
async def test_the_filter_that_home_names_is_the_one_that_f2_opens(
    fill: Fill, open_app: Open, left_at: tuple[str, int], promised: str, opened: str
) -> None:
    workspace = fill([chat(1), chat(2), chat(3)])
    desk = again(workspace)
    desk.decide(desk.pair(1), "keep")
    desk.leave_at(*left_at)
    async with open_app(workspace) as hand:
        assert promised in hand.text()
        await hand.press("f2")
        assert hand.status == opened


# The way beyond the pairs


async def test_kept_pairs_lead_to_training_and_a_trained_run_to_questions(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2), chat(3)])
    desk = again(workspace)
    desk.decide(desk.pair(1), "keep")
    desk.decide(desk.pair(2), "keep")
    async with open_app(workspace) as hand:
        assert "2 pairs kept: F4 trains on them, w exports them." in hand.text()
        assert "F4 train  F5 score  F6 battle  F7 results" in hand.line("#keys")
        folder = write_run(workspace, 1, train_config("v1"), [*begun(done=114), ended()])
        await hand.press("f4", "q")
        assert "runs 1" in hand.text()
        assert "2 pairs kept: F4 trains on them again, w exports them." in hand.text()
        (folder / "adapter").mkdir()
        (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights")
        await hand.press("f4", "q")
        assert "run 1 v1 is trained: F4, then Q asks it questions." in hand.text()


async def test_a_run_at_work_is_told_of_and_its_end_comes_by_itself(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2)])
    folder = write_run(workspace, 7, train_config("v3"), begun(done=61), working=True)
    async with open_app(workspace, size=(80, 24)) as hand:
        assert "Running:  7 v3, step 61 of 114, 3 min 32 s left. F4 to watch." in hand.text()
        tell(folder, *begun(done=62)[-1:])
        await hand.until("step 62 of 114")
        tell(folder, failed("The disk is full. Free some space and start again."))
        await hand.until("Run 7 v3 failed. The disk is full. Free some space and start again. F4")
        assert "Running:" not in hand.text()


async def test_answers_wait_for_a_score_and_then_the_results_are_named(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    asked = question_set(question("who"), question("what"))
    lines = [line(name, one) for name in ("tiny", "v1") for one in asked.questions]
    answering_run(workspace, "0002-answers", lines, asked)
    remember_questions(workspace.store, asked)
    async with open_app(workspace) as hand:
        assert "answers 4   scored 0" in hand.text()
        assert "Waiting:  4 answers wait for a blind score. F5." in hand.text()
        scoring = start(workspace, rubric())
        for place in scoring.places:
            for dimension in scoring.rubric.dimensions:
                scoring.rate(place, dimension.id, 1)
        await hand.press("f4", "q")
        assert "answers 4   scored 4" in hand.text()
        assert "4 answers scored: F7 shows the results." in hand.text()
        assert "Waiting:" not in hand.text()


async def test_a_torn_answers_file_is_a_note_and_the_rest_is_counted(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    asked = question_set(question("who"))
    file = answering_run(workspace, "0002-answers", [line("tiny", asked.questions[0])], asked)
    remember_questions(workspace.store, asked)
    with file.open("ab") as torn:
        torn.write(b'{"uuid": \n')
    async with open_app(workspace) as hand:
        assert "answers 1" in hand.text()
        assert "0002-answers" in hand.text()


@pytest.mark.parametrize("width", range(20, 140, 7))
def test_the_way_is_whole_at_every_width(width: int) -> None:
    pairs = Overview(339, 12_345, Counts(529, 41, 25, 7), 2, (), ())
    way = Way(pairs, 3, 7, 96, 12, (), (), ())
    words = " ".join(" ".join(strip.text for strip in home_lines(way, width)).split())
    assert "sessions 339 turns 12,345 pairs 595 exports 2 datasets 3 runs 7 answers 96 scored 84" in words
    assert width < 48 or "✓ kept 41 7 % ━" in words
    assert width < 48 or "· open 529 89 % ━" in words
    assert all(strip.cell_length <= width for strip in home_lines(way, width))


async def test_flags_that_a_migration_left_half_made_are_finished_and_what_changed_is_said(
    fill: Fill, open_app: Open
) -> None:
    workspace = fill([chat(1, "Let me check the queue and then tell you."), chat(2)])
    with workspace.store.write() as connection:
        for statement in ("delete from flag", "delete from pair_flag", "update pair set flagged = 0"):
            connection.execute(statement)
        standing = {"reached": 0, "rules": "", "more": {}, "fewer": {}}
        connection.execute("insert into meta values ('flags-anew', ?)", (json.dumps(standing),))
    async with open_app(workspace) as hand:
        await hand.until("agent-speech 1 more")
        assert (
            hand.status == "The flags were made anew by this version's rules. Pairs with a flag: agent-speech 1 more."
        )
    assert list(again(workspace).matching("is:flagged")) == [1]


async def test_garbage_is_collected_once_the_workbench_is_there(fill: Fill, open_app: Open) -> None:
    gc.disable()  # as the command line does while it loads
    try:
        async with open_app(fill()):
            assert gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(("asked", "shown"), [("ansi-light", "ansi-light"), ("no-such-theme", "ansi-dark")])
async def test_the_theme_of_the_settings_holds_from_the_first_frame(
    asked: str, shown: str, fill: Fill, open_app: Open
) -> None:
    workspace = fill()
    file = workspace.folder / "molting.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('theme = "ansi-dark"', f'theme = "{asked}"'), "utf-8")
    again = open_workspace(workspace.folder)
    async with open_app(again) as hand:
        assert hand.app.current_theme.name == shown
        assert hand.app.has_class("-light-mode") is (shown == "ansi-light")
    again.close()


def everything(name: str = "crm-api") -> tuple[Way, Standing]:
    """A workspace in which there is something of everything; `name` is what things are called."""
    moments = tuple(datetime(2026, 2, 12, 9, minute, tzinfo=UTC) for minute in range(30))
    pairs = Overview(339, 12_345, Counts(529, 41, 25, 7), 2, ("529 pairs are open. F2 to go on.",), ("look at this.",))
    run = RunLine("7", 7, "train", name, "running", 61, 114, 1.9, False, "", 252.0, "")
    ended = (
        run._replace(number=6, kind="answer", state="done", step=16, seconds_left=None),
        run._replace(number=5, state="stopped", loss=1.714),
    )
    way = Way(pairs, 2, 3, 96, 12, (run,), pairs.next_steps, pairs.notes, 4, ended, moments, 2, 1)
    projects = tuple(Project(f"{name}{n}", 100 - n, 50 - n, 1, 1, 0, n % 2, "2026-02-11") for n in range(12))
    people = (
        Person("joao", (*range(13), 104), 380, moments),
        Person(name, (0,) * 13 + (2,), 0, ()),
        *(Person(f"p{n}", (0,) * 14, 7, ()) for n in range(3)),
    )
    dataset = Dataset(
        2, f"v2.5{name}", "d", "frozen", 164, {"train": 148, "held_out": 16}, "", None, {}, "joao",
        "2026-02-11T09:00:00Z", (),
    )  # fmt: skip
    result = LastVerdict("v2.3", name, "DIFFERENT", "−3.70 (−4.80 .. −2.60)", "personality-v1", "2026-02-01", True)
    flags = {"agent-speech": 61, "secret": 2, f"mine{name}": 1}
    return way, Standing(flags, projects, people, dataset, result)


@pytest.mark.parametrize(("width", "height"), [(20, 24), (80, 24), (109, 40), (110, 24), (120, 40), (200, 60)])
def test_everything_has_its_line_and_none_is_too_long(width: int, height: int) -> None:
    way, standing = everything()
    lines = home_lines(way, width, standing, height=height, today=date(2026, 2, 12))
    assert all(strip.cell_length <= width for strip in lines)
    if width < 80:
        return
    column = (width - 3) // 2 if width >= 110 else width
    texts = [strip.text for strip in lines]
    words = " ".join(" ".join([*texts, *(text[column + 3 :] for text in texts)]).split())
    for told in (
        "182, 60 an hour", "agent-speech", "secret", "crm-api0", "more", "█",
        "7 crm-api, step 61 of 114, 4 min 12 s left. F4 to watch.",
        "5 crm-api stopped, loss 1.71. F4.", "v2.5crm-api: 148 train, 16 held out, frozen yesterday. F3.",
        "v2.3 against crm-api: DIFFERENT, −3.70 (−4.80 .. −2.60).", "shown on 1 Feb. Scored again since",
        "12 answers wait for a blind score. F5.", "4 battles wait for a vote. F6.", "2 questions are proposed",
        "1 rewrite is unfinished", "and 2 others", "look at this.",
    ):  # fmt: skip
        assert told in words, told


@pytest.mark.parametrize("width", [20, 80, 120, 200])
def test_hostile_names_are_shown_on_home_and_nothing_obeys_them(width: int) -> None:
    way, standing = everything(HOSTILE)
    for strip in home_lines(way, width, standing, height=60):
        assert strip.cell_length <= width
        assert obeyed(strip.text) == []


def test_a_bar_a_day_and_a_point_for_a_day_without_any() -> None:
    assert spark((0, 1, 4, 8)) == "·▁▄█"
    assert spark((0, 0)) == "··"


async def test_home_tells_flags_projects_and_decisions_and_counts_them_again(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1), chat(2), chat(3, "Vou verificar a fila primeiro, e só então digo o que houve com ela.")])
    async with open_app(workspace) as hand:
        assert "14 days:  nothing decided" in hand.text()
        assert "agent-speech  1" in hand.text()
        assert "chats  3  3 open" in hand.text()
        await hand.press("f2", "a", "x", "q")
        assert "·············█  2 decisions" in hand.text()
        assert "chats  3  1 open" in hand.text()
        assert "✓ kept 1 33 % ━" in " ".join(hand.text().split())


async def test_home_scrolls_where_it_has_more_than_the_screen(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)]), size=(60, 14)) as hand:
        assert hand.status == "j more below"
        await hand.press("pagedown", "pagedown")
        assert hand.status == ""
        await hand.press("pageup", "pageup")
        assert "Next:" in hand.text()
