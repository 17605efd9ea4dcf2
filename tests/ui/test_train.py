"""Promises of the train screen: every run is found, watched as it goes on, asked to stop; its log is read whole."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from runs_on_disk import (
    FAR,
    answer_config,
    begun,
    ended,
    failed,
    four_runs,
    numbered,
    process_of,
    set_to_work,
    tell,
    train_config,
    warned,
    write_run,
)
from textual.events import Key
from textual.widgets import Input
from workbench import HOSTILE, Fill, Hand, Open, again, chat, obeyed

from molting_tui.curation.last_choices import remember_choice
from molting_tui.datasets.freezing import freeze
from molting_tui.recipe.events import Step, StopRequested
from molting_tui.recipe.run_process import identity
from molting_tui.recipe.runfolder import PROCESS, AskedContender, TrainConfig
from molting_tui.recipe.settings import DEFAULT_BASE, TINY, defaults_for
from molting_tui.recipe.steps import optimizer_steps
from molting_tui.runs.folder import run_in
from molting_tui.runs.listing import find_run, list_runs
from molting_tui.ui.dialogs.ask import ConfirmScreen
from molting_tui.ui.home.home import HomeScreen
from molting_tui.ui.train.again import fresh_name, values_to_start_with
from molting_tui.ui.train.asking import Questions, QuestionsScreen, complete_contender, contenders_of
from molting_tui.ui.train.log_pane import LogPane
from molting_tui.ui.train.run_info import RunInfoScreen
from molting_tui.ui.train.starting import StartScreen, asked_for
from molting_tui.ui.train.train import TrainScreen
from molting_tui.workspace import Workspace

SIZES = [(80, 24), (120, 40)]


async def train(hand: Hand) -> TrainScreen:
    await hand.press("f4")
    assert isinstance(hand.app.screen, TrainScreen)
    return hand.app.screen


def head(hand: Hand) -> str:
    return "\n".join(strip.text for strip in hand.app.screen.query_one("#run").all_lines())  # type: ignore[attr-defined]


def log_rows(hand: Hand) -> list[str]:
    pane = hand.app.screen.query_one("#log", LogPane)
    return [pane.render_line(y).text.strip() for y in range(pane.size.height)]


# Which runs


async def test_without_a_run_the_screen_says_how_to_start_one(fill: Fill, open_app: Open) -> None:
    async with open_app(fill([chat(1)])) as hand:
        await train(hand)
        assert "No run yet. s starts one" in hand.text()
        for key in ("S", "Q", "i", "slash", "n", "G", "J", "j", "g", "z", "z", "pagedown"):
            await hand.press(key)
            assert hand.alive
            assert isinstance(hand.app.screen, TrainScreen)
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)


async def test_a_run_at_work_is_the_one_that_is_shown(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    async with open_app(workspace) as hand:
        await train(hand)
        assert "4 v2.1-tinyllama · running · 3 min 32 s left" in hand.line("#top")
        assert "step 61 / 114" in head(hand)
        assert "54%   epoch 3.2 / 6" in head(hand)
        assert "loss 1.86 (first 3.40)   lr 1.6e-4   812 tok/s" in head(hand)
        assert "3 pairs are longer than 512 tokens and were left out." in head(hand)
        assert log_rows(hand)[-1].startswith("14:31:07 step 300:")


async def test_each_run_has_its_sign_and_its_end_in_the_list(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    async with open_app(workspace) as hand:
        await train(hand)
        rows = [hand.app.screen.query_one("#runs").render_line(y).text.split() for y in range(4)]
        assert rows == [
            ["▌4", "●", "v2.1-tinyllama", "1.86"],
            ["3", "✓", "?", "personality-8", "16", "answers"],
            ["2", "✓", "v2.0-tinyllama", "1.09"],
            ["1", "✗", "phi3", "failed"],
        ]


async def test_keys_go_from_run_to_run_and_say_where_they_end(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("j")
        assert "16 / 16" in head(hand)
        await hand.press("j", "down")
        assert "The GPU has no memory left. Take a smaller batch_size" in head(hand)
        assert log_rows(hand)[8] == "step 9 of the log"
        await hand.press("j")
        assert hand.status == "This is the last run."
        await hand.press("g")
        assert "step 61 / 114" in head(hand)
        await hand.press("k")
        assert hand.status == "This is the first run."


@pytest.mark.parametrize("size", SIZES)
async def test_at_the_least_width_the_list_comes_and_goes(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    async with open_app(workspace, size=size) as hand:
        await train(hand)
        narrow = size[0] < 100
        assert ("v2.0-tinyllama" in hand.text()) is not narrow
        assert "step 61 / 114" in hand.text()
        await hand.press("tab")
        assert ("v2.0-tinyllama" in hand.text()) is narrow
        assert ("step 61 / 114" in hand.text()) is not narrow
        await hand.press("q" if narrow else "tab")  # from the list back is to the log
        assert "step 61 / 114" in hand.text()
        assert isinstance(hand.app.screen, TrainScreen)


async def test_zoom_gives_the_log_the_screen(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    async with open_app(workspace) as hand:
        await train(hand)
        rows = len(log_rows(hand))
        await hand.press("z")
        assert len(log_rows(hand)) > rows
        assert "v2.0-tinyllama" not in hand.text()
        await hand.press("z")
        assert len(log_rows(hand)) == rows


# As it goes on


async def test_what_a_run_says_and_prints_appears_by_itself(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    folder = write_run(workspace, 7, train_config("v3"), [], "", working=True)
    async with open_app(workspace) as hand:
        await train(hand)
        assert "not begun yet" in head(hand)
        tell(folder, *begun(steps=100, done=10), *warned("2 pairs were left out."))
        (folder / "log.txt").write_text(numbered(500), "utf-8")
        await hand.until("step 10 / 100")
        await hand.until("2 pairs were left out.")
        await hand.until("step 500 of the log")
        tell(folder, StopRequested(signal="SIGTERM"))
        await hand.until("stopping")
        tell(folder, ended("stopped"))
        await hand.until("■ stopped")
        await hand.until("7 v3 · stopped")


async def test_a_warning_that_is_too_long_for_its_place_ends_in_a_sign(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    told = [*begun(), *warned(" ".join(["many words"] * 40), "just " + "enough " * 18 + "words")]
    write_run(workspace, 1, train_config("v1"), told, "", working=True)
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.until("enough words")
        lines = head(hand).splitlines()
        assert [line.rstrip().split()[-1] for line in lines if "many" in line] == ["words", "words…"]
        assert "…" not in "".join(line for line in lines if "enough" in line)


async def test_a_run_that_another_terminal_starts_appears_and_nothing_moves(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    write_run(workspace, 1, train_config("v1"), [*begun(done=114), ended()], numbered(5))
    async with open_app(workspace) as hand:
        await train(hand)
        write_run(workspace, 2, train_config("v2"), begun(done=3), numbered(5))
        await hand.until("2 ")
        await hand.until("run 2 of 2")
        assert "1 v1 · done" in hand.line("#top")


async def test_a_run_whose_process_is_gone_says_so(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    folder = write_run(workspace, 1, train_config("v1"), begun(done=3), "loading\nKilled\n")
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    (folder / PROCESS).write_bytes(msgspec.json.encode(identity(gone.pid)))
    gone.wait()
    async with open_app(workspace) as hand:
        await train(hand)
        assert "✗ died" in head(hand)
        assert "Killed" in head(hand)
        await hand.press("S")
        assert hand.status == "Run 1 isn't running."


async def test_a_torn_run_is_said_and_the_others_are_there(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    torn = workspace.folder / "runs" / "0009-torn"
    torn.mkdir()
    (torn / "config.json").write_text('{"kind": "train", ', "utf-8")
    (workspace.folder / "runs" / "notes.txt").write_text("mine", "utf-8")
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("g")
        assert "isn't a run's config" in head(hand)
        for key in ("i", "Q", "S", "slash", "G", "K"):
            await hand.press(key)
            assert isinstance(hand.app.screen, TrainScreen)
        await hand.press("j")
        assert "step 61 / 114" in head(hand)


async def test_damaged_events_and_a_log_begun_anew_end_nothing(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    folder = write_run(workspace, 1, train_config("v1"), begun(done=3), numbered(900), working=True)
    async with open_app(workspace) as hand:
        await train(hand)
        with (folder / "events.jsonl").open("ab") as file:
            file.write(b'{"event": "step", "st\n\xff\xff\n{"event": "step", "step": 9}\n')
        await hand.until("step 9 / 114")
        assert "2 lines of its events can't be read." in head(hand)
        (folder / "log.txt").write_text("anew\n", "utf-8")
        await hand.until("anew")
        (folder / "log.txt").unlink()
        (folder / "events.jsonl").unlink()
        await hand.press("J", "K", "G")
        assert hand.alive


# The log


async def test_the_log_is_searched_whole_and_hits_are_gone_through(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    lines = numbered(5_000).splitlines()
    lines[17], lines[2_500], lines[4_990] = "an Error: one", "error two", "ERROR three"
    write_run(workspace, 1, train_config("v1"), [*begun(done=114), ended()], "\n".join(lines) + "\n")
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("slash")
        await hand.ask("error")
        assert "ERROR three" in hand.text()  # from the end one looks back
        assert "/error: 3 of 3 lines" in hand.status
        screen = hand.app.screen
        await hand.press("escape")
        assert hand.app.screen is screen
        assert "/error" not in hand.status
        await hand.press("slash")
        await hand.ask("error")
        await hand.press("N")
        assert "error two" in hand.text()
        await hand.press("N")
        assert "an Error: one" in hand.text()
        await hand.press("N")
        assert "ERROR three" in hand.text()
        await hand.press("n")
        assert "1 of 3" in hand.status
        assert "G follows" in hand.line("#rule")
        await hand.press("G")
        assert log_rows(hand)[-1] == "step 5000 of the log"
        await hand.press("slash")
        await hand.ask("nowhere [/b]")
        assert hand.status == "No line of the log has nowhere [/b]."
        await hand.press("n")
        assert hand.status == "/ searches first."


async def test_a_search_goes_on_in_what_is_printed_later(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    folder = write_run(workspace, 1, train_config("v1"), begun(done=3), "an error\n", working=True)
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("slash")
        await hand.ask("error")
        assert "/error: 1 of 1 line" in hand.status
        with (folder / "log.txt").open("a") as file:
            file.write("fine\nanother error\n")
        await hand.until("/error: 1 of 2 lines")
        await hand.press("n")
        assert "2 of 2" in hand.status


async def test_scrolling_stops_the_following_and_counts_what_is_unread(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    folder = write_run(workspace, 1, train_config("v1"), begun(done=3), numbered(300), working=True)
    async with open_app(workspace) as hand:
        await train(hand)
        assert "following · 300 lines" in hand.line("#rule")
        await hand.press("K", "pageup", "ctrl+u", "ctrl+d", "J")
        rows = log_rows(hand)
        with (folder / "log.txt").open("a") as file:
            file.write("new one\nnew two\n")
        await hand.until("2 new below")
        assert log_rows(hand) == rows
        await hand.press("G")
        assert log_rows(hand)[-1] == "new two"
        assert "new below" not in hand.line("#rule")


# Start


async def test_the_start_says_what_will_happen_before_it_does(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(number) for number in range(1, 13)])
    again(workspace).decide_where("", "keep")
    async with open_app(workspace, size=(80, 24)) as hand:
        await train(hand)
        await hand.press("s")
        screen = hand.app.screen
        assert isinstance(screen, StartScreen)
        assert DEFAULT_BASE in hand.text()
        assert "12 pairs to learn ─▸ 10 optimizer steps" in hand.text()
        assert "5 epochs · batch 2 × 4 · learning rate 0.0002, cosine, warm-up 5%" in hand.text()
        assert "system prompt: Você é Cláudio." in hand.text()
        screen.query_one("#base", Input).value = "tiny"
        await hand.settle()
        assert f"12 pairs to learn ─▸ {optimizer_steps(12, defaults_for(TINY))} optimizer steps" in hand.text()
        screen.query_one("#words", Input).value = "epochs=10 learning_rate=1e-4 name=v2"
        screen.query_one("#where", Input).value = '"Pergunta 7: como"'
        await hand.settle()
        assert "1 pair to learn ─▸ 10 optimizer steps" in hand.text()
        assert "✗ pairs: there is only one pair to train on; it takes at least 2." in hand.text()
        assert "learning rate 0.0001" in hand.text()
        await hand.press("escape")
        assert isinstance(hand.app.screen, TrainScreen)
        assert list_runs(workspace) == []


async def test_a_start_takes_a_frozen_dataset_by_its_name(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(number) for number in range(1, 13)])
    again(workspace).decide_where("", "keep")
    freeze(workspace, "v1", where="id:1,2,3")
    async with open_app(workspace, size=(80, 24)) as hand:
        await train(hand)
        await hand.press("s")
        screen = hand.app.screen
        assert isinstance(screen, StartScreen)
        screen.query_one("#base", Input).value = "tiny"
        screen.query_one("#dataset", Input).value = "v9"
        await hand.settle()
        assert "there is no dataset `v9`. There is v1." in hand.text()
        screen.query_one("#dataset", Input).value = "v1"
        await hand.settle()
        assert "3 pairs to learn" in hand.text()
        assert screen.answer().dataset == "v1"


@pytest.mark.parametrize(
    ("entry", "typed", "said"),
    [
        ("words", "epochs=0", "epochs can't be 0: it is a number > 0"),
        ("words", "batch_size=2.5 ", "batch_size can't be 2.5: it is a whole number"),
        ("words", "scheduler=none ", "scheduler can't be 'none': it is one of cosine"),
        ("words", "epoch=3 ", "`epoch`: there is no such setting. There are: model_name, epochs"),
        ("words", "fast ", "`fast`: isn't a setting. Write it as name=value"),
        ("where", "state:perhaps", "perhaps"),
        ("where", "flagg:x", "flagg"),
        ("where", "zzzz", "none of the 3 kept pairs matches the filter zzzz"),
        ("words", f"epochs={HOSTILE}", "`[bold]no[/]`: isn't a setting."),
        ("words", f"epochs={''.join(HOSTILE.split())}", "epochs can't be"),
        ("base", HOSTILE, "✗ base: "),
    ],
)
async def test_what_cannot_be_is_said_while_it_is_typed(
    fill: Fill, open_app: Open, entry: str, typed: str, said: str
) -> None:
    workspace = fill([chat(number) for number in range(1, 4)])
    again(workspace).decide_where("", "keep")
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("s")
        hand.app.screen.query_one(f"#{entry}", Input).value = typed
        await hand.settle()
        assert said in " ".join(hand.text().split())
        for line in hand.lines():
            assert obeyed(line) == []
        await hand.press("enter")
        assert isinstance(hand.app.screen, StartScreen)
        assert list_runs(workspace) == []


async def test_a_setting_that_is_half_typed_is_no_mistake_yet(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(number) for number in range(1, 4)])
    again(workspace).decide_where("", "keep")
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("s", "down", "down", "down")
        for letters in ("epo", "chs="):
            await hand.type(letters)
            assert "3 pairs to learn ─▸" in hand.text()
        await hand.press("enter")
        assert isinstance(hand.app.screen, StartScreen)
        assert "`epochs=`: isn't a setting." in hand.text()
        await hand.type("2")
        await hand.settle()
        assert "3 pairs to learn ─▸ 2 optimizer steps" in hand.text()


async def test_a_base_that_is_not_here_is_said_while_it_is_typed_with_where_it_was_looked_for(
    fill: Fill, open_app: Open, tmp_path: Path
) -> None:
    workspace = fill([chat(number) for number in range(1, 4)])
    again(workspace).decide_where("", "keep")
    cached = tmp_path / "caches" / "models--acme--small"
    (cached / "snapshots" / "1").mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("1")
    (cached / "snapshots" / "1" / "config.json").write_text("{}")
    async with open_app(workspace, size=(80, 24)) as hand:
        await train(hand)
        await hand.press("s")
        shown = "".join(hand.text().split())
        said = (
            f"{DEFAULT_BASE} isn't on this machine (not in {tmp_path}/caches). It is fetched when the run starts;"
            " without a network name tiny, or a folder that you fetched elsewhere."
        )
        assert shown.count("".join(said.split())) == 1
        assert shown.count("isn'tonthismachine") == 1
        await hand.press("a", "tab")  # the first letter takes the place of what was suggested
        screen = hand.app.screen
        assert isinstance(screen, StartScreen)
        assert screen.value("base") == "acme/small"
        assert "isn't on this machine" not in hand.text()
        await hand.press("ctrl+u", "x")
        assert "x isn't on this machine" in hand.text()


async def test_every_line_of_the_start_fits_a_small_terminal(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(number) for number in range(1, 4)])
    async with open_app(workspace, size=(80, 24)) as hand:
        await train(hand)
        await hand.press("s")
        await hand.until("well:")
        assert "Start a training run" in hand.text()
        assert "what is kept, frozen under the run's name" in hand.text()


@pytest.mark.parametrize(
    ("last", "fresh"),
    [
        ("v1", "v3"),
        ("voice", "voice-2"),
        ("small-1.0", "small-1.0-2"),
        ("", "small-1.0-2"),
        ("new", "new"),
    ],
)
def test_the_next_run_gets_a_name_that_no_run_has(last: str, fresh: str) -> None:
    assert fresh_name(last, "small-1.0", ["v2", "V1", "v1", "voice", "small-1.0"]) == fresh


def test_tab_completes_the_last_contender_after_the_name_that_it_is_called_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models.txt").write_text("")
    assert complete_contender(f"7 before={tmp_path}/mo").completed == f"7 before={tmp_path}/models/"
    monkeypatch.chdir(tmp_path)
    assert complete_contender("7 ti").completed == "7 tiny"
    assert complete_contender("7 ").completed == "7 "


def test_where_only_answers_are_looked_at_the_latest_training_is_started_again(fill: Fill) -> None:
    workspace = fill([chat(number) for number in range(1, 13)])
    write_run(workspace, 1, train_config("older"), [ended()], "")
    write_run(workspace, 2, train_config("v7"), [ended()], "")
    assert values_to_start_with(workspace, None)["name"] == "v8"


async def test_s_and_enter_start_the_last_training_again_under_a_fresh_name(
    fill: Fill, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = fill([chat(number) for number in range(1, 13)])
    again(workspace).decide_where("", "keep")
    remember_choice(workspace, "train", {"base": TINY, "where": "state:keep", "epochs": "3", "name": "v1"})
    write_run(workspace, 1, train_config("v1"), [ended()], "")
    async with open_app(workspace, size=(80, 24)) as hand:
        await train(hand)
        await hand.press("s")
        screen = hand.app.screen
        assert isinstance(screen, StartScreen)
        plan = screen.answer()
        assert (plan.settings.model_name, plan.settings.epochs, plan.name) == (TINY, 3, "v2")
        assert plan.where == "state:keep"
        assert screen.entry("name").suggested
        await hand.press("escape")


async def test_where_nothing_was_started_the_run_that_is_looked_at_is_started_again(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(number) for number in range(1, 13)])
    again(workspace).decide_where("", "keep")
    config = train_config("v1")
    write_run(workspace, 1, config, [ended()], "")
    async with open_app(workspace, size=(80, 24)) as hand:
        await train(hand)
        await hand.press("s")
        screen = hand.app.screen
        assert isinstance(screen, StartScreen)
        plan = screen.answer()
        assert (plan.settings, plan.name, plan.where) == (config.settings, "v2", config.filter)
        await hand.press("escape")


async def test_with_nothing_kept_or_no_identity_the_start_says_so(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    settings = workspace.folder / "molting.toml"
    settings.write_text(settings.read_text("utf-8").replace("Você é Cláudio.", ""), "utf-8")
    from molting_tui.workspace import open_workspace

    bare = open_workspace(workspace.folder)
    async with open_app(bare) as hand:
        await train(hand)
        await hand.press("s")
        assert "✗ pairs: no pair has been kept yet" in hand.text()
        again(workspace).decide_where("", "keep")
        hand.app.screen.query_one("#where", Input).value = "fila"
        await hand.settle()
        assert "⚑ system-prompt: no pair has a system turn" in hand.text()
    bare.close()


async def test_a_start_that_is_refused_becomes_a_sentence_and_leaves_nothing(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(number) for number in range(1, 4)])
    again(workspace).decide_where("", "keep")
    write_run(workspace, 1, train_config("v1"), begun(done=3), "", working=True)
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("s")
        assert "✗ other-run: run 0001-v1 is running, step 3 of 114; one at a time" in " ".join(hand.text().split())
        hand.app.screen.query_one("#base", Input).value = TINY
        await hand.settle()
        await hand.press("enter")
        assert isinstance(hand.app.screen, StartScreen)
        assert "one at a time" in hand.text()
        await hand.press("escape")
        assert [run.number for run in list_runs(workspace)] == [1]


def test_what_is_typed_makes_the_settings_over_the_bases_own() -> None:
    settings, name = asked_for("tiny", "epochs=10  target_modules=q_proj,v_proj name=v2 batch_size=4")
    assert name == "v2"
    expected = msgspec.structs.replace(
        defaults_for(TINY), epochs=10.0, target_modules=("q_proj", "v_proj"), batch_size=4
    )
    assert settings == expected


# Stop, ask, tell


async def test_a_run_is_asked_to_stop_after_a_question(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    process = process_of(write_run(workspace, 7, train_config("v3"), begun(done=61), working=True))
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("S")
        assert isinstance(hand.app.screen, ConfirmScreen)
        assert "Stop run 7 at step 61 of 114? It saves a checkpoint first." in hand.text()
        await hand.press("n")
        assert process.poll() is None
        await hand.press("S", "y")
        assert await asyncio.to_thread(process.wait, 20) == -15
        assert "asked to stop" in hand.status
        await hand.until("died")  # this one has saved nothing and said nothing


async def test_a_run_that_does_not_hear_is_ended_from_the_palette(fill: Fill, open_app: Open) -> None:
    code = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    workspace = fill([chat(1)])
    deaf = set_to_work(write_run(workspace, 7, train_config("v3"), begun(done=61)), [sys.executable, "-c", code])
    assert deaf.stdout is not None
    deaf.stdout.readline()  # from here on it is
    async with open_app(workspace) as hand:
        screen = await train(hand)
        assert len(screen.PALETTE) == 1
        await hand.app.run_action(screen.PALETTE[0][2], screen)
        await hand.settle()
        assert "End run 7 at step 61 of 114 at once? What came after its last checkpoint is lost." in hand.text()
        await hand.press("y")
        assert await asyncio.to_thread(deaf.wait, 20) == -9
        assert "is ended; no checkpoint" in hand.status


async def test_before_questions_are_asked_it_is_said_which_and_of_whom(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    folder = write_run(workspace, 5, train_config("v2"), [*begun(done=114), ended()], numbered(5))
    async with open_app(workspace, size=(80, 24)) as hand:
        await train(hand)
        await hand.press("Q")
        assert hand.status == "Run 5 has made no adapter: there is no model to ask."
        (folder / "adapter").mkdir()
        (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights")
        await hand.press("Q")
        assert isinstance(hand.app.screen, QuestionsScreen)
        assert "16 questions × 2 contenders ─▸ 32 answers" in hand.text()
        assert f"asked: {DEFAULT_BASE}, 0005-v2" in hand.text()
        hand.app.screen.query_one("#language", Input).value = "pt"
        await hand.settle()
        assert "8 questions × 2 contenders ─▸ 16 answers" in hand.text()
        hand.app.screen.query_one("#contenders", Input).value = "5 '../a folder' before=tiny"
        hand.app.screen.query_one("#missing", Input).value = "yes"
        await hand.settle()
        assert "8 questions × 3 contenders ─▸ 24 answers, less what is there already" in hand.text()
        assert "asked: 5, ../a folder, before=tiny" in hand.text()
        assert hand.app.screen.answer() == Questions(
            ("5", "../a folder", "before=tiny"), "personality-8", "pt", None, True
        )
        for wrong, words in (("'5", "isn't closed"), ("", "there is nobody to ask")):
            hand.app.screen.query_one("#contenders", Input).value = wrong
            await hand.settle()
            assert words in hand.text()
        hand.app.screen.query_one("#contenders", Input).value = "5"
        hand.app.screen.query_one("#language", Input).value = "de"
        await hand.settle()
        assert "it has no question with language `de`." in hand.text()
        hand.app.screen.query_one("#set", Input).value = f"none {HOSTILE}"
        await hand.press("enter")
        assert isinstance(hand.app.screen, QuestionsScreen)
        for line in hand.lines():
            assert obeyed(line) == []


async def test_a_run_at_work_has_no_model_to_ask(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    write_run(workspace, 5, train_config("v2"), begun(done=4), "", working=True)
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("Q")
        assert hand.status == "Run 5 is still at work: there is no model to ask."


def test_beside_a_run_its_base_is_asked_and_of_answers_the_same_again(fill: Fill) -> None:
    workspace = fill()
    trained = run_in(write_run(workspace, 1, train_config("v1")))
    assert contenders_of(trained) == (DEFAULT_BASE, "0001-v1")
    asked = (AskedContender("base", TINY), AskedContender("v1", TINY, "/x/adapter", run="0001-v1"))
    answered = run_in(write_run(workspace, 2, answer_config(contenders=asked)))
    assert contenders_of(answered) == ("base=tiny", "v1=0001-v1")
    more = (
        AskedContender("some-model", "org/some-model"),
        AskedContender("0001-v1@20", TINY, "/x/checkpoint-20", run="0001-v1", step=20),
        AskedContender("mine", url="http://localhost:9/v1", model="qwen"),
    )
    answered = run_in(write_run(workspace, 3, answer_config(contenders=more)))
    assert contenders_of(answered) == ("org/some-model", "0001-v1@20", "mine=qwen")


async def test_the_info_page_tells_what_it_was_told_and_what_came_of_it(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    async with open_app(workspace, size=(120, 60)) as hand:
        await train(hand)
        await hand.press("j", "j", "i")
        assert isinstance(hand.app.screen, RunInfoScreen)
        text = " ".join(hand.text().split())
        for words in (
            "learning_rate 0.0002", "dataset digest 9f2c", "loss_mean 2.03", "seconds 472.5", "torch 2.13.0",
            "2,252,800 of 1,102,301,184 are trained", "runs/0002-v2.0-tinyllama", "system prompt Você é Cláudio.",
        ):  # fmt: skip
            assert words in text
        await hand.press("q", "g", "j", "i")
        assert "contender 2" in hand.text()
        assert "/runs/0001/adapter" in hand.text()
        await hand.press("q", "j", "j", "i")
        assert "Where it failed" in hand.text()


@pytest.mark.parametrize("metrics", [b"[1]", b'{"loss": ', b"\xff", b""])
async def test_metrics_that_cannot_be_read_are_said_on_the_page(fill: Fill, open_app: Open, metrics: bytes) -> None:
    workspace = fill([chat(1)])
    folder = write_run(workspace, 1, train_config("v1"), [*begun(done=114), ended()], "")
    (folder / "training_metrics.json").write_bytes(metrics)
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("i")
        assert "unreadable" in hand.text()


# Going about, and text from anywhere


async def test_f_keys_go_from_screen_to_screen(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    four_runs(workspace)
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("i")
        await hand.press("f2")
        await hand.triage()
        await hand.press("e")
        await hand.type("draft")
        await train(hand)
        assert len(hand.app.screen_stack) == 2  # home, this one
        await hand.press("f4")
        assert len(hand.app.screen_stack) == 2
        await hand.press("q")
        assert isinstance(hand.app.screen, HomeScreen)
        assert again(workspace).pair(1).draft is not None


def hostile_run(workspace: Workspace) -> None:
    shown = HOSTILE.replace("\x00", "")
    config = train_config(
        f"v1 {shown}", system_prompt=shown, filter=shown, dataset_digest=shown,
        settings=msgspec.structs.replace(defaults_for(TINY), model_name=shown, target_modules=(shown, shown)),
    )  # fmt: skip
    start = begun(done=3)
    events = [*start[:3], msgspec.structs.replace(start[3], device=shown, versions={shown: shown}), *start[4:]]
    write_run(
        workspace, 1, config, [*events, *warned(shown, shown, shown, shown, shown), failed(shown, shown)],
        f"{HOSTILE}\n{HOSTILE}".encode() * 40, metrics={shown: shown, "x": {shown: [shown, 1.5]}},
    )  # fmt: skip
    contenders = (AskedContender(shown, shown, shown),)
    write_run(
        workspace, 2, answer_config(shown, contenders=contenders, question_set=shown), [ended()], HOSTILE.encode()
    )


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_that_a_run_says_is_obeyed(fill: Fill, open_app: Open, size: tuple[int, int]) -> None:
    workspace = fill([chat(1)])
    hostile_run(workspace)
    async with open_app(workspace, size=size) as hand:
        for keys in (
            [], ["f4"], ["j"], ["tab"], ["tab"], ["z"], ["z"], ["i"], ["pagedown"], ["pagedown"], ["q"], ["s"],
            ["escape"], ["k"], ["i"], ["pagedown"], ["q"], ["Q"], ["escape"], ["pageup"], ["slash"], ["escape"],
            ["colon"], ["escape"],
        ):  # fmt: skip
            await hand.press(*keys)
            for line in hand.lines():
                assert obeyed(line) == [], line
                assert cell_len(line) == size[0]
            assert hand.alive
        await hand.press("slash")
        await hand.ask("INST")
        assert "[/INST] [bold]no[/]" not in hand.status
        for line in hand.lines():
            assert obeyed(line) == []


def test_a_run_is_found_as_it_was_written(fill: Fill) -> None:
    workspace = fill()
    four_runs(workspace)
    config = find_run(workspace, "4").config
    assert isinstance(config, TrainConfig)
    assert [run.state for run in list_runs(workspace)] == ["running", "done", "done", "failed"]
    assert Step(step=1, time=FAR) in begun(done=1) or begun(done=1)[-1].time > FAR
    assert Path(workspace.folder / "runs").is_dir()


async def test_keys_that_come_at_once_are_done_in_their_order(fill: Fill, open_app: Open) -> None:
    workspace = fill([chat(1)])
    write_run(workspace, 2, answer_config(), [ended()], "")
    async with open_app(workspace) as hand:
        await train(hand)
        await hand.press("Q")
        keys = [
            *["backspace"] * len("personality-8"),
            *"control",
            "left",
            "left",
            "delete",
            "tab",
            *"pt",
            "ctrl+u",
            *"en",
        ]
        driver = hand.app._driver
        assert driver is not None
        for key in keys:
            driver.send_message(Key(key, key if len(key) == 1 else None))
        await hand.settle()
        values = [hand.app.screen.query_one(name, Input).value for name in ("#set", "#language")]
        assert values == ["contrl", "en"]
