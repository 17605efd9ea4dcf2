"""Promises about what stands around a pair: the turns of its session in their order, whatever they gave or hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cli_workspaces import EXCHANGES, LONG, session
from rich.cells import cell_len

from molting_tui.curation.importing import import_paths
from molting_tui.curation.triage import Desk
from molting_tui.records.surroundings import SessionTurn, Surroundings
from molting_tui.records.turns import Step
from molting_tui.store import surroundings as reading
from molting_tui.ui.triage.around import NOT_OF_A_SESSION, Around
from molting_tui.ui.triage.session_lines import after_lines, before_lines, turn_before
from molting_tui.workspace import Persona, Workspace
from tests.conftest import new_workspace

PERSONA = Persona(name="Cláudio", user="João")
HOSTILE = "[/INST] \x1b[2J \x1b]52;c;aGFjaw==\x07 \u202eedoc\u202c 漢字 👩\u200d👧 \x00" * 30
BLANKS = "\n" * 5_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    workspace = new_workspace(tmp_path / "claudio")
    yield Desk(workspace)
    workspace.close()


def imported(desk: Desk, *exchanges: tuple[str, Sequence[str]], name: str = "s1") -> Path:
    """Import a session with these exchanges; its file."""
    folder = desk.workspace.folder.parent / "crm"
    folder.mkdir(exist_ok=True)
    file = session(folder / f"{name}.jsonl", exchanges)
    import_paths(desk.workspace, [file])
    return file


def around(desk: Desk, prompt: str, before: int = 1, after: int = 0) -> Surroundings:
    """What stands around the pair with this prompt."""
    pair = next(pair for pair in map(desk.pair, desk.matching()) if pair.instruction == prompt)
    found = desk.surroundings(pair, before, after)
    assert found is not None
    return found


def test_turns_that_gave_no_pair_are_among_those_around_it(desk: Desk) -> None:
    imported(desk, *EXCHANGES, ("Thank you, and now the deploy", (LONG,)))
    last = around(desk, "Thank you, and now the deploy", before=9)
    assert (last.number, last.total) == (6, 6)
    assert [turn.human for turn in last.before] == [prompt for prompt, _ in EXCHANGES]
    assert [turn.number for turn in last.before] == [1, 2, 3, 4, 5]
    assert [turn.complete for turn in last.before] == [True, True, True, True, False]
    assert last.before[0].answer == LONG
    assert last.before[0].tools == {"Read": 1}
    assert (last.after, last.next_prompt) == ((), None)


def test_as_many_turns_are_read_as_are_asked_for(desk: Desk) -> None:
    imported(desk, *((f"Question number {n} of the day", (f"{n}: {LONG}",)) for n in range(1, 8)))
    middle = around(desk, "Question number 4 of the day", before=2, after=2)
    assert [turn.number for turn in middle.before] == [2, 3]
    assert [turn.number for turn in middle.after] == [5, 6]
    assert middle.next_prompt == "Question number 5 of the day"
    assert around(desk, "Question number 1 of the day").before == ()


def test_a_resumed_session_goes_on_where_its_copy_does(desk: Desk) -> None:
    first = imported(desk, *EXCHANGES[:3])
    resumed = first.with_name("s2.jsonl")
    shutil.copy(first, resumed)
    more = session(first.with_name("more.jsonl"), [("And after the weekend?", (LONG,))], prefix="more")
    with resumed.open("a", encoding="utf-8") as file:
        file.write(more.read_text("utf-8"))
    more.unlink()
    import_paths(desk.workspace, [first.parent])
    last = around(desk, EXCHANGES[2][0])
    assert (last.number, last.total, last.next_prompt) == (3, 4, "And after the weekend?")
    after = around(desk, "And after the weekend?")
    assert (after.number, after.before[-1].human) == (4, EXCHANGES[2][0])


def test_a_pair_of_a_chat_file_stands_in_no_session(desk: Desk, tmp_path: Path) -> None:
    chats = tmp_path / "chats.jsonl"
    chats.write_text('{"instruction": "Quem é João?", "output": "O dono da Softtor."}\n' * 2, "utf-8")
    import_paths(desk.workspace, [chats])
    pair = desk.pair(1)
    assert desk.surroundings(pair) is None
    assert Around(desk).more_before(pair) == NOT_OF_A_SESSION


def test_a_turn_whose_place_is_gone_stands_alone(desk: Desk) -> None:
    imported(desk, *EXCHANGES)
    with desk.workspace.store.write() as connection:
        connection.execute("delete from turn_origin")
    assert desk.surroundings(desk.pair(1)) is None


def test_a_turn_with_damaged_steps_is_shown_without_them(desk: Desk) -> None:
    imported(desk, *EXCHANGES)
    with desk.workspace.store.write() as connection:
        connection.execute("update turn set steps = 'x' where id = 1")
    assert around(desk, EXCHANGES[1][0]).before[0].steps == ()


def test_no_table_is_read_through_for_the_turns_around_a_pair(desk: Desk) -> None:
    imported(desk, *EXCHANGES)
    place = (1, 1, 1)
    for sql, parameters in (
        (reading._PLACE, (1,)),
        (reading._NUMBERS, place),
        (reading._TURNS + reading._BEFORE, (*place, 1)),
        (reading._NEXT + reading._AFTER, (*place, 1)),
    ):
        plan = [row[3] for row in desk.workspace.store.rows(f"explain query plan {sql}", parameters)]
        assert not [step for step in plan if step.startswith("SCAN")], plan


def test_a_key_unfolds_turn_by_turn_and_folds_at_last(desk: Desk) -> None:
    imported(desk, *EXCHANGES, ("Thank you, and now the deploy", (LONG,)))
    pair = next(pair for pair in map(desk.pair, desk.matching()) if pair.instruction == EXCHANGES[2][0])
    unfolding = Around(desk)
    unfolded = []
    for _ in range(3):
        assert unfolding.more_before(pair) == ""
        unfolded.append(unfolding.before)
    assert unfolded == [1, 2, 0]
    assert unfolding.more_after(pair) == ""
    assert unfolding.after == 1
    assert unfolding.fold()
    assert not unfolding.fold()
    unfolding.more_before(pair)
    unfolding.of(desk.pair(1))
    assert unfolding.before == 0
    assert unfolding.more_before(desk.pair(1)) == "This is the first turn of its session."


@pytest.mark.parametrize(
    "prompt",
    ["yes", "Please do it\n" * 40, HOSTILE, "x" * 10_000, "```\n```", f"Look:{BLANKS}here", "```\n" * 2_000 + "x"],
    ids=["short", "lines", "hostile", "long", "fences", "blanks", "many-fences"],
)
@pytest.mark.parametrize(("width", "height"), [(80, 16), (81, 31), (20, 8)])
def test_the_pair_begins_at_one_place_whatever_stood_before(desk: Desk, prompt: str, width: int, height: int) -> None:
    turns = ((prompt, ("Fine.\n\n```\ncode\n```\n\nShall I?",)), ("So what now, my friend?", (LONG,)))
    imported(desk, ("What is the first thing?", (LONG,)), *turns)
    shown = [
        turn_before(around(desk, words), width, height, PERSONA)
        for words in ("What is the first thing?", "So what now, my friend?")
    ]
    assert len({len(lines) for lines in shown}) == 1
    assert len(shown[0]) <= 8
    assert all(cell_len(strip.text) <= width for lines in shown for strip in lines)
    assert not [c for lines in shown for strip in lines for c in strip.text if c < " " or c == "\u202e"]


@pytest.mark.parametrize("text", [f"{BLANKS}x", f"x{BLANKS}y", "```\n" * 2_000 + "x", "a" + "\u0301" * 9_000])
@pytest.mark.parametrize("height", [16, 31])
def test_a_turn_of_thousands_of_blanks_is_cut_like_any_other(text: str, height: int) -> None:
    turn = SessionTurn(1, text, (Step("text", text),))
    lines = turn_before(Surroundings(2, 3, (turn,), (), None, None), 60, height, PERSONA)
    assert all(cell_len(strip.text) <= 60 for strip in lines)
    assert "…" in lines[0].text + lines[1].text


def test_of_a_long_answer_one_sees_how_it_begins_and_how_it_ends(desk: Desk) -> None:
    answer = "All tests pass.\n\n" + "- a change\n" * 3000 + "\nShall I commit them?"
    imported(desk, ("Run the tests of the parser", (answer,)), ("yes, please do it now", (LONG,)))
    text = "\n".join(strip.text for strip in turn_before(around(desk, "yes, please do it now"), 80, 16, PERSONA))
    assert "JOÃO     Run the tests of the parser" in text
    assert "CLÁUDIO  All tests pass. …" in text
    assert "Shall I commit them?" in text


def test_an_answer_that_never_came_is_said_not_left_blank(desk: Desk) -> None:
    turns = (("Run the tests please", ("tool:Bash", "tool:Bash", "tool:Read")), ("and what came of it?", (LONG,)))
    imported(desk, *turns)
    text = "\n".join(strip.text for strip in turn_before(around(desk, "and what came of it?"), 80, 16, PERSONA))
    assert "(no final answer; Bash ×2, Read)" in text


def test_lines_of_whole_turns_are_made_when_they_are_asked_for(desk: Desk) -> None:
    imported(desk, ("The whole book please", ("A line of the book.\n" * 200_000,)), ("and the next one?", (LONG,)))
    lines = before_lines(around(desk, "and the next one?"), 1, 80, 16, PERSONA)
    assert [next(lines).text.strip() for _ in range(2)] == ["JOÃO · turn 1 of 2", "The whole book please"]


def test_what_the_person_said_next_stands_below_the_answer(desk: Desk) -> None:
    imported(desk, *EXCHANGES)
    first, last = around(desk, EXCHANGES[0][0]), around(desk, EXCHANGES[2][0], after=1)
    assert [strip.text for strip in after_lines(first, 60, PERSONA)][1] == " JOÃO  Why is the queue so slow today?"
    assert "ok" in "\n".join(strip.text for strip in after_lines(last, 60, PERSONA))


def test_the_session_of_a_workspace_that_cannot_be_written_is_read(desk: Desk) -> None:
    imported(desk, *EXCHANGES)
    folder = desk.workspace.folder
    desk.workspace.close()
    folder.chmod(0o500)
    database = folder / "molting.db"
    database.chmod(0o400)
    try:
        from molting_tui.workspace import open_workspace

        reader: Workspace = open_workspace(folder)
        assert around(Desk(reader), EXCHANGES[1][0]).number == 2
        reader.close()
    finally:
        folder.chmod(0o700)
        database.chmod(0o600)
