"""Texts that try to take the terminal over: on every screen they are shown, and never obeyed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from molting_tui import workspace as workspaces
from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.workspace import Workspace
from tests.conftest import Asked, new_workspace, write_session
from tests.pty.conftest import Open
from tests.pty.hostile import hostile, leaks
from tests.pty.terminal import Terminal

# What a file's name may hold: no slash, no NUL, 255 bytes.
NAME = "[INST]list[int][1]\x1b[4242;4243H\x1b]0;MOLTname\x07\x9b4242m\u202eMOLT\u202c\x07\r日本"
ONE_WORD = "[/INST]\x1b[4242;4243H\u202eMOLT\u202c\x07\x9b42m"
ACTOR = hostile("actor").replace("\x00", "")
SMALL, USUAL = (80, 24), (120, 40)
at_both_sizes = pytest.mark.parametrize("size", [SMALL, USUAL], ids=["narrow", "wide"])


@pytest.fixture
def infested(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace in which every text that comes from outside is hostile: the folder's own name too."""
    made = new_workspace(tmp_path / f"ws{NAME}", name="Cláudio", user="João")
    settings = made.folder / "molting.toml"
    hostile_name = json.dumps(f"persona {hostile('P')}", ensure_ascii=False).replace("\x7f", "\\u007F")
    settings.write_text(
        settings.read_text("utf-8").replace('"Cláudio"', hostile_name).replace('"João"', hostile_name), "utf-8"
    )
    made.close()
    opened = workspaces.open_workspace(made.folder)
    turns = [
        Asked(
            f"uuid-{number}-{ONE_WORD}",
            f"{hostile(f'PROMPT{number}')}\n{hostile('second line')}",
            (
                f"Let me check {hostile('FIRST')}",
                None,
                f"Let me see. {hostile(f'ANSWER{number}')}\n\n{hostile('more')}",
            ),
        )
        for number in range(1, 4)
    ]
    logs = tmp_path / "logs" / f"project{NAME}"
    write_session(logs / f"session{NAME}.jsonl", *turns, model=hostile("model"))
    write_session(logs / f"copy{NAME}.jsonl", turns[0], model=hostile("model"))
    with (logs / f"copy{NAME}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"type": hostile("type")}) + "\n{torn " + "\x1b[4242;4243H" + "\n")
    import_paths(opened, [logs])
    desk = Desk(opened)
    first = desk.pair(desk.matching()[0])
    desk.comment(first, hostile("COMMENT"))
    desk.tag(first, ONE_WORD)
    desk.decide(desk.pair(first.id), "drop", hostile("REASON"))
    desk.decide(desk.pair(first.id), "open")
    yield opened
    opened.close()


@pytest.fixture
def size() -> tuple[int, int]:
    """Columns and lines of the terminal: the least, where everything has to wrap and be cut."""
    return SMALL


@pytest.fixture
def bench(size: tuple[int, int], infested: Workspace, open_workbench: Open) -> Terminal:
    columns, lines = size
    return open_workbench(infested.folder, columns=columns, lines=lines, environment={"MOLTING_ACTOR": ACTOR})


@pytest.fixture
def triage(bench: Terminal) -> Terminal:
    bench.send("F2")
    bench.wait_for("PROMPT1", "1 of 3")
    bench.send("g")
    bench.wait_quiet()
    return bench


def assert_shown(terminal: Terminal, *texts: str) -> None:
    """The screen says these texts as they are, and nothing the program ever wrote was a text obeyed."""
    terminal.wait_for(*texts)
    terminal.wait_quiet()
    assert leaks(terminal.raw) == []
    assert terminal.process.poll() is None


@at_both_sizes
def test_home_shows_a_hostile_folder_name(bench: Terminal) -> None:
    assert_shown(bench, "ws[INST]list[int][1]␛[4242;4243H␛]0;MOL")


@at_both_sizes
def test_triage_shows_prompt_answer_project_and_model(triage: Terminal) -> None:
    assert_shown(triage, "PROMPT1 [/INST] [INST] [bold] [/] [1] list[int] [@click=app.quit]x[/]", "project[INST]")
    assert triage.says("␛]0;MOLTtitle␇")


def test_scrolling_through_a_hostile_text_leaks_nothing(triage: Terminal) -> None:
    for key in (
        "J",
        "pgdn",
        "ctrl+d",
        "G",
        "K",
        "pgup",
        "ctrl+u",
        "g",
        "z",
        "z",
        "tab",
        "tab",
        "j",
        "j",
        "k",
        ".",
        ",",
    ):
        triage.send(key)
    assert_shown(triage, "list[int]")


@at_both_sizes
def test_info_shows_origins_tags_comment_and_history(triage: Terminal) -> None:
    triage.send("i")
    assert_shown(triage, "Pair", "project[INST]", "COMMENT [/INST]")
    seen = set()
    for _ in range(30):
        triage.send("pgdn")
        triage.wait_quiet(60)
        seen |= {word for word in ("session[INST]", "REASON", "The whole turn", "FIRST") if triage.says(word)}
    assert seen == {"session[INST]", "REASON", "The whole turn", "FIRST"}
    assert_shown(triage, "list[int]")


def test_rewriting_shows_both_sides_and_the_difference(triage: Terminal) -> None:
    triage.send("e")
    triage.wait_for("Rewrite the answer")
    triage.type("typed ")
    assert_shown(triage, "typed Let me see.", "list[int]")
    triage.send("ctrl+t")
    assert_shown(triage, "Rewrite the prompt", "PROMPT1")
    triage.send("ctrl+o", "pgdn", "pgdn", "end", "home")
    triage.wait_quiet()
    triage.send("escape")
    assert_shown(triage, "1 of 3")
    triage.send("e")
    assert_shown(triage, "Your draft is back", "typed Let me see.")


@pytest.mark.parametrize(
    ("keys", "question"),
    [("X", "because"), ("t", "Tag"), ("c", "Comment"), ("/", "Search"), ("F", "Which pairs?")],
)
def test_a_pasted_text_is_shown_in_every_question(triage: Terminal, keys: str, question: str) -> None:
    triage.send(keys)
    triage.wait_for(question)
    triage.wait_quiet()
    triage.send("ctrl+u")
    triage.wait_quiet()
    # A terminal takes ESC out of what is pasted, since one ends the paste; everything else arrives.
    triage.write(b"\x1b[200~" + hostile("PASTED").replace("\x1b", "").encode() + b"\x1b[201~")
    triage.wait_quiet()
    triage.send("home")
    assert_shown(triage, "PASTED [/INST]")
    triage.send("enter")
    triage.wait_quiet()
    assert leaks(triage.raw) == []
    assert triage.process.poll() is None


def test_help_and_palette_open_over_hostile_texts(triage: Terminal) -> None:
    triage.send("?")
    assert_shown(triage, "Help · triage", "Decide")
    triage.send("q")
    triage.wait_for("1 of 3")
    triage.send(":")
    triage.wait_for("Keep the pair")
    triage.type("[/INST]")
    assert_shown(triage, "[/INST]")
    triage.send("escape")
    assert_shown(triage, "1 of 3")


def answer(terminal: Terminal, question: str, text: str) -> None:
    """Put a text in place of what a question holds, and press enter, each when the one before was seen."""

    def holds(wanted: str) -> Callable[[Terminal], bool]:
        def condition(shown: Terminal) -> bool:
            place = shown.find(question)
            if place is None:
                return False
            line = shown.screen[place[0] + 1].strip()
            return line.endswith(wanted) if wanted else not line

        return condition

    terminal.wait_for(question)
    terminal.wait_quiet()
    terminal.send("ctrl+u")
    terminal.wait_until(holds(""), "the line was empty")
    terminal.type(text)
    terminal.wait_until(holds(text[-70:]), "the text was typed")
    terminal.send("enter")


def test_a_bulk_question_shows_a_hostile_filter(triage: Terminal) -> None:
    triage.send("F")
    answer(triage, "Which pairs?", '-"list[int]"')
    assert_shown(triage, 'No pair matches -"list[int]"')
    triage.send("F")
    answer(triage, "Which pairs?", '-"[/x] [bold] [1]"')
    triage.wait_for("of 3")
    triage.send(":")
    triage.wait_for("Keep all 3 in this list")
    triage.type("Drop all")
    triage.wait_gone("Keep all 3 in this list")
    triage.wait_for("Drop all 3 in this list")
    triage.wait_quiet()
    triage.send("enter")
    assert_shown(triage, "Drop all 3 pairs", "[/x] [bold] [1]")
    triage.send("y")
    assert_shown(triage, "3 pairs changed")


def test_decisions_and_undo_name_nothing_that_is_obeyed(triage: Terminal) -> None:
    triage.send("a", "x", "space", "u", "u", "ctrl+r", "*")
    assert_shown(triage, "1 ✓" if triage.says(" ✓") else "kept")


def test_an_import_from_the_workbench_reports_hostile_names(bench: Terminal, tmp_path: Path) -> None:
    more = tmp_path / "more" / f"x{NAME}"
    path = write_session(more / f"y{NAME}.jsonl", Asked("a", hostile("Q"), (hostile("A"),)), model=hostile("m"))
    with path.open("a", encoding="utf-8") as file:
        file.write("{torn \x1b[4242;4243H [/INST] \u202e" + "\n")
    bench.send("I")
    answer(bench, "Import what?", str(tmp_path / "more"))
    assert_shown(bench, "1 new", "damaged-line")
    bench.resize(240, 40)
    assert_shown(bench, "y[INST]")


def test_an_export_from_the_workbench_reports_hostile_names(bench: Terminal) -> None:
    bench.send("F2")
    bench.wait_for("1 of 3")
    bench.send("a", "a", "a")
    bench.wait_for("last pair")
    bench.send("q")
    bench.wait_for("Home")
    bench.send("w")
    bench.wait_for("3 pairs ─▸")
    bench.send("tab")
    bench.type("[1][bold]日本.json")
    bench.wait_for("3 pairs ─▸ exports/[1][bold]日本.json")
    bench.send("enter")
    assert_shown(bench, "sha256", "ws[IN")
    bench.send("q")
    assert_shown(bench, "Home")


def test_leaving_shows_nothing_more(bench: Terminal) -> None:
    bench.send("ctrl+q")
    assert bench.wait_exit() == 0
    assert leaks(bench.raw) == []
